"""Health records over HTTP. What is confidential is shown to nurses and supervisors only."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Response
from pydantic import Field

from wc_contract.model.care_values import HealthRecordType
from wc_contract.model.ids import SchoolId
from wc_contract.wire.base import Note, Short, WireModel
from wc_sync_server.api.documents import content_of as body_of
from wc_sync_server.api.records.answering import ListAsked, record_answer
from wc_sync_server.api.records.asking import Asked, CallMade, Records, allowed, content_of, given
from wc_sync_server.api.records.fields import Day
from wc_sync_server.api.records.models import model_of, page_model
from wc_sync_server.api.records.problems import PROBLEMS
from wc_sync_server.api.records.security import BEARER
from wc_sync_server.domain.records import answers
from wc_sync_server.domain.records.areas import Access, Area
from wc_sync_server.domain.records.person import Person
from wc_sync_server.domain.records.questions import HealthRecordsAsked

router = APIRouter(
    prefix="/v1/records/health-records", tags=["health records"], responses=PROBLEMS, dependencies=BEARER
)
Reader = Annotated[Person, Depends(allowed(Area.HEALTH_RECORDS, Access.READ))]
Writer = Annotated[Person, Depends(allowed(Area.HEALTH_RECORDS, Access.WRITE))]


class NewHealthRecord(WireModel):
    """Something to be kept in a child's chart. The id is the author's own (UUIDv7): sent twice, it is one record."""

    id: UUID
    student_id: UUID
    record_type: HealthRecordType
    record_date: Day
    notes: Note | None = None
    icd10: Short | None = None
    provider_name: Short | None = None
    provider_npi: str | None = Field(default=None, pattern=r"^[0-9]{10}$")
    is_confidential: bool = False
    follow_up_date: Day | None = None


@router.get("", response_model=page_model(answers.HEALTH_RECORD_LISTED), summary="Health records, the newest first")
def listed(
    person: Reader,
    records: Records,
    asked: Asked,
    school: UUID | None = None,
    student: UUID | None = None,
    type: HealthRecordType | None = None,  # noqa: A002  # what the parameter is called
    first: Day | None = None,
    last: Day | None = None,
) -> Response:
    """Return health records without their notes."""
    wanted = HealthRecordsAsked(
        school=None if school is None else SchoolId(school),
        student=student,
        type=None if type is None else type.value,
        first=first,
        last=last,
    )
    filters = {"school": school, "student": student, "type": type, "first": first, "last": last}
    found = ListAsked(records, person, "health_records", filters, asked)
    return found.answer(answers.HEALTH_RECORD_LISTED, records.health_records.listed(person, wanted, found.window()))


@router.post(
    "",
    status_code=201,
    response_model=model_of(answers.HEALTH_RECORD),
    openapi_extra=body_of(NewHealthRecord),
    summary="A new record",
)
def add(person: Writer, call: CallMade, records: Records) -> Response:
    """Add a record to the chart of a student of yours, under your name. Its notes are kept encrypted."""
    values = given(content_of(call, NewHealthRecord))
    row = records.health_records.add(person, {"is_confidential": False, **values})
    return record_answer(answers.HEALTH_RECORD, row, status=201)


@router.get("/{record}", response_model=model_of(answers.HEALTH_RECORD), summary="One record, with its notes")
def one(record: UUID, person: Reader, records: Records) -> Response:
    """Return a health record, with row_version in ETag."""
    return record_answer(answers.HEALTH_RECORD, records.health_records.one(person, record))
