"""Waiting for a stream to move: devices hold a request open, one thread looks for all of them."""

import asyncio
import threading
from dataclasses import dataclass, field

import structlog

from wc_contract.model.errors import WhiteCrossError
from wc_contract.model.ids import DistrictId
from wc_sync_server.api.ports import Feeds, Hints
from wc_sync_server.domain.access import Principal
from wc_sync_server.domain.checkpoints import Checkpoint

_LOOK_EVERY = 1.0
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Waiter:
    """Somebody who waits for heads to pass a checkpoint."""

    principal: Principal
    since: Checkpoint
    loop: asyncio.AbstractEventLoop = field(repr=False)
    moved: asyncio.Future[None] = field(repr=False)

    def wake(self) -> None:
        if not self.moved.done():
            self.moved.set_result(None)


class StreamWatch:
    """Wakes those who wait, at a hint at once, without one within a second."""

    def __init__(self, feeds: Feeds, hints: Hints) -> None:
        self._feeds = feeds
        self._hints = hints
        self._lock = threading.Lock()
        self._waiters: set[_Waiter] = set()
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
        """Return whether the school's or the district's stream moved past since, after at most seconds."""
        loop = asyncio.get_running_loop()
        waiter = _Waiter(principal=principal, since=since, loop=loop, moved=loop.create_future())
        with self._lock:
            self._waiters.add(waiter)
        try:
            # Looked at after registering: what moved before is seen now, what moves later by the thread.
            if await asyncio.to_thread(self._moved, waiter):
                return True
            await asyncio.wait_for(waiter.moved, seconds)
        except TimeoutError:
            return False
        else:
            return True
        finally:
            with self._lock:
                self._waiters.discard(waiter)

    def _moved(self, waiter: _Waiter) -> bool:
        principal = waiter.principal
        heads = self._feeds.heads(principal.district, (principal.school,))
        return (
            heads.get(principal.district, 0) > waiter.since.district_head
            or heads.get(principal.school, 0) > waiter.since.school_head
        )

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
        schools = tuple({waiter.principal.school for waiter in waiters})
        try:
            heads = self._feeds.heads(district, schools)
        except WhiteCrossError as error:
            _log.info("watch.database_unavailable", code=error.code)
            return
        for waiter in waiters:
            of_district = heads.get(district, 0) > waiter.since.district_head
            if of_district or heads.get(waiter.principal.school, 0) > waiter.since.school_head:
                waiter.loop.call_soon_threadsafe(waiter.wake)
