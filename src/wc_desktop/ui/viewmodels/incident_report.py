"""A signed report, opened to be read. The look is on record."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Final

from PySide6.QtCore import QObject, Signal, Slot

from wc_contract.model.care_values import ActionStatus
from wc_contract.model.errors import WhiteCrossError
from wc_contract.model.ids import IncidentId
from wc_contract.model.instants import Instant
from wc_contract.model.kinds import (
    FOLLOW_UP_ACTION,
    HEAD_INJURY_CHECK,
    INCIDENT_ADDENDUM,
    NOTIFICATION,
    WITNESS_STATEMENT,
)
from wc_desktop.actions.added_to_report import add_to_report
from wc_desktop.actions.read_report import read_report, report_again
from wc_desktop.domain.incident_report import Addition, FollowUp, IncidentReport
from wc_desktop.domain.screens import StudentRow
from wc_desktop.ui.messages.failures import failure_sentence
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
from wc_desktop.ui.viewmodels.report_additions import METHODS, OUTCOMES, Bounds, WatchWords, symptom_words, watch_words
from wc_desktop.ui.viewmodels.report_additions import words_of as addition_words
from wc_desktop.ui.viewmodels.session import Session
from wc_desktop.ui.viewmodels.words import JOINT, clock_words, day_words, full_name, grade_words

# What is added to a report after its signature.
_ADDED: Final = frozenset(
    kind.name for kind in (INCIDENT_ADDENDUM, HEAD_INJURY_CHECK, NOTIFICATION, WITNESS_STATEMENT, FOLLOW_UP_ACTION)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportVerbs:
    """What reading does on the replica thread."""

    read_report: Callable[..., IncidentReport] = read_report
    report_again: Callable[..., IncidentReport] = report_again
    add_to_report: Callable[..., None] = add_to_report


REAL: Final = ReportVerbs()


class ReportModel(QObject):
    """One signed report in words."""

    opened = Signal()
    refreshed = Signal()  # something was added to it
    missing = Signal()
    added = Signal()  # it is durable
    not_added = Signal(str)  # why
    minute_passed = Signal()

    def __init__(self, session: Session, verbs: ReportVerbs = REAL, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._verbs = verbs
        self._wanted: IncidentId | None = None
        self._report: IncidentReport | None = None
        session.records_changed.connect(self._on_records_changed)
        session.minute_passed.connect(self._on_minute_passed)

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
        if report is not None and kinds & _ADDED:
            self._read_again(report.row.id)

    def _read_again(self, incident: IncidentId) -> None:
        self._session.run(
            partial(self._verbs.report_again, self._session.desk, incident),
            done=partial(self._on_read_again, incident),
            failed=partial(self._on_failed, incident),
        )

    @Slot(object)
    def _on_minute_passed(self, _now: object) -> None:
        if self._report is not None:
            self.minute_passed.emit()

    def add(self, addition: Addition) -> None:
        """Add to the report; `added` or `not_added` tells what came of it."""
        report = self._report
        if report is not None:
            self._session.run(
                partial(self._verbs.add_to_report, self._session.desk, report.row.id, addition),
                done=self._on_added,
                failed=self._on_not_added,
                urgent=True,
            )

    def _on_added(self, _nothing: None) -> None:
        self.added.emit()
        self._session.changed(*_ADDED)

    def _on_not_added(self, failure: WhiteCrossError) -> None:
        self.not_added.emit(failure_sentence(failure))

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

    # -- what can be added ---------------------------------------------------------------------------------

    @property
    def bounds(self) -> Bounds | None:
        """Between which instants something added may lie; None while no report is open."""
        report = self._report
        if report is None or report.row.occurred_at is None:
            return None
        return Bounds(happened=report.row.occurred_at, now=self._session.now(), zone=self._session.zone)

    @property
    def watch(self) -> WatchWords | None:
        """How the child is watched after a head injury; None for anything else."""
        steps = () if self._report is None else self._report.watch
        return watch_words(steps, self._session.now(), self._session.zone) if steps else None

    @property
    def open_follow_ups(self) -> tuple[FollowUp, ...]:
        """What is still to be done."""
        found = () if self._report is None else self._report.follow_ups
        return tuple(one for one in found if one.status is ActionStatus.OPEN)

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
            (self.tr("Checks"), self._checks(report)),
            (self.tr("Follow-up"), self._follow_ups(report)),
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
        lines = [f"{w.name} ({w.role})" if w.role else w.name for w in report.witnesses]
        for one in report.statements:
            who = f"{one.name} ({one.role})" if one.role else one.name
            lines.append(_line(self._moment(one.at), who, one.words))
        return "\n".join(lines)

    def _contacts(self, report: IncidentReport) -> str:
        lines = [_line(self._moment(n.at), n.person, n.method, n.outcome) for n in report.notifications]
        for one in report.attempts:
            how, came = addition_words(METHODS, one.method.value), addition_words(OUTCOMES, one.outcome.value)
            lines.append(_line(self._moment(one.at), one.contact, how, came, one.note, one.author))
        return "\n".join(lines)

    def _checks(self, report: IncidentReport) -> str:
        lines = []
        for one in report.checks:
            seen = symptom_words(one.symptoms) or self.tr("nothing to be seen")
            danger = self.tr("DANGER SIGN") if one.red_flag else ""
            lines.append(_line(self._moment(one.at), danger, seen, one.note, one.author))
        return "\n".join(lines)

    def _follow_ups(self, report: IncidentReport) -> str:
        lines = [] if report.follow_up_due is None else [day_words(report.follow_up_due)]
        for one in report.follow_ups:
            if one.status is ActionStatus.OPEN:
                state = self.tr("open, due {day}").format(day=day_words(one.due_on))
            elif one.status is ActionStatus.DONE:
                state = self.tr("done {when}").format(when=self._moment(one.completed_at))
            else:
                state = self.tr("not to be done")
            lines.append(_line(one.action, state, one.note))
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


def _line(*parts: str) -> str:
    return JOINT.join(part for part in parts if part)
