"""Putting texts back into a journal as they were signed: entries, notes of lost numbers, what no version here reads."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from wc_contract.model.instants import Instant, instant_to_text
from wc_contract.wire.entries import EntryMalformed, entry_from_body
from wc_contract.wire.sealed import OpenedRecord
from wc_desktop.cipher.engine import Connection
from wc_desktop.journal.entries import INSERT, insert_entry
from wc_desktop.journal.lost import LOST_VERB, is_lost_text
from wc_desktop.journal.state import recall, remember

# Written by a newer version of the program, as it seems: it is sent as it is, and its number stays its own.
UNREADABLE_VERB = "entry.unreadable"
NOBODY = UUID(int=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Restored:
    """How many entries came back, and how many notes of lost numbers."""

    entries: int
    notes: int


def insert_texts(connection: Connection, texts: Iterable[OpenedRecord], at: Instant) -> Restored:
    """Put texts in, whatever they are; the caller holds the transaction. The newest number never goes back.

    at is when a text counts as written that does not say it itself.
    """
    last = last_number(connection)
    clock = recall(connection, "hlc") or ""
    entries = notes = 0
    for text in sorted(texts, key=_number):
        try:
            entry = entry_from_body(text.body)
        except EntryMalformed:
            _insert_plain(connection, text, at)
            notes += is_lost_text(text.body)
        else:
            insert_entry(connection, entry, text.body, text.signature)
            clock = max(clock, entry.hlc)
            entries += 1
        last = max(last, text.number)
    remember(connection, "last_number", str(last))
    if clock:
        remember(connection, "hlc", clock)
    return Restored(entries=entries, notes=notes)


def last_number(connection: Connection) -> int:
    """Return the newest number, 0 before the first."""
    return int(recall(connection, "last_number") or 0)


def _number(text: OpenedRecord) -> int:
    return text.number


def _insert_plain(connection: Connection, text: OpenedRecord, at: Instant) -> None:
    digest = hashlib.sha256(text.body.encode()).hexdigest()
    connection.execute(
        INSERT,
        (
            text.number,
            str(_answered_as(text.body, digest)),
            text.body,
            digest,
            text.signature,
            instant_to_text(at),
            str(NOBODY),
            LOST_VERB if is_lost_text(text.body) else UNREADABLE_VERB,
            None,
            # Not clinical: no screen can show what does not read.
            "access",
            None,
        ),
    )


def _answered_as(body: str, digest: str) -> UUID:
    """Return the id under which the district answers a text that it cannot read: its own, or one made of its hash."""
    named = json.loads(body)
    try:
        return UUID(named["id"])
    except (KeyError, ValueError, TypeError, AttributeError):
        return UUID(digest[:32])
