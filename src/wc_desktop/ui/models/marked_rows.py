"""What rows with safety marks have in common: how they are known, edged and marked, and how parts are said."""

from collections.abc import Hashable
from typing import Final, Protocol

from PySide6.QtCore import QCoreApplication

from wc_desktop.ui.theme.cells import Chip, ChipsCell
from wc_desktop.ui.theme.tone import Tone

_CONTEXT: Final = "MarkedRows"


class MarkedRow(Protocol):
    """A row in words that carries marks."""

    @property
    def key(self) -> Hashable: ...

    @property
    def chips(self) -> tuple[Chip, ...]: ...

    @property
    def edge(self) -> Tone | None: ...


def key_of(row: MarkedRow) -> Hashable:
    """Return what the row is known by."""
    return row.key


def edge_of(row: MarkedRow) -> Tone | None:
    """Return the tone of the row's edge."""
    return row.edge


def marks(row: MarkedRow) -> ChipsCell:
    """Return the cell of the row's marks."""
    return ChipsCell(chips=row.chips)


def marks_said(row: MarkedRow) -> str:
    """Return the marks as they are read; their absence is said too."""
    said = ", ".join(chip.spoken for chip in row.chips)
    return said or QCoreApplication.translate(_CONTEXT, "No alerts")


def in_one_breath(*parts: str) -> str:
    """Join the parts that say something; what the eye parts by a dot, the ear parts by a pause."""
    return ", ".join(part.replace(" · ", ", ") for part in parts if part)
