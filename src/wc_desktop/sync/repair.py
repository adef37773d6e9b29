"""Repair: comparing the replica with the server slice by slice, fetching only what differs.

The replica stays in use meanwhile: every step on its files is a short one, and no position moves. What came of it is
proved by the comparison of the next pull.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Protocol, assert_never
from uuid import UUID

from wc_contract.wire.digests import digest_rows, slice_of
from wc_contract.wire.messages import HeldSlice, Manifest, PullHeader, Repair, RepairEnd, SliceDigest
from wc_contract.wire.versions import MAX_COMPARED, NAMED, PROTOCOL
from wc_desktop.domain.failures import ServerFailed
from wc_desktop.sync.gateway import GoneFrame, RepairFrame, RepairGateway, RowsFrame, Unknown

# Above half of the replica, comparing costs more than fetching all of it anew; below so many records nobody notices.
_FEW = 2_000
_HELD_A_REQUEST = MAX_COMPARED // 2
_Versions = Sequence[tuple[str, int]]


class RepairFiles(Protocol):
    """What repair asks of the replica; each call is one short step."""

    def count(self) -> int: ...

    def some(self, kind: str, after: int) -> Sequence[tuple[str, int, int]]: ...

    def replace(self, kind: str, rows: Sequence[Sequence[object]]) -> int: ...

    def keep_unknown(self, kind: str, unknown: Unknown) -> None: ...

    def remove(self, kind: str, ids: Sequence[str]) -> int: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Repaired:
    """What a repair came to. too_much: so much differs that the replica is better fetched anew."""

    fetched: int = 0
    removed: int = 0
    kinds: frozenset[str] = frozenset()
    too_much: bool = False


def repair_round(
    gateway: RepairGateway,
    files: RepairFiles,
    epoch: str,
    kinds: Iterable[str],
    *,
    progress: Callable[[int, int], None],
) -> Repaired:
    """Fetch what kinds lack and remove what is too much in them.

    Raises what the gateway raises; what was mended until then stays mended.
    """
    held = {kind: _Held.of(files, kind) for kind in sorted(kinds)}
    mending = _Mending(files, progress)
    for kind, found in held.items():
        mending.remove(kind, found.strays)
    answer = gateway.manifest(
        Manifest(protocol=PROTOCOL, epoch=epoch, slices={kind: found.digests() for kind, found in held.items()})
    )
    if answer.records > max(_FEW, files.count() // 2):
        return Repaired(too_much=True, kinds=frozenset(mending.touched))
    wanted = [held[kind].slice(kind, at) for kind, slices in answer.differing.items() if kind in held for at in slices]
    for batch in _batches(wanted):
        with gateway.repair(Repair(protocol=PROTOCOL, epoch=epoch, held=tuple(batch), shape=NAMED)) as frames:
            for frame in frames:
                mending.take(frame)
    return Repaired(fetched=mending.fetched, removed=mending.removed, kinds=frozenset(mending.touched))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Held:
    """What the replica holds of a kind, by slice. strays have ids that no record can have."""

    slices: Mapping[int, _Versions]
    strays: Sequence[str] = field(repr=False)

    @classmethod
    def of(cls, files: RepairFiles, kind: str) -> "_Held":
        slices: defaultdict[int, list[tuple[str, int]]] = defaultdict(list)
        strays: list[str] = []
        after = 0
        while found := files.some(kind, after):
            for record_id, version, _ in found:
                if _is_id(record_id):
                    slices[slice_of(record_id)].append((record_id, version))
                else:
                    strays.append(record_id)
            after = found[-1][2]
        return cls(slices=slices, strays=strays)

    def digests(self) -> tuple[SliceDigest, ...]:
        summed = ((at, digest_rows(rows)) for at, rows in sorted(self.slices.items()))
        return tuple(SliceDigest(slice=at, count=digest.count, sum=digest.sum) for at, digest in summed)

    def slice(self, kind: str, at: int) -> HeldSlice:
        rows = self.slices.get(at, ())
        return HeldSlice(kind=kind, slice=at, records=tuple((UUID(record_id), version) for record_id, version in rows))


class _Mending:
    def __init__(self, files: RepairFiles, progress: Callable[[int, int], None]) -> None:
        self._files = files
        self._progress = progress
        self._about = self._arrived = 0
        self.fetched = self.removed = 0
        self.touched: set[str] = set()

    def take(self, frame: RepairFrame) -> None:
        match frame:
            case PullHeader():
                self._about += frame.estimate
            case RowsFrame():
                self._arrived += len(frame.rows)
                self.fetched += self._files.replace(frame.kind, frame.rows)
                if frame.unknown:
                    self._files.keep_unknown(frame.kind, frame.unknown)
                self.touched.add(frame.kind)
                self._progress(self.fetched, max(self._about, self.fetched))
            case GoneFrame():
                self.remove(frame.kind, frame.ids)
            case RepairEnd():
                self._end(frame)
            case _:
                assert_never(frame)

    def _end(self, end: RepairEnd) -> None:
        if end.sent != self._arrived:
            raise ServerFailed("a repair of another length than it says")
        self._arrived = 0

    def remove(self, kind: str, ids: Sequence[str]) -> None:
        if ids:
            self.removed += self._files.remove(kind, ids)
            self.touched.add(kind)


def _batches(wanted: Iterable[HeldSlice]) -> Iterator[Sequence[HeldSlice]]:
    batch: list[HeldSlice] = []
    size = 0
    for one in wanted:
        if batch and size + len(one.records) > _HELD_A_REQUEST:
            yield batch
            batch, size = [], 0
        batch.append(one)
        size += len(one.records)
    if batch:
        yield batch


def _is_id(text: str) -> bool:
    with suppress(ValueError):
        return str(UUID(text)) == text
    return False
