"""Stock over HTTP: what stands on shelves, and its movements, by which alone a quantity changes."""

from decimal import Decimal
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Response
from pydantic import Field

from wc_contract.model.ids import SchoolId
from wc_contract.model.office_values import StockMovement
from wc_contract.wire.base import DecimalText, Note, Short, WireInstant, WireModel
from wc_sync_server.api.documents import content_of as body_of
from wc_sync_server.api.records.answering import ListAsked, record_answer
from wc_sync_server.api.records.asking import Asked, CallMade, Records, Version, allowed, content_of, given
from wc_sync_server.api.records.fields import Day, Word
from wc_sync_server.api.records.models import model_of, page_model
from wc_sync_server.api.records.problems import PROBLEMS
from wc_sync_server.api.records.security import BEARER
from wc_sync_server.domain.records import answers
from wc_sync_server.domain.records.areas import Access, Area
from wc_sync_server.domain.records.movements import MoveAsked
from wc_sync_server.domain.records.person import Person
from wc_sync_server.domain.records.questions import ItemsAsked

router = APIRouter(prefix="/v1/records/inventory", tags=["inventory"], responses=PROBLEMS, dependencies=BEARER)
Reader = Annotated[Person, Depends(allowed(Area.INVENTORY, Access.READ))]
Writer = Annotated[Person, Depends(allowed(Area.INVENTORY, Access.WRITE))]

SignedDecimalText = Annotated[str, Field(pattern=r"^-?[0-9]{1,9}(\.[0-9]{1,6})?$")]


class NewItem(WireModel):
    """An item for a shelf; what there is of it comes by movements. The id is the author's own (UUIDv7)."""

    id: UUID
    school_id: UUID
    name: Short
    description: Note | None = None
    category: Short | None = None
    lot: Short | None = None
    expires_on: Day | None = None
    unit: Short | None = None
    location: Short | None = None
    reorder_at: DecimalText | None = None


class ItemChange(WireModel):
    """What is to change; how much there is changes by movements only."""

    name: Short = ""
    description: Note | None = None
    category: Short | None = None
    lot: Short | None = None
    expires_on: Day | None = None
    unit: Short | None = None
    location: Short | None = None
    reorder_at: DecimalText | None = None


class Movement(WireModel):
    """What came in (above zero) or went out (below). The id is the author's own: sent twice, it counts once."""

    id: UUID
    kind: StockMovement
    quantity: SignedDecimalText
    occurred_at: WireInstant | None = None


@router.get("", response_model=page_model(answers.INVENTORY_ITEM), summary="What stands on shelves")
def listed(
    person: Reader,
    records: Records,
    asked: Asked,
    school: UUID | None = None,
    category: Word | None = None,
    expiring: Day | None = None,
    *,
    low: bool = False,
) -> Response:
    """Return items by name; low: at or below what they are reordered at; expiring: by that day."""
    wanted = ItemsAsked(
        school=None if school is None else SchoolId(school), category=category, low=low, expiring=expiring
    )
    filters = {"school": school, "category": category, "low": low, "expiring": expiring}
    found = ListAsked(records, person, "inventory", filters, asked)
    return found.answer(answers.INVENTORY_ITEM, records.inventory.listed(person, wanted, found.window()))


@router.post(
    "",
    status_code=201,
    response_model=model_of(answers.INVENTORY_ITEM),
    openapi_extra=body_of(NewItem),
    summary="A new item",
)
def add(person: Writer, call: CallMade, records: Records) -> Response:
    """Put a new item on the shelf of a school of yours."""
    new = content_of(call, NewItem)
    row = records.inventory.add(person, SchoolId(new.school_id), given(new, "school_id"))
    return record_answer(answers.INVENTORY_ITEM, row, status=201)


@router.get("/{item}", response_model=model_of(answers.INVENTORY_ITEM), summary="One item")
def one(item: UUID, person: Reader, records: Records) -> Response:
    """Return an item, with row_version in ETag."""
    return record_answer(answers.INVENTORY_ITEM, records.inventory.one(person, item))


@router.patch(
    "/{item}", response_model=model_of(answers.INVENTORY_ITEM), openapi_extra=body_of(ItemChange), summary="Change"
)
def change(item: UUID, person: Writer, version: Version, call: CallMade, records: Records) -> Response:
    """Change what is said of an item that is still at the row_version given in If-Match."""
    changes = given(content_of(call, ItemChange))
    return record_answer(answers.INVENTORY_ITEM, records.inventory.change(person, item, changes, version))


@router.get(
    "/{item}/movements", response_model=page_model(answers.INVENTORY_TRANSACTION), summary="Movements of an item"
)
def movements(item: UUID, person: Reader, records: Records, asked: Asked) -> Response:
    """Return the movements of an item, the newest first."""
    found = ListAsked(records, person, "movements", {"item": item}, asked)
    return found.answer(answers.INVENTORY_TRANSACTION, records.inventory.movements(person, item, found.window()))


@router.post(
    "/{item}/movements",
    status_code=201,
    response_model=model_of(answers.INVENTORY_ITEM),
    openapi_extra=body_of(Movement),
    summary="Take in or out",
)
def move(item: UUID, person: Writer, call: CallMade, records: Records) -> Response:
    """Take something in or out, never below nothing; return the item as it then is."""
    said = content_of(call, Movement)
    asked = MoveAsked(id=said.id, kind=said.kind, quantity=Decimal(said.quantity), occurred_at=said.occurred_at)
    return record_answer(answers.INVENTORY_ITEM, records.inventory.move(person, item, asked), status=201)
