"""One open chart: loaded once on record, read again when a pull changes what it shows."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Final
from uuid import UUID

from PySide6.QtCore import QObject, Signal, Slot

from wc_contract.model.changes import Entry
from wc_contract.model.errors import WhiteCrossError
from wc_contract.model.ids import DoseId, StudentId
from wc_contract.model.kinds import (
    ALLERGY,
    CAPTURE,
    CHRONIC_CONDITION,
    CLINIC_VISIT,
    DOCUMENT,
    DOSE,
    EMERGENCY_CONTACT,
    INCIDENT,
    MEDICATION,
    ORDER,
    ORDER_VERSION,
    STUDENT,
    VACCINATION,
)
from wc_contract.model.values import ConditionStatus
from wc_desktop.actions import corrections, students
from wc_desktop.domain.blob_views import ContentPlace
from wc_desktop.domain.documents import DocumentRow
from wc_desktop.domain.screens import Chart, DoseCorrection, DoseView
from wc_desktop.ui.messages.failures import failure_sentence
from wc_desktop.ui.viewmodels.capture import happened_words
from wc_desktop.ui.viewmodels.session import Session
from wc_desktop.ui.viewmodels.words import JOINT, day_words, full_name, goes_by, grade_words

_SHOWN_KINDS: Final = frozenset(
    kind.name
    for kind in (
        STUDENT,
        ALLERGY,
        CHRONIC_CONDITION,
        ORDER,
        ORDER_VERSION,
        MEDICATION,
        DOSE,
        INCIDENT,
        VACCINATION,
        EMERGENCY_CONTACT,
        DOCUMENT,
        CAPTURE,
        CLINIC_VISIT,
    )
)

_MOST_CAPTURES: Final = 3
# Content that stays where it is until somebody does something.
_STILL: Final = frozenset({ContentPlace.HERE, ContentPlace.AWAY, ContentPlace.REFUSED})


@dataclass(frozen=True, slots=True, kw_only=True)
class ChartVerbs:
    """What a chart does on the replica thread. open_chart writes that it was looked at; read_again does not."""

    open_chart: Callable[..., Chart]
    read_again: Callable[..., Chart]
    correct_dose: Callable[..., Entry] = corrections.correct_dose
    documents_again: Callable[..., tuple[DocumentRow, ...]] = students.documents_again


REAL: Final = ChartVerbs(open_chart=students.open_chart, read_again=students.read_again)


class ChartModel(QObject):
    """One chart at a time. `opened` when another child's chart came, `refreshed` when the same one changed."""

    opened = Signal()
    refreshed = Signal()
    missing = Signal()
    corrected = Signal()
    not_corrected = Signal(str)  # why

    def __init__(self, session: Session, verbs: ChartVerbs = REAL, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._verbs = verbs
        self._student: StudentId | None = None
        self._chart: Chart | None = None
        self._looking = False
        session.records_changed.connect(self._on_records_changed)
        session.content_moved.connect(self._on_content_moved)

    @property
    def chart(self) -> Chart | None:
        return self._chart

    def open(self, student: StudentId) -> None:
        """Open a child's chart; the look is on record when it shows."""
        self._student = student
        self._chart = None
        self._session.run(
            partial(self._verbs.open_chart, self._session.desk, student),
            done=partial(self._on_opened, student),
            failed=partial(self._on_failed, student),
            urgent=True,
        )

    def dose(self, dose: DoseId) -> DoseView | None:
        """Return a dose that may be corrected: one that no other entry stands for."""
        doses = () if self._chart is None else self._chart.doses
        return next((view for view in doses if view.id == dose and view.stands), None)

    def correct_dose(self, dose: DoseId, correction: DoseCorrection) -> None:
        """Write what a dose should have said; `corrected` or `not_corrected` follows."""
        self._session.run(
            partial(self._verbs.correct_dose, self._session.desk, dose, correction),
            done=self._on_corrected,
            failed=self._on_not_corrected,
            urgent=True,
        )

    def _on_corrected(self, _entry: Entry) -> None:
        self._session.tell(self.tr("Correction saved on this workstation; the first entry stays readable"))
        self.corrected.emit()
        self._session.changed(DOSE.name)

    def _on_not_corrected(self, failure: WhiteCrossError) -> None:
        self.not_corrected.emit(failure_sentence(failure))

    def close(self) -> None:
        """Forget the child."""
        self._student = None
        self._chart = None

    def _on_opened(self, student: StudentId, chart: Chart) -> None:
        if student == self._student:
            self._chart = chart
            self.opened.emit()

    def _on_failed(self, student: StudentId, failure: WhiteCrossError) -> None:
        if student == self._student:
            self.close()
            self._session.tell_failure(failure)
            self.missing.emit()

    @Slot(object)
    def _on_records_changed(self, kinds: frozenset[str]) -> None:
        if self._chart is not None and self._student is not None and kinds & _SHOWN_KINDS:
            self._session.run(
                partial(self._verbs.read_again, self._session.desk, self._student),
                done=partial(self._on_read_again, self._student),
            )

    def _on_read_again(self, student: StudentId, chart: Chart) -> None:
        if student == self._student and chart != self._chart:
            self._chart = chart
            self.refreshed.emit()

    # -- photos and documents ------------------------------------------------------------------------------

    def document(self, document: UUID) -> DocumentRow | None:
        """Return one of the child's documents."""
        listed = () if self._chart is None else self._chart.documents
        return next((row for row in listed if row.id == document), None)

    @Slot()
    def _on_content_moved(self) -> None:
        """Look where content is, once at a time: pieces come many a second."""
        chart = self._chart
        if chart is None or self._looking or all(row.content.place in _STILL for row in chart.documents):
            return
        self._looking = True
        self._session.run(
            partial(self._verbs.documents_again, self._session.desk, chart.student.id),
            done=partial(self._on_documents, chart.student.id),
            failed=self._on_no_documents,
        )

    def _on_documents(self, student: StudentId, found: tuple[DocumentRow, ...]) -> None:
        self._looking = False
        chart = self._chart
        if chart is None or chart.student.id != student:
            return
        if found != chart.documents:
            self._chart = replace(chart, documents=found)
            self.refreshed.emit()

    def _on_no_documents(self, _failure: WhiteCrossError) -> None:
        self._looking = False

    # -- words ---------------------------------------------------------------------------------------------

    @property
    def title(self) -> str:
        """The child: 'MARTINEZ, Sofia'."""
        return "" if self._chart is None else full_name(self._chart.student)

    @property
    def facts(self) -> str:
        """One line under the name: preferred name, grade, room, birth date, number."""
        if self._chart is None:
            return ""
        child = self._chart.student
        parts = (
            goes_by(child),
            grade_words(child),
            self.tr("Born {day}").format(day=day_words(child.date_of_birth)),
            self.tr("ID {number}").format(number=child.student_number),
            "" if child.is_active else self.tr("No longer enrolled: read only"),
        )
        return JOINT.join(part for part in parts if part)

    @property
    def allergy_alert(self) -> str:
        """The allergies, each with what it does; '' when none is on record."""
        if self._chart is None or not self._chart.allergies:
            return ""
        named = [
            self.tr("{allergen} ({reaction})").format(allergen=a.allergen, reaction=a.reaction)
            if a.reaction
            else a.allergen
            for a in self._chart.allergies
        ]
        return self.tr("Allergies: {named}").format(named="; ".join(named))

    @property
    def capture_note(self) -> str:
        """What was given where nobody could see this chart; '' when nothing was."""
        if self._chart is None or not self._chart.captures:
            return ""
        newest = (happened_words(said, self._session.zone) for said in self._chart.captures[:_MOST_CAPTURES])
        return self.tr("Written down without a lease, and counted with no order: {what}").format(what="; ".join(newest))

    @property
    def name_alert(self) -> str:
        """Whom this child may be taken for; '' when nobody."""
        if self._chart is None or not self._chart.student.name_alike:
            return ""
        others = "; ".join(self._chart.student.name_alike)
        return self.tr("Similar name: {others}. Check the birth date.").format(others=others)

    @property
    def condition_note(self) -> str:
        """The conditions that are present; '' when none is on record."""
        if self._chart is None:
            return ""
        names = [c.name for c in self._chart.conditions if c.status == ConditionStatus.ACTIVE.value]
        return self.tr("Conditions: {names}").format(names="; ".join(names)) if names else ""
