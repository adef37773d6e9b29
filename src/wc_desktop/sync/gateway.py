"""What sync asks of the network, and the frames that a pull is made of."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Protocol, TypeAlias

from wc_contract.wire.messages import (
    Hello,
    HelloAnswer,
    Manifest,
    ManifestAnswer,
    PullEnd,
    PullHeader,
    PushAnswer,
    Repair,
    RepairEnd,
    SealedEntry,
)

Unknown: TypeAlias = Mapping[str, Mapping[str, object]]


@dataclass(frozen=True, slots=True, kw_only=True)
class RowsFrame:
    """Rows of one kind, in the order of their versions; upto is the highest.

    unknown: by id, values of columns that this version has no place for.
    """

    kind: str
    upto: int
    rows: Sequence[Sequence[object]] = field(repr=False)
    unknown: Unknown = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class RemovedFrame:
    """Records that went: [kind, id, reason, row_version] each."""

    upto: int
    rows: Sequence[Sequence[object]] = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class GoneFrame:
    """Ids of records of one kind that have no place in the replica."""

    kind: str
    ids: Sequence[str]


Frame: TypeAlias = PullHeader | RowsFrame | RemovedFrame | PullEnd
RepairFrame: TypeAlias = PullHeader | RowsFrame | GoneFrame | RepairEnd


class Gateway(Protocol):
    """The sync server, as one device sees it. Every method raises the failures of domain.failures."""

    def hello(self, message: Hello) -> HelloAnswer:
        """Say who is there and hear what the server wants."""
        ...

    def push(self, epoch: str, entries: Sequence[SealedEntry]) -> PushAnswer:
        """Send entries; one receipt each."""
        ...

    def pull(self, epoch: str, since: Mapping[str, int], *, digest: bool) -> AbstractContextManager[Iterator[Frame]]:
        """Ask for what changed; the frames arrive while they are read."""
        ...

    def wait(
        self, epoch: str, checkpoint: str | None, seconds: int, *, unwanted: Callable[[], bool] | None = None
    ) -> bool:
        """Wait until the streams moved past checkpoint, at most so long; return whether they did.

        unwanted is asked once the way is made and stop_listening can reach it: a wait that nobody wants any more
        raises ServerUnreachable, as one does that was ended.
        """
        ...

    def stop_listening(self) -> None:
        """End a wait that another thread is in; there it raises ServerUnreachable."""
        ...

    def close(self) -> None:
        """End all connections; whoever waits on one gets ServerUnreachable."""
        ...


class RepairGateway(Gateway, Protocol):
    """The sync server, as repair sees it besides."""

    def manifest(self, message: Manifest) -> ManifestAnswer:
        """Hear in which slices the replica differs."""
        ...

    def repair(self, message: Repair) -> AbstractContextManager[Iterator[RepairFrame]]:
        """Ask for what some slices lack and for what is too much in them; the frames arrive while they are read."""
        ...
