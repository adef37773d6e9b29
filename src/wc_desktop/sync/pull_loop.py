"""Taking what changed, a line at a time: a line is one short write, so that a dose never waits behind a pull."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, assert_never

from wc_contract.wire.messages import PullEnd, PullHeader
from wc_desktop.domain.failures import ServerFailed
from wc_desktop.sync.files import ReplicaView
from wc_desktop.sync.gateway import Frame, Gateway, RemovedFrame, RowsFrame


class PullFiles(Protocol):
    """What pulling asks of the device's files."""

    def view(self) -> ReplicaView: ...

    def take_rows(self, frame: RowsFrame) -> int: ...

    def take_removals(self, frame: RemovedFrame) -> frozenset[str]: ...

    def take_end(self, end: PullEnd, header: PullHeader) -> tuple[str, ...]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Pulled:
    """What one pull brought: how many records, of which kinds, and which kinds differ from the server's digests.

    scope is the server's word for what this device may see; None from a server that does not say.
    """

    records: int
    kinds: frozenset[str]
    different: tuple[str, ...]
    scope: str | None = None


class _Taking:
    def __init__(self, files: PullFiles, progress: Callable[[int, int], None]) -> None:
        self._files = files
        self._progress = progress
        self._header: PullHeader | None = None
        self.records = 0
        self.kinds: set[str] = set()
        self.different: tuple[str, ...] = ()
        self.scope: str | None = None

    def take(self, frame: Frame) -> None:
        match frame:
            case PullHeader():
                self._header, self.scope = frame, frame.scope
            case RowsFrame():
                self.records += self._files.take_rows(frame)
                self.kinds.add(frame.kind)
            case RemovedFrame():
                self.kinds |= self._files.take_removals(frame)
                self.records += len(frame.rows)
            case PullEnd():
                self._end(frame)
            case _:
                assert_never(frame)
        if self._header is not None:
            self._progress(self.records, max(self._header.estimate, self.records))

    def _end(self, end: PullEnd) -> None:
        if self._header is None:
            raise ServerFailed("a pull without its header")
        self.different = self._files.take_end(end, self._header)


def pull_round(
    gateway: Gateway, files: PullFiles, epoch: str, *, digest: bool, progress: Callable[[int, int], None]
) -> Pulled:
    """Take everything up to the server's snapshot.

    Raises what the gateway raises; the lines taken until then are kept, and the next pull goes on behind them.
    """
    taking = _Taking(files, progress)
    with gateway.pull(epoch, files.view().positions, digest=digest) as frames:
        for frame in frames:
            taking.take(frame)
    return Pulled(records=taking.records, kinds=frozenset(taking.kinds), different=taking.different, scope=taking.scope)
