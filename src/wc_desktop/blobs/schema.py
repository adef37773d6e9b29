"""The file of photos and documents: its key, its tables, opening it. One that does not open is set aside."""

import hashlib
from pathlib import Path
from typing import Final

from wc_contract.model.ids import DeviceId
from wc_desktop.cipher.engine import Connection, Pragmas, create_encrypted, facts_of, open_encrypted, writing
from wc_desktop.cipher.faults import CannotOpen, Fault, disk_errors
from wc_desktop.cipher.raw_key import KEY_BYTES, wipe
from wc_desktop.cipher.whole_file import disk_refusals
from wc_desktop.domain.failures import AlreadyOpen, DocumentsNewer, DocumentsShut, FilesUnreadable

BLOBS_FILE: Final = "blobs.db"
_DAMAGED: Final = "blobs.damaged-{}.db"
_SEARCHED: Final = "blobs.searched-{}.db"
SCHEMA: Final = "1"
# As durable as the journal: what was attached here is nowhere else until the district has it.
_KEEPING: Final = Pragmas(cache_kib=4_096)

DDL: Final = (
    "CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID",
    """CREATE TABLE contents (
        sha256 TEXT PRIMARY KEY,
        size INTEGER NOT NULL CHECK (size > 0),
        media_type TEXT NOT NULL,
        own INTEGER NOT NULL,
        held INTEGER NOT NULL DEFAULT 0 CHECK (held BETWEEN 0 AND size),
        whole INTEGER NOT NULL DEFAULT 0,
        wanted INTEGER NOT NULL DEFAULT 0,
        used INTEGER NOT NULL DEFAULT 0,
        sent_epoch TEXT,
        sent_at TEXT,
        refused TEXT,
        CHECK ((sent_epoch IS NULL) = (sent_at IS NULL))
    ) STRICT""",
    """CREATE TABLE pieces (
        sha256 TEXT NOT NULL REFERENCES contents (sha256) ON DELETE CASCADE,
        start INTEGER NOT NULL,
        content BLOB NOT NULL,
        PRIMARY KEY (sha256, start)
    ) STRICT""",
    # What this workstation alone has cannot go.
    """CREATE TRIGGER unsent_stays BEFORE DELETE ON contents
        WHEN old.own AND old.whole AND old.sent_epoch IS NULL
        BEGIN SELECT RAISE(ABORT, 'unsent content stays'); END""",
)


def blobs_key(journal_key: bytearray) -> bytearray:
    """Return the key of the file, from the journal's: who opens the one opens the other. Wipe it after use."""
    return bytearray(hashlib.blake2b(b"blobs", key=journal_key, digest_size=KEY_BYTES, person=b"white-cross").digest())


def open_blobs(folder: Path, journal_key: bytearray, device: DeviceId) -> Connection:
    """Open the file, or make it when there is none.

    One that does not open, or is another workstation's, is set aside and a new one made: what was fetched is fetched
    again. Raises DocumentsShut, DocumentsNewer, DiskFull, DiskFailed; then the file is as it was.
    """
    path = folder / BLOBS_FILE
    key = blobs_key(journal_key)
    try:
        if path.exists():
            try:
                return _opened(path, key, device)
            except CannotOpen:
                set_aside(folder)
        return _created(path, key, device)
    finally:
        wipe(key)


def set_aside(folder: Path) -> None:
    """Rename the file and what belongs to it; what is our own in it is carried over later. Raises DiskFailed."""
    _rename(folder / BLOBS_FILE, _free(folder, _DAMAGED))


def next_set_aside(folder: Path) -> Path | None:
    """Return a file that was set aside and that nobody went through yet."""
    return min(folder.glob(_DAMAGED.format("*")), default=None)


def open_set_aside(path: Path, journal_key: bytearray, device: DeviceId) -> Connection:
    """Open a file that was set aside. Raises CannotOpen, DocumentsShut, DocumentsNewer, DiskFailed."""
    key = blobs_key(journal_key)
    try:
        return _opened(path, key, device)
    finally:
        wipe(key)


def put_away(path: Path) -> None:
    """Let a file that was set aside be gone through no more: a person may still want to look into it."""
    _rename(path, _free(path.parent, _SEARCHED))


def _free(folder: Path, pattern: str) -> Path:
    number = 1
    while (folder / pattern.format(number)).exists():
        number += 1
    return folder / pattern.format(number)


def _rename(path: Path, to: Path) -> None:
    with disk_refusals():
        # The log first: one that stays behind would be played into the next file of that name.
        for end in ("-wal", "-shm", ""):
            part = path.with_name(path.name + end)
            if part.exists():
                part.rename(to.with_name(to.name + end))


def _opened(path: Path, key: bytearray, device: DeviceId) -> Connection:
    try:
        connection = open_encrypted(path, key, pragmas=_KEEPING)
    except (AlreadyOpen, FilesUnreadable):
        raise DocumentsShut("not to be opened") from None
    try:
        _must_be_ours(connection, device)
    except BaseException:
        connection.close()
        raise
    return connection


def _must_be_ours(connection: Connection, device: DeviceId) -> None:
    meta = facts_of(connection) or {}
    if meta.get("device") != str(device):
        raise CannotOpen(Fault.FOREIGN)
    # There was no schema before this one.
    if meta.get("schema") != SCHEMA:
        raise DocumentsNewer("newer schema")


def _created(path: Path, key: bytearray, device: DeviceId) -> Connection:
    with disk_refusals():
        connection = create_encrypted(path, key, pragmas=_KEEPING)
    try:
        with disk_errors():
            # Before the first table: space that evicted content leaves can be given back piece by piece.
            connection.execute("PRAGMA auto_vacuum=INCREMENTAL")
        with writing(connection):
            for statement in DDL:
                connection.execute(statement)
            connection.executemany(
                "INSERT INTO meta (name, value) VALUES (?, ?)", [("schema", SCHEMA), ("device", str(device))]
            )
    except BaseException:
        connection.close()
        path.unlink(missing_ok=True)
        raise
    return connection
