"""Sealed cells: what the database keeps encrypted, where each stands, and what can go wrong with one."""

from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from wc_contract.model.errors import Defect, Unavailable


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """The one place where a sealed value opens. A value copied anywhere else stays shut."""

    district: UUID
    table: str
    row: UUID
    column: str


class Sealer(Protocol):
    """Seals cells with the key in use and opens them with the key they name."""

    def seal(self, text: str, cell: Cell) -> bytes:
        """Return text as bytes that open in cell only. Raises KeyUnavailable."""
        ...

    def open(self, sealed: bytes, cell: Cell) -> str:
        """Return what seal was given. Raises CellUnreadable, KeyUnavailable."""
        ...

    def current(self) -> bytes:
        """Return what every sealed value begins with that was made with the present form and key."""
        ...


class KeyUnavailable(Unavailable):
    """A key that a cell needs cannot be had. The sentence names the key and says what to do; it holds no secret."""

    code = "key_unavailable"

    def __init__(self, key_id: str, sentence: str) -> None:
        super().__init__(sentence)
        self.key_id = key_id


class CellUnreadable(Defect):
    """A cell was damaged, cut off, or made for another place. Names table and column, never content."""

    code = "cell_unreadable"
