"""The end of a day: how many doses have no answer, one at a time what happened in it, until none is left (W4)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import partial
from typing import Final

from PySide6.QtCore import QCoreApplication, QObject, Signal, Slot

from wc_contract.model.errors import WhiteCrossError
from wc_contract.model.instants import Instant, instant_from_text
from wc_contract.model.kinds import DOSE, LEDGER_ENTRY
from wc_contract.model.values import DoseState
from wc_contract.rules.findings import Severity
from wc_desktop.actions import log_dose, med_pass
from wc_desktop.actions.desk import Desk
from wc_desktop.domain.end_of_day import SlotsAnswer, open_by_child, suggested, together_with, without_answer
from wc_desktop.domain.screens import DosePlan, DoseSaved, DueList, DueRow
from wc_desktop.ui.messages.failures import failure_sentence
from wc_desktop.ui.viewmodels.dose_confirm import REASONS, FindingWords, findings_in_words
from wc_desktop.ui.viewmodels.pane_words import PaneWords, pane_words
from wc_desktop.ui.viewmodels.session import Session
from wc_desktop.ui.viewmodels.words import (
    JOINT,
    clock_words,
    day_words,
    drug_words,
    full_name,
    grade_words,
    local,
    weekday_words,
)

_CONTEXT: Final = "EndOfDay"
EARLIER_DAYS: Final = 7  # paper is written back within as many (X7); a district's limit may be less (A4)
ANSWERS: Final[Mapping[DoseState, str]] = {
    DoseState.ABSENT: "Absent: the child was not here",
    DoseState.DISMISSED_EARLY: "Dismissed early: the child had left",
    DoseState.MISSED: "Missed: the child was here, it was forgotten",
    DoseState.NOT_AVAILABLE: "Not available: there was none to give",
    DoseState.REFUSED: "Refused",
    DoseState.HELD: "Held",
    DoseState.ADMINISTERED: "Given, and not written down until now",
    DoseState.SELF_ADMINISTERED: "Taken by the child alone, and not written down until now",
}
_REASONS: Final[Mapping[DoseState, tuple[str, ...]]] = {
    **REASONS,
    DoseState.DISMISSED_EARLY: ("School closed early", "Fetched by the family", "Sent home ill"),
    DoseState.MISSED: ("The child was not called", "The child did not come", "The clinic was not staffed"),
    DoseState.NOT_AVAILABLE: ("Home sent none", "Used up", "The lot may not be given"),
}
_LATE_REASONS: Final = ("Given on time, written down late", "Given late in a rush", "Given on a trip")


def say(text: str) -> str:
    """Translate one of the words of this module."""
    return QCoreApplication.translate(_CONTEXT, text)


@dataclass(frozen=True, slots=True, kw_only=True)
class EndOfDayVerbs:
    """What the end of a day can have done."""

    plan_answer: Callable[[Desk, SlotsAnswer], DosePlan] = log_dose.plan_answer
    answer_slots: Callable[[Desk, SlotsAnswer], tuple[DoseSaved, ...]] = log_dose.answer_slots
    earlier_day: Callable[[Desk, int, Instant], DueList] = med_pass.earlier_day


REAL: Final = EndOfDayVerbs()


@dataclass(frozen=True, slots=True, kw_only=True)
class DayTyped:
    """What a nurse chose and typed about one slot, half-typed values included."""

    state: str = ""
    choice: str = ""
    text: str = field(default="", repr=False)
    moment: str = ""  # when it was given, as an instant
    others: bool = False


class EndOfDayModel(QObject):
    """It is shown each newer list of the day. What was typed for a slot is kept until the slot has its answer."""

    changed = Signal()
    chosen_changed = Signal()
    all_answered = Signal()

    def __init__(self, session: Session, verbs: EndOfDayVerbs = REAL, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._verbs = verbs
        self._due: DueList | None = None  # today
        self._earlier: dict[date, DueList] = {}  # days with something open
        self._day: date | None = None  # which is being answered; None for today
        self._looking = False
        self._open: tuple[DueRow, ...] = ()
        self._key: str | None = None
        self._kept: dict[str, DayTyped] = {}
        self._plan: DosePlan | None = None
        self._saving = False
        self._failure = ""

        session.records_changed.connect(self._on_records_changed)

    # What the page shows.

    @property
    def open_slots(self) -> tuple[DueRow, ...]:
        """The slots without an answer, those of a child together."""
        return self._open

    @property
    def sentence(self) -> str:
        """How many doses have no answer when the day is over; '' before, and when each has one."""
        due = self._due
        count = 0 if due is None else len(without_answer(due, self._session.now()))
        before = sum(len(open_by_child(due.rows)) for due in self._earlier.values())
        return " ".join(
            _counted(one, many, number)
            for one, many, number in (
                ("1 dose of today has no answer.", "{n} doses of today have no answer.", count),
                ("1 dose of an earlier day has no answer.", "{n} doses of earlier days have no answer.", before),
            )
            if number
        )

    @property
    def left(self) -> str:
        """How many stand open of the day, for the sheet."""
        count = len(self._open)
        if self._day is None:
            return _counted("1 dose is open", "{n} doses are open", count)
        words = _counted("1 dose of {day} is open", "{n} doses of {day} are open", count)
        return words.replace("{day}", day_words(self._day))

    @property
    def days(self) -> tuple[tuple[str, str], ...]:
        """The days to choose from, key and words, today first; none while nothing of an earlier one is open."""
        if not self._earlier:
            return ()
        today = 0 if self._due is None else len(open_by_child(self._due.rows))
        listed = [("", f"{say('Today')}{JOINT}{today}")]
        for day in sorted(self._earlier, reverse=True):
            count = len(open_by_child(self._earlier[day].rows))
            listed.append((day.isoformat(), f"{weekday_words(day)}{JOINT}{count}"))
        return tuple(listed)

    @property
    def day(self) -> date | None:
        """The earlier day that is being answered; None for today."""
        return self._day

    @property
    def none_left(self) -> str:
        """What is said when the day has all its answers."""
        if self._day is None:
            return say("Every dose of today has an answer.")
        return say("Every dose of {day} has an answer.").format(day=day_words(self._day))

    @property
    def heading(self) -> str:
        """How many stand open, and which one is being answered; '' when none is."""
        row = self.chosen
        parts = () if row is None else (self.left, full_name(row.student), drug_words(row.medication)[0])
        return JOINT.join(parts)

    def line(self, row: DueRow) -> str:
        """Return a slot as the list names it: whom, where, what, when."""
        drug = " ".join(filter(None, drug_words(row.medication)))
        time = clock_words(row.due_at, self._session.zone)
        return JOINT.join((full_name(row.student), grade_words(row.student), f"{time} {drug}"))

    @property
    def chosen(self) -> DueRow | None:
        return next((row for row in self._open if row.key == self._key), None)

    @property
    def words(self) -> PaneWords | None:
        """The chosen slot in full."""
        row = self.chosen
        return None if row is None else pane_words(row, self._session.now(), self._session.zone)

    @property
    def why_open(self) -> str:
        """What the calendar says of the chosen slot; '' for an ordinary one."""
        row = self.chosen
        return "" if row is None or row.suppressed is None else say(_SUPPRESSED[row.suppressed.value])

    @property
    def typed(self) -> DayTyped:
        return self._kept.get(self._key or "", DayTyped())

    @property
    def state(self) -> DoseState | None:
        return DoseState(self.typed.state) if self.typed.state else None

    @property
    def asks_time(self) -> bool:
        """Whether it has to be said when it was given."""
        return self.state is not None and self.state.given

    @property
    def reasons(self) -> tuple[str, ...]:
        state = self.state
        return () if state is None else tuple(say(words) for words in _REASONS.get(state, _LATE_REASONS))

    @property
    def findings(self) -> tuple[FindingWords, ...]:
        return () if self._plan is None else findings_in_words(self._plan.findings, self._session)

    @property
    def others(self) -> tuple[DueRow, ...]:
        """The child's other slots that the same answer may be given for."""
        row = self.chosen
        return () if row is None else together_with(row, self._open, self.state)

    @property
    def others_words(self) -> str:
        """'The same for 14:00 amoxicillin', '' when there is nothing beside it."""
        zone = self._session.zone
        listed = ", ".join(f"{clock_words(o.due_at, zone)} {drug_words(o.medication)[0]}" for o in self.others)
        return say("The sa&me for {doses}").format(doses=listed) if listed else ""

    @property
    def failure(self) -> str:
        """Why the last save did not happen."""
        return self._failure

    @property
    def next_step(self) -> str:
        """What is missing; '' when it can be saved."""
        if self.chosen is None:
            return say("Choose a dose.") if self._open else ""
        if self.state is None:
            return say("Choose what happened.")
        if self.asks_time and self._given_at is None:
            return say("Type when it was given.")
        if self._given_at is not None and local(self._given_at, self._session.zone).date() != self._of_day:
            return say("Type a time of that day.")
        return self._missing_of_reasons(self.state)

    def _missing_of_reasons(self, state: DoseState) -> str:
        if self._plan is None:
            return "" if self._failure else say("Checking the order")
        stops = [finding for finding in self._plan.findings if finding.severity is Severity.BLOCK]
        if not all(stop.overridable for stop in stops):
            return say("This cannot be recorded in this way.")
        if (state.needs_reason or stops) and not self._reason:
            return say("Choose why, or type it.")
        return ""

    @property
    def can_save(self) -> bool:
        return self._plan is not None and not self._saving and not self.next_step

    # What the nurse does.

    def take(self, due: DueList | None) -> None:
        """Show a newer list of today."""
        if due is not None and self._due is not None and due.day != self._due.day:
            # A new day has begun: yesterday's open doses are an earlier day's.
            self._due = due
            self.look_back()
        self._due = due
        self._show_day()

    def look_back(self) -> None:
        """Read the earlier days that can still be told of, a day at a time: a dose is never kept waiting."""
        if not self._looking:
            self._looking = True
            self._ask_day(1)

    def choose_day(self, key: str | None) -> None:
        """Answer another day's doses: '' for today."""
        day = date.fromisoformat(key) if key else None
        if day != self._day:
            self._day = day
            self._show_day()

    def begin(self) -> None:
        """Stand on a slot, the first one or where it was left, and judge anew: time went on."""
        self._plan = None
        self._show_day()
        if not self._open and self._earlier:
            self.choose_day(max(self._earlier).isoformat())
        if self.chosen is None:
            self._choose_first()
        self._ask_rules()
        self.look_back()

    def _show_day(self) -> None:
        due = self._shown
        self._open = () if due is None else open_by_child(due.rows)
        if self._key is not None and self.chosen is None:
            self._choose_first()
        self.changed.emit()

    @property
    def _shown(self) -> DueList | None:
        return self._due if self._day is None else self._earlier.get(self._day)

    @property
    def _of_day(self) -> date:
        return self._day or local(self._session.now(), self._session.zone).date()

    def _choose_first(self) -> None:
        self.choose(self._open[0].key if self._open else None)

    def choose(self, key: str | None) -> None:
        """Stand on a slot; what the calendar suggests is chosen, and still has to be said."""
        if key == self._key:
            return
        self._key, self._plan, self._failure = key, None, ""
        row = self.chosen
        due = self._shown
        if row is not None and row.key not in self._kept and due is not None:
            state = suggested(row, due.rows)
            if state is not None:
                self._kept[row.key] = DayTyped(state=state.value)
        self.chosen_changed.emit()
        self._ask_rules()

    def type(self, typed: DayTyped) -> None:
        """Take what is typed; another answer or time is judged anew."""
        if self._key is None or typed == self.typed:
            return
        before = self._judged
        if self.typed.state not in {"", typed.state}:
            typed = replace(typed, choice="", others=False)
        self._kept[self._key] = typed
        self._failure = ""
        if self._judged != before:
            self._plan = None
            self._ask_rules()
        self.changed.emit()

    def save(self) -> None:
        """Write the answer, ahead of everything else that waits."""
        answer = self._answer()
        if answer is None or not self.can_save:
            return
        self._saving = True
        self.changed.emit()
        job = partial(self._verbs.answer_slots, self._session.desk, answer)
        self._session.run(job, done=self._on_saved, failed=self._on_not_saved, urgent=True)

    # What comes back.

    def _on_saved(self, saved: tuple[DoseSaved, ...]) -> None:
        self._saving = False
        after = self._after([one.row.key for one in saved])
        who = full_name(saved[0].row.student)
        for one in saved:
            self._kept.pop(one.row.key, None)
        self._put(saved)
        self.choose(after)
        self.changed.emit()
        if self._open:
            self._session.tell(say("Saved on this workstation: {who}. {left}.").format(who=who, left=self.left))
        else:
            self._session.tell(say("Saved on this workstation. {none_left}").format(none_left=self.none_left))
            self.choose_day("")
            self.all_answered.emit()
        self._session.changed(DOSE.name, LEDGER_ENTRY.name)

    def _put(self, saved: tuple[DoseSaved, ...]) -> None:
        """Show the slots as they stand now."""
        due = self._shown
        if due is None:
            return
        now_said = {one.row.key: one.row for one in saved}
        newer = replace(due, rows=tuple(now_said.get(row.key, row) for row in due.rows))
        self._open = open_by_child(newer.rows)
        if self._day is None:
            self._due = newer
        elif self._open:
            self._earlier[self._day] = newer
        else:
            del self._earlier[self._day]

    def _after(self, answered: list[str]) -> str | None:
        keys = [row.key for row in self._open]
        start = keys.index(answered[0]) if answered[0] in keys else 0
        return next((key for key in (*keys[start:], *keys[:start]) if key not in answered), None)

    def _on_not_saved(self, failure: WhiteCrossError) -> None:
        self._saving = False
        # Some may be written: the list is read again, and the rules may say something new of what is not.
        self._ask_rules()
        self._failure = failure_sentence(failure)
        self._session.changed(DOSE.name, LEDGER_ENTRY.name)
        self.changed.emit()

    def _ask_rules(self) -> None:
        answer = self._answer(together=False)
        if answer is not None:
            job = partial(self._verbs.plan_answer, self._session.desk, answer)
            done = partial(self._on_plan, self._judged)
            self._session.run(job, done=done, failed=self._on_not_planned, urgent=True)
        self.changed.emit()

    def _answer(self, *, together: bool = True) -> SlotsAnswer | None:
        row, state = self.chosen, self.state
        if row is None or state is None or (state.given and self._given_at is None):
            return None
        others = self.others if together and self.typed.others else ()
        # Of what was not given, the moment is when somebody says so, and on an earlier day when it was due.
        said_at = self._session.now() if self._day is None else None
        return SlotsAnswer(
            keys=(row.key, *(other.key for other in others)),
            status=state,
            at=self._given_at if state.given else said_at,
            day=self._day,
            reason="" if state.given else self._reason,  # of what was given it says why it was written down late
            override_reason=self._reason,
        )

    def _ask_day(self, back: int) -> None:
        job = partial(self._verbs.earlier_day, self._session.desk, back, self._session.now())
        self._session.run(job, done=partial(self._on_day, back), failed=self._on_day_not_read)

    def _on_day(self, back: int, due: DueList) -> None:
        if open_by_child(due.rows):
            self._earlier[due.day] = due
        else:
            self._earlier.pop(due.day, None)
        if back < EARLIER_DAYS:
            self._ask_day(back + 1)
            return
        self._looking = False
        first = local(due.at, self._session.zone).date() - timedelta(days=EARLIER_DAYS)
        self._earlier = {day: kept for day, kept in self._earlier.items() if day >= first}
        if self._day is not None and self._day not in self._earlier:
            self._day = None
        self._show_day()

    @Slot(object)
    def _on_records_changed(self, kinds: frozenset[str]) -> None:
        """Read the earlier day that is being answered; today's list is read by the page."""
        if self._day is not None and DOSE.name in kinds:
            back = (local(self._session.now(), self._session.zone).date() - self._day).days
            job = partial(self._verbs.earlier_day, self._session.desk, back, self._session.now())
            self._session.run(job, done=self._on_this_day, failed=self._on_day_not_read)

    def _on_this_day(self, due: DueList) -> None:
        if due.day in self._earlier:
            self._earlier[due.day] = due
            self._show_day()

    def _on_day_not_read(self, _failure: WhiteCrossError) -> None:
        # The list of today says what is wrong; the next look asks again.
        self._looking = False

    def _on_plan(self, judged: tuple[object, ...], plan: DosePlan) -> None:
        if judged == self._judged:
            self._plan = plan
            self.changed.emit()

    def _on_not_planned(self, failure: WhiteCrossError) -> None:
        self._failure = failure_sentence(failure)
        self.changed.emit()

    @property
    def _judged(self) -> tuple[object, ...]:
        return self._key, self.typed.state, self.typed.moment if self.asks_time else ""

    @property
    def _given_at(self) -> Instant | None:
        if not self.asks_time:
            return None
        try:
            return instant_from_text(self.typed.moment.strip())
        except ValueError:
            return None

    @property
    def _reason(self) -> str:
        return self.typed.text.strip() or self.typed.choice


def _counted(one: str, many: str, count: int) -> str:
    return say(one) if count == 1 else say(many).replace("{n}", str(count))


_SUPPRESSED: Final[Mapping[str, str]] = {
    "delayed_opening": "School opened after this dose was due. Ask the parents, and say what happened.",
    "early_dismissal": "School was out before this dose was due. Call the parents, and say what happened.",
    "order_held": "The order is on hold.",
    "time_not_understood": "The order's time is not understood: it was shown at lunch.",
}
