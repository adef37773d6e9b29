"""Versions that both sides name in every message."""

from datetime import timedelta
from typing import Final

PROTOCOL: Final = 1
ENTRY_SCHEMA = 3
# How rows of a pull are shaped. 1: the columns that every workstation ever released knows, unnamed. 2: whatever the
# server has, named in the header.
UNNAMED, NAMED = 1, 2
SUPPORTED_PROTOCOLS: tuple[int, ...] = (1,)

MAX_PUSH_ENTRIES = 500
FIRST_PUSH_ENTRIES = 200  # what every server ever released takes
MAX_PUSH_BYTES = 1_048_576
MAX_ENTRY_BYTES = 131_072
MAX_CHANGES = 20
MAX_FIELDS = 60  # of one record
MAX_COMPARED = 20_000  # records named in one request for repair: about a megabyte
MAX_NUMBER = 2_147_483_647  # a column of four bytes
KEPT: Final = timedelta(days=35)  # a workstation keeps what was answered, and sends it again after a restore
MAX_OFFSET_MS = 10**13  # three centuries: a workstation clock may be that wrong


def version_key(version: str) -> tuple[int, ...]:
    """Return a program's version so that versions compare; anything that is no number counts as 0."""
    return tuple(int(part) if part.isascii() and part.isdigit() else 0 for part in version.split(".")[:4])
