"""Spending within a ceiling: what a posting comes to, decided from what the category holds. No database."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from wc_contract.model.ids import UserId


class BudgetCode(StrEnum):
    """What became of a posting. Only POSTED and ALREADY_POSTED mean that it stands."""

    POSTED = "posted"
    ALREADY_POSTED = "already_posted"  # the same posting came twice: its first answer was lost
    OVER_CEILING = "over_ceiling"
    BELOW_ZERO = "below_zero"  # more would be taken back than was spent
    NO_AMOUNT = "no_amount"
    CATEGORY_UNKNOWN = "category_unknown"
    POSTING_UNKNOWN = "posting_unknown"
    ALREADY_REVERSED = "already_reversed"
    OF_AN_ORDER = "of_an_order"  # a purchase order's money comes back with the order only
    ID_TAKEN = "id_taken"  # by another posting


@dataclass(frozen=True, slots=True, kw_only=True)
class Posting:
    """Money spent (amount above zero) or given back (below). id is the caller's and makes it count once."""

    id: UUID
    category: UUID
    amount: Decimal
    occurred_on: date
    posted_by: UserId | None = None
    description: str | None = None
    purchase_order: UUID | None = None
    reverses: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reversal:
    """The taking back of a whole posting, as a row of its own: postings are never changed."""

    id: UUID
    posting: UUID
    occurred_on: date
    posted_by: UserId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Category:
    """What a category may spend and has spent, as it stands under the lock."""

    id: UUID
    allocated: Decimal
    spent: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class BudgetOutcome:
    """What became of a posting, and the category as it stands now; None where there is no such category."""

    code: BudgetCode
    category: Category | None = None

    @property
    def stands(self) -> bool:
        """Whether the posting counts."""
        return self.code in {BudgetCode.POSTED, BudgetCode.ALREADY_POSTED}


def judge_posting(category: Category, amount: Decimal) -> BudgetOutcome:
    """Return what posting amount comes to; the category in the answer is the one after it."""
    if not amount.is_finite() or amount == 0:
        return BudgetOutcome(code=BudgetCode.NO_AMOUNT, category=category)
    spent = category.spent + amount
    if amount > 0 and spent > category.allocated:
        return BudgetOutcome(code=BudgetCode.OVER_CEILING, category=category)
    if spent < 0:
        return BudgetOutcome(code=BudgetCode.BELOW_ZERO, category=category)
    after = Category(id=category.id, allocated=category.allocated, spent=spent)
    return BudgetOutcome(code=BudgetCode.POSTED, category=after)
