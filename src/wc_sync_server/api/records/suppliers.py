"""Suppliers over HTTP."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Response

from wc_contract.wire.base import Short, WireModel
from wc_sync_server.api.documents import content_of as body_of
from wc_sync_server.api.records.answering import ListAsked, record_answer
from wc_sync_server.api.records.asking import Asked, CallMade, Records, Version, allowed, content_of, given
from wc_sync_server.api.records.fields import Named
from wc_sync_server.api.records.models import model_of, page_model
from wc_sync_server.api.records.problems import PROBLEMS
from wc_sync_server.api.records.security import BEARER
from wc_sync_server.domain.records import purchasing_answers as answers
from wc_sync_server.domain.records.areas import Access, Area
from wc_sync_server.domain.records.person import Person

router = APIRouter(prefix="/v1/records/suppliers", tags=["purchasing"], responses=PROBLEMS, dependencies=BEARER)
Reader = Annotated[Person, Depends(allowed(Area.PURCHASING, Access.READ))]
Writer = Annotated[Person, Depends(allowed(Area.PURCHASING, Access.WRITE))]


class NewSupplier(WireModel):
    """Somebody to buy from. The id is the author's own (UUIDv7): sent twice, it is one supplier."""

    id: UUID
    name: Named
    account_number: Short | None = None
    email: Short | None = None
    phone: Short | None = None


class SupplierChange(WireModel):
    """What is to change; a supplier who is not active gets no further order."""

    name: Named = "-"
    account_number: Short | None = None
    email: Short | None = None
    phone: Short | None = None
    is_active: bool = True


@router.get("", response_model=page_model(answers.SUPPLIER), summary="Suppliers by name")
def listed(person: Reader, records: Records, asked: Asked, *, active: bool | None = None) -> Response:
    """Return suppliers; active: those the district still buys from, or those it does not."""
    found = ListAsked(records, person, "suppliers", {"active": active}, asked)
    return found.answer(answers.SUPPLIER, records.suppliers.listed(person, found.window(), active=active))


@router.post(
    "",
    status_code=201,
    response_model=model_of(answers.SUPPLIER),
    openapi_extra=body_of(NewSupplier),
    summary="A new supplier",
)
def add(person: Writer, call: CallMade, records: Records) -> Response:
    """Add a supplier, under a name that no other has."""
    row = records.suppliers.add(person, given(content_of(call, NewSupplier)))
    return record_answer(answers.SUPPLIER, row, status=201)


@router.get("/{supplier}", response_model=model_of(answers.SUPPLIER), summary="One supplier")
def one(supplier: UUID, person: Reader, records: Records) -> Response:
    """Return a supplier, with row_version in ETag."""
    return record_answer(answers.SUPPLIER, records.suppliers.one(person, supplier))


@router.patch(
    "/{supplier}", response_model=model_of(answers.SUPPLIER), openapi_extra=body_of(SupplierChange), summary="Change"
)
def change(supplier: UUID, person: Writer, version: Version, call: CallMade, records: Records) -> Response:
    """Change a supplier that is still at the row_version given in If-Match."""
    changes = given(content_of(call, SupplierChange))
    return record_answer(answers.SUPPLIER, records.suppliers.change(person, supplier, changes, version))
