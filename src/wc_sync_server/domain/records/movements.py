"""A movement of stock as somebody at the office asks for it."""

from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from wc_contract.model.instants import Instant
from wc_contract.model.office_values import StockMovement


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveAsked:
    """What came in (quantity above zero) or went out (below); now, without an instant."""

    id: UUID
    kind: StockMovement
    quantity: Decimal
    occurred_at: Instant | None = None
