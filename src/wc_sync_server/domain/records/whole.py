"""A record together with what belongs to it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from wc_sync_server.domain.records.pages import Row


@dataclass(frozen=True, slots=True, kw_only=True)
class Whole:
    """A record and, by the name of the part, the records that belong to it."""

    record: Row = field(repr=False)
    parts: Mapping[str, Sequence[Row]] = field(repr=False)
