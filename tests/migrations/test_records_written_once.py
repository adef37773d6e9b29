"""The fifth central revision: what was put down before it stays; it goes along, is deleted and sealed as before."""

from collections.abc import Callable, Iterable

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

FOURTH, FIFTH = "20261123_114000", "20261123_115000"
CONTENT = {
    "clinic_visits.care_given",
    "clinic_visits.is_confidential",
    "clinic_visits.left_at",
    "documents.title",
    "head_injury_checks.symptoms",
    "health_records.icd10",
    "notifications.outcome",
    "screenings.result",
    "vital_signs.value",
    "witness_statements.statement",
}
SEALED = {"documents.blob_ref", "health_records.notes"}
TABLES = {column.partition(".")[0] for column in CONTENT}
OF_THE_SERVER = {
    f"{table}.{column}" for table in TABLES for column in ("row_version", "updated_at", "school_id", "deleted_at")
}


def changed_by_application(superuser: Dsn, columns: Iterable[str]) -> set[str]:
    """Return the columns that the application could change in a row of ASH."""
    found = set()
    with psycopg.connect(superuser.conninfo()) as connection:
        for name in columns:
            table, _, column = name.partition(".")
            try:
                with acting(connection, APP, ASH):
                    if connection.execute(f"UPDATE {table} SET {column} = {column}".encode()).rowcount:
                        found.add(name)
            except psycopg.errors.InsufficientPrivilege:
                continue
    return found


def test_what_was_put_down_before_stays_as_it_is(fresh_database: Callable[..., Dsn]) -> None:
    made = fresh_database()
    dsns = provision(made.conninfo(), made.database, PASSWORDS)
    migrate.upgrade(dsns.migrate, FOURTH)
    ensure_partitions(dsns.migrate)
    before = {name: aspect(made.conninfo(), name) for name in ASPECTS}
    with psycopg.connect(made.conninfo()) as connection:
        fill(connection)
    everything = CONTENT | SEALED | OF_THE_SERVER | {"vaccinations.lot"}
    assert changed_by_application(made, everything) == everything

    migrate.upgrade(dsns.migrate, FIFTH)
    assert changed_by_application(made, everything) == everything - CONTENT

    migrate.downgrade(dsns.migrate, FOURTH)
    assert {name: aspect(made.conninfo(), name) for name in ASPECTS} == before
    assert changed_by_application(made, everything) == everything
