"""The journal's tables, and opening its file."""

from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from types import MappingProxyType

from wc_contract.model.ids import DeviceId, SchoolId
from wc_desktop.cipher.engine import Connection, create_encrypted, facts_of, open_encrypted, writing
from wc_desktop.cipher.faults import CannotOpen, Damaged, disk_errors
from wc_desktop.domain.failures import JournalDamaged, JournalForeign
from wc_desktop.journal.swap import end_swap

SCHEMA = "2"
JOURNAL_FILE = "journal.db"
SEALED_FILE = "journal.sealed"
_SUSPECT_FILE = "journal.suspect"

# Said just so wherever it is asked, or SQLite reads the text of every entry instead of an index.
UNANSWERED = "kind IN ('clinical', 'access') AND (outcome IS NULL OR outcome = 'waiting')"
OF_ANOTHER_EPOCH = "receipt_epoch IS NULL OR receipt_epoch < :epoch OR receipt_epoch > :epoch"

_REPLACING = "CREATE INDEX entries_replacing ON entries (replaces) WHERE replaces IS NOT NULL"
_STAND = """CREATE TRIGGER entries_stand BEFORE UPDATE OF
        number, id, body, hash, signature, authored_at, author_id, verb, student_id, kind, replaces ON entries
        BEGIN SELECT RAISE(ABORT, 'an entry never changes'); END"""

# From each older schema to the next one. Nothing here reads or rewrites a row: the largest journal is upgraded at once.
UPGRADES: Mapping[str, tuple[str, tuple[str, ...]]] = MappingProxyType(
    {"1": ("2", ("ALTER TABLE entries ADD COLUMN replaces TEXT", _REPLACING, "DROP TRIGGER entries_stand", _STAND))}
)

# Append-only is kept by the file itself: what was signed cannot be changed, and what has no receipt cannot go.
DDL = (
    """CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID""",
    """CREATE TABLE entries (
        number INTEGER PRIMARY KEY CHECK (number >= 1),
        id TEXT NOT NULL UNIQUE,
        body TEXT NOT NULL,
        hash TEXT NOT NULL,
        signature BLOB NOT NULL,
        authored_at TEXT NOT NULL,
        author_id TEXT NOT NULL,
        verb TEXT NOT NULL,
        student_id TEXT,
        kind TEXT NOT NULL CHECK (kind IN ('clinical', 'access')),
        receipt TEXT,
        outcome TEXT,
        receipt_epoch TEXT,
        receipted_at TEXT,
        replaces TEXT,
        CHECK ((receipt IS NULL) = (outcome IS NULL) AND (receipt IS NULL) = (receipted_at IS NULL))
    ) STRICT""",
    "CREATE INDEX entries_without_receipt ON entries (kind, number) WHERE outcome IS NULL OR outcome = 'waiting'",
    "CREATE INDEX entries_by_epoch ON entries (receipt_epoch, number)",
    "CREATE INDEX entries_refused ON entries (number) WHERE outcome = 'refused'",
    _REPLACING,
    _STAND,
    """CREATE TRIGGER entries_stay BEFORE DELETE ON entries WHEN old.receipt IS NULL OR old.outcome = 'refused'
        BEGIN SELECT RAISE(ABORT, 'an unanswered entry stays'); END""",
    """CREATE TABLE drafts (
        id TEXT PRIMARY KEY, author_id TEXT NOT NULL, student_id TEXT, fields TEXT NOT NULL, saved_at TEXT NOT NULL
    ) STRICT, WITHOUT ROWID""",
)


def create_journal(path: Path, key: bytearray, *, device: DeviceId, school: SchoolId) -> Connection:
    """Create an empty journal. Raises FileExistsError when there is one."""
    connection = create_encrypted(path, key)
    with writing(connection):
        for statement in DDL:
            connection.execute(statement)
        connection.executemany(
            "INSERT INTO meta (name, value) VALUES (?, ?)",
            [("schema", SCHEMA), ("device", str(device)), ("school", str(school)), ("last_number", "0")],
        )
    return connection


def open_journal(path: Path, key: bytearray, *, device: DeviceId, school: SchoolId) -> Connection:
    """Open the journal of this device and school.

    Raises JournalDamaged for a missing, empty, unencrypted or unreadable file, JournalForeign for one of another
    workstation or of a newer program, AlreadyOpen. The journal of an older program is brought up to this one's schema.
    Every page is read only when one did not read before. A new journal that a stopped rebuild left ready is put in its
    place first (raises DiskFull, DiskFailed).
    """
    end_swap(path)
    try:
        connection = open_encrypted(path, key)
    except CannotOpen as error:
        raise JournalDamaged(error.fault.value) from None
    try:
        _must_be_ours(connection, device, school)
        if is_suspect(path.parent):
            _must_read(connection)
            clear_suspicion(path.parent)
        _upgrade(connection)
    except BaseException:
        connection.close()
        raise
    return connection


def _must_be_ours(connection: Connection, device: DeviceId, school: SchoolId) -> None:
    meta = facts_of(connection)
    if meta is None:
        raise JournalDamaged("unreadable")
    if (meta.get("device"), meta.get("school")) != (str(device), str(school)):
        raise JournalForeign("foreign")
    if meta.get("schema") not in {SCHEMA, *UPGRADES}:
        raise JournalForeign("newer_schema")


def _upgrade(connection: Connection) -> None:
    """Bring the journal of an earlier program to this schema, in one transaction: after a crash it is either whole."""
    with disk_errors():
        schema = str(connection.execute("SELECT value FROM meta WHERE name = 'schema'").fetchone()[0])
    if schema == SCHEMA:
        return
    with writing(connection):
        while schema != SCHEMA:
            schema, statements = UPGRADES[schema]
            for statement in statements:
                connection.execute(statement)
        connection.execute("UPDATE meta SET value = ? WHERE name = 'schema'", (schema,))


def _must_read(connection: Connection) -> None:
    if not reads_whole(connection):
        raise JournalDamaged("unreadable")


def reads_whole(connection: Connection) -> bool:
    """Return whether every page of the file reads."""
    try:
        with disk_errors():
            return bool(connection.execute("PRAGMA quick_check(1)").fetchone()[0] == "ok")
    except Damaged:
        return False


# A page that did not read is remembered beside the file, for the file itself can no longer be trusted with it.


def suspect(folder: Path) -> None:
    """Let the next opening look at every page."""
    with suppress(OSError):
        (folder / _SUSPECT_FILE).touch()


def is_suspect(folder: Path) -> bool:
    """Return whether a page did not read since the last look."""
    return (folder / _SUSPECT_FILE).exists()


def clear_suspicion(folder: Path) -> None:
    """Forget it: every page was read."""
    (folder / _SUSPECT_FILE).unlink(missing_ok=True)


def journal_paths(folder: Path) -> tuple[Path, Path]:
    """Return where the journal and its sealed copy stand."""
    return folder / JOURNAL_FILE, folder / SEALED_FILE
