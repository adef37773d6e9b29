"""Opening the workstation: who, with which password; and what to do when the records do not open."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, unique
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from wc_contract.model.errors import WhiteCrossError
from wc_contract.model.ids import UserId
from wc_desktop.actions.desk import Desk
from wc_desktop.domain.enrolment import FirstSync
from wc_desktop.domain.failures import LeaseExpired
from wc_desktop.domain.rebuilt import Rebuilt
from wc_desktop.domain.screens import PersonRow
from wc_desktop.ui.messages.failures import failure_sentence
from wc_desktop.ui.messages.rebuilt import rebuilt_words
from wc_desktop.ui.viewmodels.first_sync import SyncProgress
from wc_desktop.ui.viewmodels.jobs import Jobs
from wc_desktop.ui.viewmodels.lease_words import expired_words

if TYPE_CHECKING:
    from wc_desktop.actions.capture import CaptureDesk


@dataclass(frozen=True, slots=True, kw_only=True)
class StationFace:
    """What the locked workstation shows: names of staff, never of a child."""

    school_name: str
    device_name: str
    people: tuple[PersonRow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SignInTyped:
    """What an online sign-in asks for."""

    email: str
    password: str
    totp: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UnlockVerbs:
    """What can be done with the locked workstation; all run on the replica thread."""

    unlock: Callable[[UserId, str], Desk]
    first_sync: Callable[[UserId, str, Callable[[FirstSync], None]], None]
    sign_in: Callable[[str, str, str], PersonRow]
    rebuild: Callable[[UserId, str], Rebuilt | None]
    capture: Callable[[UserId, str], "CaptureDesk"]


@unique
class Remedy(Enum):
    """What the screen offers after a failure."""

    NONE = "none"
    DOWNLOAD = "download"  # the first sync is to go on, or the replica to be rebuilt
    SIGN_IN = "sign_in"  # ten wrong passwords: once online
    REBUILD = "rebuild"  # the journal is damaged: made anew from its sealed copy
    CAPTURE = "capture"  # the lease has ended: what happened can be written down
    OPEN = "open"  # it was made anew; what is said about it was read


_REMEDIES = {
    "replica_damaged": Remedy.DOWNLOAD,
    "first_sync_unfinished": Remedy.DOWNLOAD,
    "too_many_tries": Remedy.SIGN_IN,
    "lease_expired": Remedy.CAPTURE,
    "journal_damaged": Remedy.REBUILD,
    "journal_page_damaged": Remedy.REBUILD,
}


class UnlockModel(QObject):
    """The password is held only while a job that needs it runs."""

    changed = Signal()
    progressed = Signal(object)  # FirstSync
    unlocked = Signal(object)  # Desk
    captured = Signal(object)  # CaptureDesk
    signed_in = Signal(object)  # PersonRow

    def __init__(self, jobs: Jobs, verbs: UnlockVerbs, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._jobs = jobs
        self._verbs = verbs
        self._progress = SyncProgress(self)
        self._progress.progressed.connect(self.progressed)
        self._busy = False
        self._downloading = False
        self._rebuilding = False
        self._fault = ""
        self._news = ""
        self._is_good = False
        self._remedy = Remedy.NONE

    @property
    def busy(self) -> bool:
        return self._busy

    @property
    def downloading(self) -> bool:
        return self._downloading

    @property
    def rebuilding(self) -> bool:
        return self._rebuilding

    @property
    def fault(self) -> str:
        """Why it did not open, and what to do."""
        return self._fault

    @property
    def news(self) -> str:
        """What came of a rebuild; it is to be read before the desk is opened."""
        return self._news

    @property
    def news_is_good(self) -> bool:
        """Whether nothing is missing after it."""
        return self._is_good

    @property
    def remedy(self) -> Remedy:
        return self._remedy

    def clear_fault(self) -> None:
        """Take the sentence away: the nurse types again."""
        if self._fault or self._remedy is not Remedy.NONE:
            self._forget()
            self.changed.emit()

    def say_fault(self, sentence: str) -> None:
        """Show why nothing opens."""
        self._fault = sentence
        self.changed.emit()

    def unlock(self, user: UserId, password: str) -> None:
        """Open the desk."""
        if not self._busy:
            self._begin()
            self._jobs.run(partial(self._verbs.unlock, user, password), done=self._on_unlocked, failed=self._on_failed)

    def download(self, user: UserId, password: str) -> None:
        """Go on with the first sync, or fill the replica anew, then open the desk."""
        if self._busy:
            return
        self._progress.begin()
        self._downloading = True
        self._begin()
        self._jobs.run(
            partial(self._download_and_unlock, user, password), done=self._on_unlocked, failed=self._on_failed
        )

    def _download_and_unlock(self, user: UserId, password: str) -> Desk:
        self._verbs.first_sync(user, password, self._progress.report)
        return self._verbs.unlock(user, password)

    def rebuild(self, user: UserId, password: str) -> None:
        """Make the damaged journal anew; then say what came of it."""
        if not self._busy:
            self._rebuilding = True
            self._begin()
            job = partial(self._verbs.rebuild, user, password)
            self._jobs.run(job, done=partial(self._on_rebuilt, user, password), failed=self._on_failed)

    def capture(self, user: UserId, password: str) -> None:
        """Open the journal alone, to write down what happened."""
        if not self._busy:
            self._begin()
            self._jobs.run(partial(self._verbs.capture, user, password), done=self._on_captured, failed=self._on_failed)

    def sign_in(self, typed: SignInTyped) -> None:
        """Sign in at the server, which gives ten new tries."""
        if not self._busy:
            self._begin()
            job = partial(self._verbs.sign_in, typed.email, typed.password, typed.totp)
            self._jobs.run(job, done=self._on_signed_in, failed=self._on_failed)

    def cancel(self) -> None:
        """Stop a download; what arrived is kept."""
        self._progress.cancel()

    def _begin(self) -> None:
        self._busy = True
        self._forget()
        self.changed.emit()

    def _forget(self) -> None:
        self._fault, self._news, self._remedy = "", "", Remedy.NONE

    def _end(self) -> None:
        self._busy = False
        self._downloading = False
        self._rebuilding = False

    def _on_unlocked(self, desk: Desk) -> None:
        self._end()
        self.unlocked.emit(desk)

    def _on_captured(self, desk: "CaptureDesk") -> None:
        self._end()
        self.captured.emit(desk)

    def _on_rebuilt(self, user: UserId, password: str, rebuilt: Rebuilt | None) -> None:
        self._end()
        if rebuilt is None:
            # Somebody put a whole journal back meanwhile: there is nothing to say.
            self.unlock(user, password)
            return
        self._news, self._is_good, self._remedy = rebuilt_words(rebuilt), rebuilt.is_complete, Remedy.OPEN
        self.changed.emit()

    def _on_signed_in(self, person: PersonRow) -> None:
        self._end()
        self.changed.emit()
        self.signed_in.emit(person)

    def _on_failed(self, failure: WhiteCrossError) -> None:
        self._end()
        self._fault = expired_words(failure) if isinstance(failure, LeaseExpired) else failure_sentence(failure)
        self._remedy = _REMEDIES.get(failure.code, Remedy.NONE)
        self.changed.emit()
