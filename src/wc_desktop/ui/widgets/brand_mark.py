"""The program's mark: a white cross."""

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPaintEvent, QPixmap
from PySide6.QtWidgets import QSizePolicy, QWidget

from wc_desktop.ui.theme.tokens import LIGHT, current_tokens
from wc_desktop.ui.theme.type_scale import current_scale


def paint_mark(painter: QPainter, box: QRectF, ground: str, cross: str) -> None:
    """Paint the mark, filling the box."""
    side = box.width()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(ground))
    painter.drawRoundedRect(box, side * 0.22, side * 0.22)
    painter.setBrush(QColor(cross))
    long, thick = side * 0.56, side * 0.2
    middle: QPointF = box.center()
    for width, height in ((long, thick), (thick, long)):
        arm = QRectF(middle.x() - width / 2, middle.y() - height / 2, width, height)
        painter.drawRoundedRect(arm, side * 0.04, side * 0.04)


class BrandMark(QWidget):
    """The mark as a decoration; the window's title says the name."""

    def __init__(self, parent: QWidget | None = None, *, size: int = 28) -> None:
        super().__init__(parent)
        self._size = size
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        size = current_scale().px(self._size)
        return QSize(size, size)

    def paintEvent(self, _event: QPaintEvent) -> None:
        tokens = current_tokens()
        painter = QPainter(self)
        paint_mark(painter, QRectF(self.rect()), tokens.accent, tokens.on_accent)
        painter.end()


def window_icon() -> QIcon:
    """Return the icon for windows and task bars, the same in both themes."""
    icon = QIcon()
    for size in (16, 32, 48, 64, 128, 256):
        pixmap = QPixmap(size, size)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        paint_mark(painter, QRectF(0, 0, size, size), LIGHT.accent, LIGHT.on_accent)
        painter.end()
        icon.addPixmap(pixmap)
    return icon
