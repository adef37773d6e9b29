"""A pull, line by line: header, pages, removals, end. One snapshot, made by PostgreSQL, compressed on the way."""

import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Protocol

import zstandard

from wc_contract.model.kinds import BY_NAME, KINDS, RecordKind, Scope
from wc_contract.wire.codes import ProblemCode
from wc_contract.wire.messages import Pull
from wc_sync_server.api.lines import asks_for_names, frame, header, line
from wc_sync_server.api.ports import Snapshot
from wc_sync_server.domain.checkpoints import Checkpoints
from wc_sync_server.domain.feed import PAGE_ROWS, FeedHead, Page
from wc_sync_server.domain.problems import ProblemRaised
from wc_sync_server.metrics import counts

REMOVAL = "removal"
# What repeats in rows are whole ids and dates: looking for longer matches only is a third faster than plain level 3,
# and what comes out is 7 % smaller.
_ZSTD = zstandard.ZstdCompressionParameters.from_level(3, min_match=7)
_GZIP_LEVEL = 1
_GZIP = 31


def pull_lines(snapshot: Snapshot, message: Pull, checkpoints: Checkpoints) -> Iterator[bytes]:
    """Yield the lines of a pull. Raises ProblemRaised(EPOCH_CHANGED) before the first."""
    head = snapshot.head()
    if message.epoch != head.epoch:
        raise ProblemRaised(ProblemCode.EPOCH_CHANGED)
    moved = [kind for kind in KINDS if _head_of(head, kind) > message.since.get(kind.name, 0)]
    after = {kind.name: message.since.get(kind.name, 0) for kind in moved}
    named = asks_for_names(message)
    yield header(head, moved, estimate=_about(snapshot, head, after), named=named)
    sums = _Sums(message=message)
    for kind in moved:
        for page in snapshot.pages(kind, after[kind.name], digest=sums.follows(kind), added=named):
            sums.add(kind, page)
            counts.PULLED.labels(kind.name).inc(page.count)
            yield frame(f'{{"frame":"rows","kind":"{kind.name}","upto":{page.upto},"rows":', page)
    yield from _removals(snapshot, head, message)
    yield line(
        {
            "frame": "end",
            "checkpoint": checkpoints.write(head.checkpoint()),
            "acknowledged": head.acknowledged,
            "digest": sums.all(snapshot, head) if message.digest else None,
        }
    )


def hands_out(snapshot: Snapshot, message: Pull) -> bool:
    """Whether a pull begins with the first record of a kind of the school: that is an export, not news."""
    begun = [kind for kind in KINDS if kind.scope is Scope.SCHOOL and message.since.get(kind.name, 0) <= 0]
    if not begun:
        return False
    head = snapshot.head()
    if message.epoch != head.epoch:
        return False
    # The head of a kind moves for records that are gone, or not for workstations: what would be sent is asked.
    return any(_head_of(head, kind) and snapshot.any(kind) for kind in begun)


def _about(snapshot: Snapshot, head: FeedHead, after: Mapping[str, int]) -> int:
    """Return about how many records come: counted where that may be more than a page, else how many come at most."""
    most = sum(_head_of(head, BY_NAME[name]) - since for name, since in after.items())
    return most if most <= PAGE_ROWS else snapshot.about(after)


def _removals(snapshot: Snapshot, head: FeedHead, message: Pull) -> Iterator[bytes]:
    since = message.since.get(REMOVAL, 0)
    if head.district_heads.get(REMOVAL, 0):
        # The district's few removals are counted by another stream: sent whole each time, they move no position.
        for page in snapshot.removals(head.district, 0):
            yield frame(f'{{"frame":"removed","upto":{since},"rows":', page)
    if head.school_heads.get(REMOVAL, 0) > since:
        for page in snapshot.removals(head.school, since):
            yield frame(f'{{"frame":"removed","upto":{page.upto},"rows":', page)


@dataclass(slots=True, kw_only=True)
class _Sums:
    """Digests, taken along with the pages of a kind that is sent whole, asked for otherwise."""

    message: Pull
    counted: dict[str, tuple[int, int]] = field(default_factory=dict)

    def follows(self, kind: RecordKind) -> bool:
        return self.message.digest and self.message.since.get(kind.name, 0) == 0

    def add(self, kind: RecordKind, page: Page) -> None:
        if self.follows(kind):
            count, total = self.counted.get(kind.name, (0, 0))
            self.counted[kind.name] = (count + page.count, (total + page.sum) % (1 << 60))

    def all(self, snapshot: Snapshot, head: FeedHead) -> Mapping[str, tuple[int, int]]:
        for kind in KINDS:
            if kind.name not in self.counted:
                empty = _head_of(head, kind) == 0 or self.follows(kind)
                count, total = (0, 0) if empty else snapshot.digest(kind)
                self.counted[kind.name] = (count, total % (1 << 60))
        return self.counted


def _head_of(head: FeedHead, kind: RecordKind) -> int:
    heads = head.district_heads if kind.scope is Scope.DISTRICT else head.school_heads
    return heads.get(kind.name, 0)


class Press(Protocol):
    """Compresses a stream of bytes."""

    def compress(self, data: bytes, /) -> bytes: ...
    def flush(self) -> bytes: ...


class _Plain:
    """Leaves bytes as they are."""

    def compress(self, data: bytes, /) -> bytes:
        return data

    def flush(self) -> bytes:
        return b""


def press_for(accepted: str) -> tuple[str | None, Callable[[], Press]]:
    """Return the name of the best encoding that a client accepts, None for none, and what makes it."""
    offered = {_name(part) for part in accepted.split(",") if not _declined(part)}
    if "zstd" in offered:
        return "zstd", zstandard.ZstdCompressor(compression_params=_ZSTD).compressobj
    if "gzip" in offered:
        return "gzip", _gzip
    return None, _Plain


def _gzip() -> Press:
    return zlib.compressobj(_GZIP_LEVEL, zlib.DEFLATED, _GZIP)


def _name(part: str) -> str:
    return part.split(";", 1)[0].strip().lower()


def _declined(part: str) -> bool:
    return part.replace(" ", "").lower().endswith((";q=0", ";q=0.0", ";q=0.00", ";q=0.000"))
