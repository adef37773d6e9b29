"""People, schools, the catalogue, the day's schedule, and search, over HTTP."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Response
from pydantic import Field

from wc_contract.model.ids import SchoolId
from wc_contract.model.values import Role
from wc_contract.wire.base import WireModel
from wc_sync_server.api.documents import content_of as body_of
from wc_sync_server.api.records.answering import ListAsked, list_answer, record_answer
from wc_sync_server.api.records.asking import Asked, CallMade, Records, allowed, content_of, person_asking
from wc_sync_server.api.records.fields import Day
from wc_sync_server.api.records.models import list_model, model_of, page_model
from wc_sync_server.api.records.problems import PROBLEMS
from wc_sync_server.api.records.security import BEARER
from wc_sync_server.domain.records import answers
from wc_sync_server.domain.records.areas import Access, Area
from wc_sync_server.domain.records.person import Person

router = APIRouter(prefix="/v1/records", tags=["directory"], responses=PROBLEMS, dependencies=BEARER)
Anybody = Annotated[Person, Depends(person_asking)]
UsersReader = Annotated[Person, Depends(allowed(Area.USERS, Access.READ))]
CatalogueReader = Annotated[Person, Depends(allowed(Area.MEDICATIONS, Access.READ))]
OrdersReader = Annotated[Person, Depends(allowed(Area.ORDERS, Access.READ))]
StudentsReader = Annotated[Person, Depends(allowed(Area.STUDENTS, Access.READ))]
StockReader = Annotated[Person, Depends(allowed(Area.INVENTORY, Access.READ))]


class Search(WireModel):
    """Words, each of which may go on. They may be a child's name: so they travel in the body, which nobody logs."""

    words: str = Field(min_length=1, max_length=100, pattern=r"^[^\x00]*$")
    school: UUID | None = None


@router.get("/schools", response_model=list_model(answers.SCHOOL), summary="Schools whose records I may see")
def schools(person: Anybody, records: Records) -> Response:
    """Return schools by name."""
    return list_answer(answers.SCHOOL, records.directory.schools(person))


@router.get("/users", response_model=page_model(answers.USER), summary="People of the district")
def users(person: UsersReader, records: Records, asked: Asked, role: Role | None = None) -> Response:
    """Return active people by name: names and roles, no address."""
    found = ListAsked(records, person, "users", {"role": role}, asked)
    page = records.directory.users(person, None if role is None else role.value, found.window())
    return found.answer(answers.USER, page)


@router.get("/medications", response_model=page_model(answers.MEDICATION), summary="The catalogue of medicines")
def medications(person: CatalogueReader, records: Records, asked: Asked) -> Response:
    """Return medicines by name."""
    found = ListAsked(records, person, "medications", {}, asked)
    return found.answer(answers.MEDICATION, records.directory.medications(person, found.window()))


@router.get("/medications/{medication}", response_model=model_of(answers.MEDICATION), summary="One medicine")
def medication(medication: UUID, person: CatalogueReader, records: Records) -> Response:
    """Return a medicine of the catalogue."""
    return record_answer(answers.MEDICATION, records.directory.medication(person, medication))


@router.get("/medication-schedule", response_model=list_model(answers.SLOT), summary="A school's day, slot by slot")
def medication_schedule(person: OrdersReader, records: Records, school: UUID, day: Day) -> Response:
    """Return every scheduled dose of a day, by time, and whether it was answered: as on the workstations."""
    return list_answer(answers.SLOT, records.schedule.day(person, SchoolId(school), day))


@router.post(
    "/students/search",
    response_model=list_model(answers.STUDENT_LISTED),
    openapi_extra=body_of(Search),
    summary="Find students",
)
def find_students(person: StudentsReader, call: CallMade, records: Records) -> Response:
    """Return up to fifty students by the beginnings of their names or their number, the best first."""
    asked = content_of(call, Search)
    return list_answer(answers.STUDENT_LISTED, records.search.students(person, asked.words, _school(asked)))


@router.post(
    "/users/search", response_model=list_model(answers.USER), openapi_extra=body_of(Search), summary="Find people"
)
def find_users(person: UsersReader, call: CallMade, records: Records) -> Response:
    """Return up to fifty people by name or e-mail address."""
    return list_answer(answers.USER, records.search.users(person, content_of(call, Search).words))


@router.post(
    "/medications/search",
    response_model=list_model(answers.MEDICATION),
    openapi_extra=body_of(Search),
    summary="Find medicines",
)
def find_medications(person: CatalogueReader, call: CallMade, records: Records) -> Response:
    """Return up to fifty medicines by their generic or brand name."""
    return list_answer(answers.MEDICATION, records.search.medications(person, content_of(call, Search).words))


@router.post(
    "/inventory/search",
    response_model=list_model(answers.INVENTORY_ITEM),
    openapi_extra=body_of(Search),
    summary="Find stock",
)
def find_stock(person: StockReader, call: CallMade, records: Records) -> Response:
    """Return up to fifty items by name, description or category."""
    asked = content_of(call, Search)
    return list_answer(answers.INVENTORY_ITEM, records.search.inventory(person, asked.words, _school(asked)))


def _school(asked: Search) -> SchoolId | None:
    return None if asked.school is None else SchoolId(asked.school)
