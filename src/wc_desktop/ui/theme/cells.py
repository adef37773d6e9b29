"""What one cell of a list looks like and says: made by models, painted by widgets, which never meet otherwise."""

from dataclasses import dataclass, field
from enum import IntEnum, unique

from PySide6.QtCore import Qt

from wc_desktop.ui.theme.icons import Icon
from wc_desktop.ui.theme.tone import Tone

_FIRST_OWN_ROLE = int(Qt.ItemDataRole.UserRole)


@unique
class CellRole(IntEnum):
    """The item roles that our models answer besides Qt's own."""

    LOOK = _FIRST_OWN_ROLE + 1
    KEY = _FIRST_OWN_ROLE + 2
    ROW = _FIRST_OWN_ROLE + 3
    EDGE = _FIRST_OWN_ROLE + 4
    WIDTHS = _FIRST_OWN_ROLE + 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Widths:
    """How wide a column may be at text size 1, and its share of what is left over."""

    least: int
    usual: int
    share: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Chip:
    """A safety mark: icon and word. It wraps with its row; it is never dropped and never shortened."""

    text: str
    tone: Tone
    icon: Icon | None = None
    said: str = ""

    @property
    def spoken(self) -> str:
        return self.said or self.text


@dataclass(frozen=True, slots=True, kw_only=True)
class TextCell:
    """Up to two lines. `headline` and `detail` wrap when the column is narrow; only `note` may end in an ellipsis."""

    headline: str
    detail: str = ""
    note: str = ""
    detail_tone: Tone = Tone.MUTED
    headline_tone: Tone = Tone.PLAIN
    strong: bool = True
    figures: bool = False
    muted: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ChipsCell:
    """A row of marks that wraps and makes its row higher."""

    chips: tuple[Chip, ...] = field(default=())


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusCell:
    """A state: icon, word, and colour last."""

    word: str
    icon: Icon
    tone: Tone
    detail: str = ""


CellLook = TextCell | ChipsCell | StatusCell
