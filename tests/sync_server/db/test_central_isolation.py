"""Nobody sees another school's children, and every policy has a probe that goes red when it is broken."""

from collections.abc import Callable, Iterator
from contextlib import nullcontext, suppress
from typing import Any
from uuid import uuid5

import psycopg
import pytest
from psycopg import Connection
from sqlalchemy import Table
from tests.central_database import PASSWORDS
from tests.sync_server.db.central_world import ASH, BIRCH, CEDAR, NORTH, PLACES, SOUTH, fill, sample
from tests.sync_server.db.contexts_of_tests import put, said
from tests.sync_server.db.probes import acting, leaks, own_rows, reader_of

from wc_contract.model.kinds import KINDS, MergePolicy, RecordKind
from wc_contract.model.values import Role
from wc_sync_server.db.context_keys import signer_of
from wc_sync_server.db.engine import connect_pool
from wc_sync_server.db.grants import APP, OWNER, rights_of_app
from wc_sync_server.db.provision import Dsns, provision
from wc_sync_server.db.tables import TABLES, TENANT, Visible, guard_of, visibility_of, written_once
from wc_sync_server.db.tables.roles import CONFIDENTIAL_READERS, ROLES
from wc_sync_server.embedded import Dsn

pytestmark = [pytest.mark.postgres, pytest.mark.usefixtures("unchecked_statements")]
every_tenant_table = pytest.mark.parametrize("table", TENANT, ids=[table.name for table in TENANT])


@pytest.fixture(scope="module")
def world(module_database: Callable[..., Dsn], central_template: str) -> Iterator[Connection[Any]]:
    with psycopg.connect(module_database(central_template).conninfo()) as connection:
        fill(connection)
        connection.commit()
        yield connection


@pytest.fixture(scope="module")
def app_dsn(module_database: Callable[..., Dsn], central_template: str) -> str:
    made = module_database(central_template)
    return provision(made.conninfo(), made.database, PASSWORDS).app


@pytest.fixture(autouse=True)
def nothing_stays(world: Connection[Any]) -> Iterator[None]:
    yield
    world.rollback()


@every_tenant_table
def test_a_school_sees_its_own_rows(world: Connection[Any], table: Table) -> None:
    for place in PLACES:
        assert own_rows(world, table, place), place


@every_tenant_table
def test_no_probe_gets_at_another_schools_rows(world: Connection[Any], table: Table) -> None:
    assert leaks(world, table) == []


@every_tenant_table
def test_the_probes_see_a_policy_that_lets_everything_be_read(world: Connection[Any], table: Table) -> None:
    world.execute(f"ALTER POLICY tenant ON {table.name} USING (true)")
    found = {leak.split(":")[0] for leak in leaks(world, table)}
    # Without a role the restrictive policy of secrets, money and confidential rows still stands.
    guard = guard_of(table)
    few = guard.readers is not None or guard.confidential or guard.confidential_with is not None
    stands = {"no context"} if few else set()
    assert {"list", "by key", "copy", "no context"} - stands <= found
    world.rollback()


@every_tenant_table
def test_the_probes_see_a_policy_that_lets_everything_be_written(world: Connection[Any], table: Table) -> None:
    world.execute(f"ALTER POLICY tenant ON {table.name} WITH CHECK (true)")
    assert "insert" in {leak.split(":")[0] for leak in leaks(world, table)}
    world.rollback()


@every_tenant_table
def test_the_probes_see_a_table_without_row_level_security(world: Connection[Any], table: Table) -> None:
    world.execute(f"ALTER TABLE {table.name} DISABLE ROW LEVEL SECURITY")
    assert len(leaks(world, table)) > 1
    world.rollback()


@pytest.mark.parametrize("form", ["district only", "school only"])
def test_the_probes_see_half_a_policy(world: Connection[Any], form: str) -> None:
    halves = {
        "district only": "district_id = (SELECT wc_sec.current_district())",
        "school only": "school_id IS NOT NULL",
    }
    world.execute(f"ALTER POLICY tenant ON students USING ({halves[form]})".encode())
    assert leaks(world, TABLES["student"])
    world.rollback()


