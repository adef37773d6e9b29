"""An icon that stands beside words and says nothing itself."""

from PySide6.QtCore import QPoint, QSize
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from wc_desktop.ui.theme.icons import Icon, paint_icon
from wc_desktop.ui.theme.tokens import current_tokens
from wc_desktop.ui.theme.tone import Tone
from wc_desktop.ui.theme.type_scale import current_scale


class IconMark(QWidget):
    """Paints one icon in a tone. The words beside it carry the meaning for a screen reader."""

    def __init__(self, icon: Icon, tone: Tone, parent: QWidget | None = None, *, size: int = 18) -> None:
        super().__init__(parent)
        self._icon = icon
        self._tone = tone
        self._size = size
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def set_icon(self, icon: Icon, tone: Tone) -> None:
        """Show another icon."""
        self._icon = icon
        self._tone = tone
        self.update()

    def sizeHint(self) -> QSize:
        size = current_scale().px(self._size)
        return QSize(size, size)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        size = min(self.width(), self.height())
        colour = current_tokens().inks(self._tone).ink
        paint_icon(painter, QPoint(0, 0), self._icon, colour, size)
        painter.end()
