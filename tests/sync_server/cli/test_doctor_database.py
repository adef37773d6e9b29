"""`doctor` on a database that is really broken in one way: it is named, with what to do, and nothing else is."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import psycopg
import pytest
from psycopg.conninfo import make_conninfo
from tests.central_database import PASSWORDS
from tests.sync_server.cli.examined import examined, ways_in

from wc_sync_server.cli.doctor.database import address
from wc_sync_server.cli.doctor.patient import Signed
from wc_sync_server.db import migrate
from wc_sync_server.db.doctor import cluster
from wc_sync_server.db.doctor.verdicts import State
from wc_sync_server.db.months import Month
from wc_sync_server.db.provision import Dsns, provision
from wc_sync_server.embedded import Dsn

pytestmark = pytest.mark.postgres

OF_SCHEMA = ("schema", "protection", "policies", "grants")


def done(superuser: Dsn, *statements: str) -> None:
    with psycopg.connect(superuser.conninfo(), autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement.encode())


@pytest.fixture
def mended(central_superuser: Dsn, central_dsns: Dsns) -> Iterator[Dsns]:
    """Give a database whose roles, which others share, are put right again as `doctor` advises."""
    yield central_dsns
    provision(central_superuser.conninfo(), central_superuser.database, PASSWORDS)


BROKEN = {
    "protection": {
        "ALTER TABLE students NO FORCE ROW LEVEL SECURITY": "students",
        "ALTER TABLE allergies DISABLE ROW LEVEL SECURITY": "allergies",
        "ALTER TABLE {month} NO FORCE ROW LEVEL SECURITY": "{month}",
        "CREATE TABLE copied AS SELECT * FROM students": "copied",
    },
    "policies": {
        "DROP POLICY tenant ON students": "students (tenant: missing)",
        "ALTER POLICY tenant ON schools USING (true)": "schools (tenant: changed)",
        "CREATE POLICY more ON students USING (true)": "students (more: not declared)",
        "DROP POLICY tenant ON {month}": "{month} (tenant: missing)",
        "CREATE OR REPLACE FUNCTION wc_sec.current_role() RETURNS text LANGUAGE sql AS "
        "$$ SELECT 'SYSTEM' $$": "wc_sec (current_role: changed)",
        "GRANT EXECUTE ON FUNCTION wc_sec.current_district() TO PUBLIC": "wc_sec (current_district: changed)",
    },
    "grants": {
        "GRANT DELETE ON students TO wc_app": "students (wc_app DELETE: not declared)",
        "GRANT SELECT ON user_credentials TO PUBLIC": "user_credentials (PUBLIC SELECT: not declared)",
        "GRANT UPDATE (dose_given) ON medication_logs TO wc_app": "(wc_app UPDATE of dose_given: not declared)",
        "REVOKE INSERT ON audit_logs FROM wc_app": "audit_logs (wc_app INSERT: missing)",
        "REVOKE SELECT ON students FROM wc_backup": "students (wc_backup SELECT: missing)",
        "GRANT SELECT ON {month} TO wc_app": "{month} (wc_app SELECT: not declared)",
    },
    "schema": {
        "ALTER TABLE students ADD nickname text": "students (nickname: not declared)",
        "DROP INDEX idx_students_search": "students (idx_students_search: missing)",
        "ALTER TABLE students DROP CONSTRAINT ck_students_withdrawn_on": "students (ck_students_withdrawn_on: missing)",
    },
}


@pytest.mark.parametrize("check", BROKEN)
def test_what_was_changed_by_hand_is_named_and_nothing_else(
    central_superuser: Dsn, central_dsns: Dsns, check: str
) -> None:
    month = this_month(central_superuser)
    done(central_superuser, *(broken.format(month=month) for broken in BROKEN[check]))
    seen = examined(ways_in(central_dsns), *OF_SCHEMA)
    for words in BROKEN[check].values():
        assert seen.named(check, words.format(month=month)), seen.said
    told = [
        name
        for _, found in seen.states("do")
        for name in found.split("declared: ", 1)[-1].split(", ")
        if check != "protection"
    ]
    assert len(told) == (0 if check == "protection" else len(BROKEN[check]))
    assert (seen.code, {name for name, _ in seen.states("do", "unseen")}) == (1, {check}), seen.said


def this_month(superuser: Dsn) -> str:
    with psycopg.connect(superuser.conninfo()) as connection:
        ((now,),) = connection.execute("SELECT now() AT TIME ZONE 'UTC'").fetchall()
    return Month(year=now.year, month=now.month).table


def test_an_untouched_database_has_nothing_to_do_and_keeps_nothing_of_the_comparison(
    central_superuser: Dsn, central_dsns: Dsns
) -> None:
    seen = examined(ways_in(central_dsns), *OF_SCHEMA, "roles", "postgresql", "database", "logging", "months")
    assert (seen.code, seen.states("do", "unseen")) == (0, []), seen.said
    with psycopg.connect(central_superuser.conninfo()) as connection:
        ((left,),) = connection.execute("SELECT count(*) FROM pg_namespace WHERE nspname = 'wc_as_declared'").fetchall()
    assert left == 0


ATTRIBUTES = {
    "ALTER ROLE wc_app BYPASSRLS": "wc_app passes row-level security",
    "ALTER ROLE wc_audit_reader SUPERUSER": "wc_audit_reader has SUPERUSER",
    "ALTER ROLE wc_app CREATEROLE CREATEDB": "wc_app has CREATEDB, CREATEROLE",
    "ALTER ROLE wc_backup NOBYPASSRLS": "its backups are empty",
    "ALTER ROLE wc_owner LOGIN": "wc_owner can sign in",
    "ALTER ROLE wc_audit_reader RESET log_error_verbosity": "wc_audit_reader lacks log_error_verbosity",
    "REVOKE pg_monitor FROM wc_migrate": "wc_migrate is no member of pg_monitor",
    "GRANT CREATE ON SCHEMA public TO PUBLIC": ", tables in public",
    "GRANT TEMP ON DATABASE {database} TO PUBLIC": "wc_app may make temporary tables",
}


def test_roles_that_can_do_more_or_less_than_they_should_are_named_and_provision_mends_them(
    central_superuser: Dsn, mended: Dsns
) -> None:
    done(central_superuser, *(broken.format(database=central_superuser.database) for broken in ATTRIBUTES))
    seen = examined(ways_in(mended), "roles")
    for words in ATTRIBUTES.values():
        assert seen.named("roles", words), seen.said
    provision(central_superuser.conninfo(), central_superuser.database, PASSWORDS)
    assert examined(ways_in(mended), "roles").code == 0


def test_roles_that_may_become_others_or_own_something_are_named(central_superuser: Dsn, mended: Dsns) -> None:
    done(central_superuser, "GRANT wc_owner, wc_backup TO wc_app", "ALTER TABLE students OWNER TO wc_audit_reader")
    try:
        seen = examined(ways_in(mended), "roles")
    finally:
        done(central_superuser, "REVOKE wc_owner, wc_backup FROM wc_app", "ALTER TABLE students OWNER TO wc_owner")
    for words in ("wc_app is a member of wc_owner", "member of wc_backup", "wc_audit_reader owns public.students"):
        assert seen.named("roles", words), seen.said


def test_an_address_of_the_wrong_role_is_named(central_superuser: Dsn, central_dsns: Dsns) -> None:
    told = ways_in(central_dsns)
    seen = examined({**told, "WC_DATABASE_URL": central_superuser.conninfo()}, "database")
    assert seen.named("database", "WC_DATABASE_URL signs in as postgres, a superuser")
    seen = examined({**told, "WC_AUDIT_URL": central_dsns.app}, "database")
    assert seen.named("database", "WC_AUDIT_URL signs in as wc_app, not wc_audit_reader")
    seen = examined({"WC_DATABASE_URL": central_dsns.app}, "database")
    assert seen.named("database", "WC_MIGRATE_URL is not set")
    assert seen.named("database", "the audit is not sealed")


def test_a_database_that_does_not_answer_is_not_seen_and_says_so_once_for_each_check(central_dsns: Dsns) -> None:
    nowhere = make_conninfo(central_dsns.app, host="127.0.0.1", port=1)
    told = {"WC_DATABASE_URL": nowhere, "WC_MIGRATE_URL": nowhere, "WC_AUDIT_URL": nowhere}
    seen = examined(told, "database", "schema", "roles", "durability")
    assert (seen.code, seen.states("do", "well")) == (2, [])
    assert ("database", "WC_DATABASE_URL does not sign in (no answer)") in seen.states("unseen")
    wrong = {**ways_in(central_dsns), "WC_MIGRATE_URL": make_conninfo(central_dsns.migrate, password="wrong")}
    seen = examined(wrong, "database", "schema", "protection")
    assert {name for name, _ in seen.states("unseen")} == {"database", "schema"}, (
        "the application's address sees it too"
    )


def test_a_database_of_another_revision_is_named_and_not_compared(central_dsns: Dsns, central_superuser: Dsn) -> None:
    done(central_superuser, "UPDATE alembic_version SET version_num = '20261123_150000'")
    seen = examined(ways_in(central_dsns), "schema", "grants")
    assert seen.named("schema", "at revision 20261123_150000", str(migrate.head()), "db upgrade")
    assert [name for name, _ in seen.states("unseen")] == ["grants"]


def test_settings_that_lose_what_was_acknowledged_are_named(central_dsns: Dsns) -> None:
    """The server of these tests is one: it forgets all at a power cut."""
    seen = examined(ways_in(central_dsns), "durability")
    assert seen.code == 1
    assert seen.named("durability", "fsync is off")
    assert seen.named("durability", "full_page_writes is off")
    assert seen.named("durability", "synchronous_commit is off")


class Unsafe:
    """A cluster of which one setting is off, where those of the tests have it on from the beginning."""

    def __init__(self, connection: Any, name: str) -> None:
        self._connection, self._name = connection, name

    def execute(self, query: Any, values: tuple[str, ...]) -> Any:
        shown = self._connection.execute(query, values)
        return self._connection.execute("SELECT 'off'") if values == (self._name,) else shown


def test_pages_without_checksums_are_named(central_superuser: Dsn) -> None:
    with psycopg.connect(central_superuser.conninfo()) as connection:
        assert not [one for one in cluster.durability(connection) if "checksums" in one.found]
        (found,) = [one for one in cluster.durability(Unsafe(connection, "data_checksums")) if "checksums" in one.found]
    assert (found.state, "pg_checksums --enable" in found.to_do) == (State.DO, True)


def test_an_address_that_others_can_listen_to_is_named() -> None:
    far = Signed(
        role="wc_app", superuser=False, version=180_000, standby=False, encrypted=False, on_this_machine=False,
        checks_who_answers=False,
    )  # fmt: skip

    def said(signed: Signed, variable: str = "WC_DATABASE_URL") -> list[str]:
        return [one.found for one in address(variable, signed) if one.state in {State.DO, State.NOTE}]

    assert said(far) == ["WC_DATABASE_URL goes over the network unencrypted"]
    assert said(replace(far, encrypted=True)) == ["WC_DATABASE_URL is encrypted, but does not check who answers"]
    assert said(replace(far, encrypted=True, checks_who_answers=True)) == []
    assert said(replace(far, on_this_machine=True)) == []
    standby = replace(far, on_this_machine=True, standby=True)
    assert said(standby) == ["WC_DATABASE_URL leads to a standby, which takes no entries"]
    assert said(standby, "WC_REPORTS_URL") == []


def test_values_in_postgresqls_log_are_named(central_superuser: Dsn, central_dsns: Dsns) -> None:
    name = central_superuser.database
    loud = ("log_min_duration_statement = 0", "log_parameter_max_length = -1")
    done(central_superuser, *(f"ALTER DATABASE {name} SET {each}" for each in loud))
    seen = examined(ways_in(central_dsns), "logging")
    assert seen.named("logging", "log_min_duration_statement", "log_parameter_max_length = 0")


def test_missing_months_of_the_audit_are_named(central_superuser: Dsn, central_dsns: Dsns) -> None:
    with psycopg.connect(central_superuser.conninfo()) as connection:
        months = connection.execute("SELECT inhrelid::regclass::text FROM pg_inherits h WHERE inhparent"
                                    " = 'audit_logs'::regclass ORDER BY 1").fetchall()  # fmt: skip
    done(central_superuser, *(f"DROP TABLE {name}" for (name,) in months[1:]))
    assert examined(ways_in(central_dsns), "months").named("months", "0 months ahead", "db upgrade")
    done(central_superuser, f"DROP TABLE {months[0][0]}")
    assert examined(ways_in(central_dsns), "months").named("months", "this month is missing")


def test_too_few_connections_are_named(central_superuser: Dsn, central_dsns: Dsns) -> None:
    told = ways_in(central_dsns)
    assert examined(told, "connections").code == 0
    assert examined({**told, "WC_WORKERS": "64"}, "connections").named("connections", "960 connections")
    assert examined({**told, "WC_PUSHES_AT_ONCE": "20"}, "connections").named("connections", "WC_POOL_SIZE is 12")
    done(central_superuser, f"ALTER DATABASE {central_superuser.database} CONNECTION LIMIT 10")
    assert examined(told, "connections").named("connections", "10 are let in")


@pytest.mark.parametrize(
    ("number", "state"),
    [(140_021, "do"), (150_013, "do"), (150_014, "well"), (170_005, "do"), (180_000, "well"), (190_001, "note")],
)
def test_versions_of_postgresql_that_are_too_old_or_have_holes_are_named(number: int, state: str) -> None:
    assert cluster.version(number).state is State(state)


def test_a_clock_that_was_moved_is_named(central_superuser: Dsn, central_dsns: Dsns) -> None:
    told = ways_in(central_dsns)
    assert examined(told, "clock", "environment").code == 0
    seen = examined({**told, "WC_DEMO_CLOCK_OFFSET": "3600"}, "clock", "environment")
    assert seen.named("clock", "3600 s ahead of the database's")
    assert seen.named("environment", "WC_DEMO_CLOCK_OFFSET")
    assert examined({**told, "WC_DEMO_CLOCK_OFFSET": "-60"}, "clock").named("clock", "60 s behind the database's")
    name = central_superuser.database
    done(central_superuser, f"ALTER DATABASE {name} SET wc.demo_clock_offset = '90 seconds'")
    assert examined(told, "clock").named("clock", "a demonstration's time")
