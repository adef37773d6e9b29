"""The end of a day: how many doses have no answer, one at a time what happened in it, until none is left (W4)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Final

from PySide6.QtCore import QCoreApplication, QObject, Signal

from wc_contract.model.errors import WhiteCrossError
from wc_contract.model.instants import Instant, instant_from_text
from wc_contract.model.kinds import DOSE, LEDGER_ENTRY
from wc_contract.model.values import DoseState
from wc_contract.rules.findings import Severity
from wc_desktop.actions import log_dose
from wc_desktop.actions.desk import Desk
from wc_desktop.domain.end_of_day import SlotsAnswer, open_by_child, suggested, together_with, without_answer
from wc_desktop.domain.screens import DosePlan, DoseSaved, DueList, DueRow
from wc_desktop.ui.messages.failures import failure_sentence
from wc_desktop.ui.viewmodels.dose_confirm import REASONS, FindingWords, findings_in_words
from wc_desktop.ui.viewmodels.pane_words import PaneWords, pane_words
from wc_desktop.ui.viewmodels.session import Session
from wc_desktop.ui.viewmodels.words import JOINT, clock_words, drug_words, full_name, grade_words

_CONTEXT: Final = "EndOfDay"
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

    plan_answer: Callable[[Desk, str, DoseState, Instant], DosePlan] = log_dose.plan_answer
    answer_slots: Callable[[Desk, SlotsAnswer], tuple[DoseSaved, ...]] = log_dose.answer_slots


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
        self._due: DueList | None = None
        self._open: tuple[DueRow, ...] = ()
        self._key: str | None = None
        self._kept: dict[str, DayTyped] = {}
        self._plan: DosePlan | None = None
        self._saving = False
        self._failure = ""

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
        if count == 1:
            return say("1 dose of today has no answer.")
        return _number("{n} doses of today have no answer.", count) if count else ""

    @property
    def left(self) -> str:
        """How many stand open, for the sheet."""
        count = len(self._open)
        return say("1 dose is open") if count == 1 else _number("{n} doses are open", count)

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
        if self._at is None:
            return say("Type when it was given.")
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
        """Show a newer list of the day."""
        self._due = due
        self._open = () if due is None else open_by_child(due.rows)
        if self._key is not None and self.chosen is None:
            self._choose_first()
        self.changed.emit()

    def begin(self) -> None:
        """Stand on a slot, the first one or where it was left, and judge anew: time went on."""
        self._plan = None
        if self.chosen is None:
            self._choose_first()
        self._ask_rules()

    def _choose_first(self) -> None:
        self.choose(self._open[0].key if self._open else None)

    def choose(self, key: str | None) -> None:
        """Stand on a slot; what the calendar suggests is chosen, and still has to be said."""
        if key == self._key:
            return
        self._key, self._plan, self._failure = key, None, ""
        row = self.chosen
        if row is not None and row.key not in self._kept and self._due is not None:
            state = suggested(row, self._due.rows)
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
        row, state, at = self.chosen, self.state, self._at
        if row is None or state is None or at is None or not self.can_save:
            return
        together = self.others if self.typed.others else ()
        answer = SlotsAnswer(
            keys=(row.key, *(other.key for other in together)),
            status=state,
            at=at,
            reason="" if state.given else self._reason,  # of what was given it says why it was written down late
            override_reason=self._reason,
        )
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
        if self._due is not None:
            now_said = {one.row.key: one.row for one in saved}
            rows = tuple(now_said.get(row.key, row) for row in self._due.rows)
            self._due = replace(self._due, rows=rows)
            self._open = open_by_child(rows)
        self.choose(after)
        self.changed.emit()
        if self._open:
            self._session.tell(say("Saved on this workstation: {who}. {left}.").format(who=who, left=self.left))
        else:
            self._session.tell(say("Saved on this workstation. Every dose of today has an answer."))
            self.all_answered.emit()
        self._session.changed(DOSE.name, LEDGER_ENTRY.name)

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
        row, state, at = self.chosen, self.state, self._at
        if row is not None and state is not None and at is not None:
            job = partial(self._verbs.plan_answer, self._session.desk, row.key, state, at)
            done = partial(self._on_plan, self._judged)
            self._session.run(job, done=done, failed=self._on_not_planned, urgent=True)
        self.changed.emit()

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
    def _at(self) -> Instant | None:
        """When it happened: of what was given as typed, of what was not the moment at which somebody says so."""
        if not self.asks_time:
            return self._session.now()
        try:
            return instant_from_text(self.typed.moment.strip())
        except ValueError:
            return None

    @property
    def _reason(self) -> str:
        return self.typed.text.strip() or self.typed.choice


def _number(text: str, count: int) -> str:
    return say(text).format(n=count)


_SUPPRESSED: Final[Mapping[str, str]] = {
    "delayed_opening": "School opened after this dose was due. Ask the parents, and say what happened.",
    "early_dismissal": "School was out before this dose was due. Call the parents, and say what happened.",
    "order_held": "The order is on hold.",
    "time_not_understood": "The order's time is not understood: it was shown at lunch.",
}
