"""The replica's revisions and its declaration are one thing."""

import os
from pathlib import Path

from wc_desktop.cipher.engine import Connection, create_encrypted
from wc_desktop.replica.migrate import migrations_folder, upgrade
from wc_desktop.replica.tables import SCHEMA, indexes, tables

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
