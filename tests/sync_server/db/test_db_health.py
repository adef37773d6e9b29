"""Each look of `db health` finds what it is for, in a real database, and nothing where all is well."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread

import psycopg
import pytest
from psycopg import Connection
from psycopg.rows import TupleRow
from tests.central_database import PASSWORDS

from wc_sync_server.db.fingerprint import fingerprint
from wc_sync_server.db.health import activity, indexes
from wc_sync_server.db.health import examine as examining
from wc_sync_server.db.health.examine import LOOKS, examine
from wc_sync_server.db.health.findings import Finding, Severity
from wc_sync_server.db.provision import Dsns, provision
from wc_sync_server.embedded import Dsn, EmbeddedPostgres, postmaster

pytestmark = pytest.mark.postgres


@pytest.fixture
def superuser(central_superuser: Dsn) -> Iterator[Connection[TupleRow]]:
    with psycopg.connect(central_superuser.conninfo(), autocommit=True) as connection:
        yield connection


def found(dsns: Dsns, check: str) -> list[Finding]:
    return [finding for finding in examine(dsns.migrate) if finding.check == check]


def one(dsns: Dsns, check: str) -> Finding:
    (finding,) = found(dsns, check)
    assert finding.to_do
    return finding


def count_anew(connection: Connection[TupleRow], *tables_: str) -> None:
    """Let PostgreSQL tell its statistics at once."""
    connection.execute("SELECT pg_stat_force_next_flush()")
    for table in tables_:
        connection.execute(f"ANALYZE {table}".encode())
    connection.execute("SELECT pg_stat_force_next_flush()")


def test_a_fresh_database_has_nothing_bad(central_dsns: Dsns) -> None:
    assert [finding for finding in examine(central_dsns.migrate) if finding.severity is not Severity.NOTE] == []


def test_no_look_is_refused_to_the_migrating_role(central_dsns: Dsns) -> None:
    assert not [finding for finding in examine(central_dsns.migrate) if finding.subject == "this look"]
    assert found(central_dsns, "what can be seen") == []
    assert len(LOOKS) > 10


@pytest.mark.usefixtures("unchecked_statements")
def test_a_role_that_sees_less_is_told_so(central_dsns: Dsns) -> None:
    assert one(central_dsns_of_app(central_dsns), "what can be seen").severity is Severity.WARN


def central_dsns_of_app(dsns: Dsns) -> Dsns:
    return Dsns(migrate=dsns.app, app=dsns.app, audit_reader=dsns.audit_reader, backup=dsns.backup)


def test_an_index_left_invalid_is_bad(central_dsns: Dsns, superuser: Connection[TupleRow]) -> None:
    superuser.execute(
        "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'ix_receipts_school_id_received_at'::regclass"
    )
    finding = one(central_dsns, "invalid index")
    assert finding.severity is Severity.BAD
    assert finding.subject == "ix_receipts_school_id_received_at on receipts"


def test_a_foreign_key_without_an_index_is_bad(central_dsns: Dsns, superuser: Connection[TupleRow]) -> None:
    superuser.execute("DROP INDEX ix_sessions_user_id")
    finding = one(central_dsns, "foreign key without index")
    assert (finding.severity, finding.subject) == (Severity.BAD, "fk_sessions_user_id of sessions")


def test_an_index_that_only_some_rows_are_in_serves_no_foreign_key(
    central_dsns: Dsns, superuser: Connection[TupleRow]
) -> None:
    superuser.execute("DROP INDEX ix_sessions_user_id")
    superuser.execute("CREATE INDEX ix_part ON sessions (district_id, user_id) WHERE ended_at IS NULL")
    assert one(central_dsns, "foreign key without index").subject == "fk_sessions_user_id of sessions"


def fill_epochs(connection: Connection[TupleRow], rows: int) -> None:
    connection.execute(
        "INSERT INTO server_epochs SELECT gen_random_uuid(), 'test', now() FROM generate_series(1, %s)", (rows,)
    )


def test_a_big_table_read_from_end_to_end_wants_an_index(central_dsns: Dsns, superuser: Connection[TupleRow]) -> None:
    fill_epochs(superuser, 12_000)
    for _ in range(4):
        superuser.execute("SELECT count(*) FROM server_epochs WHERE reason = 'x'")
    count_anew(superuser, "server_epochs")
    finding = one(central_dsns, "missing index")
    assert (finding.severity, finding.subject) == (Severity.WARN, "server_epochs")


def test_an_index_that_nobody_uses_is_told_of(central_dsns: Dsns, superuser: Connection[TupleRow]) -> None:
    superuser.execute("CREATE INDEX ix_for_nobody ON students (district_id, grade)")
    finding = next(each for each in found(central_dsns, "unused index") if each.subject.startswith("ix_for_nobody"))
    assert finding.severity is Severity.NOTE, "counted too briefly to tell"
    unasked = {each.subject.split()[0] for each in found(central_dsns, "unused index")}
    assert "ix_sessions_user_id" not in unasked, "it serves a foreign key"
    assert "pk_students" not in unasked


@pytest.mark.parametrize("measured", [True, False])
def test_an_index_full_of_air_is_found(
    central_dsns: Dsns, superuser: Connection[TupleRow], monkeypatch: pytest.MonkeyPatch, *, measured: bool
) -> None:
    monkeypatch.setattr(indexes, "_BLOAT_FROM", 1024 * 1024)
    if measured:
        superuser.execute("CREATE EXTENSION pgstattuple")
    fill_epochs(superuser, 60_000)
    count_anew(superuser, "server_epochs")
    assert found(central_dsns, "bloated index") == []
    superuser.execute("DELETE FROM server_epochs WHERE id::text !~ '^.{7}0'")
    superuser.execute("VACUUM ANALYZE server_epochs")
    finding = next(each for each in found(central_dsns, "bloated index") if "pk_server_epochs" in each.subject)
    assert ("measured" if measured else "an estimate") in finding.found


def test_dead_rows_are_found(central_dsns: Dsns, superuser: Connection[TupleRow]) -> None:
    superuser.execute("ALTER TABLE server_epochs SET (autovacuum_enabled = off)")
    fill_epochs(superuser, 15_000)
    superuser.execute("UPDATE server_epochs SET reason = 'again'")
    count_anew(superuser, "server_epochs")
    finding = one(central_dsns, "dead rows")
    assert (finding.severity, finding.subject) == (Severity.BAD, "server_epochs")
    assert "never vacuumed" in finding.found


def test_a_constraint_left_unvalidated_is_found(central_dsns: Dsns, superuser: Connection[TupleRow]) -> None:
    superuser.execute("ALTER TABLE students ADD CONSTRAINT ck_half_done CHECK (grade IS NOT NULL) NOT VALID")
    assert one(central_dsns, "constraint not validated").subject == "ck_half_done of students"


@pytest.mark.parametrize(
    ("statement", "table"),
    [
        ("ALTER TABLE allergies NO FORCE ROW LEVEL SECURITY", "allergies"),
        ("ALTER TABLE students DISABLE ROW LEVEL SECURITY", "students"),
    ],
)
def test_row_level_security_left_open_is_bad(
    central_dsns: Dsns, superuser: Connection[TupleRow], statement: str, table: str
) -> None:
    superuser.execute(statement.encode())
    finding = one(central_dsns, "row-level security")
    assert (finding.severity, finding.subject) == (Severity.BAD, table)


def test_an_open_partition_is_bad_too(central_dsns: Dsns, superuser: Connection[TupleRow]) -> None:
    month = superuser.execute(
        "SELECT min(inhrelid::regclass::text) FROM pg_inherits WHERE inhparent = 'audit_logs'::regclass"
    ).fetchall()[0][0]
    superuser.execute(f"ALTER TABLE {month} NO FORCE ROW LEVEL SECURITY".encode())
    assert one(central_dsns, "row-level security").subject == month


def test_a_table_nobody_declared_is_found(central_dsns: Dsns, superuser: Connection[TupleRow]) -> None:
    superuser.execute("CREATE TABLE students_copy AS SELECT 1 AS n")
    assert one(central_dsns, "unknown table").subject == "students_copy"


def test_months_that_run_out_are_found(central_dsns: Dsns, superuser: Connection[TupleRow]) -> None:
    months = "SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = 'audit_logs'::regclass ORDER BY 1 DESC"
    ahead = [row[0] for row in superuser.execute(months).fetchall()]
    assert found(central_dsns, "partitions") == []
    for number, (month, severity) in enumerate(
        zip(ahead, [None, Severity.WARN, Severity.BAD, Severity.BAD], strict=False)
    ):
        superuser.execute(f"DROP TABLE {month}".encode())
        assert [each.severity for each in found(central_dsns, "partitions")] == (
            [] if severity is None else [severity]
        ), number
    assert one(central_dsns, "partitions").found == "this month is missing"


def test_rows_written_beside_the_months_are_found(central_dsns: Dsns, superuser: Connection[TupleRow]) -> None:
    # What stands in the row does not matter here, so its rules are lifted.
    columns = superuser.execute(
        "SELECT attname FROM pg_attribute WHERE attrelid = 'audit_overflow'::regclass AND attnum > 0 AND attnotnull"
        " AND attname <> ALL(ARRAY(SELECT a.attname FROM pg_constraint k JOIN pg_attribute a ON a.attrelid = k.conrelid"
        " AND a.attnum = ANY(k.conkey) WHERE k.conrelid = 'audit_overflow'::regclass AND k.contype = 'p'))"
    ).fetchall()
    superuser.execute("SET session_replication_role = replica")
    for (column,) in columns:
        superuser.execute(f"ALTER TABLE audit_overflow ALTER COLUMN {column} DROP NOT NULL".encode())
    for (name,) in superuser.execute(
        "SELECT conname FROM pg_constraint WHERE conrelid = 'audit_overflow'::regclass AND contype = 'c'"
    ).fetchall():
        superuser.execute(f"ALTER TABLE audit_overflow DROP CONSTRAINT {name}".encode())
    superuser.execute(
        "INSERT INTO audit_overflow (district_id, id, received_at) SELECT gen_random_uuid(), gen_random_uuid(), now()"
    )
    count_anew(superuser, "audit_overflow")
    finding = one(central_dsns, "partitions")
    assert (finding.severity, finding.subject) == (Severity.BAD, "audit_overflow")
    assert "about 1 rows" in finding.found


@contextmanager
def in_transaction(dsn: str, statement: str) -> Iterator[Connection[TupleRow]]:
    with psycopg.connect(dsn) as connection:
        connection.execute(statement.encode())
        try:
            yield connection
        finally:
            connection.rollback()


def test_who_waits_for_whom_is_told(central_dsns: Dsns, superuser: Connection[TupleRow]) -> None:
    with in_transaction(central_dsns.migrate, "SET ROLE wc_owner; LOCK TABLE students") as holder:
        waiter = Thread(target=_wait_for_students, args=(central_dsns.app,))
        waiter.start()
        for _ in range(100_000):
            if superuser.execute("SELECT 1 FROM pg_locks WHERE NOT granted").fetchall():
                break
        finding = one(central_dsns, "lock")
        assert "AccessShareLock on students" in finding.found
        assert finding.found.endswith(f"held by {holder.info.backend_pid}")
        assert "wc_app" in finding.subject
    waiter.join()


def test_whoever_holds_up_others_is_ended_one_session_at_a_time(
    central_dsns: Dsns, superuser: Connection[TupleRow]
) -> None:
    hold = "SET ROLE wc_owner; LOCK TABLE students IN ROW SHARE MODE"
    with in_transaction(central_dsns.migrate, hold) as one_, in_transaction(central_dsns.migrate, hold) as two:
        waiter = Thread(target=_lock_students, args=(central_dsns.migrate,))
        waiter.start()
        for _ in range(100_000):
            if superuser.execute("SELECT 1 FROM pg_locks WHERE NOT granted").fetchall():
                break
        finding = one(central_dsns, "lock")
        low, high = sorted((one_.info.backend_pid, two.info.backend_pid))
        assert finding.found.endswith(f"held by {low}, {high}")
        assert finding.to_do.endswith(f"SELECT pg_terminate_backend({low}); SELECT pg_terminate_backend({high});")
    waiter.join()


def _lock_students(dsn: str) -> None:
    with psycopg.connect(dsn) as connection:
        connection.execute("SET ROLE wc_owner; LOCK TABLE students IN ACCESS EXCLUSIVE MODE")


def test_looks_that_meet_the_limits_say_so_and_hide_no_other(
    central_dsns: Dsns, superuser: Connection[TupleRow], monkeypatch: pytest.MonkeyPatch
) -> None:
    def slow(connection: Connection[TupleRow]) -> Iterator[Finding]:
        yield Finding(check="bloated index", severity=Severity.WARN, subject="first", found="air", to_do="something")
        connection.execute("SELECT pg_sleep(5)")

    monkeypatch.setitem(LOOKS, "bloated indexes", slow)
    monkeypatch.setattr(examining, "_STATEMENT_SECONDS", 0.4)
    monkeypatch.setattr(examining, "_LOCK_SECONDS", 0.1)
    superuser.execute("DROP INDEX ix_sessions_user_id")
    with in_transaction(central_dsns.migrate, "SET ROLE wc_owner; LOCK TABLE audit_overflow"):
        seen = examine(central_dsns.migrate)
    unseen = {finding.check: finding.found for finding in seen if finding.subject == "this look"}
    assert unseen == {
        "bloated indexes": "not seen: it took longer than 0.4 s",
        "partitions": "not seen: what it looks at stayed locked for 0.1 s",
    }
    assert "first" in {finding.subject for finding in seen}
    assert [finding for finding in seen if finding.check == "foreign key without index"]


def _wait_for_students(dsn: str) -> None:
    with psycopg.connect(dsn) as connection:
        connection.execute("SELECT count(*) FROM students WHERE district_id = %s", (None,))


@pytest.mark.usefixtures("unchecked_statements")
def test_a_transaction_left_open_is_bad(central_dsns: Dsns, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(activity, "_IDLE", 0.0)
    with in_transaction(central_dsns.app, "SELECT 1") as sleeper:
        session = sleeper.info.backend_pid
        finding = one(central_dsns, "long transaction")
    assert finding.severity is Severity.BAD
    assert finding.subject.startswith(f"session {session} (wc_app")
    assert "idle in transaction" in finding.found


def test_a_transaction_prepared_and_forgotten_is_bad(
    central_dsns: Dsns, superuser: Connection[TupleRow], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(activity, "_LONG", 0.0)
    superuser.execute("BEGIN; CREATE TABLE audit_logs_x (n int); PREPARE TRANSACTION 'forgotten'")
    try:
        finding = one(central_dsns, "prepared transaction")
    finally:
        superuser.execute("ROLLBACK PREPARED 'forgotten'")
    assert (finding.severity, finding.subject) == (Severity.BAD, "forgotten")


def test_a_standby_that_is_behind_is_told() -> None:
    assert list(activity._behind("standby a", 5.0, "")) == []
    (warn,) = activity._behind("standby a", 60.0, ", 3.0 MiB of log")
    (bad,) = activity._behind("standby a", 3_700.0, "")
    assert (warn.severity, warn.found) == (Severity.WARN, "1 min behind, 3.0 MiB of log")
    assert (bad.severity, bad.found) == (Severity.BAD, "1 h 1 min behind")


def test_a_slot_that_nobody_reads_is_told(
    central_dsns: Dsns, superuser: Connection[TupleRow], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(activity, "_SLOT_WARN", 0)
    superuser.execute("SELECT pg_create_physical_replication_slot('gone', true)")
    try:
        assert one(central_dsns, "replication slot").subject == "gone"
    finally:
        superuser.execute("SELECT pg_drop_replication_slot('gone')")


def test_a_library_that_is_not_loaded_hides_no_other_look(central_dsns: Dsns, superuser: Connection[TupleRow]) -> None:
    superuser.execute("CREATE EXTENSION pg_stat_statements")
    superuser.execute("DROP INDEX ix_sessions_user_id")
    assert found(central_dsns, "foreign key without index")
    assert one(central_dsns, "slow statements").subject == "this look"


@pytest.fixture
def with_statements(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Dsns, Dsn]]:
    """Give a server that counts statements: the suite's own does not."""
    monkeypatch.setitem(postmaster._NOT_DURABLE, "shared_preload_libraries", "pg_stat_statements")
    server = EmbeddedPostgres(tmp_path / "postgres", durable=False)
    server.start()
    try:
        made = provision(server.superuser_dsn("postgres").conninfo(), "health", PASSWORDS)
        yield made, server.superuser_dsn("health")
    finally:
        server.erase()


