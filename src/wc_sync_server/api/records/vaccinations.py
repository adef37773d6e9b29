"""Vaccinations over HTTP: a child's, what children lack, and how far schools and grades are."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Response

from wc_contract.model.ids import SchoolId
from wc_contract.wire.base import WireModel
from wc_sync_server.api.records.answering import ListAsked, whole_answer
from wc_sync_server.api.records.asking import Asked, Records, allowed
from wc_sync_server.api.records.fields import Day, Word
from wc_sync_server.api.records.models import page_model, whole_model
from wc_sync_server.api.records.problems import PROBLEMS
from wc_sync_server.api.records.security import BEARER
from wc_sync_server.domain.records import answers
from wc_sync_server.domain.records.areas import Access, Area
from wc_sync_server.domain.records.person import Person
from wc_sync_server.domain.records.questions import ComplianceAsked

router = APIRouter(prefix="/v1/records/vaccinations", tags=["vaccinations"], responses=PROBLEMS, dependencies=BEARER)
Reader = Annotated[Person, Depends(allowed(Area.VACCINATIONS, Access.READ))]

CHART: Any = whole_model(
    "VaccinationChart",
    "student",
    answers.STUDENT,
    {"vaccinations": answers.VACCINATION, "exemptions": answers.EXEMPTION},
)


class Compliance(WireModel):
    """Of the children of a grade: how many have a series, how many need not, how many lack it."""

    school_id: UUID
    grade: str
    series: str
    students: int
    complete: int
    exempt: int
    missing: int


class ComplianceReport(WireModel):
    """One line a school, grade and series that is asked for there."""

    data: tuple[Compliance, ...]


def _asked(school: UUID | None, grade: str | None, on: Day | None) -> ComplianceAsked:
    return ComplianceAsked(school=None if school is None else SchoolId(school), grade=grade, on=on)


Grade = Word | None


@router.get("/compliance", response_model=ComplianceReport, summary="How far are schools and grades?")
def compliance(
    person: Reader, records: Records, school: UUID | None = None, grade: Grade = None, on: Day | None = None
) -> Response:
    """Return figures by school, grade and series, on a day (today). The series are the district's own, or the usual."""
    rows = records.vaccinations.compliance(person, _asked(school, grade, on))
    body = ComplianceReport(data=tuple(Compliance.model_validate(row) for row in rows))
    return Response(body.model_dump_json(), media_type="application/json")


@router.get("/lacking", response_model=page_model(answers.LACKING), summary="Which children lack a vaccination?")
def lacking(
    person: Reader,
    records: Records,
    asked: Asked,
    school: UUID | None = None,
    grade: Grade = None,
    on: Day | None = None,
) -> Response:
    """Return the children who lack a series and are not exempt from it, with what each of them lacks."""
    found = ListAsked(records, person, "lacking", {"school": school, "grade": grade, "on": on}, asked)
    page = records.vaccinations.lacking(person, _asked(school, grade, on), found.window())
    return found.answer(answers.LACKING, page)


@router.get("/students/{student}", response_model=CHART, summary="A student's vaccinations")
def of_student(student: UUID, person: Reader, records: Records) -> Response:
    """Return a student with vaccinations and exemptions."""
    whole = records.vaccinations.of_student(person, student)
    return whole_answer(CHART, "student", whole.record, whole.parts)
