"""Posting to budgets on PostgreSQL: the ceiling is compared in the transaction that adds the posting."""

from typing import Any
from uuid import UUID

from wc_sync_server.db.errors import RowsNotWritten, RowUnknown
from wc_sync_server.db.unit_of_work import UnitOfWork
from wc_sync_server.domain.budget import (
    BudgetCode,
    BudgetOutcome,
    Category,
    Posting,
    Reversal,
    judge_posting,
)

CATEGORIES = "budget_categories"

_CATEGORY = """
SELECT allocated, spent_amount FROM budget_categories
WHERE district_id = %(district)s AND id = %(category)s AND deleted_at IS NULL
"""
_POSTED = """
SELECT category_id, amount, reverses_id, occurred_on, purchase_order_id FROM budget_transactions
WHERE district_id = %(district)s AND id = %(id)s
"""
_REVERSED = """
SELECT id FROM budget_transactions WHERE district_id = %(district)s AND reverses_id = %(posting)s
"""
_ADD = """
INSERT INTO budget_transactions (district_id, id, category_id, amount, occurred_on, description, purchase_order_id,
                                 reverses_id, posted_by, created_at, updated_at)
VALUES (%(district)s, %(id)s, %(category)s, %(amount)s, %(occurred_on)s, %(description)s, %(purchase_order)s,
        %(reverses)s, %(posted_by)s, %(at)s, %(at)s)
"""
_SPEND = """
UPDATE budget_categories SET spent_amount = %(spent)s, row_version = row_version + 1, updated_at = %(at)s
WHERE district_id = %(district)s AND id = %(category)s
"""


def post(uow: UnitOfWork, posting: Posting) -> BudgetOutcome:
    """Add a posting to its category unless that would break the ceiling; the caller puts it on record and commits.

    The same posting again answers ALREADY_POSTED and changes nothing.
    """
    try:
        # Lock first, look for the posting second: two deliveries of one posting then see each other.
        uow.lock_rows(CATEGORIES, [posting.category])
    except RowUnknown:
        return BudgetOutcome(code=BudgetCode.CATEGORY_UNKNOWN)
    category = _category(uow, posting.category)
    if category is None:
        return BudgetOutcome(code=BudgetCode.CATEGORY_UNKNOWN)
    known = _one(uow, _POSTED, id=posting.id)
    if known is not None:
        asked = (posting.category, posting.amount, posting.reverses, posting.occurred_on, posting.purchase_order)
        same = known == asked
        return BudgetOutcome(code=BudgetCode.ALREADY_POSTED if same else BudgetCode.ID_TAKEN, category=category)
    outcome = judge_posting(category, posting.amount)
    if outcome.code is BudgetCode.POSTED and outcome.category is not None:
        _write(uow, posting, outcome.category)
    return outcome


def reverse(uow: UnitOfWork, reversal: Reversal) -> BudgetOutcome:
    """Take a posting back by another row, once; the caller puts it on record and commits."""
    posted = _one(uow, _POSTED, id=reversal.posting)
    if posted is None:
        return BudgetOutcome(code=BudgetCode.POSTING_UNKNOWN)
    category, amount, _reverses, _occurred_on, purchase_order = posted
    if purchase_order is not None:
        return BudgetOutcome(code=BudgetCode.OF_AN_ORDER)
    posting = Posting(
        id=reversal.id,
        category=category,
        amount=-amount,
        occurred_on=reversal.occurred_on,
        posted_by=reversal.posted_by,
        reverses=reversal.posting,
    )
    uow.lock_rows(CATEGORIES, [posting.category])
    other = _one(uow, _REVERSED, posting=reversal.posting)
    if other is not None and other[0] != reversal.id:
        return BudgetOutcome(code=BudgetCode.ALREADY_REVERSED, category=_category(uow, posting.category))
    return post(uow, posting)


def _write(uow: UnitOfWork, posting: Posting, after: Category) -> None:
    values = {
        "district": uow.context.district,
        "id": posting.id,
        "category": posting.category,
        "amount": posting.amount,
        "occurred_on": posting.occurred_on,
        "description": posting.description,
        "purchase_order": posting.purchase_order,
        "reverses": posting.reverses,
        "posted_by": posting.posted_by,
        "spent": after.spent,
        "at": uow.at,
    }
    for table, statement in (("budget_transactions", _ADD), (CATEGORIES, _SPEND)):
        written = uow.connection.execute(statement, values).rowcount
        if written != 1:
            raise RowsNotWritten(table=table, given=1, written=written)


def _category(uow: UnitOfWork, category: UUID) -> Category | None:
    row = _one(uow, _CATEGORY, category=category)
    return None if row is None else Category(id=category, allocated=row[0], spent=row[1])


def _one(uow: UnitOfWork, statement: str, **values: object) -> tuple[Any, ...] | None:
    parameters = {"district": uow.context.district, **values}
    return uow.connection.execute(statement.encode(), parameters).fetchone()
