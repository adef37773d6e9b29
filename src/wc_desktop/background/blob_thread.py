"""The thread that sends and fetches photos and documents: behind everything else, a piece at a time.

Every step on the file is handed to the replica thread behind doses, entries and pulls; before every piece it looks
whether an entry waits. What goes wrong here is tried again later and is nobody else's trouble.
"""

import logging
import threading
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any, Protocol, TypeVar, assert_never

from PySide6.QtCore import QObject, Signal, Slot

from wc_contract.model.errors import Defect, WhiteCrossError
from wc_contract.model.instants import Instant
from wc_desktop.actions.desk import Desk
from wc_desktop.actions.photos import want_photos
from wc_desktop.background.runner import Priority, Runner, RunnerStopped
from wc_desktop.background.steps import Steps
from wc_desktop.background.way import Way
from wc_desktop.cipher.faults import Damaged
from wc_desktop.domain.blob_plan import BlobView, Compare, Fetch, Rest, Upload, next_blob_step
from wc_desktop.domain.blob_views import ContentFacts, Uploading, Wanted
from wc_desktop.domain.failures import LockedOut, ServerBusy
from wc_desktop.domain.screens import LinkState, LinkStatus
from wc_desktop.domain.sync_plan import retry_after
from wc_desktop.sync.blob_gateway import BlobFiles, BlobGateway, Proof
from wc_desktop.sync.blob_loop import BlobLoop

_log = logging.getLogger(__name__)
_Answer = TypeVar("_Answer")
DEFAULT_BUDGET = 500 * 1_048_576


class BlobLink(Protocol):
    """What the thread works with."""

    @property
    def blobs(self) -> BlobFiles:
        """The device's photos and documents; used on the replica thread only."""
        ...

    def set_blobs_aside(self) -> None:
        """Begin their file anew: a page of it does not read; on the replica thread."""
        ...

    def mend_blobs(self) -> bool:
        """Carry over a piece of what only files that were set aside have; return whether there is more."""
        ...

    def connect_blobs(self) -> BlobGateway:
        """Return the way to the server. Raises ServerUnreachable before entries have found it."""
        ...


