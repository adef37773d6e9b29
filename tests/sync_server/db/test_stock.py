"""A shelf holds what its movements say, never less than nothing, whoever takes at the same time."""

from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from functools import partial
from typing import Any
from uuid import UUID

import psycopg
import pytest
from tests.cutting_proxy import Cut, through_proxy
from tests.sync_server.db.district_of_tests import AT, Town, new_id, settle

from wc_contract.model.kinds import INVENTORY_ITEM
from wc_contract.model.office_values import StockMovement
from wc_sync_server.db.context_keys import signer_of
from wc_sync_server.db.engine import Pool, connect_pool
from wc_sync_server.db.operations import STOCK
from wc_sync_server.db.provision import Dsns
from wc_sync_server.db.repositories.stock import move
from wc_sync_server.db.retry import run_retrying
from wc_sync_server.db.unit_of_work import scoped
from wc_sync_server.domain.stock import StockCode, StockMove, StockOutcome
from wc_sync_server.embedded import Dsn

pytestmark = pytest.mark.postgres


@pytest.fixture
def town(shared_pool: Pool) -> Town:
    return settle(shared_pool)


@pytest.fixture
def item(shared_pool: Pool, town: Town) -> UUID:
    return add_item(shared_pool, town, "10")


def add_item(pool: Pool, town: Town, quantity: str) -> UUID:
    """Put an item on the first school's shelf."""
    id_ = new_id()
    with scoped(pool, town.context(), operation=STOCK) as uow:
        uow.lock_streams(town.first)
        uow.write_rows(INVENTORY_ITEM, town.first, [{"id": str(id_), "name": "Gauze", "quantity": quantity}])
        uow.commit()
    return id_


def taking(town: Town, item: UUID, quantity: str, **changes: Any) -> StockMove:
    values = {
        "id": new_id(),
        "school": town.first,
        "item": item,
        "kind": StockMovement.USED if quantity.startswith("-") else StockMovement.RECEIVED,
        "quantity": Decimal(quantity),
        "occurred_at": AT,
        "actor": town.nurse,
    }
    return StockMove(**(values | changes))


def moved(pool: Pool, town: Town, wanted: StockMove) -> StockOutcome:
    """Move in a transaction of its own."""

    def work() -> StockOutcome:
        with scoped(pool, town.context(), operation=STOCK) as uow:
            outcome = move(uow, wanted)
            uow.commit()
        return outcome

    return run_retrying(work)


def shelf(superuser: Dsn, item: UUID) -> list[tuple[Any, ...]]:
    """Return (on the shelf, what its movements sum up to, number of movements)."""
    query = """SELECT i.quantity, coalesce(sum(t.quantity), 0), count(t.id) FROM inventory_items i
               LEFT JOIN inventory_transactions t ON t.item_id = i.id WHERE i.id = %s GROUP BY i.district_id, i.id"""
    with psycopg.connect(superuser.conninfo()) as connection:
        return connection.execute(query, (item,)).fetchall()


def test_a_movement_changes_the_shelf_and_stands_in_the_ledger(
    shared_pool: Pool, town: Town, item: UUID, shared_superuser: Dsn
) -> None:
    outcome = moved(shared_pool, town, taking(town, item, "-2.5"))
    assert (outcome.code, outcome.quantity) == (StockCode.MOVED, Decimal("7.5"))
    assert moved(shared_pool, town, taking(town, item, "1")).quantity == Decimal("8.5")
    assert shelf(shared_superuser, item) == [(Decimal("8.5"), Decimal("-1.5"), 2)]


def test_workstations_are_told_of_the_item_and_of_the_movement(shared_pool: Pool, town: Town, item: UUID) -> None:
    moved(shared_pool, town, taking(town, item, "-1"))
    with scoped(shared_pool, town.context()) as uow:
        heads = uow.lock_streams(town.first)[town.first].heads
    assert heads == {"inventory_item": 2, "inventory_transaction": 3}


def test_what_is_not_there_is_not_taken(shared_pool: Pool, town: Town, item: UUID, shared_superuser: Dsn) -> None:
    assert moved(shared_pool, town, taking(town, item, "-10")).quantity == 0
    refused = moved(shared_pool, town, taking(town, item, "-0.5"))
    assert (refused.code, refused.stands, refused.quantity) == (StockCode.BELOW_ZERO, False, Decimal(0))
    assert shelf(shared_superuser, item) == [(Decimal(0), Decimal(-10), 1)]


def test_the_same_movement_twice_counts_once(shared_pool: Pool, town: Town, item: UUID, shared_superuser: Dsn) -> None:
    same = taking(town, item, "-4")
    assert moved(shared_pool, town, same).code is StockCode.MOVED
    again = moved(shared_pool, town, same)
    assert (again.code, again.stands, again.quantity) == (StockCode.ALREADY_MOVED, True, Decimal(6))
    assert moved(shared_pool, town, taking(town, item, "-1", id=same.id)).code is StockCode.ID_TAKEN
    assert shelf(shared_superuser, item) == [(Decimal(6), Decimal(-4), 1)]


def test_an_item_of_another_school_is_unknown(shared_pool: Pool, town: Town, item: UUID) -> None:
    there = taking(town, item, "-1", school=town.second)
    assert moved(shared_pool, town, there).code is StockCode.ITEM_UNKNOWN
    assert moved(shared_pool, town, taking(town, new_id(), "-1")).code is StockCode.ITEM_UNKNOWN
    assert moved(shared_pool, town, taking(town, item, "0")).code is StockCode.NO_QUANTITY


def test_takers_at_once_leave_nothing_below_zero(shared_dsns: Dsns, shared_superuser: Dsn) -> None:
    pool = connect_pool(shared_dsns.app, signer=signer_of(shared_dsns.migrate), size=8)
    try:
        town = settle(pool)
        item = add_item(pool, town, "10")
        with ThreadPoolExecutor(8) as takers:
            wanted = [taking(town, item, "-3") for _ in range(16)]
            codes = [outcome.code for outcome in takers.map(partial(moved, pool, town), wanted)]
    finally:
        pool.close()
    assert sorted(codes) == sorted([StockCode.MOVED] * 3 + [StockCode.BELOW_ZERO] * 13)
    assert shelf(shared_superuser, item) == [(Decimal(1), Decimal(-9), 3)]


@pytest.mark.logs_warnings
@pytest.mark.parametrize("where", Cut)
def test_a_movement_whose_commit_went_unanswered_counts_once(
    shared_dsns: Dsns, town: Town, item: UUID, shared_superuser: Dsn, where: Cut
) -> None:
    with through_proxy(shared_dsns.app) as (dsn, proxy):
        pool = connect_pool(dsn, signer=signer_of(shared_dsns.migrate), size=1)
        proxy.cut_next_commits(where)
        outcome = moved(pool, town, taking(town, item, "-4"))
        pool.close()
    assert outcome.code is (StockCode.ALREADY_MOVED if where is Cut.AFTER_COMMIT else StockCode.MOVED)
    assert shelf(shared_superuser, item) == [(Decimal(6), Decimal(-4), 1)]
