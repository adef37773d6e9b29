"""Floors: the same work with raw calls and nothing of the product. Measured in the same run as the product."""

import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import orjson
import psycopg
import zstandard
from nacl.pwhash import argon2id
from sqlcipher3 import dbapi2 as sqlcipher

from benchmarks.school import School, wire_rows
from wc_contract.model.kinds import BY_NAME, KINDS, FieldType, RecordKind, Scope
from wc_desktop.replica.tables import indexes

_KEY = b"x'" + b"5a" * 32 + b"'"


def open_bare(path: Path, *, bulk: bool) -> sqlcipher.Connection:
    """Open (or make) an encrypted file with the settings the product uses, by bare calls."""
    connection = sqlcipher.connect(str(path), isolation_level=None)
    connection.execute("PRAGMA cipher_log_level = NONE")
    connection.set_key(bytearray(_KEY))
    connection.execute("PRAGMA temp_store = MEMORY")
    connection.execute("PRAGMA cache_size = -32768")
    if bulk:
        connection.execute("PRAGMA journal_mode = OFF")
        connection.execute("PRAGMA synchronous = OFF")
    else:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
    return connection


def create_bare_tables(connection: sqlcipher.Connection) -> None:
    """Make a table a kind, with a primary key and nothing else."""
    for kind in KINDS:
        columns = ", ".join(f'"{c}" {"TEXT PRIMARY KEY" if c == "id" else ""}' for c in kind.columns)
        connection.execute(f"CREATE TABLE {kind.table} ({columns})")


def _finish(connection: sqlcipher.Connection, path: Path) -> None:
    """Build the indexes and the search that the product has, commit, and make the file durable."""
    for statement in indexes():
        connection.execute(statement)
    connection.execute("COMMIT")
    connection.close()
    handle = os.open(path, os.O_RDONLY)
    os.fsync(handle)
    os.close(handle)


def load_alone(school: School, folder: Path) -> float:
    """Seconds to load the school's rows, ready in memory, into a new encrypted file with its indexes."""
    pages = [(kind, rows) for kind, rows in wire_rows(school) if rows]
    path = folder / "floor.db"
    path.unlink(missing_ok=True)
    started = time.perf_counter()
    connection = open_bare(path, bulk=True)
    create_bare_tables(connection)
    connection.execute("BEGIN")
    for kind, rows in pages:
        marks = ", ".join("?" * len(kind.columns))
        connection.executemany(f"INSERT INTO {kind.table} VALUES ({marks})", rows)
    _finish(connection, path)
    return time.perf_counter() - started


def _cast(kind: RecordKind, column: str) -> str:
    if column in ("id", "row_version"):
        return column
    field = kind.field(column)
    return f"{column}::text" if field.type in (FieldType.JSON, FieldType.DECIMAL) else column


def copy_out_and_load(superuser_dsn: str, school: School, folder: Path) -> float:
    """Seconds from PostgreSQL to an encrypted file: JSON pages, zstd, orjson, executemany. No HTTP, RLS or audit."""
    path = folder / "floor-e2e.db"
    path.unlink(missing_ok=True)
    started = time.perf_counter()
    connection = open_bare(path, bulk=True)
    create_bare_tables(connection)
    connection.execute("BEGIN")
    with psycopg.connect(superuser_dsn) as source:
        source.execute("SET TIME ZONE 'UTC'")
        for kind in KINDS:
            columns = ", ".join(_cast(kind, c) for c in kind.columns)
            marks = ", ".join("?" * len(kind.columns))
            of_school = " AND school_id = %(school)s" if kind.scope is Scope.SCHOOL else ""
            after = 0
            while True:
                page = source.execute(
                    f"SELECT max(row_version), json_agg(json_build_array({columns}))::text"
                    f" FROM (SELECT * FROM {kind.table} WHERE district_id = %(district)s{of_school}"
                    " AND row_version > %(after)s ORDER BY row_version LIMIT 1000) AS page".encode(),
                    {"district": school.district, "school": school.school, "after": after},
                ).fetchone()
                if page is None or page[0] is None:
                    break
                after = page[0]
                packed = zstandard.ZstdCompressor(level=3).compress(page[1].encode())
                rows = orjson.loads(zstandard.ZstdDecompressor().decompress(packed))
                connection.executemany(f"INSERT INTO {kind.table} VALUES ({marks})", rows)
    _finish(connection, path)
    return time.perf_counter() - started


def insert_rows_only(superuser_dsn: str, school: School, count: int) -> float:
    """Seconds for one transaction that inserts count dose rows into a bare copy of the table, and nothing else."""
    kind = BY_NAME["dose"]
    rows = school.rows["dose"][:count]
    with psycopg.connect(superuser_dsn) as connection:
        connection.execute("DROP TABLE IF EXISTS floor_doses")
        columns = ", ".join(f"{c} text" for c in kind.columns if c not in ("id", "row_version"))
        connection.execute(f"CREATE TABLE floor_doses (id uuid PRIMARY KEY, {columns}, row_version bigint)")
        connection.commit()
        text = orjson.dumps([dict(row) for row in rows]).decode()
        started = time.perf_counter()
        connection.execute(
            "INSERT INTO floor_doses SELECT * FROM json_populate_recordset(NULL::floor_doses, %s::json)", (text,)
        )
        connection.commit()
        return time.perf_counter() - started


