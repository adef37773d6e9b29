"""Emergency contacts over HTTP."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Response
from pydantic import Field

from wc_contract.wire.base import Note, Short, WireModel
from wc_sync_server.api.documents import content_of as body_of
from wc_sync_server.api.records.answering import list_answer, record_answer
from wc_sync_server.api.records.asking import CallMade, Records, Version, allowed, content_of, given
from wc_sync_server.api.records.models import list_model, model_of
from wc_sync_server.api.records.problems import PROBLEMS
from wc_sync_server.api.records.security import BEARER
from wc_sync_server.domain.records import answers
from wc_sync_server.domain.records.areas import Access, Area
from wc_sync_server.domain.records.person import Person

router = APIRouter(prefix="/v1/records", tags=["contacts"], responses=PROBLEMS, dependencies=BEARER)
Reader = Annotated[Person, Depends(allowed(Area.STUDENTS, Access.READ))]
Writer = Annotated[Person, Depends(allowed(Area.STUDENTS, Access.WRITE))]

Priority = Annotated[int, Field(ge=1, le=100)]


class NewContact(WireModel):
    """Somebody to call. The id is the author's own (UUIDv7): sent twice, it is one contact."""

    id: UUID
    name: Short
    relationship: Short
    phone: Short
    priority: Priority
    may_pick_up: bool
    custody_note: Note | None = None


class ContactChange(WireModel):
    """What is to change; who is the primary one is chosen by itself."""

    name: Short = ""
    relationship: Short = ""
    phone: Short = ""
    priority: Priority = 1
    may_pick_up: bool = False
    custody_note: Note | None = None
    is_active: bool = True


@router.get("/students/{student}/contacts", response_model=list_model(answers.CONTACT), summary="Whom to call")
def of_student(student: UUID, person: Reader, records: Records) -> Response:
    """Return a child's contacts in the order to call."""
    return list_answer(answers.CONTACT, records.contacts.of_student(person, student))


@router.post(
    "/students/{student}/contacts",
    status_code=201,
    response_model=model_of(answers.CONTACT),
    openapi_extra=body_of(NewContact),
    summary="A new contact",
)
def add(student: UUID, person: Writer, call: CallMade, records: Records) -> Response:
    """Add somebody to call for a child of a school of yours."""
    row = records.contacts.add(person, student, given(content_of(call, NewContact)))
    return record_answer(answers.CONTACT, row, status=201)


@router.patch(
    "/contacts/{contact}",
    response_model=model_of(answers.CONTACT),
    openapi_extra=body_of(ContactChange),
    summary="Change",
)
def change(contact: UUID, person: Writer, version: Version, call: CallMade, records: Records) -> Response:
    """Change a contact that is still at the row_version given in If-Match."""
    changes = given(content_of(call, ContactChange))
    return record_answer(answers.CONTACT, records.contacts.change(person, contact, changes, version))


@router.post("/contacts/{contact}/primary", response_model=model_of(answers.CONTACT), summary="Call this one first")
def choose(contact: UUID, person: Writer, records: Records) -> Response:
    """Make a contact the primary one, and nobody else, whoever chooses at the same time."""
    return record_answer(answers.CONTACT, records.contacts.choose(person, contact))
