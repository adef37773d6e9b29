"""The sealed copy: every entry once more, encrypted, in a plain append-only file.

It survives damage to the database files and a forgotten password: the district's key opens it, and so does the
seal key of this device, by which the journal is mended. How a record lies in the file: wc_contract.wire.sealed.
"""

import errno
import os
from collections.abc import Iterator
from pathlib import Path

from nacl.exceptions import CryptoError
from nacl.public import PrivateKey, PublicKey, SealedBox
from nacl.secret import SecretBox

from wc_contract.model.ids import Chance
from wc_contract.wire.sealed import MARK, OpenedRecord, SealedRecord, opened_record, record_at, sealed_record
from wc_desktop.cipher.whole_file import disk_refusals, is_no_room, sync_folder
from wc_desktop.domain.failures import DiskFailed, DiskFull

_CLOSED = -1


class SealedFile:
    """The append-only file beside the journal. Making one raises DiskFull and DiskFailed."""

    def __init__(self, path: Path, *, district: bytes, device: bytes, chance: Chance) -> None:
        self.path = path
        self._district = SealedBox(PublicKey(district))
        self._device = SealedBox(PublicKey(device))
        self._chance = chance
        with disk_refusals():
            self._handle = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0), 0o600)
            try:
                # Of an empty one nobody knows whether its name is durable: making it may have been cut off.
                if not os.fstat(self._handle).st_size:
                    sync_folder(path.parent)
            except OSError:
                self.close()
                raise

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
        return sealed_record(number, body, (self._district.encrypt(key), self._device.encrypt(key)), bytes(secret))


def _write_all(handle: int, record: bytes) -> None:
    if os.write(handle, record) != len(record):
        raise OSError(errno.ENOSPC, "short write")


def read_records(path: Path) -> Iterator[SealedRecord]:
    """Return every whole record of a sealed file; a damaged one is passed over to the next mark."""
    return records_in(path.read_bytes())


def records_in(content: bytes) -> Iterator[SealedRecord]:
    """Return every whole record of a sealed file's content."""
    place = content.find(MARK)
    while place >= 0:
        record, end = record_at(content, place)
        if record is not None:
            yield record
        place = content.find(MARK, end)


def open_record(record: SealedRecord, *, device_key: bytes) -> OpenedRecord | None:
    """Open a record with the device's private seal key; None when it is damaged or another's."""
    try:
        key = SealedBox(PrivateKey(device_key)).decrypt(record.key_for_device)
        plain = SecretBox(key).decrypt(record.secret)
    except (CryptoError, ValueError):
        return None
    return opened_record(record, plain)
