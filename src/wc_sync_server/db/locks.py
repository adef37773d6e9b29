"""Row locks beyond the streams, in one order for everybody: by table and id."""

from collections.abc import Iterable
from uuid import UUID

from psycopg import Connection, sql
from psycopg.rows import TupleRow

from wc_contract.model.ids import DistrictId
from wc_sync_server.db.errors import LocksOutOfOrder, LockUndeclared, RowUnknown
from wc_sync_server.db.operations import Operation
from wc_sync_server.db.tables import TENANT

_LOCKABLE = frozenset(table.name for table in TENANT if "id" in table.columns)

# NO KEY UPDATE is what an UPDATE of these rows takes: it keeps out every other writer and locker, but not the
# foreign keys of rows that only point here. FOR UPDATE would: a dose could wait for, and block, its own student.
_LOCK = """
SELECT id FROM {table} WHERE district_id = %(district)s AND id = ANY(%(ids)s::uuid[])
ORDER BY id FOR NO KEY UPDATE
"""


class LockedRows:
    """The rows that one transaction holds."""

    def __init__(self, connection: Connection[TupleRow], district: DistrictId, operation: Operation) -> None:
        self._connection = connection
        self._district = district
        self._operation = operation
        self._held: set[tuple[str, UUID]] = set()

    @property
    def any(self) -> bool:
        """Whether a row is held."""
        return bool(self._held)

    def lock(self, table: str, ids: Iterable[UUID]) -> None:
        """Lock rows in the order of their ids, and keep them until the end of the transaction.

        Raises LocksOutOfOrder for a row that comes before one held, LockUndeclared for a table that the operation
        does not name, RowUnknown for a row that is not there or not the context's.
        """
        if table not in _LOCKABLE or not self._operation.may_lock(table):
            raise LockUndeclared(f"{self._operation.name!r} does not lock rows of {table}")
        wanted = sorted({(table, id_) for id_ in ids} - self._held)
        if not wanted:
            return
        if self._held and wanted[0] < max(self._held):
            raise LocksOutOfOrder("rows are locked in the order of table and id, best all at once")
        statement = sql.SQL(_LOCK).format(table=sql.Identifier(table))
        parameters = {"district": self._district, "ids": [id_ for _, id_ in wanted]}
        if len(self._connection.execute(statement, parameters).fetchall()) != len(wanted):
            raise RowUnknown(f"a row of {table} is unknown, or none of this context's")
        self._held.update(wanted)
