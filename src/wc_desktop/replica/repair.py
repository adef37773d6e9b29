"""Mending a replica in place: what it holds is read, replaced and removed a few records at a time."""

from collections.abc import Sequence
from typing import Protocol

from wc_contract.model.kinds import BY_NAME, KINDS
from wc_desktop.cipher.engine import Connection, writing
from wc_desktop.cipher.faults import disk_errors
from wc_desktop.replica.apply import take_rows
from wc_desktop.replica.extra import Unknown, forget_unknown, keep_unknown
from wc_desktop.replica.unstored import forget_unstored

# Some milliseconds of reading: as long as a dose may have to wait.
_ROWS_A_LOOK = 1_000


class Records(Protocol):
    """Who reads the same file and must hear that a kind of record has changed."""

    def take_rows(self, kind: str, rows: Sequence[Sequence[object]], upto: int) -> int: ...


class ReplicaRepair:
    """sync.repair.RepairFiles of an open replica. One thread uses it. Positions are left where they are."""

    def __init__(self, connection: Connection, records: Records) -> None:
        self._connection = connection
        self._records = records

    def count(self) -> int:
        """Return how many records the replica holds."""
        with disk_errors():
            return sum(
                int(self._connection.execute(f"SELECT count(*) FROM main.{kind.table}").fetchone()[0])  # noqa: S608
                for kind in KINDS
            )

    def some(self, kind: str, after: int) -> Sequence[tuple[str, int, int]]:
        """Return id, version and place of the next records of a kind behind a place; none when there are no more."""
        found = BY_NAME[kind]
        with disk_errors():
            cursor = self._connection.execute(
                f"SELECT id, row_version, rowid FROM main.{found.table} WHERE rowid > ? ORDER BY rowid LIMIT ?",  # noqa: S608
                (after, _ROWS_A_LOOK),
            )
            return list(cursor)

    def replace(self, kind: str, rows: Sequence[Sequence[object]]) -> int:
        """Put these rows in the place of what has their ids, whatever version that says it has."""
        found = BY_NAME.get(kind)
        if found is None:
            return 0
        with writing(self._connection):
            forget_unknown(self._connection, kind, [str(row[0]) for row in rows if row])
            taken = take_rows(self._connection, kind, rows, 0, anyway=True)
        self._tell(kind)
        return taken

    def keep_unknown(self, kind: str, unknown: Unknown) -> None:
        """Keep values that this version has no column for."""
        with writing(self._connection):
            keep_unknown(self._connection, kind, unknown)

    def remove(self, kind: str, ids: Sequence[str]) -> int:
        """Remove records; return how many were there."""
        found = BY_NAME.get(kind)
        if found is None:
            return 0
        with writing(self._connection):
            forget_unknown(self._connection, kind, ids)
            forget_unstored(self._connection, kind, ids)
            delete = f"DELETE FROM main.{found.table} WHERE id = ?"  # noqa: S608  # a name of our own
            removed = sum(int(self._connection.execute(delete, (each,)).rowcount) for each in ids)
        self._tell(kind)
        return removed

    def _tell(self, kind: str) -> None:
        # No rows and no position: only the stamp by which readers see that something is new.
        self._records.take_rows(kind, (), 0)
