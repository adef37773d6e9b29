"""The machine's own time and chance: the only place in the server that reads them."""

import os
import time
from datetime import UTC, datetime, timedelta

from wc_contract.model.instants import Instant, whole_millis

# Seconds that `make demo` adds to its own programs' clocks, so that it is noon on a school day (docs/adr/0006).
DEMO_CLOCK_VARIABLE = "WC_DEMO_CLOCK_OFFSET"


class SystemClock:
    """The operating system's clock, moved by offset in the demonstration and nowhere else."""

    def __init__(self, offset: timedelta = timedelta(0)) -> None:
        self._offset = offset

    def now(self) -> Instant:
        return whole_millis(datetime.now(UTC) + self._offset)  # noqa: TID251  # this is the adapter

    def monotonic(self) -> float:
        return time.monotonic()


class SystemChance:
    """The operating system's random bytes."""

    def octets(self, count: int) -> bytes:
        return os.urandom(count)
