"""Policies over HTTP: versions, what one has yet to acknowledge, who has and who has not."""

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Response

from wc_contract.model.ids import SchoolId
from wc_contract.wire.base import WireInstant, WireModel
from wc_sync_server.api.documents import content_of as body_of
from wc_sync_server.api.records.answering import ListAsked, record_answer
from wc_sync_server.api.records.asking import Asked, CallMade, Records, Version, allowed, content_of, given
from wc_sync_server.api.records.fields import Day, Named, Word, Written
from wc_sync_server.api.records.models import model_of, page_model
from wc_sync_server.api.records.problems import PROBLEMS
from wc_sync_server.api.records.security import BEARER
from wc_sync_server.domain.records import policy_answers as answers
from wc_sync_server.domain.records.areas import Access, Area, may
from wc_sync_server.domain.records.person import Person
from wc_sync_server.domain.records.policies import Acknowledging, DocumentStatus, PoliciesAsked, UnreadAsked
from wc_sync_server.domain.records.refusals import RecordRefused, RecordsProblem

router = APIRouter(prefix="/v1/records/policies", tags=["policies"], responses=PROBLEMS, dependencies=BEARER)
Reader = Annotated[Person, Depends(allowed(Area.POLICIES, Access.READ))]
Writer = Annotated[Person, Depends(allowed(Area.POLICIES, Access.WRITE))]
Watcher = Annotated[Person, Depends(allowed(Area.ACKNOWLEDGMENTS, Access.READ))]
Acknowledger = Annotated[Person, Depends(allowed(Area.ACKNOWLEDGMENTS, Access.WRITE))]


class NewPolicy(WireModel):
    """A draft of the next version of a code. The id is the author's own (UUIDv7): sent twice, it is one version."""

    id: UUID
    code: Named
    title: Named
    body: Written
    effective_on: Day
    review_due: Day | None = None


class PolicyChange(WireModel):
    """What is to change of a draft; ACTIVE publishes it, RETIRED ends what was published.

    Of a published version only review_due changes: people acknowledged the rest.
    """

    title: Named = "-"
    body: Written = "-"
    effective_on: Day = date.min
    review_due: Day | None = None
    status: DocumentStatus = DocumentStatus.DRAFT


class NewAcknowledgment(WireModel):
    """That a policy was read. user_id and acknowledged_at: by somebody else, who signed on paper."""

    id: UUID
    user_id: UUID | None = None
    acknowledged_at: WireInstant | None = None


class Reading(WireModel):
    """Of the staff of a school: how many acknowledged, how many have yet to. None: people of the office."""

    school_id: UUID | None
    staff: int
    acknowledged: int
    missing: int


class ReadingReport(WireModel):
    """One line a school, and one for the office."""

    data: tuple[Reading, ...]


@router.get("", response_model=page_model(answers.POLICY_LISTED), summary="Policies by code and version")
def listed(
    person: Reader,
    records: Records,
    asked: Asked,
    code: Word | None = None,
    status: DocumentStatus | None = None,
    *,
    current: bool = False,
) -> Response:
    """Return versions without their text; current: the newest published one of each code."""
    wanted = PoliciesAsked(code=code, status=None if status is None else status.value, current=current)
    found = ListAsked(records, person, "policies", {"code": code, "status": status, "current": current}, asked)
    return found.answer(answers.POLICY_LISTED, records.policies.listed(person, wanted, found.window()))


@router.post(
    "",
    status_code=201,
    response_model=model_of(answers.POLICY),
    openapi_extra=body_of(NewPolicy),
    summary="Draft a version",
)
def add(person: Writer, call: CallMade, records: Records) -> Response:
    """Draft the next version of a code, or the first; a code has one draft at a time."""
    row = records.policies.add(person, given(content_of(call, NewPolicy)))
    return record_answer(answers.POLICY, row, status=201)


