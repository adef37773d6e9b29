"""The sync thread's two loops, on fibers. Its own methods run; only its threads, its events and Qt are left out."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

from tests.simulation.scheduler import Scheduler, Wake

from wc_contract.model.errors import WhiteCrossError
from wc_contract.wire.messages import PushAnswer
from wc_contract.wire.versions import MAX_PUSH_ENTRIES
from wc_desktop.actions.desk import Desk
from wc_desktop.background.patience import Patience
from wc_desktop.background.runner import Priority, RunnerStopped
from wc_desktop.background.steps import SteppedFiles, Steps
from wc_desktop.background.sync_thread import SyncThread
from wc_desktop.background.way import Way
from wc_desktop.domain.link_views import LinkState
from wc_desktop.domain.sync_plan import spread_of
from wc_desktop.sync.link import SyncLink
from wc_desktop.sync.push_loop import Begin, Send

_A_WHILE, _HALF = 60.0, 0.5


def _raise(error: WhiteCrossError) -> PushAnswer:
    raise error


class Heard:
    """A signal to which somebody listens at once."""

    def __init__(self) -> None:
        self.emit: Callable[[object], None] = _nobody


def _nobody(_said: object) -> None:
    return


class Silent:
    """Tells no strip: nobody looks at one, and what it counts is no part of sync."""

    def say(self, state: LinkState, *, problem: str | None = None) -> None: ...

    def begin_progress(self) -> None: ...

    def say_progress(self, done: int, about: int) -> None: ...


class AtOnce:
    """background.runner.Runner where everything runs on the one thread there is."""

    def call(self, job: Callable[[], Any], _priority: Priority) -> Any:
        return job()


class SyncLoops:
    """What SyncThread does between start and stop."""

    wake = SyncThread.wake
    _suspect_damage = SyncThread._suspect_damage
    _authored = SyncThread._authored
    _keep_once = SyncThread._keep_once
    _push_once = SyncThread._push_once
    _pull_once = SyncThread._pull_once
    _where = SyncThread._where
    _hello = SyncThread._hello
    _push = SyncThread._push
    _pull = SyncThread._pull
    _compared = SyncThread._compared
    _repair = SyncThread._repair
    _sending = SyncThread._sending
    _pulled = SyncThread._pulled
    _rebuild = SyncThread._rebuild
    _filled = SyncThread._filled
    _listen = SyncThread._listen
    _stop_listening = SyncThread._stop_listening
    _standing_over = SyncThread._standing_over
    _reached = SyncThread._reached

    def __init__(
        self, scheduler: Scheduler, desk: Desk, link: SyncLink, failed: Callable[[WhiteCrossError], None]
    ) -> None:
        self._scheduler = scheduler
        self._desk = desk
        self._link = link
        self._told = failed
        self._clock = desk.clock
        self._spread = spread_of(desk.chance)
        # A noon has few entries: on half of the workstations they go one by one, and so some of them side by side.
        self._batch = 1 if self._spread < _HALF else MAX_PUSH_ENTRIES
        self._stop = threading.Event()
        self._steps = Steps(AtOnce(), self._stop.is_set)  # type: ignore[arg-type]
        self._files = SteppedFiles(self._steps, link.files)
        self._push_loop, self._pull_loop = self._loop(), self._loop()
        self._standing = None
        self._stale = True
        self._compared_at = None
        self._to_repair = frozenset()
        self._repaired = self._beyond_repair = False
        self._suspect = False
        self._scope = None
        self._way = Way(link.connect, self._stop.is_set)
        self._strip = Silent()
        self.link_changed, self.records_changed = Heard(), Heard()
        self.fibers = []

    def _loop(self) -> Patience:
        loop = Patience()
        loop.wake = Wake(self._scheduler)  # type: ignore[assignment]
        return loop

    def start(self) -> None:
        self._desk.on_authored = self._authored
        self.fibers = [
            self._scheduler.fiber(lambda: self._keep(self._push_loop, self._push_once)),
            self._scheduler.fiber(lambda: self._keep(self._pull_loop, self._pull_once)),
        ]

    def stop(self) -> None:
        """End in order, as a lock of the desk does; the fibers end where they wait."""
        self._stop.set()
        self._desk.on_authored = None
        self._way.close()
        self.kill()

    def kill(self) -> None:
        for fiber in self.fibers:
            fiber.kill()

    @contextmanager
    def _beside(self) -> Iterator[Begin]:
        yield self._begin

    def _begin(self, send: Send) -> Send:
        done: list[Send] = []
        wake = Wake(self._scheduler)

        def run() -> None:
            try:
                answer = send()
            except WhiteCrossError as error:
                done.append(partial(_raise, error))
            else:
                done.append(lambda: answer)
            wake.set()

        def wait() -> PushAnswer:
            while not done:
                wake.wait(_A_WHILE)
            return done[0]()

        self.fibers.append(self._scheduler.fiber(run))
        return wait

    def _keep(self, loop: Patience, once: Callable[[], None]) -> None:
        while not self._stop.is_set():
            try:
                self._keep_once(loop, once)
            except RunnerStopped:
                continue

    def _failed(self, loop: Patience, error: WhiteCrossError) -> None:
        self._told(error)
        SyncThread._failed(self, loop, error)  # type: ignore[arg-type]

    @property
    def directive(self) -> str | None:
        """What the server told at the last greeting."""
        return None if self._standing is None else self._standing.directive.value
