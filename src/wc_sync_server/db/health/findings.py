"""What a look at the database found."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from psycopg import Connection
from psycopg.rows import TupleRow


class Severity(StrEnum):
    """How much a finding matters."""

    BAD = "bad"  # do something today
    WARN = "warn"  # do something
    NOTE = "note"  # worth knowing


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing found. subject names a table, an index or a session; nothing here quotes a row or a statement."""

    check: str
    severity: Severity
    subject: str
    found: str
    to_do: str


Looker = Callable[[Connection[TupleRow]], Iterator[Finding]]

MIB = 1024 * 1024


def mib(octets: int) -> str:
    """Return a size as people say it."""
    return f"{octets / MIB:,.1f} MiB"


def span(seconds: float) -> str:
    """Return a time as people say it."""
    minutes = int(seconds) // 60
    if minutes < 1:
        return f"{seconds:.0f} s"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min"
