"""The revisions of the central database: one head, equal to the models, there and back, with data in it."""

from collections.abc import Callable
from pathlib import Path
from threading import Thread
from typing import Any

import psycopg
import pytest
from psycopg import Connection
from psycopg.conninfo import conninfo_to_dict
from tests.central_database import PASSWORDS
from tests.sync_server.db.central_world import fill

from wc_sync_server.db import migrate
from wc_sync_server.db.ddl import create_statements
from wc_sync_server.db.grants import OWNER
from wc_sync_server.db.provision import Dsns, provision
from wc_sync_server.db.tables import METADATA
from wc_sync_server.embedded import Dsn

pytestmark = pytest.mark.postgres

VERSIONS = Path(__file__).resolve().parents[2] / "migrations" / "central" / "versions"

# What two databases must have in common to be the same, partitions apart: they follow the calendar.
ASPECTS = {
    "columns": """
        SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attgenerated,
               pg_get_expr(d.adbin, d.adrelid)
        FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
        LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
        WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
        AND a.attnum > 0 AND NOT a.attisdropped AND c.relname <> 'alembic_version'""",
    "constraints": """
        SELECT conrelid::regclass::text, conname, pg_get_constraintdef(k.oid) FROM pg_constraint k
        JOIN pg_class c ON c.oid = k.conrelid WHERE k.connamespace = 'public'::regnamespace
        AND NOT c.relispartition AND c.relname <> 'alembic_version'""",
    "indexes": """
        SELECT c.relname, pg_get_indexdef(c.oid) FROM pg_class c
        WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('i', 'I') AND NOT c.relispartition
        AND c.relname NOT LIKE 'alembic%'""",
    "policies": """
        SELECT tablename, policyname, permissive, roles, cmd, qual, with_check FROM pg_policies
        WHERE tablename NOT LIKE 'audit_logs_2%'""",
    "security": """
        SELECT relname, relrowsecurity, relforcerowsecurity, pg_get_userbyid(relowner) FROM pg_class
        WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition
        AND relname <> 'alembic_version'""",
    "rights": """
        SELECT table_name, grantee, privilege_type FROM information_schema.role_table_grants
        WHERE table_schema = 'public' AND table_name NOT LIKE 'audit_logs_2%' AND table_name <> 'alembic_version'""",
    "rights to columns": """
        SELECT attrelid::regclass::text, attname, attacl::text FROM pg_attribute WHERE attacl IS NOT NULL
        AND attrelid IN (SELECT oid FROM pg_class WHERE relnamespace = 'public'::regnamespace)""",
    "functions": """
        SELECT p.proname, pg_get_functiondef(p.oid), p.proacl::text FROM pg_proc p
        WHERE p.pronamespace = 'wc_sec'::regnamespace""",
}


@pytest.fixture
def empty(fresh_database: Callable[..., Dsn]) -> tuple[Dsns, Dsn]:
    made = fresh_database()
    return provision(made.conninfo(), made.database, PASSWORDS), made


def aspect(dsn: str, name: str) -> set[tuple[Any, ...]]:
    with psycopg.connect(dsn) as connection:
        rows = connection.execute(ASPECTS[name].encode()).fetchall()
    return {tuple(str(value) for value in row) for row in rows}


def objects(connection: Connection[Any]) -> list[str]:
    query = """SELECT c.relname FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace
               AND c.relname NOT LIKE 'alembic_version%' UNION ALL SELECT nspname FROM pg_namespace
               WHERE nspname = 'wc_sec'"""
    return [name for (name,) in connection.execute(query).fetchall()]


def test_there_is_one_head() -> None:
    assert migrate.head() is not None


def test_revisions_are_named_by_their_time() -> None:
    for file in VERSIONS.glob("*.py"):
        stamp, clock, *words = file.stem.split("_")
        assert (len(stamp), len(clock)) == (8, 6)
        assert (stamp + clock).isdigit()
        assert words
        assert f'revision = "{stamp}_{clock}"' in file.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def migrated_and_modelled(module_database: Callable[..., Dsn]) -> tuple[str, str]:
    migrated, modelled = module_database(), module_database()
    migrate.upgrade(provision(migrated.conninfo(), migrated.database, PASSWORDS).migrate)
    models = provision(modelled.conninfo(), modelled.database, PASSWORDS)
    with psycopg.connect(models.migrate) as connection:
        connection.execute(f"SET ROLE {OWNER}".encode())
        for statement in create_statements():
            connection.execute(statement.encode())
    return migrated.conninfo(), modelled.conninfo()


@pytest.mark.parametrize("name", ASPECTS)
def test_the_head_equals_the_models(migrated_and_modelled: tuple[str, str], name: str) -> None:
    migrated, modelled = migrated_and_modelled
    assert aspect(migrated, name) == aspect(modelled, name)
    assert aspect(migrated, name)


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("columns", "ALTER TABLE students ADD nickname text"),
        ("constraints", "ALTER TABLE students DROP CONSTRAINT ck_students_withdrawn_on"),
        ("indexes", "DROP INDEX idx_students_search"),
        ("policies", "ALTER POLICY tenant ON students USING (true)"),
        ("security", "ALTER TABLE students NO FORCE ROW LEVEL SECURITY"),
        ("rights", "GRANT DELETE ON students TO wc_app"),
        ("rights to columns", "GRANT UPDATE (dose_given) ON medication_logs TO wc_app"),
        ("functions", "GRANT EXECUTE ON FUNCTION wc_sec.current_district() TO PUBLIC"),
    ],
)
def test_a_difference_is_seen(central_superuser: Dsn, name: str, change: str) -> None:
    before = aspect(central_superuser.conninfo(), name)
    with psycopg.connect(central_superuser.conninfo()) as connection:
        connection.execute(change.encode())
    assert aspect(central_superuser.conninfo(), name) != before


