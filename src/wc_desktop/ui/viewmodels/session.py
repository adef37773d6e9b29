"""One unlocked desk as every screen shares it: jobs, time, what changed, where to go, what to tell."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

from PySide6.QtCore import QObject, Signal

from wc_contract.model.errors import WhiteCrossError
from wc_contract.model.ids import IncidentId, StudentId
from wc_contract.model.instants import Instant
from wc_desktop.actions.desk import Desk
from wc_desktop.domain.link_views import LinkStatus
from wc_desktop.domain.screens import PersonRow
from wc_desktop.ui.messages.failures import failure_sentence
from wc_desktop.ui.viewmodels.jobs import Jobs

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where to go: a section of the rail, and what to open there."""

    section: str
    student: StudentId | None = None
    incident: IncidentId | None = None
    visit: UUID | None = None
    new: bool = False
    part: str = ""  # of a chart: the tab to open it at


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """One sentence for the foot of the window, said aloud too. urgent: something the nurse must do."""

    words: str
    urgent: bool = False


class Session(QObject):
    """From unlock to lock. Screens are built on it and die with it, so nothing of a child outlives the lock.

    records_changed carries the kinds (frozenset of kind names) that a pull or an entry of this desk changed.
    """

    records_changed = Signal(object)
    link_changed = Signal(object)
    minute_passed = Signal(object)
    place_wanted = Signal(object)
    note_wanted = Signal(object)
    sync_now_wanted = Signal()
    lock_wanted = Signal()
    search_begun = Signal()
    # Photos and documents, which a thread of their own keeps, sends and fetches.
    document_chosen = Signal(object)  # ChosenDocument
    document_kept = Signal(object)  # AttachedDocument
    document_not_kept = Signal(object, object)  # DocumentDraft, WhiteCrossError
    content_wanted = Signal()
    content_moved = Signal()

    def __init__(self, desk: Desk, jobs: Jobs, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self._jobs = jobs
        self._open = True
        self._link = desk.link

    @property
    def desk(self) -> Desk:
        """What actions take. Only jobs may touch it."""
        return self._desk

    @property
    def person(self) -> PersonRow:
        """Who is at the desk."""
        return self._desk.person

    @property
    def zone(self) -> ZoneInfo:
        """The school's zone; every time on the screen is in it."""
        return self._desk.zone

    @property
    def school_name(self) -> str:
        return self._desk.school_name

    @property
    def device_name(self) -> str:
        return self._desk.device_name

    @property
    def link(self) -> LinkStatus:
        """What the connection strip shows now."""
        return self._link

    @property
    def is_open(self) -> bool:
        return self._open

    def now(self) -> Instant:
        """Return the present instant by the desk's clock."""
        return self._desk.clock.now()

    def monotonic(self) -> float:
        return self._desk.clock.monotonic()

    def run(
        self,
        job: Callable[[], T],
        *,
        done: Callable[[T], None] | None = None,
        failed: Callable[[WhiteCrossError], None] | None = None,
        urgent: bool = False,
    ) -> None:
        """Do job on the replica thread; the answer is dropped when the desk was locked meanwhile.

        Without `failed`, a failure is told as a note, so none goes unsaid.
        """
        if self._open:
            answer = _Answer(self, done, failed or self.tell_failure)
            self._jobs.run(job, done=answer.on_done, failed=answer.on_failed, urgent=urgent)

    def run_beside(
        self,
        job: Callable[[], T],
        *,
        done: Callable[[T], None] | None = None,
        failed: Callable[[WhiteCrossError], None] | None = None,
    ) -> None:
        """Do job, which touches neither journal nor replica and may take its time; the answer comes as that of run."""
        if self._open:
            answer = _Answer(self, done, failed or self.tell_failure)
            self._jobs.run_beside(job, done=answer.on_done, failed=answer.on_failed)

    def go(self, place: Place) -> None:
        """Ask the frame to show another screen."""
        self.place_wanted.emit(place)

    def open_student(self, student: StudentId, *, part: str = "") -> None:
        """Show a chart, at one of its tabs when part names one."""
        self.go(Place(section="students", student=student, part=part))

    def new_incident(self, student: StudentId | None = None) -> None:
        """Begin an incident report, about this child when one is given."""
        self.go(Place(section="incidents", student=student, new=True))

    def open_incident(self, incident: IncidentId) -> None:
        """Show a report: the form for a draft, the reading copy for a signed one."""
        self.go(Place(section="incidents", incident=incident))

    def tell(self, words: str, *, urgent: bool = False) -> None:
        """Show one sentence at the foot of the window and say it."""
        self.note_wanted.emit(Note(words=words, urgent=urgent))

    def tell_failure(self, failure: WhiteCrossError) -> None:
        """Say what went wrong and what to do."""
        self.tell(failure_sentence(failure), urgent=True)

    def changed(self, *kinds: str) -> None:
        """Say that an action of this desk changed records, so that other screens look again."""
        self.records_changed.emit(frozenset(kinds))

    def show_link(self, link: LinkStatus) -> None:
        """Take a newer connection strip."""
        self._link = link
        self.link_changed.emit(link)

    def end(self) -> None:
        """Begin no job and take no answer any more: the desk is being locked."""
        self._open = False


class _Answer(Generic[T]):
    """Takes one job's answer, and drops it after the lock."""

    def __init__(
        self, session: Session, done: Callable[[T], None] | None, failed: Callable[[WhiteCrossError], None]
    ) -> None:
        self._session = session
        self._done = done
        self._failed = failed

    def on_done(self, answer: T) -> None:
        if self._session.is_open and self._done is not None:
            self._done(answer)

    def on_failed(self, failure: WhiteCrossError) -> None:
        if self._session.is_open:
            self._failed(failure)
