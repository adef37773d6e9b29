"""Sealing goes on beside the writers: nothing honest is ever found, nobody waits, and no month's end refuses a line."""

import random
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Self

import psycopg
import pytest
from tests.sync_server.audit.sealed_world import KEY, Ways, ways_into, write_lines
from tests.sync_server.db.district_of_tests import AT, Town, new_id, settle

from wc_sync_server.audit.events import AuditEvent
from wc_sync_server.db.audit_sealer import ActivityHidden, AuditSealer
from wc_sync_server.db.context_keys import signer_of
from wc_sync_server.db.engine import connect_pool
from wc_sync_server.db.months import month_of
from wc_sync_server.db.partitions import ensure_partitions
from wc_sync_server.db.unit_of_work import scoped
from wc_sync_server.embedded import Dsn

pytestmark = pytest.mark.postgres


@pytest.fixture(scope="module")
def database(module_database: Callable[..., Dsn], central_template: str) -> Dsn:
    return module_database(central_template)


@pytest.fixture(scope="module")
def ways(database: Dsn) -> Iterator[Ways]:
    with ways_into(database) as made:
        yield made


@pytest.fixture
def town(ways: Ways) -> Town:
    return settle(ways.app)


@pytest.fixture
def own_database(central_superuser: Dsn) -> Dsn:
    """Give a database whose settings a test may change: a connection made meanwhile keeps them as long as it lives."""
    return central_superuser


@pytest.fixture
def own_ways(own_database: Dsn) -> Iterator[Ways]:
    with ways_into(own_database) as made:
        yield made


@pytest.fixture
def own_town(own_ways: Ways) -> Town:
    return settle(own_ways.app)


def event() -> AuditEvent:
    return AuditEvent(action="VIEW", entity_type="student", entity_id=str(new_id()), at=AT)


class Writers:
    """Threads that write lines in transactions of any length until they are stopped."""

    def __init__(self, ways: Ways, town: Town, seed: int, threads: int = 4) -> None:
        self._ways, self._town = ways, town
        self._stop = threading.Event()
        self.written = 0
        self.failed: list[BaseException] = []
        self._count = threading.Lock()
        self._threads = [
            threading.Thread(target=self._run, args=(random.Random(seed * 100 + n),)) for n in range(threads)
        ]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _run(self, chance: random.Random) -> None:
        try:
            while not self._stop.is_set():
                self._write(chance)
        except BaseException as error:  # noqa: BLE001  # the test's thread raises it
            self.failed.append(error)

    def _write(self, chance: random.Random) -> None:
        lines = chance.randint(1, 7)
        with scoped(self._ways.app, self._town.context()) as uow:
            for _ in range(lines):
                uow.audit([event()])
            self._stop.wait(chance.choice((0, 0, 0.001, 0.03)))
            if chance.random() < 0.2:
                return
            uow.commit()
        with self._count:
            self.written += lines


@pytest.mark.usefixtures("unchecked_statements")  # thousands of the same
@pytest.mark.parametrize("seed", range(2))
def test_no_honest_history_is_ever_found_fault_with(ways: Ways, town: Town, seed: int) -> None:
    sealers = [ways.sealer(most=50), ways.sealer(most=20)]
    with Writers(ways, town, seed) as writers:
        for turn in range(25):
            for sealer in sealers:
                sealer.seal(town.district)
            if turn % 5 == 0:
                assert ways.look(town.district).findings == []
    assert writers.failed == []
    sealers[0].seal(town.district)
    look = ways.look(town.district)
    assert (look.findings, look.lines, look.unsealed) == ([], writers.written, 0)
    assert writers.written > 50


def test_what_is_still_open_is_not_sealed_over(ways: Ways, town: Town) -> None:
    with scoped(ways.app, town.context()) as uow:
        uow.audit([event()])
        write_lines(ways.app, town)
        assert sum(seal.lines for seal in ways.sealer().seal(town.district)) == 0
        uow.commit()
    (seal,) = ways.sealer().seal(town.district)
    assert seal.lines == 6
    assert ways.look(town.district).findings == []


def test_nothing_is_sealed_when_the_database_hides_what_is_open(
    own_ways: Ways, own_town: Town, own_database: Dsn
) -> None:
    write_lines(own_ways.app, own_town)
    whose = f"ALTER ROLE wc_app IN DATABASE {own_database.database}"
    with psycopg.connect(own_database.conninfo(), autocommit=True) as connection:
        connection.execute(f"{whose} SET track_activities = off".encode())
        try:
            with ways_into(own_database) as blind, pytest.raises(ActivityHidden):
                AuditSealer(blind.app, blind.reader, KEY).seal(own_town.district)
        finally:
            connection.execute(f"{whose} RESET track_activities".encode())
    assert sum(seal.lines for seal in own_ways.sealer().seal(own_town.district)) == 5


