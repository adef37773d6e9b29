"""Which numbers may have been used, said apart from journal and sealed copy: no number ever stands for two texts."""

from dataclasses import dataclass
from typing import Protocol

from wc_desktop.domain.failures import DiskFailed, DiskFull

# While the journal is open, so many numbers are taken at a time: one small write for each of them would cost a dose
# as much as the dose itself.
AHEAD = 64


class MarkStore(Protocol):
    """Where the mark is kept: a small file that nobody without the device's secret can write."""

    def read(self) -> bytes | None:
        """Return what was written last, None when there is none or it does not read."""
        ...

    def write(self, content: bytes) -> None:
        """Keep content in its place, durably. Raises DiskFull, DiskFailed."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Used:
    """No number above upto was ever used. exact: upto itself was; else it was only set apart."""

    upto: int
    exact: bool


class NumberMark:
    """Says at any time up to where numbers may have been used."""

    def __init__(self, store: MarkStore) -> None:
        self._store = store
        self._used: Used | None = None
        self._read = False

    def used(self) -> Used | None:
        """Return what is known, None when nothing was ever kept or it does not read."""
        if not self._read:
            self._used, self._read = _used_from(self._store.read()), True
        return self._used

    def reserve(self, number: int) -> None:
        """Make sure, durably, that number counts as used. Raises DiskFull, DiskFailed; then it must not be used."""
        used = self.used()
        if used is None or used.exact or number > used.upto:
            self._keep(Used(upto=number + AHEAD - 1, exact=False))

    def settle(self, last: int) -> None:
        """Say that last was the newest; for a journal that was closed in order."""
        used = self.used()
        if used is None or used.exact:
            return
        try:
            self._keep(Used(upto=last, exact=True))
        except (DiskFull, DiskFailed):
            # What was reserved stays reserved: that is safe, only less exact.
            return

    def _keep(self, used: Used) -> None:
        self._store.write(f"{used.upto} {'exact' if used.exact else 'open'}".encode())
        self._used = used


def _used_from(kept: bytes | None) -> Used | None:
    words = b"" if kept is None else kept
    upto, _, how = words.decode("ascii", "replace").partition(" ")
    return Used(upto=int(upto), exact=how == "exact") if upto.isdecimal() else None
