"""Virtual time. What waits in the product waits here on a fiber: a thread of which only one at a time ever runs."""

import heapq
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from wc_contract.model.instants import Instant, whole_millis

START = datetime(2026, 11, 23, 17, 30, tzinfo=UTC)  # half past eleven in Chicago, on a Monday
_STACK = 512 * 1024


class Killed(BaseException):
    """The machine on which this fiber ran has lost its power. No handler of the product may catch it."""


class NeverQuiet(Exception):
    """More happened than any schedule needs: something spins."""


class Fiber:
    """Work that may wait in virtual time. Its body runs only while somebody is inside resume."""

    def __init__(self, scheduler: "Scheduler", body: Callable[[], None]) -> None:
        self._scheduler = scheduler
        self._body = body
        self._go, self._back = threading.Lock(), threading.Lock()
        self._go.acquire()
        self._back.acquire()
        self._killed = False
        self._turn = 0
        self.ended = False
        self._thread = threading.Thread(target=self._run, daemon=True)

    def start(self) -> None:
        self._scheduler.fibers.append(self)
        self._thread.start()
        self._scheduler.after(0.0, self._resume_of(self._turn))

    def kill(self) -> None:
        """End it where it waits. A fiber that kills itself goes on until it next waits."""
        self._killed = True
        if not self.ended and self._scheduler.running is not self:
            self._switch()

    def sleep(self, seconds: float) -> None:
        """Let virtual time pass, or less of it when somebody rouses the fiber. Called by its own body."""
        if self._killed:
            raise Killed
        self._scheduler.after(seconds, self._resume_of(self._turn))
        self._scheduler.running = None
        self._back.release()
        self._go.acquire()
        self._scheduler.running = self
        self._turn += 1
        if self._killed:
            raise Killed

    def rouse(self) -> None:
        """End its present sleep, once whoever calls this has finished."""
        self._scheduler.after(0.0, self._resume_of(self._turn))

    def _resume_of(self, turn: int) -> Callable[[], None]:
        def resume() -> None:
            # A sleep that was ended already must not end the next one.
            if turn == self._turn and not self.ended:
                self._switch()

        return resume

    def _switch(self) -> None:
        before = self._scheduler.running
        self._go.release()
        self._back.acquire()
        self._scheduler.running = before

    def _run(self) -> None:
        self._go.acquire()
        self._scheduler.running = self
        self._turn += 1
        try:
            if not self._killed:
                self._body()
        except Killed:
            self._killed = True
        except BaseException as error:  # noqa: BLE001  # told to whoever runs the schedule
            self._scheduler.broken.append(error)
        finally:
            self.ended = True
            self._scheduler.running = None
            self._back.release()


@dataclass(slots=True)
class Scheduler:
    """What happens when. Two things at one instant happen in the order in which they were asked for."""

    now: float = 0.0
    running: Fiber | None = None
    fibers: list[Fiber] = field(default_factory=list)
    broken: list[BaseException] = field(default_factory=list)
    events: int = 0
    most_events: int = 400_000
    _heap: list[tuple[float, int, Callable[[], None]]] = field(default_factory=list)
    _count: int = 0

    def after(self, seconds: float, call: Callable[[], None]) -> None:
        self._count += 1
        heapq.heappush(self._heap, (self.now + max(seconds, 0.0), self._count, call))

    def fiber(self, body: Callable[[], None]) -> Fiber:
        """Start a fiber."""
        threading.stack_size(_STACK)
        made = Fiber(self, body)
        made.start()
        return made

    def sleep(self, seconds: float) -> None:
        """Wait, when a fiber asks; whatever runs outside of fibers takes no time."""
        if self.running is not None:
            self.running.sleep(seconds)

    def run(self, until: float) -> None:
        """Let everything happen that is due by then. Raises what a fiber broke with, NeverQuiet."""
        while self._heap and self._heap[0][0] <= until:
            at, _, call = heapq.heappop(self._heap)
            self.now = max(self.now, at)
            self.events += 1
            if self.events > self.most_events:
                raise NeverQuiet(f"{self.events} events by second {self.now:.0f}")
            call()
            if self.broken:
                raise self.broken[0]
        self.now = max(self.now, until)

    def close(self) -> None:
        """End every fiber."""
        for fiber in self.fibers:
            if not fiber.ended:
                fiber.kill()


@dataclass(slots=True)
class DeviceClock:
    """A workstation's clock: it may be wrong, jump and drift. Its monotonic side never does."""

    scheduler: Scheduler
    offset: timedelta = timedelta()
    drift: float = 0.0  # seconds a second

    def now(self) -> Instant:
        elapsed = timedelta(seconds=self.scheduler.now * (1.0 + self.drift))
        return whole_millis(START + self.offset + elapsed)

    def monotonic(self) -> float:
        return 1_000.0 + self.scheduler.now


class Wake:
    """threading.Event for a fiber: waiting takes virtual time."""

    def __init__(self, scheduler: Scheduler) -> None:
        self._scheduler = scheduler
        self._is_set = False
        self._waiting: Fiber | None = None

    def set(self) -> None:
        self._is_set = True
        if self._waiting is not None:
            self._waiting.rouse()

    def clear(self) -> None:
        self._is_set = False

    def is_set(self) -> bool:
        return self._is_set

    def wait(self, seconds: float) -> bool:
        if not self._is_set:
            self._waiting = self._scheduler.running
            try:
                # Time passes while a real thread turns round: what is left of a wait never stays too small to add.
                self._scheduler.sleep(max(seconds, 0.001))
            finally:
                self._waiting = None
        return self._is_set
