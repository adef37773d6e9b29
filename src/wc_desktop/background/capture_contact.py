"""A workstation whose lease has ended asks for contact: greets, sends what was written down, says what came of it."""

import logging
import threading
from collections.abc import Callable, Sequence
from functools import partial
from typing import Final, Protocol

from PySide6.QtCore import QObject, Signal

from wc_contract.model.errors import WhiteCrossError
from wc_contract.model.ids import Chance
from wc_contract.model.instants import Clock
from wc_contract.wire.codes import Directive
from wc_contract.wire.messages import PushAnswer
from wc_desktop.background.patience import Patience
from wc_desktop.background.runner import Runner, RunnerStopped
from wc_desktop.background.steps import Steps
from wc_desktop.background.way import Closable, Way
from wc_desktop.domain.capture import Leave
from wc_desktop.domain.sync_plan import HELLO_EVERY_SECONDS
from wc_desktop.sync.files import JournalFiles, Unsent
from wc_desktop.sync.gateway import Gateway
from wc_desktop.sync.push_loop import push_round

_log = logging.getLogger(__name__)
_AGAIN_SECONDS: Final = 1.0


class ContactGateway(Gateway, Closable, Protocol):
    """The way to the server."""


class CaptureContact(QObject):
    """Made, started and stopped on the GUI thread. Nobody waits for it, and the replica stays shut."""

    leave_told = Signal(object)  # Leave
    sent = Signal()
    wipe_asked = Signal()

    def __init__(
        self,
        runner: Runner,
        files: JournalFiles,
        connect: Callable[[], ContactGateway],
        leave: Callable[[], Leave],
        *,
        clock: Clock,
        chance: Chance,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._files = files
        self._leave = leave
        self._clock = clock
        self._chance = chance
        self._stop = threading.Event()
        self._steps = Steps(runner, self._stop.is_set)
        self._way: Way[ContactGateway] = Way(connect, self._stop.is_set)
        self._patience = Patience()
        self._thread = threading.Thread(target=self._keep, name="contact")

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def rouse(self) -> None:
        """Something was written down: try now."""
        self._patience.rouse()

    def ask_to_stop(self) -> None:
        """Begin to stop, without waiting: no further step reaches the journal."""
        self._stop.set()
        self._patience.wake.set()
        self._way.close()

    @property
    def is_over(self) -> bool:
        """Whether the thread has ended."""
        return not self._thread.is_alive()

    def stop(self) -> None:
        """Stop and join the thread."""
        self.ask_to_stop()
        if self._thread.ident is not None:
            self._thread.join()

    def _keep(self) -> None:
        while not self._stop.is_set():
            self._patience.rest(self._once())

    def _once(self) -> float:
        """Try once; return after how many seconds to try again."""
        patience = self._patience
        try:
            again = self._greet()
        except RunnerStopped:
            self._stop.set()
            return 0.0
        except WhiteCrossError as error:
            patience.failures += 1
            patience.put_off(error, self._clock.monotonic(), self._chance)
            return patience.not_before - self._clock.monotonic()
        except Exception as error:  # noqa: BLE001  # the thread goes on, as the sync threads do
            if not self._stop.is_set():
                _log.error("contact.crashed", extra={"kind": type(error).__name__})
            return HELLO_EVERY_SECONDS
        patience.failures = 0
        return _AGAIN_SECONDS if again else HELLO_EVERY_SECONDS

    def _greet(self) -> bool:
        """Greet and send; return whether the server asks to be greeted once more."""
        gateway = self._way.take()
        message = self._steps.take(self._files.hello)
        answer = gateway.hello(message)
        self._steps.take(partial(self._files.take_hello, answer, message))
        if answer.again:
            return True
        if answer.directive is Directive.WIPE:
            self.wipe_asked.emit()
        pushed = push_round(gateway, _Stepped(self._steps, self._files), answer.epoch, stopping=self._stop.is_set)
        if pushed.answered:
            self.sent.emit()
        self.leave_told.emit(self._steps.take(self._leave))
        return False


class _Stepped:
    """sync.push_loop.PushFiles, a step at a time."""

    def __init__(self, steps: Steps, files: JournalFiles) -> None:
        self._take = steps.take
        self._files = files

    def unsent(self, *, after: int, epoch: str, limit: int, max_bytes: int) -> Sequence[Unsent]:
        """As JournalFiles.unsent."""
        return self._take(partial(self._files.unsent, after=after, epoch=epoch, limit=limit, max_bytes=max_bytes))

    def take_receipts(self, answer: PushAnswer, epoch: str) -> None:
        """As JournalFiles.take_receipts."""
        self._take(partial(self._files.take_receipts, answer, epoch))
