"""Whatever is done to the audit behind the server's back is found, and the first line that shows it is named."""

from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest
from psycopg import Connection
from tests.sync_server.audit.sealed_world import Sealed, Ways, look_within, seal_a_world, ways_into, write_lines
from tests.sync_server.audit.tampering import DEEDS, Found, Scene

from wc_sync_server.db.audit_lines import AuditRecord
from wc_sync_server.embedded import Dsn

pytestmark = pytest.mark.postgres


@pytest.fixture(scope="module")
def database(module_database: Callable[..., Dsn], central_template: str) -> Dsn:
    return module_database(central_template)


@pytest.fixture(scope="module")
def ways(database: Dsn) -> Iterator[Ways]:
    with ways_into(database) as made:
        yield made


@pytest.fixture(scope="module")
def world(ways: Ways) -> Sealed:
    return seal_a_world(ways)


@pytest.fixture
def scene(database: Dsn, world: Sealed) -> Iterator[Scene]:
    """Give a superuser's transaction, which ends without a trace."""
    with psycopg.connect(database.conninfo()) as connection:
        yield Scene(connection=connection, record=AuditRecord(connection, world.town.district), world=world)
        connection.rollback()


def done(scene: Scene, name: str) -> Found:
    return DEEDS[name][0](scene)


def test_an_honest_audit_is_as_sealed(ways: Ways, world: Sealed) -> None:
    for town, lines in ((world.town, 60), (world.other, 12)):
        look = ways.look(town.district)
        assert (look.findings, look.lines, look.unsealed) == ([], lines, 0)
    assert ways.look(world.town.district, world.anchored).findings == []


@pytest.mark.parametrize("name", DEEDS)
def test_it_is_found_and_the_first_line_is_named(scene: Scene, world: Sealed, name: str) -> None:
    wanted = done(scene, name)
    first = look_within(scene.connection, world.town, world.anchored if DEEDS[name][1] else None).first
    assert first is not None
    assert Found(what=first.what, line=first.line, seal=first.seal) == wanted


@pytest.mark.parametrize("name", [name for name in DEEDS if "table" not in name])
def test_the_other_district_is_as_it_was(scene: Scene, world: Sealed, name: str) -> None:
    done(scene, name)
    assert look_within(scene.connection, world.other).findings == []


@pytest.mark.parametrize("name", [name for name, (_, anchor) in DEEDS.items() if anchor])
def test_what_only_the_anchor_shows_is_not_found_without_it(scene: Scene, world: Sealed, name: str) -> None:
    done(scene, name)
    assert look_within(scene.connection, world.town).findings == []


def test_there_are_more_than_the_twelve_kinds() -> None:
    assert len(DEEDS) >= 30


def test_moving_between_overflow_and_month_changes_nothing(scene: Scene, world: Sealed) -> None:
    scene.do(
        "WITH gone AS (DELETE FROM audit_logs WHERE id = ANY (%s) RETURNING *)"
        " INSERT INTO audit_overflow SELECT * FROM gone",
        list(world.lines[::7]),
    )
    assert look_within(scene.connection, world.town).findings == []


def test_a_district_without_lines_is_as_sealed(connection_of: Callable[[], Connection[Any]], world: Sealed) -> None:
    with connection_of() as connection:
        connection.execute("DELETE FROM audit_logs")
        connection.execute("DELETE FROM audit_seals")
        look = look_within(connection, world.town)
        connection.rollback()
    assert (look.findings, look.seals, look.unsealed, look.sealed_until) == ([], 0, 0, None)


@pytest.fixture
def connection_of(database: Dsn) -> Callable[[], Connection[Any]]:
    return lambda: psycopg.connect(database.conninfo())


class TestAfterwards:
    """What goes on in the world; these leave it changed and so have one of their own."""

    @pytest.fixture
    def ways(self, fresh_database: Callable[..., Dsn], central_template: str) -> Iterator[Ways]:
        with ways_into(fresh_database(central_template)) as made:
            yield made

    @pytest.fixture
    def world(self, ways: Ways) -> Sealed:
        return seal_a_world(ways)

    def test_a_sealed_audit_goes_on(self, ways: Ways, world: Sealed) -> None:
        write_lines(ways.app, world.town)
        before = ways.look(world.town.district, world.anchored)
        assert (before.findings, before.unsealed) == ([], 5)
        (seal,) = ways.sealer(most=100).seal(world.town.district)
        assert (seal.number, seal.lines) == (len(world.anchored) + 1, 5)
        after = ways.look(world.town.district, world.anchored)
        assert (after.findings, after.lines, after.unsealed) == ([], 65, 0)
