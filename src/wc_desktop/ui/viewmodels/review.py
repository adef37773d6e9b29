"""Open review cases: what two hands wrote, what each could know, and the answer of a person who may give it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from typing import Final, assert_never

from PySide6.QtCore import QObject, Signal, Slot

from wc_contract.model.errors import WhiteCrossError
from wc_contract.model.ids import CaseId
from wc_contract.model.instants import Instant
from wc_contract.model.kinds import (
    CAPTURE,
    CASE_SIDE,
    DOSE,
    INVENTORY_ITEM,
    INVENTORY_TRANSACTION,
    KINDS,
    LEDGER_ENTRY,
    MEDICATION_CONTAINER,
    REVIEW_CASE,
)
from wc_contract.model.quantity import decimal_from_text
from wc_contract.model.values import CaseResolution
from wc_contract.rules.findings import Code
from wc_desktop.actions import review
from wc_desktop.domain.case_views import CaseDecision, CaseRow, Hindrance, ShelfRow
from wc_desktop.domain.screens import DoseView
from wc_desktop.ui.messages.failures import failure_sentence
from wc_desktop.ui.messages.findings import finding_sentence, finding_title
from wc_desktop.ui.viewmodels.case_sides import CaseSide, entry_lines, moment_words, sides_of
from wc_desktop.ui.viewmodels.record_words import ANSWERS
from wc_desktop.ui.viewmodels.record_words import tr as tr_record
from wc_desktop.ui.viewmodels.session import Session
from wc_desktop.ui.viewmodels.tall_man import tall_man
from wc_desktop.ui.viewmodels.words import full_name

_SHOWN_KINDS: Final = frozenset(
    {
        REVIEW_CASE.name,
        CAPTURE.name,
        CASE_SIDE.name,
        DOSE.name,
        INVENTORY_ITEM.name,
        INVENTORY_TRANSACTION.name,
        MEDICATION_CONTAINER.name,
        LEDGER_ENTRY.name,
    }
)
_MOST_DIGITS: Final = 12
_CHANGED_BY: Final[Mapping[CaseResolution, tuple[str, ...]]] = {
    CaseResolution.DUPLICATE_RECORD: (DOSE.name,),
    CaseResolution.TOOK_OTHER: tuple(kind.name for kind in KINDS),
    CaseResolution.REVIEWED: (CAPTURE.name,),
    CaseResolution.COUNTED: (INVENTORY_ITEM.name, INVENTORY_TRANSACTION.name, LEDGER_ENTRY.name),
}


def tr_answer(answer: CaseResolution) -> str:
    """Return an answer in words."""
    return tr_record(ANSWERS[answer])


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewVerbs:
    """What the review does on the replica thread."""

    open_cases: Callable[..., tuple[CaseRow, ...]]
    view_case: Callable[..., CaseRow]
    answer_case: Callable[..., CaseRow]


REAL: Final = ReviewVerbs(open_cases=review.open_cases, view_case=review.view_case, answer_case=review.answer_case)


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One answer that may be given: the button's words, what comes of it, what it asks for."""

    resolution: CaseResolution
    button: str
    title: str
    outcome: str
    asks_which: bool = False
    needs_note: bool = False
    is_grave: bool = False
    asks_child: bool = False
    counts: ShelfRow | None = None


