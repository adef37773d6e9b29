"""Seals: what stood in the audit between two instants, line by line, chained and signed.

A seal names every line it covers by id and by the SHA-256 of its canonical text, so a line that was changed, taken
away or slipped in is found and named, not just its neighbourhood. Seals of a district follow each other without a gap
in number or time, each holds the hash of the one before, and the server signs each with a key that the database has
never seen. The canonical text is made by db.audit_lines; format 1 below says how everything else is hashed.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Protocol
from uuid import UUID

from wc_contract.model.ids import DistrictId
from wc_contract.model.instants import Instant

FORMAT = 1
NOTHING_BEFORE = bytes(32)  # what the first seal of a district follows
_ID, _DIGEST = 16, 32
_STEP = _ID + _DIGEST
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class Signer(Protocol):
    """Signs for this server; key_id names the key without giving it away."""

    @property
    def key_id(self) -> str: ...
    def sign(self, message: bytes) -> bytes: ...


class Verifier(Protocol):
    """Knows this server's signatures."""

    def signed(self, key_id: str, message: bytes, signature: bytes) -> bool: ...


@dataclass(frozen=True, slots=True)
class SealedLine:
    """One line of the audit as a seal names it."""

    id: UUID
    digest: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Seal:
    """What stood in the audit of a district from starts_at until before ends_at."""

    district: DistrictId
    number: int
    starts_at: Instant
    ends_at: Instant
    lines: int
    contents: bytes = field(repr=False)
    previous: bytes = field(repr=False)
    sealed_at: Instant
    key_id: str
    hash: bytes = field(repr=False)
    signature: bytes = field(repr=False)

    def named(self) -> Iterator[SealedLine]:
        """Yield the lines it names, in their order. A piece at the end that is no whole line is left out."""
        for at in range(0, len(self.contents) - _STEP + 1, _STEP):
            middle = at + _ID
            yield SealedLine(UUID(bytes=self.contents[at:middle]), self.contents[middle : at + _STEP])

    @property
    def whole(self) -> bool:
        """Whether it still says what its hash was taken of."""
        return self.hash == _hash(self) and len(self.contents) == self.lines * _STEP

    def signed_by(self, verifier: Verifier) -> bool:
        """Whether this server signed it."""
        return verifier.signed(self.key_id, _to_sign(self.hash), self.signature)


def make_seal(
    *,
    district: DistrictId,
    previous: Seal | None,
    starts_at: Instant,
    ends_at: Instant,
    lines: Iterable[SealedLine],
    sealed_at: Instant,
    signer: Signer,
) -> Seal:
    """Return the seal that follows previous, hashed and signed."""
    contents = b"".join(line.id.bytes + line.digest for line in lines)
    bare = Seal(
        district=district,
        number=1 if previous is None else previous.number + 1,
        starts_at=starts_at,
        ends_at=ends_at,
        lines=len(contents) // _STEP,
        contents=contents,
        previous=NOTHING_BEFORE if previous is None else previous.hash,
        sealed_at=sealed_at,
        key_id=signer.key_id,
        hash=b"",
        signature=b"",
    )
    return signed_again(bare, signer)


def signed_again(seal: Seal, signer: Signer) -> Seal:
    """Return seal with the hash and the signature that belong to what it says."""
    made = _hash(seal)
    return Seal(
        district=seal.district,
        number=seal.number,
        starts_at=seal.starts_at,
        ends_at=seal.ends_at,
        lines=seal.lines,
        contents=seal.contents,
        previous=seal.previous,
        sealed_at=seal.sealed_at,
        key_id=signer.key_id,
        hash=made,
        signature=signer.sign(_to_sign(made)),
    )


def digest_of(canonical: str) -> bytes:
    """Return the digest by which a seal names a line."""
    return sha256(canonical.encode()).digest()


def micros(at: Instant) -> int:
    """Return whole microseconds since 1970: how instants are hashed, whatever zone or style a session has."""
    return (at - _EPOCH) // _MICROSECOND


def _hash(seal: Seal) -> bytes:
    parts = (
        "white-cross audit seal",
        FORMAT,
        seal.district,
        seal.number,
        micros(seal.starts_at),
        micros(seal.ends_at),
        seal.lines,
        sha256(seal.contents).hexdigest(),
        seal.previous.hex(),
        micros(seal.sealed_at),
    )
    # No part can hold a line break, so the text reads back in one way only.
    return sha256("\n".join(map(str, parts)).encode()).digest()


def _to_sign(made: bytes) -> bytes:
    return b"white-cross audit seal\n" + made
