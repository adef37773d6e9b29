"""Every failure that passes, caused for real: the whole transaction is done again, and nothing is lost or doubled."""

import os
import signal
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import pytest
from psycopg import Connection
from tests.central_database import PASSWORDS
from tests.cutting_proxy import Cut, CuttingProxy, through_proxy
from tests.sync_server.db.district_of_tests import Row, Town, settle, student_row

from wc_contract.model.kinds import STUDENT
from wc_sync_server.db import migrate
from wc_sync_server.db.context import Isolation, Timeouts
from wc_sync_server.db.context_keys import signer_of
from wc_sync_server.db.engine import Pool, connect_pool
from wc_sync_server.db.errors import TryAgain
from wc_sync_server.db.provision import Dsns, provision
from wc_sync_server.db.retry import Patience, run_retrying
from wc_sync_server.db.unit_of_work import UnitOfWork, scoped
from wc_sync_server.embedded import Dsn, EmbeddedPostgres

pytestmark = [pytest.mark.postgres, pytest.mark.logs_warnings]  # the pool tells of each connection it lost

Step = Callable[[UnitOfWork], None]


def nothing(_uow: UnitOfWork) -> None:
    """Let the transaction be."""


class Registering:
    """A transaction that registers a pupil once: it looks for its own receipt, and meets a fault at its first try."""

    def __init__(self, pool: Pool, town: Town, fault: Step = nothing, **options: Any) -> None:
        self.pool = pool
        self.town = town
        self.fault = fault
        self.options = options
        self.row: Row = student_row()
        self.found: list[bool] = []  # at each try: was the pupil there already
        self.states: list[str | None] = []  # at each failure: what PostgreSQL said

    def __call__(self) -> str:
        first = not self.found and not self.states
        try:
            with scoped(self.pool, self.town.context(), **(self.options if first else {})) as uow:
                if first:
                    self.fault(uow)
                self._register(uow)
                uow.commit()
        except TryAgain as error:
            self.states.append(error.sqlstate)
            raise
        return "done"

    def _register(self, uow: UnitOfWork) -> None:
        uow.lock_streams(self.town.first)
        query = "SELECT 1 FROM students WHERE district_id = %(district)s AND id = %(id)s"
        known = uow.connection.execute(query, {"district": self.town.district, "id": self.row["id"]}).fetchone()
        self.found.append(known is not None)
        if known is None:
            uow.write_rows(STUDENT, self.town.first, [self.row])


@pytest.fixture
def town(shared_pool: Pool) -> Town:
    return settle(shared_pool)


@pytest.fixture
def other(shared_superuser: Dsn) -> Iterator[Connection[Any]]:
    """Give somebody else's session."""
    with psycopg.connect(shared_superuser.conninfo()) as connection:
        yield connection


@pytest.fixture
def proxied(shared_dsns: Dsns) -> Iterator[tuple[Pool, CuttingProxy]]:
    with through_proxy(shared_dsns.app) as (dsn, proxy):
        pool = connect_pool(dsn, signer=signer_of(shared_dsns.migrate), size=2)
        yield pool, proxy
        pool.close()


def patient(heal: Callable[[], object] = lambda: None) -> Patience:
    """Return the patience of a request, whose first wait mends what was broken."""
    pending = [heal]

    def wait(_seconds: float) -> None:
        if pending:
            pending.pop()()

    return Patience(wait=wait)


def registered(superuser: Dsn, town: Town) -> list[tuple[Any, ...]]:
    """Return (pupils, head of the first school's stream, newest row_version): 1, 1, 1 when it happened once."""
    query = """SELECT (SELECT count(*) FROM students WHERE district_id = %(d)s),
                      (SELECT max(head) FROM streams WHERE district_id = %(d)s AND kind = 'SCHOOL'),
                      (SELECT max(row_version) FROM students WHERE district_id = %(d)s)"""
    with psycopg.connect(superuser.conninfo()) as connection:
        return connection.execute(query, {"d": town.district}).fetchall()


def end_all(other: Connection[Any]) -> int:
    """End every connection of the application to this database; return how many there were."""
    query = """SELECT count(pg_terminate_backend(pid, 5000)) FROM pg_stat_activity
               WHERE usename = 'wc_app' AND datname = current_database()"""
    return int(other.execute(query).fetchall()[0][0])


def pupils(pool: Pool, town: Town) -> list[UUID]:
    """Register two pupils and return their ids, in order."""
    rows = [student_row(), student_row()]
    with scoped(pool, town.context()) as uow:
        uow.lock_streams(town.second)
        uow.write_rows(STUDENT, town.second, rows)
        uow.commit()
    return sorted(UUID(str(row["id"])) for row in rows)


LOCK = "SELECT 1 FROM students WHERE id = %s FOR UPDATE"


