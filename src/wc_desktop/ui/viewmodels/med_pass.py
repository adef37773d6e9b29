"""The medication pass: today's doses in words, filtered; which one is chosen; a confirm begun, a dose saved."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from typing import Final

from PySide6.QtCore import QObject, Signal, Slot

from wc_contract.model.errors import WhiteCrossError
from wc_contract.model.instants import Instant
from wc_contract.model.kinds import (
    ALLERGY,
    BELL_SCHEDULE,
    CALENDAR_DAY,
    DOSE,
    LEDGER_ENTRY,
    MEDICATION,
    MEDICATION_CONTAINER,
    ORDER,
    ORDER_VERSION,
    REVIEW_CASE,
    SCHOOL,
    STUDENT,
)
from wc_contract.model.values import DoseState
from wc_desktop.actions import log_dose, med_pass
from wc_desktop.actions.desk import Desk
from wc_desktop.domain.screens import DoseDraft, DosePlan, DoseSaved, DueList, DueRow, DueStatus
from wc_desktop.ui.viewmodels.due_filter import DueFilter, counts, in_periods, next_open, shown
from wc_desktop.ui.viewmodels.due_words import DueWords, due_words
from wc_desktop.ui.viewmodels.pane_words import PaneWords, double_words, pane_words
from wc_desktop.ui.viewmodels.session import Session
from wc_desktop.ui.viewmodels.words import full_name, local, say

KINDS: Final = frozenset(
    kind.name
    for kind in (
        ALLERGY, BELL_SCHEDULE, CALENDAR_DAY, DOSE, LEDGER_ENTRY, MEDICATION, MEDICATION_CONTAINER, ORDER,
        ORDER_VERSION, REVIEW_CASE, SCHOOL, STUDENT,
    )
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class MedPassVerbs:
    """What the medication pass can have done."""

    due_list: Callable[[Desk, Instant], DueList]
    plan_dose: Callable[[Desk, str, DoseState, Instant], DosePlan]
    log_dose: Callable[[Desk, DoseDraft], DoseSaved]


REAL: Final = MedPassVerbs(due_list=med_pass.due_list, plan_dose=log_dose.plan_dose, log_dose=log_dose.log_dose)


class MedPassModel(QObject):
    """Rows, counts and choice. One refresh runs at a time; what comes meanwhile is looked at once more after it."""

    rows_changed = Signal()
    pane_changed = Signal()
    plan_wanted = Signal(object)  # PlanAsked: the sheet opens on the row's words at once
    plan_made = Signal(object)  # DosePlan
    plan_failed = Signal(object)  # WhiteCrossError
    dose_saved = Signal(object)  # DoseSaved

    def __init__(self, session: Session, verbs: MedPassVerbs = REAL, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._verbs = verbs
        self._list: DueList | None = None
        self._words: tuple[DueWords, ...] = ()
        self._shown: tuple[DueWords, ...] = ()
        self._filter = DueFilter.ALL
        self._text = ""
        self._period = ""
        self._chosen: str | None = None
        self._reading = False
        self._again = False
        session.records_changed.connect(self._on_records_changed)
        session.minute_passed.connect(self._on_minute_passed)

    # What the screen shows.

    @property
    def rows(self) -> tuple[DueWords, ...]:
        """The rows under the chosen tab that match the search."""
        return self._shown

    @property
    def counts(self) -> dict[DueFilter, int]:
        return counts(self._words)

    @property
    def is_read(self) -> bool:
        """Whether the list was read at least once."""
        return self._list is not None

    @property
    def list(self) -> DueList | None:
        """The day as it was read last, whatever tab and search show; None before."""
        return self._list

    @property
    def filter(self) -> DueFilter:
        return self._filter

    @property
    def periods(self) -> tuple[str, ...]:
        """The day's class periods; none where the school keeps no bells."""
        return () if self._list is None else self._list.periods

    @property
    def period_counts(self) -> dict[str, int]:
        """How many rows of the tab each class period holds; '' is the whole day."""
        return in_periods(self._words, self._filter, self.periods)

    @property
    def chosen(self) -> DueWords | None:
        return next((row for row in self._words if row.key == self._chosen), None)

    @property
    def pane(self) -> PaneWords | None:
        """The chosen dose in full."""
        chosen = self.chosen
        return None if chosen is None else pane_words(chosen.row, self._session.now(), self._session.zone)

    @property
    def doubts(self) -> tuple[str, ...]:
        """A sentence for each possible double dose of today, whatever the tab shows."""
        zone = self._session.zone
        doubtful = (words.row for words in self._words if words.status is DueStatus.DOUBLE)
        return tuple(f"{full_name(row.student)}: {double_words(row, zone)}" for row in doubtful)

    @property
    def empty_words(self) -> tuple[str, str]:
        """Why nothing is shown: a title and a sentence."""
        if not self.is_read:
            return say("Reading today's doses"), ""
        if self._text:
            return say("Nothing found"), say("No dose under this tab matches the search. Esc clears it.")
        if self._period:
            return say("Nothing in this class period"), say("No dose under this tab is due in it.")
        if self._list is not None and self._list.day_kind == "HOLIDAY":
            return say("No school today"), say("The calendar has a holiday: no dose is scheduled.")
        if self._filter in {DueFilter.TO_GIVE, DueFilter.OVERDUE}:
            return say("Nothing to give now"), say("Later doses are under Later.")
        return say("No doses here"), say("Nothing is scheduled for today under this tab.")

    @property
    def day(self) -> date:
        return local(self._session.now(), self._session.zone).date()

    # What the nurse does.

    def refresh(self) -> None:
        """Read the list again."""
        if self._reading:
            self._again = True
            return
        self._reading = True
        job = partial(self._verbs.due_list, self._session.desk, self._session.now())
        self._session.run(job, done=self._on_list, failed=self._on_list_failed)

    def choose_filter(self, tab: DueFilter) -> None:
        """Show another tab."""
        self._filter = tab
        self._show()

    def choose_period(self, name: str) -> None:
        """Show one class period alone; '' for the whole day."""
        self._period = name
        self._show()

    def search(self, text: str) -> None:
        """Show only rows that match every word."""
        self._text = text
        self._show()

    def choose(self, key: str | None) -> None:
        """Take note of the row the nurse stands on."""
        if key != self._chosen:
            self._chosen = key
            self.pane_changed.emit()

    def first_open(self) -> str | None:
        """Return where work begins: the first dose to give, else the first row."""
        return next_open(self._shown, "") or (self._shown[0].key if self._shown else None)

    def next_after(self, key: str) -> str | None:
        """Return where to go after a dose was answered."""
        return next_open(self._shown, key)

    def ask(self, key: str, state: DoseState) -> None:
        """Begin a confirm: the row's words at once, the rules' findings when they come."""
        chosen = next((row for row in self._words if row.key == key), None)
        if chosen is not None:
            self.plan_wanted.emit(PlanAsked(row=chosen.row, state=state))
            self.plan(key, state)

    def plan(self, key: str, state: DoseState) -> None:
        """Ask the rules."""
        job = partial(self._verbs.plan_dose, self._session.desk, key, state, self._session.now())
        self._session.run(job, done=self.plan_made.emit, failed=self.plan_failed.emit, urgent=True)

    def save(self, draft: DoseDraft) -> None:
        """Write a dose ahead of everything else that waits."""
        stamped = replace(draft, administered_at=self._session.now())
        job = partial(self._verbs.log_dose, self._session.desk, stamped)
        self._session.run(job, done=self._on_saved, failed=self.plan_failed.emit, urgent=True)

    # What comes back.

    def _on_list(self, due: DueList) -> None:
        self._reading = False
        self._list = due
        self._put_into_words(due.rows)
        if self._again:
            self._again = False
            self.refresh()

    def _on_list_failed(self, failure: WhiteCrossError) -> None:
        self._reading = False
        self._again = False
        self._session.tell_failure(failure)

    def _on_saved(self, saved: DoseSaved) -> None:
        if self._list is not None:
            rows = tuple(saved.row if row.key == saved.row.key else row for row in self._list.rows)
            self._list = replace(self._list, rows=rows)
            self._put_into_words(rows)
        self.dose_saved.emit(saved)
        self._session.changed(DOSE.name, LEDGER_ENTRY.name)

    def _put_into_words(self, rows: tuple[DueRow, ...]) -> None:
        now, zone = self._session.now(), self._session.zone
        self._words = tuple(due_words(row, now, zone) for row in rows)
        self._show()

    def _show(self) -> None:
        if self._period not in self.periods:
            self._period = ""  # another day has other bells
        self._shown = shown(self._words, self._filter, self._text, self._period)
        self.rows_changed.emit()
        self.pane_changed.emit()

    @Slot(object)
    def _on_records_changed(self, kinds: frozenset[str]) -> None:
        if kinds & KINDS:
            self.refresh()

    @Slot(object)
    def _on_minute_passed(self, _now: Instant) -> None:
        self.refresh()


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanAsked:
    """The nurse wants to answer a dose in this way."""

    row: DueRow
    state: DoseState
