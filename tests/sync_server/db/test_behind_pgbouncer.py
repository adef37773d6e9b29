"""Behind PgBouncer in transaction mode, where each transaction may get another server connection.

Runs where a `pgbouncer` is on the PATH or in /usr/sbin, or where WC_TEST_PGBOUNCER names one; `make test` installs it
as root, and names it otherwise.
"""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from tests.sync_server.db.district_of_tests import Town, settle, student_row
from tests.sync_server.db.poolers import PGBOUNCER, pooled

from wc_contract.model.kinds import STUDENT
from wc_sync_server.db.context_keys import signer_of
from wc_sync_server.db.engine import Pool, connect_pool
from wc_sync_server.db.operations import PULL
from wc_sync_server.db.provision import Dsns
from wc_sync_server.db.unit_of_work import scoped

pytestmark = [
    pytest.mark.postgres,
    pytest.mark.skipif(PGBOUNCER is None, reason="there is no pgbouncer here: apt-get install pgbouncer"),
]

SERVER_CONNECTIONS = 2
CLIENTS = 6


@pytest.fixture(scope="module")
def bouncer(shared_dsns: Dsns) -> Iterator[str]:
    """Give the application's way through a pooler that has fewer connections than we have clients."""
    with pooled(shared_dsns, mode="transaction", connections=SERVER_CONNECTIONS) as dsn:
        yield dsn


@pytest.fixture
def pool(bouncer: str, shared_dsns: Dsns) -> Iterator[Pool]:
    opened = connect_pool(bouncer, signer=signer_of(shared_dsns.migrate), size=CLIENTS)
    yield opened
    opened.close()


def register(pool: Pool, town: Town) -> None:
    """Write pupils into both schools, together, and put the heads forward."""
    with scoped(pool, town.context()) as uow:
        uow.lock_streams(town.first, town.second)
        with uow.together():
            uow.write_rows(STUDENT, town.first, [student_row(), student_row()])
            uow.write_rows(STUDENT, town.second, [student_row()])
            uow.advance_streams()
        uow.commit()


def seen(pool: Pool, town: Town) -> int:
    with scoped(pool, town.context(), operation=PULL) as uow:
        query = "SELECT count(*) FROM students WHERE district_id = %(district)s"
        count = uow.connection.execute(query, {"district": town.district}).fetchall()[0][0]
        stray = uow.connection.execute("SELECT count(DISTINCT district_id) FROM streams").fetchall()
    assert stray == [(1,)]
    return int(count)


@pytest.mark.usefixtures("unchecked_statements")
def test_districts_that_share_connections_see_only_their_own(pool: Pool) -> None:
    towns = [settle(pool) for _ in range(CLIENTS)]
    with ThreadPoolExecutor(CLIENTS) as clients:
        for _ in range(5):
            list(clients.map(register, [pool] * CLIENTS, towns))
    with ThreadPoolExecutor(CLIENTS) as clients:
        assert list(clients.map(seen, [pool] * CLIENTS, towns)) == [15] * CLIENTS


def test_nothing_stays_prepared_behind_a_pooler(bouncer: str, shared_dsns: Dsns) -> None:
    opened = connect_pool(bouncer, signer=signer_of(shared_dsns.migrate), size=1, plans_from=-1)
    try:
        town = settle(opened)
        for _ in range(4):
            with scoped(opened, town.context(), operation=PULL) as uow:
                found = uow.connection.execute("SELECT count(*) FROM pg_prepared_statements").fetchall()
                assert found == [(0,)]
    finally:
        opened.close()


def test_no_context_stays_on_a_connection_that_is_passed_on(pool: Pool) -> None:
    town = settle(pool)
    register(pool, town)
    for _ in range(2 * SERVER_CONNECTIONS):
        with pool.connection() as connection:
            left = connection.execute("SELECT current_setting('wc.context', true)").fetchall()
            assert left in ([("",)], [(None,)])