def test_a_deadlock_is_done_again(shared_pool: Pool, town: Town, other: Connection[Any], shared_superuser: Dsn) -> None:
    low, high = pupils(shared_pool, town)
    other.execute("SET deadlock_timeout = '1min'")  # so that the other one is chosen to give way
    other.execute(LOCK, (high,))

    with ThreadPoolExecutor(1) as crossing:

        def cross(uow: UnitOfWork) -> None:
            uow.lock_rows("students", [low])
            answer = crossing.submit(other.execute, LOCK, (low,))
            assert not answer.done()
            uow.connection.execute("SELECT 1 FROM students WHERE district_id = %s AND id = %s FOR UPDATE",
                                   (town.district, high))  # fmt: skip

        def register_after(uow: UnitOfWork) -> None:
            with pytest.raises(psycopg.errors.DeadlockDetected) as met:
                cross(uow)
            other.rollback()
            raise met.value

        work = Registering(shared_pool, town, register_after)
        assert run_retrying(work, patience=patient()) == "done"
    assert work.states == ["40P01"]
    assert registered(shared_superuser, town) == [(3, 2, 2)]


def test_a_lock_that_does_not_come_is_waited_for_anew(
    shared_pool: Pool, town: Town, other: Connection[Any], shared_superuser: Dsn
) -> None:
    other.execute("SELECT 1 FROM streams WHERE id = %s FOR UPDATE", (town.first,))
    work = Registering(shared_pool, town, timeouts=Timeouts(lock=50))
    assert run_retrying(work, patience=patient(other.rollback)) == "done"
    assert work.states == ["55P03"]
    assert registered(shared_superuser, town) == [(1, 1, 1)]


def test_a_server_process_that_is_ended_is_replaced(
    shared_pool: Pool, town: Town, other: Connection[Any], shared_superuser: Dsn
) -> None:
    def end(uow: UnitOfWork) -> None:
        other.execute("SELECT pg_terminate_backend(%s, 5000)", (uow.connection.info.backend_pid,))

    work = Registering(shared_pool, town, end)
    assert run_retrying(work, patience=patient()) == "done"
    assert work.states == ["57P01"]
    assert registered(shared_superuser, town) == [(1, 1, 1)]


def test_a_statement_that_is_cancelled_is_done_again(shared_pool: Pool, town: Town, shared_superuser: Dsn) -> None:
    def dawdle(uow: UnitOfWork) -> None:
        uow.connection.execute("SELECT pg_sleep(60)")

    work = Registering(shared_pool, town, dawdle, timeouts=Timeouts(statement=50))
    assert run_retrying(work, patience=patient()) == "done"
    assert work.states == ["57014"]
    assert registered(shared_superuser, town) == [(1, 1, 1)]


