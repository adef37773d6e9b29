"""What a colour means. Screens choose a tone; only the theme knows the colour."""

from enum import Enum, unique


@unique
class Tone(Enum):
    """The meaning of a mark. Colour is never its only sign: every use pairs it with a word or an icon."""

    PLAIN = "plain"
    MUTED = "muted"
    ACCENT = "accent"
    DANGER = "danger"
    WARNING = "warning"
    OK = "ok"
    INFO = "info"