def bare_propagation(superuser_dsn: str, folder: Path, count: int) -> list[float]:
    """Milliseconds of each of count changes: a commit, a hint, one row read, a commit into an encrypted file."""
    path = folder / "floor-follow.db"
    path.unlink(missing_ok=True)
    connection = open_bare(path, bulk=False)
    connection.execute("CREATE TABLE follows (id INTEGER PRIMARY KEY, body TEXT)")
    taken, body = [], "x" * 900
    with (
        psycopg.connect(superuser_dsn, autocommit=True) as writer,
        psycopg.connect(superuser_dsn, autocommit=True) as reader,
    ):
        writer.execute("DROP TABLE IF EXISTS floor_changes")
        writer.execute("CREATE TABLE floor_changes (id bigint PRIMARY KEY, body text)")
        reader.execute("LISTEN floor_changes")
        for number in range(count):
            started = time.perf_counter()
            writer.execute("INSERT INTO floor_changes VALUES (%s, %s)", (number, body))
            writer.execute("NOTIFY floor_changes")
            if not list(reader.notifies(timeout=5, stop_after=1)):
                raise TimeoutError("PostgreSQL passed no hint on")
            row = reader.execute("SELECT id, body FROM floor_changes WHERE id = %s", (number,)).fetchone()
            connection.execute("INSERT INTO follows VALUES (?, ?)", row)
            taken.append((time.perf_counter() - started) * 1000)
    connection.close()
    return taken


def insert_by_many(superuser_dsn: str, school: School, writers: int, count: int) -> float:
    """Seconds until so many connections, all at once, each have inserted and committed count rows."""
    rows = school.rows["dose"]
    texts = [
        orjson.dumps([dict(row) for row in rows[place * count : (place + 1) * count]]).decode()
        for place in range(writers)
    ]
    with psycopg.connect(superuser_dsn, autocommit=True) as connection:
        connection.execute("DROP TABLE IF EXISTS floor_doses")
        columns = ", ".join(f"{c} text" for c in BY_NAME["dose"].columns if c not in ("id", "row_version"))
        connection.execute(f"CREATE TABLE floor_doses (id uuid PRIMARY KEY, {columns}, row_version bigint)")
    with ExitStack() as open_ones, ThreadPoolExecutor(writers) as threads:
        connections = [open_ones.enter_context(psycopg.connect(superuser_dsn)) for _ in texts]

        def insert(connection: psycopg.Connection[tuple[object, ...]], text: str) -> None:
            connection.execute(
                "INSERT INTO floor_doses SELECT * FROM json_populate_recordset(NULL::floor_doses, %s::json)", (text,)
            )
            connection.commit()

        started = time.perf_counter()
        list(threads.map(insert, connections, texts))
        return time.perf_counter() - started


def bare_commits(folder: Path, count: int) -> list[float]:
    """Milliseconds of each of count commits of three inserts into an encrypted file, WAL, synchronous FULL."""
    path = folder / "floor-commit.db"
    path.unlink(missing_ok=True)
    connection = open_bare(path, bulk=False)
    for table in ("a", "b", "c"):
        connection.execute(f"CREATE TABLE {table} (id INTEGER PRIMARY KEY, body TEXT)")
    body, taken = "x" * 900, []
    for _ in range(count):
        started = time.perf_counter()
        connection.execute("BEGIN IMMEDIATE")
        for table in ("a", "b", "c"):
            connection.execute(f"INSERT INTO {table} (body) VALUES (?)", (body,))
        connection.execute("COMMIT")
        taken.append((time.perf_counter() - started) * 1000)
    connection.close()
    return taken


_MINIMAL_WINDOW = """
import sys, time
started = float(sys.argv[1])
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QLineEdit
app = QApplication([])
class Field(QLineEdit):
    def paintEvent(self, event):
        super().paintEvent(event)
        resident = [line.split()[1] for line in open("/proc/self/status") if line.startswith("VmRSS")]
        print(time.time() - started, resident[0], flush=True)
        QTimer.singleShot(0, app.quit)
field = Field()
field.show()
app.exec()
"""


def minimal_window() -> tuple[float, float]:
    """Seconds from process start to the first paint of a window with one field and nothing of the product, and MB."""
    out = subprocess.run(
        [sys.executable, "-c", _MINIMAL_WINDOW, str(time.time())],
        env={**os.environ, **offscreen()},
        capture_output=True,
        text=True,
        check=True,
    )
    seconds, kib = out.stdout.split()[:2]
    return float(seconds), int(kib) * 1024 / 1e6


def offscreen() -> dict[str, str]:
    """Return the environment by which a window needs no display."""
    return {"QT_QPA_PLATFORM": os.environ.get("QT_QPA_PLATFORM", "offscreen")}


def argon2_alone(memory: int, passes: int) -> float:
    """Seconds to derive one key from a password at a slot's cost, and nothing else."""
    started = time.perf_counter()
    argon2id.kdf(32, b"a long pass phrase", bytes(argon2id.SALTBYTES), opslimit=passes, memlimit=memory)
    return time.perf_counter() - started
