"""Reading pictures, away from the screen's thread: a large one takes seconds. What does not read as one gives none."""

from dataclasses import dataclass, field

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QRect, QSize, Qt
from PySide6.QtGui import QImage, QImageReader

# A picture of more than this says so to use up memory.
_MOST_POINTS = 120_000_000
_MOST_POINTS_OF_A_FACE = 60_000_000
_MOST_SIDE = 4_096


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureRead:
    """One page of a picture; image is None when it does not read."""

    image: QImage | None = field(repr=False)
    page: int
    pages: int


def read_page(octets: bytes, page: int) -> PictureRead:
    """Return one page of a picture, at its own size but never larger than a screen can use."""
    buffer = _opened(octets)
    reader = _reader(buffer)
    pages = max(1, reader.imageCount())
    if page and not reader.jumpToImage(page):
        return PictureRead(image=None, page=page, pages=pages)
    size = reader.size()
    if not _is_read(size, _MOST_POINTS):
        return PictureRead(image=None, page=page, pages=pages)
    if size.width() > _MOST_SIDE or size.height() > _MOST_SIDE:
        reader.setScaledSize(size.scaled(_MOST_SIDE, _MOST_SIDE, Qt.AspectRatioMode.KeepAspectRatio))
    image = reader.read()
    return PictureRead(image=None if image.isNull() else image, page=page, pages=pages)


def read_square(octets: bytes, side: int) -> QImage | None:
    """Return the middle of a picture, scaled while it is read."""
    buffer = _opened(octets)
    reader = _reader(buffer)
    size = reader.size()
    if not _is_read(size, _MOST_POINTS_OF_A_FACE):
        return None
    reader.setScaledSize(size.scaled(side, side, Qt.AspectRatioMode.KeepAspectRatioByExpanding))
    image = reader.read()
    if image.isNull():
        return None
    shortest = min(image.width(), image.height())
    middle = QRect((image.width() - shortest) // 2, (image.height() - shortest) // 2, shortest, shortest)
    return image.copy(middle)


def _opened(octets: bytes) -> QBuffer:
    buffer = QBuffer()
    buffer.setData(QByteArray(octets))
    buffer.open(QIODevice.OpenModeFlag.ReadOnly)
    return buffer


def _reader(buffer: QBuffer) -> QImageReader:
    reader = QImageReader(buffer)
    reader.setAutoTransform(True)
    return reader


def _is_read(size: QSize, most: int) -> bool:
    return size.isValid() and size.width() * size.height() <= most
