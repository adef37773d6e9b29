"""Orders over HTTP."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Response
from pydantic import Field

from wc_contract.model.ids import SchoolId
from wc_contract.model.values import OrderKind, OrderStatus, Route
from wc_contract.wire.base import DecimalText, Note, Short, WireInstant, WireModel
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
from wc_sync_server.domain.records.questions import OrdersAsked

router = APIRouter(prefix="/v1/records/orders", tags=["orders"], responses=PROBLEMS, dependencies=BEARER)
Reader = Annotated[Person, Depends(allowed(Area.ORDERS, Access.READ))]
Writer = Annotated[Person, Depends(allowed(Area.ORDERS, Access.WRITE))]

Minutes = Annotated[int, Field(ge=1, le=100_000)]


class WhatToGive(WireModel):
    """One version of an order: how much, how and when. times: "11:45", or a bell such as "lunch"; none when needed."""

    dose: DecimalText
    unit: Short
    route: Route
    times: tuple[Short, ...] = Field(max_length=24)
    window_minutes: int | None = Field(default=None, ge=0, le=60)
    min_interval_minutes: Minutes | None = None
    max_doses: int | None = Field(default=None, ge=1, le=1000)
    max_period_minutes: Minutes | None = None
    instructions: Note | None = None


class NewOrder(WireModel):
    """An order with its first version. The id is the author's own (UUIDv7): sent twice, it is one order."""

    id: UUID
    student_id: UUID
    medication_id: UUID
    kind: OrderKind
    status: OrderStatus
    indication: Note | None = None
    prescriber_name: Short
    order_signed_on: Day | None = None
    verbal_until: Day | None = None
    parent_auth_from: Day | None = None
    parent_auth_to: Day | None = None
    self_carry: bool = False
    start_date: Day
    end_date: Day | None = None
    version: WhatToGive


class OrderChange(WireModel):
    """What is to change; what is to be given changes by a new version only."""

    status: OrderStatus = OrderStatus.DRAFT
    indication: Note | None = None
    prescriber_name: Short = ""
    order_signed_on: Day | None = None
    verbal_until: Day | None = None
    parent_auth_from: Day | None = None
    parent_auth_to: Day | None = None
    self_carry: bool = False
    end_date: Day | None = None
    stop_effective_at: WireInstant | None = None


@router.get("", response_model=page_model(answers.ORDER), summary="Orders, those that began last first")
def listed(
    person: Reader,
    records: Records,
    asked: Asked,
    school: UUID | None = None,
    student: UUID | None = None,
    status: OrderStatus | None = None,
) -> Response:
    """Return orders, each with its student, its medicine and what is to be given now."""
    wanted = OrdersAsked(
        school=None if school is None else SchoolId(school),
        student=student,
        status=None if status is None else status.value,
    )
    found = ListAsked(records, person, "orders", {"school": school, "student": student, "status": status}, asked)
    return found.answer(answers.ORDER, records.orders.listed(person, wanted, found.window()))


@router.post(
    "", status_code=201, response_model=model_of(answers.ORDER), openapi_extra=body_of(NewOrder), summary="A new order"
)
def add(person: Writer, call: CallMade, records: Records) -> Response:
    """Add an order for a student of yours. Made active, it is verified in your name."""
    new = content_of(call, NewOrder)
    row = records.orders.add(person, given(new, "version"), given(new.version))
    return record_answer(answers.ORDER, row, status=201)


@router.get("/{order}", response_model=model_of(answers.ORDER), summary="One order")
def one(order: UUID, person: Reader, records: Records) -> Response:
    """Return an order, with row_version in ETag."""
    return record_answer(answers.ORDER, records.orders.one(person, order))


@router.patch("/{order}", response_model=model_of(answers.ORDER), openapi_extra=body_of(OrderChange), summary="Change")
def change(order: UUID, person: Writer, version: Version, call: CallMade, records: Records) -> Response:
    """Verify, hold, resume, stop or complete an order, or change its paper, at the row_version of If-Match."""
    changes = given(content_of(call, OrderChange))
    return record_answer(answers.ORDER, records.orders.change(person, order, changes, version))


@router.post(
    "/{order}/versions",
    response_model=model_of(answers.ORDER),
    openapi_extra=body_of(WhatToGive),
    summary="Change what is to be given",
)
def replace(order: UUID, person: Writer, version: Version, call: CallMade, records: Records) -> Response:
    """Give an order a new version, from now on; doses given under older ones stay as they are."""
    values = given(content_of(call, WhatToGive))
    return record_answer(answers.ORDER, records.orders.replace(person, order, values, version))
