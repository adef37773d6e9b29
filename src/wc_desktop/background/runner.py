"""The one replica thread: jobs in order, doses before everything, answers on the GUI thread. And jobs beside it."""

import itertools
import logging
import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from enum import IntEnum
from functools import partial
from typing import Any, TypeVar

from PySide6.QtCore import QObject, Qt, Signal, Slot
from shiboken6 import isValid

from wc_contract.model.errors import Defect, Unavailable, WhiteCrossError

_Answer = TypeVar("_Answer")
_log = logging.getLogger(__name__)
_PATIENCE_SECONDS = 5.0


class RunnerStopped(Unavailable):
    """The program is closing: no further step is taken."""

    code = "runner_stopped"


class Priority(IntEnum):
    """Who goes first. A dose never waits behind a chunk of a pull that has not begun, nor entries behind a photo."""

    URGENT = 0
    NURSE = 1
    SYNC = 2
    BLOB = 3
    LAST = 4


@dataclass(order=True, slots=True)
class _Job:
    priority: Priority
    number: int
    work: Callable[[], None] | None = field(compare=False)


class Runner(QObject):
    """Owns the thread on which all actions run. Made on the GUI thread; call is called anywhere, all else there."""

    crashed = Signal(object)
    refused = Signal(object)  # WhiteCrossError: what a job that was run ended with
    _replied = Signal(object)  # what tells the listener

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._jobs: queue.PriorityQueue[_Job] = queue.PriorityQueue()
        self._numbers = itertools.count()
        self._stopping = threading.Event()
        # The one crossing from this thread to the GUI's: queued, whatever thread emits it.
        self._replied.connect(self._deliver, Qt.ConnectionType.QueuedConnection)
        self._beside: list[threading.Thread] = []
        self._thread = threading.Thread(target=self._work, name="replica")
        self._thread.start()

    def run(
        self,
        job: Callable[[], _Answer],
        *,
        done: Callable[[_Answer], None] | None = None,
        failed: Callable[[WhiteCrossError], None] | None = None,
        urgent: bool = False,
    ) -> None:
        """Run job on the replica thread; done or failed is called on the GUI thread with what came of it.

        urgent overtakes everything that has not begun. An answer to a Qt object that is gone is dropped.
        """
        work = partial(self._answer, job, done, failed)
        self._put(Priority.URGENT if urgent else Priority.NURSE, work)

    def run_beside(
        self,
        job: Callable[[], _Answer],
        *,
        done: Callable[[_Answer], None] | None = None,
        failed: Callable[[WhiteCrossError], None] | None = None,
    ) -> None:
        """Run job, which touches neither journal nor replica, on a thread of its own; answers come as run's do.

        However long it takes, no other job waits for it, nor does the end of the program for long.
        """
        self._beside = [thread for thread in self._beside if thread.is_alive()]
        work = partial(self._answer, job, done, failed)
        self._beside.append(threading.Thread(target=work, name="beside", daemon=True))
        self._beside[-1].start()

    def call(self, job: Callable[[], _Answer], priority: Priority = Priority.SYNC) -> _Answer:
        """Run job on the replica thread and return its answer; for other threads, never for the GUI's.

        Raises what job raises, and RunnerStopped once the runner stops.
        """
        if self._stopping.is_set():
            raise RunnerStopped("closing")
        future: Future[_Answer] = Future()
        self._put(priority, partial(_fulfil, future, job))
        return future.result()

    def stop(self) -> None:
        """Finish the jobs that were asked for, then end the thread and join it."""
        if self._stopping.is_set():
            return
        self._stopping.set()
        self._put(Priority.LAST, None)
        self._thread.join()
        for thread in self._beside:
            thread.join(_PATIENCE_SECONDS)

    def _put(self, priority: Priority, work: Callable[[], None] | None) -> None:
        self._jobs.put(_Job(priority, next(self._numbers), work))

    def _work(self) -> None:
        while True:
            job = self._jobs.get()
            if job.work is None:
                return
            job.work()

    def _answer(
        self,
        job: Callable[[], Any],
        done: Callable[[Any], None] | None,
        failed: Callable[[WhiteCrossError], None] | None,
    ) -> None:
        answer: object
        try:
            listener, answer = done, job()
        except WhiteCrossError as error:
            self.refused.emit(error)
            listener, answer = failed, error
        except Exception as error:  # noqa: BLE001  # one of the three places that may: our own mistake ends here
            _log.error("job.crashed", extra={"kind": type(error).__name__})  # no traceback: it may tell
            self.crashed.emit(error)
            listener, answer = failed, Defect(type(error).__name__)
        if listener is not None:
            self._replied.emit(partial(_tell, listener, answer))

    @Slot(object)
    def _deliver(self, tell: Callable[[], None]) -> None:
        tell()


def _tell(listener: Callable[[Any], None], answer: object) -> None:
    owner = getattr(listener, "__self__", None)
    if isinstance(owner, QObject) and not isValid(owner):
        return
    listener(answer)


def _fulfil(future: "Future[_Answer]", job: Callable[[], _Answer]) -> None:
    try:
        future.set_result(job())
    except BaseException as error:  # noqa: BLE001  # handed to the thread that asked
        future.set_exception(error)
