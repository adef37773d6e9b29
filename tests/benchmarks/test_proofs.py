"""The proofs of `make prove`, in few rounds: nothing breaks, and with the locks off all of it does."""

from collections.abc import Callable, Iterator
from io import StringIO

import pytest
from benchmarks.proofs import budget, deadlocks, doses, stock
from benchmarks.proofs.__main__ import show
from benchmarks.proofs.ground import Ground, furnished
from benchmarks.proofs.proof import Verdict, proved
from rich.console import Console
from tests.central_database import PASSWORDS, central_template

from wc_contract.model.errors import WhiteCrossError
from wc_sync_server.db.errors import PoolBusy, RowsRejected, RowUnknown, StatementFailed, TryAgain
from wc_sync_server.db.provision import provision
from wc_sync_server.embedded import Dsn

pytestmark = pytest.mark.postgres

__all__ = ["central_template"]

ROUNDS = 3
CONTROL = 20


@pytest.fixture(scope="module")
def ground(module_database: Callable[..., Dsn], central_template: str) -> Iterator[Ground]:
    made = module_database(central_template)
    with furnished(provision(made.conninfo(), made.database, PASSWORDS), made.conninfo()) as ground:
        yield ground


def held(verdict: Verdict) -> None:
    assert list(verdict.breaches) == []
    assert not verdict.control_failed, verdict.control


@pytest.mark.logs_warnings
def test_twelve_workstations_at_a_daily_maximum(ground: Ground) -> None:
    held(doses.prove(ground, ROUNDS, CONTROL))


@pytest.mark.logs_warnings
def test_twelve_takers_at_one_item_of_stock(ground: Ground) -> None:
    held(stock.prove(ground, ROUNDS, CONTROL))


@pytest.mark.logs_warnings
def test_twelve_postings_at_a_ceiling(ground: Ground) -> None:
    held(budget.prove(ground, ROUNDS, CONTROL))


@pytest.mark.logs_warnings
def test_twenty_pairs_that_cross(ground: Ground) -> None:
    held(deadlocks.prove(ground, deadlocks.PAIRS))


def test_a_breach_and_a_control_that_saw_nothing_end_with_1() -> None:
    fine = Verdict(name="fine", rounds=1, writes=12)
    breached = Verdict(name="breached", rounds=1, writes=12, breaches=["round 0: broken"])
    idle = Verdict(name="idle", rounds=1, writes=12, control_failed=True)
    for last, code in ((fine, 0), (breached, 1), (idle, 1)):
        printed = StringIO()
        assert show(Console(file=printed, width=160), [(fine, 1.0), (last, 1.0)]) == code
        assert ("round 0: broken" in printed.getvalue()) is (last is breached)


def broken_ground(failure: WhiteCrossError) -> Callable[[int], list[str]]:
    """Give rounds that hold with the locks on, and fail with the locks off."""

    def one_round(number: int) -> list[str]:
        if number < 0:
            raise failure
        return []

    return one_round


def test_a_control_sees_a_law_break_only_where_a_constraint_of_the_tables_broke() -> None:
    seen = proved("a check", 1, 2, broken_ground(RowsRejected("23514", "ck_inventory_items_quantity")))
    assert seen.holds
    assert "broken in round 1" in seen.control
    for passing in (PoolBusy(), TryAgain("40001")):
        assert proved("a rush", 1, 2, broken_ground(passing)).control_failed
    for failure in (RowsRejected("42501", None), StatementFailed("42703"), RowUnknown("inventory_items")):
        with pytest.raises(type(failure)):
            proved("a broken ground", 1, 2, broken_ground(failure))
