"""The proof of `make prove-plans`, with few children: by index, and a query that is not would be told."""

import io
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import psycopg
import pytest
from benchmarks.plans import proof
from benchmarks.plans.__main__ import page, show
from benchmarks.plans.ground import Seeded, seeded
from benchmarks.plans.proof import Finding, Meant, prove
from benchmarks.plans.questions import Question, questions
from benchmarks.plans.replay import Scans
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


def test_an_index_that_was_not_meant_is_a_breach(ground: Seeded, monkeypatch: pytest.MonkeyPatch) -> None:
    """A tiny table that is read whole beside it, of a month that is empty or of medicines, excuses nothing."""
    others = {
        "audit by entity": "idx_audit_logs_user",
        "medication schedule": "idx_medication_logs_student_administered",
    }

    def wrong(*given: Any) -> list[Question]:
        return [replace(each, indexes=(others[each.name],)) for each in questions(*given) if each.name in others]

    monkeypatch.setattr(proof, "questions", wrong)
    found = {each.name: each for each in prove(ground, 1, silent)}
    assert found["audit by entity"].whole, "no tiny table was read whole"
    missed = "round 0: none of idx_medication_logs_student_administered was used, but "
    assert any(breach.startswith(missed) for breach in found["medication schedule"].breaches)
    told = found["audit by entity"].breaches
    assert any(breach.startswith("round 0: audit_logs_") and "by none of its indexes" in breach for breach in told), (
        told
    )
    monkeypatch.setitem(others, "audit by entity", "idx_audit_logs_of_nobody")
    with pytest.raises(LookupError, match="idx_audit_logs_of_nobody"):
        prove(ground, 1, silent)


def test_each_large_table_is_reached_by_an_index_of_its_own() -> None:
    question = Question(name="two", role="app", rounds=[], indexes=("ix_a", "ix_b"))
    meant = Meant(question, tables={"ix_a": "a", "ix_b": "b"}, large={"a"})
    assert meant.missed(Scans(indexes=Counter(["ix_a"]))) == []
    assert meant.missed(Scans(indexes=Counter(["ix_b"]))) == ["a was reached by none of its indexes"]
    assert meant.missed(Scans(whole=Counter(["b"]))) == ["a was reached by none of its indexes"]
    assert meant.missed(Scans(whole=Counter(["another"]))) == ["none of ix_a, ix_b was used, but none at all"]
    tiny = Meant(question, tables={"ix_a": "a", "ix_b": "b"}, large=set())
    assert tiny.missed(Scans(whole=Counter(["b"]))) == []


def test_a_breach_is_shown(ground: Seeded) -> None:
    found: list[Finding] = prove(ground, 1, silent)[:1]
    said = io.StringIO()
    show(Console(file=said, width=200), [replace(found[0], breaches=("students was read whole in 1 rounds",))])
    assert "students was read whole" in said.getvalue()
