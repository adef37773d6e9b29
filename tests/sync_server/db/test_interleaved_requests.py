"""Requests of two schools, one after the other on one connection, many of which end badly: no row crosses.

Straight to PostgreSQL, and through a real PgBouncer in session and in transaction mode. `make prove-rls` makes a
thousand requests of each.
"""

import os
import random
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from functools import partial

import psycopg
import pytest
from tests.central_database import PLANS_FROM
from tests.sync_server.db.district_of_tests import Town, settle, student_row
from tests.sync_server.db.poolers import PGBOUNCER, pooled

from wc_contract.model.errors import WhiteCrossError
from wc_contract.model.ids import SchoolId
from wc_contract.model.kinds import STUDENT
from wc_sync_server.db.context import DEVICE, Context, Timeouts
from wc_sync_server.db.context_keys import signer_of
from wc_sync_server.db.engine import Pool, connect_pool
from wc_sync_server.db.operations import PULL, PUSH
from wc_sync_server.db.provision import Dsns
from wc_sync_server.db.unit_of_work import UnitOfWork, scoped
from wc_sync_server.embedded import Dsn

pytestmark = [pytest.mark.postgres, pytest.mark.logs_warnings, pytest.mark.usefixtures("unchecked_statements")]

REQUESTS = int(os.environ.get("WC_INTERLEAVED_REQUESTS", "250"))
_BRIEF = Timeouts(statement=30)
_SEEN = "SELECT id, school_id, first_name FROM students"

needs_pooler = pytest.mark.skipif(PGBOUNCER is None, reason="there is no pgbouncer here: apt-get install pgbouncer")


@pytest.fixture(
    params=["straight", pytest.param("session", marks=needs_pooler), pytest.param("transaction", marks=needs_pooler)]
)
def way(request: pytest.FixtureRequest, shared_dsns: Dsns) -> Iterator[str]:
    with ExitStack() as stack:
        if request.param == "straight":
            yield shared_dsns.app
        else:
            yield stack.enter_context(pooled(shared_dsns, mode=request.param, connections=1))


def lost(superuser: Dsn, uow: UnitOfWork) -> None:
    """Let the backend be ended under a transaction."""
    ((process,),) = uow.connection.execute("SELECT pg_backend_pid()").fetchall()
    with psycopg.connect(superuser.conninfo(), autocommit=True) as other:
        other.execute("SELECT pg_terminate_backend(%s)", (process,))
    uow.connection.execute("SELECT 1")


def cancelled(uow: UnitOfWork) -> None:
    uow.connection.execute("SELECT pg_sleep(5)")


def refused(uow: UnitOfWork) -> None:
    uow.connection.execute("SELECT 1 / 0")


def crashed(_uow: UnitOfWork) -> None:
    raise ZeroDivisionError


def a_setting_left(uow: UnitOfWork) -> None:
    """Leave the context behind for the session, as a careless or a hostile statement would."""
    ((context,),) = uow.connection.execute("SELECT current_setting('wc.context')").fetchall()
    uow.connection.execute("SELECT set_config('wc.context', %s, false)", (context,))


def nothing(_uow: UnitOfWork) -> None:
    """End well."""


def test_no_row_crosses_between_two_schools_on_one_connection(
    way: str, shared_dsns: Dsns, shared_superuser: Dsn
) -> None:
    chance = random.Random(14)
    pool = connect_pool(way, signer=signer_of(shared_dsns.migrate), size=1, plans_from=PLANS_FROM)
    incidents: tuple[Callable[[UnitOfWork], None], ...] = (refused, crashed, cancelled, a_setting_left)
    try:
        town = settle(pool)
        pupils: dict[SchoolId, set[str]] = {SchoolId(town.first): set(), SchoolId(town.second): set()}
        ended: dict[str, int] = {}
        for number in range(REQUESTS):
            school = chance.choice(list(pupils))
            incident = nothing if chance.random() < 0.6 else chance.choice(incidents)
            if number % 50 == 25:
                incident = partial(lost, shared_superuser)
            name = getattr(incident, "__name__", "lost")
            with suppress(WhiteCrossError, ZeroDivisionError):
                if chance.random() < 0.3:
                    written = register(pool, town, school, incident, number)
                    pupils[school].add(written)
                else:
                    look(pool, town, school, incident, pupils[school])
                name += ", done"
            ended[name] = ended.get(name, 0) + 1
        for school, names in pupils.items():
            look(pool, town, school, nothing, names)
    finally:
        pool.close()
    assert {"refused", "crashed", "cancelled", "lost"} <= ended.keys()
    assert ended["lost"] == REQUESTS // 50
    assert ended["nothing, done"] > REQUESTS // 2
    assert all(len(names) > REQUESTS // 20 for names in pupils.values())


def register(pool: Pool, town: Town, school: SchoolId, incident: Callable[[UnitOfWork], None], number: int) -> str:
    row = student_row() | {"first_name": f"{school} {number}"}
    with scoped(pool, context(town, school), operation=PUSH, timeouts=_BRIEF) as uow:
        uow.lock_streams(school)
        uow.write_rows(STUDENT, school, [row])
        incident(uow)
        uow.commit()
    return str(row["first_name"])


def look(pool: Pool, town: Town, school: SchoolId, incident: Callable[[UnitOfWork], None], expected: set[str]) -> None:
    with scoped(pool, context(town, school), operation=PULL, timeouts=_BRIEF) as uow:
        rows = uow.connection.execute(_SEEN).fetchall()
        assert {row[1] for row in rows} <= {school}
        assert {row[2] for row in rows} == expected
        incident(uow)


def context(town: Town, school: SchoolId) -> Context:
    return Context(district=town.district, role=DEVICE, schools=(school,), user=town.nurse)
