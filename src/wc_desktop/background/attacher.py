"""Keeps what a person attaches: read and hashed beside all else, written on the replica thread in short steps.

It waits for no network, and what was read when the desk is locked is written to its end before the files close.
"""

from collections import deque
from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QObject, Signal, Slot

from wc_contract.model.errors import WhiteCrossError
from wc_desktop.actions.attach_document import Attaching, ChosenDocument, DocumentDraft
from wc_desktop.actions.desk import Desk
from wc_desktop.background.chosen_file import read_chosen
from wc_desktop.background.runner import Runner
from wc_desktop.domain.blob_views import ContentFacts, facts_of
from wc_desktop.domain.documents import MOST_ATTACHED


class Attacher(QObject):
    """Made, asked and ended on the GUI thread, while a desk is unlocked. What was read first is written first."""

    attached = Signal(object)  # AttachedDocument: what a record of it says
    not_attached = Signal(object, object)  # DocumentDraft, WhiteCrossError

    def __init__(self, runner: Runner, desk: Desk, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._runner = runner
        self._desk = desk
        self._reading = 0
        self._writing: deque[Attaching] = deque()
        self._ended = False

    def attach(self, draft: DocumentDraft, read: Callable[[], bytes], most: int) -> None:
        """Keep what read returns, called on another thread; attached or not_attached says what came of it."""
        self._reading += 1
        self._runner.run_beside(
            partial(_read, read, most), done=partial(self._on_read, draft), failed=partial(self._on_not_read, draft)
        )

    @Slot(object)
    def attach_file(self, chosen: ChosenDocument) -> None:
        """Keep the content of a file that a person chose; a stick or a share may be slow."""
        self.attach(chosen.draft, partial(read_chosen, chosen.path, MOST_ATTACHED), MOST_ATTACHED)

    def end(self, failed: Callable[[WhiteCrossError], None]) -> int:
        """Begin to stop, before the lock is asked for; return how many were chosen and will not be kept.

        What was read by now is written before the lock; failed is told when that cannot be.
        """
        self._ended = True
        for attaching in self._writing:
            self._runner.run(attaching.finish, failed=failed)
        return self._reading

    def _on_read(self, draft: DocumentDraft, found: tuple[ContentFacts, bytes]) -> None:
        if self._ended:
            return
        self._reading -= 1
        self._writing.append(Attaching(self._desk, draft, *found))
        if len(self._writing) == 1:
            self._write()

    def _on_not_read(self, draft: DocumentDraft, failure: WhiteCrossError) -> None:
        if not self._ended:
            self._reading -= 1
            self.not_attached.emit(draft, failure)

    def _write(self) -> None:
        # Each part is a job of its own: a dose goes between two of them.
        if self._writing:
            self._runner.run(self._writing[0].go_on, done=self._on_written, failed=self._on_not_written)

    def _on_written(self, more: bool) -> None:  # noqa: FBT001 - what the job answers
        if self._ended:
            return
        if not more:
            self.attached.emit(self._writing.popleft().document)
        self._write()

    def _on_not_written(self, failure: WhiteCrossError) -> None:
        if not self._ended:
            self.not_attached.emit(self._writing.popleft().draft, failure)
            self._write()


def _read(read: Callable[[], bytes], most: int) -> tuple[ContentFacts, bytes]:
    content = read()
    return facts_of(content, most), content
