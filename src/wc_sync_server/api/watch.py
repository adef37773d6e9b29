"""Waiting for a stream to move: devices hold a request open, one thread looks for all of them."""

import asyncio
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import structlog

from wc_contract.model.errors import WhiteCrossError
from wc_contract.model.ids import DistrictId
from wc_contract.wire.codes import ProblemCode
from wc_sync_server.api.ports import Feeds, Hints
from wc_sync_server.domain.access import Principal
from wc_sync_server.domain.checkpoints import Checkpoint
from wc_sync_server.domain.problems import ProblemRaised
from wc_sync_server.metrics import counts

_LOOK_EVERY = 1.0
_LISTENERS = 5_000  # a process can hold as many open requests; more than a district has workstations
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Waiter:
    """Somebody who waits for heads to pass a checkpoint."""

    principal: Principal
    since: Checkpoint
    loop: asyncio.AbstractEventLoop = field(repr=False)
    moved: asyncio.Future[None] = field(repr=False)
    looked: asyncio.Future[None] = field(repr=False)

    def wake(self) -> None:
        if not self.moved.done():
            self.moved.set_result(None)


class StreamWatch:
    """Wakes those who wait, at a hint at once, without one within a second."""

    def __init__(self, feeds: Feeds, hints: Hints, *, jitter: Callable[[], float], listeners: int = _LISTENERS) -> None:
        self._feeds = feeds
        self._hints = hints
        self._listeners = listeners
        self._jitter = jitter
        self._lock = threading.Lock()
        self._waiters: set[_Waiter] = set()
        self._new: list[_Waiter] = []
        self._looking: asyncio.Task[None] | None = None
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="wc-stream-watch", daemon=True)

    def start(self) -> None:
        """Begin to look."""
        self._thread.start()

    def stop(self) -> None:
        """Stop looking; returns when the thread has ended."""
        self._stopping.set()
        self._hints.hush()
        self._thread.join()

    async def wait(self, principal: Principal, since: Checkpoint, seconds: float) -> bool:
        """Return whether the school's or the district's stream moved past since, after at most seconds.

        Raises ProblemRaised(BUSY) when too many wait already.
        """
        if len(self._waiters) >= self._listeners:
            raise ProblemRaised(ProblemCode.BUSY, retry_after=5 + int(self._jitter() * 25))
        loop = asyncio.get_running_loop()
        waiter = _Waiter(
            principal=principal, since=since, loop=loop, moved=loop.create_future(), looked=loop.create_future()
        )
        with self._lock:
            self._waiters.add(waiter)
        counts.LISTENING.inc()
        try:
            # Looked at after registering: what moved before is seen now, what moves later by the thread.
            await self._looked_at(waiter)
            await asyncio.wait_for(waiter.moved, seconds)
        except TimeoutError:
            return False
        else:
            return True
        finally:
            counts.LISTENING.dec()
            with self._lock:
                self._waiters.discard(waiter)

    async def _looked_at(self, waiter: _Waiter) -> None:
        """Look for one who has just come, together with all who come while another look is under way.

        Five hundred who come back at once cost a few looks, one after the other, and not five hundred at once.
        """
        self._new.append(waiter)
        if self._looking is None or self._looking.done():
            self._looking = waiter.loop.create_task(self._look_for_new())
        await asyncio.shield(waiter.looked)

    async def _look_for_new(self) -> None:
        while self._new:
            come, self._new = self._new, []
            for district in {waiter.principal.district for waiter in come}:
                of_district = [waiter for waiter in come if waiter.principal.district == district]
                error: Exception | None = None
                try:
                    moved = await asyncio.to_thread(self._moved, district, of_district)
                except Exception as failed:  # noqa: BLE001  # handed to those who asked; the others go on
                    moved, error = [], failed
                for waiter in moved:
                    waiter.wake()
                for waiter in of_district:
                    _settle(waiter.looked, error)

    def _moved(self, district: DistrictId, waiters: Sequence[_Waiter]) -> list[_Waiter]:
        schools = tuple({waiter.principal.school for waiter in waiters})
        heads = self._feeds.heads(district, schools)
        of_district = heads.get(district, 0)
        return [
            waiter
            for waiter in waiters
            if of_district > waiter.since.district_head
            or heads.get(waiter.principal.school, 0) > waiter.since.school_head
        ]

    def _run(self) -> None:
        while not self._stopping.is_set():
            hinted = self._hints.hear(_LOOK_EVERY)
            with self._lock:
                waiters = list(self._waiters)
            districts = {waiter.principal.district for waiter in waiters}
            for district in (districts & hinted) or districts:
                self._look(district, [waiter for waiter in waiters if waiter.principal.district == district])
        self._hints.close()

    def _look(self, district: DistrictId, waiters: list[_Waiter]) -> None:
        try:
            moved = self._moved(district, waiters)
        except WhiteCrossError as error:
            _log.info("watch.database_unavailable", code=error.code)
            return
        for waiter in moved:
            waiter.loop.call_soon_threadsafe(waiter.wake)


def _settle(looked: asyncio.Future[None], error: Exception | None) -> None:
    if looked.done():
        return
    if error is None:
        looked.set_result(None)
    else:
        looked.set_exception(error)
        looked.exception()  # one who went away meanwhile asks no more, and asyncio would complain of that
