"""The sealed copy: every entry once more, encrypted, in a plain append-only file.

It survives damage to the database files and a forgotten password: the district's key opens it, and so does the
seal key of this device, by which the journal is mended. A record, all numbers big-endian:

    16 octets mark · u32 length of the rest · u64 number · 32 octets SHA-256 of the body
    · 80 octets content key sealed to the district · 80 octets content key sealed to the device
    · secretbox(content key; signature (64 octets) + body)

The mark lets a reader find the next record after a damaged one.
"""

import errno
import hashlib
import json
import os
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from nacl.exceptions import CryptoError
from nacl.public import PrivateKey, PublicKey, SealedBox
from nacl.secret import SecretBox

from wc_contract.model.ids import Chance
from wc_desktop.cipher.whole_file import is_no_room, sync_folder
from wc_desktop.domain.failures import DiskFailed, DiskFull

MARK = bytes.fromhex("9b57436a6f75726e616c0d0a1a0a3101")
_HEAD = struct.Struct(">16sIQ32s")
_SEALED_KEY = 80
_SIGNATURE = 64
_REST = 8 + 32 + 2 * _SEALED_KEY
_MAX_RECORD = 1 << 20
_CLOSED = -1


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedRecord:
    """One record as it stands in the file; what it says is opened with open_record."""

    number: int
    hash: bytes
    sealed: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenedRecord:
    """An entry's text and signature, as they were signed. number is what the text says, not the record's head."""

    number: int
    body: str = field(repr=False)
    signature: bytes


class SealedFile:
    """The append-only file beside the journal."""

    def __init__(self, path: Path, *, district: bytes, device: bytes, chance: Chance) -> None:
        self.path = path
        self._district = SealedBox(PublicKey(district))
        self._device = SealedBox(PublicKey(device))
        self._chance = chance
        is_new = not path.exists()
        self._handle = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0), 0o600)
        if is_new:
            sync_folder(path.parent)

    def append(self, number: int, body: str, signature: bytes) -> int:
        """Write one record, with one sync; return the place where it begins, for take_back.

        Raises DiskFull or DiskFailed; then nothing was added.
        """
        record = self._record(number, body.encode(), signature)
        place = os.lseek(self._handle, 0, os.SEEK_END)
        try:
            _write_all(self._handle, record)
            os.fsync(self._handle)
        except OSError as error:
            self.take_back(place)
            raise (
                DiskFull("no room for the sealed copy")
                if is_no_room(error)
                else DiskFailed("the sealed copy was not written")
            ) from None
        return place

    def take_back(self, place: int) -> None:
        """Cut off the record that begins at place: its entry was not committed."""
        try:
            os.ftruncate(self._handle, place)
        except OSError:
            # What stays behind is found at the next opening; nothing is lost by it.
            return

    def records(self) -> Iterator[SealedRecord]:
        """Return every whole record; damaged stretches are passed over."""
        return read_records(self.path)

    def close(self) -> None:
        """Close the file. Twice does no harm: the number of a closed handle may be another file's by then."""
        handle, self._handle = self._handle, _CLOSED
        if handle != _CLOSED:
            os.close(handle)

    def _record(self, number: int, body: bytes, signature: bytes) -> bytes:
        key = self._chance.octets(SecretBox.KEY_SIZE)
        secret = SecretBox(key).encrypt(signature + body, self._chance.octets(SecretBox.NONCE_SIZE))
        sealed = self._district.encrypt(key) + self._device.encrypt(key) + bytes(secret)
        length = 8 + 32 + len(sealed)
        return _HEAD.pack(MARK, length, number, hashlib.sha256(body).digest()) + sealed


def _write_all(handle: int, record: bytes) -> None:
    if os.write(handle, record) != len(record):
        raise OSError(errno.ENOSPC, "short write")


def read_records(path: Path) -> Iterator[SealedRecord]:
    """Return every whole record of a sealed file; a damaged one is passed over to the next mark."""
    content = path.read_bytes()
    place = content.find(MARK)
    while place >= 0:
        record, end = record_at(content, place)
        if record is not None:
            yield record
        place = content.find(MARK, end)


def record_at(content: bytes, place: int) -> tuple[SealedRecord | None, int]:
    """Return the record whose mark stands at place, and where to look for the next one."""
    if place + _HEAD.size > len(content):
        return None, len(content)
    _, length, number, digest = _HEAD.unpack_from(content, place)
    end = place + 20 + length
    if not _REST < length <= _MAX_RECORD or end > len(content):
        return None, place + len(MARK)
    return SealedRecord(number=number, hash=digest, sealed=content[place + _HEAD.size : end]), end


def open_record(record: SealedRecord, *, device_key: bytes) -> OpenedRecord | None:
    """Open a record with the device's private seal key; None when it is damaged or another's."""
    try:
        key = SealedBox(PrivateKey(device_key)).decrypt(record.sealed[_SEALED_KEY : 2 * _SEALED_KEY])
        plain = SecretBox(key).decrypt(record.sealed[2 * _SEALED_KEY :])
        body = plain[_SIGNATURE:].decode()
    except (CryptoError, ValueError):
        return None
    number = number_in(body)
    if number is None or hashlib.sha256(plain[_SIGNATURE:]).digest() != record.hash:
        return None
    return OpenedRecord(number=number, body=body, signature=plain[:_SIGNATURE])


def number_in(body: str) -> int | None:
    """Return the number that a text names, None when it names none."""
    try:
        named = json.loads(body)
    except ValueError:
        return None
    number = named.get("number") if isinstance(named, dict) else None
    return number if isinstance(number, int) and not isinstance(number, bool) and number > 0 else None
