"""The budget over HTTP."""

from decimal import Decimal
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response
from pydantic import Field

from wc_contract.wire.base import Short, WireModel
from wc_sync_server.api.documents import content_of as body_of
from wc_sync_server.api.records.answering import ListAsked, record_answer
from wc_sync_server.api.records.asking import Asked, CallMade, Records, Version, allowed, content_of, given
from wc_sync_server.api.records.fields import Day
from wc_sync_server.api.records.models import model_of, page_model
from wc_sync_server.api.records.problems import PROBLEMS
from wc_sync_server.api.records.security import BEARER
from wc_sync_server.domain.budget import Posting, Reversal
from wc_sync_server.domain.records import money_answers as answers
from wc_sync_server.domain.records.areas import Access, Area
from wc_sync_server.domain.records.person import Person

router = APIRouter(prefix="/v1/records/budget", tags=["budget"], responses=PROBLEMS, dependencies=BEARER)
Reader = Annotated[Person, Depends(allowed(Area.BUDGET, Access.READ))]
Writer = Annotated[Person, Depends(allowed(Area.BUDGET, Access.WRITE))]

Year = Annotated[int, Field(ge=2000, le=2200)]
Money = Annotated[str, Field(pattern=r"^[0-9]{1,12}(\.[0-9]{1,2})?$")]
SignedMoney = Annotated[str, Field(pattern=r"^-?[0-9]{1,12}(\.[0-9]{1,2})?$")]


class NewCategory(WireModel):
    """A category of a fiscal year. The id is the author's own (UUIDv7): sent twice, it is one category."""

    id: UUID
    fiscal_year: Year
    name: Short
    allocated: Money


class CategoryChange(WireModel):
    """What is to change; what was spent changes by postings only."""

    name: Short = ""
    allocated: Money = "0"


class NewPosting(WireModel):
    """Money spent (above zero) or given back (below). The id is the author's own: sent twice, it counts once."""

    id: UUID
    amount: SignedMoney
    occurred_on: Day
    description: Short | None = None


class NewReversal(WireModel):
    """The taking back of a whole posting."""

    id: UUID
    occurred_on: Day


@router.get("/categories", response_model=page_model(answers.BUDGET_CATEGORY), summary="Categories")
def categories(
    person: Reader, records: Records, asked: Asked, year: Annotated[int | None, Query(ge=2000, le=2200)] = None
) -> Response:
    """Return categories with what is allocated and spent, the newest year first."""
    found = ListAsked(records, person, "budget_categories", {"year": year}, asked)
    return found.answer(answers.BUDGET_CATEGORY, records.budget.categories(person, year, found.window()))


@router.post(
    "/categories",
    status_code=201,
    response_model=model_of(answers.BUDGET_CATEGORY),
    openapi_extra=body_of(NewCategory),
    summary="A new category",
)
def add(person: Writer, call: CallMade, records: Records) -> Response:
    """Add a category to a fiscal year."""
    row = records.budget.add(person, given(content_of(call, NewCategory)))
    return record_answer(answers.BUDGET_CATEGORY, row, status=201)


@router.get("/categories/{category}", response_model=model_of(answers.BUDGET_CATEGORY), summary="One category")
def one(category: UUID, person: Reader, records: Records) -> Response:
    """Return a category, with row_version in ETag."""
    return record_answer(answers.BUDGET_CATEGORY, records.budget.category(person, category))


@router.patch(
    "/categories/{category}",
    response_model=model_of(answers.BUDGET_CATEGORY),
    openapi_extra=body_of(CategoryChange),
    summary="Rename, allocate",
)
def change(category: UUID, person: Writer, version: Version, call: CallMade, records: Records) -> Response:
    """Change a category that is still at the row_version given in If-Match; never below what was spent."""
    changes = given(content_of(call, CategoryChange))
    return record_answer(answers.BUDGET_CATEGORY, records.budget.change(person, category, changes, version))


@router.get("/transactions", response_model=page_model(answers.BUDGET_TRANSACTION), summary="Postings")
def transactions(person: Reader, records: Records, asked: Asked, category: UUID | None = None) -> Response:
    """Return postings, the newest first."""
    found = ListAsked(records, person, "budget_transactions", {"category": category}, asked)
    return found.answer(answers.BUDGET_TRANSACTION, records.budget.transactions(person, category, found.window()))


@router.post(
    "/categories/{category}/transactions",
    status_code=201,
    response_model=model_of(answers.BUDGET_TRANSACTION),
    openapi_extra=body_of(NewPosting),
    summary="Post",
)
def post(category: UUID, person: Writer, call: CallMade, records: Records) -> Response:
    """Post to a category, never past its ceiling."""
    said = content_of(call, NewPosting)
    posting = Posting(
        id=said.id,
        category=category,
        amount=Decimal(said.amount),
        occurred_on=said.occurred_on,
        posted_by=person.user,
        description=said.description,
    )
    return record_answer(answers.BUDGET_TRANSACTION, records.budget.post(person, posting), status=201)


@router.post(
    "/transactions/{posting}/reversal",
    status_code=201,
    response_model=model_of(answers.BUDGET_TRANSACTION),
    openapi_extra=body_of(NewReversal),
    summary="Take a posting back",
)
def reverse(posting: UUID, person: Writer, call: CallMade, records: Records) -> Response:
    """Take a posting back, once, by another one: postings are never changed."""
    said = content_of(call, NewReversal)
    reversal = Reversal(id=said.id, posting=posting, occurred_on=said.occurred_on, posted_by=person.user)
    return record_answer(answers.BUDGET_TRANSACTION, records.budget.reverse(person, reversal), status=201)
