"""The months of the audit: made ahead, each under the same row-level security as the whole."""

# ruff: noqa: S608  (names of tables and columns are our own declarations; values are bound)

from collections.abc import Iterable, Iterator
from datetime import date

import psycopg
from psycopg import Connection
from psycopg.rows import TupleRow

from wc_sync_server.db.errors import RowsNotWritten
from wc_sync_server.db.grants import BACKUP, OWNER
from wc_sync_server.db.months import Month
from wc_sync_server.db.rls import protect
from wc_sync_server.db.tables.audit import AUDIT_COLUMNS, AUDIT_LOGS, AUDIT_OVERFLOW
from wc_sync_server.db.tables.base import visibility_of

_LOGS, _OVERFLOW = AUDIT_LOGS.name, AUDIT_OVERFLOW.name
_COLUMNS = ", ".join(AUDIT_COLUMNS)
_MONTHS_OF_OVERFLOW = (
    "SELECT extract(year FROM received_at AT TIME ZONE 'UTC')::int,"
    " extract(month FROM received_at AT TIME ZONE 'UTC')::int, count(*)"
    f" FROM {_OVERFLOW} GROUP BY 1, 2 ORDER BY 1, 2"
)
_MOVE = (
    f"WITH gone AS (DELETE FROM {_OVERFLOW} RETURNING {_COLUMNS})"
    f" INSERT INTO {_LOGS} ({_COLUMNS}) SELECT {_COLUMNS} FROM gone"
)


def ensure_partitions(dsn: str, *, months_ahead: int = 3, since: date | None = None) -> tuple[str, ...]:
    """Make what is missing of the months from since (this month) to months_ahead; return the partitions made.

    Rows that came while their month was missing get it now and move there. dsn is the migrating role's.
    """
    with psycopg.connect(dsn) as connection:
        connection.execute(f"SET ROLE {OWNER}".encode())
        connection.execute("SET LOCAL lock_timeout = '10s'")
        this_month = _this_month(connection)
        first = this_month if since is None else Month(year=since.year, month=since.month)
        last = this_month.after(months_ahead)
        wanted = []
        while first.first_day <= last.first_day:
            wanted.append(first)
            first = first.after(1)
        made = [*_make_missing(connection, wanted), *_place_overflow(connection)]
    return tuple(made)


def _this_month(connection: Connection[TupleRow]) -> Month:
    (now,) = connection.execute("SELECT transaction_timestamp() AT TIME ZONE 'UTC'").fetchall()[0]
    return Month(year=now.year, month=now.month)


def _make_missing(connection: Connection[TupleRow], months: Iterable[Month]) -> Iterator[str]:
    for month in months:
        (missing,) = connection.execute("SELECT to_regclass(%s) IS NULL", (month.table,)).fetchall()[0]
        if missing:
            for statement in _partition(month):
                connection.execute(statement.encode())
            yield month.table


def _partition(month: Month) -> Iterator[str]:
    bounds = f"FROM ('{month.first_day}T00:00:00+00:00') TO ('{month.after(1).first_day}T00:00:00+00:00')"
    yield f"CREATE TABLE {month.table} PARTITION OF {_LOGS} FOR VALUES {bounds}"
    yield from protect(month.table, visibility_of(AUDIT_LOGS))
    yield f"GRANT SELECT ON {month.table} TO {BACKUP}"


def _place_overflow(connection: Connection[TupleRow]) -> Iterator[str]:
    """Move what came without a month into its month, and yield the months made for it."""
    # Forced policies bind the owner too: without this it would see, and move, nothing.
    connection.execute(f"ALTER TABLE {_OVERFLOW} NO FORCE ROW LEVEL SECURITY".encode())
    months = connection.execute(_MONTHS_OF_OVERFLOW.encode()).fetchall()
    yield from _make_missing(connection, (Month(year=year, month=month) for year, month, _ in months))
    if months:
        connection.execute(f"ALTER TABLE {_LOGS} NO FORCE ROW LEVEL SECURITY".encode())
        moved = connection.execute(_MOVE.encode()).rowcount
        if moved != sum(count for _, _, count in months):
            raise RowsNotWritten(table=_LOGS, given=sum(count for _, _, count in months), written=moved)
        connection.execute(f"ALTER TABLE {_LOGS} FORCE ROW LEVEL SECURITY".encode())
    connection.execute(f"ALTER TABLE {_OVERFLOW} FORCE ROW LEVEL SECURITY".encode())
