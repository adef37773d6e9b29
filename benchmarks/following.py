"""One who listens: notes when what another sent stands in its own replica."""

import threading
import time
from collections.abc import Callable
from typing import Any

from wc_desktop.domain.link_views import LinkState, LinkStatus

_DOSE = "dose"


class Follower:
    """Hears of a sync thread, on that thread."""

    def __init__(self, say: Callable[[dict[str, Any]], None]) -> None:
        self._say = say
        self._online = threading.Event()
        self._listens = False
        self._more = threading.Semaphore(0)

    def linked(self, status: LinkStatus) -> None:
        """Hear that the link changed."""
        # The thread that pulls says so once everything that was there has been pulled; the other one when greeted.
        if status.state is LinkState.ONLINE and threading.current_thread().name == "pull":
            self._online.set()

    def changed(self, kinds: frozenset[str]) -> None:
        """Hear that records were committed to the replica."""
        at = time.monotonic()
        if self._listens and _DOSE in kinds:
            self._say({"stood": at})
            self._more.release()

    def follow(self, count: int, patience: float) -> int:
        """Say that it listens, and return once so many changes came, or patience is over."""
        if not self._online.wait(patience):
            return 0
        # What came until now was pulled, not heard of; a moment later the request that waits is open.
        time.sleep(1.0)
        self._listens = True
        self._say({"ready": True})
        seen = 0
        while seen < count and self._more.acquire(timeout=patience):
            seen += 1
        return seen