def test_two_sealers_at_once_seal_once(ways: Ways, town: Town) -> None:
    for _ in range(5):
        write_lines(ways.app, town)
    pools = [connect_pool(ways.dsns.audit_reader, signer=signer_of(ways.dsns.migrate), size=1) for _ in range(4)]
    made: list[int] = []
    start = threading.Barrier(len(pools))

    def seal(number: int) -> None:
        start.wait()
        made.append(len(AuditSealer(ways.app, pools[number], KEY, margin=timedelta(0), most=100).seal(town.district)))

    threads = [threading.Thread(target=seal, args=(number,)) for number in range(len(pools))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for pool in pools:
        pool.close()
    look = ways.look(town.district)
    assert (look.findings, look.lines) == ([], 25)
    assert sum(made) == look.seals


def test_sealed_a_moment_ago_is_left_to_whoever_did(ways: Ways, town: Town) -> None:
    write_lines(ways.app, town)
    assert len(ways.sealer().seal(town.district)) == 1
    write_lines(ways.app, town)
    assert ways.sealer().seal(town.district, unless_within=timedelta(minutes=1)) == ()
    assert len(ways.sealer().seal(town.district)) == 1


def test_a_quiet_night_is_sealed_as_quiet(ways: Ways, town: Town) -> None:
    now = datetime.now(UTC)
    ensure_partitions(ways.dsns.migrate, since=(now - timedelta(days=1)).date())
    write_lines(ways.app, town, now - timedelta(hours=5))
    ways.sealer(margin=timedelta(hours=4)).seal(town.district)
    seals = ways.sealer().seal(town.district)
    assert [seal.lines for seal in seals][-1] == 0
    assert ways.look(town.district).findings == []


def test_a_clock_that_was_set_back_dates_nothing_into_what_is_sealed(ways: Ways, town: Town) -> None:
    now = datetime.now(UTC)
    ensure_partitions(ways.dsns.migrate, since=(now - timedelta(days=1)).date())
    write_lines(ways.app, town)
    (seal,) = ways.sealer().seal(town.district)
    write_lines(ways.app, town, now - timedelta(hours=3))
    (again,) = ways.sealer().seal(town.district)
    assert (again.starts_at, again.lines) == (seal.ends_at, 5)
    assert ways.look(town.district).findings == []


@contextmanager
def clock_moved(database: Dsn, by: timedelta) -> Iterator[Ways]:
    """Give ways into the database on which the application's clock is moved."""
    whose = f"ALTER ROLE wc_app IN DATABASE {database.database}"
    with psycopg.connect(database.conninfo(), autocommit=True) as connection:
        millis = int(by.total_seconds() * 1000)
        connection.execute(f"{whose} SET wc.demo_clock_offset = '{millis} milliseconds'".encode())
        try:
            with ways_into(database) as made:
                yield made
        finally:
            connection.execute(f"{whose} RESET wc.demo_clock_offset".encode())


@pytest.mark.logs_warnings
def test_a_clock_that_was_years_ahead_and_was_put_right_refuses_nothing(
    own_ways: Ways, own_town: Town, own_database: Dsn
) -> None:
    with clock_moved(own_database, timedelta(days=5 * 365)) as ahead:
        write_lines(ahead.app, own_town)
        assert ahead.sealer().seal(own_town.district)
    write_lines(own_ways.app, own_town)
    ensure_partitions(own_ways.dsns.migrate)
    write_lines(own_ways.app, own_town)
    look = own_ways.look(own_town.district)
    assert (look.lines, look.unsealed) == (5, 5)
    # Before its month was made the far date was no place for a line, so those five stand where they look slipped in.
    assert len(look.findings) == 5


@pytest.mark.usefixtures("unchecked_statements")
@pytest.mark.parametrize("ready", [True, False], ids=["the next month is there", "nobody made the next month"])
@pytest.mark.logs_warnings
def test_a_months_end_under_load_refuses_nothing(own_town: Town, own_database: Dsn, ready: bool) -> None:
    now = datetime.now(UTC)
    coming = month_of(now).after(1)
    if not ready:
        with psycopg.connect(own_database.conninfo(), autocommit=True) as connection:
            connection.execute(f"DROP TABLE IF EXISTS {coming.table}".encode())
    with clock_moved(own_database, coming.begins - now - timedelta(seconds=1.5)) as then:
        sealer = then.sealer(most=200)
        with Writers(then, own_town, seed=7) as writers:
            pause = threading.Event()
            for turn in range(12):
                pause.wait(0.25)
                sealer.seal(own_town.district)
                if turn >= 8:
                    ensure_partitions(then.dsns.migrate)
        assert writers.failed == []
        sealer.seal(own_town.district)
        look = then.look(own_town.district)
        assert (look.findings, look.lines, look.unsealed) == ([], writers.written, 0)
    assert_both_months(own_database, own_town, coming.begins)


def assert_both_months(database: Dsn, town: Town, turn: datetime) -> None:
    with psycopg.connect(database.conninfo()) as connection:
        ((before, after, misplaced),) = connection.execute(
            "SELECT count(*) FILTER (WHERE received_at < %(turn)s), count(*) FILTER (WHERE received_at >= %(turn)s),"
            " (SELECT count(*) FROM audit_overflow WHERE district_id = %(district)s) FROM audit_logs"
            " WHERE district_id = %(district)s",
            {"turn": turn, "district": town.district},
        ).fetchall()
    assert before
    assert after
    assert misplaced == 0


def test_making_months_makes_no_writer_wait(ways: Ways, town: Town, database: Dsn) -> None:
    with psycopg.connect(database.conninfo(), autocommit=True) as connection:
        connection.execute(f"DROP TABLE IF EXISTS {month_of(datetime.now(UTC)).after(3).table}".encode())
    with scoped(ways.app, town.context()) as uow:
        uow.audit([event()])
        assert ensure_partitions(ways.dsns.migrate)
        write_lines(ways.app, town)
        uow.commit()
