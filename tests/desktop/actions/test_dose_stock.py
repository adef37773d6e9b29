"""Doses move stock: given, in part, dropped; a correction gives back what it took (state table, A2, C5-C7)."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from tests.desktop.actions.test_log_dose import draft, give, row_of
from tests.desktop.clinic import NURSE, HandClock, Rows, row, small_school, uid

from wc_contract.model.changes import DoseLogged, RecordAdded
from wc_contract.model.ids import StudentId
from wc_contract.model.quantity import Quantity
from wc_contract.model.values import DoseState
from wc_desktop.actions.corrections import amend_dose, void_dose
from wc_desktop.actions.desk import Desk
from wc_desktop.actions.log_dose import log_dose, plan_dose
from wc_desktop.actions.stock import list_stock, read_ledger, receivable
from wc_desktop.actions.stock_moves import receive
from wc_desktop.domain.failures import ReasonMissing
from wc_desktop.domain.screens import DoseCorrection
from wc_desktop.domain.stock_views import Receipt, StockRow

Opener = Callable[[Rows | None], Desk]


def with_bottle(rows: Rows | None = None, name: str = "bottle", *, amount: str = "100", **values: Any) -> Rows:
    rows = small_school() if rows is None else rows
    version = 9_000 + sum(len(held) for held in rows.values())
    said: dict[str, Any] = {
        "student_id": str(uid("sofia")), "medication_id": str(uid("methylphenidate")), "status": "IN_USE",
        "unit": "mg", "is_controlled": True, "received_on": "2026-11-23", "received_by": str(NURSE), "lot": "A1",
        "expires_on": "2027-09-01",
    }  # fmt: skip
    rows["medication_container"].append(row("medication_container", version, id=str(uid(name)), **(said | values)))
    line = {"id": str(uid(f"{name} came")), "container_id": str(uid(name)), "event": "RECEIVED", "quantity": amount}
    at = "2026-11-23T16:50:00+00:00"
    rows["ledger_entry"].append(row("ledger_entry", version + 1, **line, occurred_at=at, actor_id=str(NURSE)))
    return rows


def stock(desk: Desk, name: str = "bottle") -> StockRow:
    return next(one for one in list_stock(desk, desk.clock.now()).rows if one.id == uid(name))


def codes(desk: Desk) -> list[str]:
    plan = plan_dose(desk, row_of(desk, "Sofia").key, DoseState.ADMINISTERED, desk.clock.now())
    return [finding.code.value for finding in plan.findings]


def test_a_dose_and_what_it_takes_are_one_entry(open_desk: Opener) -> None:
    desk = open_desk(with_bottle())
    give(desk, "Sofia")
    entry = desk.journal.entry(desk.journal.newest(1)[0].id)
    assert entry is not None
    dose, line = entry.changes
    assert isinstance(dose, DoseLogged)
    assert isinstance(line, RecordAdded)
    values = line.values
    assert (values["event"], values["quantity"], values["log_id"]) == ("GIVEN", "-5", str(dose.id))
    assert entry.depends_on == ()
    assert stock(desk).balance == 95


@pytest.mark.parametrize("state", [DoseState.REFUSED, DoseState.HELD, DoseState.ABSENT, DoseState.NOT_AVAILABLE])
def test_what_was_not_given_moves_nothing(open_desk: Opener, state: DoseState) -> None:
    desk = open_desk(with_bottle())
    log_dose(desk, replace(draft(desk, "Sofia", state), reason="said so"))
    assert stock(desk).balance == 100


def test_a_part_takes_what_was_given_exactly(open_desk: Opener) -> None:
    """D1."""
    desk = open_desk(with_bottle())
    part = replace(draft(desk, "Sofia", DoseState.PARTIAL), quantity=Quantity(amount=Decimal("2.5"), unit="mg"))
    log_dose(desk, replace(part, reason="Spat some", override_reason="Spat some"))
    assert stock(desk).balance == Decimal("97.5")


def test_a_dropped_dose_of_a_controlled_medicine_waits_for_its_witness(open_desk: Opener) -> None:
    """C5: the state table's WASTED."""
    desk = open_desk(with_bottle())
    log_dose(desk, replace(draft(desk, "Sofia", DoseState.WASTED), reason="Dropped"))
    dropped = stock(desk)
    assert (dropped.balance, [mark.code for mark in dropped.marks]) == (95, ["witness_pending"])


