"""A surface with rounded corners; it can wear the focus ring of what it holds."""

from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from wc_desktop.ui.theme.tokens import current_tokens
from wc_desktop.ui.theme.type_scale import current_scale

RADIUS = 10
_LINE = 1.0
_RING = 2.0


class Card(QFrame):
    """Put widgets into `body`. `margin` is the space around them, drawn at text size 1."""

    def __init__(self, parent: QWidget | None = None, *, margin: int = 18, spacing: int = 8) -> None:
        super().__init__(parent)
        self._ringed = False
        scale = current_scale()
        self.body = QVBoxLayout(self)
        edge = scale.px(margin)
        self.body.setContentsMargins(edge, edge, edge, edge)
        self.body.setSpacing(scale.px(spacing))

    def set_ringed(self, ringed: bool) -> None:  # noqa: FBT001 - one state, named by the method
        """Show or hide the focus ring."""
        if ringed != self._ringed:
            self._ringed = ringed
            self.update()

    @property
    def is_ringed(self) -> bool:
        return self._ringed

    def paintEvent(self, _event: QPaintEvent) -> None:
        tokens = current_tokens()
        width = _RING if self._ringed else _LINE
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(tokens.focus if self._ringed else tokens.border), width))
        painter.setBrush(QColor(tokens.surface))
        inset = width / 2
        box = QRectF(self.rect()).adjusted(inset, inset, -inset, -inset)
        painter.drawRoundedRect(box, RADIUS, RADIUS)
        painter.end()
