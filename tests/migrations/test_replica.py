"""The replica's revisions and its declaration are one thing."""

import os
from pathlib import Path

from tests.desktop.clinic import small_school

from wc_contract.model.kinds import DOCUMENT, KINDS, FieldType
from wc_desktop.cipher.engine import Connection, create_encrypted, writing
from wc_desktop.replica.apply import take_rows
from wc_desktop.replica.digests import digests, digests_of
from wc_desktop.replica.extra import keep_unknown
from wc_desktop.replica.meta import keep, read_meta, read_positions
from wc_desktop.replica.migrate import migrations_folder, upgrade
from wc_desktop.replica.tables import SCHEMA, indexes, tables

FIRST = "20261123_0001"
FIRST_TEXT = (migrations_folder() / "versions" / f"{FIRST}_first_replica.py").read_text(encoding="utf-8")
SHAPE = "SELECT type, name, tbl_name, sql FROM sqlite_master WHERE name NOT LIKE '%alembic%' ORDER BY type, name"


def migrated(path: Path) -> Connection:
    connection = create_encrypted(path, bytearray(os.urandom(32)))
    upgrade(connection)
    return connection


def test_a_migrated_file_equals_a_new_one(tmp_path: Path) -> None:
    old = migrated(tmp_path / "old.db")
    new = create_encrypted(tmp_path / "new.db", bytearray(32))
    for statement in (*tables(), *indexes()):
        new.execute(statement)
    assert old.execute(SHAPE).fetchall() == new.execute(SHAPE).fetchall()
    old.close()
    new.close()


def test_the_newest_revision_is_the_schema_that_the_program_writes(tmp_path: Path) -> None:
    connection = migrated(tmp_path / "a.db")
    assert connection.execute("SELECT version_num FROM alembic_version").fetchall() == [(SCHEMA,)]
    assert connection.execute("SELECT value FROM meta WHERE name = 'schema'").fetchone() == (SCHEMA,)
    upgrade(connection)
    assert not connection.in_transaction
    connection.close()


def test_an_older_file_keeps_its_rows_and_positions_and_asks_for_the_new_kinds_from_their_beginning(
    tmp_path: Path,
) -> None:
    old = create_encrypted(tmp_path / "old.db", bytearray(32))
    upgrade(old, FIRST)
    with writing(old):
        keep(old, {"schema": FIRST, "complete": "1", "checkpoint": "c1"})
        for kind, rows in small_school().items():
            if rows:
                take_rows(old, kind, rows, max(int(str(row[-1])) for row in rows))
    positions, held = read_positions(old), digests_of_first(old)
    assert positions["student"] > 0

    upgrade(old)
    assert digests_of_first(old) == held
    assert read_positions(old) == positions
    assert read_meta(old)["checkpoint"] == "c1"
    assert old.execute("SELECT count(*) FROM students_search WHERE students_search MATCH 'sofia'").fetchall() == [(1,)]
    new = create_encrypted(tmp_path / "new.db", bytearray(32))
    for statement in (*tables(), *indexes()):
        new.execute(statement)
    assert old.execute(SHAPE).fetchall() == new.execute(SHAPE).fetchall()

    fresh = [kind for kind in KINDS if kind.name not in held]
    assert len(fresh) == len(KINDS) - len(held) > 20
    for kind in fresh:
        row = [f"{name}-1" if name != "row_version" else 7 for name in kind.columns]
        types = {field.name: field.type for field in kind.fields}
        row = [
            1 if types.get(name) in {FieldType.INTEGER, FieldType.BOOLEAN} else value
            for name, value in zip(kind.columns, row, strict=True)
        ]
        with writing(old):
            assert take_rows(old, kind.name, [row], 7) == 1
        assert digests(old)[kind.name][0] == 1
    old.close()
    new.close()


def test_documents_of_before_are_kept_and_what_a_newer_server_said_of_them_finds_its_place(tmp_path: Path) -> None:
    old = create_encrypted(tmp_path / "old.db", bytearray(32))
    upgrade(old, "20261123_0005")
    said = dict.fromkeys(DOCUMENT.first_columns, "said") | {"size_bytes": 9, "is_confidential": 1, "row_version": 7}
    names, marks = ", ".join(said), ", ".join("?" for _ in said)
    with writing(old):
        for record in ("before", "since"):
            old.execute(f"INSERT INTO documents ({names}) VALUES ({marks})", (*(said | {"id": record}).values(),))
        keep_unknown(old, DOCUMENT.name, {"since": {"added_by": "ann", "added_at": "then"}})
    upgrade(old)
    rows = old.execute("SELECT id, added_by, added_at, title, size_bytes, row_version FROM documents ORDER BY id")
    assert rows.fetchall() == [("before", None, None, "said", 9, 7), ("since", "ann", "then", "said", 9, 7)]
    old.close()


def digests_of_first(connection: Connection) -> dict[str, tuple[int, int]]:
    there = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    return {
        kind.name: digests_of({kind.name: connection.execute(f"SELECT id, row_version FROM {kind.table}").fetchall()})[
            kind.name
        ]
        for kind in KINDS
        if f"CREATE TABLE {kind.table} (" in FIRST_TEXT and kind.table in there
    }


def test_there_is_one_head() -> None:
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(migrations_folder()))
    assert ScriptDirectory.from_config(config).get_heads() == [SCHEMA]


def test_opening_a_workstation_imports_neither_alembic_nor_sqlalchemy_nor_httpx() -> None:
    import subprocess
    import sys

    program = (
        "import sys, wc_desktop.app.parts\n"
        "print([name for name in ('alembic', 'sqlalchemy', 'httpx', 'keyring') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
