"""Two threads that own the network: one pushes and says hello, one pulls and listens. Neither waits for the other.

Every step on the files is handed to the replica thread, after a look at whether we are still wanted.
"""

import logging
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from functools import partial
from typing import assert_never

from PySide6.QtCore import QObject, Signal, Slot

from wc_contract.model.errors import Defect, Unavailable, WhiteCrossError
from wc_contract.model.kinds import KINDS
from wc_contract.wire.codes import Directive
from wc_contract.wire.versions import MAX_PUSH_ENTRIES, version_key
from wc_desktop.actions.desk import Desk
from wc_desktop.background.patience import Patience
from wc_desktop.background.runner import Runner, RunnerStopped
from wc_desktop.background.steps import SteppedFiles, SteppedRepair, SteppedSide, Steps
from wc_desktop.background.strip_teller import StripTeller
from wc_desktop.background.way import Way
from wc_desktop.cipher.faults import Damaged
from wc_desktop.domain.enrolment import FirstSync
from wc_desktop.domain.failures import (
    BatchTooLarge,
    DeviceForked,
    EpochChanged,
    NumberGap,
    ReplicaDamaged,
    RequestRefused,
)
from wc_desktop.domain.link_views import LinkState
from wc_desktop.domain.sync_plan import (
    Listen,
    Pull,
    PullView,
    Push,
    PushView,
    Rebuild,
    Repair,
    Rest,
    SayHello,
    Standing,
    next_pull_step,
    next_push_step,
    retry_after,
    spread_of,
)
from wc_desktop.sync.files import ReplicaView
from wc_desktop.sync.first_sync import ReplicaDiffers, fill
from wc_desktop.sync.gateway import RepairGateway
from wc_desktop.sync.link import SyncLink
from wc_desktop.sync.pull_loop import Pulled, pull_round
from wc_desktop.sync.push_loop import UNDER_WAY, Begin, push_round
from wc_desktop.sync.repair import repair_round

_log = logging.getLogger(__name__)
_ALL_KINDS = frozenset(kind.name for kind in KINDS)
_TO_SHOW = {
    Directive.FORKED: "forked",
    Directive.DRAIN_ONLY: "drain_only",
    Directive.UPGRADE: "upgrade_needed",
    Directive.WIPE: "device_revoked",
}


