"""A workstation that is being erased, in a process of its own that is killed at one of its steps."""

import os
import signal
from pathlib import Path
from typing import Any

from wc_desktop.app.parts import Parts
from wc_desktop.app.wiping import Wiper
from wc_desktop.security.clock import SystemChance, SystemClock
from wc_desktop.security.keystore import InsecureKeystore


def keystore_of(folder: Path) -> InsecureKeystore:
    return InsecureKeystore(folder.parent / f"{folder.name}.keystore")


def live(folder: Path, offset: int, fatal: int | None, told: Path) -> None:
    """Go on with the end of a workstation; SIGKILL before the thing of that number is done, never with None."""
    happened = 0

    def step(what: Any) -> None:
        nonlocal happened
        if happened == fatal:
            os.kill(os.getpid(), signal.SIGKILL)
        happened += 1
        with told.open("a") as log:
            log.write(f"{what}\n")

    def named(news: Any) -> None:
        step(f"say {news.phase.value}")

    parts = Parts(clock=SystemClock(offset), chance=SystemChance(), keystore=keystore_of(folder))
    wiper = Wiper(parts=parts, folder=folder, told=step)
    wiper.look()
    step("looked")
    news = wiper.go_on(named)
    step(f"ended {news.phase.value} {news.problem}")
