"""Journal and sealed copy, made to agree at every opening: each may know entries that the other lost."""

from collections.abc import Mapping
from dataclasses import dataclass

from wc_contract.model.instants import Instant
from wc_contract.wire.entries import body_hash
from wc_contract.wire.sealed import OpenedRecord, SealedRecord
from wc_desktop.cipher.engine import Connection, writing
from wc_desktop.journal.lost import lost_text
from wc_desktop.journal.proved import ProvedMark
from wc_desktop.journal.sealed import SealedFile, records_in
from wc_desktop.journal.survey import OwnKeys, content_of, survey, survey_of
from wc_desktop.journal.texts import insert_texts, last_number


@dataclass(frozen=True, slots=True, kw_only=True)
class Mended:
    """How many entries came back into the journal, and how many were sealed again."""

    restored: int
    sealed_again: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Closed:
    """Numbers that the journal lacked and the district did not have: those found again, and those lost for good."""

    found: tuple[int, ...]
    lost: tuple[int, ...]


def mend(
    connection: Connection, sealed: SealedFile, own: OwnKeys, at: Instant, proved: ProvedMark | None = None
) -> Mended:
    """Make the journal hold what the sealed copy knows above it, and the sealed copy what the journal holds.

    A write-ahead log that lost its tail opens as healthy (trust.md, 4): only the sealed copy tells. A record counts
    when it opens, or stands in what proved says was opened before and has not changed.
    """
    content = content_of(sealed.path)
    known = 0 if proved is None else proved.upto(content)
    looked_at = survey_of(content[known:], own)
    before = tuple(records_in(content[:known]))
    restored = _restore(connection, before, looked_at.texts, own, at)
    held = dict(connection.execute("SELECT number, hash FROM entries"))
    # A number may stand twice in the copy (a write that was taken back in vain): one record with our hash will do.
    copied = {(record.number, record.hash.hex()) for record in before}
    copied |= {(text.number, body_hash(text.body)) for text in looked_at.every}
    again = [number for number, digest in held.items() if (number, digest) not in copied]
    seal_again(connection, sealed, again)
    if proved is not None and not again:
        proved.settle(content, known)
    return Mended(restored=restored, sealed_again=len(again))


def seal_again(connection: Connection, sealed: SealedFile, numbers: list[int]) -> None:
    """Put the texts of these numbers into the sealed copy once more."""
    for number in sorted(numbers):
        body, signature = connection.execute(
            "SELECT body, signature FROM entries WHERE number = ?", (number,)
        ).fetchone()
        sealed.append(number, body, signature)


def _restore(
    connection: Connection,
    before: tuple[SealedRecord, ...],
    looked_at: Mapping[int, OpenedRecord],
    own: OwnKeys,
    at: Instant,
) -> int:
    last = last_number(connection)
    newer: dict[int, OpenedRecord] = {}
    for record in before:
        # What a record's head says is only a hint: the text inside it decides.
        opened = own.opened(record) if record.number > last else None
        if opened is not None and opened.number > last:
            newer[opened.number] = opened
    newer |= {number: text for number, text in looked_at.items() if number > last}
    if newer:
        with writing(connection):
            insert_texts(connection, newer.values(), at)
    return len(newer)


def close_gaps(connection: Connection, sealed: SealedFile, own: OwnKeys, *, above: int, at: Instant) -> Closed:
    """Find, or declare lost, the numbers above what the district holds that the journal lacks.

    Without a gap this costs one count. Raises DiskFull, DiskFailed; what was declared by then is sealed at the next
    opening.
    """
    last = last_number(connection)
    held = connection.execute("SELECT count(*) FROM entries WHERE number > ?", (above,)).fetchone()[0]
    if held >= last - above:
        return Closed(found=(), lost=())
    there = {number for (number,) in connection.execute("SELECT number FROM entries WHERE number > ?", (above,))}
    wanted = [number for number in range(above + 1, last + 1) if number not in there]
    texts = survey(sealed.path, own).texts
    found = [texts[number] for number in wanted if number in texts]
    lost = [_noted(own, number, at) for number in wanted if number not in texts]
    with writing(connection):
        insert_texts(connection, (*found, *lost), at)
    for text in lost:
        sealed.append(text.number, text.body, text.signature)
    return Closed(found=tuple(text.number for text in found), lost=tuple(text.number for text in lost))


def _noted(own: OwnKeys, number: int, at: Instant) -> OpenedRecord:
    body = lost_text(own.device, number, at)
    return OpenedRecord(number=number, body=body, signature=own.signature(body))
