"""Writing entries: one transaction, one sync a file, on the disk before anyone is told so."""

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import assert_never

from wc_contract.model.changes import AccessRecorded, Change, DoseLogged, Entry, IncidentSigned
from wc_contract.model.ids import Chance, DeviceId, EntryId, UserId, new_uuid
from wc_contract.model.instants import Instant, instant_to_text, whole_millis
from wc_contract.wire.entries import entry_from_body, entry_to_body
from wc_desktop.cipher.engine import Connection, writing
from wc_desktop.domain.hybrid_clock import next_tick
from wc_desktop.journal.sealed import SealedFile
from wc_desktop.journal.state import recall, remember

Sign = Callable[[bytes], bytes]

INSERT = """INSERT INTO entries
    (number, id, body, hash, signature, authored_at, author_id, verb, student_id, kind)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"""
# A refused entry stays in view whatever the replica acknowledges: its fact happened.
_STANDING = """SELECT number, body FROM entries
    WHERE kind = 'clinical' AND (number > ? OR outcome = 'refused') ORDER BY number"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Author:
    """Who writes, and what they could see."""

    user: UserId
    at: Instant
    zone: str
    replica_as_of: Instant | None


def append_entry(
    connection: Connection,
    sealed: SealedFile,
    changes: Sequence[Change],
    *,
    device: DeviceId,
    author: Author,
    sign: Sign,
    chance: Chance,
) -> Entry:
    """Write one entry under the next number.

    Raises EntryMalformed (naming fields), DiskFull or DiskFailed; then it was not written.
    """
    place: int | None = None
    try:
        with writing(connection):
            entry = _next_entry(connection, tuple(changes), device, author, chance)
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
    return Entry(
        number=int(recall(connection, "last_number") or 0) + 1,
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
    )


def insert_entry(connection: Connection, entry: Entry, body: str, signature: bytes) -> None:
    """Put an entry's text into the journal; the caller holds the transaction."""
    verb, student = _subject(entry.changes[0])
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
        ),
    )
    remember(connection, "last_number", str(entry.number))
    remember(connection, "hlc", entry.hlc)


def _subject(change: Change) -> tuple[str, str | None]:
    match change:
        case DoseLogged():
            return "dose.log", str(change.student_id)
        case IncidentSigned():
            return "incident.sign", None if change.student_id is None else str(change.student_id)
        case AccessRecorded():
            return "access.record", change.entity_id if change.entity_type == "student" else None
        case _:
            assert_never(change)


def standing_entries(connection: Connection, acknowledged: int, known: Mapping[int, Entry]) -> Iterator[Entry]:
    """Return clinical entries above acknowledged, and refused ones, in order; known ones are not read again."""
    for number, body in connection.execute(_STANDING, (acknowledged,)):
        yield known.get(number) or entry_from_body(body)
