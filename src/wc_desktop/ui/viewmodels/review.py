"""Open review cases: what two nurses wrote, and what each could know."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Final

from PySide6.QtCore import QObject, Signal, Slot

from wc_contract.model.instants import Instant
from wc_contract.model.kinds import DOSE, REVIEW_CASE
from wc_contract.rules.findings import Code
from wc_desktop.actions import review
from wc_desktop.domain.screens import CaseRow, Confirmed, DoseView
from wc_desktop.ui.messages.findings import finding_sentence, finding_title
from wc_desktop.ui.viewmodels.session import Session
from wc_desktop.ui.viewmodels.tall_man import tall_man
from wc_desktop.ui.viewmodels.words import clock_words, day_words, dose_state_words, dose_words, full_name

_SHOWN_KINDS: Final = frozenset({REVIEW_CASE.name, DOSE.name})


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewVerbs:
    """What the review does on the replica thread."""

    open_cases: Callable[..., tuple[CaseRow, ...]]


REAL: Final = ReviewVerbs(open_cases=review.open_cases)


@dataclass(frozen=True, slots=True, kw_only=True)
class DoseSide:
    """One of the entries that a case compares: a heading, and label and value of each fact."""

    heading: str
    facts: tuple[tuple[str, str], ...]


class ReviewModel(QObject):
    """Emits `loaded` with the open cases; looks again when cases or doses change."""

    loaded = Signal(object)

    def __init__(self, session: Session, verbs: ReviewVerbs = REAL, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._verbs = verbs
        self._cases: tuple[CaseRow, ...] = ()
        self._asked = 0
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

    # -- words ---------------------------------------------------------------------------------------------

    def child(self, case: CaseRow) -> str:
        """Return whom a case is about."""
        return self.tr("No child named") if case.student is None else full_name(case.student)

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
        authors = tuple(dict.fromkeys(dose.author for dose in case.doses if dose.author))
        if len(authors) > 1:
            who = self.tr("A supervisor or nurse other than {authors} answers this.").format(
                authors=self.tr(" and ").join(authors)
            )
        elif authors:
            who = self.tr("A supervisor or nurse other than {author} answers this.").format(author=authors[0])
        else:
            who = self.tr("A supervisor or another nurse answers this.")
        if case.kind != Code.POSSIBLE_DOUBLE_DOSE.value:
            return who
        blocked = self.tr("Until then {medicine} is blocked for this child.").format(
            medicine=tall_man(case.medication_name or self.tr("this medicine"))
        )
        return f"{who} {blocked}"

    def moment(self, at: Instant) -> str:
        """Return '23 Nov 2026 11:45' in the school's zone."""
        zone = self._session.zone
        return f"{day_words(at.astimezone(zone).date())} {clock_words(at, zone)}"

    def sides(self, case: CaseRow) -> tuple[DoseSide, ...]:
        """Return the entries of a case in the order they were written."""
        doses = sorted(case.doses, key=_written)
        return tuple(self._side(number, dose, doses) for number, dose in enumerate(doses, start=1))

    def _side(self, number: int, dose: DoseView, doses: list[DoseView]) -> DoseSide:
        here = self.tr("This workstation") if dose.device_is_this else self.tr("Another workstation")
        waiting = self.tr("Waiting to be sent") if dose.confirmed is Confirmed.WAITING else self.tr("At the district")
        facts = (
            (self.tr("Who"), dose.author or self.tr("Not known here")),
            (self.tr("When"), self.moment(dose.administered_at)),
            (self.tr("Written"), "" if dose.recorded_at is None else self.moment(dose.recorded_at)),
            (self.tr("Where"), here),
            (self.tr("State"), dose_state_words(dose.status)),
            (self.tr("Amount"), "" if dose.quantity is None else dose_words(dose.quantity)),
            (self.tr("Reason"), dose.reason or ""),
            (self.tr("For the dose of"), self._slot(dose)),
            (self.tr("Could know"), self._could_know(dose, doses)),
            (self.tr("Marks"), ", ".join(finding_title(code) for code in dose.flags)),
            (self.tr("Sent"), waiting),
        )
        return DoseSide(
            heading=self.tr("Entry {number}").format(number=number), facts=tuple(pair for pair in facts if pair[1])
        )

    def _slot(self, dose: DoseView) -> str:
        if dose.slot_date is None:
            return ""
        return day_words(dose.slot_date) + ("" if dose.slot_time is None else f" {dose.slot_time:%H:%M}")

    def _could_know(self, dose: DoseView, doses: list[DoseView]) -> str:
        """Say whether the author had the other entry in view, as far as the entries tell."""
        earlier = [other for other in doses if other.id != dose.id and _written(other) < _written(dose)]
        if not earlier:
            return self.tr("Nothing of the other entry: it was written later")
        if Code.SLOT_ANSWERED_TWICE.value in dose.flags:
            return self.tr("The other entry: a second answer was given on purpose")
        if any(other.device_is_this == dose.device_is_this is True for other in earlier):
            return self.tr("The other entry: it was written on the same workstation")
        if dose.replica_as_of is None:
            return self.tr("Not known: the entry does not say how old its data was")
        as_of = self.moment(dose.replica_as_of)
        if all(dose.replica_as_of < _written(other) for other in earlier):
            return self.tr("Not the other entry: the data shown was of {moment}").format(moment=as_of)
        return self.tr("Perhaps the other entry: the data shown was of {moment}").format(moment=as_of)


def _written(dose: DoseView) -> Instant:
    return dose.recorded_at or dose.administered_at
