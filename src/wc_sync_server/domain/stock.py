"""Stock that never goes below zero: what a movement comes to, decided from what is on the shelf. No database.

This is the law of what is planned at the server. What a workstation says has happened is never refused (sync.md).
"""

from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from wc_contract.model.ids import SchoolId, UserId
from wc_contract.model.instants import Instant
from wc_contract.model.office_values import StockMovement


class StockCode(StrEnum):
    """What became of a movement. Only MOVED and ALREADY_MOVED mean that it stands."""

    MOVED = "moved"
    ALREADY_MOVED = "already_moved"  # the same movement came twice: its first answer was lost
    BELOW_ZERO = "below_zero"
    NO_QUANTITY = "no_quantity"
    ITEM_UNKNOWN = "item_unknown"
    ID_TAKEN = "id_taken"  # by another movement


@dataclass(frozen=True, slots=True, kw_only=True)
class StockMove:
    """What came in (quantity above zero) or went out (below). id is the caller's and makes it count once."""

    id: UUID
    school: SchoolId
    item: UUID
    kind: StockMovement
    quantity: Decimal
    occurred_at: Instant
    actor: UserId | None = None
    visit: UUID | None = None
    note: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class StockOutcome:
    """What became of a movement, and what is on the shelf now; None where there is no such item."""

    code: StockCode
    quantity: Decimal | None = None

    @property
    def stands(self) -> bool:
        """Whether the movement counts."""
        return self.code in {StockCode.MOVED, StockCode.ALREADY_MOVED}


def judge_move(on_shelf: Decimal, quantity: Decimal) -> StockOutcome:
    """Return what moving quantity comes to; the quantity in the answer is the one after it."""
    if not quantity.is_finite() or quantity == 0:
        return StockOutcome(code=StockCode.NO_QUANTITY, quantity=on_shelf)
    left = on_shelf + quantity
    # A workstation may have told of more than was there: what comes in is welcome all the same.
    if left < 0 and quantity < 0:
        return StockOutcome(code=StockCode.BELOW_ZERO, quantity=on_shelf)
    return StockOutcome(code=StockCode.MOVED, quantity=left)
