"""What screens read: the replica's confirmed records with this device's standing entries over them."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date

from wc_contract.model.changes import Entry
from wc_contract.model.ids import EntryId
from wc_contract.model.instants import Instant, instant_to_text
from wc_contract.model.kinds import CLINIC_VISIT, DOSE, KINDS, ORDER, RecordKind
from wc_contract.model.values import DoseState, OrderKind
from wc_contract.wire.messages import PullEnd, PullHeader
from wc_desktop.cipher.engine import Connection, writing
from wc_desktop.cipher.faults import Damaged, disk_errors
from wc_desktop.ports import Row
from wc_desktop.replica.apply import completed, take_end, take_removals, take_rows
from wc_desktop.replica.digests import Digesting, Digests, differing, digests
from wc_desktop.replica.meta import as_of, keep, read_meta, read_positions
from wc_desktop.replica.overlay import Overlay
from wc_desktop.replica.rows import Laid, read_newest, read_newest_each, read_rows, read_where, tally
from wc_desktop.replica.search import search_students
from wc_desktop.replica.unstored import UNSTORED, unstored_in, with_unstored

# What a dose that was amended says counts no more (A2); the amending one does.
_STANDS_SQL = "NOT EXISTS (SELECT 1 FROM {table} AS later WHERE later.amends_id = d.id)"
_TAKEN_SQL = "d.status IN ({}) AND {}".format(
    ", ".join(f"'{state.value}'" for state in DoseState if state.given),
    _STANDS_SQL.format(table=f"main.{DOSE.table}"),
)
_TAKEN_WITH_OWN_SQL = f"{_TAKEN_SQL} AND {_STANDS_SQL.format(table=f'temp.over_{DOSE.table}')}"
_SCHEDULED = "r.kind = ? AND r.start_date <= ? AND (r.end_date IS NULL OR r.end_date >= ?)"


class Projection:
    """An open replica and what is laid over it. One thread uses it."""

    def __init__(self, connection: Connection, *, first_stamp: int = 0) -> None:
        """first_stamp tells what was read from an earlier file from what is read from this one."""
        self._connection = connection
        self._meta = read_meta(connection)
        self._stamps = dict.fromkeys((kind.name for kind in KINDS), first_stamp)
        self._overlay = Overlay(connection)
        self._asked_again = False  # for the rows that were not taken

    # What stands here.

    @property
    def data_as_of(self) -> Instant | None:
        """The snapshot of the newest complete pull."""
        return as_of(self._meta)

    @property
    def acknowledged(self) -> int:
        """The number up to which this device's entries are in the replica."""
        return int(self._meta.get("acknowledged", "0"))

    @property
    def epoch(self) -> str:
        """The server's epoch that the positions belong to."""
        return self._meta.get("epoch", "")

    @property
    def checkpoint(self) -> str | None:
        """The newest complete checkpoint, opaque to us."""
        return self._meta.get("checkpoint")

    def kept(self, name: str) -> str | None:
        """Return a fact of the replica."""
        return self._meta.get(name)

    def unstored(self) -> Mapping[str, int]:
        """Return how many of the district's records of each kind this file did not take, as of the newest pull."""
        return {kind: len(rows) for kind, rows in unstored_in(self.kept(UNSTORED)).items()}

    def stamp(self, kinds: Sequence[RecordKind]) -> tuple[int, ...]:
        """Return numbers that differ from earlier ones when a record of one of kinds has changed since."""
        return tuple(self._stamps[kind.name] for kind in kinds)

    # Own entries.

    def lay_over(self, entries: Iterable[Entry]) -> None:
        """Add entries on top of the replica."""
        self._changed(self._overlay.lay(entries))

    def lay_anew(self, entries: Iterable[Entry]) -> None:
        """Forget what was laid over and lay these instead."""
        before = self._overlay.clear()
        self._changed(before | self._overlay.lay(entries))

    def own_entry(self, kind: RecordKind, record_id: str) -> EntryId | None:
        """Return the newest own entry laid over a record, None when only the server's word stands."""
        return self._overlay.wrote(kind, record_id)

    # Reading.

    def find(self, kind: RecordKind, record_id: str) -> Row | None:
        """Return one record."""
        with disk_errors():
            found = self._read(kind, "r.id = ?", (record_id,))
        return found[0] if found else None

    def every(self, kind: RecordKind) -> Sequence[Row]:
        """Return all records of a small kind."""
        with disk_errors():
            return self._read(kind, "1")

    def where(self, kind: RecordKind, column: str, values: Collection[str]) -> Sequence[Row]:
        """Return the records whose column holds one of values."""
        with disk_errors():
            return read_where(self._connection, kind, column, values, laid=self._overlay.laid(kind))

    def tally(self, kind: RecordKind, column: str) -> Mapping[str, tuple[int, str]]:
        """Return, by value of a column, how many records have it and the highest id among them."""
        with disk_errors():
            return tally(self._connection, kind, column, laid=self._overlay.laid(kind))

    def scheduled_orders(self, day: date) -> Sequence[Row]:
        """Return the scheduled orders that may have a slot on day, whatever their status."""
        on = day.isoformat()
        with disk_errors():
            return self._read(ORDER, _SCHEDULED, (OrderKind.SCHEDULED.value, on, on))

    def last_taken(self, orders: Collection[str]) -> Mapping[str, Row]:
        """Return, by order id, the newest dose that counts as taken."""
        laid = self._overlay.laid(DOSE)
        taken = _TAKEN_SQL if laid is Laid.NOTHING else _TAKEN_WITH_OWN_SQL
        with disk_errors():
            rows = read_newest_each(
                self._connection, DOSE, "order_id", orders, by="administered_at", where=taken, laid=laid
            )
        found: dict[str, Row] = {}
        for row in sorted(rows, key=_administered):
            found[str(row["order_id"])] = row
        return found

    def doses_of(self, student: str, *, since: Instant | None = None, limit: int | None = None) -> Sequence[Row]:
        """Return a child's doses, newest first: all, those administered since an instant, or the newest ones."""
        condition = "r.student_id = ? AND r.administered_at >= ?"
        bound = "" if since is None else instant_to_text(since)
        with disk_errors():
            return read_newest(
                self._connection,
                DOSE,
                condition,
                (student, bound),
                by="administered_at",
                limit=limit,
                laid=self._overlay.laid(DOSE),
            )

    def visits_since(self, since: Instant) -> Sequence[Row]:
        """Return the clinic visits that began at an instant or later, newest first."""
        laid = self._overlay.laid(CLINIC_VISIT)
        bound = (instant_to_text(since),)
        with disk_errors():
            return read_newest(
                self._connection, CLINIC_VISIT, "r.arrived_at >= ?", bound, by="arrived_at", limit=None, laid=laid
            )

    def search_students(self, text: str, limit: int) -> Sequence[Row]:
        """Return students whose name, number or grade begins like every word of text, by name."""
        with disk_errors():
            return search_students(self._connection, text, limit)

    def counts(self) -> Mapping[str, int]:
        """Return how many confirmed records of each kind the replica holds."""
        with disk_errors():
            return {
                kind.name: self._connection.execute(f"SELECT count(*) FROM main.{kind.table}").fetchone()[0]  # noqa: S608
                for kind in KINDS
            }

    def digests(self) -> Mapping[str, tuple[int, int]]:
        """Return count and sum of each kind as the server would compute them."""
        with disk_errors():
            return digests(self._connection)

    def check(self) -> bool:
        """Return whether every page of the file reads."""
        try:
            with disk_errors():
                return bool(self._connection.execute("PRAGMA quick_check(1)").fetchone()[0] == "ok")
        except Damaged:
            return False

    # Taking a pull, a chunk at a time: each chunk is one short transaction.

    def positions(self) -> dict[str, int]:
        """Return, per kind, the row_version up to which everything is here."""
        with disk_errors():
            return read_positions(self._connection)

    def take_rows(self, kind: str, rows: Sequence[Sequence[object]], upto: int) -> int:
        """Write one line of rows and the position it reaches."""
        with writing(self._connection):
            taken = take_rows(self._connection, kind, rows, upto)
        self._changed((kind,))
        return taken

    def take_removals(self, rows: Sequence[Sequence[object]], upto: int) -> frozenset[str]:
        """Remove records and remember the position; return the kinds touched."""
        with writing(self._connection):
            touched = take_removals(self._connection, rows, upto)
        self._changed(touched)
        return touched

    def begin_digest(self) -> Digesting:
        """Begin to sum the records as digests does, a slice at a time."""
        return Digesting(self._connection)

    def finish(
        self, pull_end: PullEnd, header: PullHeader, at: Instant, *, ours: Digests | None = None
    ) -> tuple[str, ...]:
        """Remember that a pull is complete; return the kinds to be repaired: those that differ from the server's.

        At the first comparison those with rows that this file did not take are among them: they are asked for once
        more. ours is what was summed since the last line was taken; it is summed here when it is not given.
        """
        end = completed(pull_end, header)
        different = () if end.digest is None else self._differing(self.digests() if ours is None else ours, end.digest)
        with writing(self._connection):
            take_end(self._connection, end)
            if end.digest is not None:
                keep(
                    self._connection,
                    {"compared_at": instant_to_text(at), "digests_agree": "0" if different else "1"},
                )
        self._meta = read_meta(self._connection)
        if end.digest is None or self._asked_again:
            return different
        self._asked_again = True
        return tuple(sorted({*different, *self.unstored()}))

    def _differing(self, ours: Digests, theirs: Digests) -> tuple[str, ...]:
        with disk_errors():
            return differing(with_unstored(self._connection, ours), theirs)

    def close(self) -> None:
        """Close the file; the last one to leave folds the write-ahead log into it."""
        self._connection.close()

    def _read(self, kind: RecordKind, where: str, values: Sequence[object] = ()) -> list[Row]:
        return read_rows(self._connection, kind, where, values, laid=self._overlay.laid(kind))

    def _changed(self, kinds: Iterable[str]) -> None:
        for kind in kinds:
            if kind in self._stamps:
                self._stamps[kind] += 1


def _administered(row: Row) -> str:
    return str(row["administered_at"])
