"""Painting a rail entry: icon over label, badge, focus ring."""

from dataclasses import dataclass

from PySide6.QtCore import QPoint, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from wc_desktop.ui.theme.icons import Icon, paint_icon
from wc_desktop.ui.theme.tokens import Tokens
from wc_desktop.ui.theme.type_scale import TextStyle, TypeScale
from wc_desktop.ui.widgets.wrapped_text import line_height, text_width

_ICON = 22
_GAP = 4
_PAD_Y = 8
_LEAST_PAD_Y = 3
_RADIUS = 8
_BADGE_PAD = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class RailItem:
    """One place that the rail leads to."""

    key: str
    title: str
    icon: Icon


@dataclass(frozen=True, slots=True, kw_only=True)
class RailEntryState:
    """How an entry is drawn at this moment."""

    chosen: bool
    hovered: bool
    focused: bool
    badge: int = 0


def entry_height(scale: TypeScale, *, room: int | None = None) -> int:
    """Return the height of one entry; with less `room` than it likes, it gives up padding, never its words."""
    content = _content_height(scale)
    usual = content + 2 * scale.px(_PAD_Y)
    return usual if room is None else max(min(usual, room), content + 2 * scale.px(_LEAST_PAD_Y))


def _content_height(scale: TypeScale) -> int:
    return scale.px(_ICON + _GAP) + line_height(scale.font(TextStyle.SMALL_STRONG))


def paint_entry(
    painter: QPainter, box: QRect, item: RailItem, state: RailEntryState, scale: TypeScale, tokens: Tokens
) -> None:
    """Paint the entry in the box."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    if state.chosen or state.hovered:
        painter.setBrush(QColor(tokens.accent_soft if state.chosen else tokens.hover))
        painter.drawRoundedRect(box, _RADIUS, _RADIUS)
    if state.focused:
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(QColor(tokens.focus), 2))
        painter.drawRoundedRect(box.adjusted(1, 1, -1, -1), _RADIUS - 1, _RADIUS - 1)
    ink = tokens.accent if state.chosen else tokens.text
    size = scale.px(_ICON)
    corner = QPoint(box.center().x() - size // 2 + 1, box.top() + (box.height() - _content_height(scale) + 1) // 2)
    paint_icon(painter, corner, item.icon, ink, size)
    font = scale.font(TextStyle.SMALL_STRONG if state.chosen else TextStyle.SMALL_MEDIUM)
    painter.setFont(font)
    painter.setPen(QColor(ink))
    words = QRect(box.left(), corner.y() + size + scale.px(_GAP), box.width(), line_height(font))
    painter.drawText(words, Qt.AlignmentFlag.AlignCenter, item.title)
    if state.badge:
        _paint_badge(painter, QPoint(corner.x() + size, corner.y()), state.badge, scale, tokens)
    painter.restore()


def _paint_badge(painter: QPainter, middle: QPoint, count: int, scale: TypeScale, tokens: Tokens) -> None:
    font = scale.font(TextStyle.SMALL_STRONG)
    text = str(count)
    height = line_height(font) + 1
    width = max(text_width(text, font) + 2 * scale.px(_BADGE_PAD), height)
    box = QRect(middle.x() - width // 2 + 2, middle.y() - height // 2 + 3, width, height)
    painter.setPen(QPen(QColor(tokens.surface), 2))
    painter.setBrush(QColor(tokens.warning.soft))
    painter.drawRoundedRect(QRectF(box), height / 2, height / 2)
    painter.setFont(font)
    painter.setPen(QColor(tokens.warning.ink))
    painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)
