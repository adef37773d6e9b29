"""Hints between processes: heard at once, missed without harm, and nobody who stops waits for one."""

from threading import Event, Thread

import pytest
from tests.sync_server.db.district_of_tests import AT, Town, settle

from wc_contract.model.ids import DistrictId
from wc_sync_server.db.directory import District, add_district
from wc_sync_server.db.engine import Pool
from wc_sync_server.db.errors import DatabaseUnavailable
from wc_sync_server.db.provision import Dsns
from wc_sync_server.db.repositories.cells import HOME, Cells
from wc_sync_server.db.repositories.hints import PostgresHints

pytestmark = pytest.mark.postgres

FOR_EVER = 3600.0


def listening(hints: PostgresHints, heard: list[frozenset[DistrictId]]) -> Thread:
    """Listen in a thread of its own, as the server does; give it back once it listens."""
    hints.hear(0.1)
    thread = Thread(target=lambda: heard.append(hints.hear(FOR_EVER)))
    thread.start()
    return thread


@pytest.fixture
def town(shared_pool: Pool) -> Town:
    made = settle(shared_pool)
    add_district(shared_pool, District(id=made.district, code=f"elm-{made.district}", name="Elm"), AT)
    return made


@pytest.fixture
def hints(shared_pool: Pool, shared_dsns: Dsns) -> PostgresHints:
    return PostgresHints(Cells(shared_pool, {HOME: shared_dsns.app}), shared_dsns.app)


def test_a_hint_is_heard(hints: PostgresHints, town: Town) -> None:
    heard: list[frozenset[DistrictId]] = []
    thread = listening(hints, heard)
    hints.tell(town.district)
    thread.join(30)
    assert heard == [frozenset({town.district})]
    hints.hush()
    hints.close()


def test_telling_keeps_nobody_waiting_though_the_database_is_away(shared_pool: Pool, town: Town) -> None:
    asked = Event()

    class Away(Cells):
        def pool_for(self, district: DistrictId) -> Pool:
            del district
            asked.set()
            raise DatabaseUnavailable("gone")

    hints = PostgresHints(Away(shared_pool, {HOME: ""}), "")
    hints.tell(town.district)
    assert asked.wait(30)
    # The thread that tells outlives it: the next one is told again.
    asked.clear()
    hints.tell(town.district)
    assert asked.wait(30)
    hints.hush()


def test_who_listens_is_let_go_when_the_server_stops(hints: PostgresHints) -> None:
    heard: list[frozenset[DistrictId]] = []
    thread = listening(hints, heard)
    hints.hush()
    thread.join(30)
    assert heard == [frozenset()]
    hints.close()


def test_who_waits_without_a_database_is_let_go_too(shared_pool: Pool, shared_dsns: Dsns) -> None:
    cells = Cells(shared_pool, {HOME: shared_dsns.app})
    nowhere = PostgresHints(cells, "postgresql://127.0.0.1:1/nowhere?connect_timeout=1")
    heard: list[frozenset[DistrictId]] = []
    thread = Thread(target=lambda: heard.append(nowhere.hear(FOR_EVER)))
    thread.start()
    nowhere.hush()
    thread.join(30)
    assert heard == [frozenset()]
