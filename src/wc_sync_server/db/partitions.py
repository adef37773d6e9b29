"""The months of the audit: made ahead, each under the same row-level security as the whole.

A month is made beside the audit and then attached, which no reader and no writer waits for. What came while its month
was missing is moved into it district by district, as the rows of any writer would be.
"""

# ruff: noqa: S608  (names of tables and columns are our own declarations; values are bound)

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

import psycopg
import structlog
from psycopg import Connection
from psycopg.rows import TupleRow

from wc_contract.model.ids import DistrictId, SchoolId
from wc_sync_server.db.context import Context
from wc_sync_server.db.context_keys import enter_as_owner, knows_signatures
from wc_sync_server.db.grants import BACKUP, OWNER
from wc_sync_server.db.months import Month
from wc_sync_server.db.rls import protect
from wc_sync_server.db.tables.audit import AUDIT_COLUMNS, AUDIT_LOGS, AUDIT_OVERFLOW
from wc_sync_server.db.tables.base import guard_of
from wc_sync_server.db.tables.roles import SYSTEM

MONTHS_AHEAD = 3
_log = structlog.get_logger(__name__)
_LOGS, _OVERFLOW = AUDIT_LOGS.name, AUDIT_OVERFLOW.name
_COLUMNS = ", ".join(AUDIT_COLUMNS)
# Two programs that make months at once: the second finds them made. The same number in every release.
_ONE_AT_A_TIME = 7_402_115_264
# Whoever writes waits behind a lock that we wait for, and not longer than this.
_PATIENCE = "30s"
_LOCK_TIMEOUT = "1s"

_IN_OVERFLOW = (
    "SELECT district_id, array_agg(DISTINCT school_id) FILTER (WHERE school_id IS NOT NULL), array_agg(DISTINCT"
    f" date_trunc('month', received_at AT TIME ZONE 'UTC')::date) FROM {_OVERFLOW} GROUP BY 1 ORDER BY 1"
)
_MOVE = (
    f"WITH gone AS (DELETE FROM {_OVERFLOW} WHERE district_id = %(district)s RETURNING {_COLUMNS})"
    f" INSERT INTO {_LOGS} ({_COLUMNS}) SELECT {_COLUMNS} FROM gone"
)


@dataclass(frozen=True, slots=True)
class _Misplaced:
    """What a district has in the overflow."""

    district: DistrictId
    schools: tuple[SchoolId, ...]
    months: tuple[Month, ...]


def ensure_partitions(dsn: str, *, months_ahead: int = MONTHS_AHEAD, since: date | None = None) -> tuple[str, ...]:
    """Make what is missing of the months from since (this month) to months_ahead; return the partitions made.

    Rows that came while their month was missing get it now and move there. dsn is the migrating role's. May run
    at any time: nobody who writes waits for it longer than a moment.
    """
    with psycopg.connect(dsn, application_name="wc-audit-months", autocommit=True) as connection:
        connection.execute(f"SET ROLE {OWNER}".encode())
        # A timeout counts for this lock too. It is a long one: whoever has it makes the months that we wait for.
        connection.execute(f"SET lock_timeout = '{_PATIENCE}'".encode())
        connection.execute("SELECT pg_advisory_lock(%s)", (_ONE_AT_A_TIME,))
        connection.execute(f"SET lock_timeout = '{_LOCK_TIMEOUT}'".encode())
        this_month = _this_month(connection)
        first = this_month if since is None else Month(year=since.year, month=since.month)
        made = list(_make_missing(connection, _from_to(first, this_month.after(months_ahead))))
        try:
            found = _in_overflow(connection)
        except psycopg.errors.LockNotAvailable:
            # Somebody reads it for longer, as `audit verify` does. What stands there can stay until the next time.
            _log.info("audit.overflow_busy")
            return tuple(made)
        if not knows_signatures(connection):
            # A database that is being brought here from far behind. At this version's revision they move.
            return tuple(made)
        for misplaced in found:
            made += _make_missing(connection, misplaced.months)
            _place(connection, misplaced)
    return tuple(made)


def months_ahead(connection: Connection[TupleRow]) -> int:
    """Return how many months after this one are ready without a gap, -1 when this one is not."""
    month, ready = _this_month(connection), -1
    while _is_there(connection, month.after(ready + 1)):
        ready += 1
    return ready


def _this_month(connection: Connection[TupleRow]) -> Month:
    (now,) = connection.execute("SELECT transaction_timestamp() AT TIME ZONE 'UTC'").fetchall()[0]
    return Month(year=now.year, month=now.month)


def _from_to(first: Month, last: Month) -> Iterator[Month]:
    while first.first_day <= last.first_day:
        yield first
        first = first.after(1)


def _is_there(connection: Connection[TupleRow], month: Month) -> bool:
    ((there,),) = connection.execute("SELECT to_regclass(%s) IS NOT NULL", (month.table,)).fetchall()
    return bool(there)


def _make_missing(connection: Connection[TupleRow], months: Iterable[Month]) -> Iterator[str]:
    for month in months:
        if not _is_there(connection, month):
            with connection.transaction():
                for statement in _partition(month):
                    connection.execute(statement.encode())
            yield month.table


def _partition(month: Month) -> Iterator[str]:
    bounds = f"FROM ('{month.begins.isoformat()}') TO ('{month.after(1).begins.isoformat()}')"
    yield f"CREATE TABLE {month.table} (LIKE {_LOGS} INCLUDING ALL)"
    yield from protect(month.table, guard_of(AUDIT_LOGS))
    yield f"GRANT SELECT ON {month.table} TO {BACKUP}"
    # CREATE ... PARTITION OF would lock out every writer until the longest of them is done; this does not.
    yield f"ALTER TABLE {_LOGS} ATTACH PARTITION {month.table} FOR VALUES {bounds}"


def _in_overflow(connection: Connection[TupleRow]) -> Sequence[_Misplaced]:
    """Return what came without a month. Forced policies bind the owner too: it sees nothing unless they are lifted."""
    with connection.transaction():
        connection.execute(f"ALTER TABLE {_OVERFLOW} NO FORCE ROW LEVEL SECURITY".encode())
        rows = connection.execute(_IN_OVERFLOW.encode()).fetchall()
        connection.execute(f"ALTER TABLE {_OVERFLOW} FORCE ROW LEVEL SECURITY".encode())
    return [
        _Misplaced(row[0], tuple(row[1] or ()), tuple(Month(year=day.year, month=day.month) for day in row[2]))
        for row in rows
    ]


def _place(connection: Connection[TupleRow], misplaced: _Misplaced) -> None:
    """Move a district's rows into their months, in the district's own context. Other writers do not wait."""
    with connection.transaction():
        enter_as_owner(connection, Context(district=misplaced.district, schools=misplaced.schools, role=SYSTEM))
        connection.execute(_MOVE.encode(), {"district": misplaced.district})
