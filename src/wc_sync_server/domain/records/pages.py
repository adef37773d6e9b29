"""Lists come in pages: numbered for people, and by key underneath, so that page 400 costs what page 1 does."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

DEFAULT_LIMIT = 50
MOST = 200
FARTHEST = 10_000  # rows that may be skipped by number; beyond, the key of the last row leads on

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """Which part of a list is wanted: page by number, or, with after, what follows the row of that key."""

    limit: int = DEFAULT_LIMIT
    page: int = 1
    after: tuple[Any, ...] | None = field(default=None, repr=False)

    @property
    def skipped(self) -> int:
        """How many rows stand before the page."""
        return (self.page - 1) * self.limit


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Part of a list. last is the key of its last row when more rows follow."""

    rows: Sequence[Row] = field(repr=False)
    total: int
    window: Window
    last: tuple[Any, ...] | None = field(default=None, repr=False)

    @property
    def pages(self) -> int:
        """How many pages of this size the whole list fills."""
        return -(-self.total // self.window.limit)
