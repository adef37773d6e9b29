"""The confirm of one dose: the rights, what the rules say, and the reason that is asked for."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from PySide6.QtCore import QObject, Signal

from wc_contract.model.errors import WhiteCrossError
from wc_contract.model.values import DoseState
from wc_contract.rules.findings import Code, Finding, Severity
from wc_desktop.domain.screens import DoseDraft, DosePlan, DueRow
from wc_desktop.ui.messages.failures import failure_sentence
from wc_desktop.ui.messages.findings import finding_sentence
from wc_desktop.ui.viewmodels.session import Session
from wc_desktop.ui.viewmodels.words import detail_words, drug_words, local, say

OTHER: Final = "other"
_GIVE_REASONS: Final = (
    "The prescriber said so by phone",
    "The parent was called and agreed",
    "Field trip or early dismissal",
    "Not giving it is the greater risk",
)
_TWICE_REASONS: Final = (
    "It was given twice",
    "The earlier entry is about another dose",
    "The earlier entry is wrong",
    "Asked: it was not given before",
)
_TWICE_CODES: Final = frozenset({Code.POSSIBLE_DOUBLE_DOSE, Code.SLOT_ANSWERED_TWICE, Code.DOUBLE_DOSE_UNRESOLVED})
REASONS: Final[Mapping[DoseState, tuple[str, ...]]] = {
    DoseState.REFUSED: (
        "Did not want it",
        "Spat it out",
        "Feels unwell",
        "Says it was taken at home",
    ),
    DoseState.HELD: (
        "The child is ill",
        "A reading is outside the order's limits",
        "The prescriber asked to hold it",
        "The parent asked to hold it",
    ),
    DoseState.ABSENT: (
        "Not at school today",
        "Left school before the dose",
        "On a field trip",
        "Did not come, not found",
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingWords:
    """One thing the rules say."""

    severity: Severity
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Typed:
    """What a nurse chose and typed, kept when the sheet is set aside."""

    choice: str | None = None
    text: str = field(default="", repr=False)


def findings_in_words(findings: Iterable[Finding], session: Session) -> tuple[FindingWords, ...]:
    """Return the sentence of each finding, its times as the school's clock shows them."""
    zone = session.zone
    today = local(session.now(), zone).date()
    return tuple(
        FindingWords(
            severity=finding.severity,
            words=finding_sentence(finding.code.value, detail_words(finding.detail, zone, today)),
        )
        for finding in findings
    )


