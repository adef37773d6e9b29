"""What is to be done after incidents, over HTTP."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Response
from pydantic import Field

from wc_contract.model.care_values import ActionStatus
from wc_contract.model.ids import SchoolId
from wc_contract.wire.base import Note, WireInstant, WireModel
from wc_sync_server.api.documents import content_of as body_of
from wc_sync_server.api.records.answering import ListAsked, record_answer
from wc_sync_server.api.records.asking import Asked, CallMade, Records, Version, allowed, content_of, given
from wc_sync_server.api.records.fields import Day
from wc_sync_server.api.records.models import model_of, page_model
from wc_sync_server.api.records.problems import PROBLEMS
from wc_sync_server.api.records.security import BEARER
from wc_sync_server.domain.records import answers
from wc_sync_server.domain.records.areas import Access, Area
from wc_sync_server.domain.records.person import Person
from wc_sync_server.domain.records.questions import ActionsAsked

router = APIRouter(prefix="/v1/records", tags=["incidents"], responses=PROBLEMS, dependencies=BEARER)
Reader = Annotated[Person, Depends(allowed(Area.FOLLOW_UP_ACTIONS, Access.READ))]
Writer = Annotated[Person, Depends(allowed(Area.FOLLOW_UP_ACTIONS, Access.WRITE))]

Task = Annotated[str, Field(min_length=1, max_length=20_000, pattern=r"^[^\x00]*$")]


class NewAction(WireModel):
    """Something to be done after an incident, not due before it. The id is the author's own (UUIDv7)."""

    id: UUID
    action: Task
    due_on: Day
    assigned_to: UUID | None = None
    note: Note | None = None


class ActionChange(WireModel):
    """What is to change. DONE: by you and now when nothing is said. CANCELLED: the note says why."""

    action: Task = "-"
    due_on: Day = date.min
    assigned_to: UUID | None = None
    note: Note | None = None
    status: ActionStatus = ActionStatus.OPEN
    completed_at: WireInstant = datetime.min  # noqa: DTZ901  # never read: only what was sent is
    completed_by: UUID = UUID(int=0)


@router.get(
    "/follow-up-actions",
    response_model=page_model(answers.FOLLOW_UP_LISTED),
    summary="What is to be done, what is due first",
)
def listed(
    person: Reader,
    records: Records,
    asked: Asked,
    school: UUID | None = None,
    incident: UUID | None = None,
    assigned_to: UUID | None = None,
    due_by: Day | None = None,
    status: ActionStatus = ActionStatus.OPEN,
    *,
    unassigned: bool = False,
) -> Response:
    """Return what is to be done after incidents by that day, by somebody, or by nobody yet (unassigned)."""
    wanted = ActionsAsked(
        school=None if school is None else SchoolId(school),
        incident=incident,
        assigned_to=assigned_to,
        status=status.value,
        due_by=due_by,
        unassigned=unassigned,
    )
    filters = {
        "school": school, "incident": incident, "assigned_to": assigned_to, "due_by": due_by, "status": status,
        "unassigned": unassigned,
    }  # fmt: skip
    found = ListAsked(records, person, "follow_up_actions", filters, asked)
    return found.answer(answers.FOLLOW_UP_LISTED, records.follow_ups.listed(person, wanted, found.window()))


@router.get("/follow-up-actions/{follow_up}", response_model=model_of(answers.FOLLOW_UP_LISTED), summary="One of them")
def one(follow_up: UUID, person: Reader, records: Records) -> Response:
    """Return something to be done, with row_version in ETag."""
    return record_answer(answers.FOLLOW_UP_LISTED, records.follow_ups.one(person, follow_up))


@router.post(
    "/incidents/{incident}/follow-up-actions",
    status_code=201,
    response_model=model_of(answers.FOLLOW_UP_LISTED),
    openapi_extra=body_of(NewAction),
    summary="Something to be done",
)
def open_one(incident: UUID, person: Writer, call: CallMade, records: Records) -> Response:
    """Say what is to be done after an incident. The report is not closed before it is done, or cancelled."""
    row = records.follow_ups.open(person, incident, given(content_of(call, NewAction)))
    return record_answer(answers.FOLLOW_UP_LISTED, row, status=201)


@router.patch(
    "/follow-up-actions/{follow_up}",
    response_model=model_of(answers.FOLLOW_UP_LISTED),
    openapi_extra=body_of(ActionChange),
    summary="Assign, put off, complete, cancel",
)
def change(follow_up: UUID, person: Writer, version: Version, call: CallMade, records: Records) -> Response:
    """Change what is still open and at the row_version given in If-Match. What is done or cancelled stays so."""
    changes = given(content_of(call, ActionChange))
    return record_answer(answers.FOLLOW_UP_LISTED, records.follow_ups.change(person, follow_up, changes, version))