ONCE = [kind for kind in KINDS if written_once(kind)]


def test_what_nobody_edits_is_written_once_but_for_vaccinations() -> None:
    kept = {kind.table for kind in KINDS if kind.merge is MergePolicy.INSERT_ONLY}
    assert kept - {kind.table for kind in ONCE} == {"vaccinations"}
    assert all(written_once(kind) for kind in KINDS if kind.append_only)


@pytest.mark.parametrize("kind", ONCE, ids=[kind.name for kind in ONCE])
def test_of_what_is_written_once_only_what_the_server_says_changes(world: Connection[Any], kind: RecordKind) -> None:
    """Law 2: never its content; of facts, not their school either."""
    query = """SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped
               AND has_column_privilege(%s, attrelid, attnum, 'UPDATE')"""
    changing = {name for (name,) in world.execute(query, (kind.table, APP)).fetchall()}
    said = {field.name for field in kind.fields if field.name == "flags" or field.sealed}
    assert changing == {"row_version", "updated_at"} | said | (
        set() if kind.append_only else {"school_id", "deleted_at"}
    )


@every_tenant_table
def test_the_owner_is_bound_too(world: Connection[Any], table: Table) -> None:
    world.execute(f"SET LOCAL ROLE {OWNER}")
    assert world.execute(f"SELECT 1 FROM {table.name}".encode()).fetchall() == []


@pytest.mark.parametrize(
    "table",
    [table for table in TENANT if visibility_of(table) is Visible.SECRET],
    ids=[table.name for table in TENANT if visibility_of(table) is Visible.SECRET],
)
@pytest.mark.parametrize(("role", "seen"), [("SIGN_IN", True), ("SYSTEM", True), ("DEVICE", False), ("NURSE", False)])
def test_secrets_show_to_sign_in_and_the_system_only(
    world: Connection[Any], table: Table, role: str, seen: bool
) -> None:
    with acting(world, APP, ASH, who=role):
        assert bool(world.execute(f"SELECT 1 FROM {table.name}".encode()).fetchall()) is seen


RESTRICTED = [table for table in TENANT if guard_of(table).readers is not None]
CONFIDENTIAL = [table for table in TENANT if guard_of(table).confidential]


def sees(world: Connection[Any], table: Table, role: str) -> bool:
    with acting(world, reader_of(table), ASH, who=role):
        return bool(world.execute(f"SELECT 1 FROM {table.name}".encode()).fetchall())


def test_tables_of_few_readers_are_those_of_secrets_money_and_compliance() -> None:
    names = {table.name for table in RESTRICTED}
    assert {"user_credentials", "enrolment_codes", "recovery_codes"} <= names
    assert {table.name for table in TENANT if table.name.startswith(("budget_", "purchase_", "suppliers"))} <= names
    assert {"health_records", "clinic_visits", "documents"} == {table.name for table in CONFIDENTIAL}


@pytest.mark.parametrize("table", RESTRICTED, ids=[table.name for table in RESTRICTED])
def test_only_its_readers_see_a_table(world: Connection[Any], table: Table) -> None:
    readers = set(guard_of(table).readers or ())
    assert {role for role in ROLES if sees(world, table, role)} == readers


@pytest.mark.parametrize("table", CONFIDENTIAL, ids=[table.name for table in CONFIDENTIAL])
def test_confidential_rows_show_to_those_who_may_only(world: Connection[Any], table: Table) -> None:
    assert {role for role in ROLES if sees(world, table, role)} == set(CONFIDENTIAL_READERS)
    world.execute(f"UPDATE {table.name} SET is_confidential = false".encode())
    assert {role for role in ROLES if sees(world, table, role)} == ROLES
    world.rollback()
    world.execute(f"ALTER POLICY confidential ON {table.name} USING (true)".encode())
    assert sees(world, table, "ADMIN")


