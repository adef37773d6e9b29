"""How long the start and the unlock took, on standard output, when WC_TRACE_STARTUP=1 asks for it."""

import os
import sys
import time
from pathlib import Path

from PySide6.QtCore import QObject, Slot

from wc_desktop.app.settings import Settings


class StartupTrace(QObject):
    """Prints two lines a run reads: when the password field was painted, when the due list was."""

    def __init__(self, settings: Settings, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._settings = settings
        self._unlock_pressed: float | None = None
        self._field_painted = False

    @Slot()
    def on_field_painted(self) -> None:
        """Say how many seconds after the process began the password field was on the screen."""
        if self._field_painted:
            return
        self._field_painted = True
        if self._settings.started_at is not None:
            took: float | None = time.time() - self._settings.started_at
        else:
            took = _seconds_since_process_start()
        if took is not None:
            self._say("unlock-field-painted", took)

    @Slot()
    def on_unlock_pressed(self) -> None:
        """Note the key that opens the desk."""
        self._unlock_pressed = time.monotonic()

    @Slot()
    def on_due_list_painted(self) -> None:
        """Say how many seconds after that the due list was on the screen."""
        if self._unlock_pressed is not None:
            self._say("due-list-painted", time.monotonic() - self._unlock_pressed)
            self._unlock_pressed = None

    def _say(self, what: str, seconds: float) -> None:
        if self._settings.trace:
            sys.stdout.write(f"{what} {seconds:.3f}\n")
            sys.stdout.flush()


def _seconds_since_process_start() -> float | None:
    """Return the age of this process; Linux only."""
    stat = Path("/proc/self/stat")
    if not stat.exists():
        return None
    # The second field is a name in parentheses that may hold spaces; the start time is the 22nd.
    began = int(stat.read_text(encoding="utf-8").rpartition(")")[2].split()[19])
    return time.clock_gettime(time.CLOCK_BOOTTIME) - began / os.sysconf("SC_CLK_TCK")