class DoseConfirmModel(QObject):
    """One confirm after another. What was typed for a dose and an answer is kept until the dose is saved."""

    opened = Signal()
    changed = Signal()
    closed = Signal()
    draft_ready = Signal(object)  # DoseDraft

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._row: DueRow | None = None
        self._state = DoseState.ADMINISTERED
        self._plan: DosePlan | None = None
        self._saving = False
        self._failure = ""
        self._kept: dict[tuple[str, DoseState], Typed] = {}

    # What the sheet shows.

    @property
    def row(self) -> DueRow | None:
        return self._row

    @property
    def state(self) -> DoseState:
        return self._state

    @property
    def title(self) -> str:
        """'Give dose: methylPHENIDATE'; the window's own title says the first part only."""
        drug = drug_words(self._row.medication)[0] if self._row else ""
        return f"{self.verb}: {drug}"

    @property
    def verb(self) -> str:
        return say(_TITLES.get(self._state, "Record dose"))

    @property
    def action(self) -> str:
        """The button's words."""
        return say(_ACTIONS.get(self._state, "&Record"))

    @property
    def is_checked(self) -> bool:
        """Whether the rules have answered."""
        return self._plan is not None

    @property
    def findings(self) -> tuple[FindingWords, ...]:
        return () if self._plan is None else findings_in_words(self._plan.findings, self._session)

    @property
    def failure(self) -> str:
        """Why the last save did not happen."""
        return self._failure

    @property
    def is_forbidden(self) -> bool:
        """Whether a finding stands in the way that no reason overrides."""
        stops = () if self._plan is None else self._plan.findings
        return any(stop.severity is Severity.BLOCK and not stop.overridable for stop in stops)

    @property
    def is_override(self) -> bool:
        """Whether a hard stop may be gone past with a reason."""
        stops = () if self._plan is None else self._plan.findings
        return any(stop.severity is Severity.BLOCK and stop.overridable for stop in stops)

    @property
    def needs_reason(self) -> bool:
        return self._state.needs_reason or self.is_override

    @property
    def takes_reason(self) -> bool:
        """Whether a reason is offered: asked for, or useful (absent)."""
        return self.needs_reason or self._state is DoseState.ABSENT

    @property
    def reasons(self) -> tuple[str, ...]:
        """The short list, chosen by number."""
        found = () if self._plan is None else self._plan.findings
        usual = _TWICE_REASONS if any(finding.code in _TWICE_CODES for finding in found) else _GIVE_REASONS
        return tuple(say(reason) for reason in REASONS.get(self._state, usual))

    @property
    def typed(self) -> Typed:
        return self._kept.get(self._place, Typed())

    @property
    def reason(self) -> str:
        """What will be kept as the reason: the typed words, else the chosen ones."""
        typed = self.typed
        return typed.text.strip() or (typed.choice or "")

    @property
    def can_save(self) -> bool:
        lacking = self.needs_reason and not self.reason
        return self.is_checked and not self._saving and not self.is_forbidden and not lacking

    @property
    def next_step(self) -> str:
        """What the nurse does now, for the line above the buttons."""
        if not self.is_checked:
            return self._failure or say("Checking the order")
        if self.is_forbidden:
            return say("This cannot be recorded in this way. Press Esc to go back.")
        if self.needs_reason and not self.reason:
            return say("Choose a reason with 1 to 4, or type one.")
        return ""

    # What the nurse does.

    def begin(self, row: DueRow, state: DoseState) -> None:
        """Open on a row; the rules are still being asked."""
        self._row, self._state = row, state
        self._plan = None
        self._saving = False
        self._failure = ""
        self.opened.emit()

    def choose_reason(self, number: int) -> None:
        """Take the reason with this number, from 1."""
        if self.takes_reason and 1 <= number <= len(self.reasons):
            self._keep(Typed(choice=self.reasons[number - 1], text=self.typed.text))

    def choose_words(self, words: str | None) -> None:
        """Take this reason of the list."""
        self._keep(Typed(choice=words, text=self.typed.text))

    def type_reason(self, text: str) -> None:
        """Take what is typed."""
        self._keep(Typed(choice=self.typed.choice, text=text))

    def save(self) -> None:
        """Send what was confirmed, once."""
        if not self.can_save or self._row is None:
            return
        self._saving = True
        self._failure = ""
        reason = self.reason or None
        draft = DoseDraft(
            key=self._row.key,
            status=self._state,
            administered_at=self._session.now(),
            reason=reason if self._state is not DoseState.ADMINISTERED else None,
            override_reason=reason if self.is_override else None,
        )
        self.changed.emit()
        self.draft_ready.emit(draft)

    def ask_lock(self) -> None:
        """Lock from here: the sheet keeps the window's own keys from the window."""
        self._session.lock_wanted.emit()

    # What comes back.

    def take_plan(self, plan: DosePlan) -> None:
        """Show what the rules say, when it is about the open dose."""
        if self._row is not None and plan.row.key == self._row.key and plan.status is self._state:
            self._plan = plan
            self._row = plan.row
            self.changed.emit()

    def take_failure(self, failure: WhiteCrossError) -> None:
        """Say why it was not saved; everything typed is still there."""
        self._saving = False
        self._failure = failure_sentence(failure)
        self.changed.emit()

    def take_saved(self, key: str) -> None:
        """Forget what was typed for a dose that is saved, and close."""
        for place in [place for place in self._kept if place[0] == key]:
            del self._kept[place]
        if self._row is not None and self._row.key == key:
            self._row = None
            self._saving = False
            self.closed.emit()

    def _keep(self, typed: Typed) -> None:
        if typed != self.typed:
            self._kept[self._place] = typed
            self.changed.emit()

    @property
    def _place(self) -> tuple[str, DoseState]:
        return (self._row.key if self._row else "", self._state)


_TITLES: Final[Mapping[DoseState, str]] = {
    DoseState.ADMINISTERED: "Give dose",
    DoseState.REFUSED: "Refused",
    DoseState.HELD: "Hold",
    DoseState.ABSENT: "Absent",
}
_ACTIONS: Final[Mapping[DoseState, str]] = {
    DoseState.ADMINISTERED: "&Give dose",
    DoseState.REFUSED: "&Record refusal",
    DoseState.HELD: "&Record hold",
    DoseState.ABSENT: "&Record absence",
}
