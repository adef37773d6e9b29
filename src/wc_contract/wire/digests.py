"""Digests by which a replica and the server prove to each other that they hold the same records."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

DIGEST_MODULUS = 1 << 60  # the server sums the same 60 bits in SQL
SLICES = 256


@dataclass(frozen=True, slots=True, kw_only=True)
class KindDigest:
    """How many records of a kind, and the order-free sum of their ids and versions modulo 2**60."""

    count: int
    sum: int

    def plus(self, other: "KindDigest") -> "KindDigest":
        """Return the digest of both parts of a kind together."""
        return KindDigest(count=self.count + other.count, sum=(self.sum + other.sum) % DIGEST_MODULUS)


def digest_rows(rows: Iterable[tuple[str, int]]) -> KindDigest:
    """Return the digest of (id, row_version) pairs."""
    count = total = 0
    for record_id, version in rows:
        count += 1
        hashed = hashlib.md5(f"{record_id}:{version}".encode(), usedforsecurity=False).digest()
        total += int.from_bytes(hashed[:8], "big") >> 4
    return KindDigest(count=count, sum=total % DIGEST_MODULUS)


def slice_of(record_id: str) -> int:
    """Return the slice of its kind that a record belongs to: the first byte of its id's MD5."""
    return hashlib.md5(record_id.encode(), usedforsecurity=False).digest()[0]
