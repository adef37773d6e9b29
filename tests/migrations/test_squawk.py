"""What a revision really says to PostgreSQL is looked at by squawk; unsafe statements do not get in."""

import json
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import psycopg
import pytest
from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, event
from sqlalchemy.pool import NullPool
from tests.central_database import PASSWORDS

from wc_sync_server.db.backfill import fill
from wc_sync_server.db.provision import provision
from wc_sync_server.db.revisions import all_revisions, config_of
from wc_sync_server.embedded import Dsn

ROOT = Path(__file__).resolve().parents[2]
SQUAWK = Path(sys.executable).with_name("squawk")
CONFIG = ROOT / "migrations" / "central" / "squawk.toml"
EXAMPLE = (Path(__file__).parent / "example",)
# What Alembic, env.py and the checks of a revision say besides its own statements.
_NOT_ITS_OWN = ("SELECT", "SHOW", "SET ", "INSERT INTO alembic", "UPDATE alembic", "CREATE TABLE alembic")

# The owner, under forced policies, has no row in sight: it would find a key valid without having looked at one.
_KEY_VALIDATED = re.compile(r"ALTER TABLE (\w+) VALIDATE CONSTRAINT (fk_\w+)")
# Its columns are new in the same revision, and empty.
_EMPTY_KEYS = {
    "20261123_070000": {
        "fk_students_merged_into_id",
        "fk_student_medications_supersedes_id",
        "fk_medication_logs_container_id",
        "fk_medication_logs_witness_id",
    }
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """The statements of one revision, in order, and whether each stood in its transaction."""

    statements: tuple[tuple[str, bool], ...]

    def text(self, *, in_transaction: bool) -> str:
        return ";\n".join(text.rstrip("; \n") for text, within in self.statements if within is in_transaction) + ";\n"


def squawk(text: str, *, in_transaction: bool = True) -> list[dict[str, Any]]:
    mode = "--assume-in-transaction" if in_transaction else "--no-assume-in-transaction"
    ended = subprocess.run(
        [str(SQUAWK), "--config", str(CONFIG), mode, "--reporter", "json"],
        input=text,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode in {0, 1}, ended.stderr
    found: list[dict[str, Any]] = json.loads(ended.stdout)
    return found


def rules(found: list[dict[str, Any]]) -> set[str]:
    return {str(each["rule_name"]) for each in found}


def keys_unseen(text: str) -> set[str]:
    """Return the foreign keys that are validated while their table's policies still bind the owner."""
    found = set()
    for validated in _KEY_VALIDATED.finditer(text):
        lifts = re.findall(rf"ALTER TABLE {validated[1]} (NO FORCE|FORCE) ROW", text[: validated.start()])
        if lifts[-1:] != ["NO FORCE"]:
            found.add(validated[2])
    return found


@pytest.fixture(scope="module")
def said(module_database: Callable[..., Dsn]) -> dict[str, Said]:
    """Run every revision, the example's too, and note what it says."""
    made = module_database()
    dsn = provision(made.conninfo(), made.database, PASSWORDS).migrate
    heard: list[tuple[str, bool]] = []
    engine = create_engine("postgresql+psycopg://", creator=partial(psycopg.connect, dsn), poolclass=NullPool)

    @event.listens_for(engine, "before_cursor_execute")
    def listen(connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if not statement.lstrip().startswith(_NOT_ITS_OWN):
            heard.append((statement, not connection.connection.dbapi_connection.autocommit))

    config = config_of(EXAMPLE)
    config.attributes["engine"] = engine
    told = {}
    for revision in all_revisions(EXAMPLE):
        if revision.backfill is not None:
            fill(dsn, revision.backfill)
        heard.clear()
        command.upgrade(config, revision.id)
        told[revision.id] = Said(statements=tuple(heard))
    return told


@pytest.mark.postgres
def test_no_revision_says_what_is_unsafe_for_a_table_in_use(said: dict[str, Said]) -> None:
    modules = {
        script.revision: script.module for script in ScriptDirectory.from_config(config_of(EXAMPLE)).walk_revisions()
    }
    wrong = []
    for revision, spoken in said.items():
        excused = getattr(modules[revision], "excused", {})
        found = [
            *squawk(spoken.text(in_transaction=True)),
            *squawk(spoken.text(in_transaction=False), in_transaction=False),
        ]
        wrong += [
            f"{revision}: {each['rule_name']}: {each['message']}" for each in found if each["rule_name"] not in excused
        ]
        wrong += [f"{revision}: the excuse for {rule} is not needed" for rule in excused if rule not in rules(found)]
        assert all(len(reason) > 20 for reason in excused.values())
    assert not wrong, "\n".join(wrong)


@pytest.mark.postgres
def test_no_revision_validates_a_foreign_key_unseen(said: dict[str, Said]) -> None:
    unseen = {
        revision: keys_unseen(spoken.text(in_transaction=True)) | keys_unseen(spoken.text(in_transaction=False))
        for revision, spoken in said.items()
    }
    assert {revision: keys for revision, keys in unseen.items() if keys} == _EMPTY_KEYS


def test_a_key_validated_unseen_is_noticed() -> None:
    validate = "ALTER TABLE students VALIDATE CONSTRAINT fk_students_nurse_id;"
    lift, force = (f"ALTER TABLE students {how} ROW LEVEL SECURITY;" for how in ("NO FORCE", "FORCE"))
    assert keys_unseen(validate) == keys_unseen(lift + force + validate) == {"fk_students_nurse_id"}
    assert keys_unseen(lift + validate + force) == set()


@pytest.mark.postgres
def test_the_statements_of_the_revisions_were_heard(said: dict[str, Said]) -> None:
    first, *_ = said.values()
    assert "CREATE TABLE students" in first.text(in_transaction=True)
    assert "CREATE INDEX CONCURRENTLY" in said["20261201_020000"].text(in_transaction=False)
    assert "NOT VALID" in said["20261201_040000"].text(in_transaction=True)


@pytest.mark.parametrize(
    ("statement", "rule"),
    [
        ("ALTER TABLE students ADD COLUMN language text NOT NULL", "adding-required-field"),
        ("ALTER TABLE students ALTER COLUMN grade SET NOT NULL", "adding-not-nullable-field"),
        ("CREATE INDEX ix_students_grade ON students (district_id, grade)", "require-concurrent-index-creation"),
        ("DROP INDEX ix_students_grade", "require-concurrent-index-deletion"),
        ("ALTER TABLE students ADD CONSTRAINT ck_a CHECK (grade <> '')", "constraint-missing-not-valid"),
        (
            "ALTER TABLE allergies ADD CONSTRAINT fk_a FOREIGN KEY (district_id, x) REFERENCES users (district_id, id)",
            "adding-foreign-key-constraint",
        ),
        ("ALTER TABLE students ALTER COLUMN grade TYPE varchar(4)", "changing-column-type"),
        ("ALTER TABLE students RENAME COLUMN grade TO year", "renaming-column"),
        ("ALTER TABLE students DROP COLUMN grade", "ban-drop-column"),
        ("ALTER TABLE students ADD CONSTRAINT uq_a UNIQUE (district_id, grade)", "disallowed-unique-constraint"),
    ],
)
def test_unsafe_statements_are_refused(statement: str, rule: str) -> None:
    assert rule in rules(squawk(statement + ";"))
