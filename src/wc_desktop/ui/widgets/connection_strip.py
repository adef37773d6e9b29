"""The strip that always says how the records stand with the district. Calm: being offline is no error."""

from dataclasses import dataclass
from enum import Enum, unique
from typing import Final

from PySide6.QtCore import QEvent, QPoint, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QPushButton, QSizePolicy, QWidget

from wc_desktop.ui.theme.icons import Icon, paint_icon
from wc_desktop.ui.theme.tokens import current_tokens
from wc_desktop.ui.theme.tone import Tone
from wc_desktop.ui.theme.type_scale import TextStyle, current_scale
from wc_desktop.ui.widgets.announce import announce
from wc_desktop.ui.widgets.wrapped_text import line_height, text_width, wrapped_lines

_PAD_X = 13
_PAD_Y = 7
_ICON = 18
_ICON_GAP = 8
_RADIUS = 16.0
# A longer part is a sentence: it breaks between words rather than to make the window wider than the screen.
_LONGEST_PART = 330
_JOINT = " · "
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter


@unique
class StripState(Enum):
    """How the connection is."""

    ONLINE = "online"
    SYNCING = "syncing"
    OFFLINE = "offline"
    ATTENTION = "attention"


@dataclass(frozen=True, slots=True, kw_only=True)
class StripLook:
    """State and words. Parts wrap between each other; only one that is a sentence breaks itself."""

    state: StripState
    parts: tuple[str, ...]

    @property
    def words(self) -> str:
        return _JOINT.join(self.parts)


_SIGNS: Final = {
    StripState.ONLINE: (Icon.CLOUD_CHECK, Tone.MUTED),
    StripState.SYNCING: (Icon.CLOUD_UPLOAD, Tone.INFO),
    StripState.OFFLINE: (Icon.CLOUD_OFF, Tone.WARNING),
    StripState.ATTENTION: (Icon.CLOUD_ALERT, Tone.WARNING),
}


def balanced(parts: tuple[str, ...], widths: tuple[int, ...], joint: int, available: int) -> tuple[str, ...]:
    """Return the parts on as few lines as fit, up to one a part, the longest line as short as can be."""
    for count in range(1, len(parts) + 1):
        lines = _best_split(parts, widths, joint, count)
        if max((width for _, width in lines), default=0) <= available:
            return tuple(words for words, _ in lines)
    return parts


def _best_split(parts: tuple[str, ...], widths: tuple[int, ...], joint: int, count: int) -> list[tuple[str, int]]:
    if count == 1:
        return [(_JOINT.join(parts), sum(widths) + joint * (len(parts) - 1))]
    splits = []
    for at in range(1, len(parts) - count + 2):
        first = (_JOINT.join(parts[:at]), sum(widths[:at]) + joint * (at - 1))
        splits.append([first, *_best_split(parts[at:], widths[at:], joint, count - 1)])
    return min(splits, key=_widest)


def _widest(lines: list[tuple[str, int]]) -> int:
    return max(width for _, width in lines)


class ConnectionStrip(QPushButton):
    """A button, since it leads to the sync screen: connect `clicked`. Its accessible name is its words."""

    def __init__(self, look: StripLook, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._look = look
        self.setAutoDefault(False)
        policy = QSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.setAccessibleDescription(self.tr("Connection. Opens the sync screen."))
        self._show(look)

    @property
    def look(self) -> StripLook:
        return self._look

    def set_look(self, look: StripLook) -> None:
        """Show how the connection is now. Says it aloud only when the state changed, not for each count."""
        if look == self._look:
            return
        changed = look.state is not self._look.state
        self._show(look)
        if changed and look.state is not StripState.SYNCING:
            announce(self, look.words)

    def _show(self, look: StripLook) -> None:
        self._look = look
        self.setAccessibleName(look.words)
        self.setToolTip(look.words)
        self.updateGeometry()
        self.update()

    def _widths(self) -> tuple[int, ...]:
        font = current_scale().font(TextStyle.BODY_MEDIUM)
        return tuple(text_width(part, font) for part in self._look.parts)

    def _lines(self, width: int) -> tuple[str, ...]:
        scale = current_scale()
        font, available = scale.font(TextStyle.BODY_MEDIUM), width - self._around()
        lines = balanced(self._look.parts, self._widths(), text_width(_JOINT, font), available)
        if max((text_width(line, font) for line in lines), default=0) <= available:
            return lines
        return tuple(piece for line in lines for piece in wrapped_lines(line, font, available))

    def _around(self) -> int:
        scale = current_scale()
        return 2 * scale.px(_PAD_X) + scale.px(_ICON + _ICON_GAP)

    def heightForWidth(self, width: int) -> int:
        scale = current_scale()
        line = line_height(scale.font(TextStyle.BODY_MEDIUM))
        return max(line * len(self._lines(width)), scale.px(_ICON)) + 2 * scale.px(_PAD_Y)

    def sizeHint(self) -> QSize:
        font = current_scale().font(TextStyle.BODY_MEDIUM)
        width = text_width(self._look.words, font) + self._around() + 2
        return QSize(width, self.heightForWidth(width))

    def minimumSizeHint(self) -> QSize:
        longest = min(max(self._widths(), default=0), current_scale().px(_LONGEST_PART))
        return QSize(longest + self._around() + 2, self.heightForWidth(self.width()))

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.FontChange:
            self.updateGeometry()

    def paintEvent(self, _event: QPaintEvent) -> None:
        scale = current_scale()
        tokens = current_tokens()
        icon, tone = _SIGNS[self._look.state]
        inks = tokens.inks(tone)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        ring = self.hasFocus()
        painter.setPen(QPen(QColor(tokens.focus if ring else inks.line), 2.0 if ring else 1.0))
        painter.setBrush(QColor(inks.soft))
        box = QRectF(self._pill()).adjusted(1, 1, -1, -1)
        radius = min(_RADIUS, box.height() / 2)
        painter.drawRoundedRect(box, radius, radius)
        size = scale.px(_ICON)
        corner = QPoint(self._pill().left() + scale.px(_PAD_X), (self.height() - size) // 2)
        paint_icon(painter, corner, icon, inks.ink, size)
        self._paint_words(painter, corner.x() + size + scale.px(_ICON_GAP), inks.ink)
        painter.end()

    def _pill(self) -> QRect:
        """Return the box around the words: when they wrap they need less width than was given; it keeps right."""
        font = current_scale().font(TextStyle.BODY_MEDIUM)
        words = max((text_width(line, font) for line in self._lines(self.width())), default=0)
        width = min(words + self._around() + 2, self.width())
        return QRect(self.width() - width, 0, width, self.height())

    def _paint_words(self, painter: QPainter, left: int, colour: str) -> None:
        font = current_scale().font(TextStyle.BODY_MEDIUM)
        lines = self._lines(self.width())
        height = line_height(font)
        painter.setFont(font)
        painter.setPen(QColor(colour))
        place = QRect(left, (self.height() - height * len(lines)) // 2, self.width() - left, height)
        for line in lines:
            painter.drawText(place, _LEFT, line)
            place.translate(0, height)
