"""What stands on a dose, and which cases are open, does not depend on what arrived first (rules.md X4)."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from tests import factories as make
from tests.sync_server.in_house import Office
from tests.sync_server.reconcile.record_world import World, change_of, pulled

from wc_contract.model.changes import DoseLogged, RecordAdded
from wc_contract.model.ids import OrderId, OrderVersionId

pytestmark = pytest.mark.postgres


@pytest.mark.parametrize("together", [False, True], ids=["in two batches", "in one"])
def test_a_shelf_below_nothing_is_flagged_however_entries_are_cut_into_batches(
    office: Office, world: World, *, together: bool
) -> None:
    item = "inventory_item", str(world.ids["inventory_items"])
    before = Decimal(pulled(office)[item]["quantity"])
    used = world.added("inventory_transaction", kind="USED", quantity=f"{-before - 2}")
    received = world.added("inventory_transaction", kind="RECEIVED", quantity=f"{before + 5}")
    entries = [office.entry(used), office.entry(received)]
    receipts = office.push(*entries) if together else [*office.push(entries[0]), *office.push(entries[1])]
    assert [receipt.findings for receipt in receipts] == [("stock_negative",), ()]
    there = pulled(office)
    assert Decimal(there[item]["quantity"]) == before + 3
    about = [row["subject_ids"] for (kind, _), row in there.items() if kind == "review_case"]
    assert sum(str(used.id) in ids for ids in about) == 1
    assert not any(str(received.id) in ids for ids in about)


_BEGUN, _RENEWED = "2026-08-17T05:00:00+00:00", "2026-11-01T05:00:00+00:00"
_NO_LIMITS = dict.fromkeys(("min_interval_minutes", "max_doses", "max_period_minutes"))


def ordered(office: Office, world: World) -> tuple[RecordAdded, RecordAdded]:
    """Push an order in force, with its first version, and return both."""
    authority = {"order_signed_on": "2026-08-10", "parent_auth_from": "2026-08-10", "parent_auth_to": None}
    order = world.added("order", start_date="2026-08-17", end_date=None, stop_effective_at=None, **authority)
    first = version_of(world, order, version=1, effective_from=_BEGUN)
    receipts = office.push(office.entry(order), office.entry(first))
    assert [receipt.code for receipt in receipts] == [None, None]
    return order, first


def version_of(world: World, order: RecordAdded, **values: Any) -> RecordAdded:
    return world.added("order_version", order_id=str(order.id), **(_NO_LIMITS | values))


def dose_of(office: Office, order: RecordAdded, version: RecordAdded, at: str = "12:00") -> DoseLogged:
    dose = make.dose_logged(
        student_id=office.house.pupils["ned"].id,
        order_id=OrderId(order.id),
        order_version_id=OrderVersionId(version.id),
        slot=None,
        administered_at=make.local(at),
        dose_given=Decimal("2.5"),
    )
    return replace(dose, unit=str(version.values["unit"]))


def stands(office: Office, *doses: DoseLogged) -> list[tuple[str, list[str]]]:
    """Return the flags of each dose, and the kinds of the cases about it."""
    there = pulled(office)
    cases = [row for (kind, _), row in there.items() if kind == "review_case"]
    return [
        (
            there["dose", str(dose.id)]["flags"],
            sorted(case["kind"] for case in cases if str(dose.id) in case["subject_ids"]),
        )
        for dose in doses
    ]


_FIRST = pytest.mark.parametrize("first", ["version", "doses", "both at once"])


def sent(office: Office, first: str, version: RecordAdded, *doses: DoseLogged) -> None:
    told = [office.entry(version)], [office.entry(dose) for dose in doses]
    match first:
        case "version":
            batches = [told[0], told[1]]
        case "doses":
            batches = [told[1], told[0]]
        case _:
            batches = [[*told[1], *told[0]]]
    # Numbers follow the order of sending.
    office.number -= len(doses) + 1
    for batch in batches:
        office.push(*(office.entry(*entry.changes, id=entry.id) for entry in batch))


@_FIRST
def test_a_dose_under_a_version_that_was_replaced_is_flagged_whichever_came_first(
    office: Office, world: World, first: str
) -> None:
    order, old = ordered(office, world)
    dose = dose_of(office, order, old)
    renewed = version_of(world, order, version=2, effective_from=_RENEWED, dose="5")
    sent(office, first, renewed, dose)
    assert stands(office, dose) == [('["dose_differs", "superseded_version"]', ["dose_differs"])]


@_FIRST
def test_doses_too_close_by_a_version_are_flagged_whichever_came_first(
    office: Office, world: World, first: str
) -> None:
    order, old = ordered(office, world)
    doses = [dose_of(office, order, old, at) for at in ("12:00", "12:20")]
    apart = version_of(world, order, version=2, effective_from=_RENEWED, min_interval_minutes=60)
    sent(office, first, apart, *doses)
    assert stands(office, *doses) == [
        ('["superseded_version"]', []),
        ('["superseded_version", "too_soon"]', ["too_soon"]),
    ]


def test_a_version_changes_nothing_about_doses_before_it_took_effect(office: Office, world: World) -> None:
    order, old = ordered(office, world)
    dose = dose_of(office, order, old)
    office.push(office.entry(dose))
    later = version_of(world, order, version=2, effective_from="2027-01-04T05:00:00+00:00", dose="5")
    office.push(office.entry(later))
    assert stands(office, dose) == [("[]", [])]


def test_an_order_that_is_renewed_is_not_held_against_the_doses_before(office: Office, world: World) -> None:
    order, version = ordered(office, world)
    dose = dose_of(office, order, version)
    office.push(office.entry(dose))
    key = "order", str(order.id)
    renewed = {"parent_auth_from": "2027-08-09", "order_signed_on": "2027-08-09", "start_date": "2027-08-16"}
    (receipt,) = office.push(office.entry(change_of(key, pulled(office)[key], renewed)))
    assert receipt.code is None
    assert stands(office, dose) == [("[]", [])]
