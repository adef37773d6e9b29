"""A small picture beside words. What does not read as one is not shown, and takes no room."""

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QRect, QSize, Qt
from PySide6.QtGui import QImage, QImageReader, QPainter, QPainterPath, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from wc_desktop.ui.theme.type_scale import current_scale

_SIDE = 56
_CORNER = 8
# A picture of more than this says so to use up memory.
_MOST_PIXELS = 60_000_000


class Picture(QWidget):
    """Shows the middle of a picture in a square; hidden while there is none."""

    def __init__(self, said: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._octets: bytes | None = None
        self._image: QImage | None = None
        self.setAccessibleName(said)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.hide()

    @property
    def is_shown(self) -> bool:
        """Whether there is a picture to see."""
        return self._image is not None

    def show_octets(self, octets: bytes | None) -> None:
        """Show a picture from its file's content; None, or what does not read, shows nothing."""
        if octets == self._octets:
            return
        self._octets = octets
        self._image = None if octets is None else read_square(octets, current_scale().px(_SIDE) * 2)
        self.setVisible(self._image is not None)
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        side = current_scale().px(_SIDE)
        return QSize(side, side)

    def paintEvent(self, _event: QPaintEvent) -> None:
        if self._image is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        corner, path = current_scale().px(_CORNER), QPainterPath()
        path.addRoundedRect(self.rect(), corner, corner)
        painter.setClipPath(path)
        painter.drawImage(self.rect(), self._image)
        painter.end()


def read_square(octets: bytes, side: int) -> QImage | None:
    """Return the middle of a picture, scaled while it is read; None for what is no picture, or too large a one."""
    buffer = QBuffer()
    buffer.setData(QByteArray(octets))
    buffer.open(QIODevice.OpenModeFlag.ReadOnly)
    reader = QImageReader(buffer)
    reader.setAutoTransform(True)
    size = reader.size()
    if not size.isValid() or size.width() * size.height() > _MOST_PIXELS:
        return None
    reader.setScaledSize(size.scaled(side, side, Qt.AspectRatioMode.KeepAspectRatioByExpanding))
    image = reader.read()
    if image.isNull():
        return None
    shortest = min(image.width(), image.height())
    middle = QRect((image.width() - shortest) // 2, (image.height() - shortest) // 2, shortest, shortest)
    return image.copy(middle)
