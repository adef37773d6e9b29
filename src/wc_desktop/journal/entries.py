"""Writing entries: one transaction, one sync a file, on the disk before anyone is told so."""

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import assert_never

from wc_contract.model.changes import (
    AccessRecorded,
    CaseAnswered,
    Change,
    DoseLogged,
    Entry,
    IncidentSigned,
    RecordAdded,
    RecordChanged,
    is_fact,
)
from wc_contract.model.ids import Chance, DeviceId, EntryId, UserId, new_uuid
from wc_contract.model.instants import Instant, instant_to_text, whole_millis
from wc_contract.wire.codes import Outcome
from wc_contract.wire.entries import entry_from_body, entry_to_body
from wc_desktop.cipher.engine import Connection, writing
from wc_desktop.domain.hybrid_clock import next_tick
from wc_desktop.journal.schema import OF_ANOTHER_EPOCH, UNANSWERED
from wc_desktop.journal.sealed import SealedFile
from wc_desktop.journal.state import recall, remember

Sign = Callable[[bytes], bytes]

INSERT = """INSERT INTO entries
    (number, id, body, hash, signature, authored_at, author_id, verb, student_id, kind, replaces)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"""
# What has no answer, was refused or has to wait stays in view whatever the replica acknowledges: its fact happened. So
# does what another epoch answered than the replica's: the server may have gone back behind it. On a forked device the
# number acknowledged may stand for another text.
_STANDING = f"""SELECT number, body, outcome FROM entries
    WHERE kind = 'clinical' AND number IN (
        SELECT number FROM entries WHERE number > :acknowledged
        UNION ALL SELECT number FROM entries WHERE {OF_ANOTHER_EPOCH}
        UNION ALL SELECT number FROM entries WHERE outcome = 'refused'
        UNION ALL SELECT number FROM entries WHERE {UNANSWERED})
    AND NOT EXISTS (SELECT 1 FROM entries AS later WHERE later.replaces = entries.id) ORDER BY number"""  # noqa: S608  # words of our own


@dataclass(frozen=True, slots=True, kw_only=True)
class Author:
    """Who writes, and what they could see."""

    user: UserId
    at: Instant
    zone: str
    replica_as_of: Instant | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Builds:
    """The entries without which a new one means nothing, and the refused one that it says again."""

    depends_on: tuple[EntryId, ...] = ()
    replaces: EntryId | None = None


NOTHING = Builds()


def append_entry(
    connection: Connection,
    sealed: SealedFile,
    changes: Sequence[Change],
    *,
    device: DeviceId,
    author: Author,
    sign: Sign,
    chance: Chance,
    builds_on: Builds = NOTHING,
) -> Entry:
    """Write one entry under the next number.

    Raises EntryMalformed (naming fields), DiskFull or DiskFailed; then it was not written.
    """
    place: int | None = None
    try:
        with writing(connection):
            entry = replace(
                _next_entry(connection, tuple(changes), device, author, chance),
                depends_on=builds_on.depends_on,
                replaces=builds_on.replaces,
            )
            body = entry_to_body(entry)
            # Nothing gets in that could not be sent: a text too long is told now, while the nurse is there.
            entry_from_body(body)
            signature = sign(hashlib.sha256(body.encode()).digest())
            insert_entry(connection, entry, body, signature)
            # Before the commit: should the commit not survive, the next opening takes the entry from here.
            place = sealed.append(entry.number, body, signature)
    except BaseException:
        if place is not None:
            sealed.take_back(place)
        raise
    return entry


def _next_entry(
    connection: Connection, changes: tuple[Change, ...], device: DeviceId, author: Author, chance: Chance
) -> Entry:
    at = whole_millis(author.at)
    offset = recall(connection, "clock_offset_ms")
    last = int(recall(connection, "last_number") or 0)
    before = connection.execute("SELECT hash FROM entries WHERE number = ?", (last,)).fetchone()
    return Entry(
        number=last + 1,
        id=EntryId(new_uuid(at, chance)),
        device_id=device,
        author_id=author.user,
        authored_at=at,
        zone=author.zone,
        hlc=next_tick(recall(connection, "hlc"), at, device),
        clock_offset_ms=None if offset is None else int(offset),
        replica_as_of=author.replica_as_of,
        depends_on=(),
        changes=changes,
        previous=None if before is None else str(before[0]),
    )


def insert_entry(connection: Connection, entry: Entry, body: str, signature: bytes) -> None:
    """Put an entry's text into the journal; the caller holds the transaction."""
    verb, student = _subject(entry.changes)
    clinical = any(not isinstance(change, AccessRecorded) for change in entry.changes)
    connection.execute(
        INSERT,
        (
            entry.number,
            str(entry.id),
            body,
            hashlib.sha256(body.encode()).hexdigest(),
            signature,
            instant_to_text(entry.authored_at),
            str(entry.author_id),
            verb,
            student,
            "clinical" if clinical else "access",
            None if entry.replaces is None else str(entry.replaces),
        ),
    )
    remember(connection, "last_number", str(entry.number))
    remember(connection, "hlc", entry.hlc)


def _subject(changes: Sequence[Change]) -> tuple[str, str | None]:
    """Return what lists call an entry, and the first child it names; an entry may touch several records."""
    named = (student for _, student in map(_named, changes) if student is not None)
    return _named(changes[0])[0], next(named, None)


def _named(change: Change) -> tuple[str, str | None]:
    match change:
        case DoseLogged():
            return "dose.log" if change.amends_id is None else "dose.amend", str(change.student_id)
        case IncidentSigned():
            return "incident.sign", None if change.student_id is None else str(change.student_id)
        case AccessRecorded():
            return "access.record", change.entity_id if change.entity_type == "student" else None
        case RecordAdded():
            return f"record.add:{change.kind}", _student(change.values)
        case RecordChanged():
            return f"record.change:{change.kind}", _student(change.base)
        case CaseAnswered():
            return "case.answer", None
        case _:
            assert_never(change)


def _student(values: Mapping[str, object]) -> str | None:
    student = values.get("student_id")
    return None if student is None else str(student)


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """An entry that a replica does not show yet, and what the server said of it."""

    entry: Entry
    outcome: str | None

    @property
    def shown(self) -> Entry | None:
        """The part of it that counts in view, None when none does.

        Of a refused entry that is what it says happened. What it would have changed or voided does not stand, and where
        it would have answered a case nothing of it does: the case is open, its drug blocked.
        """
        if self.outcome != Outcome.REFUSED.value:
            return self.entry
        changes = self.entry.changes
        facts = tuple(change for change in changes if is_fact(change) or isinstance(change, RecordAdded))
        if not facts or any(isinstance(change, CaseAnswered) for change in changes):
            return None
        return replace(self.entry, changes=facts)


def standing_entries(
    connection: Connection, acknowledged: int, epoch: str, known: Mapping[int, Entry]
) -> Iterator[Standing]:
    """Yield clinical entries that a replica of epoch may lack, refused and waiting ones, in order.

    Those above acknowledged, and those that epoch has not answered. known ones are not read again.
    """
    for number, body, outcome in connection.execute(_STANDING, {"acknowledged": acknowledged, "epoch": epoch}):
        yield Standing(entry=known.get(number) or entry_from_body(body), outcome=outcome)
