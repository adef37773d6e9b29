"""Authenticated encryption of small secrets: XChaCha20-Poly1305 with what they belong to bound in."""

from nacl.bindings import (
    crypto_aead_xchacha20poly1305_ietf_decrypt,
    crypto_aead_xchacha20poly1305_ietf_encrypt,
    crypto_aead_xchacha20poly1305_ietf_NPUBBYTES,
)
from nacl.exceptions import CryptoError

from wc_contract.model.ids import Chance

NONCE_BYTES = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES


class NotOpened(Exception):  # reads as a sentence
    """The key is another one, or the text or what it belongs to was changed."""


def close_envelope(secret: bytes, key: bytes, belongs_to: str, chance: Chance) -> bytes:
    """Return secret encrypted under key and bound to belongs_to."""
    nonce = chance.octets(NONCE_BYTES)
    return nonce + crypto_aead_xchacha20poly1305_ietf_encrypt(secret, belongs_to.encode(), nonce, key)


def open_envelope(envelope: bytes, key: bytes, belongs_to: str) -> bytes:
    """Return what close_envelope was given. Raises NotOpened."""
    nonce, text = envelope[:NONCE_BYTES], envelope[NONCE_BYTES:]
    try:
        return crypto_aead_xchacha20poly1305_ietf_decrypt(text, belongs_to.encode(), nonce, key)
    except (CryptoError, ValueError):
        raise NotOpened from None
