"""A workstation that gives its files new keys, in a process of its own that is killed on the way."""

import os
import signal
from pathlib import Path

from wc_contract.model.ids import UserId
from wc_desktop.app.new_keys import settle_keys
from wc_desktop.app.parts import Parts
from wc_desktop.security.clock import SystemChance, SystemClock
from wc_desktop.security.keystore import InsecureKeystore
from wc_desktop.security.station import Station


def live(folder: Path, user: UserId, password: str, fatal: int | None, seconds: float | None) -> None:
    """Settle the keys; SIGKILL before the step of that number, or so many seconds after it began."""
    happened = 0

    def step(_name: str) -> None:
        nonlocal happened
        if happened == fatal:
            os.kill(os.getpid(), signal.SIGKILL)
        happened += 1

    parts = Parts(
        clock=SystemClock(), chance=SystemChance(), keystore=InsecureKeystore(folder.parent / "keystore.json")
    )
    station = Station.load(folder, parts)
    assert station is not None
    keys = station.keys_for_repair(user, password)
    if seconds is not None:
        # Nobody catches it: it ends the process where it is.
        signal.setitimer(signal.ITIMER_REAL, seconds)
    settle_keys(station, keys, step)
