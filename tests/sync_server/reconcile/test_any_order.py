"""What stands on a dose, and which cases are open, does not depend on what arrived first (rules.md X4)."""

from decimal import Decimal

import pytest
from tests.sync_server.house import House
from tests.sync_server.in_house import Office, office_of
from tests.sync_server.reconcile.record_world import World, pulled

pytestmark = pytest.mark.postgres


@pytest.fixture(scope="module")
def world(house: House) -> World:
    made = World(house)
    made.furnish(office_of(house))
    return made


@pytest.fixture
def office(house: House, world: World) -> Office:  # noqa: ARG001  # what records name must be there
    return office_of(house)


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
    assert [str(used.id) in ids for ids in about] == [True]
    assert not any(str(received.id) in ids for ids in about)
