"""Secrets in columns: AES-256-GCM, bound to the cell they stand in."""

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from wc_contract.model.errors import Defect
from wc_contract.model.ids import Chance

_FORMAT = b"\x01"
_NONCE = 12
_KEY_ID = 4


class CellUnreadable(Defect):
    """A cell was encrypted with another key, stood in another row, or was damaged."""

    code = "cell_unreadable"


class ColumnCipher:
    """Encrypts and decrypts single cells. A cell copied to another row or column does not open there."""

    def __init__(self, key_id: bytes, key: bytes, chance: Chance) -> None:
        self._key_id = key_id
        self._aead = AESGCM(key)
        self._chance = chance

    def seal(self, value: str, *, table: str, row: object, column: str) -> bytes:
        """Return value as bytes for that cell."""
        nonce = self._chance.octets(_NONCE)
        return _FORMAT + self._key_id + nonce + self._aead.encrypt(nonce, value.encode(), _place(table, row, column))

    def open(self, cell: bytes, *, table: str, row: object, column: str) -> str:
        """Return what seal was given. Raises CellUnreadable."""
        start = len(_FORMAT) + _KEY_ID
        if cell[: len(_FORMAT)] != _FORMAT or cell[len(_FORMAT) : start] != self._key_id:
            raise CellUnreadable(f"{table}.{column} was encrypted with another key")
        nonce, sealed = cell[start : start + _NONCE], cell[start + _NONCE :]
        try:
            return self._aead.decrypt(nonce, sealed, _place(table, row, column)).decode()
        except InvalidTag as error:
            raise CellUnreadable(f"{table}.{column} does not open") from error


def _place(table: str, row: object, column: str) -> bytes:
    return f"{table}|{row}|{column}".encode()
