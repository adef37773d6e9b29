"""Content for tests of photos and documents: it begins like a picture, and a marker stands in every kilobyte."""

import random

CANARY = b"Canary-Marker-Zebulon-Quist"


def picture(size: int = 300_000, *, seed: int = 1, head: bytes = b"\xff\xd8\xff\xe0") -> bytes:
    """Return content of that size; another seed, other content."""
    body = bytearray(head + random.Random(seed).randbytes(size - len(head)))
    for place in range(64, size - len(CANARY), 1_024):
        body[place : place + len(CANARY)] = CANARY
    return bytes(body)
