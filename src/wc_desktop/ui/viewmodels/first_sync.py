"""Progress of a first sync or a rebuild on its way from the replica thread to the screen, and the wish to stop."""

import threading

from PySide6.QtCore import QObject, Signal

from wc_contract.model.errors import Unavailable
from wc_desktop.domain.enrolment import FirstSync
from wc_desktop.ui.viewmodels.words import number_words, say


class FirstSyncCancelled(Unavailable):
    """The nurse stopped the download; what arrived is kept and the next start goes on from there."""

    code = "first_sync_cancelled"


class SyncProgress(QObject):
    """Give `report` to the action: it is called on the replica thread, `progressed` arrives on the screen's."""

    progressed = Signal(object)  # FirstSync

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._stop = threading.Event()

    def begin(self) -> None:
        """Forget an earlier wish to stop."""
        self._stop.clear()

    def cancel(self) -> None:
        """Stop at the next batch of records."""
        self._stop.set()

    def report(self, progress: FirstSync) -> None:
        """Take one step of progress. Raises FirstSyncCancelled when the nurse wants to stop."""
        if self._stop.is_set() and progress.stage != "done":
            raise FirstSyncCancelled("the nurse stopped the first sync")
        self.progressed.emit(progress)


def progress_words(progress: FirstSync) -> str:
    """Return where a first sync is, in records."""
    match progress.stage:
        case "enrolling":
            return say("Signing in at the server")
        case "indexing":
            return say("All records are here. Building the search")
        case "checking":
            return say("Comparing with the server")
        case "done":
            return say("{count} records are on this workstation").format(count=number_words(progress.done))
        case _:
            done = number_words(progress.done)
            if progress.total_about <= progress.done:
                return say("{done} records so far").format(done=done)
            about = number_words(progress.total_about)
            return say("{done} of about {about} records").format(done=done, about=about)
