"""Pieces of photos and documents: AES-256-GCM under a key of each content's own, bound to the place of the piece.

A closed piece is nonce (12 bytes), then what AES-GCM made: 28 bytes more than the piece. The key is random, belongs to
one content and is itself sealed by the ring: to rotate the ring is to seal keys, not content.
"""

from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from wc_contract.model.ids import Chance
from wc_sync_server.domain.blobs import PieceDamaged, PiecePlace

_KEY: Final = 32
_NONCE: Final = 12


class AesPieces:
    """domain.blobs.PieceCipher."""

    def __init__(self, chance: Chance) -> None:
        self._chance = chance

    def fresh_key(self) -> bytes:
        return self._chance.octets(_KEY)

    def close(self, plain: bytes, key: bytes, place: PiecePlace) -> bytes:
        # By chance and not by the place: a transaction that was rolled back has used its nonce already.
        nonce = self._chance.octets(_NONCE)
        return nonce + AESGCM(key).encrypt(nonce, plain, _bound(place))

    def open(self, closed: bytes, key: bytes, place: PiecePlace) -> bytes:
        try:
            return AESGCM(key).decrypt(closed[:_NONCE], closed[_NONCE:], _bound(place))
        except (InvalidTag, ValueError):
            raise PieceDamaged(f"a piece of blob {place.blob} does not open") from None


def _bound(place: PiecePlace) -> bytes:
    return f"wc-piece-1|{place.district}|{place.blob}|{place.start}".encode()
