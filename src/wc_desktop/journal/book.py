"""The journal as the rest of the program sees it."""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any, Protocol, TypeVar
from uuid import UUID

from sqlcipher3 import dbapi2 as sqlcipher

from wc_contract.model.changes import Change, Entry
from wc_contract.model.ids import Chance, EntryId, IncidentId, UserId
from wc_contract.model.instants import Instant, instant_from_text
from wc_contract.wire.entries import entry_from_body
from wc_contract.wire.messages import Receipt
from wc_desktop.cipher.engine import Connection, writing
from wc_desktop.cipher.faults import Damaged, disk_errors
from wc_desktop.domain.failures import DiskFull, JournalPageDamaged
from wc_desktop.domain.screens import IncidentDraft
from wc_desktop.journal import drafts, receipts, state
from wc_desktop.journal.answered import AnsweredMark
from wc_desktop.journal.entries import Author, Builds, append_entry, standing_entries
from wc_desktop.journal.lost import LOST_VERB
from wc_desktop.journal.mending import Closed, Mended, close_gaps, mend, seal_again
from wc_desktop.journal.number_mark import NumberMark
from wc_desktop.journal.proved import ProvedMark
from wc_desktop.journal.receipts import Unsent
from wc_desktop.journal.schema import UNANSWERED, suspect
from wc_desktop.journal.sealed import SealedFile
from wc_desktop.journal.survey import OwnKeys, survey
from wc_desktop.journal.texts import last_number
from wc_desktop.ports import JournalRecord, Waiting

_Written = TypeVar("_Written")

_RECORDS = """SELECT number, id, verb, student_id, author_id, authored_at, outcome, receipt,
    (SELECT later.id FROM entries AS later WHERE later.replaces = entries.id ORDER BY later.number DESC LIMIT 1)
    FROM entries"""
# By the two indexes: the journal itself holds the text of every entry.
_UNSETTLED = f"""number IN (SELECT number FROM entries WHERE outcome = 'refused'
    UNION SELECT number FROM entries WHERE {UNANSWERED} AND outcome = 'waiting')"""  # noqa: S608  # words of our own


class Room(Protocol):
    """Room on the disk that was set apart."""

    def let_go(self) -> bool:
        """Give it back; return whether there was any."""
        ...


