"""Push buttons by weight: one primary to a screen, secondary for the rest, danger where something ends."""

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QPushButton, QWidget

from wc_desktop.ui.theme.icons import Icon, icon_for, icon_on_accent
from wc_desktop.ui.theme.tone import Tone
from wc_desktop.ui.theme.type_scale import current_scale

_ICON = 18
_GAP = 4


class KindButton(QPushButton):
    """A push button whose look comes from the style sheet. An `&` in the text makes its access key."""

    kind = "secondary"
    icon_tone = Tone.PLAIN

    def __init__(self, text: str, parent: QWidget | None = None, *, icon: Icon | None = None) -> None:
        super().__init__(text, parent)
        self.setProperty("kind", self.kind)
        self.setAutoDefault(False)
        if icon is not None:
            size = current_scale().px(_ICON)
            self.setIconSize(QSize(size + current_scale().px(_GAP), size))
            self.setIcon(icon_on_accent(icon) if self.kind == "primary" else icon_for(icon, self.icon_tone))


class PrimaryButton(KindButton):
    """The one action that the screen is for."""

    kind = "primary"


class SecondaryButton(KindButton):
    """Any other action."""


class DangerButton(KindButton):
    """An action that ends or discards something."""

    kind = "danger"
    icon_tone = Tone.DANGER


class QuietButton(KindButton):
    """An action of little weight, beside text."""

    kind = "quiet"
    icon_tone = Tone.ACCENT
