"""Plays a script against the window: a step, then wait until its effect is seen. Nothing here blocks."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

from PySide6.QtCore import QElapsedTimer, QObject, QTimer, Signal, Slot

from wc_contract.model.errors import Refused

_TICK_MS = 15
_NUDGE_MS = 3_000
PATIENCE_MS = 90_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    """What must be seen before the next step. nudge is done again every three seconds meanwhile."""

    words: str
    seen: Callable[[], bool]
    nudge: Callable[[], None] | None = None


Script: TypeAlias = Iterator[Wait]


class NoonFailed(Refused):
    """The noon cannot go on; sentence says at which step."""

    code = "noon_failed"

    def __init__(self, sentence: str) -> None:
        super().__init__("the noon stopped")
        self.sentence = sentence


def rest(milliseconds: int) -> Script:
    """Let timers and painting settle."""
    timer = QElapsedTimer()
    timer.start()

    def over() -> bool:
        return timer.elapsed() >= milliseconds

    yield Wait(words="the screen to settle", seen=over)


class Player(QObject):
    """Steps one script on a timer of the GUI thread. `ended` carries None, or the sentence of what went wrong."""

    ended = Signal(object)

    def __init__(self, script: Script, parent: QObject | None = None, *, patience_ms: int = PATIENCE_MS) -> None:
        super().__init__(parent)
        self._script = script
        self._patience_ms = patience_ms
        self._wait: Wait | None = None
        self._since = QElapsedTimer()
        self._nudged = QElapsedTimer()
        self._timer = QTimer(self, interval=_TICK_MS)
        self._timer.timeout.connect(self._on_tick)

    def start(self) -> None:
        """Begin with the first step."""
        self._since.start()
        self._timer.start()

    @Slot()
    def stop(self) -> None:
        """End before the script does: somebody asked."""
        self._end("The noon was stopped from outside.")

    @Slot()
    def stop_for_mistake(self) -> None:
        """End because the program made a mistake, which it wrote down."""
        step = "" if self._wait is None else f" while waiting for {self._wait.words}"
        self._end(f"The program made a mistake{step}; its crash file says where.")

    @Slot()
    def _on_tick(self) -> None:
        wait = self._wait
        try:
            if wait is not None and not wait.seen():
                self._be_patient(wait)
                return
            self._wait = next(self._script, None)
        except NoonFailed as failure:
            self._end(failure.sentence)
            return
        except Exception as error:  # noqa: BLE001  # the parent process is told, whatever it was
            self._end(f"The noon's script made a mistake: {type(error).__name__}.")
            return
        self._since.start()
        self._nudged.start()
        if self._wait is None:
            self._end(None)

    def _be_patient(self, wait: Wait) -> None:
        if self._since.elapsed() > self._patience_ms:
            raise NoonFailed(f"Nothing happened for {self._patience_ms // 1000} s while waiting for {wait.words}.")
        if wait.nudge is not None and self._nudged.elapsed() > _NUDGE_MS:
            self._nudged.start()
            wait.nudge()

    def _end(self, sentence: str | None) -> None:
        if self._timer.isActive():
            self._timer.stop()
            self.ended.emit(sentence)
