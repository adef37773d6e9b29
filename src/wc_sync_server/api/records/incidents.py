"""Incident reports over HTTP. They are written and signed on workstations; here they are followed up."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response
from pydantic import Field

from wc_contract.model.care_values import NotificationMethod, NotificationOutcome
from wc_contract.model.ids import SchoolId
from wc_contract.model.values import IncidentStatus, Severity
from wc_contract.wire.base import Note, Short, WireInstant, WireModel
from wc_sync_server.api.documents import content_of as body_of
from wc_sync_server.api.records.answering import ListAsked, list_answer, whole_answer
from wc_sync_server.api.records.asking import Asked, CallMade, Records, Version, allowed, content_of, given
from wc_sync_server.api.records.fields import Day, Moment
from wc_sync_server.api.records.models import list_model, page_model, whole_model
from wc_sync_server.api.records.problems import PROBLEMS
from wc_sync_server.api.records.security import BEARER
from wc_sync_server.domain.records import answers
from wc_sync_server.domain.records.areas import Access, Area
from wc_sync_server.domain.records.pages import MOST
from wc_sync_server.domain.records.person import Person
from wc_sync_server.domain.records.questions import IncidentsAsked
from wc_sync_server.domain.records.whole import Whole

router = APIRouter(prefix="/v1/records/incidents", tags=["incidents"], responses=PROBLEMS, dependencies=BEARER)
Reader = Annotated[Person, Depends(allowed(Area.INCIDENTS, Access.READ))]
Writer = Annotated[Person, Depends(allowed(Area.INCIDENTS, Access.WRITE))]

WHOLE: Any = whole_model(
    "WholeIncident",
    "incident",
    answers.INCIDENT,
    {
        "addenda": answers.ADDENDUM,
        "witness_statements": answers.WITNESS,
        "head_injury_checks": answers.HEAD_CHECK,
        "follow_up_actions": answers.FOLLOW_UP,
        "notifications": answers.NOTIFICATION,
    },
)


class IncidentChange(WireModel):
    """A step of the follow-up. What was signed is added to, never changed."""

    status: IncidentStatus = IncidentStatus.SIGNED
    follow_up_due: Day | None = None


class NewAddendum(WireModel):
    """Something to be added to a signed report. The id is the author's own (UUIDv7)."""

    id: UUID
    text: Note


class NewHeadInjuryCheck(WireModel):
    """A look at a child after a head injury. The id is the author's own (UUIDv7): sent twice, it is one check."""

    id: UUID
    checked_at: WireInstant
    symptoms: tuple[Short, ...] = Field(default=(), max_length=40)
    red_flag: bool
    note: Note | None = None


class NewNotification(WireModel):
    """A try to reach one of a child's contacts. The id is the author's own (UUIDv7): sent twice, it is one try."""

    id: UUID
    contact_id: UUID
    method: NotificationMethod
    attempted_at: WireInstant
    outcome: NotificationOutcome
    note: Note | None = None


@router.get("", response_model=page_model(answers.INCIDENT_LISTED), summary="Incidents, the newest first")
def listed(
    person: Reader,
    records: Records,
    asked: Asked,
    school: UUID | None = None,
    student: UUID | None = None,
    severity: Severity | None = None,
    status: IncidentStatus | None = None,
    since: Moment | None = None,
    until: Moment | None = None,
    due_by: Day | None = None,
) -> Response:
    """Return reports without their narrative; due_by: those not closed whose follow-up is due by that day."""
    wanted = IncidentsAsked(
        school=None if school is None else SchoolId(school),
        student=student,
        severity=None if severity is None else severity.value,
        status=None if status is None else status.value,
        since=since,
        until=until,
        due_by=due_by,
    )
    filters = {
        "school": school, "student": student, "severity": severity, "status": status, "since": since, "until": until,
        "due_by": due_by,
    }  # fmt: skip
    found = ListAsked(records, person, "incidents", filters, asked)
    return found.answer(answers.INCIDENT_LISTED, records.incidents.listed(person, wanted, found.window()))


@router.get("/contacts", response_model=list_model(answers.INCIDENT_CONTACT), summary="Whom to call for many reports")
def contacts(
    person: Reader, records: Records, incident: Annotated[list[UUID], Query(min_length=1, max_length=MOST)]
) -> Response:
    """Return the emergency contacts of the children of all these reports, each in the order to call."""
    return list_answer(answers.INCIDENT_CONTACT, records.incidents.contacts(person, incident))


@router.get("/{incident}", response_model=WHOLE, summary="One report, with all that was added to it")
def one(incident: UUID, person: Reader, records: Records) -> Response:
    """Return a report, with row_version in ETag."""
    return _answer(records.incidents.one(person, incident))


@router.patch("/{incident}", response_model=WHOLE, openapi_extra=body_of(IncidentChange), summary="Follow up, close")
def change(incident: UUID, person: Writer, version: Version, call: CallMade, records: Records) -> Response:
    """Take a report a step on. One about a child closes once the family was looked for, a head injury with checks."""
    changes = given(content_of(call, IncidentChange))
    return _answer(records.incidents.change(person, incident, changes, version))


@router.post(
    "/{incident}/addenda",
    status_code=201,
    response_model=WHOLE,
    openapi_extra=body_of(NewAddendum),
    summary="Add to it",
)
def add_addendum(incident: UUID, person: Writer, call: CallMade, records: Records) -> Response:
    """Add to a signed report under your name."""
    new = content_of(call, NewAddendum)
    return _answer(records.incidents.add_addendum(person, incident, new.id, new.text), status=201)


@router.post(
    "/{incident}/head-injury-checks",
    status_code=201,
    response_model=WHOLE,
    openapi_extra=body_of(NewHeadInjuryCheck),
    summary="A check after a head injury",
)
def add_check(incident: UUID, person: Writer, call: CallMade, records: Records) -> Response:
    """Add a look at the child under your name: due at once, after 15 and 30 minutes, and before leaving."""
    values = given(content_of(call, NewHeadInjuryCheck))
    return _answer(records.incidents.add_check(person, incident, values), status=201)


@router.post(
    "/{incident}/notifications",
    status_code=201,
    response_model=WHOLE,
    openapi_extra=body_of(NewNotification),
    summary="A try to reach the family",
)
def add_notification(incident: UUID, person: Writer, call: CallMade, records: Records) -> Response:
    """Add whom of the child's contacts you tried to reach, how and when, and what came of it."""
    values = given(content_of(call, NewNotification))
    return _answer(records.incidents.add_notification(person, incident, values), status=201)


def _answer(whole: Whole, *, status: int = 200) -> Response:
    return whole_answer(WHOLE, "incident", whole.record, whole.parts, status=status)
