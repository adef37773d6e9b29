"""Measuring and painting one cell look. Nothing that matters is cut: lines wrap and the row grows."""

from functools import lru_cache
from typing import assert_never

from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter

from wc_desktop.ui.theme.cells import CellLook, ChipsCell, StatusCell, TextCell
from wc_desktop.ui.theme.icons import paint_icon
from wc_desktop.ui.theme.tokens import Tokens
from wc_desktop.ui.theme.tone import Tone
from wc_desktop.ui.theme.type_scale import TextStyle, TypeScale
from wc_desktop.ui.widgets.chip_painter import lay_out_chips, paint_chips
from wc_desktop.ui.widgets.wrapped_text import line_height, text_width, wrapped_lines

PAD_X = 12
PAD_Y = 9
_LINE_GAP = 3
_STATUS_ICON = 18
_STATUS_GAP = 8
_NOTE_JOINT = " · "
_LEAST_NOTE = 5
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter


def _headline_font(look: TextCell, scale: TypeScale) -> QFont:
    style = TextStyle.STRONG if look.strong else TextStyle.BODY
    return scale.figures(style) if look.figures else scale.font(style)


def _detail_lines(look: TextCell, width: int, scale: TypeScale) -> tuple[str, ...]:
    """Return the detail wrapped whole, with as much of the note as the last line still holds."""
    font = scale.font(TextStyle.SMALL)
    lines = wrapped_lines(look.detail, font, width)
    if not look.note:
        return lines
    last = lines[-1] + _NOTE_JOINT + look.note if lines else look.note
    shown = QFontMetrics(font).elidedText(last, Qt.TextElideMode.ElideRight, width)
    # A line that ends "by mouth…" would look as if the dose were cut: then the note has its own line.
    told = len(lines[-1] + _NOTE_JOINT) + _LEAST_NOTE if lines else 0
    if shown == last or len(shown) >= told:
        return (*lines[:-1], shown)
    return (*lines, QFontMetrics(font).elidedText(look.note, Qt.TextElideMode.ElideRight, width))


@lru_cache(maxsize=4096)
def content_size(look: CellLook, width: int, scale: TypeScale) -> QSize:
    """Return the space that the look takes when it is `width` wide, without the padding around it."""
    match look:
        case TextCell():
            return _text_size(look, width, scale)
        case ChipsCell():
            return lay_out_chips(look.chips, width, scale).size
        case StatusCell():
            return _status_size(look, width, scale)
        case _:
            assert_never(look)


def _text_size(look: TextCell, width: int, scale: TypeScale) -> QSize:
    top_font = _headline_font(look, scale)
    detail_font = scale.font(TextStyle.SMALL)
    headline = wrapped_lines(look.headline, top_font, width)
    detail = _detail_lines(look, width, scale)
    height = len(headline) * line_height(top_font) + len(detail) * line_height(detail_font)
    if headline and detail:
        height += scale.px(_LINE_GAP)
    widths = [text_width(line, top_font) for line in headline]
    widths += [text_width(line, detail_font) for line in detail]
    return QSize(max(widths, default=0), height)


def _status_lead(scale: TypeScale) -> int:
    return scale.px(_STATUS_ICON + _STATUS_GAP)


def _status_size(look: StatusCell, width: int, scale: TypeScale) -> QSize:
    lead = _status_lead(scale)
    size = _text_size(_status_text(look), width - lead, scale)
    return QSize(size.width() + lead, max(size.height(), scale.px(_STATUS_ICON)))


def _status_text(look: StatusCell) -> TextCell:
    return TextCell(headline=look.word, detail=look.detail, headline_tone=look.tone)


def row_height(look: CellLook, column_width: int, scale: TypeScale) -> int:
    """Return how high a row must be for this cell, padding included."""
    inner = column_width - 2 * scale.px(PAD_X)
    return content_size(look, inner, scale).height() + 2 * scale.px(PAD_Y)


def paint_cell(painter: QPainter, rect: QRect, look: CellLook, scale: TypeScale, tokens: Tokens) -> None:
    """Paint the look in the middle of the cell's height, from its left."""
    inner = rect.adjusted(scale.px(PAD_X), 0, -scale.px(PAD_X), 0)
    height = content_size(look, inner.width(), scale).height()
    box = QRect(inner.left(), inner.top() + (inner.height() - height) // 2, inner.width(), height)
    match look:
        case TextCell():
            _paint_text(painter, box, look, scale, tokens)
        case ChipsCell():
            row = lay_out_chips(look.chips, box.width(), scale)
            paint_chips(painter, box.topLeft(), row, scale, tokens)
        case StatusCell():
            _paint_status(painter, box, look, scale, tokens)
        case _:
            assert_never(look)


def _paint_text(painter: QPainter, box: QRect, look: TextCell, scale: TypeScale, tokens: Tokens) -> None:
    tone = Tone.MUTED if look.muted and look.headline_tone is Tone.PLAIN else look.headline_tone
    font = _headline_font(look, scale)
    headline = wrapped_lines(look.headline, font, box.width())
    top = _paint_lines(painter, box, headline, font, tokens.inks(tone).ink)
    detail = _detail_lines(look, box.width(), scale)
    gap = scale.px(_LINE_GAP) if headline and detail else 0
    rest = box.adjusted(0, top - box.top() + gap, 0, 0)
    _paint_lines(painter, rest, detail, scale.font(TextStyle.SMALL), tokens.inks(look.detail_tone).ink)


def _paint_lines(painter: QPainter, box: QRect, lines: tuple[str, ...], font: QFont, colour: str) -> int:
    painter.setFont(font)
    painter.setPen(QColor(colour))
    place = QRect(box.left(), box.top(), box.width(), line_height(font))
    for line in lines:
        # A hair of room to the right: rounding must never clip the last letter.
        painter.drawText(place.adjusted(0, 0, 2, 0), _LEFT, line)
        place.translate(0, line_height(font))
    return place.top()


def _paint_status(painter: QPainter, box: QRect, look: StatusCell, scale: TypeScale, tokens: Tokens) -> None:
    lead = _status_lead(scale)
    size = scale.px(_STATUS_ICON)
    first_line = max(line_height(scale.font(TextStyle.STRONG)), size)
    corner = QPoint(box.left(), box.top() + (first_line - size) // 2)
    paint_icon(painter, corner, look.icon, tokens.inks(look.tone).ink, size)
    words = _text_size(_status_text(look), box.width() - lead, scale)
    text_box = QRect(box.left() + lead, box.top(), box.width() - lead, words.height())
    if not look.detail:
        text_box.translate(0, (box.height() - words.height()) // 2)
    _paint_text(painter, text_box, _status_text(look), scale, tokens)