class SyncThread(QObject):
    """Keeps an unlocked desk in step with its server. Made, started and stopped on the GUI thread."""

    link_changed = Signal(object)  # LinkStatus
    records_changed = Signal(object)  # frozenset of names of kinds
    wipe_asked = Signal()
    _batch = MAX_PUSH_ENTRIES

    def __init__(self, runner: Runner, desk: Desk, link: SyncLink, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._runner = runner
        self._desk = desk
        self._link = link
        self._clock = desk.clock
        self._spread = spread_of(desk.chance)
        self._stop = threading.Event()
        self._steps = Steps(runner, self._stop.is_set)
        self._files = SteppedFiles(self._steps, link.files)
        self._push_loop = Patience()
        self._pull_loop = Patience()
        self._standing: Standing | None = None
        self._stale = True
        self._compared_at: float | None = None
        self._to_repair: frozenset[str] = frozenset()
        self._repaired = False  # since the digests last agreed
        self._beyond_repair = False
        self._suspect = False
        self._scope: str | None = None
        self._way: Way[RepairGateway] = Way(link.connect, self._stop.is_set)
        self._strip = StripTeller(desk, self._steps, tell=self.link_changed.emit, damaged=self._suspect_damage)
        self._threads = (
            threading.Thread(target=self._keep, args=(self._push_loop, self._push_once), name="push"),
            threading.Thread(target=self._keep, args=(self._pull_loop, self._pull_once), name="pull"),
        )

    def start(self) -> None:
        """Begin."""
        self._desk.on_authored = self._authored
        self._runner.refused.connect(self._on_refused)
        for thread in self._threads:
            thread.start()

    def wake(self) -> None:
        """Somebody asked, or the network came back: say hello, push and pull now."""
        self._stale = True
        self._standing_over()
        self._push_loop.rouse()
        self._pull_loop.rouse()
        self._stop_listening()

    def ask_to_stop(self) -> None:
        """Begin to stop, without waiting: no further step reaches the files."""
        self._stop.set()
        self._desk.on_authored = None
        for loop in (self._push_loop, self._pull_loop):
            loop.wake.set()
        self._way.close()

    @property
    def is_over(self) -> bool:
        """Whether both threads have ended."""
        return not any(thread.is_alive() for thread in self._threads)

    def stop(self) -> None:
        """Stop and join both threads; a connection being made may take a few seconds to give up."""
        self.ask_to_stop()
        for thread in self._threads:
            if thread.ident is not None:
                thread.join()

    def _suspect_damage(self) -> None:
        # Whether it is the replica's page, the pull loop looks.
        self._suspect = True

    def _authored(self) -> None:
        self._push_loop.rouse()

    @Slot(object)
    def _on_refused(self, error: WhiteCrossError) -> None:
        # Somebody came upon a page that does not read: look whether it is the replica's, and fetch it anew.
        if isinstance(error, Damaged | ReplicaDamaged) and not self._stop.is_set():
            self._suspect_damage()
            self._pull_loop.rouse()
            self._stop_listening()

    # The two loops.

    def _keep(self, loop: Patience, once: Callable[[], None]) -> None:
        while not self._stop.is_set():
            with suppress(RunnerStopped):
                self._keep_once(loop, once)

    def _keep_once(self, loop: Patience, once: Callable[[], None]) -> None:
        try:
            once()
            loop.failures = 0
        except RunnerStopped:
            # The desk is locked or the program closes: whoever did it has set the flag, or is about to.
            self._stop.set()
        except WhiteCrossError as error:
            self._failed(loop, error)
        except Exception as error:  # noqa: BLE001  # one of the three places that may: the loop goes on
            if not self._stop.is_set():
                _log.error("sync.crashed", extra={"kind": type(error).__name__})
                self._failed(loop, Defect(type(error).__name__))

    def _failed(self, loop: Patience, error: WhiteCrossError) -> None:
        if self._stop.is_set():
            return
        loop.failures += 1
        if isinstance(error, EpochChanged | NumberGap | DeviceForked):
            # The server wants to be greeted again before it goes on.
            self._standing_over()
            if loop.failures == 1:
                self._push_loop.rouse()
                return
        if isinstance(error, Damaged):
            self._suspect_damage()
        loop.put_off(error, self._clock.monotonic(), self._desk.chance)
        away = isinstance(error, Unavailable) and not isinstance(error, ReplicaDiffers)
        self._strip.say(LinkState.OFFLINE if away else LinkState.ATTENTION, problem=error.code)
        # Here, and not by the next plan: what is asked of the files to make that plan may be what fails.
        loop.rest(loop.not_before - self._clock.monotonic())

    def _push_once(self) -> None:
        standing = self._standing
        view = PushView(
            now=self._clock.monotonic(),
            not_before=self._push_loop.not_before,
            standing=standing,
            unsent=standing is not None and self._files.has_unsent(standing.epoch),
            spread=self._spread,
        )
        match next_push_step(view):
            case SayHello():
                self._hello()
            case Push(epoch=epoch):
                self._push(epoch)
            case Rest(seconds=seconds):
                self._push_loop.rest(seconds)
            case step:
                assert_never(step)

    def _pull_once(self) -> None:
        if self._suspect:
            self._suspect = False
            self._beyond_repair = self._beyond_repair or not self._steps.take(self._desk.records.check)
        replica = self._where()
        view = PullView(
            now=self._clock.monotonic(),
            not_before=self._pull_loop.not_before,
            standing=self._standing,
            replica_epoch=replica.epoch,
            beyond_repair=self._beyond_repair,
            stale=self._stale,
            compared_at=self._compared_at,
            wants_digest=self._desk.wants_digest,
            spread=self._spread,
            to_repair=self._to_repair,
            sending=self._sending(),
        )
        match next_pull_step(view):
            case Pull(epoch=epoch, digest=digest):
                self._pull(epoch, digest=digest)
            case Repair(epoch=epoch, kinds=kinds):
                self._repair(epoch, kinds)
            case Rebuild(epoch=epoch):
                self._rebuild(epoch)
            case Listen(epoch=epoch, seconds=seconds):
                self._listen(epoch, replica.checkpoint, seconds)
            case Rest(seconds=seconds):
                self._pull_loop.rest(seconds)
            case step:
                assert_never(step)

    def _where(self) -> ReplicaView:
        """Return where the replica stands; one that does not read stands nowhere, and is fetched anew."""
        try:
            return self._files.view()
        except Damaged:
            return ReplicaView(epoch="", checkpoint=None, positions={})

    # What they do.

    def _hello(self) -> None:
        message = self._files.hello()
        answer = self._way.take().hello(message)
        self._files.take_hello(answer, message)
        self._standing = Standing(
            epoch=answer.epoch,
            directive=answer.directive,
            said_at=self._clock.monotonic(),
            too_old=version_key(message.app_version) < version_key(answer.min_app_version),
        )
        self._push_loop.not_before = 0.0
        if answer.again:
            self._standing_over()
            return
        if answer.directive is Directive.WIPE:
            self.wipe_asked.emit()
        if answer.directive is Directive.RECONCILE:
            self._compared_at = None
            self._stop_listening()
        self._reached()
        self._pull_loop.rouse()

    def _push(self, epoch: str) -> None:
        with self._beside() as begin:
            pushed = push_round(
                self._way.take(), self._files, epoch, stopping=self._stop.is_set, limit=self._batch, begin=begin
            )
        self._reached()
        if pushed.answered:
            self._stale = True
            self._pull_loop.rouse()
            self._stop_listening()
        if pushed.too_large:
            self._strip.say(LinkState.ATTENTION, problem="too_large")
        if not pushed.settled:
            # Entries the server asks to wait with, or cannot take: not again before the next hello or entry.
            self._push_loop.rest(retry_after(5, self._desk.chance))

    @contextmanager
    def _beside(self) -> Iterator[Begin]:
        # A thread begins with the first batch that goes beside another: most rounds have one batch.
        with ThreadPoolExecutor(UNDER_WAY, thread_name_prefix="push") as threads:
            yield lambda send: threads.submit(send).result

    def _pull(self, epoch: str, *, digest: bool) -> None:
        self._stale = False
        self._strip.begin_progress()
        pulled = pull_round(self._way.take(), self._files, epoch, digest=digest, progress=self._strip.say_progress)
        if digest:
            self._compared_at = self._clock.monotonic()
            self._desk.wants_digest = False
            self._compared(frozenset(pulled.different))
        elif pulled.scope != self._scope:
            # This device may see other records than at the last comparison, which no position tells.
            self._compared_at = None
        self._scope = pulled.scope
        self._pulled(pulled)

    def _compared(self, different: frozenset[str]) -> None:
        # One repair, aimed at what differs; when that was not enough, everything is fetched anew.
        self._beyond_repair = bool(different) and self._repaired
        self._to_repair = frozenset() if self._beyond_repair else different
        self._repaired = self._repaired and bool(different)

    def _repair(self, epoch: str, kinds: frozenset[str]) -> None:
        files = SteppedRepair(self._steps, self._link.repair_files)
        try:
            repaired = repair_round(self._way.take(), files, epoch, kinds, progress=self._strip.say_progress)
        except (RequestRefused, BatchTooLarge):
            # A server that does not know how to repair, or not so much: then the long way.
            self._beyond_repair = True
            return
        self._to_repair, self._repaired = frozenset(), True
        self._beyond_repair = repaired.too_much
        self._stale, self._compared_at = True, None
        self._pulled(Pulled(records=repaired.fetched, kinds=repaired.kinds, different=()))

    def _sending(self) -> bool:
        standing = self._standing
        willing = standing is not None and self._push_loop.failures == 0 and bool(self._to_repair)
        return willing and standing is not None and self._files.has_unsent(standing.epoch)

    def _pulled(self, pulled: Pulled) -> None:
        # First what a nurse waits for, then that the link is well.
        if pulled.kinds:
            self.records_changed.emit(pulled.kinds)
        self._reached()

    def _rebuild(self, epoch: str) -> None:
        side = self._steps.take(partial(self._link.begin_side, epoch))
        try:
            fill(self._way.take(), SteppedSide(self._steps, side), epoch, self._filled)
        except ReplicaDiffers:
            self._steps.take(self._link.drop_side)
            raise
        self._steps.take(self._link.swap_in)
        self._beyond_repair = self._repaired = False
        self._to_repair = frozenset()
        self._compared_at = self._clock.monotonic()
        self._pulled(Pulled(records=0, kinds=_ALL_KINDS, different=()))

    def _filled(self, progress: FirstSync) -> None:
        self._strip.say_progress(progress.done, progress.total_about)

    def _listen(self, epoch: str, checkpoint: str | None, seconds: int) -> None:
        if self._pull_loop.wake.is_set():
            # Woken since this step was planned: there was no wait yet that could be ended.
            self._pull_loop.wake.clear()
            return
        try:
            moved = self._way.take().wait(epoch, checkpoint, seconds, unwanted=self._pull_loop.wake.is_set)
        except Unavailable:
            if self._pull_loop.wake.is_set():
                # We were told to stop listening; the next step is a pull.
                self._pull_loop.wake.clear()
                return
            raise
        self._stale = self._stale or moved
        if not self._stale:
            # Else a pull follows at once, and says so itself.
            self._reached()

    # The way there.

    def _stop_listening(self) -> None:
        gateway = self._way.made
        if gateway is not None:
            gateway.stop_listening()

    def _standing_over(self) -> None:
        self._standing = None

    def _reached(self) -> None:
        standing = self._standing
        problem = None if standing is None else _TO_SHOW.get(standing.directive)
        if standing is not None and standing.too_old and standing.directive is Directive.DRAIN_ONLY:
            problem = "upgrade_needed"
        self._strip.say(LinkState.ONLINE if problem is None else LinkState.ATTENTION, problem=problem)
        for loop in (self._push_loop, self._pull_loop):
            # One got through: the other need not wait its time.
            if loop.not_before > self._clock.monotonic() and loop.failures:
                loop.rouse()
