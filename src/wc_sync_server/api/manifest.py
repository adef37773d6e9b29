"""Repair: which slices of a replica differ, and what is missing or too much in them, from one snapshot."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from wc_contract.model.kinds import BY_NAME, KINDS, RecordKind, Scope
from wc_contract.wire.codes import ProblemCode
from wc_contract.wire.messages import HeldSlice, Manifest, ManifestAnswer, Repair, SliceDigest
from wc_contract.wire.versions import MAX_COMPARED
from wc_sync_server.api.lines import asks_for_names, frame, header, line
from wc_sync_server.api.ports import Snapshot
from wc_sync_server.domain.feed import FeedHead
from wc_sync_server.domain.problems import ProblemRaised
from wc_sync_server.metrics import counts

_NOTHING = (0, 0)


def differing(snapshot: Snapshot, message: Manifest) -> ManifestAnswer:
    """Return the slices in which the device does not hold what it may see. Raises ProblemRaised(EPOCH_CHANGED).

    Kinds that one of the two does not know are not compared.
    """
    _of_this_epoch(snapshot, message.epoch)
    found: dict[str, tuple[int, ...]] = {}
    records = 0
    for kind in KINDS:
        if kind.name in message.slices:
            theirs, ours = _by_slice(message.slices[kind.name]), snapshot.slices(kind)
            different = [at for at in sorted(ours.keys() | theirs.keys()) if ours.get(at) != theirs.get(at)]
            records += sum(ours.get(at, _NOTHING)[0] for at in different)
            if different:
                found[kind.name] = tuple(different)
    counts.COMPARED.labels("yes" if found else "no").inc()
    return ManifestAnswer(protocol=1, differing=found, records=records)


def hands_out_repair(message: Repair) -> bool:
    """Whether records of children may go out. Raises ProblemRaised(TOO_LARGE) for more than may be asked at once."""
    if sum(len(held.records) for held in message.held) > MAX_COMPARED:
        raise ProblemRaised(ProblemCode.TOO_LARGE)
    kinds = (BY_NAME.get(held.kind) for held in message.held)
    return any(kind is not None and kind.scope is Scope.SCHOOL for kind in kinds)


def repair_lines(snapshot: Snapshot, message: Repair) -> Iterator[bytes]:
    """Yield the lines of a repair. Raises ProblemRaised(EPOCH_CHANGED) before the first."""
    head = _of_this_epoch(snapshot, message.epoch)
    wanted = [_Wanted.of(snapshot, kind, held) for kind, held in _by_kind(message.held)]
    named = asks_for_names(message)
    estimate = sum(len(one.missing) for one in wanted)
    yield header(head, [one.kind for one in wanted], estimate=estimate, named=named)
    sent = gone = 0
    for one in wanted:
        for page in snapshot.named(one.kind, one.missing, added=named):
            sent += page.count
            yield frame(f'{{"frame":"rows","kind":"{one.kind.name}","upto":0,"rows":', page)
        if one.surplus:
            gone += len(one.surplus)
            yield line({"frame": "gone", "kind": one.kind.name, "rows": one.surplus})
    counts.REPAIRED.labels("sent").inc(sent)
    counts.REPAIRED.labels("gone").inc(gone)
    yield line({"frame": "end", "sent": sent, "gone": gone})


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wanted:
    """What a kind lacks on the device: ids of rows to send, and of records that are not there for it."""

    kind: RecordKind
    missing: Sequence[UUID] = field(repr=False)
    surplus: Sequence[UUID] = field(repr=False)

    @classmethod
    def of(cls, snapshot: Snapshot, kind: RecordKind, held: Sequence[HeldSlice]) -> "_Wanted":
        theirs = {record: version for one in held for record, version in one.records}
        ours = snapshot.versions(kind, sorted({one.slice for one in held}))
        missing = sorted(record for record, version in ours.items() if theirs.get(record) != version)
        return cls(kind=kind, missing=missing, surplus=sorted(theirs.keys() - ours.keys()))


def _of_this_epoch(snapshot: Snapshot, epoch: str) -> FeedHead:
    head = snapshot.head()
    if head.epoch != epoch:
        raise ProblemRaised(ProblemCode.EPOCH_CHANGED)
    return head


def _by_slice(digests: Sequence[SliceDigest]) -> Mapping[int, tuple[int, int]]:
    # An empty slice is said as one that is left out.
    return {one.slice: (one.count, one.sum) for one in digests if one.count}


def _by_kind(held: Sequence[HeldSlice]) -> Iterator[tuple[RecordKind, Sequence[HeldSlice]]]:
    by_name: defaultdict[str, list[HeldSlice]] = defaultdict(list)
    for one in held:
        by_name[one.kind].append(one)
    # Parents before children, whatever order was asked in.
    yield from ((kind, by_name[kind.name]) for kind in KINDS if kind.name in by_name)
