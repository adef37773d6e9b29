"""Whether this workstation is to be erased, asked in a process of its own: its secrets go with it.

The window asks now and then also while it is locked. To ask takes the device's keys and a session; a process that
ends gives its memory back to the system, and what it learned stands in the folder (security.wipe_mark).
"""

import logging
import os
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

from wc_contract.model.errors import WhiteCrossError
from wc_desktop.app.parts import build_parts
from wc_desktop.app.settings import CLOCK_VARIABLE, clock_offset_from
from wc_desktop.app.wiping import Wiper
from wc_desktop.background.wipe_watch import Say
from wc_desktop.domain.wiping import WipeNews
from wc_desktop.security.clock import SystemChance, SystemClock
from wc_desktop.security.keystore import InsecureKeystore, system_keystore
from wc_desktop.security.process import refuse_core_dumps
from wc_desktop.security.wipe_mark import news_of, read_mark

_log = logging.getLogger(__name__)
_PATIENCE_SECONDS = 120.0


class AskedApart:
    """background.wipe_watch.Wiping that looks from another process; an order is carried out in this one."""

    def __init__(self, wiper: Wiper, clock_offset: int, keystore_file: Path | None) -> None:
        self._wiper = wiper
        self._environment = {**os.environ, CLOCK_VARIABLE: str(clock_offset)}
        named = () if keystore_file is None else (str(keystore_file),)
        self._command = (sys.executable, "-P", "-m", __name__, str(wiper.folder), *named)
        self._alone = threading.Lock()
        self._asking: subprocess.Popen[bytes] | None = None
        self._closed = False

    def look(self) -> WipeNews:
        """Return what stands in the folder after asking; without an answer, what stood there before."""
        mark = read_mark(self._wiper.folder)
        if mark is None:
            self._ask()
            mark = read_mark(self._wiper.folder)
        return news_of(mark)

    def go_on(self, say: Say) -> WipeNews:
        """As Wiper.go_on."""
        return self._wiper.go_on(say)

    def close(self) -> None:
        """End what is under way, at once."""
        with self._alone:
            self._closed = True
            if self._asking is not None:
                self._asking.kill()
        self._wiper.close()

    def _ask(self) -> None:
        with self._alone:
            if self._closed:
                return
            asking = self._asking = subprocess.Popen(  # noqa: S603  # our own words
                self._command, env=self._environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE
            )
        try:
            said, _ = asking.communicate(timeout=_PATIENCE_SECONDS)
        except subprocess.TimeoutExpired:
            asking.kill()
            said, _ = asking.communicate()
        if asking.returncode and not self._closed:
            _log.info("wipe.not_asked", extra={"code": said.decode("ascii", "replace").strip()})


def main(words: Sequence[str]) -> int:
    """Ask for the folder named first, with the keystore file named second; 1, and a failure's code, when in vain."""
    refuse_core_dumps()
    folder, *named = (Path(word) for word in words)
    try:
        parts = build_parts(
            keystore=InsecureKeystore(named[0]) if named else system_keystore(),
            clock=SystemClock(offset_seconds=clock_offset_from(os.environ)),
            chance=SystemChance(),
        )
        Wiper(parts=parts, folder=folder).look()
    except WhiteCrossError as failure:
        sys.stdout.write(failure.code + "\n")
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
