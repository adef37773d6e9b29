"""The device's side of the exchange: each method is one short step on the replica thread."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol, TypeAlias

from wc_contract.model.changes import Entry
from wc_contract.model.instants import Clock, Instant, instant_to_text
from wc_contract.wire.codes import Outcome
from wc_contract.wire.messages import (
    Hello,
    HelloAnswer,
    PullEnd,
    PullHeader,
    PushAnswer,
    Receipt,
    SealedEntry,
    SignedLease,
)
from wc_contract.wire.versions import PROTOCOL
from wc_desktop.ports import Waiting
from wc_desktop.sync.gateway import RemovedFrame, RowsFrame, Unknown


class Unsent(Protocol):
    """An entry as it goes to the server."""

    @property
    def number(self) -> int: ...

    @property
    def sealed(self) -> SealedEntry: ...


class SyncJournal(Protocol):
    """The journal, as far as sync uses it."""

    @property
    def last_number(self) -> int: ...

    def waiting(self) -> Waiting: ...

    def unsent(self, *, after: int, epoch: str, limit: int, max_bytes: int) -> Sequence[Unsent]: ...

    def store_receipts(self, answers: Sequence[Receipt], *, epoch: str, at: Instant) -> None: ...

    def doubt_receipts_above(self, number: int) -> int: ...

    def go_on_above(self, number: int) -> None: ...

    def close_gaps_above(self, number: int, at: Instant) -> object: ...

    def trim(self, *, epoch: str, at: Instant) -> int: ...

    def standing(self, acknowledged: int, epoch: str) -> Iterable[Entry]: ...

    def remember(self, name: str, value: str) -> None: ...


Digests: TypeAlias = Mapping[str, tuple[int, int]]


class Digesting(Protocol):
    """Digests of the replica, taken a slice at a time."""

    @property
    def found(self) -> Digests: ...

    def go_on(self) -> bool: ...


class SyncReplica(Protocol):
    """The replica, as far as sync uses it."""

    @property
    def epoch(self) -> str: ...

    @property
    def checkpoint(self) -> str | None: ...

    @property
    def acknowledged(self) -> int: ...

    def unstored(self) -> Mapping[str, int]: ...

    def positions(self) -> Mapping[str, int]: ...

    def take_rows(self, kind: str, rows: Sequence[Sequence[object]], upto: int) -> int: ...

    def take_removals(self, rows: Sequence[Sequence[object]], upto: int) -> frozenset[str]: ...

    def begin_digest(self) -> Digesting: ...

    def finish(
        self, end: PullEnd, header: PullHeader, at: Instant, *, ours: Digests | None = None
    ) -> tuple[str, ...]: ...

    def lay_anew(self, entries: Iterable[Entry]) -> None: ...


class Keeping(Protocol):
    """Where values are kept that this version has no column for."""

    def keep_unknown(self, kind: str, unknown: Unknown) -> None: ...


class ContactWord(Protocol):
    """Where the word is kept by which the server knows this device at the next hello."""

    def read(self) -> str: ...

    def write(self, word: str) -> None: ...


class LeaseHolder(Protocol):
    """Who keeps the lease."""

    def take_lease(self, lease: SignedLease, server_time: Instant) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplicaView:
    """Where the replica stands."""

    epoch: str
    checkpoint: str | None
    positions: Mapping[str, int]


class JournalFiles:
    """Journal and lease together, for a workstation whose replica stays shut. All runs on the replica thread."""

    def __init__(
        self, *, journal: SyncJournal, lease: LeaseHolder, word: ContactWord, clock: Clock, app_version: str
    ) -> None:
        self._journal = journal
        self._lease = lease
        self._word = word
        self._clock = clock
        self._app_version = app_version

    def hello(self) -> Hello:
        """Return what this device says of itself."""
        waiting = self._journal.waiting()
        return Hello(
            protocol=PROTOCOL,
            app_version=self._app_version,
            checkpoint=None,
            last_number=self._journal.last_number,
            waiting=waiting.count,
            oldest_waiting=waiting.oldest,
            device_time=self._clock.now(),
            nonce=self._word.read(),
        )

    def take_hello(self, answer: HelloAnswer, sent: Hello) -> None:
        """Keep the lease, the clock's offset and the next word; doubt receipts that the server no longer knows of.

        From here on the journal has every number that the server does not: none can hold up those behind it. Nor is a
        number used again that the server has: an older copy of the files goes on behind what was sent since.
        """
        now = self._clock.now()
        # Half the round trip is the best guess of when the server looked at its clock.
        offset = sent.device_time + (now - sent.device_time) / 2 - answer.server_time
        self._journal.remember("clock_offset_ms", str(offset // timedelta(milliseconds=1)))
        self._journal.remember("server_seen_at", instant_to_text(now))
        if answer.next_nonce is not None:
            self._word.write(answer.next_nonce)
        self._lease.take_lease(answer.lease, answer.server_time)
        self._journal.doubt_receipts_above(answer.last_number)
        self._journal.close_gaps_above(answer.last_number, now)
        self._journal.go_on_above(answer.last_number)

    def unsent(self, *, after: int, epoch: str, limit: int, max_bytes: int) -> Sequence[Unsent]:
        """Return the oldest entries that this epoch has not answered."""
        return self._journal.unsent(after=after, epoch=epoch, limit=limit, max_bytes=max_bytes)

    def has_unsent(self, epoch: str) -> bool:
        """Return whether anything is to be sent."""
        return bool(self._journal.unsent(after=0, epoch=epoch, limit=1, max_bytes=1))

    def take_receipts(self, answer: PushAnswer, epoch: str) -> None:
        """Keep the server's answers."""
        self._journal.store_receipts(answer.receipts, epoch=epoch, at=self._clock.now())


