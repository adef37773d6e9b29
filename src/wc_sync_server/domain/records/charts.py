"""What the office asks of two charts of one child."""

from dataclasses import dataclass, field
from uuid import UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class MergeAsked:
    """Make two charts one. id is the author's own: sent twice, it is one merge."""

    id: UUID
    kept: UUID
    gone: UUID
    reason: str = field(repr=False)
    birth_dates_differ: bool
    dry_run: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class UnmergeAsked:
    """Make a chart that was merged into another its own again."""

    gone: UUID
    reason: str = field(repr=False)
    dry_run: bool