def test_what_pg_stat_statements_knows_is_told_without_values(
    with_statements: tuple[Dsns, Dsn], monkeypatch: pytest.MonkeyPatch
) -> None:
    dsns, superuser = with_statements
    monkeypatch.setattr(activity, "_SLOW_MS", 5.0)
    statement = "SELECT pg_sleep(0.02), 'Zoraida'"
    with psycopg.connect(superuser.conninfo(), autocommit=True) as connection:
        connection.execute("CREATE EXTENSION pg_stat_statements")
        connection.execute(statement)
    told = {finding.subject: finding for finding in found(dsns, "slow statement")}
    assert "1 calls" in told[fingerprint(statement)].found
    assert "select pg_sleep(?)" in told[fingerprint(statement)].found
    assert "Zoraida" not in repr(told)


def test_the_fingerprint_is_that_of_pg_stat_statements() -> None:
    ours = "SELECT s.id FROM students s WHERE s.district_id = %(district)s AND s.grade IN ('1', '2') LIMIT 10"
    theirs = "SELECT s.id FROM students s WHERE s.district_id = $1 AND s.grade IN ($2, $3) LIMIT $4"
    assert fingerprint(ours) == fingerprint(theirs)


def test_no_finding_shows_a_password_or_a_row(central_dsns: Dsns) -> None:
    said = " ".join(repr(finding) for finding in examine(central_dsns.migrate))
    assert PASSWORDS.migrate not in said
    assert not re.search(r"password", said)
