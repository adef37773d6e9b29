"""The list of clinic visits: who is here, then who was, by period, end and text."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from enum import Enum, unique
from functools import partial
from typing import Final
from uuid import UUID

from PySide6.QtCore import QObject, Signal, Slot

from wc_contract.model.instants import Instant
from wc_contract.model.kinds import CLINIC_VISIT, STUDENT
from wc_desktop.actions import visits
from wc_desktop.domain.screens import VisitView
from wc_desktop.domain.visit_views import WRITES_VISITS, VisitHistory, VisitList, VisitQuery
from wc_desktop.ui.viewmodels.session import Session
from wc_desktop.ui.viewmodels.words import local

_SHOWN_KINDS: Final = frozenset({CLINIC_VISIT.name, STUDENT.name})
PAGE: Final = 100
_NOTHING: Final = VisitList(rows=(), total=0, here=0)


@unique
class Period(Enum):
    """How far back the list goes: so many days before today."""

    TODAY = 0
    WEEK = 6
    MONTH = 29
    YEAR = 364


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitListVerbs:
    """What the list does on the replica thread."""

    list_visits: Callable[..., VisitList] = visits.list_visits
    open_visit: Callable[..., VisitHistory] = visits.open_visit


REAL: Final = VisitListVerbs()


class VisitListModel(QObject):
    """Emits `loaded` with the list, `opened` with one visit and its history; looks again when visits change."""

    loaded = Signal()
    opened = Signal(object)

    def __init__(self, session: Session, verbs: VisitListVerbs = REAL, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._verbs = verbs
        self._list = _NOTHING
        self._period = Period.TODAY
        self._disposition = ""
        self._text = ""
        self._limit = PAGE
        self._asked = 0
        session.records_changed.connect(self._on_records_changed)

    @property
    def list(self) -> VisitList:
        return self._list

    @property
    def may_write(self) -> bool:
        """Whether the role of the person at the desk writes visits."""
        return self._session.person.role in WRITES_VISITS

    @property
    def is_narrowed(self) -> bool:
        """Whether text or an end leaves visits of the period out."""
        return bool(self._text.strip() or self._disposition)

    @property
    def has_more(self) -> bool:
        """Whether the period has visits beyond those listed."""
        return self._list.total > len(self._list.rows)

    def row_of(self, visit: UUID) -> VisitView | None:
        """Return a listed visit."""
        return next((row for row in self._list.rows if row.id == visit), None)

    def show_period(self, period: Period) -> None:
        """List from so many days ago on."""
        self._period = period
        self._limit = PAGE
        self.load()

    def show_end(self, disposition: str) -> None:
        """List visits that ended so; '' for all."""
        self._disposition = disposition
        self._limit = PAGE
        self.load()

    @Slot(str)
    def search(self, text: str) -> None:
        """List visits of children, or for reasons, like this."""
        if text != self._text:
            self._text = text
            self._limit = PAGE
            self.load()

    @Slot()
    def show_more(self) -> None:
        """List another page."""
        self._limit += PAGE
        self.load()

    @Slot()
    def load(self) -> None:
        """Ask for the list."""
        self._asked += 1
        query = VisitQuery(since=self._since(), text=self._text, disposition=self._disposition, limit=self._limit)
        self._session.run(
            partial(self._verbs.list_visits, self._session.desk, query), done=partial(self._on_loaded, self._asked)
        )

    def open(self, visit: UUID) -> None:
        """Read one visit; the look is on record when it shows."""
        self._session.run(
            partial(self._verbs.open_visit, self._session.desk, visit), done=self.opened.emit, urgent=True
        )

    def _since(self) -> Instant:
        """Return the beginning of the first day, by the school's clock."""
        zone = self._session.zone
        day = local(self._session.now(), zone).date() - timedelta(days=self._period.value)
        return datetime.combine(day, time(), tzinfo=zone).astimezone(UTC)

    def _on_loaded(self, asked: int, found: VisitList) -> None:
        if asked == self._asked:
            self._list = found
            self.loaded.emit()

    @Slot(object)
    def _on_records_changed(self, kinds: frozenset[str]) -> None:
        if self._asked and kinds & _SHOWN_KINDS:
            self.load()
