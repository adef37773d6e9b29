"""The real clock and the real chance: the only places that ask the system."""

import os
import time
from datetime import UTC, datetime, timedelta

from wc_contract.model.instants import Instant, whole_millis

DEMO_OFFSET = "WC_DEMO_CLOCK_OFFSET"


class SystemClock:
    """The system's clock, moved by an offset in demonstrations only (docs/adr/0006)."""

    def __init__(self, offset_seconds: int = 0) -> None:
        self._offset = timedelta(seconds=offset_seconds)

    @property
    def is_demonstration(self) -> bool:
        """Whether the clock was moved; the window says so."""
        return bool(self._offset)

    def now(self) -> Instant:
        """Return the present instant, in UTC, in whole milliseconds."""
        return whole_millis(datetime.now(UTC) + self._offset)  # noqa: TID251  # the adapter

    def monotonic(self) -> float:
        """Return seconds from an arbitrary start that never goes back."""
        return time.monotonic()


class SystemChance:
    """The system's random bytes."""

    def octets(self, count: int) -> bytes:
        """Return count bytes that nobody can foresee."""
        return os.urandom(count)