@pytest.mark.parametrize("table", CONFIDENTIAL, ids=[table.name for table in CONFIDENTIAL])
def test_nobody_writes_a_confidential_row_that_he_may_not_see(world: Connection[Any], table: Table) -> None:
    row = sample(table, ASH)
    row["id"] = uuid5(row["id"], "another")
    with acting(world, APP, ASH, who="SUBSTITUTE"), pytest.raises(psycopg.errors.InsufficientPrivilege):
        insert(world, table, row)
    world.rollback()
    with acting(world, APP, ASH, who="SUBSTITUTE"):
        insert(world, table, row | {"is_confidential": False})


WRITTEN = [table for table in TENANT if "INSERT" in rights_of_app(table)]


@pytest.mark.parametrize("table", WRITTEN, ids=[table.name for table in WRITTEN])
def test_only_its_writers_add_or_change_rows(world: Connection[Any], table: Table) -> None:
    row = sample(table, ASH) | again(table)
    if (above := guard_of(table).confidential_with) is not None:
        world.execute(f"UPDATE {above.table} SET is_confidential = false".encode())
    if guard_of(table).confidential:
        world.execute(f"UPDATE {table.name} SET is_confidential = false".encode())
        row["is_confidential"] = False
    changed = "UPDATE" in rights_of_app(table) or table.name in {kind.table for kind in ONCE}
    adders, changers = set(), set()
    for role in ROLES:
        with acting(world, APP, ASH, who=role):
            if adds(world, table, row):
                adders.add(role)
        if changed:
            with acting(world, APP, ASH, who=role):
                query = f"UPDATE {table.name} SET updated_at = updated_at WHERE district_id = %s".encode()
                changers |= {role} if world.execute(query, (NORTH,)).rowcount else set()
    assert adders == set(guard_of(table).writers)
    assert not changed or changers == set(guard_of(table).writers)


def test_a_reader_writes_nothing_but_the_audit() -> None:
    written = {table.name for table in TENANT if Role.READ_ONLY.value in guard_of(table).writers}
    assert written == {"audit_logs", "audit_overflow"}


def test_a_broken_writers_policy_is_seen(world: Connection[Any]) -> None:
    world.execute("ALTER POLICY writers_update ON students USING (true) WITH CHECK (true)")
    with acting(world, APP, ASH, who="READ_ONLY"):
        assert world.execute("UPDATE students SET grade = grade WHERE district_id = %s", (NORTH,)).rowcount
    world.rollback()


def test_a_reader_cannot_hold_a_row_against_writers(world: Connection[Any]) -> None:
    with acting(world, APP, ASH, who="READ_ONLY"):
        assert world.execute("SELECT 1 FROM students").fetchall()
        assert world.execute("SELECT 1 FROM students FOR UPDATE").fetchall() == []


def test_parts_go_with_their_whole_and_nothing_else_does(world: Connection[Any]) -> None:
    with pytest.raises(psycopg.errors.IntegrityError):
        world.execute("DELETE FROM incident_reports")
    world.rollback()
    world.execute("DELETE FROM notifications")
    world.execute("DELETE FROM incident_reports")
    for table in ("witness_statements", "head_injury_checks", "follow_up_actions", "incident_addenda"):
        assert world.execute(f"SELECT 1 FROM {table}".encode()).fetchall() == []


def insert(world: Connection[Any], table: Table, row: dict[str, Any]) -> None:
    names = ", ".join(f'"{name}"' for name in row)
    places = ", ".join(f"%({name})s" for name in row)
    world.execute(f"INSERT INTO {table.name} ({names}) VALUES ({places})".encode(), row)


def adds(world: Connection[Any], table: Table, row: dict[str, Any]) -> bool:
    """Whether row-level security lets the row in; another constraint may still refuse it, and is asked later."""
    try:
        with world.transaction():
            insert(world, table, row)
    except psycopg.errors.InsufficientPrivilege:
        return False
    except psycopg.errors.IntegrityError:
        return True
    return True


