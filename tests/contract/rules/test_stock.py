"""Containers and their ledgers (C1, C3, C5-C7, D1, A2): balances, lots, counts due, waste without a witness."""

import random
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.factories import NOON, named, row

from wc_contract.model.ids import DoseId, UserId, witnessed_ids
from wc_contract.model.instants import Instant
from wc_contract.model.office_values import ContainerStatus, LedgerEvent
from wc_contract.model.values import DoseState
from wc_contract.rules.findings import Code
from wc_contract.rules.policy import Policy
from wc_contract.rules.stock import (
    ContainerFacts,
    LedgerLine,
    balance_of,
    check_count_due,
    check_difference,
    check_lot,
    check_stock,
    check_witnessed,
    container_for,
    moved_by,
    running,
    signed,
    strength_in,
    without_witness,
)

DAY = date(2026, 11, 23)
HOUR = timedelta(hours=1)
POLICY = Policy()
ANA, BO = UserId(named("Ana")), UserId(named("Bo"))
DOSE = DoseId(named("a dose"))


def line(event: str, quantity: str, at: Instant = NOON, name: str = "", **values: Any) -> LedgerLine:
    return LedgerLine(
        id=named(name or f"{event} {quantity} {at}"),
        event=LedgerEvent(event),
        quantity=Decimal(quantity),
        occurred_at=at,
        actor=values.pop("actor", ANA),
        **values,
    )


def bottle(name: str = "bottle", **values: Any) -> ContainerFacts:
    said: dict[str, Any] = {
        "medication_id": str(named("drug")), "status": "IN_USE", "unit": "tablet", "is_controlled": True,
        "received_on": "2026-09-01", "received_by": str(ANA), "expires_on": "2027-09-01", "lot": "A1",
    }  # fmt: skip
    return ContainerFacts.from_row(row("medication_container", id=str(named(name)), **(said | values)))


def codes(found: Any) -> list[Code]:
    return [one.code for one in found]


def test_the_balance_is_what_came_less_what_went() -> None:
    """C1."""
    lines = [
        line("RECEIVED", "30", NOON),
        line("GIVEN", "-1", NOON + HOUR),
        line("WASTED", "-1", NOON + 2 * HOUR),
        line("RETURNED", "-10", NOON + 3 * HOUR),
        line("DESTROYED", "-2", NOON + 4 * HOUR),
        line("SENT_OUT", "-4", NOON + 5 * HOUR),
        line("BROUGHT_BACK", "3", NOON + 6 * HOUR),
        line("ADJUSTED", "-2", NOON + 7 * HOUR),
    ]
    assert [one.balance for one in running(lines, controlled=True)] == [30, 29, 28, 18, 16, 12, 15, 13]
    assert balance_of(lines, controlled=True) == 13
    assert balance_of([], controlled=True) == 0


def test_halves_and_tenths_stay_exact() -> None:
    """D1: a kept half tablet stays in the ledger."""
    tenths = [line("GIVEN", "-0.1", NOON, name=f"tenth {n}") for n in range(3)]
    assert balance_of([line("RECEIVED", "0.3", NOON - HOUR), *tenths], controlled=False) == 0
    assert balance_of([line("RECEIVED", "2"), line("GIVEN", "-0.5", NOON + HOUR)], controlled=True) == Decimal("1.5")


def test_a_count_of_a_controlled_medicine_moves_nothing_and_tells_the_difference() -> None:
    """C1, C4: only a supervisor adjusts."""
    lines = [line("RECEIVED", "18"), line("COUNTED", "17", NOON + HOUR)]
    last = running(lines, controlled=True)[-1]
    assert (last.balance, last.moved, last.difference) == (18, 0, -1)
    assert codes(check_difference(lines)) == [Code.COUNT_DIFFERS]
    adjusted = [*lines, line("ADJUSTED", "-1", NOON + 2 * HOUR)]
    assert balance_of(adjusted, controlled=True) == 17
    assert codes(check_difference(adjusted)) == []
    assert codes(check_difference([*lines, line("COUNTED", "18", NOON + 2 * HOUR)])) == []
    assert codes(check_difference([])) == []


