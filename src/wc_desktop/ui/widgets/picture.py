"""A small picture beside words; while there is none it takes no room."""

from PySide6.QtCore import QSize
from PySide6.QtGui import QImage, QPainter, QPainterPath, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from wc_desktop.ui.theme.type_scale import current_scale

_SIDE = 56
_CORNER = 8


class Picture(QWidget):
    """Shows a square picture; hidden while there is none."""

    def __init__(self, said: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._image: QImage | None = None
        self.setAccessibleName(said)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.hide()

    @property
    def is_shown(self) -> bool:
        """Whether there is a picture to see."""
        return self._image is not None

    @property
    def points(self) -> int:
        """How many points a side of what it shows should have: twice its own, for fine screens."""
        return current_scale().px(_SIDE) * 2

    def show_image(self, image: QImage | None) -> None:
        """Show a picture; None shows nothing."""
        self._image = image
        self.setVisible(image is not None)
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
