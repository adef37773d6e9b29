"""Nonces that the server need not remember: a time and chance under a MAC, good for a few minutes."""

import base64
import binascii
import hmac
from hashlib import sha256

from wc_contract.model.ids import Chance
from wc_contract.model.instants import Clock

LIFETIME_SECONDS = 300
_TAG = 16
_BODY = 16
_FUTURE_SECONDS = 5  # another process of the server may be a little ahead


class Nonces:
    """Makes nonces and knows its own again."""

    def __init__(self, key: bytes, clock: Clock, chance: Chance) -> None:
        self._key = key
        self._clock = clock
        self._chance = chance

    def fresh(self) -> str:
        """Return a new nonce."""
        body = int(self._clock.now().timestamp()).to_bytes(8, "big") + self._chance.octets(8)
        return base64.urlsafe_b64encode(body + self._tag(body)).decode("ascii").rstrip("=")

    def good(self, nonce: str) -> bool:
        """Return whether nonce is ours and young enough."""
        try:
            raw = base64.urlsafe_b64decode(nonce.encode("ascii") + b"=" * (-len(nonce) % 4))
        except (ValueError, binascii.Error, UnicodeEncodeError):
            return False
        body, tag = raw[:_BODY], raw[_BODY:]
        if not hmac.compare_digest(tag, self._tag(body)):
            return False
        age = int(self._clock.now().timestamp()) - int.from_bytes(body[:8], "big")
        return -_FUTURE_SECONDS <= age <= LIFETIME_SECONDS

    def _tag(self, body: bytes) -> bytes:
        return hmac.digest(self._key, b"wc-nonce-1" + body, sha256)[:_TAG]
