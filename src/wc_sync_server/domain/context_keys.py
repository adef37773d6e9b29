"""The key that says on whose behalf a transaction runs: who has it is believed by the policies of the database."""

import hmac
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Final, Protocol

KEY_BYTES: Final = 32
_BLOCK = 64  # of SHA-256
_INNER, _OUTER = 0x36, 0x5C  # of RFC 2104
_NAMED_BY = 8


@dataclass(frozen=True, slots=True)
class ContextKey:
    """A secret of 32 bytes, shared by the server and the database's own functions."""

    secret: bytes = field(repr=False)

    def __post_init__(self) -> None:
        if len(self.secret) != KEY_BYTES:
            raise ValueError("a key of contexts has 32 bytes")

    @property
    def id(self) -> str:
        """The key's name: the beginning of a hash of it."""
        return sha256(b"wc-context-key" + self.secret).hexdigest()[: 2 * _NAMED_BY]

    @property
    def pads(self) -> tuple[bytes, bytes]:
        """What the database keeps: the two blocks that HMAC hashes first, so that sha256() is enough for it."""
        padded = self.secret.ljust(_BLOCK, b"\0")
        return bytes(each ^ _INNER for each in padded), bytes(each ^ _OUTER for each in padded)

    @classmethod
    def from_pads(cls, inner: bytes) -> "ContextKey":
        """Return the key whose inner block that is."""
        return cls(bytes(each ^ _INNER for each in inner[:KEY_BYTES]))

    def signed(self, *fields: str) -> str:
        """Return fields as one text with the key's name before them and their MAC behind."""
        text = "|".join((self.id, *fields))
        return f"{text}|{hmac.digest(self.secret, text.encode(), 'sha256').hex()}"


class ContextSigner(Protocol):
    """Knows the key that contexts are signed with at present."""

    def key(self) -> ContextKey:
        """Return it. Raises KeysUnusable where it cannot be had."""
        ...


@dataclass(frozen=True, slots=True)
class OneKey:
    """Signs with one key, for as long as it is used (ContextSigner)."""

    known: ContextKey

    def key(self) -> ContextKey:
        """Return it."""
        return self.known
