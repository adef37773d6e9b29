"""The device's files as the sync threads reach them: each step runs on the replica thread, or not at all."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TypeVar

from wc_contract.wire.messages import Hello, HelloAnswer, PullEnd, PullHeader, PushAnswer
from wc_desktop.background.runner import Runner, RunnerStopped
from wc_desktop.sync.files import Files, ReplicaView, Unsent
from wc_desktop.sync.first_sync import Side
from wc_desktop.sync.gateway import RemovedFrame, RowsFrame

_Answer = TypeVar("_Answer")


class Steps:
    """Hands steps to the replica thread while the desk is open."""

    def __init__(self, runner: Runner, stopping: Callable[[], bool]) -> None:
        self._runner = runner
        self._stopping = stopping

    def take(self, step: Callable[[], _Answer]) -> _Answer:
        """Run one step there and return its answer. Raises RunnerStopped once nobody wants it any more."""
        return self._runner.call(partial(self._guarded, step))

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
        """As Files.take_rows."""
        return self._take(partial(self._files.take_rows, frame))

    def take_removals(self, frame: RemovedFrame) -> frozenset[str]:
        """As Files.take_removals."""
        return self._take(partial(self._files.take_removals, frame))

    def take_end(self, end: PullEnd, header: PullHeader) -> tuple[str, ...]:
        """As Files.take_end."""
        return self._take(partial(self._files.take_end, end, header))


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
        """As Side.take_rows."""
        return self._take(partial(self._side.take_rows, kind, rows, upto))

    def take_removals(self, rows: Sequence[Sequence[object]], upto: int) -> None:
        """As Side.take_removals."""
        self._take(partial(self._side.take_removals, rows, upto))

    def index(self) -> None:
        """As Side.index."""
        self._take(self._side.index)

    def finish(self, end: PullEnd, header: PullHeader) -> tuple[str, ...]:
        """As Side.finish."""
        return self._take(partial(self._side.finish, end, header))
