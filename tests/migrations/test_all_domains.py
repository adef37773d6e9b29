"""The second central revision: what stood in the first stays through it, back and forth again."""

from collections.abc import Callable
from typing import Any

import psycopg
import pytest
from psycopg import Connection, sql
from tests.central_database import PASSWORDS
from tests.migrations.test_central import ASPECTS, aspect
from tests.sync_server.db.central_world import PLACES, fill, sample

from wc_sync_server.db import migrate
from wc_sync_server.db.partitions import ensure_partitions
from wc_sync_server.db.provision import Dsns, provision
from wc_sync_server.db.tables import TENANT
from wc_sync_server.embedded import Dsn

pytestmark = pytest.mark.postgres

FIRST, SECOND = "20261123_040000", "20261123_070000"


@pytest.fixture
def empty(fresh_database: Callable[..., Dsn]) -> tuple[Dsns, Dsn]:
    made = fresh_database()
    return provision(made.conninfo(), made.database, PASSWORDS), made


def columns(connection: Connection[Any]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    query = """SELECT c.relname, a.attname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
               WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
               AND a.attnum > 0 AND NOT a.attisdropped"""
    for table, column in connection.execute(query).fetchall():
        found.setdefault(table, set()).add(column)
    return found


def fill_what_is_there(connection: Connection[Any]) -> None:
    """Put rows into the tables that this revision has, with the columns that it has."""
    there = columns(connection)
    for table in TENANT:
        for place in PLACES if table.name in there else ():
            row = {name: value for name, value in sample(table, place).items() if name in there[table.name]}
            names = sql.SQL(", ").join(map(sql.Identifier, row))
            values = sql.SQL(", ").join(map(sql.Placeholder, row))
            connection.execute(
                sql.SQL("INSERT INTO {} ({}) VALUES ({}) ON CONFLICT DO NOTHING").format(
                    sql.Identifier(table.name), names, values
                ),
                row,
            )


def contents(superuser: Dsn, tables: dict[str, set[str]]) -> dict[str, list[Any]]:
    """Return every row of tables, by the columns named."""
    found: dict[str, list[Any]] = {}
    with psycopg.connect(superuser.conninfo()) as connection:
        for table, names in tables.items():
            if table != "alembic_version":
                chosen = sql.SQL(", ").join(sql.Identifier(name) + sql.SQL("::text") for name in sorted(names))
                query = sql.SQL("SELECT {} FROM {}").format(chosen, sql.Identifier(table))
                found[table] = connection.execute(query).fetchall()
    # The upgrade to the newest revision puts what came without a month into its month.
    found["audit_logs"] += found.pop("audit_overflow")
    return {table: sorted(rows, key=str) for table, rows in found.items()}


def test_rows_of_the_first_revision_outlive_the_second_and_the_way_back(empty: tuple[Dsns, Dsn]) -> None:
    dsns, superuser = empty
    migrate.upgrade(dsns.migrate, FIRST)
    ensure_partitions(dsns.migrate)
    before = {name: aspect(superuser.conninfo(), name) for name in ASPECTS}
    with psycopg.connect(superuser.conninfo()) as connection:
        fill_what_is_there(connection)
        tables = columns(connection)
    rows = contents(superuser, tables)
    assert all(rows[table] for table in ("students", "medication_logs", "audit_logs"))

    migrate.upgrade(dsns.migrate, SECOND)
    assert contents(superuser, tables) == rows
    with psycopg.connect(superuser.conninfo()) as connection:
        fill(connection)
        assert connection.execute("SELECT count(*) FROM health_records").fetchall() == [(3,)]
    more = contents(superuser, tables)

    migrate.downgrade(dsns.migrate, FIRST)
    assert {name: aspect(superuser.conninfo(), name) for name in ASPECTS} == before
    assert contents(superuser, tables) == more

    migrate.upgrade(dsns.migrate)
    assert contents(superuser, tables) == more
    assert all(set(rows[table]) <= set(more[table]) for table in rows)
