"""Cursors of lists: where a page ended, sealed, because the key of a roster is a child's name."""

import base64
import binascii
from typing import Any

import orjson
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from wc_contract.model.ids import Chance

_NONCE = 12
_KEY = 32


class SealedCursors:
    """Writes cursors and reads its own again; one opens only for the list and the person it was written for."""

    def __init__(self, key: bytes, chance: Chance) -> None:
        self._aead = AESGCM(key[:_KEY])
        self._chance = chance

    def write(self, purpose: str, values: list[Any]) -> str:
        """Return values as a client keeps them."""
        nonce = self._chance.octets(_NONCE)
        sealed = self._aead.encrypt(nonce, orjson.dumps(values), purpose.encode())
        return base64.urlsafe_b64encode(nonce + sealed).decode("ascii").rstrip("=")

    def read(self, purpose: str, text: str) -> list[Any] | None:
        """Return what write was given; None for what is not ours, or for another purpose."""
        try:
            raw = base64.urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4))
            values = orjson.loads(self._aead.decrypt(raw[:_NONCE], raw[_NONCE:], purpose.encode()))
        except (ValueError, binascii.Error, UnicodeEncodeError, InvalidTag):
            return None
        return values if isinstance(values, list) else None
