"""The checker of statements sees each rule broken, and lets the product's own statements pass."""

import re
from pathlib import Path

import pytest
from tests.statement_rules import Statement, broken_rules

from wc_contract.model.kinds import KINDS, Scope
from wc_sync_server.db import statements

SERVER = Path(__file__).resolve().parents[3] / "src" / "wc_sync_server"
D = "%(district)s"

BROKEN = {
    "S1 no district": ("S1", "SELECT 1 FROM students WHERE id = %(id)s"),
    "S1 a literal": ("S1", "SELECT 1 FROM students WHERE district_id = '0190'"),
    "S1 a join": (
        "S1",
        f"SELECT 1 FROM students s JOIN allergies a ON a.student_id = s.id WHERE s.district_id = {D}",
    ),
    "S1 a comma join": ("S1", f"SELECT 1 FROM students s, allergies a WHERE s.district_id = {D}"),
    "S1 an update": ("S1", "UPDATE users SET failed_logins = 0 WHERE id = %(id)s"),
    "S1 an insert": ("S1", "INSERT INTO leases (id, body) VALUES (%s, %s)"),
    "S1 an insert of a constant": ("S1", "INSERT INTO leases (district_id, id) VALUES ('0190', %s)"),
    "S1 a sub-query": (
        "S1",
        f"SELECT 1 FROM students s WHERE s.district_id = {D} AND s.id IN (SELECT a.student_id FROM allergies a)",
    ),
    "S2 set_config": ("S2", "SELECT set_config('wc.context', %(d)s, true)"),
    "S2 a session set": ("S2", "SET wc.context = 'x'"),
    "S3": (
        "S3",
        "INSERT INTO leases (district_id, id) SELECT %(d)s, r.id FROM jsonb_to_recordset(%(r)s) AS r(id uuid)",
    ),
    "S4 a function": (
        "S4",
        "INSERT INTO users (district_id, id) VALUES (%s, %s) ON CONFLICT (district_id, id) DO UPDATE SET email = f(1)",
    ),
    "S4 a cast": (
        "S4",
        (
            "INSERT INTO users (district_id, id) VALUES (%s, %s)"
            " ON CONFLICT (district_id, id) DO UPDATE SET updated_at = %(at)s::timestamptz"
        ),
    ),
    "S5 now": ("S5", f"UPDATE users SET updated_at = now() WHERE district_id = {D}"),
    "S5 an id": ("S5", "INSERT INTO leases (district_id, id) VALUES (%s, gen_random_uuid())"),
    "S6 merge": ("S6", "MERGE INTO students USING x ON true WHEN MATCHED THEN DELETE"),
    "S6 copy": ("S6", "COPY students FROM STDIN"),
    "S6 lateral": ("S6", f"SELECT 1 FROM users u LEFT JOIN LATERAL (SELECT 1) x ON true WHERE u.district_id = {D}"),
    "S6 serializable": ("S6", "SET TRANSACTION ISOLATION LEVEL SERIALIZABLE"),
    "S6 advisory": ("S6", "SELECT pg_advisory_xact_lock(1)"),
    "S6 xmin": ("S6", f"SELECT xmin FROM students WHERE district_id = {D}"),
    "S6 partition": ("S6", f"INSERT INTO audit_logs_2026_11 (district_id) VALUES ({D})"),
    "S7": ("S7", "SELECT 1 FROM streams WHERE id = %(id)s FOR UPDATE"),
    "S10": ("S10", "SELECT uuidv7()"),
}

FINE = (
    f"SELECT 1 FROM students WHERE district_id = {D} AND id = %(id)s",
    "SELECT 1 FROM students WHERE district_id = $1",
    (
        f"SELECT 1 FROM students s JOIN allergies a ON a.district_id = s.district_id AND a.student_id = s.id"
        f" WHERE s.district_id = {D}"
    ),
    f"SELECT 1 FROM students s, allergies a WHERE s.district_id = {D} AND a.district_id = {D}",
    "INSERT INTO leases (district_id, id, users) VALUES (%s, %s, %s)",
    "INSERT INTO leases (district_id, id) VALUES (%(district)s, %(id)s) ON CONFLICT (district_id, id) DO NOTHING",
    f"UPDATE users SET failed_logins = failed_logins + 1 WHERE district_id = {D} AND id = %(id)s",
    "SELECT 1 FROM district_directory WHERE code = %(code)s",
    "SET LOCAL wc.context = 'x'",
    "SELECT 1",
    "DISCARD ALL",
    "RESET ALL; SET SESSION AUTHORIZATION DEFAULT; SELECT pg_advisory_unlock_all()",
    *(statements.upsert(kind.name) for kind in KINDS),
    *(statements.soft_delete(kind.name) for kind in KINDS),
    *(statements.move(kind.name) for kind in KINDS if kind.scope is Scope.SCHOOL),
    statements.set_flags("dose"),
    statements.REMOVE,
)


@pytest.mark.parametrize(("rule", "text"), BROKEN.values(), ids=BROKEN)
def test_a_broken_rule_is_seen(rule: str, text: str) -> None:
    assert rule in {found.split(":")[0] for found in broken_rules(Statement(text=text))}


@pytest.mark.parametrize("text", FINE)
def test_a_proper_statement_passes(text: str) -> None:
    assert broken_rules(Statement(text=text)) == []


@pytest.mark.parametrize(
    "text", ["SET LOCAL wc.context = 'x'", "INSERT INTO district_directory (district_id) VALUES (%(d)s)"]
)
def test_a_second_district_or_local_data_in_one_transaction_is_seen(text: str) -> None:
    assert broken_rules(Statement(text=text)) == []
    assert "S8" in broken_rules(Statement(text=text, in_transaction=True, in_context=True))[0]


def sources() -> list[Path]:
    return [path for path in SERVER.rglob("*.py") if path.name != "partitions.py"]


@pytest.mark.parametrize(
    ("pattern", "allowed"),
    [
        (r"set_config\s*\(", set()),
        (r"diag\.(constraint_name|table_name|column_name)", set()),  # S9: a distributed PostgreSQL leaves them empty
        (r"SET LOCAL \{\}", {"context.py"}),  # S2: one helper
        (r"['\"]wc\.(district|schools|role)", {"rls.py"}),
    ],
)
def test_the_sources_keep_what_no_recording_can_see(pattern: str, allowed: set[str]) -> None:
    named = {path.name for path in sources() if re.search(pattern, path.read_text(encoding="utf-8"))}
    assert named <= allowed
