"""What takes two people, who may adjust, and what goes on trips (C1, C2, C4, C6-C8)."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum

from wc_contract.model.ids import UserId
from wc_contract.model.office_values import LedgerEvent
from wc_contract.model.quantity import plain
from wc_contract.model.values import Role
from wc_contract.rules.findings import Code, Noticed
from wc_contract.rules.policy import Policy
from wc_contract.rules.stock import ContainerFacts, check_lot, signed

_BY_TWO = frozenset(
    {
        LedgerEvent.COUNTED,
        LedgerEvent.WASTED,
        LedgerEvent.DESTROYED,
        LedgerEvent.ADJUSTED,
        LedgerEvent.SENT_OUT,
        LedgerEvent.BROUGHT_BACK,
    }
)
# What gives a medicine into other hands to be taken (C7). Returning and destroying end an expired lot.
_COUNTED_OUT = frozenset({LedgerEvent.GIVEN, LedgerEvent.SENT_OUT})
# Who receives, counts and moves medicine.
KEEPERS = frozenset({Role.NURSE, Role.SUBSTITUTE, Role.SUPERVISOR})


class CountStep(StrEnum):
    """What a count by two people leads to (C4)."""

    AGREES = "agrees"
    RECOUNT = "recount"
    INCIDENT = "incident"


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """Something about to be written into a container's ledger. amount is above zero, but for an adjustment."""

    event: LedgerEvent
    amount: Decimal = field(repr=False)
    author: UserId
    role: Role
    witness: UserId | None = None


def needs_two(container: ContainerFacts, event: LedgerEvent) -> bool:
    """Whether an event takes a second, distinct, authenticated person (C1, C2)."""
    return container.is_controlled and event in _BY_TWO


def check_move(
    container: ContainerFacts, move: Move, balance: Decimal, day: date, policy: Policy, *, may_wait: bool = False
) -> Iterator[Noticed]:
    """Notice what stands against a movement, or is to be said of it.

    Only a nurse moves stock and only a supervisor adjusts it (C4); what takes two people has two (C2), unless waste may
    wait for its witness (C5: may_wait); an expired or recalled lot is neither given nor counted out (C7); a balance
    below zero is told (C6).
    """
    entitled = move.role is Role.SUPERVISOR if move.event is LedgerEvent.ADJUSTED else move.role in KEEPERS
    if not entitled:
        yield Noticed(code=Code.NOT_ENTITLED, detail={"role": move.role.value})
    alone = move.witness is None or move.witness == move.author
    waits = may_wait and move.event is LedgerEvent.WASTED and move.witness is None
    if needs_two(container, move.event) and alone and not waits:
        yield Noticed(code=Code.WITNESS_MISSING, detail={"event": move.event.value})
    if move.event in _COUNTED_OUT:
        yield from check_lot(container, day, policy)
    after = balance + signed(move.event, move.amount)
    if move.event is not LedgerEvent.COUNTED and after < 0:
        yield Noticed(code=Code.STOCK_NEGATIVE, detail={"container": str(container.id), "balance": plain(after)})


def check_two_counts(
    author: UserId, found: Decimal, witness: UserId | None, witness_found: Decimal | None
) -> Iterator[Noticed]:
    """Notice a count that two distinct people did not both make, or in which they did not find the same (C2)."""
    if witness is None or witness == author or witness_found is None:
        yield Noticed(code=Code.WITNESS_MISSING, detail={"event": LedgerEvent.COUNTED.value})
    elif found != witness_found:
        yield Noticed(code=Code.COUNTERS_DIFFER, detail={})


def count_step(expected: Decimal, found: Decimal, *, is_recount: bool) -> CountStep:
    """Return what a count leads to: nothing more, a recount, or after one an incident and a notice (C4)."""
    if found == expected:
        return CountStep.AGREES
    return CountStep.INCIDENT if is_recount else CountStep.RECOUNT


def fits_trip(sent_out: Decimal, brought_back: Decimal) -> bool:
    """Whether so much can come back from a trip: nothing at all, up to what was sealed and signed out (C8)."""
    return 0 <= brought_back <= sent_out
