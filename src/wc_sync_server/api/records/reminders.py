"""Reminders of appointments over HTTP. Nobody is written to by this server: who calls is shown whom, and says so."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Response

from wc_contract.model.care_values import NotificationMethod
from wc_contract.model.ids import SchoolId
from wc_contract.model.office_values import ReminderStatus
from wc_contract.wire.base import WireInstant, WireModel
from wc_sync_server.api.documents import content_of as body_of
from wc_sync_server.api.records.answering import ListAsked, list_answer, record_answer
from wc_sync_server.api.records.asking import Asked, CallMade, Records, Version, allowed, content_of, given
from wc_sync_server.api.records.fields import Moment
from wc_sync_server.api.records.models import list_model, model_of, page_model
from wc_sync_server.api.records.problems import PROBLEMS
from wc_sync_server.api.records.security import BEARER
from wc_sync_server.domain.records import answers
from wc_sync_server.domain.records.areas import Access, Area
from wc_sync_server.domain.records.person import Person
from wc_sync_server.domain.records.questions import RemindersAsked

router = APIRouter(prefix="/v1/records", tags=["appointments"], responses=PROBLEMS, dependencies=BEARER)
Reader = Annotated[Person, Depends(allowed(Area.APPOINTMENTS, Access.READ))]
Writer = Annotated[Person, Depends(allowed(Area.APPOINTMENTS, Access.WRITE))]


class NewReminder(WireModel):
    """A reminder to be planned: at once without send_at, of whoever is called first without a contact.

    The id is the author's own (UUIDv7): sent twice, it is one reminder.
    """

    id: UUID
    method: NotificationMethod
    contact_id: UUID | None = None
    send_at: WireInstant = datetime.min  # noqa: DTZ901  # never read: only what was sent is


class ReminderChange(WireModel):
    """What is to change, or what became of it. One that failed may be planned again (PENDING)."""

    method: NotificationMethod = NotificationMethod.PHONE
    contact_id: UUID | None = None
    send_at: WireInstant = datetime.min  # noqa: DTZ901  # never read: only what was sent is
    status: ReminderStatus = ReminderStatus.PENDING


@router.get(
    "/reminders", response_model=page_model(answers.REMINDER), summary="Reminders, in the order in which they go out"
)
def listed(
    person: Reader,
    records: Records,
    asked: Asked,
    school: UUID | None = None,
    since: Moment | None = None,
    until: Moment | None = None,
    status: ReminderStatus = ReminderStatus.PENDING,
) -> Response:
    """Return reminders with whom to reach; until: those to go out before (now: those that are due)."""
    wanted = RemindersAsked(
        school=None if school is None else SchoolId(school), status=status.value, since=since, until=until
    )
    filters = {"school": school, "status": status, "since": since, "until": until}
    found = ListAsked(records, person, "reminders", filters, asked)
    return found.answer(answers.REMINDER, records.reminders.listed(person, wanted, found.window()))


@router.get(
    "/appointments/{appointment}/reminders",
    response_model=list_model(answers.REMINDER),
    summary="What reminds of an appointment",
)
def of_appointment(appointment: UUID, person: Reader, records: Records) -> Response:
    """Return an appointment's reminders, those that went out or were cancelled too."""
    return list_answer(answers.REMINDER, records.reminders.of_appointment(person, appointment))


@router.post(
    "/appointments/{appointment}/reminders",
    status_code=201,
    response_model=model_of(answers.REMINDER),
    openapi_extra=body_of(NewReminder),
    summary="Plan one",
)
def add(appointment: UUID, person: Writer, call: CallMade, records: Records) -> Response:
    """Plan a reminder of an appointment that is to be: before it, and to a contact of that child."""
    row = records.reminders.add(person, appointment, given(content_of(call, NewReminder)))
    return record_answer(answers.REMINDER, row, status=201)


@router.patch(
    "/reminders/{reminder}",
    response_model=model_of(answers.REMINDER),
    openapi_extra=body_of(ReminderChange),
    summary="Plan otherwise, cancel, say that it went out",
)
def change(reminder: UUID, person: Writer, version: Version, call: CallMade, records: Records) -> Response:
    """Change a reminder that is still at the row_version given in If-Match; one that went out stays as it is."""
    changes = given(content_of(call, ReminderChange))
    return record_answer(answers.REMINDER, records.reminders.change(person, reminder, changes, version))
