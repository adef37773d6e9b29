"""The journal as the rest of the program sees it."""

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any
from uuid import UUID

from wc_contract.model.changes import Change, Entry
from wc_contract.model.ids import Chance, DeviceId, EntryId, IncidentId, UserId
from wc_contract.model.instants import Instant, instant_from_text
from wc_contract.wire.messages import Receipt
from wc_desktop.cipher.engine import Connection, writing
from wc_desktop.cipher.faults import disk_errors
from wc_desktop.domain.screens import IncidentDraft
from wc_desktop.journal import drafts, receipts, state
from wc_desktop.journal.entries import Author, Sign, append_entry, standing_entries
from wc_desktop.journal.mending import Mended, mend
from wc_desktop.journal.receipts import Unsent
from wc_desktop.journal.sealed import SealedFile
from wc_desktop.ports import JournalRecord, Waiting

JOURNAL_FILE = "journal.db"
SEALED_FILE = "journal.sealed"


class DeviceJournal:
    """An open journal and its sealed copy. One thread uses it."""

    def __init__(
        self, connection: Connection, sealed: SealedFile, *, device_id: DeviceId, sign: Sign, chance: Chance
    ) -> None:
        self._connection = connection
        self._sealed = sealed
        self._sign = sign
        self._chance = chance
        # What stands is laid over the replica again after each pull; an entry's text never changes.
        self._read: dict[int, Entry] = {}
        self.device_id = device_id

    @property
    def last_number(self) -> int:
        """The number of the newest entry ever written."""
        return int(self.recall("last_number") or 0)

    def append(
        self, changes: Sequence[Change], *, author: UserId, at: Instant, zone: str, replica_as_of: Instant | None
    ) -> Entry:
        """Write one entry, durably, sealed copy included. Raises DiskFull or DiskFailed."""
        entry = append_entry(
            self._connection,
            self._sealed,
            changes,
            device=self.device_id,
            author=Author(user=author, at=at, zone=zone, replica_as_of=replica_as_of),
            sign=self._sign,
            chance=self._chance,
        )
        self._read[entry.number] = entry
        return entry

    def standing(self, acknowledged: int) -> Iterable[Entry]:
        """Return the clinical entries that a replica acknowledged up to that number does not show yet."""
        with disk_errors():
            standing = list(standing_entries(self._connection, acknowledged, self._read))
        self._read = {entry.number: entry for entry in standing}
        return standing

    def newest(self, limit: int) -> Sequence[JournalRecord]:
        """Return the newest entries, newest first."""
        with disk_errors():
            rows = self._connection.execute(
                """SELECT number, id, verb, student_id, author_id, authored_at, outcome, receipt
                   FROM entries ORDER BY number DESC LIMIT ?""",
                (limit,),
            ).fetchall()
        return [_record(row) for row in rows]

    def waiting(self) -> Waiting:
        """Return how many clinical entries the district does not have yet, and how many it refused."""
        with disk_errors():
            count, oldest = self._connection.execute(
                """SELECT count(*), min(authored_at) FROM entries
                   WHERE kind = 'clinical' AND (outcome IS NULL OR outcome = 'waiting')"""
            ).fetchone()
            refused = self._connection.execute("SELECT count(*) FROM entries WHERE outcome = 'refused'").fetchone()[0]
        return Waiting(count=count, oldest=None if oldest is None else instant_from_text(oldest), refused=refused)

    def outcome_of(self, entry: EntryId) -> str | None:
        """Return the receipt's outcome, None while there is none."""
        row = self._connection.execute("SELECT outcome FROM entries WHERE id = ?", (str(entry),)).fetchone()
        return None if row is None else row[0]

    def unsent(self, *, after: int, epoch: str, limit: int, max_bytes: int) -> list[Unsent]:
        """Return the oldest entries that this epoch has not answered."""
        with disk_errors():
            return receipts.unsent(self._connection, after=after, epoch=epoch, limit=limit, max_bytes=max_bytes)

    def store_receipts(self, answers: Sequence[Receipt], *, epoch: str, at: Instant) -> None:
        """Keep the server's answers."""
        receipts.store_receipts(self._connection, answers, epoch=epoch, at=at)

    def doubt_receipts_above(self, number: int) -> int:
        """Send the entries above number again; return how many."""
        return receipts.doubt_receipts_above(self._connection, number)

    def trim(self, *, epoch: str, at: Instant) -> int:
        """Let long-answered entries go."""
        return receipts.trim(self._connection, epoch=epoch, at=at)

    def mend(self, *, device_key: bytes) -> Mended:
        """Make journal and sealed copy agree."""
        return mend(self._connection, self._sealed, device_key=device_key)

    def save_draft(self, draft: IncidentDraft, *, author: UserId, at: Instant) -> IncidentDraft:
        """Keep an unfinished incident form, durably."""
        drafts.save_draft(self._connection, draft, author=author, at=at)
        saved = drafts.one_draft(self._connection, draft.id)
        return draft if saved is None else saved

    def drafts(self) -> Sequence[tuple[IncidentDraft, UserId]]:
        """Return the unfinished forms and who began them, newest first."""
        return drafts.all_drafts(self._connection)

    def draft(self, incident: IncidentId) -> IncidentDraft | None:
        """Return one unfinished form."""
        return drafts.one_draft(self._connection, incident)

    def discard_draft(self, incident: IncidentId) -> None:
        """Forget an unfinished form."""
        drafts.discard_draft(self._connection, incident)

    def remember(self, name: str, value: str) -> None:
        """Keep one fact of the device."""
        with writing(self._connection):
            state.remember(self._connection, name, value)

    def recall(self, name: str) -> str | None:
        """Return a fact kept by remember."""
        return state.recall(self._connection, name)

    def close(self) -> None:
        """Close both files and forget what was read from them."""
        self._read.clear()
        self._connection.close()
        self._sealed.close()


def journal_paths(folder: Path) -> tuple[Path, Path]:
    """Return where the journal and its sealed copy stand."""
    return folder / JOURNAL_FILE, folder / SEALED_FILE


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
    )
