"""Purchase orders over HTTP: drawn up, approved by a second person, ordered, received in parts, ended."""

from datetime import date
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Response
from pydantic import Field

from wc_contract.model.ids import SchoolId
from wc_contract.model.office_values import PurchaseStatus
from wc_contract.wire.base import DecimalText, Note, WireInstant, WireModel
from wc_sync_server.api.documents import content_of as body_of
from wc_sync_server.api.records.answering import ListAsked, whole_answer
from wc_sync_server.api.records.asking import Asked, CallMade, Records, Version, allowed, content_of, given
from wc_sync_server.api.records.fields import Day, Named
from wc_sync_server.api.records.models import page_model, whole_model
from wc_sync_server.api.records.problems import PROBLEMS
from wc_sync_server.api.records.security import BEARER
from wc_sync_server.domain.records import money_answers
from wc_sync_server.domain.records import purchasing_answers as answers
from wc_sync_server.domain.records.areas import Access, Area
from wc_sync_server.domain.records.person import Person
from wc_sync_server.domain.records.purchasing import Came, PurchasesAsked, Receipt, Shelf, Step, StepAsked
from wc_sync_server.domain.records.refusals import RecordRefused, RecordsProblem
from wc_sync_server.domain.records.whole import Whole

router = APIRouter(prefix="/v1/records/purchase-orders", tags=["purchasing"], responses=PROBLEMS, dependencies=BEARER)
Reader = Annotated[Person, Depends(allowed(Area.PURCHASING, Access.READ))]
Writer = Annotated[Person, Depends(allowed(Area.PURCHASING, Access.WRITE))]

_MOST_LINES = 200
WHOLE: Any = whole_model(
    "WholePurchaseOrder",
    "order",
    answers.PURCHASE_ORDER,
    {"lines": answers.PURCHASE_LINE, "postings": money_answers.BUDGET_TRANSACTION},
)


class NewLine(WireModel):
    """So many of something at a price each. Lines are numbered from one, as they are given."""

    name: Named
    quantity: DecimalText
    unit_price: DecimalText


Lines = Annotated[tuple[NewLine, ...], Field(max_length=_MOST_LINES)]


class NewOrder(WireModel):
    """A draft of an order. The id is the author's own (UUIDv7): sent twice, it is one order."""

    id: UUID
    number: Named
    supplier_id: UUID
    deliver_to: UUID | None = None
    budget_category_id: UUID | None = None
    expected_on: Day | None = None
    note: Note | None = None
    lines: Lines = ()


class OrderChange(WireModel):
    """What is to change of a draft; lines take the place of all there are. Later: expected_on and note only."""

    number: Named = "-"
    supplier_id: UUID = UUID(int=0)
    deliver_to: UUID | None = None
    budget_category_id: UUID | None = None
    expected_on: Day | None = None
    note: Note | None = None
    lines: Lines = ()


class OnDay(WireModel):
    """The day on which it counts, in the budget too."""

    on: Day


class Placement(WireModel):
    """The day of the order, and when it is expected."""

    on: Day
    expected_on: Day | None = None


class Arrival(WireModel):
    """So much of a line. With item_id it goes on that shelf by the movement id, the author's own (UUIDv7)."""

    line: Annotated[int, Field(ge=1, le=_MOST_LINES)]
    quantity: DecimalText
    item_id: UUID | None = None
    id: UUID | None = None


class NewReceipt(WireModel):
    """What came, now or at that time. A line may go to several items: one for each lot."""

    received_at: WireInstant | None = None
    lines: Annotated[tuple[Arrival, ...], Field(min_length=1, max_length=_MOST_LINES)]


@router.get("", response_model=page_model(answers.PURCHASE_ORDER), summary="Purchase orders, the newest first")
def listed(
    person: Reader,
    records: Records,
    asked: Asked,
    status: PurchaseStatus | None = None,
    supplier: UUID | None = None,
    school: UUID | None = None,
    category: UUID | None = None,
    late: Day | None = None,
) -> Response:
    """Return orders with their total and what of it the budget holds; late: ordered and expected before that day."""
    wanted = PurchasesAsked(
        status=None if status is None else status.value,
        supplier=supplier,
        school=None if school is None else SchoolId(school),
        category=category,
        late=late,
    )
    filters = {"status": status, "supplier": supplier, "school": school, "category": category, "late": late}
    found = ListAsked(records, person, "purchase_orders", filters, asked)
    return found.answer(answers.PURCHASE_ORDER, records.purchases.listed(person, wanted, found.window()))