class Files(JournalFiles):
    """The same with the replica."""

    def __init__(
        self,
        *,
        journal: SyncJournal,
        replica: Callable[[], SyncReplica],
        keeping: Callable[[], Keeping],
        lease: LeaseHolder,
        word: ContactWord,
        clock: Clock,
        app_version: str,
    ) -> None:
        """Ask for replica and keeping each time: a rebuild puts others in their place."""
        super().__init__(journal=journal, lease=lease, word=word, clock=clock, app_version=app_version)
        self._replica = replica
        self._keeping = keeping

    def hello(self) -> Hello:
        """Return what this device says of itself."""
        replica = self._replica()
        unstored = sum(replica.unstored().values()) or None
        return super().hello().model_copy(update={"checkpoint": replica.checkpoint, "unstored": unstored})

    def take_receipts(self, answer: PushAnswer, epoch: str) -> None:
        """Keep the server's answers. What was refused goes out of view at once where it was no fact."""
        super().take_receipts(answer, epoch)
        if any(receipt.outcome is Outcome.REFUSED for receipt in answer.receipts):
            replica = self._replica()
            replica.lay_anew(self._journal.standing(replica.acknowledged, replica.epoch))

    def view(self) -> ReplicaView:
        """Return where the replica stands."""
        replica = self._replica()
        return ReplicaView(epoch=replica.epoch, checkpoint=replica.checkpoint, positions=replica.positions())

    def take_rows(self, frame: RowsFrame) -> int:
        """Write one line of rows."""
        if frame.unknown:
            # Before the rows, whose position says that all of the line is here.
            self._keeping().keep_unknown(frame.kind, frame.unknown)
        return self._replica().take_rows(frame.kind, frame.rows, frame.upto)

    def take_removals(self, frame: RemovedFrame) -> frozenset[str]:
        """Remove records."""
        return self._replica().take_removals(frame.rows, frame.upto)

    def begin_digest(self) -> Digesting:
        """Begin to sum the replica's records, for take_end."""
        return self._replica().begin_digest()

    def take_end(self, end: PullEnd, header: PullHeader, *, ours: Digests | None = None) -> tuple[str, ...]:
        """Complete a pull: checkpoint, own entries laid anew; return the kinds whose digests differ."""
        replica = self._replica()
        different = replica.finish(end, header, self._clock.now(), ours=ours)
        replica.lay_anew(self._journal.standing(replica.acknowledged, replica.epoch))
        return different

    def trim(self, epoch: str) -> None:
        """Let own entries go that were answered long ago."""
        self._journal.trim(epoch=epoch, at=self._clock.now())
