"""Secrets in columns: AES-256-GCM, bound to the cell they stand in.

A sealed value is version (1 byte), key id (4), nonce (12), then what AES-GCM made: 33 bytes more than the text.
Version 2 binds version, key id, table, row, column and district; version 1, of servers before the key ring, bound
table, row and column. Both are read, 2 is written.
"""

from typing import Final

from cryptography.exceptions import InvalidTag

from wc_contract.model.ids import Chance
from wc_sync_server.auth.key_ring import KEY_ID_BYTES, KeyRing
from wc_sync_server.domain.sealing import Cell, CellUnreadable

_FIRST: Final = b"\x01"
_PRESENT: Final = b"\x02"
_HEAD: Final = 1 + KEY_ID_BYTES
_NONCE: Final = 12
_TAG: Final = 16


class ColumnCipher:
    """Seals and opens single cells (domain.sealing.Sealer). A value copied to another cell does not open there."""

    def __init__(self, ring: KeyRing, chance: Chance) -> None:
        self._ring = ring
        self._chance = chance

    def seal(self, text: str, cell: Cell) -> bytes:
        key, nonce = self._ring.active(), self._chance.octets(_NONCE)
        head = _PRESENT + key.id
        return head + nonce + key.aead.encrypt(nonce, text.encode(), _bound(head, cell))

    def open(self, sealed: bytes, cell: Cell) -> str:
        head = sealed[:_HEAD]
        if head[:1] not in {_FIRST, _PRESENT} or len(sealed) < _HEAD + _NONCE + _TAG:
            raise CellUnreadable(f"{cell.table}.{cell.column} holds something that was never sealed, or was cut off")
        nonce, inner = sealed[_HEAD : _HEAD + _NONCE], sealed[_HEAD + _NONCE :]
        key = self._ring.key(head[1:])
        try:
            return key.aead.decrypt(nonce, inner, _bound(head, cell)).decode()
        except (InvalidTag, UnicodeDecodeError):
            raise CellUnreadable(f"{cell.table}.{cell.column} does not open") from None

    def current(self) -> bytes:
        return _PRESENT + self._ring.active().id


def key_of(beginning: bytes) -> str:
    """Return the id of the key that a sealed value names, from its first bytes."""
    return beginning[1:_HEAD].hex()


def _bound(head: bytes, cell: Cell) -> bytes:
    place = f"{cell.table}|{cell.row}|{cell.column}"
    if head[:1] == _FIRST:
        return place.encode()
    return head + f"|{place}|{cell.district}".encode()