@router.post("", status_code=201, response_model=WHOLE, openapi_extra=body_of(NewOrder), summary="Draw up a draft")
def add(person: Writer, call: CallMade, records: Records) -> Response:
    """Draw up an order from a supplier who is active, to a school of yours or to the office."""
    new = content_of(call, NewOrder)
    return _answer(records.purchases.add(person, given(new, "lines"), _lines(new.lines)), status=201)


@router.get("/{purchase}", response_model=WHOLE, summary="One order, with its lines and postings")
def one(purchase: UUID, person: Reader, records: Records) -> Response:
    """Return an order, with row_version in ETag."""
    return _answer(records.purchases.one(person, purchase))


@router.patch("/{purchase}", response_model=WHOLE, openapi_extra=body_of(OrderChange), summary="Change")
def change(purchase: UUID, person: Writer, version: Version, call: CallMade, records: Records) -> Response:
    """Change a draft that is still at the row_version given in If-Match; then you are who drew it up."""
    said = content_of(call, OrderChange)
    lines = _lines(said.lines) if "lines" in said.model_fields_set else None
    return _answer(records.purchases.change(person, purchase, given(said, "lines"), lines, version))


@router.post(
    "/{purchase}/approval", response_model=WHOLE, openapi_extra=body_of(OnDay), summary="Approve, set the money aside"
)
def approve(purchase: UUID, person: Writer, version: Version, call: CallMade, records: Records) -> Response:
    """Approve a draft that somebody else drew up: its whole sum is posted to its category, under the ceiling."""
    return _stepped(records, person, purchase, Step.APPROVE, content_of(call, OnDay).on, version)


@router.post("/{purchase}/placement", response_model=WHOLE, openapi_extra=body_of(Placement), summary="Order")
def place(purchase: UUID, person: Writer, version: Version, call: CallMade, records: Records) -> Response:
    """Say that an approved order went to its supplier."""
    said = content_of(call, Placement)
    return _stepped(records, person, purchase, Step.PLACE, said.on, version, said.expected_on)


@router.post(
    "/{purchase}/receipts", status_code=201, response_model=WHOLE, openapi_extra=body_of(NewReceipt), summary="Receive"
)
def receive(purchase: UUID, person: Writer, version: Version, call: CallMade, records: Records) -> Response:
    """Take a delivery onto the shelves of the school it went to, or a part of one. The last part ends the order."""
    said = content_of(call, NewReceipt)
    receipt = Receipt(came=tuple(map(_came, said.lines)), at=said.received_at)
    return _answer(records.purchases.receive(person, purchase, receipt, version), status=201)


@router.post("/{purchase}/closing", response_model=WHOLE, openapi_extra=body_of(OnDay), summary="Close short")
def close(purchase: UUID, person: Writer, version: Version, call: CallMade, records: Records) -> Response:
    """End an order of which something came: the money of what did not goes back to its category."""
    return _stepped(records, person, purchase, Step.CLOSE, content_of(call, OnDay).on, version)


@router.post("/{purchase}/cancellation", response_model=WHOLE, openapi_extra=body_of(OnDay), summary="Cancel")
def cancel(purchase: UUID, person: Writer, version: Version, call: CallMade, records: Records) -> Response:
    """Cancel an order of which nothing came: all of its money goes back to its category."""
    return _stepped(records, person, purchase, Step.CANCEL, content_of(call, OnDay).on, version)


def _stepped(
    records: Records, person: Person, purchase: UUID, step: Step, on: date, version: int, expected: date | None = None
) -> Response:
    asked = StepAsked(step=step, on=on, expected_on=expected)
    return _answer(records.purchases.step(person, purchase, asked, version))


def _lines(lines: tuple[NewLine, ...]) -> list[dict[str, str]]:
    return [{"name": line.name, "quantity": line.quantity, "unit_price": line.unit_price} for line in lines]


def _came(arrival: Arrival) -> Came:
    if (arrival.item_id is None) is not (arrival.id is None):
        # A movement without a shelf, or a shelf without a movement.
        raise RecordRefused(RecordsProblem.INVALID, fields=("id", "item_id"))
    shelf = None if arrival.item_id is None or arrival.id is None else Shelf(item=arrival.item_id, movement=arrival.id)
    return Came(line=arrival.line, quantity=Decimal(arrival.quantity), shelf=shelf)


def _answer(whole: Whole, *, status: int = 200) -> Response:
    return whole_answer(WHOLE, "order", whole.record, whole.parts, status=status)
