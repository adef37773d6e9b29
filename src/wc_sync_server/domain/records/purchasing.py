"""Purchase orders: what may follow what, who approves, and what money stands behind them. Pure.

    DRAFT -> APPROVED -> ORDERED -> RECEIVED
      any of the first three -> CANCELLED, as long as nothing has come

Approving sets the whole sum aside in the budget's category; what never comes gives its part back.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID

from wc_contract.model.instants import Instant
from wc_contract.model.office_values import PurchaseStatus
from wc_sync_server.domain.records.refusals import RecordRefused, RecordsProblem

_CENT = Decimal("0.01")
_LATER = frozenset({"expected_on", "note"})  # what may be said otherwise of an order that is under way

Line = Mapping[str, Any]


class Step(StrEnum):
    """What somebody does with an order as a whole."""

    APPROVE = "approve"
    PLACE = "place"
    CLOSE = "close"  # what has not come will not come
    CANCEL = "cancel"


_FROM: dict[Step, frozenset[PurchaseStatus]] = {
    Step.APPROVE: frozenset({PurchaseStatus.DRAFT}),
    Step.PLACE: frozenset({PurchaseStatus.APPROVED}),
    Step.CLOSE: frozenset({PurchaseStatus.ORDERED}),
    Step.CANCEL: frozenset({PurchaseStatus.DRAFT, PurchaseStatus.APPROVED, PurchaseStatus.ORDERED}),
}
REACHED: dict[Step, PurchaseStatus] = {
    Step.APPROVE: PurchaseStatus.APPROVED,
    Step.PLACE: PurchaseStatus.ORDERED,
    Step.CLOSE: PurchaseStatus.RECEIVED,
    Step.CANCEL: PurchaseStatus.CANCELLED,
}


class Approval(StrEnum):
    """Who approves an order: what a district says in districts.policy, key 'purchase_approval'."""

    SECOND_PERSON = "SECOND_PERSON"
    ANYBODY = "ANYBODY"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shelf:
    """Where something goes: the item, and the id of the movement that takes it there."""

    item: UUID
    movement: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Came:
    """So much of a line, onto a shelf or onto none (freight, a service)."""

    line: int
    quantity: Decimal
    shelf: Shelf | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """A delivery, or a part of one; now, without an instant."""

    came: tuple[Came, ...]
    at: Instant | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StepAsked:
    """A step and the day on which it counts."""

    step: Step
    on: date
    expected_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PurchasesAsked:
    """Purchase orders; late: ordered, and expected before that day."""

    status: str | None = None
    supplier: UUID | None = None
    school: UUID | None = None
    category: UUID | None = None
    late: date | None = None


def approval_of(said: object) -> Approval:
    """Return what a district's policy says; two persons unless it says otherwise."""
    return Approval.ANYBODY if said == Approval.ANYBODY.value else Approval.SECOND_PERSON


def require_step(status: str, step: Step) -> None:
    """Raise RecordRefused(WRONG_STATE: status) unless the step may follow."""
    if PurchaseStatus(status) not in _FROM[step]:
        raise RecordRefused(RecordsProblem.WRONG_STATE, fields=("status",))


def require_ordered(status: str) -> None:
    """Raise RecordRefused(WRONG_STATE: status) unless something may come."""
    if status != PurchaseStatus.ORDERED.value:
        raise RecordRefused(RecordsProblem.WRONG_STATE, fields=("status",))


def require_changeable(status: str, changed: Iterable[str]) -> None:
    """Raise RecordRefused(WRONG_STATE) naming what may no longer be changed: an approved order is what was approved."""
    if status == PurchaseStatus.DRAFT.value:
        return
    open_ = _LATER if status in {PurchaseStatus.APPROVED.value, PurchaseStatus.ORDERED.value} else frozenset()
    fixed = tuple(sorted(set(changed) - open_))
    if fixed:
        raise RecordRefused(RecordsProblem.WRONG_STATE, fields=fixed)


def require_approvable(order: Mapping[str, Any], lines: Sequence[Line]) -> None:
    """Raise RecordRefused(WRONG_STATE) naming what an order still lacks."""
    lacking = [*(["lines"] if not lines else []), *(["budget_category_id"] if not order["budget_category_id"] else [])]
    if lacking:
        raise RecordRefused(RecordsProblem.WRONG_STATE, fields=tuple(lacking))


def require_nothing_came(lines: Iterable[Line]) -> None:
    """Raise RecordRefused(WRONG_STATE) when something came: such an order is closed, not cancelled."""
    if any(line["received_quantity"] for line in lines):
        raise RecordRefused(RecordsProblem.WRONG_STATE, fields=("received_quantity",))


def require_something_came(lines: Iterable[Line]) -> None:
    """Raise RecordRefused(WRONG_STATE) when nothing came: such an order is cancelled, not closed."""
    if not any(line["received_quantity"] for line in lines):
        raise RecordRefused(RecordsProblem.WRONG_STATE, fields=("received_quantity",))


def received(lines: Sequence[Line], receipt: Receipt) -> dict[int, Decimal]:
    """Return what each line has received with this receipt.

    Raises RecordRefused: INVALID (a line there is not, nothing of it), OVER_DELIVERED (more than a line is open for).
    """
    ordered = {line["line"]: line["quantity"] for line in lines}
    have = {line["line"]: line["received_quantity"] for line in lines}
    for came in receipt.came:
        if came.line not in have:
            raise RecordRefused(RecordsProblem.INVALID, fields=("line",))
        if came.quantity <= 0:
            raise RecordRefused(RecordsProblem.INVALID, fields=("quantity",))
        have[came.line] += came.quantity
    if any(have[number] > ordered[number] for number in have):
        raise RecordRefused(RecordsProblem.OVER_DELIVERED, fields=("quantity",))
    return have


def is_complete(lines: Iterable[Line], have: Mapping[int, Decimal]) -> bool:
    """Whether everything that was ordered has come."""
    return all(have[line["line"]] == line["quantity"] for line in lines)


def ordered_sum(lines: Iterable[Line]) -> Decimal:
    """Return what an order costs, each line to the cent."""
    return sum((_cents(line["quantity"], line["unit_price"]) for line in lines), start=Decimal(0))


def received_sum(lines: Iterable[Line]) -> Decimal:
    """Return what that of an order costs that came."""
    return sum((_cents(line["received_quantity"], line["unit_price"]) for line in lines), start=Decimal(0))


def _cents(quantity: Decimal, price: Decimal) -> Decimal:
    return (quantity * price).quantize(_CENT, rounding=ROUND_HALF_UP)
