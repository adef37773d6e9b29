"""A signed report, opened to be read. The look is on record."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Final

from PySide6.QtCore import QObject, Signal, Slot

from wc_contract.model.errors import WhiteCrossError
from wc_contract.model.ids import IncidentId
from wc_contract.model.instants import Instant
from wc_contract.model.kinds import INCIDENT_ADDENDUM
from wc_desktop.actions.read_report import read_report, report_again
from wc_desktop.domain.incident_report import IncidentReport
from wc_desktop.domain.screens import StudentRow
from wc_desktop.ui.viewmodels.incident_words import (
    BODY_REGIONS,
    DISPOSITIONS,
    ERROR_TYPES,
    HARM_CATEGORIES,
    INJURY_KINDS,
    SHORT_SEVERITIES,
    TYPES,
    all_said,
    said,
)
from wc_desktop.ui.viewmodels.session import Session
from wc_desktop.ui.viewmodels.words import JOINT, clock_words, day_words, full_name, grade_words


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportVerbs:
    """What reading does on the replica thread."""

    read_report: Callable[..., IncidentReport] = read_report
    report_again: Callable[..., IncidentReport] = report_again


REAL: Final = ReportVerbs()


class ReportModel(QObject):
    """One signed report in words."""

    opened = Signal()
    refreshed = Signal()  # something was added to it
    missing = Signal()

    def __init__(self, session: Session, verbs: ReportVerbs = REAL, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._verbs = verbs
        self._wanted: IncidentId | None = None
        self._report: IncidentReport | None = None
        session.records_changed.connect(self._on_records_changed)

    @property
    def report(self) -> IncidentReport | None:
        return self._report

    def open(self, incident: IncidentId) -> None:
        """Open a signed report."""
        self._wanted = incident
        self._report = None
        self._session.run(
            partial(self._verbs.read_report, self._session.desk, incident),
            done=partial(self._on_read, incident),
            failed=partial(self._on_failed, incident),
        )

    @Slot(object)
    def _on_records_changed(self, kinds: frozenset[str]) -> None:
        report = self._report
        if report is not None and INCIDENT_ADDENDUM.name in kinds:
            self._session.run(
                partial(self._verbs.report_again, self._session.desk, report.row.id),
                done=partial(self._on_read_again, report.row.id),
                failed=partial(self._on_failed, report.row.id),
            )

    def _on_read_again(self, incident: IncidentId, report: IncidentReport) -> None:
        if incident == self._wanted and report != self._report:
            self._report = report
            self.refreshed.emit()

    def close(self) -> None:
        """Forget the report."""
        self._wanted = None
        self._report = None

    def _on_read(self, incident: IncidentId, report: IncidentReport) -> None:
        if incident == self._wanted:
            self._report = report
            self.opened.emit()

    def _on_failed(self, incident: IncidentId, failure: WhiteCrossError) -> None:
        if incident == self._wanted:
            self.close()
            self._session.tell_failure(failure)
            self.missing.emit()

    # -- words ---------------------------------------------------------------------------------------------

    @property
    def title(self) -> str:
        """What the report is about: 'Head injury · MARTINEZ, Sofia'."""
        if self._report is None:
            return ""
        row = self._report.row
        child = "" if row.student is None else full_name(row.student)
        return " · ".join(part for part in (said(TYPES, row.type), child) if part)

    def facts(self) -> tuple[tuple[str, str], ...]:
        """Return label and value of everything that was filled in."""
        report = self._report
        if report is None:
            return ()
        row = report.row
        child = self.tr("No child named") if row.student is None else self._child(row.student)
        pairs = (
            (self.tr("Child"), child),
            (self.tr("Happened"), self._moment(row.occurred_at)),
            (self.tr("Where"), row.location),
            (self.tr("Activity"), report.activity),
            (self.tr("How serious"), said(SHORT_SEVERITIES, row.severity.value)),
            (self.tr("What happened"), report.narrative),
            (self.tr("Parts of the body"), all_said(BODY_REGIONS, report.body_regions)),
            (self.tr("Kind of injury"), said(INJURY_KINDS, report.injury_kind)),
            (self.tr("Kind of error"), said(ERROR_TYPES, report.med_error_type) if report.med_error_type else ""),
            (self.tr("Harm category"), said(HARM_CATEGORIES, report.ncc_merp) if report.ncc_merp else ""),
            (self.tr("Care given"), report.care_given),
            (self.tr("Then"), said(DISPOSITIONS, report.disposition.value)),
            (self.tr("Witnesses"), self._witnesses(report)),
            (self.tr("Contact with the family"), self._contacts(report)),
            (self.tr("Follow-up"), "" if report.follow_up_due is None else day_words(report.follow_up_due)),
            (self.tr("Signed"), self._signed(report)),
            (self.tr("Added since"), self._addenda(report)),
        )
        return tuple(pair for pair in pairs if pair[1])

    def _child(self, student: StudentRow) -> str:
        born = self.tr("Born {day}").format(day=day_words(student.date_of_birth))
        number = self.tr("ID {number}").format(number=student.student_number)
        return JOINT.join((full_name(student), grade_words(student), born, number))

    def _signed(self, report: IncidentReport) -> str:
        when = self._moment(report.signed_at)
        return self.tr("{when} by {author}").format(when=when, author=report.row.author or self.tr("unknown"))

    def _witnesses(self, report: IncidentReport) -> str:
        lines = (f"{w.name} ({w.role})" if w.role else w.name for w in report.witnesses)
        return "\n".join(lines)

    def _contacts(self, report: IncidentReport) -> str:
        lines = (
            " · ".join(part for part in (self._moment(n.at), n.person, n.method, n.outcome) if part)
            for n in report.notifications
        )
        return "\n".join(lines)

    def _addenda(self, report: IncidentReport) -> str:
        return "\n".join(
            " · ".join(part for part in (self._moment(one.at), one.author, one.text) if part) for one in report.addenda
        )

    def _moment(self, at: Instant | None) -> str:
        if at is None:
            return ""
        zone = self._session.zone
        return f"{day_words(at.astimezone(zone).date())} {clock_words(at, zone)}"
