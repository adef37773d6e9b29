"""Reading a signed incident report. Opening it is on record (law 6)."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from functools import partial
from uuid import UUID

from wc_contract.model.care_values import ActionStatus, NotificationMethod, NotificationOutcome
from wc_contract.model.changes import AccessRecorded
from wc_contract.model.ids import IncidentId
from wc_contract.model.instants import instant_from_text, whole_millis
from wc_contract.model.kinds import (
    EMERGENCY_CONTACT,
    FOLLOW_UP_ACTION,
    HEAD_INJURY_CHECK,
    INCIDENT,
    INCIDENT_ADDENDUM,
    NOTIFICATION,
    WITNESS_STATEMENT,
    RecordKind,
)
from wc_contract.model.values import AccessAction
from wc_contract.rules.rows import instant_or_none, json_of, texts
from wc_desktop.actions.desk import Desk
from wc_desktop.actions.reading import people, students_by_id
from wc_desktop.domain.failures import NotFound
from wc_desktop.domain.incident_report import (
    Addendum,
    FamilyAttempt,
    FamilyContact,
    FollowUp,
    HeadCheck,
    IncidentReport,
    Statement,
    incident_report,
)
from wc_desktop.domain.views import author_name, incident_row, text, text_or_none
from wc_desktop.ports import Row

_SHOWN = (INCIDENT, INCIDENT_ADDENDUM, HEAD_INJURY_CHECK, NOTIFICATION, WITNESS_STATEMENT, FOLLOW_UP_ACTION)
_FIELDS = tuple(sorted({name for kind in _SHOWN for name in kind.phi_fields}))


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
    family = () if child is None else tuple(_family(desk, child))
    return replace(
        incident_report(row, line),
        addenda=tuple(_addenda(desk, incident, staff)),
        checks=tuple(_checks(desk, incident, staff)),
        attempts=tuple(_attempts(desk, incident, staff)),
        statements=tuple(_statements(desk, incident, staff)),
        follow_ups=tuple(_follow_ups(desk, incident)),
        family=family,
    )


def _added(desk: Desk, kind: RecordKind, incident: IncidentId, when: str) -> list[Row]:
    return sorted(desk.records.where(kind, "incident_id", [str(incident)]), key=partial(text, name=when))


def _addenda(desk: Desk, incident: IncidentId, staff: Mapping[str, Row]) -> Iterator[Addendum]:
    for one in _added(desk, INCIDENT_ADDENDUM, incident, "signed_at"):
        at, author = instant_from_text(text(one, "signed_at")), author_name(staff, text(one, "author_user_id"))
        yield Addendum(at=at, author=author, text=text(one, "text"))


def _checks(desk: Desk, incident: IncidentId, staff: Mapping[str, Row]) -> Iterator[HeadCheck]:
    for one in _added(desk, HEAD_INJURY_CHECK, incident, "checked_at"):
        yield HeadCheck(
            at=instant_from_text(text(one, "checked_at")),
            author=author_name(staff, text(one, "author_user_id")),
            symptoms=texts(json_of(text(one, "symptoms"))),
            red_flag=bool(one["red_flag"]),
            note=text(one, "note"),
        )


def _attempts(desk: Desk, incident: IncidentId, staff: Mapping[str, Row]) -> Iterator[FamilyAttempt]:
    for one in _added(desk, NOTIFICATION, incident, "attempted_at"):
        contact = desk.records.find(EMERGENCY_CONTACT, text(one, "contact_id"))
        maker = text_or_none(one, "made_by")
        yield FamilyAttempt(
            at=instant_from_text(text(one, "attempted_at")),
            contact="" if contact is None else text(contact, "name"),
            method=NotificationMethod(text(one, "method")),
            outcome=NotificationOutcome(text(one, "outcome")),
            author="" if maker is None else author_name(staff, maker),
            note=text(one, "note"),
        )


def _statements(desk: Desk, incident: IncidentId, staff: Mapping[str, Row]) -> Iterator[Statement]:
    for one in _added(desk, WITNESS_STATEMENT, incident, "taken_at"):
        yield Statement(
            at=instant_from_text(text(one, "taken_at")),
            name=text(one, "witness_name"),
            role=text(one, "witness_role"),
            words=text(one, "statement"),
            author=author_name(staff, text(one, "author_user_id")),
        )


def _follow_ups(desk: Desk, incident: IncidentId) -> Iterator[FollowUp]:
    for one in _added(desk, FOLLOW_UP_ACTION, incident, "due_on"):
        yield FollowUp(
            id=UUID(text(one, "id")),
            action=text(one, "action"),
            due_on=date.fromisoformat(text(one, "due_on")),
            status=ActionStatus(text(one, "status")),
            completed_at=instant_or_none(text_or_none(one, "completed_at")),
            note=text(one, "note"),
        )


def _family(desk: Desk, child: str) -> Iterator[FamilyContact]:
    rows = [row for row in desk.records.where(EMERGENCY_CONTACT, "student_id", [child]) if row["is_active"]]
    for row in sorted(rows, key=_called):
        yield FamilyContact(
            id=UUID(text(row, "id")),
            name=text(row, "name"),
            relationship=text(row, "relationship"),
            phone=text(row, "phone"),
        )


def _called(contact: Row) -> tuple[bool, int]:
    return not contact["is_primary"], int(str(contact["priority"]))
