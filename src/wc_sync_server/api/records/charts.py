"""Two charts of one child over HTTP: made one, and parted again. A supervisor's work."""

from collections.abc import Mapping
from typing import Annotated
from uuid import UUID

import orjson
from fastapi import APIRouter, Depends, Response
from pydantic import Field

from wc_contract.wire.base import WireModel
from wc_sync_server.api.documents import content_of as body_of
from wc_sync_server.api.records.asking import CallMade, Records, allowed, content_of
from wc_sync_server.api.records.problems import PROBLEMS
from wc_sync_server.api.records.security import BEARER
from wc_sync_server.domain.records.areas import Access, Area
from wc_sync_server.domain.records.charts import MergeAsked, UnmergeAsked
from wc_sync_server.domain.records.person import Person

router = APIRouter(prefix="/v1/records/students", tags=["students"], responses=PROBLEMS, dependencies=BEARER)
Supervisor = Annotated[Person, Depends(allowed(Area.CHARTS, Access.WRITE))]
Why = Annotated[str, Field(min_length=1, max_length=500, pattern=r"\S", json_schema_extra={"x-phi": True})]


class NewMerge(WireModel):
    """Which second chart of the child is to go on in this one. The id is the author's own (UUIDv7)."""

    id: UUID
    gone: UUID
    reason: Why
    birth_dates_differ: bool = False
    dry_run: bool = False


class Unmerge(WireModel):
    """Why they are two."""

    reason: Why
    dry_run: bool = False


class Clash(WireModel):
    """What both charts say, or say differently, and the records that say it."""

    code: str
    records: tuple[UUID, ...]


class Named(WireModel):
    """A record, by kind and id."""

    kind: str
    id: UUID


class MergeReport(WireModel):
    """What a merge did, or would do."""

    kept: UUID
    gone: UUID
    school: UUID
    from_school: UUID
    goes_on: dict[str, int]
    read_through: dict[str, int]
    clashes: tuple[Clash, ...]
    cases: tuple[Named, ...]
    already: bool
    dry_run: bool


class PartReport(WireModel):
    """What parting did, or would do. changed and stays are for a nurse to look at."""

    kept: UUID
    gone: UUID
    school: UUID
    back: dict[str, int]
    changed: tuple[Named, ...]
    stays: tuple[Named, ...]
    case: UUID | None
    dry_run: bool


@router.post("/{student}/merge", response_model=MergeReport, openapi_extra=body_of(NewMerge), summary="Merge a chart")
def merge(student: UUID, person: Supervisor, call: CallMade, records: Records) -> Response:
    """Let a second chart of a child go on in this one; dry_run tells what that would do."""
    said = content_of(call, NewMerge)
    asked = MergeAsked(
        id=said.id,
        kept=student,
        gone=said.gone,
        reason=said.reason.strip(),
        birth_dates_differ=said.birth_dates_differ,
        dry_run=said.dry_run,
    )
    return _answer(MergeReport, records.charts.merge(person, asked))


@router.post("/{student}/unmerge", response_model=PartReport, openapi_extra=body_of(Unmerge), summary="Part a chart")
def unmerge(student: UUID, person: Supervisor, call: CallMade, records: Records) -> Response:
    """Make a chart that was merged its own again; dry_run tells what that would do."""
    said = content_of(call, Unmerge)
    asked = UnmergeAsked(gone=student, reason=said.reason.strip(), dry_run=said.dry_run)
    return _answer(PartReport, records.charts.unmerge(person, asked))


def _answer(model: type[WireModel], report: Mapping[str, object]) -> Response:
    made = model.model_validate_json(orjson.dumps(report))
    return Response(made.model_dump_json(), media_type="application/json")