class BlobThread(QObject):
    """Sends and fetches while a desk is unlocked. Made, started and stopped on the GUI thread."""

    arrived = Signal(str)  # sha256
    changed = Signal()

    def __init__(
        self,
        runner: Runner,
        desk: Desk,
        link: BlobLink,
        *,
        budget: int = DEFAULT_BUDGET,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._desk = desk
        self._link = link
        self._clock = desk.clock
        self._stop = threading.Event()
        self._wake = threading.Event()
        self._steps = Steps(runner, self._stop.is_set, Priority.BLOB)
        self._files = SteppedBlobs(self._steps, link)
        self._loop = BlobLoop(self._files, desk.clock, budget=budget)
        self._way: Way[BlobGateway] = Way(link.connect_blobs, self._stop.is_set)
        self._online = False
        self._failures = 0
        self._not_before = 0.0
        self._compared_at: float | None = None
        self._waiting_since: float | None = None
        self._after = ""
        self._photos_stale = True
        self._to_mend = True  # since the last start, or since a page did not read
        self._thread = threading.Thread(target=self._keep, name="blobs")

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    @Slot(object)
    def on_link_changed(self, link: LinkStatus) -> None:
        """Take note of whether entries find the server: photos go when they do."""
        online = link.state in {LinkState.ONLINE, LinkState.SYNCING}
        if online and not self._online:
            self._not_before = 0.0
        self._online = online
        if online:
            self._wake.set()

    @Slot(object)
    def on_records_changed(self, kinds: frozenset[str]) -> None:
        """Look which photos are wanted, when children, their orders or their documents changed."""
        if kinds & {"student", "order", "document"}:
            self._photos_stale = True
            self._wake.set()

    @Slot(object)
    def on_attached(self, _document: object) -> None:
        """Look what is to be sent: something was attached."""
        self._wake.set()

    def wake(self) -> None:
        """Somebody asked, or wants everything synced: compare, send and fetch now."""
        self._not_before = 0.0
        self._compared_at = None
        self._wake.set()

    def ask_to_stop(self) -> None:
        """Begin to stop, without waiting: no further step reaches the files."""
        self._stop.set()
        self._wake.set()
        self._way.close()

    @property
    def is_over(self) -> bool:
        """Whether the thread has ended."""
        return not self._thread.is_alive()

    def stop(self) -> None:
        """Stop and join the thread."""
        self.ask_to_stop()
        if self._thread.ident is not None:
            self._thread.join()

    def _keep(self) -> None:
        while not self._stop.is_set():
            self._keep_once()

    def _keep_once(self) -> None:
        try:
            self._once()
        except RunnerStopped:
            self._stop.set()
        except WhiteCrossError as error:
            self._failed(error)
        except Exception as error:  # noqa: BLE001  # the loop goes on, as those of entries do
            if not self._stop.is_set():
                _log.error("blobs.crashed", extra={"kind": type(error).__name__})
                self._failed(Defect(type(error).__name__))

    def _failed(self, error: WhiteCrossError) -> None:
        if self._stop.is_set():
            return
        self._failures += 1
        if isinstance(error, Damaged):
            with suppress(WhiteCrossError):
                self._steps.take(self._link.set_blobs_aside)
            self._photos_stale = self._to_mend = True
        said = error.after if isinstance(error, ServerBusy | LockedOut) else None
        self._not_before = self._clock.monotonic() + retry_after(self._failures, self._desk.chance, said)
        _log.info("blobs.failed", extra={"code": error.code})
        # Here, and not by the next plan: what is asked of the file to make that plan may be what fails.
        self._rest(self._not_before - self._clock.monotonic())

    def _rest(self, seconds: float) -> None:
        self._wake.wait(max(seconds, 0.0))
        self._wake.clear()

    def _once(self) -> None:
        self._mend()
        if self._photos_stale:
            self._photos_stale = False
            self._steps.take(partial(want_photos, self._desk))
        match next_blob_step(self._view()):
            case Rest(seconds=seconds):
                self._rest(seconds)
                return
            case Compare():
                self._loop.compare(self._way.take())
                self._compared_at = self._clock.monotonic()
            case Upload(what=what):
                # Whatever comes of it, the next turn is another's: one that fails holds nobody back.
                self._after = what.facts.sha256 if self._failures else ""
                self._loop.send(self._way.take(), what)
                self.changed.emit()
            case Fetch(what=wanted):
                if self._loop.fetch(self._way.take(), wanted, self._stop.is_set):
                    self.arrived.emit(wanted.facts.sha256)
                self.changed.emit()
            case step:
                assert_never(step)
        self._failures = 0

    def _mend(self) -> None:
        if self._to_mend:
            # Not again before the next start when it fails: what is here can be sent and fetched all the same.
            self._to_mend = False
            while self._steps.take(self._link.mend_blobs):
                continue

    def _view(self) -> BlobView:
        now = self._clock.monotonic()
        waiting, asked, upload, ahead = self._steps.take(self._looked)
        if not waiting:
            self._waiting_since = None
        elif self._waiting_since is None:
            self._waiting_since = now
        return BlobView(
            now=now,
            not_before=self._not_before,
            online=self._online,
            waiting_since=self._waiting_since,
            compared_at=self._compared_at,
            asked_for=asked,
            upload=upload,
            ahead=ahead,
        )

    def _looked(self) -> tuple[bool, Wanted | None, Uploading | None, Wanted | None]:
        blobs = self._link.blobs
        mine = blobs.uploads(after=self._after, epoch=self._loop.epoch, limit=1) or blobs.uploads(
            epoch=self._loop.epoch, limit=1
        )
        return (
            self._desk.journal.waiting().count > 0,
            blobs.next_wanted(asked=True),
            mine[0] if mine else None,
            blobs.next_wanted(asked=False),
        )


class SteppedBlobs:
    """sync.blob_gateway.BlobFiles, a step at a time on the replica thread."""

    def __init__(self, steps: Steps, link: BlobLink) -> None:
        self._take = steps.take
        self._link = link

    def uploads(self, *, after: str = "", epoch: str | None = None, limit: int = 200) -> Any:  # noqa: ANN401
        """As BlobFiles.uploads."""
        return self._do(lambda blobs: blobs.uploads(after=after, epoch=epoch, limit=limit))

    def next_wanted(self, *, asked: bool) -> Wanted | None:
        """As BlobFiles.next_wanted."""
        return self._do(lambda blobs: blobs.next_wanted(asked=asked))

    def read(self, name: str, start: int, length: int) -> bytes:
        """As BlobFiles.read."""
        return self._do(lambda blobs: blobs.read(name, start, length))

    def keep_piece(self, name: str, start: int, content: bytes) -> int:
        """As BlobFiles.keep_piece."""
        return self._do(lambda blobs: blobs.keep_piece(name, start, content))

    def proving(self, facts: ContentFacts) -> "SteppedProof":
        """As BlobFiles.proving, each slice a step."""
        return SteppedProof(self._take, self._do(lambda blobs: blobs.proving(facts)))

    def finish(self, facts: ContentFacts) -> None:
        """As BlobFiles.finish."""
        self._do(lambda blobs: blobs.finish(facts))

    def sent(self, name: str, *, epoch: str, at: Instant) -> None:
        """As BlobFiles.sent."""
        self._do(lambda blobs: blobs.sent(name, epoch=epoch, at=at))

    def refuse(self, name: str, code: str) -> None:
        """As BlobFiles.refuse."""
        self._do(lambda blobs: blobs.refuse(name, code))

    def drop_pieces(self, name: str) -> None:
        """As BlobFiles.drop_pieces."""
        self._do(lambda blobs: blobs.drop_pieces(name))

    def give_up(self, name: str) -> None:
        """As BlobFiles.give_up."""
        self._do(lambda blobs: blobs.give_up(name))

    def want_again(self) -> None:
        """As BlobFiles.want_again."""
        self._do(lambda blobs: blobs.want_again())

    def make_room(self, need: int, budget: int, at: Instant) -> bool:
        """As BlobFiles.make_room."""
        return self._do(lambda blobs: blobs.make_room(need, budget, at))

    def _do(self, step: Callable[[BlobFiles], _Answer]) -> _Answer:
        # The file is asked for within the step: behind a lock there is none.
        return self._take(lambda: step(self._link.blobs))


class SteppedProof:
    """sync.blob_gateway.Proof, each slice a step."""

    def __init__(self, take: Callable[[Callable[[], bool]], bool], proof: Proof) -> None:
        self._take = take
        self._proof = proof

    @property
    def sound(self) -> bool:
        """As Proof.sound."""
        return self._proof.sound

    def go_on(self) -> bool:
        """As Proof.go_on."""
        return self._take(self._proof.go_on)
