"""A loop's patience: when it may try again after a failure, and what wakes it before that."""

import threading

from wc_contract.model.errors import WhiteCrossError
from wc_contract.model.ids import Chance
from wc_desktop.domain.failures import LockedOut, ServerBusy
from wc_desktop.domain.sync_plan import retry_after


class Patience:
    """One thread rests; any thread may rouse it. not_before is monotonic."""

    def __init__(self) -> None:
        self.wake = threading.Event()
        self.failures = 0
        self.not_before = 0.0

    def rouse(self) -> None:
        """Try again now."""
        self.not_before = 0.0
        self.wake.set()

    def put_off(self, error: WhiteCrossError, now: float, chance: Chance) -> None:
        """Do not try again at once after another failure: as long as the server asked for, or longer each time."""
        said = error.after if isinstance(error, ServerBusy | LockedOut) else None
        self.not_before = now + retry_after(self.failures, chance, said)

    def rest(self, seconds: float) -> None:
        """Do nothing for so long, unless woken."""
        self.wake.wait(max(seconds, 0.0))
        self.wake.clear()