@router.get(
    "/to-acknowledge", response_model=page_model(answers.POLICY_LISTED), summary="What has somebody yet to acknowledge?"
)
def open_(person: Acknowledger, records: Records, asked: Asked, user: UUID | None = None) -> Response:
    """Return the policies that you have yet to acknowledge; user: that somebody else has, for the office."""
    if user not in {None, person.user} and not may(person.role, Area.ACKNOWLEDGMENTS, Access.READ):
        raise records.denials.deny(person, Area.ACKNOWLEDGMENTS, Access.READ)
    found = ListAsked(records, person, "to_acknowledge", {"user": user}, asked)
    page = records.acknowledgments.open(person, user or person.user, found.window())
    return found.answer(answers.POLICY_LISTED, page)


@router.get("/{policy}", response_model=model_of(answers.POLICY), summary="One version, with its text")
def one(policy: UUID, person: Reader, records: Records) -> Response:
    """Return a version, with row_version in ETag."""
    return record_answer(answers.POLICY, records.policies.one(person, policy))


@router.patch(
    "/{policy}", response_model=model_of(answers.POLICY), openapi_extra=body_of(PolicyChange), summary="Change, publish"
)
def change(policy: UUID, person: Writer, version: Version, call: CallMade, records: Records) -> Response:
    """Change, publish or retire a version. One that is published ends those before it on the day it holds from."""
    changes = given(content_of(call, PolicyChange))
    return record_answer(answers.POLICY, records.policies.change(person, policy, changes, version))


@router.post(
    "/{policy}/acknowledgments",
    status_code=201,
    response_model=model_of(answers.ACKNOWLEDGMENT),
    openapi_extra=body_of(NewAcknowledgment),
    summary="Acknowledge",
)
def acknowledge(policy: UUID, person: Acknowledger, call: CallMade, records: Records) -> Response:
    """Say that you have read a policy. It counts once: asked again, it answers when you did."""
    said = content_of(call, NewAcknowledgment)
    user = said.user_id or person.user
    if user != person.user and not may(person.role, Area.POLICIES, Access.WRITE):
        raise records.denials.deny(person, Area.POLICIES, Access.WRITE)
    if user == person.user and said.acknowledged_at is not None:
        # One's own counts when it is made.
        raise RecordRefused(RecordsProblem.INVALID, fields=("acknowledged_at",))
    asked = Acknowledging(id=said.id, document=policy, user=user, at=said.acknowledged_at)
    return record_answer(answers.ACKNOWLEDGMENT, records.acknowledgments.acknowledge(person, asked), status=201)


@router.get(
    "/{policy}/acknowledgments", response_model=page_model(answers.ACKNOWLEDGMENT), summary="Who has acknowledged it?"
)
def acknowledgments(policy: UUID, person: Watcher, records: Records, asked: Asked) -> Response:
    """Return who has acknowledged a version and when, the last first."""
    found = ListAsked(records, person, "acknowledgments", {"policy": policy}, asked)
    page = records.acknowledgments.of_document(person, policy, found.window())
    return found.answer(answers.ACKNOWLEDGMENT, page)


@router.get("/{policy}/lacking", response_model=page_model(answers.UNREAD), summary="Who has not acknowledged it yet?")
def lacking(policy: UUID, person: Watcher, records: Records, asked: Asked, school: UUID | None = None) -> Response:
    """Return the staff of your schools, and of the office, who have yet to acknowledge a version; school: of that."""
    wanted = UnreadAsked(document=policy, school=None if school is None else SchoolId(school))
    found = ListAsked(records, person, "unread", {"policy": policy, "school": school}, asked)
    return found.answer(answers.UNREAD, records.acknowledgments.lacking(person, wanted, found.window()))


@router.get("/{policy}/reading", response_model=ReadingReport, summary="How far is each school?")
def reading(policy: UUID, person: Watcher, records: Records) -> Response:
    """Return, by school, how many of the staff have acknowledged a version; somebody of two schools counts in both."""
    rows = records.acknowledgments.summary(person, policy)
    body = ReadingReport(data=tuple(Reading.model_validate(row) for row in rows))
    return Response(body.model_dump_json(), media_type="application/json")