def again(table: Table) -> dict[str, Any]:
    key = next((name for name in ("id", "entry_id", "record_id") if name in table.primary_key.columns), None)
    if key is None or table.name == "districts":
        return {}
    return {key: uuid5(ASH.id_of(table.name), "again")}


def test_a_broken_secret_policy_is_seen(world: Connection[Any]) -> None:
    world.execute("ALTER POLICY secret ON user_credentials USING (true)")
    with acting(world, APP, ASH, who="NURSE"):
        assert world.execute("SELECT 1 FROM user_credentials").fetchall()
    world.rollback()


def test_people_can_be_found_before_a_school_is_known(world: Connection[Any]) -> None:
    put(world, NORTH, (), None)
    with acting(world, APP, None):
        assert len(world.execute("SELECT 1 FROM users").fetchall()) == 4
        assert world.execute("SELECT 1 FROM students").fetchall() == []


def test_a_foreign_key_does_not_reach_into_another_district(world: Connection[Any]) -> None:
    row = sample(TABLES["allergy"], ASH) | {"student_id": CEDAR.id_of("students"), "id": NORTH}
    names = ", ".join(f'"{name}"' for name in row)
    places = ", ".join(f"%({name})s" for name in row)
    with acting(world, APP, ASH), pytest.raises(psycopg.errors.ForeignKeyViolation):
        world.execute(f"INSERT INTO allergies ({names}) VALUES ({places})".encode(), row)


def test_a_number_used_in_another_district_is_free(world: Connection[Any]) -> None:
    taken = sample(TABLES["student"], CEDAR)["student_number"]
    with acting(world, APP, ASH):
        changed = world.execute("UPDATE students SET student_number = %s WHERE district_id = %s", (taken, NORTH))
        assert changed.rowcount == 1


def test_an_id_used_in_another_district_is_free(world: Connection[Any]) -> None:
    row = sample(TABLES["calendar_day"], ASH) | {"id": CEDAR.id_of("calendar_days"), "date": "2020-01-01"}
    names = ", ".join(f'"{name}"' for name in row)
    places = ", ".join(f"%({name})s" for name in row)
    with acting(world, APP, ASH):
        assert world.execute(f"INSERT INTO calendar_days ({names}) VALUES ({places})".encode(), row).rowcount == 1


def test_a_partition_cannot_be_asked_directly(world: Connection[Any]) -> None:
    partitions = world.execute("SELECT inhrelid::regclass::text FROM pg_inherits").fetchall()
    tables = [name for (name,) in partitions if name.startswith("audit_logs_") and not name.endswith("idx")]
    assert len(tables) >= 4
    for table in {name for name in tables if name.count("_") == 3}:
        for role in (APP, "wc_audit_reader"):
            with acting(world, role, ASH), pytest.raises(psycopg.errors.InsufficientPrivilege):
                world.execute(f"SELECT * FROM {table}".encode())


def test_the_backup_sees_everything(world: Connection[Any]) -> None:
    with acting(world, "wc_backup", None):
        assert world.execute("SELECT count(*) FROM students").fetchall() == [(3,)]


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM students",
        "DELETE FROM medication_logs",
        "UPDATE medication_logs SET reason = NULL",
        "UPDATE medication_logs SET dose_given = 0, flags = '[]'",
        "UPDATE order_versions SET dose = 1",
        "UPDATE receipts SET outcome = 'refused'",
        "DELETE FROM receipts",
        "SELECT 1 FROM audit_logs",
        "UPDATE audit_logs SET action = 'x'",
        "DELETE FROM audit_logs",
        "TRUNCATE students",
        "CREATE TABLE mine (id int)",
        "CREATE TEMP TABLE mine (id int)",
        "ALTER TABLE students DISABLE ROW LEVEL SECURITY",
        "SET ROLE wc_owner",
    ],
)
def test_the_application_may_not(app_dsn: str, statement: str) -> None:
    with psycopg.connect(app_dsn) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute(statement.encode())


def test_row_security_cannot_be_switched_off(world: Connection[Any]) -> None:
    with acting(world, APP, ASH):
        world.execute("SET LOCAL row_security = off")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            world.execute("SELECT 1 FROM students")


