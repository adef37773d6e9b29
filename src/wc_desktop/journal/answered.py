"""Up to which number the district has answered everything, said apart from the journal: for who has no password.

It may say too little, after a crash; then an export holds more than it must, which costs nothing.
"""

from typing import Protocol

from wc_desktop.domain.failures import DiskFailed, DiskFull
from wc_desktop.journal.number_mark import MarkStore


class AnsweredStore(MarkStore, Protocol):
    """Where it is kept; it can be forgotten when there is no room to change it."""

    def forget(self) -> None:
        """Erase what is kept."""
        ...


class AnsweredMark:
    """A number in a small file of the device's own."""

    def __init__(self, store: AnsweredStore) -> None:
        self._store = store

    def upto(self) -> int:
        """Return the number, 0 when nothing is known."""
        kept = (self._store.read() or b"").decode("ascii", "replace")
        return int(kept) if kept.isdecimal() else 0

    def settle(self, upto: int) -> None:
        """Keep the number. Without room the old one goes first: it must never be higher than it is."""
        if upto == self.upto():
            return
        try:
            self._store.write(str(upto).encode())
        except (DiskFull, DiskFailed):
            self._store.forget()
