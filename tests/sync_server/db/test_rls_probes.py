"""Everybody tries every command on every tenant table; a sample of the policies is broken and somebody notices.

The whole of it, every policy of every table included, is `make prove-rls`.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import psycopg
import pytest
from psycopg import Connection
from psycopg_pool import ConnectionPool
from sqlalchemy import Table
from tests.central_database import PASSWORDS
from tests.proofs.rls import session_pools
from tests.sync_server.db.probes_attempts import tried
from tests.sync_server.db.probes_commands import battery_of
from tests.sync_server.db.probes_forged import forged
from tests.sync_server.db.probes_oracle import OWN, Asker, Relation, everybody, sees, writes
from tests.sync_server.db.probes_sessions import clashes, copied, left_behind, never_set
from tests.sync_server.db.probes_suite import broken, look, look_at_sessions, make_world, prober

from wc_sync_server.db.context_keys import signer_of
from wc_sync_server.db.grants import APP, OWNER
from wc_sync_server.db.provision import provision
from wc_sync_server.db.tables import LOCAL, TENANT, guard_of
from wc_sync_server.db.tables.roles import ROLES
from wc_sync_server.embedded import Dsn

pytestmark = [pytest.mark.postgres, pytest.mark.usefixtures("unchecked_statements")]

_WITH_A_DISTRICT = """SELECT c.relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'm', 'v', 'f')
    AND a.attname = 'district_id' AND NOT a.attisdropped"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """A filled database and the connection that probes it."""

    superuser: Dsn
    relations: tuple[Relation, ...]
    connection: Connection[Any]

    def of(self, table: Table) -> tuple[Relation, ...]:
        """Return a table and its partitions."""
        return tuple(relation for relation in self.relations if relation.table is table)

    def named(self, name: str) -> Relation:
        """Return a table or partition by its name."""
        (relation,) = (each for each in self.relations if each.name == name)
        return relation


@pytest.fixture(scope="module")
def ground(module_database: Callable[..., Dsn], central_template: str) -> Iterator[Ground]:
    superuser = module_database(central_template)
    relations = make_world(superuser)
    with prober(superuser) as connection:
        yield Ground(superuser=superuser, relations=relations, connection=connection)


def one_a_guard() -> Iterator[Table]:
    """Yield one table of each kind of policies there is, partitions and searches included."""
    known = set()
    for table in TENANT:
        guard = guard_of(table)
        separate = guard.writers != guard.readers and set(guard.writers) != ROLES
        kind = (guard.visible, guard.readers is None, guard.confidential, guard.confidential_with, separate)
        if kind not in known or table.name in {"students", "audit_logs"}:
            known.add(kind)
            yield table


@pytest.mark.parametrize("table", TENANT, ids=[table.name for table in TENANT])
def test_everybody_sees_and_writes_what_the_guard_says_and_nothing_else(ground: Ground, table: Table) -> None:
    for relation in ground.of(table):
        looked = look(ground.connection, relation, whole=False)
        assert not looked.findings, "\n".join(map(str, looked.findings[:20]))
        assert looked.tried.total() > 300


def test_no_session_and_no_pool_carries_rows_or_a_context_on(ground: Ground) -> None:
    dsns = provision(ground.superuser.conninfo(), ground.superuser.database, PASSWORDS)
    with session_pools(dsns) as pools:
        looked = look_at_sessions(ground.superuser, pools, ground.relations)
    assert not looked.findings, "\n".join(map(str, looked.findings[:20]))
    assert looked.tried["pooled connection"] >= len(TENANT) - 2
    assert sum(tried for command, tried in looked.tried.items() if command.startswith("forged")) > 60


WITHOUT_A_CONTEXT = "  RETURN NULL;"
PLAIN_AGAIN = {
    "current_district": "  RETURN nullif(current_setting('wc.district', true), '')::uuid;",
    "current_school_ids": "  RETURN string_to_array(nullif(current_setting('wc.schools', true), ''), ',')::uuid[];",
    "current_role": "  RETURN nullif(current_setting('wc.role', true), '');",
}


@pytest.mark.parametrize(
    ("condition", "instead", "noticed"),
    [
        ("part[7] = pg_backend_pid()::text", "true", "of another backend, begun as here"),
        ("part[8] = extract(epoch FROM transaction_timestamp())::text", "true", "replayed after commit"),
        ("(k.until IS NULL OR k.until > transaction_timestamp())", "true", "retired key"),
        ("part[9] = (", "true OR part[9] = (", "wrong key"),
        (WITHOUT_A_CONTEXT, "", "plain settings"),
    ],
    ids=["process", "beginning", "end of a key", "signature", "plain settings"],
)
def test_a_context_that_is_believed_for_less_is_noticed(
    ground: Ground, condition: str, instead: str, noticed: str
) -> None:
    dsns = provision(ground.superuser.conninfo(), ground.superuser.database, PASSWORDS)
    of = "SELECT proname, pg_get_functiondef(oid) FROM pg_proc WHERE proname = ANY(%s)"
    with psycopg.connect(ground.superuser.conninfo(), prepare_threshold=None) as superuser:
        found = superuser.execute(of, (list(PLAIN_AGAIN),)).fetchall()
        assert all(condition in definition for _, definition in found)
        try:
            for name, definition in found:
                superuser.execute(definition.replace(condition, instead or PLAIN_AGAIN[name]).encode())
            superuser.commit()
            with session_pools(dsns) as pools:
                leaks = {name for name, several in forged(superuser, pools[APP], ground.relations) if several}
        finally:
            superuser.rollback()
            for _, definition in found:
                superuser.execute(definition.encode())
            superuser.commit()
    assert noticed in leaks


@pytest.mark.parametrize("table", list(one_a_guard()), ids=[table.name for table in one_a_guard()])
def test_every_way_to_break_a_policy_is_noticed(ground: Ground, table: Table) -> None:
    for relation in ground.of(table)[:2]:
        several = list(broken(ground.connection, relation))
        missed = [f"{each.mutation.policy}: {each.mutation.name}" for each in several if not each.caught]
        assert len(several) >= 10
        assert not missed, "\n".join(missed)


def test_whatever_has_a_district_is_probed(ground: Ground) -> None:
    found = {name for (name,) in ground.connection.execute(_WITH_A_DISTRICT).fetchall()}
    assert found == {relation.name for relation in ground.relations} | {
        table.name for table in LOCAL if "district_id" in table.columns
    }


def test_a_new_table_without_policies_fails(ground: Ground) -> None:
    model = ground.named("allergies")
    new = Relation(name="new_ones", table=model.table, rows=model.rows)
    with ground.connection.transaction(force_rollback=True):
        ground.connection.execute("CREATE TABLE new_ones (LIKE allergies INCLUDING ALL)")
        ground.connection.execute("INSERT INTO new_ones SELECT * FROM allergies")
        ground.connection.execute(f"ALTER TABLE new_ones OWNER TO {OWNER}".encode())
        battery = battery_of(ground.connection, new)
        found = {
            each.command for asker in everybody(new, whole=False) for each in tried(ground.connection, battery, asker)
        }
    assert {"list", "by id", "count", "insert", "update", "delete", "move to a school"} <= found


def test_a_pool_that_forgets_nothing_is_seen(ground: Ground) -> None:
    dsns = provision(ground.superuser.conninfo(), ground.superuser.database, PASSWORDS)
    relation, signing = ground.named("students"), signer_of(dsns.migrate).key()
    with ConnectionPool(dsns.app, min_size=1, max_size=1, open=True) as pool:
        found = {each.command for each in left_behind(pool, relation, APP, signing)}
    # Nor does a context that stayed: it is believed in the transaction alone that it was signed for.
    assert found == {"cursor with hold"}


def test_copies_and_untouched_sessions_see_a_table_without_row_level_security(ground: Ground) -> None:
    relation = ground.named("students")
    nurse = Asker(login=APP, role="NURSE", where=OWN)
    with psycopg.connect(ground.superuser.conninfo(), prepare_threshold=None) as connection:
        connection.execute("ALTER TABLE students DISABLE ROW LEVEL SECURITY")
        assert {each.command for each in never_set(connection, relation, [APP])} == {"SELECT never set"}
        assert [command for command, found in copied(connection, relation, nurse) if found] == [
            "copy of a query",
            "copy",
        ]
        connection.rollback()


@pytest.mark.parametrize(
    ("command", "relation", "statements"),
    [
        ("unique", "students", ["CREATE UNIQUE INDEX u ON students (student_number)"]),
        (
            "foreign key",
            "allergies",
            [
                "CREATE UNIQUE INDEX u ON students (id)",
                "ALTER TABLE allergies DROP CONSTRAINT fk_allergies_student_id",
                "ALTER TABLE allergies ADD FOREIGN KEY (student_id) REFERENCES students (id)",
            ],
        ),
    ],
)
def test_a_key_without_the_district_is_seen(ground: Ground, command: str, relation: str, statements: list[str]) -> None:
    with ground.connection.transaction(force_rollback=True):
        for statement in statements:
            ground.connection.execute(statement.encode())
        found = clashes(ground.connection, ground.named(relation))
        assert {name for name, findings in found if findings} == {command}


def test_the_oracle_lets_a_nurse_see_her_school_and_write_it(ground: Ground) -> None:
    nurse = Asker(login=APP, role="NURSE", where=OWN)
    for name, seen, written in (
        ("students", 1, 1),
        ("health_records", 2, 2),
        ("vital_signs", 4, 4),
        ("suppliers", 0, 0),
        ("users", 4, 0),
    ):
        relation = ground.named(name)
        assert sum(sees(relation.guard, nurse, row) for row in relation.rows) == seen, name
        assert sum(writes(relation.guard, nurse, row) for row in relation.rows) == written, name


def test_the_oracle_shows_an_office_the_vital_signs_of_visits_that_it_sees(ground: Ground) -> None:
    """Four stand in its school: of a confidential visit, of an open one, of an open one elsewhere, of none."""
    relation = ground.named("vital_signs")
    for where, seen in ((OWN, 2), ("two schools", 6)):
        office = Asker(login=APP, role="ADMIN", where=where)
        assert sum(sees(relation.guard, office, row) for row in relation.rows) == seen, where


def test_vital_signs_without_their_policy_are_noticed_by_what_people_ask(ground: Ground) -> None:
    relation = ground.named("vital_signs")
    several = [each for each in broken(ground.connection, relation) if each.mutation.policy == "confidential_with"]
    assert len(several) > len(ROLES)
    dropped = next(each for each in several if each.mutation.name == "dropped")
    assert dropped.leaked
    assert {"list", "by id", "count", "copy", "insert"} & set(dropped.caught_by) >= {"list", "by id", "count"}
    assert not [each.mutation.name for each in several if not each.caught or each.only_by_catalogue]
