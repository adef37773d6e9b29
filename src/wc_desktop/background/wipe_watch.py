"""Asks the district now and then, locked or not, whether this workstation is to be erased, and sees it through."""

import logging
import threading
from collections.abc import Callable
from typing import Protocol

from PySide6.QtCore import QObject, Signal

from wc_contract.model.errors import WhiteCrossError
from wc_contract.model.ids import Chance
from wc_desktop.background.patience import Patience
from wc_desktop.domain.sync_plan import HELLO_EVERY_SECONDS, retry_after, spread_of
from wc_desktop.domain.wiping import WipeNews, WipePhase

_log = logging.getLogger(__name__)
_FIRST_SECONDS = 3.0
_GOES_ON = frozenset({WipePhase.ORDERED, WipePhase.ERASING, WipePhase.UNDELIVERED})
Say = Callable[[WipeNews], None]


class Wiping(Protocol):
    """What the watch works with: one thread uses it, close may come from another."""

    def look(self) -> WipeNews: ...
    def go_on(self, say: Say) -> WipeNews: ...
    def close(self) -> None: ...


class WipeWatch(QObject):
    """A thread of its own. Nothing is destroyed before allow: the window says when nobody has the files."""

    told = Signal(object)  # WipeNews

    def __init__(self, make: Callable[[], Wiping], chance: Callable[[], Chance], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._make = make
        self._chance = chance
        self._patience = Patience()
        self._stop = threading.Event()
        self._allowed = threading.Event()
        self._wiping: Wiping | None = None
        self._ordered = False
        self._thread = threading.Thread(target=self._keep, name="wipe")

    def start(self) -> None:
        """Begin; a second call does nothing."""
        if self._thread.ident is None and not self._stop.is_set():
            self._thread.start()

    def wake(self) -> None:
        """Ask now."""
        self._patience.wake.set()

    def allow(self) -> None:
        """Let it be erased: the workstation is locked, and nobody opens it any more."""
        if not self._allowed.is_set():
            self._allowed.set()
            self.wake()

    def ask_to_stop(self) -> None:
        """Begin to stop, without waiting; what is under way goes on at the next start."""
        self._stop.set()
        self._patience.wake.set()
        wiping = self._wiping
        if wiping is not None:
            wiping.close()

    def join(self) -> None:
        """Wait for the thread, after ask_to_stop."""
        if self._thread.ident is not None:
            self._thread.join()

    def _keep(self) -> None:
        self._patience.rest(_FIRST_SECONDS)
        while not self._stop.is_set():
            self._patience.rest(self._once())

    def _once(self) -> float:
        """Look and go on once; return after how many seconds to do it again."""
        try:
            wiping = self._wiping = self._wiping or self._make()
            news = wiping.look()
            if news.phase in _GOES_ON and self._allowed.is_set() and not self._stop.is_set():
                news = wiping.go_on(self._say)
            self._say(news)
        except WhiteCrossError as error:
            # Nobody waits for this, and the next unlock or sync says what is wrong.
            _log.info("wipe.not_asked", extra={"code": error.code})
            return self._later()
        except Exception as error:  # noqa: BLE001  # the thread goes on, as the sync threads do
            if not self._stop.is_set():
                _log.error("wipe.crashed", extra={"kind": type(error).__name__})
            return HELLO_EVERY_SECONDS
        if news.phase in _GOES_ON or news.phase is WipePhase.HELD:
            self._patience.failures += 1
            return retry_after(self._patience.failures, self._chance())
        self._patience.failures = 0
        return self._later()

    def _later(self) -> float:
        return HELLO_EVERY_SECONDS * (1 - 0.2 * spread_of(self._chance()))

    def _say(self, news: WipeNews) -> None:
        ordered = news.phase is not WipePhase.NONE
        if not self._stop.is_set() and (ordered or self._ordered):
            self._ordered = ordered
            self.told.emit(news)
