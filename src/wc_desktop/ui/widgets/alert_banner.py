"""A framed sentence that must be seen: icon, words that wrap, colour last."""

from typing import Final

from PySide6.QtCore import QCoreApplication, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QFrame, QHBoxLayout, QWidget

from wc_desktop.ui.theme.icons import Icon
from wc_desktop.ui.theme.tokens import current_tokens
from wc_desktop.ui.theme.tone import Tone
from wc_desktop.ui.theme.type_scale import current_scale
from wc_desktop.ui.widgets.icon_label import IconMark
from wc_desktop.ui.widgets.labels import LabelStyle, TextLabel

_ICONS: Final = {
    Tone.DANGER: Icon.TRIANGLE_ALERT,
    Tone.WARNING: Icon.CIRCLE_ALERT,
    Tone.INFO: Icon.INFO,
    Tone.OK: Icon.CIRCLE_CHECK,
}
_RADIUS = 8


def severity_word(tone: Tone) -> str:
    """Return the word that says aloud what the colour shows."""
    tr = QCoreApplication.translate
    match tone:
        case Tone.DANGER:
            return tr("AlertBanner", "Danger")
        case Tone.WARNING:
            return tr("AlertBanner", "Warning")
        case Tone.OK:
            return tr("AlertBanner", "Done")
        case Tone.INFO | Tone.ACCENT | Tone.PLAIN | Tone.MUTED:
            return tr("AlertBanner", "Note")


class AlertBanner(QFrame):
    """One alert. `icon` replaces the tone's own icon."""

    def __init__(self, tone: Tone, text: str, parent: QWidget | None = None, *, icon: Icon | None = None) -> None:
        super().__init__(parent)
        self._tone = tone
        self._own_icon = icon
        scale = current_scale()
        line = QHBoxLayout(self)
        line.setContentsMargins(scale.px(12), scale.px(8), scale.px(12), scale.px(8))
        line.setSpacing(scale.px(10))
        self._mark = IconMark(self._icon(), tone, self)
        self._words = TextLabel(text, LabelStyle.STRONG, self, tone=tone)
        line.addWidget(self._mark, 0, Qt.AlignmentFlag.AlignTop)
        line.addWidget(self._words, 1)
        self.set_alert(tone, text)

    def set_alert(self, tone: Tone, text: str) -> None:
        """Show another alert in its place."""
        self._tone = tone
        self._words.setText(text)
        self._words.set_tone(tone)
        self._words.setAccessibleName(f"{severity_word(tone)}: {text}")
        self._mark.set_icon(self._icon(), tone)
        self.update()

    @property
    def text(self) -> str:
        return self._words.text()

    def _icon(self) -> Icon:
        return self._own_icon or _ICONS.get(self._tone, Icon.INFO)

    def paintEvent(self, _event: QPaintEvent) -> None:
        inks = current_tokens().inks(self._tone)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(inks.line), 1.0))
        painter.setBrush(QColor(inks.soft))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), _RADIUS, _RADIUS)
        painter.end()