def test_a_count_of_any_other_medicine_is_what_is_there() -> None:
    lines = [line("RECEIVED", "18"), line("COUNTED", "17", NOON + HOUR), line("GIVEN", "-1", NOON + 2 * HOUR)]
    assert [one.balance for one in running(lines, controlled=False)] == [18, 17, 16]


def test_a_movement_of_the_moment_of_a_count_was_counted() -> None:
    lines = [line("COUNTED", "9"), line("GIVEN", "-1"), line("RECEIVED", "10", NOON - HOUR)]
    assert running(lines, controlled=True)[-1].difference == 0


def test_a_balance_below_zero_is_told_and_kept() -> None:
    """C6."""
    lines = [line("RECEIVED", "1"), line("GIVEN", "-2", NOON + HOUR)]
    assert balance_of(lines, controlled=True) == -1
    (found,) = (one for one in check_stock(bottle(), Decimal(-1), None, DAY, POLICY))
    assert (found.code, found.detail["balance"]) == (Code.STOCK_NEGATIVE, "-1")
    returned = bottle(status="RETURNED", expires_on="2020-01-01")
    assert codes(check_stock(returned, Decimal(-1), Decimal(1), DAY, POLICY)) == [Code.STOCK_NEGATIVE]


def test_what_two_devices_take_back_of_one_dose_is_taken_back_once() -> None:
    """A2: a corrected dose gives back what it moved."""
    lines = [
        line("RECEIVED", "10", NOON),
        line("GIVEN", "-1", NOON + HOUR, log=DOSE),
        line("GIVEN", "1", NOON + 2 * HOUR, log=DOSE, name="back here"),
        line("GIVEN", "1", NOON + 3 * HOUR, log=DOSE, name="back there"),
    ]
    assert [one.balance for one in running(lines, controlled=True)] == [10, 9, 10, 10]
    other = line("GIVEN", "1", NOON + 4 * HOUR, log=DoseId(named("another dose")))
    assert balance_of([*lines, other], controlled=True) == 11


@st.composite
def ledgers(draw: st.DrawFn) -> list[LedgerLine]:
    events = st.sampled_from(["RECEIVED", "GIVEN", "WASTED", "COUNTED", "ADJUSTED"])
    found = draw(
        st.lists(st.tuples(events, st.decimals(-9, 9, places=1), st.integers(0, 5), st.booleans()), max_size=8)
    )
    return [
        line(
            event, str(abs(amount) if event == "COUNTED" else amount), NOON + hour * HOUR, name=f"line {at}",
            log=DOSE if of_dose else None,
        )
        for at, (event, amount, hour, of_dose) in enumerate(found)
    ]  # fmt: skip


@given(ledgers(), st.randoms(use_true_random=False), st.booleans())
def test_the_order_of_arrival_changes_no_balance(
    lines: list[LedgerLine], chance: random.Random, controlled: bool
) -> None:
    """X4."""
    other = list(lines)
    chance.shuffle(other)
    assert running(lines, controlled=controlled) == running(other, controlled=controlled)


@pytest.mark.parametrize(
    ("expires", "expected"),
    [(DAY - timedelta(days=1), [Code.LOT_EXPIRED]), (DAY, []), (DAY + timedelta(days=1), []), (None, [])],
    ids=["the day before", "the day itself", "the day after", "no date"],
)
def test_a_lot_is_good_on_its_last_day(expires: date | None, expected: list[Code]) -> None:
    """C7."""
    found = bottle(expires_on=None if expires is None else expires.isoformat())
    assert codes(check_lot(found, DAY, POLICY)) == expected


