"""The steps to signed contexts: the version before and this one work side by side until the last of them."""

from collections.abc import Callable

import psycopg
import pytest
from psycopg import Connection
from psycopg.rows import TupleRow
from tests.central_database import PASSWORDS
from tests.sync_server.db.central_world import ASH, columns_there, fill
from tests.sync_server.db.contexts_of_tests import put

from wc_sync_server.db import migrate
from wc_sync_server.db.grants import APP
from wc_sync_server.db.partitions import ensure_partitions
from wc_sync_server.db.provision import provision
from wc_sync_server.db.tables import METADATA
from wc_sync_server.embedded import Dsn

pytestmark = pytest.mark.postgres

VERSION_BEFORE = "20261123_180000"


def put_plainly(connection: Connection[TupleRow]) -> None:
    """Put a context as the version before did."""
    settings = {"wc.district": ASH.district, "wc.schools": ASH.school, "wc.role": "NURSE"}
    for name, value in settings.items():
        connection.execute("SELECT set_config(%s, %s, true)", (name, str(value)))


def put_signed(connection: Connection[TupleRow]) -> None:
    put(connection, ASH.district, (ASH.school,), "NURSE")


def students_seen(superuser: Dsn, enter: Callable[[Connection[TupleRow]], None]) -> int:
    with psycopg.connect(superuser.conninfo()) as connection:
        enter(connection)
        connection.execute(f"SET LOCAL ROLE {APP}".encode())
        return len(connection.execute("SELECT id FROM students").fetchall())


def test_both_versions_work_when_it_is_expanded_and_the_new_one_alone_at_the_end(
    fresh_database: Callable[..., Dsn],
) -> None:
    made = fresh_database()
    dsns = provision(made.conninfo(), made.database, PASSWORDS)
    migrate.upgrade(dsns.migrate, VERSION_BEFORE)
    ensure_partitions(dsns.migrate)
    with psycopg.connect(made.conninfo()) as connection:
        fill(connection)

    migrate.expand(dsns.migrate)
    with psycopg.connect(made.conninfo()) as connection:
        there = columns_there(connection)
    missing = {
        f"{table.name}.{column.name}"
        for table in METADATA.sorted_tables
        for column in table.columns
        if column.name not in there.get(table.name, set())
    }
    assert missing == set()
    assert students_seen(made, put_plainly) == students_seen(made, put_signed) == 1

    migrate.contract(dsns.migrate)
    assert (students_seen(made, put_plainly), students_seen(made, put_signed)) == (0, 1)
