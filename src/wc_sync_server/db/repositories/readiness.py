"""Whether the database can serve: reachable, migrated, with a place for this month's audit."""

import psycopg
from cachetools import TTLCache
from psycopg import Connection
from psycopg.rows import TupleRow

from wc_contract.model.errors import WhiteCrossError
from wc_sync_server.db.partitions import months_ahead
from wc_sync_server.db.repositories.cells import Cells
from wc_sync_server.db.tables import METADATA

_COLUMNS = """
SELECT c.relname, a.attname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p')
"""
_MONTH = """
SELECT to_regclass('public.audit_logs_' || to_char(transaction_timestamp() AT TIME ZONE 'UTC', 'YYYY_MM')) IS NOT NULL
"""
# A proxy asks every second or so, and columns do not go away by themselves. That some are missing is never remembered.
_BELIEVED_SECONDS = 15


class PostgresReadiness:
    """Looks at the home database (api.ports.Readiness)."""

    def __init__(self, cells: Cells) -> None:
        self._cells = cells
        self._complete: TTLCache[str, bool] = TTLCache(maxsize=1, ttl=_BELIEVED_SECONDS)

    def checks(self) -> dict[str, bool]:
        """Return what was looked at and whether it is in order. A database that cannot be reached fails all."""
        try:
            with self._cells.home.connection(timeout=3.0) as connection:
                migrated = self._is_complete(connection)
                month = connection.execute(_MONTH).fetchone()
        except (psycopg.Error, WhiteCrossError):
            return {"database": False, "migrations": False, "partitions": False}
        return {
            "database": True,
            "migrations": migrated,
            "partitions": month is not None and bool(month[0]),
        }

    def warnings(self) -> list[str]:
        """Return codes of what will need a person before long. None when the database cannot be asked."""
        try:
            with self._cells.home.connection(timeout=3.0) as connection:
                ahead = months_ahead(connection)
        except (psycopg.Error, WhiteCrossError):
            return []
        return [] if ahead > 0 else ["audit_next_month_missing"]

    def _is_complete(self, connection: Connection[TupleRow]) -> bool:
        if self._complete.get("columns", False):
            return True
        there = {(row[0], row[1]) for row in connection.execute(_COLUMNS)}
        complete = {(table.name, column.name) for table in METADATA.sorted_tables for column in table.columns} <= there
        if complete:
            self._complete["columns"] = True
        return complete
