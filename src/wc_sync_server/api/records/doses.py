"""Doses over HTTP: to be read. They are written on workstations, signed, and never changed."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Response

from wc_contract.model.ids import SchoolId
from wc_contract.model.values import DoseState
from wc_sync_server.api.records.answering import ListAsked, record_answer
from wc_sync_server.api.records.asking import Asked, Records, allowed
from wc_sync_server.api.records.fields import Moment
from wc_sync_server.api.records.models import model_of, page_model
from wc_sync_server.api.records.problems import PROBLEMS
from wc_sync_server.api.records.security import BEARER
from wc_sync_server.domain.records import answers
from wc_sync_server.domain.records.areas import Access, Area
from wc_sync_server.domain.records.person import Person
from wc_sync_server.domain.records.questions import DosesAsked

router = APIRouter(prefix="/v1/records/doses", tags=["doses"], responses=PROBLEMS, dependencies=BEARER)
Reader = Annotated[Person, Depends(allowed(Area.DOSES, Access.READ))]


@router.get("", response_model=page_model(answers.DOSE), summary="Doses, the newest first")
def recent(
    person: Reader,
    records: Records,
    asked: Asked,
    school: UUID | None = None,
    student: UUID | None = None,
    status: DoseState | None = None,
    since: Moment | None = None,
    until: Moment | None = None,
) -> Response:
    """Return doses of a student, a school or a span of time (since included, until not).

    With none of them said: those of the last month.
    """
    wanted = DosesAsked(
        school=None if school is None else SchoolId(school),
        student=student,
        status=None if status is None else status.value,
        since=since,
        until=until,
    )
    filters = {"school": school, "student": student, "status": status, "since": since, "until": until}
    listed = ListAsked(records, person, "doses", filters, asked)
    return listed.answer(answers.DOSE, records.doses.recent(person, wanted, listed.window()))


@router.get("/{dose}", response_model=model_of(answers.DOSE), summary="One dose")
def one(dose: UUID, person: Reader, records: Records) -> Response:
    """Return a dose as it was recorded."""
    return record_answer(answers.DOSE, records.doses.one(person, dose))
