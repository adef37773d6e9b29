"""This device's own entries laid over the replica, in memory only: temporary tables that no disk ever sees.

An entry is folded in as the server will do it (wc_contract.merge.fold). A record that an entry added stands until the
confirmed one is there; a record that an entry changed stands instead of the confirmed one until the server has
acknowledged the entry, and the entries are laid anew.
"""

from collections.abc import Iterable, Mapping

from wc_contract.merge.fold import RecordKey, fold_entry, records_needed
from wc_contract.model.apply import RowWrite
from wc_contract.model.changes import DoseLogged, Entry
from wc_contract.model.ids import EntryId
from wc_contract.model.kinds import BY_NAME, RecordKind, WireValue
from wc_desktop.cipher.engine import Connection
from wc_desktop.cipher.faults import disk_errors
from wc_desktop.ports import Row
from wc_desktop.replica.rows import Laid, read_rows
from wc_desktop.replica.tables import CHANGED, OVERLAID, overlay_ddl


class Overlay:
    """What is laid over one open replica. A kind has its table from its first own record on."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._laid: dict[str, Laid] = {}
        self._made: set[str] = set()
        self._wrote: dict[RecordKey, EntryId] = {}

    def laid(self, kind: RecordKind) -> Laid:
        """Return what own entries did to the records of a kind."""
        return self._laid.get(kind.name, Laid.NOTHING)

    def wrote(self, kind: RecordKind, record_id: str) -> EntryId | None:
        """Return the newest entry that is laid over a record."""
        return self._wrote.get((kind.name, record_id))

    def lay(self, entries: Iterable[Entry]) -> frozenset[str]:
        """Add what entries make of the records, in order; return the kinds touched."""
        touched: set[str] = set()
        with disk_errors():
            for entry in entries:
                for effect in fold_entry(entry, self._held(entry), _flags(entry)):
                    self._wrote[effect.key] = entry.id
                    if effect.write is not None:
                        self._put(effect.write, changed=effect.merged is not None)
                        touched.add(effect.key[0])
        return frozenset(touched)

    def clear(self) -> frozenset[str]:
        """Forget everything that was laid over; return the kinds it was laid over."""
        touched = frozenset(self._laid)
        with disk_errors():
            for name in touched:
                self._connection.execute(f"DELETE FROM temp.over_{OVERLAID[name].table}")  # noqa: S608  # our own
        self._laid.clear()
        self._wrote.clear()
        return touched

    def _held(self, entry: Entry) -> Mapping[RecordKey, Row]:
        held: dict[RecordKey, Row] = {}
        for key in records_needed(entry):
            kind = BY_NAME[key[0]]
            for row in read_rows(self._connection, kind, "r.id = ?", (key[1],), laid=self.laid(kind)):
                held[key] = row
        return held

    def _put(self, write: RowWrite, *, changed: bool) -> None:
        kind = write.kind
        if kind.name not in self._made:
            for statement in overlay_ddl(kind):
                self._connection.execute(statement)
            self._made.add(kind.name)
        values: list[WireValue] = [0 if name == "row_version" else write.values[name] for name in kind.columns]
        if changed:
            # What the next change of this record is based on is the version that the author saw confirmed.
            values[-1] = self._version(kind, write.id)
        self._connection.execute(_put_sql(kind, changed=changed), (*values, changed))
        self._laid[kind.name] = max(self.laid(kind), Laid.CHANGED if changed else Laid.ADDED)

    def _version(self, kind: RecordKind, record_id: str) -> int:
        row = self._connection.execute(
            f"SELECT row_version FROM main.{kind.table} WHERE id = ?",  # noqa: S608  # a name of our own
            (record_id,),
        ).fetchone()
        return 0 if row is None else int(row[0])


def _put_sql(kind: RecordKind, *, changed: bool) -> str:
    names = (*kind.columns, CHANGED)
    columns = ", ".join(f'"{name}"' for name in names)
    marks = ", ".join("?" for _ in names)
    sets = ", ".join(f'"{name}" = excluded."{name}"' for name in names[1:])
    then = f"UPDATE SET {sets}" if changed else "NOTHING"
    return (
        f"INSERT INTO temp.over_{kind.table} ({columns}) VALUES ({marks})"  # noqa: S608  # names of our own
        f" ON CONFLICT (id) DO {then}"
    )


def _flags(entry: Entry) -> dict[str, tuple[str, ...]]:
    """Until the server judged it, a dose carries what its author went on in spite of."""
    return {
        str(change.id): tuple(sorted({override.code for override in change.overrides}))
        for change in entry.changes
        if isinstance(change, DoseLogged)
    }