def test_voiding_a_dose_gives_back_what_it_took_and_amending_takes_anew(open_desk: Opener) -> None:
    """A2."""
    desk = open_desk(with_bottle())
    given = give(desk, "Sofia").row.answers[-1]
    clock = desk.clock
    assert isinstance(clock, HandClock)
    clock.forward(timedelta(minutes=2))
    less = DoseCorrection(
        status=DoseState.PARTIAL,
        administered_at=given.administered_at,
        quantity=Quantity(amount=Decimal(2), unit="mg"),
        reason="Spat it out",
        why="Was written as a whole dose",
    )
    amended = amend_dose(desk, given.id, less)
    assert stock(desk).balance == 98
    (dose,) = (change for change in amended.changes if isinstance(change, DoseLogged))
    clock.forward(timedelta(minutes=2))
    void_dose(desk, dose.id, "It was another child")
    assert stock(desk).balance == 100
    lines = read_ledger(desk, uid("bottle"), clock.now()).lines
    assert sum(line.takes_back for line in lines) == 2
    assert len(lines) == 5, "nothing was taken out of the ledger"


def test_the_list_shows_stock_before_and_after_and_says_when_it_is_low(open_desk: Opener) -> None:
    desk = open_desk(with_bottle(amount="30"))
    before = row_of(desk, "Sofia")
    assert before.stock is not None
    assert (before.stock.before, before.stock.after, before.stock.codes) == (30, 25, ())
    assert "low_stock" not in codes(desk)
    after = give(desk, "Sofia").row
    assert after.stock is not None
    assert (after.stock.before, "low_stock" in after.alerts) == (25, False)
    low = row_of(open_desk(with_bottle(amount="24")), "Sofia")
    assert "low_stock" in low.alerts


def test_more_than_there_is_can_be_given_and_is_told(open_desk: Opener) -> None:
    """C6."""
    desk = open_desk(with_bottle(amount="3"))
    assert "stock_negative" in codes(desk)
    give(desk, "Sofia")
    assert stock(desk).balance == -2


def test_an_expired_lot_stops_the_dose_until_a_reason_is_given(open_desk: Opener) -> None:
    """C7."""
    desk = open_desk(with_bottle(expires_on="2026-11-22"))
    assert "lot_expired" in codes(desk)
    with pytest.raises(ReasonMissing):
        give(desk, "Sofia")
    assert give(desk, "Sofia", override_reason="Prescriber asked, new bottle comes tonight").row.answers
    assert stock(desk).balance == 95


def test_a_good_container_is_taken_before_an_expired_one(open_desk: Opener) -> None:
    """C7."""
    desk = open_desk(with_bottle(with_bottle(expires_on="2026-11-22"), "new bottle"))
    assert "lot_expired" not in codes(desk)
    give(desk, "Sofia")
    assert (stock(desk).balance, stock(desk, "new bottle").balance) == (100, 95)


def test_medicine_that_is_in_no_container_here_is_given_as_before(open_desk: Opener) -> None:
    desk = open_desk(with_bottle(unit="mL"))
    assert row_of(desk, "Sofia").stock is None
    give(desk, "Sofia")
    assert stock(desk).balance == 100


def test_what_is_ordered_by_weight_is_counted_by_the_tablet(open_desk: Opener) -> None:
    """D1: the order says 5 mg, the tablets hold 5 mg."""
    desk = open_desk(None)
    (for_sofia,) = receivable(desk, StudentId(uid("sofia")))
    assert for_sofia.unit == "{tbl}"
    receive(
        desk,
        Receipt(
            student=StudentId(uid("sofia")),
            order_id=for_sofia.order_id,
            medication=for_sofia.medication.id,
            unit=for_sofia.unit,
            amount=Decimal(30),
            counted_by_them=Decimal(30),
            brought_by="A Parent",
            lot="",
            expires_on=None,
            location="",
        ),
    )
    there = row_of(desk, "Sofia").stock
    assert there is not None
    assert (there.before, there.after, there.unit) == (30, 29, "{tbl}")
    give(desk, "Sofia")
    assert [(one.balance, one.unit, one.dose) for one in list_stock(desk, desk.clock.now()).rows] == [(29, "{tbl}", 1)]
