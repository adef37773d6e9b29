"""How a sealed entry lies in a file: in the workstation's sealed copy, and in what is carried to the district by hand.

A record, all numbers big-endian:

    16 octets mark · u32 length of the rest · u64 number · 32 octets SHA-256 of the body
    · 80 octets content key sealed to the district · 80 octets content key sealed to the device
    · secretbox(content key; signature (64 octets) + body)

The mark lets a reader find the next record after a damaged one. Whoever opens a record knows that it is whole: it is
authenticated, and its text has the hash that stands before it. Opening is each program's own; here is only the frame.
"""

import hashlib
import json
import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Generic, TypeVar

MARK = bytes.fromhex("9b57436a6f75726e616c0d0a1a0a3101")
HEAD = struct.Struct(">16sIQ32s")
SEALED_KEY = 80
SIGNATURE = 64

_REST = 8 + 32 + 2 * SEALED_KEY
_MAX_RECORD = 1 << 20

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedRecord:
    """One record as it stands in the file; what its head says is only a hint, the text inside it counts."""

    number: int
    hash: bytes
    sealed: bytes = field(repr=False)

    @property
    def key_for_district(self) -> bytes:
        """The content key, sealed to the district."""
        return self.sealed[:SEALED_KEY]

    @property
    def key_for_device(self) -> bytes:
        """The content key, sealed to the device."""
        return self.sealed[SEALED_KEY : 2 * SEALED_KEY]

    @property
    def secret(self) -> bytes:
        """Signature and text, under the content key."""
        return self.sealed[2 * SEALED_KEY :]


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenedRecord:
    """An entry's text and signature, as they were signed. number is what the text says, not the record's head."""

    number: int
    body: str = field(repr=False)
    signature: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Found(Generic[T]):
    """A place where a record begins. record: None when not even its frame is whole; opened: None when it does not."""

    start: int
    end: int
    record: SealedRecord | None
    opened: T | None


def sealed_record(number: int, body: bytes, keys: tuple[bytes, bytes], secret: bytes) -> bytes:
    """Return a record. keys: the content key sealed to the district, and to the device."""
    sealed = keys[0] + keys[1] + secret
    return HEAD.pack(MARK, 8 + 32 + len(sealed), number, hashlib.sha256(body).digest()) + sealed


def record_at(content: bytes, place: int) -> tuple[SealedRecord | None, int]:
    """Return the record whose mark stands at place, and where to look for the next one."""
    if place + HEAD.size > len(content):
        return None, len(content)
    _, length, number, digest = HEAD.unpack_from(content, place)
    end = place + 20 + length
    if not _REST < length <= _MAX_RECORD or end > len(content):
        return None, place + len(MARK)
    return SealedRecord(number=number, hash=digest, sealed=content[place + HEAD.size : end]), end


def find_records(content: bytes, opened: Callable[[SealedRecord], T | None]) -> Iterator[Found[T]]:
    """Yield every place where a record begins. One that does not open hides none of those behind it."""
    place = content.find(MARK)
    while place >= 0:
        record, end = record_at(content, place)
        made = None if record is None else opened(record)
        if made is None:
            # Its length may be what is damaged: look right behind its mark.
            end = place + len(MARK)
        yield Found(start=place, end=end, record=record, opened=made)
        place = content.find(MARK, end)


def opened_record(record: SealedRecord, plain: bytes) -> OpenedRecord | None:
    """Return what the opened secret of a record says; None when it is not what the record's head promised."""
    text = plain[SIGNATURE:]
    if hashlib.sha256(text).digest() != record.hash:
        return None
    try:
        body = text.decode()
    except UnicodeDecodeError:
        return None
    number = number_in(body)
    return None if number is None else OpenedRecord(number=number, body=body, signature=plain[:SIGNATURE])


def number_in(body: str) -> int | None:
    """Return the number that a text names, None when it names none."""
    try:
        named = json.loads(body)
    except ValueError:
        return None
    number = named.get("number") if isinstance(named, dict) else None
    return number if isinstance(number, int) and not isinstance(number, bool) and number > 0 else None
