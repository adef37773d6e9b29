"""The feed of a school, as pages that PostgreSQL made."""

from dataclasses import dataclass, field
from uuid import UUID

from wc_contract.model.instants import Instant
from wc_sync_server.domain.checkpoints import Checkpoint

PAGE_ROWS = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedHead:
    """Where a snapshot stands. heads gives the newest row_version by kind, 'removal' included, of each stream."""

    epoch: str
    district: UUID
    school: UUID
    district_head: int
    school_head: int
    district_heads: dict[str, int]
    school_heads: dict[str, int]
    at: Instant
    acknowledged: int
    scope: str = ""

    def checkpoint(self) -> Checkpoint:
        """Return where this is, as a device remembers it."""
        return Checkpoint(
            epoch=self.epoch, district_head=self.district_head, school_head=self.school_head, scope=self.scope
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Up to a thousand records as one JSON array, the newest row_version among them, and their digest's sum."""

    rows: bytes = field(repr=False)
    count: int
    upto: int
    sum: int
