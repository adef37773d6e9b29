"""Opening an encrypted database file, in the one order that was found safe (reference/trust.md, 3.1 and 4)."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

from sqlcipher3 import dbapi2 as sqlcipher

from wc_desktop.cipher.faults import CannotOpen, Damaged, Fault, disk_errors
from wc_desktop.cipher.raw_key import raw_key, wipe
from wc_desktop.domain.failures import FilesUnreadable

Connection: TypeAlias = Any  # sqlcipher3 ships no types

_PLAIN_HEADER = b"SQLite format 3\x00"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pragmas:
    """How a file is written. The defaults lose nothing at a power cut and cost one sync a commit."""

    journal_mode: str = "WAL"
    synchronous: str = "FULL"
    cache_kib: int = 16_384


DURABLE = Pragmas()


def open_encrypted(path: Path, key: bytearray, *, pragmas: Pragmas = DURABLE) -> Connection:
    """Open an existing encrypted file and prove by a read that key opens it.

    Raises CannotOpen for a missing, empty, unencrypted or damaged file, FilesUnreadable when this account may not
    read it, AlreadyOpen when another program holds it. The file is never created or recreated here.
    """
    _refuse_what_is_no_ciphertext(path)
    return _open(path, key, pragmas)


def create_encrypted(path: Path, key: bytearray, *, pragmas: Pragmas = DURABLE) -> Connection:
    """Create an encrypted file that must not exist yet. Raises FileExistsError when it does."""
    path.touch(mode=0o600, exist_ok=False)
    return _open(path, key, pragmas)


def _refuse_what_is_no_ciphertext(path: Path) -> None:
    # SQLite would take a zero-byte file for a healthy empty database, with any key.
    try:
        with path.open("rb") as file:
            begins = file.read(len(_PLAIN_HEADER))
    except FileNotFoundError:
        raise CannotOpen(Fault.MISSING) from None
    except OSError:
        raise FilesUnreadable(path.name) from None
    if not begins:
        raise CannotOpen(Fault.EMPTY)
    if begins == _PLAIN_HEADER:
        raise CannotOpen(Fault.NOT_ENCRYPTED)


def _open(path: Path, key: bytearray, pragmas: Pragmas) -> Connection:
    connection = sqlcipher.connect(str(path), isolation_level=None, timeout=0.2, cached_statements=256)
    literal = raw_key(key)
    try:
        with disk_errors_at_open():
            # Before the key: SQLCipher writes its complaints to stderr otherwise.
            connection.execute("PRAGMA cipher_log_level=NONE")
            # Never PRAGMA key: its text stays in memory and in trace callbacks.
            connection.set_key(literal)
            connection.execute("PRAGMA temp_store=MEMORY")
            connection.execute("PRAGMA locking_mode=EXCLUSIVE")
            connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
            connection.execute(f"PRAGMA journal_mode={pragmas.journal_mode}")
            connection.execute(f"PRAGMA synchronous={pragmas.synchronous}")
            connection.execute(f"PRAGMA cache_size=-{pragmas.cache_kib}")
            connection.execute("PRAGMA foreign_keys=ON")
            connection.execute("PRAGMA trusted_schema=OFF")
            # WAL with EXCLUSIVE takes its lock at the first write: take it now, so that a second window is told.
            connection.execute("BEGIN EXCLUSIVE")
            connection.execute("COMMIT")
    except BaseException:
        connection.close()
        raise
    finally:
        wipe(literal)
    return connection


def rekey(path: Path, old: bytearray, new: bytearray) -> bool:
    """Write every page of a file under a new key, and prove that it opens it; return whether that was still to be done.

    Killed at any moment, the file opens with one of the two. Raises CannotOpen when neither does (it is left as it
    is), FilesUnreadable, AlreadyOpen, Damaged, DiskFull, DiskFailed.
    """
    with suppress(CannotOpen):
        open_encrypted(path, new).close()
        return False
    connection = open_encrypted(path, old)
    literal = raw_key(new)
    try:
        with disk_errors():
            connection.execute(f'PRAGMA rekey = "{literal.decode()}"')
    finally:
        wipe(literal)
        connection.close()
    open_encrypted(path, new).close()
    return True


@contextmanager
def disk_errors_at_open() -> Iterator[None]:
    """Like disk_errors, but a file that does not decrypt is refused, not reported as damage in passing."""
    try:
        with disk_errors():
            yield
    except (sqlcipher.DatabaseError, Damaged):
        raise CannotOpen(Fault.UNREADABLE) from None


@contextmanager
def writing(connection: Connection) -> Iterator[None]:
    """One transaction: all of the block or nothing of it."""
    with disk_errors():
        connection.execute("BEGIN IMMEDIATE")
        try:
            yield
            connection.execute("COMMIT")
        except BaseException:
            # A full disk has rolled back by itself already.
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise


def facts_of(connection: Connection) -> dict[str, str] | None:
    """Return what a file says of itself in its table meta, None when that does not read: then it is none of ours.

    Raises DiskFailed when the disk refuses; of the file that says nothing.
    """
    try:
        with disk_errors():
            return dict(connection.execute("SELECT name, value FROM meta"))
    except (sqlcipher.DatabaseError, Damaged):
        return None
