"""Appointments over HTTP."""

from datetime import datetime, timedelta
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response
from pydantic import Field

from wc_contract.model.ids import SchoolId
from wc_contract.model.office_values import AppointmentKind, AppointmentStatus
from wc_contract.wire.base import Note, WireInstant, WireModel
from wc_sync_server.api.documents import content_of as body_of
from wc_sync_server.api.records.answering import ListAsked, record_answer
from wc_sync_server.api.records.asking import Asked, CallMade, Records, Version, allowed, content_of, given
from wc_sync_server.api.records.fields import Moment
from wc_sync_server.api.records.models import model_of, page_model
from wc_sync_server.api.records.problems import PROBLEMS
from wc_sync_server.api.records.reminders import NewReminder
from wc_sync_server.api.records.security import BEARER
from wc_sync_server.domain.records import answers
from wc_sync_server.domain.records.areas import Access, Area
from wc_sync_server.domain.records.person import Person
from wc_sync_server.domain.records.questions import AppointmentsAsked, FreeAsked
from wc_sync_server.domain.records.refusals import RecordRefused, RecordsProblem

router = APIRouter(prefix="/v1/records/appointments", tags=["appointments"], responses=PROBLEMS, dependencies=BEARER)
Reader = Annotated[Person, Depends(allowed(Area.APPOINTMENTS, Access.READ))]
Writer = Annotated[Person, Depends(allowed(Area.APPOINTMENTS, Access.WRITE))]

_LONGEST_SPAN = timedelta(days=31)
Minutes = Annotated[int, Field(ge=5, le=480)]
Reminders = Annotated[tuple[NewReminder, ...], Field(max_length=5)]


class NewAppointment(WireModel):
    """An appointment to be booked. The id is the author's own (UUIDv7): sent twice, it is one appointment."""

    id: UUID
    student_id: UUID
    nurse_id: UUID
    kind: AppointmentKind
    scheduled_at: WireInstant
    duration: Minutes
    reason: Note | None = None
    note: Note | None = None
    reminders: Reminders = ()


class AppointmentChange(WireModel):
    """What is to change; the rest stays."""

    nurse_id: UUID = UUID(int=0)
    kind: AppointmentKind = AppointmentKind.OTHER
    scheduled_at: WireInstant = datetime.min  # noqa: DTZ901  # never read: only what was sent is
    duration: Minutes = 5
    status: AppointmentStatus = AppointmentStatus.SCHEDULED
    reason: Note | None = None
    note: Note | None = None


class FreeTime(WireModel):
    """A span in which the nurse is free; until is not part of it."""

    since: WireInstant
    until: WireInstant


class FreeTimes(WireModel):
    """Every span long enough, a quarter of an hour apart."""

    data: tuple[FreeTime, ...]


@router.get("", response_model=page_model(answers.APPOINTMENT), summary="Appointments, in the order of time")
def listed(
    person: Reader,
    records: Records,
    asked: Asked,
    school: UUID | None = None,
    student: UUID | None = None,
    nurse: UUID | None = None,
    status: AppointmentStatus | None = None,
    since: Moment | None = None,
    until: Moment | None = None,
) -> Response:
    """Return appointments that begin in a span of time (since included, until not)."""
    wanted = AppointmentsAsked(
        school=None if school is None else SchoolId(school),
        student=student,
        nurse=nurse,
        status=None if status is None else status.value,
        since=since,
        until=until,
    )
    filters = {
        "school": school, "student": student, "nurse": nurse, "status": status, "since": since, "until": until,
    }  # fmt: skip
    found = ListAsked(records, person, "appointments", filters, asked)
    return found.answer(answers.APPOINTMENT, records.appointments.listed(person, wanted, found.window()))


@router.get("/availability", response_model=FreeTimes, summary="When is a nurse free?")
def availability(
    person: Reader,
    records: Records,
    nurse: UUID,
    school: UUID,
    since: Moment,
    until: Moment,
    duration: Annotated[int, Query(ge=5, le=480)] = 15,
) -> Response:
    """Return when a nurse is free for a school: within its bells and calendar, apart from her appointments anywhere."""
    if not since < until or until - since > _LONGEST_SPAN:
        raise RecordRefused(RecordsProblem.INVALID, fields=("until",))
    wanted = FreeAsked(
        nurse=nurse, school=SchoolId(school), since=since, until=until, duration=timedelta(minutes=duration)
    )
    times = records.appointments.free(person, wanted)
    body = FreeTimes(data=tuple(FreeTime(since=span.since, until=span.until) for span in times))
    return Response(body.model_dump_json(), media_type="application/json")


@router.post(
    "",
    status_code=201,
    response_model=model_of(answers.APPOINTMENT),
    openapi_extra=body_of(NewAppointment),
    summary="Book",
)
def book(person: Writer, call: CallMade, records: Records) -> Response:
    """Book an appointment, unless the nurse has another one then, at whatever school."""
    new = content_of(call, NewAppointment)
    row = records.appointments.add(person, given(new, "reminders"), [given(each) for each in new.reminders])
    return record_answer(answers.APPOINTMENT, row, status=201)


@router.get("/{appointment}", response_model=model_of(answers.APPOINTMENT), summary="One appointment")
def one(appointment: UUID, person: Reader, records: Records) -> Response:
    """Return an appointment, with row_version in ETag."""
    return record_answer(answers.APPOINTMENT, records.appointments.one(person, appointment))


@router.patch(
    "/{appointment}",
    response_model=model_of(answers.APPOINTMENT),
    openapi_extra=body_of(AppointmentChange),
    summary="Move, cancel, complete",
)
def change(appointment: UUID, person: Writer, version: Version, call: CallMade, records: Records) -> Response:
    """Change an appointment that is still at the row_version given in If-Match. Its pending reminders follow it."""
    changes = given(content_of(call, AppointmentChange))
    return record_answer(answers.APPOINTMENT, records.appointments.change(person, appointment, changes, version))
