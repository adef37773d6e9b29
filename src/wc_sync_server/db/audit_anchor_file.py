"""The anchor file: grows by a line at a time, under a lock, and is read no further than it is new."""

import fcntl
import os
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

from wc_contract.model.ids import DistrictId
from wc_contract.model.instants import Instant
from wc_sync_server.audit.anchors import AnchorDamaged, Anchored, NewSeals, anchor_line, read_anchors
from wc_sync_server.audit.seals import Signer, Verifier

HashesAfter = Callable[[DistrictId, int], Sequence[tuple[int, bytes]]]


class AnchorFile:
    """One anchor file, best on another machine or on a medium that is written once."""

    def __init__(self, file: Path, verifier: Verifier) -> None:
        self._file = file
        self._verifier = verifier
        self._held = Anchored()
        self._upto = 0

    def read(self) -> Anchored:
        """Return what the file holds. Raises OSError when there is none."""
        with self._file.open("rb") as stream:
            # Half of a line that somebody is writing would pass for tampering.
            fcntl.flock(stream, fcntl.LOCK_SH)
            return self._catch_up(stream.fileno())

    def append(
        self, districts: Sequence[DistrictId], after: HashesAfter, at: Instant, signer: Signer
    ) -> tuple[NewSeals, ...]:
        """Write down the seals that are not in the file yet; return them.

        Raises AnchorDamaged when the file, or the district's seals since, are not what was written before; OSError
        when the line cannot be written whole, and then the file is as it was.
        """
        descriptor = os.open(self._file, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o644)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            held = self._catch_up(descriptor)
            if held.findings:
                raise AnchorDamaged(
                    f"{held.findings[0].sentence()}. Keep this file as evidence, and begin another one."
                )
            new = tuple(_new(district, held, after) for district in districts)
            new = tuple(one for one in new if one.hashes)
            if new:
                _add(descriptor, anchor_line(new, held, at, signer).encode() + b"\n", self._upto)
                self._catch_up(descriptor)
        finally:
            os.close(descriptor)
        return new

    def _catch_up(self, descriptor: int) -> Anchored:
        size = os.fstat(descriptor).st_size
        if size < self._upto:
            self._held, self._upto = Anchored(), 0
        fresh = bytearray()
        while chunk := os.pread(descriptor, size - self._upto - len(fresh), self._upto + len(fresh)):
            fresh += chunk
        lines = fresh.decode("utf-8", "replace").split("\n")
        # A line that was cut off by a crash does not read, and is found as such.
        self._held = read_anchors(lines[:-1] if lines[-1] == "" else lines, self._verifier, self._held)
        self._upto = size
        return self._held


def _add(descriptor: int, line: bytes, end: int) -> None:
    """Write a line at the file's end, whole or not at all. Raises OSError."""
    try:
        # A disk that fills up takes the beginning of it and says so at the next try only.
        while line:
            line = line[os.write(descriptor, line) :]
        os.fsync(descriptor)
    except OSError:
        with suppress(OSError):
            os.ftruncate(descriptor, end)
        raise


def _new(district: DistrictId, held: Anchored, after: HashesAfter) -> NewSeals:
    """Return the seals of a district that the file does not have. Raises AnchorDamaged when it knows better."""
    newest = held.newest(district)
    # The newest one that is in the file is asked for again: it must still be the same.
    there = list(after(district, newest - 1 if newest else 0))
    if newest:
        if not there or there[0] != (newest, held.of(district)[newest]):
            raise AnchorDamaged(
                f"Seal {newest} of district {district} is not the one that was anchored: run `audit verify`."
            )
        there = there[1:]
    numbers = [number for number, _ in there]
    if numbers != list(range(newest + 1, newest + 1 + len(numbers))):
        raise AnchorDamaged(f"A seal of district {district} after {newest} is missing: run `audit verify`.")
    return NewSeals(district=district, first=newest + 1, hashes=tuple(made for _, made in there))
