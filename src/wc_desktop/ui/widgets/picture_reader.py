"""Reading a large picture away from the screen's thread. What does not read as one gives none."""

import threading
from dataclasses import dataclass, field

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QObject, QSize, Qt, Signal
from PySide6.QtGui import QImage, QImageReader

# A picture of more than this says so to use up memory.
MOST_PIXELS = 120_000_000
_MOST_SIDE = 4_096


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureRead:
    """One page of a picture; image is None when it does not read."""

    image: QImage | None = field(repr=False)
    page: int
    pages: int


class PictureReader(QObject):
    """`done` carries a PictureRead, on the thread of this object; of what was asked for before, nothing comes."""

    done = Signal(object)
    _read = Signal(int, object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._turn = 0
        self._thread: threading.Thread | None = None
        self._read.connect(self._on_read, Qt.ConnectionType.QueuedConnection)

    def read(self, octets: bytes, page: int = 0) -> None:
        """Read a page of a picture from its file's content."""
        self.forget()
        self._thread = threading.Thread(target=self._work, args=(self._turn, octets, page), name="picture")
        self._thread.start()

    def forget(self) -> None:
        """Take no answer any more, and wait for the reading that has begun: nothing of a child outlives this."""
        self._turn += 1
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    def _work(self, turn: int, octets: bytes, page: int) -> None:
        self._read.emit(turn, read_page(octets, page))

    def _on_read(self, turn: int, found: PictureRead) -> None:
        if turn == self._turn:
            self.done.emit(found)


def read_page(octets: bytes, page: int) -> PictureRead:
    """Return one page of a picture, at its own size but never larger than a screen can use."""
    buffer = QBuffer()
    buffer.setData(QByteArray(octets))
    buffer.open(QIODevice.OpenModeFlag.ReadOnly)
    reader = QImageReader(buffer)
    reader.setAutoTransform(True)
    pages = max(1, reader.imageCount())
    if page and not reader.jumpToImage(page):
        return PictureRead(image=None, page=page, pages=pages)
    size = reader.size()
    if not size.isValid() or size.width() * size.height() > MOST_PIXELS:
        return PictureRead(image=None, page=page, pages=pages)
    most = QSize(_MOST_SIDE, _MOST_SIDE)
    if size.width() > _MOST_SIDE or size.height() > _MOST_SIDE:
        reader.setScaledSize(size.scaled(most, Qt.AspectRatioMode.KeepAspectRatio))
    image = reader.read()
    return PictureRead(image=None if image.isNull() else image, page=page, pages=pages)
