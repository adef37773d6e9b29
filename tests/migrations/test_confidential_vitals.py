"""The third central revision: rows that were there are seen by fewer from then on, and by the same again afterwards."""

from collections.abc import Callable

import psycopg
import pytest
from tests.central_database import PASSWORDS
from tests.migrations.test_central import ASPECTS, aspect
from tests.sync_server.db.central_world import ASH, fill
from tests.sync_server.db.probes import acting

from wc_sync_server.db import migrate
from wc_sync_server.db.grants import APP
from wc_sync_server.db.partitions import ensure_partitions
from wc_sync_server.db.provision import provision
from wc_sync_server.db.tables.roles import CONFIDENTIAL_READERS, ROLES
from wc_sync_server.embedded import Dsn

pytestmark = pytest.mark.postgres

SECOND, THIRD = "20261123_070000", "20261123_113000"


def who_sees(superuser: Dsn) -> set[str]:
    """Return the roles that see what was measured at ASH, in a confidential visit."""
    with psycopg.connect(superuser.conninfo()) as connection:
        found = set()
        for role in ROLES:
            with acting(connection, APP, ASH, who=role):
                if connection.execute("SELECT id FROM vital_signs").fetchall():
                    found.add(role)
        return found


def test_vital_signs_that_were_there_are_seen_with_their_visit(fresh_database: Callable[..., Dsn]) -> None:
    made = fresh_database()
    dsns = provision(made.conninfo(), made.database, PASSWORDS)
    migrate.upgrade(dsns.migrate, SECOND)
    ensure_partitions(dsns.migrate)
    before = {name: aspect(made.conninfo(), name) for name in ASPECTS}
    with psycopg.connect(made.conninfo()) as connection:
        fill(connection)
    assert who_sees(made) == ROLES

    migrate.upgrade(dsns.migrate, THIRD)
    assert who_sees(made) == set(CONFIDENTIAL_READERS)
    with psycopg.connect(made.conninfo()) as connection:
        assert connection.execute("SELECT count(*) FROM vital_signs").fetchall() == [(3,)]

    migrate.downgrade(dsns.migrate, SECOND)
    assert who_sees(made) == ROLES
    assert {name: aspect(made.conninfo(), name) for name in ASPECTS} == before
