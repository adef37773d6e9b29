"""Doing a transaction again, whole, when the reason it failed passes."""

import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

import psycopg

from wc_sync_server.db.errors import TryAgain
from wc_sync_server.db.translate import passes, translated
from wc_sync_server.metrics import counts

T = TypeVar("T")


def _wait(seconds: float) -> None:
    threading.Event().wait(seconds)


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How often and how long to try. A request keeps a person waiting; an import can outlast a failover."""

    tries: int = 8
    seconds: float = 5.0
    first_pause: float = 0.02
    longest_pause: float = 1.0
    wait: Callable[[float], None] = field(default=_wait, repr=False)
    monotonic: Callable[[], float] = field(default=time.monotonic, repr=False)
    jitter: Callable[[], float] = field(default=random.random, repr=False)

    def pause(self, failures: int) -> float:
        """Return how long to wait after so many failures: between half and all of a doubling, capped pause."""
        longest = min(self.longest_pause, self.first_pause * 2.0 ** (failures - 1))
        return longest * (0.5 + self.jitter() / 2)


FAILOVER = Patience(tries=1_000, seconds=60.0)


def run_retrying(closure: Callable[[], T], *, patience: Patience | None = None) -> T:
    """Run closure, which is one whole transaction, until it succeeds or patience ends.

    It is run again after a serialization failure, deadlock, lock timeout, lost or demoted server, and also when a
    COMMIT went unanswered: so it must look for its own receipt. Raises TryAgain when patience ends.
    """
    patience = patience or Patience()
    deadline = patience.monotonic() + patience.seconds
    failures = 0
    while True:
        try:
            return closure()
        except TryAgain as error:
            failed: TryAgain = error
        except psycopg.Error as error:
            if not passes(error):
                raise translated(error) from None
            failed = TryAgain(error.sqlstate)
        failures += 1
        counts.transaction_failed(failed.sqlstate)
        pause = patience.pause(failures)
        if failures >= patience.tries or patience.monotonic() + pause > deadline:
            raise failed from None
        patience.wait(pause)
