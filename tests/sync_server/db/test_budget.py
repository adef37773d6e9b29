"""Money is spent within its ceiling, whoever posts at the same time, and taken back by another row."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from decimal import Decimal
from functools import partial
from typing import Any
from uuid import UUID

import psycopg
import pytest
from tests.cutting_proxy import Cut, through_proxy
from tests.sync_server.db.district_of_tests import AT, Town, new_id, settle

from wc_sync_server.db.context_keys import signer_of
from wc_sync_server.db.engine import Pool, connect_pool
from wc_sync_server.db.operations import BUDGET
from wc_sync_server.db.provision import Dsns
from wc_sync_server.db.repositories.budget import post, reverse
from wc_sync_server.db.retry import run_retrying
from wc_sync_server.db.unit_of_work import scoped
from wc_sync_server.domain.budget import BudgetCode, BudgetOutcome, Posting, Reversal
from wc_sync_server.embedded import Dsn

pytestmark = pytest.mark.postgres

_CATEGORY = """
INSERT INTO budget_categories (district_id, id, fiscal_year, name, allocated, spent_amount, created_at, updated_at)
VALUES (%(district)s, %(id)s, 2027, %(name)s, %(allocated)s, 0, %(at)s, %(at)s)
"""


@pytest.fixture
def town(shared_pool: Pool) -> Town:
    return settle(shared_pool)


@pytest.fixture
def category(shared_pool: Pool, town: Town) -> UUID:
    return add_category(shared_pool, town, "100.00")


def add_category(pool: Pool, town: Town, allocated: str) -> UUID:
    """Make a budget category with a ceiling."""
    id_ = new_id()
    with scoped(pool, town.context(), operation=BUDGET) as uow:
        values = {"district": town.district, "id": id_, "name": str(id_), "allocated": Decimal(allocated), "at": AT}
        uow.connection.execute(_CATEGORY, values)
        uow.commit()
    return id_


def posting(category: UUID, amount: str, **changes: Any) -> Posting:
    values = {"id": new_id(), "category": category, "amount": Decimal(amount), "occurred_on": date(2026, 11, 23)}
    return Posting(**(values | changes))


def posted(pool: Pool, town: Town, wanted: Posting | Reversal) -> BudgetOutcome:
    """Post, or reverse, in a transaction of its own."""

    def work() -> BudgetOutcome:
        with scoped(pool, town.context(), operation=BUDGET) as uow:
            outcome = post(uow, wanted) if isinstance(wanted, Posting) else reverse(uow, wanted)
            uow.commit()
        return outcome

    return run_retrying(work)


def books(superuser: Dsn, category: UUID) -> list[tuple[Any, ...]]:
    """Return (spent as the category says, sum of its postings, number of postings, row_version)."""
    query = """SELECT c.spent_amount, coalesce(sum(t.amount), 0), count(t.id), c.row_version FROM budget_categories c
               LEFT JOIN budget_transactions t ON t.category_id = c.id WHERE c.id = %s GROUP BY c.district_id, c.id"""
    with psycopg.connect(superuser.conninfo()) as connection:
        return connection.execute(query, (category,)).fetchall()


def test_a_posting_moves_what_is_spent(shared_pool: Pool, town: Town, category: UUID, shared_superuser: Dsn) -> None:
    outcome = posted(shared_pool, town, posting(category, "60.50"))
    assert outcome.code is BudgetCode.POSTED
    assert outcome.category is not None
    assert (outcome.category.allocated, outcome.category.spent) == (Decimal("100.00"), Decimal("60.50"))
    assert books(shared_superuser, category) == [(Decimal("60.50"), Decimal("60.50"), 1, 2)]


def test_the_last_cent_may_be_spent_and_not_one_more(
    shared_pool: Pool, town: Town, category: UUID, shared_superuser: Dsn
) -> None:
    assert posted(shared_pool, town, posting(category, "100.00")).code is BudgetCode.POSTED
    refused = posted(shared_pool, town, posting(category, "0.01"))
    assert (refused.code, refused.stands) == (BudgetCode.OVER_CEILING, False)
    assert refused.category is not None
    assert refused.category.spent == Decimal("100.00")
    assert books(shared_superuser, category) == [(Decimal("100.00"), Decimal("100.00"), 1, 2)]


def test_the_same_posting_twice_counts_once(
    shared_pool: Pool, town: Town, category: UUID, shared_superuser: Dsn
) -> None:
    same = posting(category, "60.00")
    assert posted(shared_pool, town, same).code is BudgetCode.POSTED
    again = posted(shared_pool, town, same)
    assert (again.code, again.stands) == (BudgetCode.ALREADY_POSTED, True)
    assert posted(shared_pool, town, posting(category, "1.00", id=same.id)).code is BudgetCode.ID_TAKEN
    assert books(shared_superuser, category) == [(Decimal("60.00"), Decimal("60.00"), 1, 2)]


def test_a_posting_is_taken_back_once_by_another_row(
    shared_pool: Pool, town: Town, category: UUID, shared_superuser: Dsn
) -> None:
    spent = posting(category, "80.00")
    posted(shared_pool, town, spent)
    back = Reversal(id=new_id(), posting=spent.id, occurred_on=date(2026, 11, 24))
    assert posted(shared_pool, town, back).code is BudgetCode.POSTED
    assert posted(shared_pool, town, back).code is BudgetCode.ALREADY_POSTED
    other = Reversal(id=new_id(), posting=spent.id, occurred_on=date(2026, 11, 24))
    assert posted(shared_pool, town, other).code is BudgetCode.ALREADY_REVERSED
    stranger = Reversal(id=new_id(), posting=new_id(), occurred_on=date(2026, 11, 24))
    assert posted(shared_pool, town, stranger).code is BudgetCode.POSTING_UNKNOWN
    assert books(shared_superuser, category) == [(Decimal(0), Decimal(0), 2, 3)]
    assert posted(shared_pool, town, posting(category, "100.00")).code is BudgetCode.POSTED


@pytest.mark.parametrize(
    ("amount", "code"),
    [("0", BudgetCode.NO_AMOUNT), ("NaN", BudgetCode.NO_AMOUNT), ("-0.01", BudgetCode.BELOW_ZERO)],
)
def test_what_is_no_amount_is_not_posted(
    shared_pool: Pool, town: Town, category: UUID, shared_superuser: Dsn, amount: str, code: BudgetCode
) -> None:
    assert posted(shared_pool, town, posting(category, amount)).code is code
    assert books(shared_superuser, category) == [(Decimal(0), Decimal(0), 0, 1)]


def test_a_category_of_another_district_is_unknown(shared_pool: Pool, town: Town, category: UUID) -> None:
    other = settle(shared_pool)
    assert posted(shared_pool, other, posting(category, "1.00")).code is BudgetCode.CATEGORY_UNKNOWN
    assert posted(shared_pool, town, posting(new_id(), "1.00")).code is BudgetCode.CATEGORY_UNKNOWN


def test_writers_at_once_break_no_ceiling(shared_dsns: Dsns, shared_superuser: Dsn) -> None:
    pool = connect_pool(shared_dsns.app, signer=signer_of(shared_dsns.migrate), size=8)
    try:
        town = settle(pool)
        category = add_category(pool, town, "100.00")
        with ThreadPoolExecutor(8) as writers:
            wanted = [posting(category, "9.00") for _ in range(24)]
            codes = [outcome.code for outcome in writers.map(partial(posted, pool, town), wanted)]
    finally:
        pool.close()
    assert sorted(codes) == sorted([BudgetCode.POSTED] * 11 + [BudgetCode.OVER_CEILING] * 13)
    assert books(shared_superuser, category) == [(Decimal("99.00"), Decimal("99.00"), 11, 12)]


@pytest.mark.logs_warnings
@pytest.mark.parametrize("where", Cut)
def test_a_posting_whose_commit_went_unanswered_counts_once(
    shared_dsns: Dsns, town: Town, category: UUID, shared_superuser: Dsn, where: Cut
) -> None:
    with through_proxy(shared_dsns.app) as (dsn, proxy):
        pool = connect_pool(dsn, signer=signer_of(shared_dsns.migrate), size=1)
        proxy.cut_next_commits(where)
        outcome = posted(pool, town, posting(category, "60.00"))
        pool.close()
    assert outcome.code is (BudgetCode.ALREADY_POSTED if where is Cut.AFTER_COMMIT else BudgetCode.POSTED)
    assert books(shared_superuser, category) == [(Decimal("60.00"), Decimal("60.00"), 1, 2)]
