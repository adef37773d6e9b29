"""The fourth central revision: facts that were there stay at their school and take what the server says of them."""

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
from wc_sync_server.embedded import Dsn

pytestmark = pytest.mark.postgres

THIRD, FOURTH = "20261123_113000", "20261123_114000"
FACTS = ("incident_addenda", "inventory_transactions", "medication_ledger", "medication_logs", "order_versions")


def changed_by_application(superuser: Dsn, column: str) -> set[str]:
    """Return the tables of facts in which the application could change a column of a row of ASH."""
    found = set()
    with psycopg.connect(superuser.conninfo()) as connection:
        for table in FACTS:
            try:
                with acting(connection, APP, ASH):
                    if connection.execute(f"UPDATE {table} SET {column} = {column}".encode()).rowcount:
                        found.add(table)
            except psycopg.errors.InsufficientPrivilege:
                continue
    return found


def test_facts_that_were_there_stay_at_their_school(fresh_database: Callable[..., Dsn]) -> None:
    made = fresh_database()
    dsns = provision(made.conninfo(), made.database, PASSWORDS)
    migrate.upgrade(dsns.migrate, THIRD)
    ensure_partitions(dsns.migrate)
    before = {name: aspect(made.conninfo(), name) for name in ASPECTS}
    with psycopg.connect(made.conninfo()) as connection:
        fill(connection)
    assert changed_by_application(made, "school_id") == set(FACTS)

    migrate.upgrade(dsns.migrate, FOURTH)
    assert changed_by_application(made, "school_id") == set()
    assert changed_by_application(made, "updated_at") == set(FACTS)

    migrate.downgrade(dsns.migrate, THIRD)
    assert {name: aspect(made.conninfo(), name) for name in ASPECTS} == before
