"""Behind PgBouncer in transaction mode, where each transaction may get another server connection.

Runs where a `pgbouncer` is on the PATH or in /usr/sbin, or where WC_TEST_PGBOUNCER names one; `make test` installs it
as root, and names it otherwise.
"""

import os
import shutil
import socket
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from tests.sync_server.db.district_of_tests import Town, settle, student_row

from wc_contract.model.kinds import STUDENT
from wc_sync_server.db.engine import Pool, connect_pool
from wc_sync_server.db.operations import PULL
from wc_sync_server.db.provision import Dsns
from wc_sync_server.db.unit_of_work import scoped
from wc_sync_server.embedded.account import choose_account

PGBOUNCER = os.environ.get("WC_TEST_PGBOUNCER") or shutil.which("pgbouncer") or shutil.which("/usr/sbin/pgbouncer")

pytestmark = [
    pytest.mark.postgres,
    pytest.mark.skipif(PGBOUNCER is None, reason="there is no pgbouncer here: apt-get install pgbouncer"),
]

SERVER_CONNECTIONS = 2
CLIENTS = 6

_SETTINGS = """
[databases]
{database} = host={socket} port={port} dbname={database}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {listen}
unix_socket_dir =
auth_type = trust
auth_file = {folder}/users
pool_mode = transaction
default_pool_size = {connections}
max_client_conn = 50
logfile = {folder}/log
"""


@pytest.fixture(scope="module")
def bouncer(shared_dsns: Dsns) -> Iterator[str]:
    """Give the application's way through a pooler that has fewer connections than we have clients."""
    parts = conninfo_to_dict(shared_dsns.app)
    with socket.create_server(("127.0.0.1", 0)) as probe:
        listen = probe.getsockname()[1]
    account = choose_account()
    # Not in pytest's own folder: the pooler's account cannot enter that one.
    with tempfile.TemporaryDirectory(prefix="wc-pgbouncer-") as made:
        folder = Path(made)
        (folder / "users").write_text(f'"{parts["user"]}" "{parts["password"]}"\n', encoding="utf-8")
        settings = _SETTINGS.format(
            database=parts["dbname"],
            socket=parts["host"],
            port=parts.get("port", 5432),
            listen=listen,
            folder=folder,
            connections=SERVER_CONNECTIONS,
        )
        (folder / "settings").write_text(settings, encoding="utf-8")
        for path in (folder, *folder.iterdir()):
            account.owns(path)
        process = subprocess.Popen(
            [str(PGBOUNCER), str(folder / "settings")],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd="/",
            **account.identity(),
        )
        try:
            dsn = make_conninfo(shared_dsns.app, host="127.0.0.1", port=listen, sslmode="disable", gssencmode="disable")
            _await(dsn)
            yield dsn
        finally:
            process.kill()
            process.wait()


def _await(dsn: str) -> None:
    pause = threading.Event()
    for _ in range(200):
        try:
            psycopg.connect(dsn).close()
        except psycopg.OperationalError:
            pause.wait(0.05)
        else:
            return
    raise AssertionError("pgbouncer never answered")


@pytest.fixture
def pool(bouncer: str) -> Iterator[Pool]:
    opened = connect_pool(bouncer, size=CLIENTS)
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


def test_nothing_stays_prepared_behind_a_pooler(bouncer: str) -> None:
    opened = connect_pool(bouncer, size=1, plans_from=-1)
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
            left = connection.execute("SELECT current_setting('wc.district', true)").fetchall()
            assert left in ([("",)], [(None,)])