class ReviewModel(QObject):
    """Emits `loaded` with the open cases; looks again when cases or doses change."""

    loaded = Signal(object)
    answered = Signal(object)  # CaseRow as it stands now
    not_answered = Signal(str)  # why

    def __init__(self, session: Session, verbs: ReviewVerbs = REAL, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._verbs = verbs
        self._cases: tuple[CaseRow, ...] = ()
        self._asked = 0
        self._read: set[CaseId] = set()
        self._answering = False
        session.records_changed.connect(self._on_records_changed)

    @property
    def cases(self) -> tuple[CaseRow, ...]:
        return self._cases

    @Slot()
    def load(self) -> None:
        """Ask for the open cases."""
        self._asked += 1
        self._session.run(
            partial(self._verbs.open_cases, self._session.desk), done=partial(self._on_loaded, self._asked)
        )

    def _on_loaded(self, asked: int, cases: tuple[CaseRow, ...]) -> None:
        if asked == self._asked:
            self._cases = cases
            self.loaded.emit(cases)

    @Slot(object)
    def _on_records_changed(self, kinds: frozenset[str]) -> None:
        if self._asked and kinds & _SHOWN_KINDS:
            self.load()

    def open(self, case: CaseRow) -> None:
        """Put on record that a case was read; once for each time the screen was opened."""
        if case.id not in self._read:
            self._read.add(case.id)
            self._session.run(partial(self._verbs.view_case, self._session.desk, case.id))

    def begin(self) -> None:
        """Ask for the open cases, and count what is read from now on as another look: the screen is opened."""
        self._read.clear()
        self.load()

    def answer(self, decision: CaseDecision) -> None:
        """Give an answer; `answered` or `not_answered` follows."""
        if self._answering:
            return
        self._answering = True
        self._session.run(
            partial(self._verbs.answer_case, self._session.desk, decision),
            done=partial(self._on_answered, decision),
            failed=self._on_not_answered,
            urgent=True,
        )

    def _on_answered(self, decision: CaseDecision, case: CaseRow) -> None:
        self._answering = False
        self._session.changed(REVIEW_CASE.name, *_CHANGED_BY.get(decision.resolution, ()))
        said = tr_answer(decision.resolution)
        lifted = self.tr("{medicine} may be given again.").format(medicine=self.medicine(case) or self.tr("It"))
        double = case.kind == Code.POSSIBLE_DOUBLE_DOSE.value
        self._session.tell(
            " ".join((self.tr("Answered: {answer}.").format(answer=said), lifted if double else "")).strip()
        )
        self.answered.emit(case)
        if decision.resolution is CaseResolution.BOTH_GIVEN and case.student is not None:
            # It reached the child: the report of a medication error follows.
            self._session.new_incident(case.student.id)

    def _on_not_answered(self, failure: WhiteCrossError) -> None:
        self._answering = False
        self.not_answered.emit(failure_sentence(failure))
        self.load()

    # -- words ---------------------------------------------------------------------------------------------

    def child(self, case: CaseRow) -> str:
        """Return whom a case is about."""
        if case.student is not None:
            return full_name(case.student)
        return self.tr("No child named") if case.shelf is None else case.shelf.name

    def kind(self, case: CaseRow) -> str:
        """Return two or three words for what a case is about."""
        return finding_title(case.kind)

    def medicine(self, case: CaseRow) -> str:
        """Return the medicine a case is about; '' when it is about none."""
        return tall_man(case.medication_name or "")

    def kind_sentence(self, case: CaseRow) -> str:
        """Return what happened, as far as the entries say."""
        if case.kind == Code.POSSIBLE_DOUBLE_DOSE.value:
            return self.tr("Two entries answer the same dose of {medicine}. The child may have had it twice.").format(
                medicine=tall_man(case.medication_name or self.tr("a medicine"))
            )
        return finding_sentence(case.kind)

    def what_now(self, case: CaseRow) -> str:
        """Return who answers the case, and what is blocked until then."""
        if case.shelf is not None and case.shelf.needs_two:
            return self._who_counts(case.shelf)
        if case.kind != Code.POSSIBLE_DOUBLE_DOSE.value:
            return self.tr("A nurse or a supervisor answers this.")
        authors = tuple(dict.fromkeys(dose.author for dose in case.doses if dose.author))
        if len(authors) > 1:
            who = self.tr("A supervisor or nurse other than {authors} answers this.").format(
                authors=self.tr(" and ").join(authors)
            )
        elif authors:
            who = self.tr("A supervisor or nurse other than {author} answers this.").format(author=authors[0])
        else:
            who = self.tr("A supervisor or another nurse answers this.")
        blocked = self.tr("Until then {medicine} is blocked for this child.").format(
            medicine=tall_man(case.medication_name or self.tr("this medicine"))
        )
        return f"{who} {blocked}"

    def _who_counts(self, shelf: ShelfRow) -> str:
        two = self.tr("A controlled medicine is counted by two people; what is expected is shown to neither.")
        if shelf.witnesses:
            return two
        return f"{two} " + self.tr(
            "Nobody else can sign in on this workstation: ask a colleague to be added, or count on another one."
        )

    def moment(self, at: Instant) -> str:
        """Return '23 Nov 2026 11:45' in the school's zone."""
        return moment_words(at, self._session.zone)

    def entries(self, case: CaseRow) -> tuple[tuple[DoseView, str], ...]:
        """Return the entries of which one may stand, each in a line."""
        return entry_lines(case, self._session.zone)

    def sides(self, case: CaseRow) -> tuple[CaseSide, ...]:
        """Return what a case compares."""
        return sides_of(case, self._session.zone)

    def hindrance(self, case: CaseRow) -> str:
        """Return why the person at the desk may not answer a case; '' when they may (X3)."""
        match case.hindrance:
            case None:
                return ""
            case Hindrance.AUTHOR:
                return self.tr("You wrote one of these entries; another nurse or a supervisor decides.")
            case Hindrance.ROLE:
                return self.tr("Your role does not decide this; a nurse or a supervisor does.")
            case _:
                assert_never(case.hindrance)

    def options(self, case: CaseRow) -> tuple[Option, ...]:
        """Return the answers that may be given here."""
        if case.hindrance is not None:
            return ()
        double = case.kind == Code.POSSIBLE_DOUBLE_DOSE.value
        return tuple(self._option(case, answer, double=double) for answer in case.answers)

    def _option(self, case: CaseRow, answer: CaseResolution, *, double: bool) -> Option:
        asks_child = case.asks_child and answer is CaseResolution.REVIEWED
        button, outcome = self._naming_words() if asks_child else self._answer_words(answer)
        return Option(
            resolution=answer,
            button=button,
            title=tr_answer(answer),
            outcome=outcome,
            asks_which=answer is CaseResolution.DUPLICATE_RECORD,
            needs_note=double,
            is_grave=answer in {CaseResolution.BOTH_GIVEN, CaseResolution.DUPLICATE_RECORD},
            counts=case.shelf if answer is CaseResolution.COUNTED else None,
            asks_child=asks_child,
        )

    def _naming_words(self) -> tuple[str, str]:
        return self.tr("&Answer, and say who it was"), self.tr(
            "What was written down stays as it is. With the child you choose, it is written once more beside it, and "
            "stands over the chart; it counts as no dose of an order. While nobody knows, leave the case open."
        )

    def _answer_words(self, answer: CaseResolution) -> tuple[str, str]:
        words = {
            CaseResolution.BOTH_GIVEN: (
                self.tr("&Both were given"),
                self.tr(
                    "The child had the medicine twice. Both entries stand. It is an error that reached the child: "
                    "a report of it is begun next."
                ),
            ),
            CaseResolution.DUPLICATE_RECORD: (
                self.tr("&One dose, written twice"),
                self.tr(
                    "The child had the medicine once. One entry stands; the other is marked as entered in error and "
                    "stays readable."
                ),
            ),
            CaseResolution.DIFFERENT_SLOTS: (
                self.tr("&Two times of the day"),
                self.tr("The child had two doses, each for its own time of the day. Both entries stand."),
            ),
            CaseResolution.REVIEWED: (
                self.tr("&Leave as it is"),
                self.tr("You have looked at it. The record stands as it is."),
            ),
            CaseResolution.KEPT_STANDING: (
                self.tr("&Keep what stands"),
                self.tr("The record stays as it is. The other version is kept with the case."),
            ),
            CaseResolution.TOOK_OTHER: (
                self.tr("&Take the other version"),
                self.tr(
                    "The record says from now on what the other version says. What stood until now is kept with the "
                    "case."
                ),
            ),
            CaseResolution.COUNTED: (
                self.tr("&Count it"),
                self.tr(
                    "The record says from now on what you find. What was taken out and came in before stays readable."
                ),
            ),
        }
        return words[answer]


def number_found(text: str) -> Decimal | None:
    """Return how many were counted, None for what is no number from nothing upwards."""
    text = text.strip().replace(",", ".")
    try:
        number = decimal_from_text(text)
    except ValueError:
        return None
    return number if number >= 0 and len(text) <= _MOST_DIGITS else None
