"""The waiting list of appointments over HTTP."""

from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response
from pydantic import Field

from wc_contract.model.ids import SchoolId
from wc_contract.model.office_values import AppointmentKind, WaitlistStatus
from wc_contract.wire.base import Note, WireInstant, WireModel
from wc_sync_server.api.documents import content_of as body_of
from wc_sync_server.api.records.answering import ListAsked, record_answer
from wc_sync_server.api.records.appointments import Minutes, Reminders
from wc_sync_server.api.records.asking import Asked, CallMade, Records, Version, allowed, content_of, given
from wc_sync_server.api.records.fields import Day
from wc_sync_server.api.records.models import model_of, page_model
from wc_sync_server.api.records.problems import PROBLEMS
from wc_sync_server.api.records.security import BEARER
from wc_sync_server.domain.records import answers
from wc_sync_server.domain.records.areas import Access, Area
from wc_sync_server.domain.records.person import Person
from wc_sync_server.domain.records.questions import WaitlistAsked

router = APIRouter(prefix="/v1/records/waitlist", tags=["appointments"], responses=PROBLEMS, dependencies=BEARER)
Reader = Annotated[Person, Depends(allowed(Area.APPOINTMENTS, Access.READ))]
Writer = Annotated[Person, Depends(allowed(Area.APPOINTMENTS, Access.WRITE))]

Priority = Annotated[int, Field(ge=1, le=100)]


class NewEntry(WireModel):
    """A child that waits for an appointment; 1 is the most urgent. Without a nurse: for whoever is free first.

    The id is the author's own (UUIDv7): sent twice, it is one entry. requested_at: when it was asked for, if not now.
    """

    id: UUID
    student_id: UUID
    nurse_id: UUID | None = None
    kind: AppointmentKind
    priority: Priority
    duration: Minutes
    requested_at: WireInstant | None = None
    wanted_from: Day | None = None
    wanted_to: Day | None = None
    reason: Note | None = None


class EntryChange(WireModel):
    """What is to change. WAITING takes an offer back, or a booking whose appointment came to nothing."""

    nurse_id: UUID | None = None
    kind: AppointmentKind = AppointmentKind.OTHER
    priority: Priority = 1
    duration: Minutes = 5
    wanted_from: Day | None = None
    wanted_to: Day | None = None
    reason: Note | None = None
    status: Literal[WaitlistStatus.WAITING, WaitlistStatus.WITHDRAWN] = WaitlistStatus.WAITING


class Offer(WireModel):
    """A time. Nurse and length are as they were asked for when nothing is said."""

    nurse_id: UUID | None = None
    scheduled_at: WireInstant
    duration: Minutes | None = None


class Booking(Offer):
    """An appointment for who waits; the rest is as it was asked for. The id is the appointment's own (UUIDv7)."""

    id: UUID
    kind: AppointmentKind | None = None
    reason: Note | None = None
    note: Note | None = None
    reminders: Reminders = ()


@router.get("", response_model=page_model(answers.WAITLIST_ENTRY), summary="Who waits, the most urgent first")
def listed(
    person: Reader,
    records: Records,
    asked: Asked,
    school: UUID | None = None,
    student: UUID | None = None,
    nurse: UUID | None = None,
    kind: AppointmentKind | None = None,
    priority: Annotated[int | None, Query(ge=1, le=100)] = None,
    day: Day | None = None,
    minutes: Annotated[int | None, Query(ge=5, le=480)] = None,
    status: WaitlistStatus = WaitlistStatus.WAITING,
) -> Response:
    """Return who waits by priority, then since when. nurse: for her or for anybody; day, minutes: whom a gap suits."""
    wanted = WaitlistAsked(
        school=None if school is None else SchoolId(school),
        student=student,
        nurse=nurse,
        kind=None if kind is None else kind.value,
        priority=priority,
        day=day,
        minutes=minutes,
        status=status.value,
    )
    filters = {
        "school": school, "student": student, "nurse": nurse, "kind": kind, "priority": priority, "day": day,
        "minutes": minutes, "status": status,
    }  # fmt: skip
    found = ListAsked(records, person, "waitlist", filters, asked)
    return found.answer(answers.WAITLIST_ENTRY, records.waitlist.listed(person, wanted, found.window()))


@router.post(
    "",
    status_code=201,
    response_model=model_of(answers.WAITLIST_ENTRY),
    openapi_extra=body_of(NewEntry),
    summary="Wait for an appointment",
)
def ask(person: Writer, call: CallMade, records: Records) -> Response:
    """Put a child of a school of yours on the list, once for each kind of appointment."""
    new = content_of(call, NewEntry)
    values = given(new) if new.requested_at is not None else given(new, "requested_at")
    return record_answer(answers.WAITLIST_ENTRY, records.waitlist.ask(person, values), status=201)


@router.get("/{entry}", response_model=model_of(answers.WAITLIST_ENTRY), summary="One who waits")
def one(entry: UUID, person: Reader, records: Records) -> Response:
    """Return an entry, with row_version in ETag."""
    return record_answer(answers.WAITLIST_ENTRY, records.waitlist.one(person, entry))


@router.patch(
    "/{entry}",
    response_model=model_of(answers.WAITLIST_ENTRY),
    openapi_extra=body_of(EntryChange),
    summary="Change, withdraw, wait again",
)
def change(entry: UUID, person: Writer, version: Version, call: CallMade, records: Records) -> Response:
    """Change an entry that is still at the row_version given in If-Match. Its place in the queue stays."""
    changes = given(content_of(call, EntryChange))
    return record_answer(answers.WAITLIST_ENTRY, records.waitlist.change(person, entry, changes, version))


@router.post(
    "/{entry}/offer",
    response_model=model_of(answers.WAITLIST_ENTRY),
    openapi_extra=body_of(Offer),
    summary="Offer a time",
)
def offer(entry: UUID, person: Writer, version: Version, call: CallMade, records: Records) -> Response:
    """Note that a time was offered to the family, if the nurse is free then. Nobody holds it: booking asks again."""
    row = records.waitlist.offer(person, entry, given(content_of(call, Offer)), version)
    return record_answer(answers.WAITLIST_ENTRY, row)


@router.post(
    "/{entry}/booking",
    status_code=201,
    response_model=model_of(answers.APPOINTMENT),
    openapi_extra=body_of(Booking),
    summary="Book into an appointment",
)
def book(entry: UUID, person: Writer, version: Version, call: CallMade, records: Records) -> Response:
    """Book who waits, unless the nurse has another appointment then, and return the appointment."""
    said = content_of(call, Booking)
    reminders = [given(each) for each in said.reminders]
    row = records.waitlist.book(person, entry, given(said, "reminders"), reminders, version)
    return record_answer(answers.APPOINTMENT, row, status=201)
