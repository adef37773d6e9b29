"""Opening encrypted files: what is refused, and how it is told."""

import subprocess
import sys
from pathlib import Path

import pytest
from sqlcipher3 import dbapi2 as sqlcipher

from wc_desktop.cipher.engine import Connection, create_encrypted, facts_of, open_encrypted, writing
from wc_desktop.cipher.faults import CannotOpen, Damaged, Fault, disk_errors
from wc_desktop.cipher.raw_key import raw_key, wipe
from wc_desktop.cipher.whole_file import write_whole
from wc_desktop.domain.failures import AlreadyOpen, DiskFailed

KEY = bytes(range(32))


def made(path: Path) -> Path:
    connection = create_encrypted(path, bytearray(KEY))
    with writing(connection):
        connection.execute("CREATE TABLE kept (text TEXT)")
        connection.executemany("INSERT INTO kept VALUES (?)", [("marigold" * 50,)] * 500)
    connection.close()
    return path


def fault_of(path: Path, key: bytes = KEY) -> Fault:
    with pytest.raises(CannotOpen) as refused:
        open_encrypted(path, bytearray(key))
    return refused.value.fault


def test_the_right_key_opens_and_nothing_is_readable_without(tmp_path: Path) -> None:
    path = made(tmp_path / "a.db")
    assert b"marigold" not in path.read_bytes()
    connection = open_encrypted(path, bytearray(KEY))
    assert connection.execute("SELECT count(*) FROM kept").fetchone() == (500,)
    settings = {name: connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("journal_mode", "synchronous")}
    assert settings == {"journal_mode": "wal", "synchronous": 2}
    assert connection.execute("PRAGMA temp_store").fetchone() == (2,)
    assert connection.execute("PRAGMA foreign_keys").fetchone() == (1,)
    assert connection.execute("PRAGMA trusted_schema").fetchone() == (0,)
    connection.close()


def test_a_missing_file_is_refused_and_not_made(tmp_path: Path) -> None:
    assert fault_of(tmp_path / "none.db") is Fault.MISSING
    assert not (tmp_path / "none.db").exists()


def test_a_zero_byte_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.db").touch()
    assert fault_of(tmp_path / "a.db") is Fault.EMPTY
    assert (tmp_path / "a.db").stat().st_size == 0


def test_a_plain_database_is_refused(tmp_path: Path) -> None:
    plain = sqlcipher.connect(str(tmp_path / "a.db"))
    plain.execute("CREATE TABLE kept (text TEXT)")
    plain.close()
    assert fault_of(tmp_path / "a.db") is Fault.NOT_ENCRYPTED


def test_a_wrong_key_and_a_damaged_first_page_look_alike(tmp_path: Path) -> None:
    path = made(tmp_path / "a.db")
    assert fault_of(path, bytes(32)) is Fault.UNREADABLE
    content = bytearray(path.read_bytes())
    content[100] ^= 1
    path.write_bytes(content)
    assert fault_of(path) is Fault.UNREADABLE


def test_damage_further_in_is_told_when_it_is_touched(tmp_path: Path) -> None:
    path = made(tmp_path / "a.db")
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    connection = open_encrypted(path, bytearray(KEY))
    with pytest.raises(Damaged), disk_errors():
        connection.execute("SELECT count(text || 'x') FROM kept").fetchone()
    connection.close()


def test_a_second_opener_is_told_that_the_file_is_open(tmp_path: Path) -> None:
    path = made(tmp_path / "a.db")
    connection = open_encrypted(path, bytearray(KEY))
    with pytest.raises(AlreadyOpen):
        open_encrypted(path, bytearray(KEY))
    connection.close()
    open_encrypted(path, bytearray(KEY)).close()


def test_the_lock_goes_with_a_killed_process(tmp_path: Path) -> None:
    path = made(tmp_path / "a.db")
    program = (
        "import os, pathlib, sys\n"
        "from wc_desktop.cipher.engine import open_encrypted\n"
        f"held = open_encrypted(pathlib.Path({str(path)!r}), bytearray(bytes(range(32))))\n"
        "held.execute('INSERT INTO kept VALUES (1)')\n"
        "os.kill(os.getpid(), 9)\n"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == -9
    connection = open_encrypted(path, bytearray(KEY))
    assert connection.execute("SELECT count(*) FROM kept").fetchone() == (501,)
    connection.close()


def test_a_block_that_fails_leaves_nothing(tmp_path: Path) -> None:
    connection = open_encrypted(made(tmp_path / "a.db"), bytearray(KEY))
    with pytest.raises(ZeroDivisionError), writing(connection):
        _delete_and_fail(connection)
    assert connection.execute("SELECT count(*) FROM kept").fetchone() == (500,)
    connection.close()


@pytest.mark.parametrize("length", [0, 16, 31, 33, 64])
def test_a_key_of_another_length_is_refused(length: int) -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        raw_key(bytearray(length))


def test_the_raw_key_is_its_hex_and_can_be_wiped() -> None:
    literal = raw_key(bytearray(KEY))
    assert literal == b"x'" + KEY.hex().encode() + b"'"
    wipe(literal)
    assert not any(literal)


def test_a_whole_file_replaces_the_old_one(tmp_path: Path) -> None:
    write_whole(tmp_path / "a", b"one")
    write_whole(tmp_path / "a", b"two")
    assert (tmp_path / "a").read_bytes() == b"two"
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


def test_a_folder_that_is_not_there_is_a_failed_disk(tmp_path: Path) -> None:
    with pytest.raises(DiskFailed):
        write_whole(tmp_path / "none" / "a", b"one")


def _delete_and_fail(connection: Connection) -> None:
    connection.execute("DELETE FROM kept")
    raise ZeroDivisionError


class Answers:
    """A connection whose every statement comes to one error."""

    def __init__(self, name: str) -> None:
        self._error = sqlcipher.OperationalError("by test")
        self._error.sqlite_errorname = name

    def execute(self, _sql: str) -> None:
        raise self._error


def test_a_disk_that_refuses_says_nothing_of_whose_file_it_is(tmp_path: Path) -> None:
    connection = open_encrypted(made(tmp_path / "a.db"), bytearray(KEY))
    assert facts_of(connection) is None, "there is no table meta"
    connection.close()
    assert facts_of(Answers("SQLITE_CORRUPT")) is None
    with pytest.raises(DiskFailed):
        facts_of(Answers("SQLITE_IOERR_READ"))