def test_a_serialization_failure_is_done_again(
    shared_pool: Pool, town: Town, other: Connection[Any], shared_superuser: Dsn
) -> None:
    def look_before_another_writes(uow: UnitOfWork) -> None:
        uow.connection.execute("SELECT 1 FROM streams WHERE district_id = %s", (town.district,))
        other.execute("UPDATE streams SET updated_at = updated_at + interval '1 second' WHERE id = %s", (town.first,))
        other.commit()

    work = Registering(shared_pool, town, look_before_another_writes, isolation=Isolation.REPEATABLE_READ)
    assert run_retrying(work, patience=patient()) == "done"
    assert work.states == ["40001"]
    assert registered(shared_superuser, town) == [(1, 1, 1)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """A server that a test may stop, kill and promote, with a town on it."""

    server: EmbeddedPostgres
    superuser: Dsn
    pool: Pool
    town: Town
    data: Path

    def promote(self) -> None:
        with psycopg.connect(self.superuser.conninfo(), autocommit=True) as connection:
            assert connection.execute("SELECT pg_promote(true, 30)").fetchall() == [(True,)]

    def pull_the_plug(self, uow: UnitOfWork) -> None:
        # Its own process too: one that lost its postmaster still goes on for a moment.
        postmaster = int((self.data / "postmaster.pid").read_text(encoding="ascii").split()[0])
        for pid in (postmaster, uow.connection.info.backend_pid):
            os.kill(pid, signal.SIGKILL)


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    server = EmbeddedPostgres(tmp_path_factory.mktemp("machine"))  # one that is not durable does not outlive a stop
    server.start()
    try:
        superuser = server.create_database("town")
        ways = provision(superuser.conninfo(), "town", PASSWORDS)
        migrate.upgrade(ways.migrate)
        pool = connect_pool(ways.app, signer=signer_of(ways.migrate), size=2)
        with psycopg.connect(superuser.conninfo()) as connection:
            ((data,),) = connection.execute("SHOW data_directory").fetchall()
        yield Machine(server=server, superuser=superuser, pool=pool, town=settle(pool), data=Path(data))
        pool.close()
    finally:
        server.erase()


def test_a_server_that_became_a_standby_is_waited_for_until_it_is_promoted(machine: Machine) -> None:
    """25006: what a demoted primary says, before the proxy in front of it has found the new one."""
    town = settle(machine.pool)
    machine.server.stop()
    (machine.data / "standby.signal").touch(mode=0o600)
    machine.server.start()
    work = Registering(machine.pool, town)
    assert run_retrying(work, patience=patient(machine.promote)) == "done"
    assert work.states == ["25006"]
    assert registered(machine.superuser, town) == [(1, 1, 1)]


def test_a_server_that_lost_its_power_is_waited_for_until_it_runs_again(machine: Machine) -> None:
    town = settle(machine.pool)
    work = Registering(machine.pool, town, machine.pull_the_plug)
    assert run_retrying(work, patience=patient(machine.server.start)) == "done"
    # A process that outlives its postmaster by a moment says so (57P01); one that does not just falls silent.
    assert work.states[0] in {None, "57P01"}
    assert registered(machine.superuser, town) == [(1, 1, 1)]


def test_a_database_that_its_operator_made_read_only_is_waited_for(
    shared_dsns: Dsns, town: Town, other: Connection[Any], shared_superuser: Dsn
) -> None:
    setting = f"ALTER DATABASE {shared_superuser.database} SET default_transaction_read_only"
    other.execute(f"{setting} = on".encode())
    other.commit()
    pool = connect_pool(shared_dsns.app, signer=signer_of(shared_dsns.migrate), size=1)

    def allow() -> None:
        other.execute("SET default_transaction_read_only = off")
        other.execute(f"{setting} = off".encode())
        other.commit()
        end_all(other)

    work = Registering(pool, town)
    assert run_retrying(work, patience=patient(allow)) == "done"
    assert work.states == ["25006"]
    assert registered(shared_superuser, town) == [(1, 1, 1)]
    pool.close()


def test_a_connection_lost_without_a_word_is_replaced(
    town: Town, proxied: tuple[Pool, CuttingProxy], shared_superuser: Dsn
) -> None:
    pool, proxy = proxied

    def lose(_uow: UnitOfWork) -> None:
        proxy.cut_now()

    work = Registering(pool, town, lose)
    assert run_retrying(work, patience=patient()) == "done"
    assert work.states == [None]
    assert registered(shared_superuser, town) == [(1, 1, 1)]


def test_a_commit_whose_answer_is_lost_is_found_done(
    town: Town, proxied: tuple[Pool, CuttingProxy], shared_superuser: Dsn
) -> None:
    pool, proxy = proxied
    proxy.cut_next_commits(Cut.AFTER_COMMIT)
    work = Registering(pool, town)
    assert run_retrying(work, patience=patient()) == "done"
    assert proxy.cuts_left == 0
    assert (work.states, work.found) == ([None], [False, True])
    assert registered(shared_superuser, town) == [(1, 1, 1)]


def test_a_commit_that_never_arrived_is_done_once(
    town: Town, proxied: tuple[Pool, CuttingProxy], shared_superuser: Dsn
) -> None:
    pool, proxy = proxied
    proxy.cut_next_commits(Cut.BEFORE_COMMIT)
    work = Registering(pool, town)
    assert run_retrying(work, patience=patient()) == "done"
    assert (work.states, work.found) == ([None], [False, False])
    assert registered(shared_superuser, town) == [(1, 1, 1)]


def test_bad_luck_in_a_row_is_outlasted(town: Town, proxied: tuple[Pool, CuttingProxy], shared_superuser: Dsn) -> None:
    pool, proxy = proxied
    proxy.cut_next_commits(Cut.BEFORE_COMMIT, Cut.AFTER_COMMIT, Cut.AFTER_COMMIT)
    work = Registering(pool, town)
    assert run_retrying(work, patience=patient()) == "done"
    assert work.found == [False, False, True, True]
    assert registered(shared_superuser, town) == [(1, 1, 1)]


def test_a_pool_hands_on_no_connection_that_died_while_it_lay_there(
    shared_pool: Pool, town: Town, other: Connection[Any]
) -> None:
    """A restart ends every connection of a pool; whoever comes next does not have to find that out."""
    together = threading.Barrier(4)

    def hold() -> None:
        with scoped(shared_pool, town.context(), read_only=True):
            together.wait(10)

    holders = [threading.Thread(target=hold) for _ in range(4)]
    for holder in holders:
        holder.start()
    for holder in holders:
        holder.join()
    assert end_all(other) >= 4
    for _ in range(4):
        with scoped(shared_pool, town.context(), read_only=True) as uow:
            assert uow.connection.execute("SELECT 1").fetchall() == [(1,)]
