"""A file of entries for the district, for the one who carries it."""

from dataclasses import dataclass
from pathlib import Path

from wc_contract.model.instants import Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class Exported:
    """What was written. first and last: when the entries were written, None where nobody here can read that.

    damaged: numbers that do not open here; the district may open them. everything: also what the district has.
    """

    path: Path
    entries: int
    first: Instant | None
    last: Instant | None
    damaged: tuple[int, ...]
    everything: bool