def test_a_recalled_lot_is_told_however_it_is_written() -> None:
    """C7."""
    policy = Policy.from_json('{"recalled_lots":[" a1 ",7]}')
    assert codes(check_lot(bottle(lot="A1"), DAY, policy)) == [Code.LOT_RECALLED]
    assert codes(check_lot(bottle(lot="A12"), DAY, policy)) == []
    assert codes(check_lot(bottle(lot=None), DAY, policy)) == []


@pytest.mark.parametrize(
    ("days", "expected"),
    [(-1, Code.LOT_EXPIRED), (0, Code.LOT_EXPIRES_SOON), (30, Code.LOT_EXPIRES_SOON), (31, None)],
)
def test_thirty_days_before_it_expires_it_is_told(days: int, expected: Code | None) -> None:
    found = bottle(expires_on=(DAY + timedelta(days=days)).isoformat())
    assert codes(check_stock(found, Decimal(99), Decimal(1), DAY, POLICY)) == ([] if expected is None else [expected])


@pytest.mark.parametrize(("balance", "expected"), [("4.5", [Code.LOW_STOCK]), ("5", []), ("0", [Code.LOW_STOCK])])
def test_fewer_than_five_doses_are_low(balance: str, expected: list[Code]) -> None:
    found = tuple(check_stock(bottle(), Decimal(balance), Decimal(1), DAY, POLICY))
    assert codes(found) == expected
    assert [one.detail["doses"] for one in found] == [str(int(Decimal(balance)))] * len(expected)


def test_stock_without_a_dose_and_an_empty_container_are_not_low() -> None:
    assert codes(check_stock(bottle(), Decimal(0), None, DAY, POLICY)) == []
    assert codes(check_stock(bottle(status="EMPTY"), Decimal(0), Decimal(1), DAY, POLICY)) == []


WEEK = timedelta(days=7)


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ([], []),
        ([line("RECEIVED", "30", NOON - WEEK + timedelta(seconds=1))], []),
        ([line("RECEIVED", "30", NOON - WEEK)], [Code.COUNT_DUE]),
        ([line("RECEIVED", "30", NOON - 2 * WEEK), line("COUNTED", "30", NOON - HOUR)], []),
        ([line("RECEIVED", "30", NOON - 2 * HOUR), line("GIVEN", "-1", NOON - HOUR, actor=BO)], [Code.COUNT_DUE]),
        ([line("GIVEN", "-1", NOON - HOUR, actor=BO), line("COUNTED", "30", NOON)], []),
        ([line("GIVEN", "-1", NOON - HOUR)], [Code.COUNT_DUE]),
    ],
    ids=["nothing", "just within", "a week", "counted since", "after a substitute", "counted after", "never counted"],
)
def test_a_count_is_due_weekly_and_after_a_substitute(lines: list[LedgerLine], expected: list[Code]) -> None:
    """C3."""
    assert codes(check_count_due(lines, NOON, POLICY, {BO})) == expected


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        (timedelta(hours=24) - timedelta(seconds=1), Code.WITNESS_PENDING),
        (timedelta(hours=24), Code.WITNESS_OVERDUE),
    ],
    ids=["a second short of a day", "a day"],
)
def test_waste_without_a_witness_is_overdue_at_24_hours(after: timedelta, expected: Code) -> None:
    """C5."""
    assert codes(check_witnessed([line("WASTED", "-1")], NOON + after, POLICY)) == [expected]


def test_what_was_witnessed_at_once_or_later_waits_no_more() -> None:
    """C5."""
    seen = line("WASTED", "-1", witness=BO)
    alone = line("WASTED", "-1", NOON + HOUR)
    back, out = witnessed_ids(alone.id)
    later: dict[str, Any] = {"occurred_at": NOON + 2 * HOUR, "actor": ANA, "witness": BO, "event": LedgerEvent.WASTED}
    again = [LedgerLine(id=back, quantity=Decimal(1), **later), LedgerLine(id=out, quantity=Decimal(-1), **later)]
    assert without_witness([seen, alone]) == (alone,)
    assert without_witness([seen, alone, *again]) == ()
    received = line("RECEIVED", "10", NOON - HOUR)
    assert balance_of([received, seen, alone, *again], controlled=True) == 8


