"""Plans that a connection keeps: when it does, what ends them, and that none was made for an empty table."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

import psycopg
import pytest
from tests.sync_server.db.district_of_tests import Town, settle

from wc_sync_server.db.context_keys import signer_of
from wc_sync_server.db.engine import Pool, connect_pool
from wc_sync_server.db.operations import LOOK, PUSH, REPORT, Operation
from wc_sync_server.db.provision import Dsns
from wc_sync_server.db.repositories import intake_sql
from wc_sync_server.db.retry import run_retrying
from wc_sync_server.db.unit_of_work import scoped
from wc_sync_server.embedded import Dsn

pytestmark = pytest.mark.postgres

QUERY = "SELECT s.head FROM streams s WHERE s.district_id = %(district)s"
KEPT = "SELECT statement, generic_plans, custom_plans FROM pg_prepared_statements WHERE statement LIKE '%%streams s%%'"
RECEIPTS = """
INSERT INTO receipts (district_id, school_id, entry_id, device_id, number, hash, outcome, body, signature, received_at,
                      created_at, updated_at)
SELECT %(district)s, %(school)s, gen_random_uuid(), %(device)s, n, md5(n::text) || md5(n::text), 'applied',
       repeat('x', 600), 'y', now(), now(), now() FROM generate_series(1, %(count)s) n
"""
DOSES = "UPDATE pg_class SET reltuples = 1000, relpages = 100 WHERE relname = 'medication_logs'"


@contextmanager
def one_connection(dsns: Dsns, plans_from: int) -> Iterator[Pool]:
    pool = connect_pool(dsns.app, signer=signer_of(dsns.migrate), size=1, plans_from=plans_from)
    try:
        yield pool
    finally:
        pool.close()


@pytest.fixture
def pool(central_dsns: Dsns) -> Iterator[Pool]:
    with one_connection(central_dsns, -1) as opened:
        yield opened


def ask(pool: Pool, town: Town, times: int = 3, operation: Operation = LOOK) -> None:
    for _ in range(times):
        with scoped(pool, town.context(), operation=operation) as uow:
            assert len(uow.connection.execute(QUERY, {"district": town.district}).fetchall()) == 3


def kept(pool: Pool) -> list[tuple[str, int, int]]:
    with pool.connection() as connection:
        return [(row[0], row[1], row[2]) for row in connection.execute(KEPT)]


def test_a_plan_is_made_once_and_kept_from_one_borrower_to_the_next(pool: Pool) -> None:
    ask(pool, settle(pool), times=4)
    ((_, generic, custom),) = kept(pool)
    assert (generic, custom) == (3, 0)


@pytest.mark.usefixtures("unchecked_statements")
def test_a_kept_plan_shows_each_its_own(pool: Pool) -> None:
    towns = [settle(pool) for _ in range(3)]
    for town in towns * 3:
        for school in (town.first, town.second):
            with scoped(pool, town.context(school), operation=LOOK) as uow:
                seen = uow.connection.execute("SELECT s.id FROM streams s").fetchall()
            assert sorted(seen) == sorted([(town.district,), (school,)])
    assert kept(pool)


def test_what_only_reports_keeps_nothing(pool: Pool) -> None:
    ask(pool, settle(pool), times=4, operation=REPORT)
    assert kept(pool) == []


def test_after_an_error_nothing_is_kept_and_the_next_is_served(pool: Pool) -> None:
    town = settle(pool)
    ask(pool, town)
    with pytest.raises(ZeroDivisionError), scoped(pool, town.context(), operation=LOOK):
        raise ZeroDivisionError
    assert kept(pool) == []
    ask(pool, town)
    assert kept(pool)


@pytest.mark.usefixtures("unchecked_statements")
def test_a_table_that_a_migration_altered_is_asked_again(pool: Pool, central_superuser: Dsn) -> None:
    town = settle(pool)

    def work() -> int:
        with scoped(pool, town.context(), operation=LOOK) as uow:
            query = "SELECT s.* FROM streams s WHERE s.district_id = %(district)s"
            return len(uow.connection.execute(query, {"district": town.district}).fetchall()[0])

    before = [run_retrying(work) for _ in range(3)][-1]
    with psycopg.connect(central_superuser.conninfo(), autocommit=True) as owner:
        owner.execute("ALTER TABLE streams ADD COLUMN added integer")
    assert run_retrying(work) == before + 1


def test_nothing_is_kept_before_the_tables_are_known_to_be_filled(central_dsns: Dsns, central_superuser: Dsn) -> None:
    with one_connection(central_dsns, 1_000) as pool:
        town = settle(pool)
        ask(pool, town)
        assert kept(pool) == []
        fill(central_superuser, town, 1_000)
        # Looked for again on each return, ten seconds after the last look.
        with pool.connection() as connection:
            connection.looks_again_at = 0.0  # type: ignore[attr-defined]
        ask(pool, town)
        assert kept(pool)


def fill(superuser: Dsn, town: Town, count: int) -> None:
    """Let PostgreSQL know of receipts, and say that it knows of doses."""
    with psycopg.connect(superuser.conninfo(), autocommit=True) as owner:
        owner.execute("SET session_replication_role = replica")
        owner.execute(
            RECEIPTS, {"district": town.district, "school": town.first, "device": town.medicine, "count": count}
        )
        owner.execute("ANALYZE receipts")
        owner.execute(DOSES)


@pytest.mark.usefixtures("unchecked_statements")
def test_a_plan_made_once_the_tables_are_filled_looks_receipts_up_by_their_keys(
    central_dsns: Dsns, central_superuser: Dsn
) -> None:
    with one_connection(central_dsns, 1_000) as pool:
        fill(central_superuser, settle(pool), 1_000)
        town = settle(pool)  # a school that has nothing yet, in a database of which PostgreSQL knows something
        assert indexes(pool, town) == {"pk_receipts", "uq_receipts_device_id_number"}


def indexes(pool: Pool, town: Town) -> set[str]:
    """Return the indexes by which the plan that would be kept for a batch's loading reads receipts."""
    names: list[str] = []
    text = intake_sql.load(students=True, unknown=False, doses=True, amended=False, limits=False, incidents=False)
    numbered = re.sub(r"%\((\w+)\)s", partial(_numbered, names), text)
    with scoped(pool, town.context(town.first, role="DEVICE"), operation=PUSH) as uow:
        lines = [row[0] for row in uow.connection.execute(f"EXPLAIN (GENERIC_PLAN) {numbered}".encode())]
    return {found[1] for line in lines if (found := re.search(r"using (\w+) on receipts", line))}


def _numbered(names: list[str], found: re.Match[str]) -> str:
    if found[1] not in names:
        names.append(found[1])
    return f"${names.index(found[1]) + 1}"
