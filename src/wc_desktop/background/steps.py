"""The device's files as the sync threads reach them: each step runs on the replica thread, or not at all."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import TypeVar

from wc_contract.wire.messages import Hello, HelloAnswer, PullEnd, PullHeader, PushAnswer
from wc_desktop.background.runner import Priority, Runner, RunnerStopped
from wc_desktop.sync.files import Digests, Files, ReplicaView, Unsent
from wc_desktop.sync.first_sync import Side
from wc_desktop.sync.gateway import RemovedFrame, RowsFrame, Unknown
from wc_desktop.sync.repair import RepairFiles

_Answer = TypeVar("_Answer")
# A dose waits for the step that has begun: so many rows are two milliseconds. Fewer cost more commits than they spare.
_ROWS_A_STEP = 20


def _parts(rows: Sequence[Sequence[object]], upto: int) -> Iterator[tuple[Sequence[Sequence[object]], int]]:
    """Cut a line; the position it reaches stands at its end only, when all of it is here."""
    last = max(len(rows) - 1, 0) // _ROWS_A_STEP
    for number in range(last + 1):
        start = number * _ROWS_A_STEP
        yield rows[start : start + _ROWS_A_STEP], upto if number == last else 0


def _unknown_of(rows: Sequence[Sequence[object]], unknown: Unknown) -> Unknown:
    return {str(row[0]): unknown[str(row[0])] for row in rows if str(row[0]) in unknown} if unknown else {}


class Steps:
    """Hands steps to the replica thread while the desk is open."""

    def __init__(self, runner: Runner, stopping: Callable[[], bool], priority: Priority = Priority.SYNC) -> None:
        self._runner = runner
        self._stopping = stopping
        self._priority = priority

    def take(self, step: Callable[[], _Answer]) -> _Answer:
        """Run one step there and return its answer. Raises RunnerStopped once nobody wants it any more."""
        return self._runner.call(partial(self._guarded, step), self._priority)

    def _guarded(self, step: Callable[[], _Answer]) -> _Answer:
        # Looked at on the replica thread: behind a lock, the files of this desk are closed.
        if self._stopping():
            raise RunnerStopped("the desk was locked")
        return step()


class SteppedFiles:
    """sync.files.Files, a step at a time."""

    def __init__(self, steps: Steps, files: Files) -> None:
        self._take = steps.take
        self._files = files

    def hello(self) -> Hello:
        """As Files.hello."""
        return self._take(self._files.hello)

    def take_hello(self, answer: HelloAnswer, sent: Hello) -> None:
        """As Files.take_hello."""
        self._take(partial(self._files.take_hello, answer, sent))

    def unsent(self, *, after: int, epoch: str, limit: int, max_bytes: int) -> Sequence[Unsent]:
        """As Files.unsent."""
        return self._take(partial(self._files.unsent, after=after, epoch=epoch, limit=limit, max_bytes=max_bytes))

    def has_unsent(self, epoch: str) -> bool:
        """As Files.has_unsent."""
        return self._take(partial(self._files.has_unsent, epoch))

    def take_receipts(self, answer: PushAnswer, epoch: str) -> None:
        """As Files.take_receipts."""
        self._take(partial(self._files.take_receipts, answer, epoch))

    def view(self) -> ReplicaView:
        """As Files.view."""
        return self._take(self._files.view)

    def take_rows(self, frame: RowsFrame) -> int:
        """As Files.take_rows, in steps that are short enough to wait for."""
        taken = 0
        for part, upto in _parts(frame.rows, frame.upto):
            step = RowsFrame(kind=frame.kind, upto=upto, rows=part, unknown=_unknown_of(part, frame.unknown))
            taken += self._take(partial(self._files.take_rows, step))
        return taken

    def take_removals(self, frame: RemovedFrame) -> frozenset[str]:
        """As Files.take_removals."""
        return self._take(partial(self._files.take_removals, frame))

    def take_end(self, end: PullEnd, header: PullHeader) -> tuple[str, ...]:
        """As Files.take_end; comparing comes before it, a slice at a time, and letting go after it."""
        ours = None if end.digest is None else self._summed()
        different = self._take(partial(self._files.take_end, end, header, ours=ours))
        self._take(partial(self._files.trim, header.epoch))
        return different

    def _summed(self) -> Digests:
        digesting = self._take(self._files.begin_digest)
        while self._take(digesting.go_on):
            continue
        return digesting.found


class SteppedSide:
    """A side file, a step at a time."""

    def __init__(self, steps: Steps, side: Side) -> None:
        self._take = steps.take
        self._side = side

    @property
    def positions(self) -> Mapping[str, int]:
        """As Side.positions."""
        return self._take(self._positions)

    def _positions(self) -> Mapping[str, int]:
        return self._side.positions

    def rows_held(self) -> int:
        """As Side.rows_held."""
        return self._take(self._side.rows_held)

    def take_rows(self, kind: str, rows: Sequence[Sequence[object]], upto: int) -> int:
        """As Side.take_rows, in steps that are short enough to wait for."""
        taken = 0
        for part, end in _parts(rows, upto):
            taken += self._take(partial(self._side.take_rows, kind, part, end))
        return taken

    def keep_unknown(self, kind: str, unknown: Unknown) -> None:
        """As Side.keep_unknown."""
        self._take(partial(self._side.keep_unknown, kind, unknown))

    def take_removals(self, rows: Sequence[Sequence[object]], upto: int) -> None:
        """As Side.take_removals."""
        self._take(partial(self._side.take_removals, rows, upto))

    def index(self) -> None:
        """As Side.index."""
        self._take(self._side.index)

    def finish(self, end: PullEnd, header: PullHeader) -> tuple[str, ...]:
        """As Side.finish."""
        return self._take(partial(self._side.finish, end, header))


class SteppedRepair:
    """sync.repair.RepairFiles, a step at a time."""

    def __init__(self, steps: Steps, files: RepairFiles) -> None:
        self._take = steps.take
        self._files = files

    def count(self) -> int:
        """As RepairFiles.count."""
        return self._take(self._files.count)

    def some(self, kind: str, after: int) -> Sequence[tuple[str, int, int]]:
        """As RepairFiles.some."""
        return self._take(partial(self._files.some, kind, after))

    def replace(self, kind: str, rows: Sequence[Sequence[object]]) -> int:
        """As RepairFiles.replace, in steps that are short enough to wait for."""
        return sum(self._take(partial(self._files.replace, kind, part)) for part, _ in _parts(rows, 0))

    def keep_unknown(self, kind: str, unknown: Unknown) -> None:
        """As RepairFiles.keep_unknown."""
        self._take(partial(self._files.keep_unknown, kind, unknown))

    def remove(self, kind: str, ids: Sequence[str]) -> int:
        """As RepairFiles.remove, in steps that are short enough to wait for."""
        steps = range(0, len(ids), _ROWS_A_STEP)
        return sum(self._take(partial(self._files.remove, kind, ids[at : at + _ROWS_A_STEP])) for at in steps)
