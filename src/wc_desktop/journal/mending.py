"""Journal and sealed copy, made to agree at every opening: each may know entries that the other lost."""

from dataclasses import dataclass

from wc_contract.wire.entries import EntryMalformed, entry_from_body
from wc_desktop.cipher.engine import Connection, writing
from wc_desktop.journal.entries import insert_entry
from wc_desktop.journal.sealed import SealedFile, SealedRecord, open_record
from wc_desktop.journal.state import recall


@dataclass(frozen=True, slots=True, kw_only=True)
class Mended:
    """How many entries came back into the journal, and how many were sealed again."""

    restored: int
    sealed_again: int


def mend(connection: Connection, sealed: SealedFile, *, device_key: bytes) -> Mended:
    """Make the journal hold what the sealed copy knows above it, and the sealed copy what the journal holds.

    A write-ahead log that lost its tail opens as healthy (trust.md, 4): only the sealed copy tells.
    """
    by_number = {record.number: record for record in sealed.records()}
    restored = _restore(connection, by_number, device_key)
    held = dict(connection.execute("SELECT number, hash FROM entries"))
    # A number may stand twice in the copy (a write that was taken back in vain): one record with our hash will do.
    copied = {(record.number, record.hash.hex()) for record in sealed.records()}
    again = [number for number, digest in held.items() if (number, digest) not in copied]
    for number in sorted(again):
        body, signature = connection.execute(
            "SELECT body, signature FROM entries WHERE number = ?", (number,)
        ).fetchone()
        sealed.append(number, body, signature)
    return Mended(restored=restored, sealed_again=len(again))


def _restore(connection: Connection, by_number: dict[int, SealedRecord], device_key: bytes) -> int:
    last = int(recall(connection, "last_number") or 0)
    lost = sorted(number for number in by_number if number > last)
    restored = 0
    with writing(connection):
        for number in lost:
            opened = open_record(by_number[number], device_key=device_key)
            if opened is None:
                continue
            try:
                entry = entry_from_body(opened.body)
            except EntryMalformed:
                continue
            insert_entry(connection, entry, opened.body, opened.signature)
            restored += 1
    return restored
