"""The line at the foot of a screen that shows which keys work now."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from wc_desktop.ui.theme.tokens import current_tokens
from wc_desktop.ui.theme.type_scale import TextStyle, current_scale
from wc_desktop.ui.widgets.key_cap import cap_height, cap_width, paint_cap
from wc_desktop.ui.widgets.labels import TextLabel
from wc_desktop.ui.widgets.wrapped_text import flow, text_width

_KEY_GAP = 3
_WORD_GAP = 6
_HINT_GAP = 16
_LINE_GAP = 4
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyHint:
    """Keys as on their caps, and what they do."""

    keys: tuple[str, ...]
    words: str


class KeyHints(TextLabel):
    """Key caps with words; wraps. A screen reader hears it as one label, with all keys, however many are shown."""

    def __init__(self, hints: Sequence[KeyHint] = (), parent: QWidget | None = None) -> None:
        super().__init__("", parent=parent)
        self._hints: tuple[KeyHint, ...] = ()
        self._one_line = False
        policy = QSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.set_hints(hints)

    def set_hints(self, hints: Sequence[KeyHint]) -> None:
        """Show these keys."""
        self._hints = tuple(hints)
        self.setText(". ".join(f"{' '.join(hint.keys)}: {hint.words}" for hint in hints))
        self.updateGeometry()
        self.update()

    def set_one_line(self, *, one_line: bool) -> None:
        """Where height is short show one line: as many hints as fit, and always the last, which leads to all keys."""
        if one_line != self._one_line:
            self._one_line = one_line
            self.updateGeometry()
            self.update()

    def _lines(self, width: int) -> tuple[tuple[int, ...], ...]:
        widths, gap = self._widths(), current_scale().px(_HINT_GAP)
        lines = flow(widths, width, gap)
        if not self._one_line or len(lines) < 2:  # noqa: PLR2004 - a second line
            return lines
        last = len(widths) - 1
        first = flow(widths[:last], width - widths[last] - gap, gap)[0]
        return ((*first, last),)

    def _widths(self) -> tuple[int, ...]:
        scale = current_scale()
        font = scale.font(TextStyle.SMALL)
        return tuple(
            sum(cap_width(key, scale) + scale.px(_KEY_GAP) for key in hint.keys)
            - scale.px(_KEY_GAP)
            + scale.px(_WORD_GAP)
            + text_width(hint.words, font)
            for hint in self._hints
        )

    def heightForWidth(self, width: int) -> int:
        scale = current_scale()
        lines = max(len(self._lines(width)), 1)
        return lines * (cap_height(scale) + scale.px(_LINE_GAP)) - scale.px(_LINE_GAP)

    def sizeHint(self) -> QSize:
        scale = current_scale()
        widths = self._widths()
        gaps = scale.px(_HINT_GAP) * max(len(widths) - 1, 0)
        return QSize(sum(widths) + gaps, cap_height(scale))

    def minimumSizeHint(self) -> QSize:
        return QSize(max(self._widths(), default=0), cap_height(current_scale()))

    def paintEvent(self, _event: QPaintEvent) -> None:
        scale = current_scale()
        painter = QPainter(self)
        widths = self._widths()
        top = 0
        for line in self._lines(self.width()):
            left = 0
            for number in line:
                self._paint_hint(painter, left, top, self._hints[number])
                left += widths[number] + scale.px(_HINT_GAP)
            top += cap_height(scale) + scale.px(_LINE_GAP)
        painter.end()

    def _paint_hint(self, painter: QPainter, left: int, top: int, hint: KeyHint) -> None:
        scale = current_scale()
        tokens = current_tokens()
        height = cap_height(scale)
        at = left
        for key in hint.keys:
            width = cap_width(key, scale)
            paint_cap(painter, QRect(at, top, width, height), key, scale, tokens)
            at += width + scale.px(_KEY_GAP)
        font = scale.font(TextStyle.SMALL)
        at += scale.px(_WORD_GAP) - scale.px(_KEY_GAP)
        painter.setFont(font)
        painter.setPen(QColor(tokens.muted))
        painter.drawText(QRect(at, top, text_width(hint.words, font) + 2, height), _LEFT, hint.words)