def test_only_what_was_given_or_dropped_moves_stock() -> None:
    """The state table."""
    moving = {state: event for state in DoseState if (event := moved_by(state)) is not None}
    assert moving == {
        DoseState.ADMINISTERED: LedgerEvent.GIVEN,
        DoseState.PARTIAL: LedgerEvent.GIVEN,
        DoseState.WASTED: LedgerEvent.WASTED,
    }


def test_what_goes_out_is_below_zero() -> None:
    said = {event: signed(event, Decimal(2)) for event in LedgerEvent}
    assert {event for event, quantity in said.items() if quantity > 0} == {
        LedgerEvent.RECEIVED, LedgerEvent.BROUGHT_BACK, LedgerEvent.COUNTED, LedgerEvent.ADJUSTED,
    }  # fmt: skip


def taken_from(*containers: tuple[ContainerFacts, int]) -> UUID | None:
    stock = [(one, Decimal(balance)) for one, balance in containers]
    found = container_for(stock, "tablet", Decimal(1), DAY, POLICY)
    return None if found is None else found.id


def test_a_dose_is_taken_from_what_may_be_given_is_enough_and_expires_first() -> None:
    late, soon = bottle("late", expires_on="2027-09-01"), bottle("soon", expires_on="2026-12-01")
    expired, other = bottle("expired", expires_on="2026-11-01"), bottle("other", unit="mL")
    assert taken_from((late, 9), (soon, 9), (expired, 9), (other, 9)) == soon.id
    assert taken_from((late, 9), (soon, 0)) == late.id
    assert taken_from((expired, 9), (late, 0)) == late.id
    assert taken_from((expired, 9)) == expired.id, "the rule says that it is expired"
    assert taken_from((other, 9)) is None
    assert taken_from((bottle(status="RETURNED"), 9)) is None
    assert bottle(status="EMPTY").status is ContainerStatus.EMPTY


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        (("5 mg", "methylphenidate"), ("5", "mg")),
        ((None, "Methylphenidate 10 mg tablet"), ("10", "mg")),
        (("50 mcg",), ("50", "ug")),
        (("0.5 g",), ("0.5", "g")),
        (("5 mg/5 mL", "Liquid 5 mg/5 mL"), None),
        (("5 mg/mL",), None),
        (("800 mg and 160 mg",), None),
        (("tablet", ""), None),
    ],
    ids=["strength", "in the name", "micrograms", "grams", "of a volume", "per mL", "two parts", "none"],
)
def test_the_strength_of_a_piece_is_read_or_left_open(
    texts: tuple[str | None, ...], expected: tuple[str, str] | None
) -> None:
    found = strength_in(*texts)
    assert (None if found is None else (str(found.amount), found.unit)) == expected


def test_a_dose_by_weight_is_counted_in_tablets_exactly() -> None:
    """D1."""
    said: dict[str, Any] = {"unit": "{tbl}", "received_on": "2026-09-01", "status": "IN_USE", "is_controlled": True}
    tablets = ContainerFacts.from_row(
        row("medication_container", id=str(named("tablets")), medication_id=str(named("drug")), **said),
        strength=strength_in("5 mg"),
    )
    assert [tablets.amount_in(Decimal(mg), "mg") for mg in ("10", "2.5", "5")] == [2, Decimal("0.5"), 1]
    assert tablets.amount_in(Decimal(1), "{tbl}") == 1
    assert tablets.amount_in(Decimal(5), "mL") is None
    thirds = ContainerFacts.from_row(
        row("medication_container", id=str(named("tablets")), medication_id=str(named("drug")), **said),
        strength=strength_in("3 mg"),
    )
    assert thirds.amount_in(Decimal(10), "mg") is None, "no number says it exactly"
    assert container_for([(tablets, Decimal(9))], "mg", Decimal(10), DAY, POLICY) == tablets
