"""The key that seals the audit: Ed25519, in the key folder, never in the database."""

from hashlib import sha256

from nacl.exceptions import BadSignatureError
from nacl.signing import SigningKey, VerifyKey

_NAMED_BY = 8


class AuditVerifier:
    """Knows signatures by public keys (audit.seals.Verifier): the present one, and those of earlier key folders."""

    def __init__(self, *public: bytes) -> None:
        self._keys = {key_id_of(key): VerifyKey(key) for key in public}

    def signed(self, key_id: str, message: bytes, signature: bytes) -> bool:
        """Return whether the key of that name signed message."""
        key = self._keys.get(key_id)
        if key is None:
            return False
        try:
            key.verify(message, signature)
        except (BadSignatureError, ValueError):
            return False
        return True


class AuditKey:
    """Signs seals, anchors and archives (audit.seals.Signer)."""

    def __init__(self, key: bytes) -> None:
        self._key = SigningKey(key)

    @property
    def public(self) -> bytes:
        """What an auditor needs to check signatures, and may keep anywhere."""
        return bytes(self._key.verify_key)

    @property
    def key_id(self) -> str:
        """The key's name: the beginning of its public half's hash."""
        return key_id_of(self.public)

    def sign(self, message: bytes) -> bytes:
        """Return the signature of message."""
        return bytes(self._key.sign(message).signature)

    def verifier(self, *earlier: bytes) -> AuditVerifier:
        """Return what knows this key's signatures, and those of earlier public keys."""
        return AuditVerifier(self.public, *earlier)


def key_id_of(public: bytes) -> str:
    """Return the name of a public key."""
    return sha256(public).hexdigest()[: 2 * _NAMED_BY]
