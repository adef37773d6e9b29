"""Whether the database can serve: reachable, migrated, with a place for this month's audit."""

import psycopg

from wc_contract.model.errors import WhiteCrossError
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


class PostgresReadiness:
    """Looks at the home database (api.ports.Readiness)."""

    def __init__(self, cells: Cells) -> None:
        self._cells = cells

    def checks(self) -> dict[str, bool]:
        """Return what was looked at and whether it is in order. A database that cannot be reached fails all."""
        try:
            with self._cells.home.connection(timeout=3.0) as connection:
                there = {(row[0], row[1]) for row in connection.execute(_COLUMNS)}
                month = connection.execute(_MONTH).fetchone()
        except (psycopg.Error, WhiteCrossError):
            return {"database": False, "migrations": False, "partitions": False}
        wanted = {(table.name, column.name) for table in METADATA.sorted_tables for column in table.columns}
        return {
            "database": True,
            "migrations": wanted <= there,
            "partitions": month is not None and bool(month[0]),
        }
