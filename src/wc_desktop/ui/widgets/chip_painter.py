"""Painting rows of chips. They wrap; none is dropped, none is shortened."""

from dataclasses import dataclass
from functools import lru_cache

from PySide6.QtCore import QPoint, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QPainter

from wc_desktop.ui.theme.cells import Chip
from wc_desktop.ui.theme.icons import paint_icon
from wc_desktop.ui.theme.tokens import Tokens
from wc_desktop.ui.theme.type_scale import TextStyle, TypeScale
from wc_desktop.ui.widgets.wrapped_text import flow, line_height, text_width, wrapped_lines

_GAP = 6
_LINE_GAP = 4
_PAD_X = 7
_PAD_Y = 3
_ICON = 13
_ICON_GAP = 5
_RADIUS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacedChip:
    """One chip with its text broken into lines and its box within the row of chips."""

    chip: Chip
    lines: tuple[str, ...]
    box: QRect


@dataclass(frozen=True, slots=True, kw_only=True)
class ChipRow:
    """A row of chips laid out for one width."""

    placed: tuple[PlacedChip, ...]
    size: QSize


def _chip_font(scale: TypeScale) -> QFont:
    return scale.font(TextStyle.SMALL_MEDIUM)


def _lead(chip: Chip, scale: TypeScale) -> int:
    return scale.px(_PAD_X) + (scale.px(_ICON + _ICON_GAP) if chip.icon else 0)


def _measured(chip: Chip, available: int, scale: TypeScale) -> tuple[tuple[str, ...], QSize]:
    font = _chip_font(scale)
    around = _lead(chip, scale) + scale.px(_PAD_X)
    lines = wrapped_lines(chip.text, font, max(available - around, scale.px(24)))
    width = max(text_width(line, font) for line in lines) if lines else 0
    height = max(line_height(font) * len(lines), scale.px(_ICON)) + 2 * scale.px(_PAD_Y)
    return lines, QSize(width + around, height)


@lru_cache(maxsize=1024)
def lay_out_chips(chips: tuple[Chip, ...], available: int, scale: TypeScale) -> ChipRow:
    """Place every chip within `available` width."""
    measured = [_measured(chip, available, scale) for chip in chips]
    placed: list[PlacedChip] = []
    top = 0
    widest = 0
    for line in flow(tuple(size.width() for _, size in measured), available, scale.px(_GAP)):
        left = 0
        for number in line:
            lines, size = measured[number]
            placed.append(PlacedChip(chip=chips[number], lines=lines, box=QRect(QPoint(left, top), size)))
            left += size.width() + scale.px(_GAP)
        widest = max(widest, left - scale.px(_GAP))
        top += max(measured[number][1].height() for number in line) + scale.px(_LINE_GAP)
    return ChipRow(placed=tuple(placed), size=QSize(widest, max(top - scale.px(_LINE_GAP), 0)))


def paint_chips(painter: QPainter, corner: QPoint, row: ChipRow, scale: TypeScale, tokens: Tokens) -> None:
    """Paint a laid-out row with its top left at `corner`."""
    for placed in row.placed:
        _paint_chip(painter, placed, placed.box.translated(corner), scale, tokens)


def _paint_chip(painter: QPainter, placed: PlacedChip, box: QRect, scale: TypeScale, tokens: Tokens) -> None:
    inks = tokens.inks(placed.chip.tone)
    font = _chip_font(scale)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(inks.soft))
    painter.drawRoundedRect(QRectF(box), scale.px(_RADIUS), scale.px(_RADIUS))
    if placed.chip.icon:
        size = scale.px(_ICON)
        top = box.top() + scale.px(_PAD_Y) + (line_height(font) - size + 1) // 2
        paint_icon(painter, QPoint(box.left() + scale.px(_PAD_X), top), placed.chip.icon, inks.ink, size)
    painter.setFont(font)
    painter.setPen(QColor(inks.ink))
    place = QRect(box.left() + _lead(placed.chip, scale), box.top() + scale.px(_PAD_Y), box.width(), 0)
    place.setHeight(line_height(font))
    for line in placed.lines:
        painter.drawText(place, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, line)
        place.translate(0, line_height(font))
    painter.restore()
