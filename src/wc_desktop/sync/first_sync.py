"""Filling a replica from nothing, in a side file that is resumed after a break."""

import gc
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Protocol, assert_never

from wc_contract.wire.messages import PullEnd, PullHeader
from wc_desktop.domain.enrolment import FirstSync
from wc_desktop.domain.failures import ServerFailed
from wc_desktop.sync.gateway import Frame, Gateway, RemovedFrame, RowsFrame, Unknown

_COLLECT_EVERY = 50_000


class Side(Protocol):
    """The side file."""

    @property
    def positions(self) -> Mapping[str, int]: ...

    def rows_held(self) -> int: ...

    def take_rows(self, kind: str, rows: Sequence[Sequence[object]], upto: int) -> int: ...

    def keep_unknown(self, kind: str, unknown: Unknown) -> None: ...

    def take_removals(self, rows: Sequence[Sequence[object]], upto: int) -> None: ...

    def index(self) -> None: ...

    def finish(self, end: PullEnd, header: PullHeader) -> tuple[str, ...]: ...


class ReplicaDiffers(ServerFailed):
    """What arrived is not what the server says it sent."""

    code = "replica_differs"


def fill(gateway: Gateway, side: Side, epoch: str, progress: Callable[[FirstSync], None]) -> None:
    """Fill the side file up to the server's snapshot, index it and compare; then it may be swapped in.

    Raises what the gateway raises; what was committed until then is where the next attempt goes on. Raises
    ReplicaDiffers when the digests differ; then the side file must be started over.
    """
    with gateway.pull(epoch, side.positions, digest=True) as frames, _seldom_collecting():
        filling = _Filling(side, progress)
        for frame in frames:
            filling.take(frame)


@contextmanager
def _seldom_collecting() -> Iterator[None]:
    """Look for reference cycles less often: rows are plain values, and there are as many of them as of all else."""
    usual = gc.get_threshold()
    gc.set_threshold(_COLLECT_EVERY, *usual[1:])
    try:
        yield
    finally:
        gc.set_threshold(*usual)


class _Filling:
    def __init__(self, side: Side, progress: Callable[[FirstSync], None]) -> None:
        self._side = side
        self._progress = progress
        self._held = side.rows_held()
        self._done = self._held
        self._total = 0
        self._header: PullHeader | None = None

    def take(self, frame: Frame) -> None:
        match frame:
            case PullHeader():
                self._header = frame
                self._total = frame.estimate + self._held
                self._say("downloading")
            case RowsFrame():
                if frame.unknown:
                    self._side.keep_unknown(frame.kind, frame.unknown)
                self._done += self._side.take_rows(frame.kind, frame.rows, frame.upto)
                self._say("downloading")
            case RemovedFrame():
                self._side.take_removals(frame.rows, frame.upto)
            case PullEnd():
                self._end(frame)
            case _:
                assert_never(frame)

    def _end(self, end: PullEnd) -> None:
        if self._header is None:
            raise ServerFailed("a pull without its header")
        self._say("indexing")
        self._side.index()
        self._say("checking")
        if self._side.finish(end, self._header):
            raise ReplicaDiffers("digests differ after a first sync")

    def _say(self, stage: str) -> None:
        self._progress(FirstSync(done=self._done, total_about=max(self._total, self._done), stage=stage))