def test_every_table_of_the_models_is_there(central_superuser: Dsn) -> None:
    with psycopg.connect(central_superuser.conninfo()) as connection:
        assert set(METADATA.tables) <= set(objects(connection))


def test_up_down_up(empty: tuple[Dsns, Dsn]) -> None:
    dsns, superuser = empty
    migrate.upgrade(dsns.migrate)
    first = {name: aspect(superuser.conninfo(), name) for name in ASPECTS}
    migrate.downgrade(dsns.migrate, "base")
    with psycopg.connect(superuser.conninfo()) as connection:
        assert objects(connection) == []
    assert migrate.current(dsns.migrate) is None
    migrate.upgrade(dsns.migrate)
    assert {name: aspect(superuser.conninfo(), name) for name in ASPECTS} == first


def test_down_with_data_and_upgrade_again_leave_nothing_behind(empty: tuple[Dsns, Dsn]) -> None:
    dsns, superuser = empty
    migrate.upgrade(dsns.migrate)
    with psycopg.connect(superuser.conninfo()) as connection:
        fill(connection)
    migrate.upgrade(dsns.migrate)
    with psycopg.connect(superuser.conninfo()) as connection:
        assert connection.execute("SELECT count(*) FROM medication_logs").fetchall() == [(3,)]
    migrate.downgrade(dsns.migrate, "base")
    migrate.upgrade(dsns.migrate)
    with psycopg.connect(superuser.conninfo()) as connection:
        assert connection.execute("SELECT count(*) FROM medication_logs").fetchall() == [(0,)]


def test_a_failing_revision_leaves_nothing(empty: tuple[Dsns, Dsn]) -> None:
    dsns, superuser = empty
    with psycopg.connect(superuser.conninfo()) as connection:
        connection.execute("CREATE TABLE refused_entries (id int)")
    with pytest.raises(Exception, match="refused_entries"):
        migrate.upgrade(dsns.migrate)
    with psycopg.connect(superuser.conninfo()) as connection:
        assert [name for name in objects(connection) if name != "refused_entries"] == []


def test_a_second_migration_waits_for_the_first(empty: tuple[Dsns, Dsn]) -> None:
    dsns, superuser = empty
    second = Thread(target=migrate.upgrade, args=(dsns.migrate,))
    with psycopg.connect(superuser.conninfo()) as first:
        first.execute("SELECT pg_advisory_xact_lock(7402115263)")
        second.start()
        second.join(timeout=0.7)
        assert second.is_alive()
        assert objects(first) == []
    second.join(timeout=30)
    assert migrate.current(dsns.migrate) == migrate.head()


def test_a_foreign_key_is_validated_only_over_rows_that_the_owner_sees(
    central_superuser: Dsn, central_dsns: Dsns
) -> None:
    """What docs/migrations.md says of the next foreign key; a CHECK needs none of it (test_steps.py)."""
    validate = "ALTER TABLE students VALIDATE CONSTRAINT fk_students_nurse_id"
    with psycopg.connect(central_superuser.conninfo()) as connection:
        fill(connection)
        ((key,),) = connection.execute(
            "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = 'fk_students_nurse_id'"
        ).fetchall()
        connection.execute("ALTER TABLE students DROP CONSTRAINT fk_students_nurse_id")
        connection.execute("UPDATE students SET nurse_id = gen_random_uuid()")
    with psycopg.connect(central_dsns.migrate, autocommit=True) as owner:
        owner.execute(f"SET ROLE {OWNER}".encode())
        add = f"ALTER TABLE students ADD CONSTRAINT fk_students_nurse_id {key} NOT VALID"
        owner.execute(add.encode())
        owner.execute(validate)  # nothing is said of three orphans
        owner.execute("ALTER TABLE students DROP CONSTRAINT fk_students_nurse_id")
        owner.execute(add.encode())
        lift = "ALTER TABLE students NO FORCE ROW LEVEL SECURITY; ALTER TABLE users NO FORCE ROW LEVEL SECURITY"
        # Statements sent together are one transaction.
        with pytest.raises(psycopg.errors.ForeignKeyViolation):
            owner.execute(f"{lift}; {validate}".encode())
        with psycopg.connect(central_superuser.conninfo()) as connection:
            connection.execute("UPDATE students s SET nurse_id = u.id FROM users u WHERE u.district_id = s.district_id")
        owner.execute(f"{lift}; {validate}".encode())
        # The other table's rows must be in sight as well: else good rows look like orphans.
        owner.execute("ALTER TABLE students DROP CONSTRAINT fk_students_nurse_id")
        owner.execute(add.encode())
        with pytest.raises(psycopg.errors.ForeignKeyViolation):
            owner.execute(f"ALTER TABLE users FORCE ROW LEVEL SECURITY; {validate}".encode())


def test_provisioning_twice_changes_nothing(central_dsns: Dsns, central_superuser: Dsn) -> None:
    again = provision(central_superuser.conninfo(), central_superuser.database, PASSWORDS)
    assert again == central_dsns
    assert conninfo_to_dict(again.app)["user"] == "wc_app"
    with psycopg.connect(again.app) as connection:
        assert connection.execute("SELECT current_user").fetchall() == [("wc_app",)]


def test_the_ways_in_do_not_print_their_passwords(central_dsns: Dsns) -> None:
    assert PASSWORDS.app not in repr(central_dsns)
    assert PASSWORDS.app not in repr(PASSWORDS)
