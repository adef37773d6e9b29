"""Two people, a recount, and a supervisor's adjustment (C2, C4, C6, C7)."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from tests.contract.rules.test_stock import ANA, BO, DAY, POLICY, bottle, codes

from wc_contract.model.office_values import LedgerEvent
from wc_contract.model.values import Role
from wc_contract.rules.controlled import CountStep, Move, check_move, check_two_counts, count_step, fits_trip, needs_two
from wc_contract.rules.findings import Code

ONE = Decimal(1)


def move(event: LedgerEvent, **values: Any) -> Move:
    return Move(**({"event": event, "amount": ONE, "author": ANA, "role": Role.NURSE} | values))


def noticed(event: LedgerEvent, *, controlled: bool = True, balance: str = "9", **values: Any) -> list[Code]:
    may_wait = values.pop("may_wait", False)
    found = bottle(is_controlled=controlled, expires_on=values.pop("expires_on", "2027-09-01"))
    return codes(check_move(found, move(event, **values), Decimal(balance), DAY, POLICY, may_wait=may_wait))


@pytest.mark.parametrize("event", list(LedgerEvent))
def test_counts_waste_disposal_transfers_and_adjustment_of_a_controlled_medicine_take_two(event: LedgerEvent) -> None:
    """C1, C2, C8."""
    two = {
        LedgerEvent.COUNTED, LedgerEvent.WASTED, LedgerEvent.DESTROYED, LedgerEvent.ADJUSTED, LedgerEvent.SENT_OUT,
        LedgerEvent.BROUGHT_BACK,
    }  # fmt: skip
    assert needs_two(bottle(), event) == (event in two)
    assert not needs_two(bottle(is_controlled=False), event)
    expected = [Code.WITNESS_MISSING] if event in two else []
    assert noticed(event, role=Role.SUPERVISOR) == expected
    assert noticed(event, role=Role.SUPERVISOR, witness=ANA) == expected, "nobody is their own second person"
    assert noticed(event, role=Role.SUPERVISOR, witness=BO) == []


def test_waste_alone_may_wait_for_its_witness_and_nothing_else_may() -> None:
    """C5."""
    assert noticed(LedgerEvent.WASTED, may_wait=True) == []
    assert noticed(LedgerEvent.WASTED, may_wait=True, witness=ANA) == [Code.WITNESS_MISSING]
    assert noticed(LedgerEvent.DESTROYED, may_wait=True) == [Code.WITNESS_MISSING]


@pytest.mark.parametrize("role", list(Role))
def test_only_a_supervisor_adjusts_and_only_nurses_move(role: Role) -> None:
    """C4."""
    nurses = {Role.NURSE, Role.SUBSTITUTE, Role.SUPERVISOR}
    adjusting = noticed(LedgerEvent.ADJUSTED, role=role, witness=BO)
    assert adjusting == ([] if role is Role.SUPERVISOR else [Code.NOT_ENTITLED])
    assert noticed(LedgerEvent.RETURNED, role=role) == ([] if role in nurses else [Code.NOT_ENTITLED])


@pytest.mark.parametrize("event", list(LedgerEvent))
def test_an_expired_lot_is_neither_given_nor_counted_out_but_ends(event: LedgerEvent) -> None:
    """C7."""
    yesterday = (DAY - timedelta(days=1)).isoformat()
    found = noticed(event, role=Role.SUPERVISOR, witness=BO, expires_on=yesterday)
    assert found == ([Code.LOT_EXPIRED] if event in {LedgerEvent.GIVEN, LedgerEvent.SENT_OUT} else [])


@pytest.mark.parametrize(("balance", "expected"), [("1", []), ("0.5", [Code.STOCK_NEGATIVE])])
def test_more_than_there_is_is_told_and_not_refused(balance: str, expected: list[Code]) -> None:
    """C6."""
    assert noticed(LedgerEvent.RETURNED, balance=balance) == expected
    assert noticed(LedgerEvent.RECEIVED, balance=balance) == []


def test_each_of_two_distinct_people_counts_and_finds_the_same() -> None:
    """C2."""
    assert codes(check_two_counts(ANA, ONE, None, None)) == [Code.WITNESS_MISSING]
    assert codes(check_two_counts(ANA, ONE, ANA, ONE)) == [Code.WITNESS_MISSING]
    assert codes(check_two_counts(ANA, ONE, BO, None)) == [Code.WITNESS_MISSING]
    assert codes(check_two_counts(ANA, ONE, BO, Decimal("1.5"))) == [Code.COUNTERS_DIFFER]
    assert codes(check_two_counts(ANA, ONE, BO, Decimal("1.0"))) == []


def test_a_difference_is_counted_again_and_then_reported() -> None:
    """C4."""
    assert count_step(Decimal(18), Decimal("18.0"), is_recount=False) is CountStep.AGREES
    assert count_step(Decimal(18), Decimal(17), is_recount=False) is CountStep.RECOUNT
    assert count_step(Decimal(18), Decimal(17), is_recount=True) is CountStep.INCIDENT
    assert count_step(Decimal(18), Decimal(18), is_recount=True) is CountStep.AGREES


def test_no_more_comes_back_from_a_trip_than_went() -> None:
    """C8."""
    two = Decimal(2)
    assert [fits_trip(two, Decimal(back)) for back in ("0", "0.5", "2", "2.5", "-1")] == [
        True,
        True,
        True,
        False,
        False,
    ]
