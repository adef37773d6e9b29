"""The thread that sends and fetches photos and documents: behind everything else, a piece at a time.

Every step on the file is handed to the replica thread behind doses, entries and pulls; before every piece it looks
whether an entry waits. What goes wrong here is tried again later and is nobody else's trouble.
"""

import logging
import threading
from contextlib import suppress
from functools import partial
from typing import assert_never

from PySide6.QtCore import QObject, Signal, Slot

from wc_contract.model.errors import Defect, WhiteCrossError
from wc_desktop.actions.desk import Desk
from wc_desktop.actions.photos import want_photos
from wc_desktop.background.blob_steps import BlobLink, SteppedBlobs
from wc_desktop.background.patience import Patience
from wc_desktop.background.runner import Priority, Runner, RunnerStopped
from wc_desktop.background.steps import Steps
from wc_desktop.background.way import Way
from wc_desktop.cipher.faults import Damaged
from wc_desktop.domain.blob_plan import BlobView, Compare, Fetch, Rest, Upload, next_blob_step
from wc_desktop.domain.blob_views import Uploading, Wanted
from wc_desktop.domain.link_views import LinkState, LinkStatus
from wc_desktop.sync.blob_gateway import BlobGateway
from wc_desktop.sync.blob_loop import BlobLoop

_log = logging.getLogger(__name__)
DEFAULT_BUDGET = 500 * 1_048_576


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
        self._patience = Patience()
        self._steps = Steps(runner, self._stop.is_set, Priority.BLOB)
        self._files = SteppedBlobs(self._steps, link)
        self._loop = BlobLoop(self._files, desk.clock, budget=budget)
        self._way: Way[BlobGateway] = Way(link.connect_blobs, self._stop.is_set)
        self._online = False
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
            self._patience.not_before = 0.0
        self._online = online
        if online:
            self._patience.wake.set()

    @Slot(object)
    def on_records_changed(self, kinds: frozenset[str]) -> None:
        """Look which photos are wanted, when children, their orders or their documents changed."""
        if kinds & {"student", "order", "document"}:
            self._photos_stale = True
            self._patience.wake.set()

    @Slot(object)
    def on_attached(self, _document: object) -> None:
        """Look what is to be sent: something was attached."""
        self._patience.wake.set()

    def wake(self) -> None:
        """Somebody asked, or wants everything synced: compare, send and fetch now."""
        self._compared_at = None
        self._loop.full_before = 0.0
        self._patience.rouse()

    def ask_to_stop(self) -> None:
        """Begin to stop, without waiting: no further step reaches the files."""
        self._stop.set()
        self._patience.wake.set()
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
        self._patience.failures += 1
        if isinstance(error, Damaged):
            with suppress(WhiteCrossError):
                self._steps.take(self._link.set_blobs_aside)
            self._photos_stale = self._to_mend = True
        self._patience.put_off(error, self._clock.monotonic(), self._desk.chance)
        _log.info("blobs.failed", extra={"code": error.code})
        # Here, and not by the next plan: what is asked of the file to make that plan may be what fails.
        self._patience.rest(self._patience.not_before - self._clock.monotonic())

    def _once(self) -> None:
        self._mend()
        if self._photos_stale:
            self._photos_stale = False
            self._steps.take(partial(want_photos, self._desk))
        match next_blob_step(self._view()):
            case Rest(seconds=seconds):
                self._patience.rest(seconds)
                return
            case Compare():
                self._loop.compare(self._way.take())
                self._compared_at = self._clock.monotonic()
            case Upload(what=what):
                # Whatever comes of it, the next turn is another's: one that fails holds nobody back.
                self._after = what.facts.sha256 if self._patience.failures else ""
                self._loop.send(self._way.take(), what)
                self._steps.take(self._say_full)
                self.changed.emit()
            case Fetch(what=wanted):
                if self._loop.fetch(self._way.take(), wanted, self._stop.is_set):
                    self.arrived.emit(wanted.facts.sha256)
                self.changed.emit()
            case step:
                assert_never(step)
        self._patience.failures = 0

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
            not_before=self._patience.not_before,
            online=self._online,
            waiting_since=self._waiting_since,
            compared_at=self._compared_at,
            asked_for=asked,
            upload=upload if now >= self._loop.full_before else None,
            ahead=ahead,
        )

    def _say_full(self) -> None:
        self._desk.documents_full_until = self._loop.full_until

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
