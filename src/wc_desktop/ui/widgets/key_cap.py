"""Painting the picture of a key."""

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from wc_desktop.ui.theme.tokens import Tokens
from wc_desktop.ui.theme.type_scale import TextStyle, TypeScale
from wc_desktop.ui.widgets.wrapped_text import line_height, text_width

_PAD_X = 5
_PAD_Y = 1
_RADIUS = 4


def cap_width(key: str, scale: TypeScale) -> int:
    """Return how wide the cap of this key is; never narrower than high."""
    width = text_width(key, scale.font(TextStyle.SMALL_STRONG)) + 2 * scale.px(_PAD_X)
    return max(width, cap_height(scale))


def cap_height(scale: TypeScale) -> int:
    """Return how high every cap is."""
    return line_height(scale.font(TextStyle.SMALL_STRONG)) + 2 * scale.px(_PAD_Y) + 2


def paint_cap(painter: QPainter, box: QRect, key: str, scale: TypeScale, tokens: Tokens) -> None:
    """Paint the key's cap in the box."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(QColor(tokens.border), 1.0))
    painter.setBrush(QColor(tokens.surface))
    painter.drawRoundedRect(QRectF(box).adjusted(0.5, 0.5, -0.5, -0.5), _RADIUS, _RADIUS)
    painter.setFont(scale.font(TextStyle.SMALL_STRONG))
    painter.setPen(QColor(tokens.muted))
    painter.drawText(box, Qt.AlignmentFlag.AlignCenter, key)
    painter.restore()
