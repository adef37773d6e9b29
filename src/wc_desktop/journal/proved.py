"""How much of the sealed copy was opened and found whole, so that no unlock opens all of it again.

Only a whole look tells that a record's body is whole: its head is not bound to it. The look is remembered by length and
hash of what was looked at; a single octet that changes makes the next opening look at everything once more.
"""

import hashlib
from contextlib import suppress
from typing import Final

from wc_desktop.domain.failures import DiskFailed, DiskFull
from wc_desktop.journal.number_mark import MarkStore

# So many octets may be opened anew at each unlock before it is written down again: some twenty records.
_UNSAID: Final = 32_768


class ProvedMark:
    """A length and a hash in a small file of the device's own."""

    def __init__(self, store: MarkStore) -> None:
        self._store = store

    def upto(self, content: bytes) -> int:
        """Return how many octets of content were found whole before and are what they were then."""
        length, _, digest = (self._store.read() or b"").decode("ascii", "replace").partition(" ")
        upto = int(length) if length.isdecimal() else 0
        return upto if upto <= len(content) and _digest(content[:upto]) == digest else 0

    def settle(self, content: bytes, known: int) -> None:
        """Remember that all of content was looked at, of which known octets had been before."""
        if not 0 <= len(content) - known < _UNSAID:
            # Without room the next opening looks again: that costs time and nothing else.
            with suppress(DiskFull, DiskFailed):
                self._store.write(f"{len(content)} {_digest(content)}".encode("ascii"))


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
