"""Reading a signed incident report. Opening it is on record (law 6)."""

from dataclasses import replace

from wc_contract.model.changes import AccessRecorded
from wc_contract.model.ids import IncidentId
from wc_contract.model.instants import instant_from_text, whole_millis
from wc_contract.model.kinds import INCIDENT, INCIDENT_ADDENDUM
from wc_contract.model.values import AccessAction
from wc_desktop.actions.desk import Desk
from wc_desktop.actions.reading import people, students_by_id
from wc_desktop.domain.failures import NotFound
from wc_desktop.domain.incident_report import Addendum, IncidentReport, incident_report
from wc_desktop.domain.views import author_name, incident_row, text, text_or_none
from wc_desktop.ports import Row

_FIELDS = tuple(sorted(INCIDENT.phi_fields | INCIDENT_ADDENDUM.phi_fields))


def read_report(desk: Desk, incident: IncidentId) -> IncidentReport:
    """Return a signed report, and write that it was looked at. Raises NotFound."""
    report = report_again(desk, incident)
    at = whole_millis(desk.clock.now())
    viewed = AccessRecorded(
        action=AccessAction.VIEW, entity_type="incident", entity_id=str(incident), at=at, fields=_FIELDS
    )
    desk.author((viewed,), at)
    return report


def report_again(desk: Desk, incident: IncidentId) -> IncidentReport:
    """Return a report that is open, as it stands now; its opening is on record already. Raises NotFound."""
    row = desk.records.find(INCIDENT, str(incident))
    if row is None:
        raise NotFound(str(incident))
    child = text_or_none(row, "student_id")
    children = students_by_id(desk, [] if child is None else [child])
    staff = people(desk)
    line = incident_row(row, people=staff, student=None if child is None else children.get(child))
    later = sorted(desk.records.where(INCIDENT_ADDENDUM, "incident_id", [str(incident)]), key=_signed)
    addenda = tuple(
        Addendum(
            at=instant_from_text(text(one, "signed_at")),
            author=author_name(staff, text(one, "author_user_id")),
            text=text(one, "text"),
        )
        for one in later
    )
    return replace(incident_report(row, line), addenda=addenda)


def _signed(addendum: Row) -> str:
    return text(addendum, "signed_at")
