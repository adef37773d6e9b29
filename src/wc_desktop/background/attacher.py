"""Keeps what a person attaches: read and hashed on a thread of its own, written on the replica thread in short steps.

It waits for no network, and what is being written when the desk is locked is written to its end before the files close.
"""

import logging
import queue
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

from PySide6.QtCore import QObject, Signal, Slot

from wc_contract.model.errors import Defect, WhiteCrossError
from wc_desktop.actions.attach_document import AttachedDocument, Attaching, ChosenDocument, DocumentDraft
from wc_desktop.actions.desk import Desk
from wc_desktop.background.chosen_file import read_chosen
from wc_desktop.background.runner import Priority, Runner, RunnerStopped
from wc_desktop.background.steps import Steps
from wc_desktop.domain.blob_views import facts_of
from wc_desktop.domain.documents import MOST_ATTACHED

_log = logging.getLogger(__name__)
_PATIENCE_SECONDS = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Chosen:
    draft: DocumentDraft
    read: Callable[[], bytes] = field(repr=False)
    most: int


class _Writing:
    """Content that was read, on its way into the file. Its steps run on the replica thread, whoever asks for them."""

    def __init__(self, attaching: Attaching) -> None:
        self._attaching = attaching
        self._over = False

    @property
    def document(self) -> AttachedDocument:
        return self._attaching.document

    def go_on(self) -> bool:
        """Write the next part, unless all is written or it failed; return whether there is more."""
        if not self._over:
            self._over = True
            self._over = not self._attaching.go_on()
        return not self._over

    def finish(self) -> None:
        """Write all that is left."""
        while self.go_on():
            continue


class Attacher(QObject):
    """Made, started, asked and ended on the GUI thread, while a desk is unlocked."""

    attached = Signal(object)  # AttachedDocument: what a record of it says
    not_attached = Signal(object)  # WhiteCrossError

    def __init__(self, runner: Runner, desk: Desk, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._runner = runner
        self._desk = desk
        self._stop = threading.Event()
        # A person waits for it; a dose, which is urgent, does not wait for more than one step.
        self._steps = Steps(runner, self._stop.is_set, Priority.NURSE)
        self._chosen: queue.SimpleQueue[_Chosen | None] = queue.SimpleQueue()
        self._state = threading.Lock()
        self._left = 0
        self._writing: _Writing | None = None
        # A file on a share that hangs must not keep the program from ending.
        self._thread = threading.Thread(target=self._keep, name="attach", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def attach(self, draft: DocumentDraft, read: Callable[[], bytes], most: int) -> None:
        """Keep what read returns, called on the thread; attached or not_attached says what came of it."""
        with self._state:
            self._left += 1
        self._chosen.put(_Chosen(draft=draft, read=read, most=most))

    @Slot(object)
    def attach_file(self, chosen: ChosenDocument) -> None:
        """Keep the content of a file that a person chose, read on the thread: a stick or a share may be slow."""
        self.attach(chosen.draft, partial(read_chosen, chosen.path, MOST_ATTACHED), MOST_ATTACHED)

    def end(self, failed: Callable[[WhiteCrossError], None]) -> int:
        """Begin to stop, before the lock is asked for; return how many were chosen and will not be kept.

        What was read by now is written before the lock; failed is told when that cannot be.
        """
        with self._state:
            self._stop.set()
            writing = self._writing
            lost = self._left if writing is None else self._left - 1
        self._chosen.put(None)
        if writing is not None:
            self._runner.run(writing.finish, failed=failed)
        return lost

    @property
    def is_over(self) -> bool:
        """Whether the thread has ended."""
        return not self._thread.is_alive()

    def join(self) -> None:
        """Wait for the thread, after end; not for ever, when it reads from a place that does not answer."""
        if self._thread.ident is not None:
            self._thread.join(_PATIENCE_SECONDS)

    def _keep(self) -> None:
        while (chosen := self._chosen.get()) is not None:
            try:
                document = self._kept(chosen)
            except RunnerStopped:
                return
            except WhiteCrossError as error:
                self._done()
                self.not_attached.emit(error)
            except Exception as error:  # noqa: BLE001  # the next one is kept all the same, and nobody waits in vain
                _log.error("attach.crashed", extra={"kind": type(error).__name__})
                self._done()
                self.not_attached.emit(Defect(type(error).__name__))
            else:
                self._done()
                self.attached.emit(document)

    def _kept(self, chosen: _Chosen) -> AttachedDocument:
        content = chosen.read()
        writing = _Writing(Attaching(self._desk, chosen.draft, facts_of(content, chosen.most), content))
        with self._state:
            if self._stop.is_set():
                raise RunnerStopped("the desk was locked")
            self._writing = writing
        while self._steps.take(writing.go_on):
            continue
        return writing.document

    def _done(self) -> None:
        with self._state:
            self._left -= 1
            self._writing = None
