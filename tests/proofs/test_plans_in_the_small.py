"""The proof of `make prove-plans`, with few children: by index, and a query that is not would be told."""

import io
from collections.abc import Iterator
from dataclasses import replace

import psycopg
import pytest
from benchmarks.plans.__main__ import page, show
from benchmarks.plans.ground import Seeded, seeded
from benchmarks.plans.proof import Finding, prove
from psycopg import sql
from rich.console import Console
from tests.central_database import PASSWORDS

from wc_sync_server.db.provision import provision
from wc_sync_server.embedded import EmbeddedPostgres

pytestmark = pytest.mark.postgres

STUDENTS, SCHOOLS, ROUNDS = 2_000, 40, 4
_WAYS_BY_INDEX = ("enable_indexscan", "enable_indexonlyscan", "enable_bitmapscan")
_TABLES = """
SELECT c.relname FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r'
  AND c.relrowsecurity AND c.relname <> 'users' ORDER BY 1
"""


@pytest.fixture(scope="module")
def ground(postgres_server: EmbeddedPostgres, central_template: str) -> Iterator[Seeded]:
    superuser = postgres_server.create_database("plans_in_the_small", central_template)
    ways = provision(superuser.conninfo(), superuser.database, PASSWORDS)
    with seeded(ways, superuser.conninfo(), STUDENTS, seed=5, schools=SCHOOLS) as made:
        spread_thin(made)
        yield made
    postgres_server.drop_database("plans_in_the_small")


def spread_thin(ground: Seeded) -> None:
    """Let each row take the room of ten, so that reading a table whole costs what it costs in a larger district."""
    with psycopg.connect(ground.superuser, autocommit=True) as connection:
        for (table,) in ground.asked(_TABLES):
            connection.execute(f"ALTER TABLE {table} SET (fillfactor = 10)".encode())
            connection.execute(f"VACUUM (FULL, ANALYZE) {table}".encode())


def silent(_what: str) -> None:
    """Tell nothing."""


def test_the_named_queries_use_their_indexes(ground: Seeded) -> None:
    found = prove(ground, ROUNDS, silent)
    said = io.StringIO()
    show(Console(file=said, width=200), found)
    assert [each.breaches for each in found] == [()] * len(found), said.getvalue()
    assert len(found) == 8
    text = page(ground, found, "a test")
    assert all(each.name in text for each in found)


def test_a_table_that_is_read_whole_is_a_breach(ground: Seeded) -> None:
    """Where indexes may not be used tables are read whole, and the proof says which."""
    with psycopg.connect(ground.superuser, autocommit=True) as connection:
        database = sql.Identifier(connection.info.dbname)
        try:
            for way in _WAYS_BY_INDEX:
                connection.execute(sql.SQL("ALTER DATABASE {} SET {} = off").format(database, sql.Identifier(way)))
            found = {each.name: each for each in prove(ground, 1, silent)}
        finally:
            connection.execute(sql.SQL("ALTER DATABASE {} RESET ALL").format(database))
    for name, table in (
        ("student dashboard", "emergency_contacts"),
        ("medication schedule", "student_medications"),
        ("recent doses of a student", "medication_logs"),
        ("audit by entity", "audit_logs_"),
        ("roster search, whole district", "students"),  # read within a function
    ):
        told = found[name].breaches
        assert any(breach.startswith(table) and "read whole" in breach for breach in told), (name, told)


def test_a_breach_is_shown(ground: Seeded) -> None:
    found: list[Finding] = prove(ground, 1, silent)[:1]
    said = io.StringIO()
    show(Console(file=said, width=200), [replace(found[0], breaches=("students was read whole in 1 rounds",))])
    assert "students was read whole" in said.getvalue()