class DeviceJournal:
    """An open journal and its sealed copy. One thread uses it.

    Every method that reads or writes raises JournalPageDamaged when a page does not read: then nothing more can be
    read through this opening, and the next one looks at every page (schema.open_journal).
    """

    def __init__(
        self,
        connection: Connection,
        sealed: SealedFile,
        *,
        own: OwnKeys,
        mark: NumberMark,
        chance: Chance,
        answered: AnsweredMark | None = None,
        proved: ProvedMark | None = None,
        room: Room | None = None,
    ) -> None:
        """Without answered, an export without a password holds everything; without proved, mend opens all records.

        room is let go when the disk is full, and what did not fit is written once more.
        """
        self._connection = connection
        self._sealed = sealed
        self._own = own
        self._mark = mark
        self._chance = chance
        self._answered = answered
        self._proved = proved
        self._room = room
        # Entries that the newest mending took from the sealed copy: the journal had lost its end.
        self.came_back = 0
        # What stands is laid over the replica again after each pull; an entry's text never changes.
        self._read: dict[int, Entry] = {}
        self.device_id = own.device

    @property
    def last_number(self) -> int:
        """The number of the newest entry ever written."""
        with self._watched():
            return last_number(self._connection)

    def append(
        self,
        changes: Sequence[Change],
        *,
        author: UserId,
        at: Instant,
        zone: str,
        replica_as_of: Instant | None,
        depends_on: Sequence[EntryId] = (),
        replaces: EntryId | None = None,
    ) -> Entry:
        """Write one entry, durably, sealed copy included. Raises EntryMalformed, DiskFull or DiskFailed."""
        by = Author(user=author, at=at, zone=zone, replica_as_of=replica_as_of)
        builds_on = Builds(depends_on=tuple(dict.fromkeys(depends_on)), replaces=replaces)
        with self._watched():
            entry = self._with_room(partial(self._append, changes, by, builds_on))
        self._read[entry.number] = entry
        return entry

    def _append(self, changes: Sequence[Change], author: Author, builds_on: Builds) -> Entry:
        self._mark.reserve(last_number(self._connection) + 1)
        return append_entry(
            self._connection,
            self._sealed,
            changes,
            device=self.device_id,
            author=author,
            sign=self._own.sign,
            chance=self._chance,
            builds_on=builds_on,
        )

    def _with_room(self, write: Callable[[], _Written]) -> _Written:
        """Write; where the disk is full, with the room that is let go. What failed wrote nothing."""
        try:
            with disk_errors():
                return write()
        except DiskFull:
            if self._room is None or not self._room.let_go():
                raise
        return write()

    def standing(self, acknowledged: int, epoch: str) -> Iterable[Entry]:
        """Return what a replica of that epoch, acknowledged up to that number, may not show yet."""
        with self._watched():
            standing = list(standing_entries(self._connection, acknowledged, epoch, self._read))
        self._read = {one.entry.number: one.entry for one in standing}
        return [one.shown for one in standing if one.shown is not None]

    def newest(self, limit: int) -> Sequence[JournalRecord]:
        """Return the newest entries, newest first."""
        with self._watched():
            rows = self._connection.execute(f"{_RECORDS} ORDER BY number DESC LIMIT ?", (limit,)).fetchall()
        return [_record(row) for row in rows]

    def unsettled(self) -> Sequence[JournalRecord]:
        """Return the entries that were refused, and those that the district lets wait, newest first."""
        with self._watched():
            rows = self._connection.execute(f"{_RECORDS} WHERE {_UNSETTLED} ORDER BY number DESC").fetchall()
        return [_record(row) for row in rows]

    def entry(self, entry: EntryId) -> Entry | None:
        """Return one entry as it was written, None when it is not here. Raises EntryMalformed."""
        with self._watched():
            row = self._connection.execute("SELECT body FROM entries WHERE id = ?", (str(entry),)).fetchone()
        return None if row is None else entry_from_body(row[0])

    def waiting(self) -> Waiting:
        """Return how many clinical entries the district does not have yet, and how many it refused."""
        with self._watched():
            count, oldest = self._connection.execute(
                """SELECT count(*), min(authored_at) FROM entries
                   WHERE kind = 'clinical' AND (outcome IS NULL OR outcome = 'waiting')"""
            ).fetchone()
            # A note that an entry is lost was told when it was made; it asks nobody for anything more. Nor does one
            # that was said again.
            refused = self._connection.execute(
                """SELECT count(*) FROM entries WHERE outcome = 'refused' AND verb <> ?
                   AND NOT EXISTS (SELECT 1 FROM entries AS later WHERE later.replaces = entries.id)""",
                (LOST_VERB,),
            ).fetchone()[0]
        return Waiting(count=count, oldest=None if oldest is None else instant_from_text(oldest), refused=refused)

    def outcome_of(self, entry: EntryId) -> str | None:
        """Return the receipt's outcome, None while there is none."""
        with self._watched():
            row = self._connection.execute("SELECT outcome FROM entries WHERE id = ?", (str(entry),)).fetchone()
        return None if row is None else row[0]

    def unsent(self, *, after: int, epoch: str, limit: int, max_bytes: int) -> list[Unsent]:
        """Return the oldest entries that this epoch has not answered."""
        with self._watched():
            return receipts.unsent(self._connection, after=after, epoch=epoch, limit=limit, max_bytes=max_bytes)

    def waiting_numbers(self) -> frozenset[int]:
        """Return the numbers of all entries that the district has not answered for good."""
        with self._watched():
            return receipts.waiting_numbers(self._connection)

    def store_receipts(self, answers: Sequence[Receipt], *, epoch: str, at: Instant) -> None:
        """Keep the server's answers."""
        with self._watched():
            self._with_room(partial(receipts.store_receipts, self._connection, answers, epoch=epoch, at=at))

    def doubt_receipts_above(self, number: int) -> int:
        """Send the entries above number again; return how many."""
        with self._watched():
            doubted = receipts.doubt_receipts_above(self._connection, number)
        if doubted and self._answered is not None:
            self._answered.settle(min(number, self._answered.upto()))
        return doubted

    def go_on_above(self, number: int) -> None:
        """Never use a number up to this one: the district holds entries of this device that were lost here."""
        if self.last_number < number:
            self.remember("last_number", str(number))

    def close_gaps_above(self, number: int, at: Instant) -> Closed:
        """Find, or declare lost, what is missing here above the newest number that the district holds."""
        with self._watched():
            return close_gaps(self._connection, self._sealed, self._own, above=number, at=at)

    def trim(self, *, epoch: str, at: Instant) -> int:
        """Let long-answered entries go."""
        with self._watched():
            return receipts.trim(self._connection, epoch=epoch, at=at)

    def mend(self, at: Instant) -> Mended:
        """Make journal and sealed copy agree, and never go back behind a number that is known to be used."""
        with self._watched():
            mended = mend(self._connection, self._sealed, self._own, at, self._proved)
        self.came_back = mended.restored
        used = self._mark.used()
        if used is not None and used.exact:
            # Both files may have been put back from an older copy.
            self.go_on_above(used.upto)
        return mended

    def seal_what_does_not_read(self) -> None:
        """Put every entry whose record in the sealed copy is gone or does not open there once more."""
        there = survey(self._sealed.path, self._own).texts
        with self._watched():
            numbers = [number for (number,) in self._connection.execute("SELECT number FROM entries")]
            seal_again(self._connection, self._sealed, [number for number in numbers if number not in there])

    def save_draft(self, draft: IncidentDraft, *, author: UserId, at: Instant) -> IncidentDraft:
        """Keep an unfinished incident form, durably."""
        with self._watched():
            self._with_room(partial(drafts.save_draft, self._connection, draft, author=author, at=at))
            saved = drafts.one_draft(self._connection, draft.id)
        return draft if saved is None else saved

    def drafts(self) -> Sequence[tuple[IncidentDraft, UserId]]:
        """Return the unfinished forms and who began them, newest first."""
        with self._watched():
            return drafts.all_drafts(self._connection)

    def draft(self, incident: IncidentId) -> IncidentDraft | None:
        """Return one unfinished form."""
        with self._watched():
            return drafts.one_draft(self._connection, incident)

    def discard_draft(self, incident: IncidentId) -> None:
        """Forget an unfinished form."""
        with self._watched():
            drafts.discard_draft(self._connection, incident)

    def remember(self, name: str, value: str) -> None:
        """Keep one fact of the device."""
        with self._watched(), writing(self._connection):
            state.remember(self._connection, name, value)

    def recall(self, name: str) -> str | None:
        """Return a fact kept by remember."""
        with self._watched():
            return state.recall(self._connection, name)

    def close(self) -> None:
        """Close both files, say apart from them which number was the last, and forget what was read."""
        self._read.clear()
        try:
            last = last_number(self._connection)
            known = (last, receipts.answered_upto(self._connection, last))
        except sqlcipher.Error:
            # A page that does not read any more, or closed before: then nothing is said.
            known = None
        self._connection.close()
        self._sealed.close()
        if known is not None:
            self._mark.settle(known[0])
            if self._answered is not None:
                self._answered.settle(known[1])

    @contextmanager
    def _watched(self) -> Iterator[None]:
        try:
            with disk_errors():
                yield
        except Damaged:
            suspect(self._sealed.path.parent)
            raise JournalPageDamaged("a page of the journal does not read") from None


def _record(row: Sequence[Any]) -> JournalRecord:
    receipt = {} if row[7] is None else json.loads(row[7])
    return JournalRecord(
        number=int(row[0]),
        id=EntryId(UUID(row[1])),
        verb=row[2],
        student_id=row[3],
        author_id=UserId(UUID(row[4])),
        authored_at=instant_from_text(row[5]),
        outcome=row[6],
        code=receipt.get("code"),
        findings=tuple(receipt.get("findings", ())),
        fields=tuple(receipt.get("fields", ())),
        replaced_by=None if row[8] is None else EntryId(UUID(row[8])),
    )