@pytest.mark.parametrize("plans_from", [-1, None], ids=["plans kept", "none kept"])
@pytest.mark.parametrize("fails", [False, True], ids=["left well", "left with an error"])
def test_a_pooled_connection_carries_nothing_on(central_dsns: Dsns, plans_from: int | None, *, fails: bool) -> None:
    pool = connect_pool(central_dsns.app, signer=signer_of(central_dsns.migrate), size=1, plans_from=plans_from)
    try:
        with suppress(ZeroDivisionError), pool.connection() as connection:
            connection.execute(said(str(NORTH), scope="SESSION"))
            connection.execute("DECLARE kept CURSOR WITH HOLD FOR SELECT 1")
            connection.execute("LISTEN wc_streams")
            connection.execute("SELECT pg_advisory_lock(1)")
            connection.commit()
            assert connection.execute(_CARRIED).fetchall() == [(str(NORTH), 1, 1, 1)]
            if fails:
                raise ZeroDivisionError
        with pool.connection() as connection:
            ((context, *carried),) = connection.execute(_CARRIED).fetchall()
            assert not context
            assert carried == [0, 0, 0]
            with pytest.raises(psycopg.errors.InvalidCursorName):
                connection.execute("FETCH ALL FROM kept")
    finally:
        pool.close()


def test_a_context_ends_with_its_transaction_also_without_a_pool(world: Connection[Any]) -> None:
    for place in (ASH, BIRCH):
        with acting(world, APP, place):
            assert world.execute("SELECT school_id FROM students").fetchall() == [(place.school,)]
    with acting(world, APP, None):
        assert world.execute("SELECT 1 FROM students").fetchall() == []


def test_a_prepared_plan_follows_the_context(world: Connection[Any]) -> None:
    for place in (ASH, BIRCH, CEDAR) * 4:
        with acting(world, APP, place):
            rows = world.execute("SELECT school_id FROM students WHERE is_active", prepare=True).fetchall()
            assert rows == [(place.school,)]


_CARRIED = """
SELECT current_setting('wc.context', true), (SELECT count(*) FROM pg_cursors WHERE is_holdable),
       (SELECT count(*) FROM pg_listening_channels()),
       (SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid())
"""


def test_the_reader_of_the_audit_is_bound_to_a_district(world: Connection[Any]) -> None:
    table = next(table for table in TENANT if table.name == "audit_logs")
    with acting(world, reader_of(table), CEDAR):
        assert {row[0] for row in world.execute("SELECT district_id FROM audit_logs")} == {SOUTH}


def test_vital_signs_show_to_whom_their_visit_shows(world: Connection[Any]) -> None:
    table = TABLES["vital_sign"]
    assert {role for role in ROLES if sees(world, table, role)} == set(CONFIDENTIAL_READERS)
    world.execute("UPDATE clinic_visits SET is_confidential = false, deleted_at = now()")
    assert {role for role in ROLES if sees(world, table, role)} == ROLES
    world.execute("UPDATE clinic_visits SET is_confidential = true")
    world.execute("UPDATE vital_signs SET visit_id = NULL")
    assert {role for role in ROLES if sees(world, table, role)} == ROLES


@pytest.mark.parametrize(("role", "passes"), [("NURSE", True), ("DEVICE", True), ("UNLICENSED", False)])
def test_what_was_measured_in_a_confidential_visit_is_written_by_who_sees_it(
    world: Connection[Any], role: str, passes: bool
) -> None:
    table = TABLES["vital_sign"]
    row = sample(table, ASH)
    row["id"] = uuid5(row["id"], "another")
    refusal = nullcontext() if passes else pytest.raises(psycopg.errors.InsufficientPrivilege)
    with refusal, acting(world, APP, ASH, who=role):
        insert(world, table, row)
    world.execute("UPDATE clinic_visits SET is_confidential = false")
    with acting(world, APP, ASH, who=role):
        insert(world, table, row)
