"""Students over HTTP."""

from datetime import date
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Response

from wc_contract.model.ids import SchoolId
from wc_contract.wire.base import Short, WireModel
from wc_sync_server.api.documents import content_of as body_of
from wc_sync_server.api.records.answering import ListAsked, record_answer, whole_answer
from wc_sync_server.api.records.asking import Asked, CallMade, Records, Version, allowed, content_of, given
from wc_sync_server.api.records.fields import Day, Word
from wc_sync_server.api.records.models import model_of, page_model, whole_model
from wc_sync_server.api.records.problems import PROBLEMS
from wc_sync_server.api.records.security import BEARER
from wc_sync_server.domain.records import answers
from wc_sync_server.domain.records.areas import Access, Area
from wc_sync_server.domain.records.person import Person
from wc_sync_server.domain.records.questions import RosterAsked

router = APIRouter(prefix="/v1/records/students", tags=["students"], responses=PROBLEMS, dependencies=BEARER)
Reader = Annotated[Person, Depends(allowed(Area.STUDENTS, Access.READ))]
Writer = Annotated[Person, Depends(allowed(Area.STUDENTS, Access.WRITE))]

DASHBOARD: Any = whole_model(
    "StudentDashboard",
    "student",
    answers.STUDENT,
    {
        "contacts": answers.CONTACT,
        "allergies": answers.ALLERGY,
        "conditions": answers.CONDITION,
        "orders": answers.ORDER,
        "doses": answers.DOSE,
        "incidents": answers.INCIDENT_LISTED,
    },
)


class StudentChange(WireModel):
    """What is to change; the rest stays."""

    student_number: Short = ""
    first_name: Short = ""
    last_name: Short = ""
    preferred_name: Short | None = None
    date_of_birth: Day = date(1900, 1, 1)
    grade: Short = ""
    homeroom: Short | None = None
    gender: Short | None = None
    medical_record_num: Short | None = None
    nurse_id: UUID | None = None
    is_active: bool = True
    withdrawn_on: Day | None = None


class NewStudent(WireModel):
    """A child to be enrolled. The id is the author's own (UUIDv7): sent twice, it is one child."""

    id: UUID
    school_id: UUID
    student_number: Short
    first_name: Short
    last_name: Short
    preferred_name: Short | None = None
    date_of_birth: Day
    grade: Short
    homeroom: Short | None = None
    gender: Short | None = None
    medical_record_num: Short | None = None
    nurse_id: UUID | None = None
    is_active: bool = True
    enrolled_on: Day
    withdrawn_on: Day | None = None


@router.get("", response_model=page_model(answers.STUDENT_LISTED), summary="The roster")
def roster(
    person: Reader,
    records: Records,
    asked: Asked,
    school: UUID | None = None,
    grade: Word | None = None,
    nurse: UUID | None = None,
    *,
    active: bool | None = None,
) -> Response:
    """Return students by name. Every one shown is on record."""
    wanted = RosterAsked(school=None if school is None else SchoolId(school), grade=grade, active=active, nurse=nurse)
    filters = {"school": school, "grade": grade, "active": active, "nurse": nurse}
    listed = ListAsked(records, person, "students", filters, asked)
    return listed.answer(answers.STUDENT_LISTED, records.students.roster(person, wanted, listed.window()))


@router.post(
    "", status_code=201, response_model=model_of(answers.STUDENT), openapi_extra=body_of(NewStudent), summary="Enrol"
)
def enrol(person: Writer, call: CallMade, records: Records) -> Response:
    """Enrol a child at a school of yours; workstations there get the record with their next pull."""
    new = content_of(call, NewStudent)
    values = {"is_active": True, **given(new, "school_id")}
    row = records.students.add(person, SchoolId(new.school_id), values)
    return record_answer(answers.STUDENT, row, status=201)


@router.get("/{student}", response_model=model_of(answers.STUDENT), summary="One student")
def one(student: UUID, person: Reader, records: Records) -> Response:
    """Return a student, with row_version in ETag."""
    return record_answer(answers.STUDENT, records.students.one(person, student))


@router.get("/{student}/dashboard", response_model=DASHBOARD, summary="What a nurse looks at first")
def dashboard(student: UUID, person: Reader, records: Records) -> Response:
    """Return a student with contacts, allergies, conditions, orders in force, a month's doses and open incidents."""
    whole = records.students.dashboard(person, student)
    return whole_answer(DASHBOARD, "student", whole.record, whole.parts)


@router.patch(
    "/{student}", response_model=model_of(answers.STUDENT), openapi_extra=body_of(StudentChange), summary="Change"
)
def change(student: UUID, person: Writer, version: Version, call: CallMade, records: Records) -> Response:
    """Change a student who is still at the row_version given in If-Match."""
    changes = given(content_of(call, StudentChange))
    return record_answer(answers.STUDENT, records.students.change(person, student, changes, version))
