"""A journal of an earlier program opens, is brought up to date in place, and loses nothing when that is interrupted."""

import hashlib
from pathlib import Path

import pytest
from tests.desktop.clinic import NOON, NURSE
from tests.desktop.journal.test_journal import DEVICE, KEY, PLACE, dose, look, open_book
from tests.factories import entry_of

from wc_contract.model.changes import Change
from wc_contract.model.instants import instant_to_text
from wc_contract.wire.entries import entry_to_body
from wc_desktop.cipher.engine import Connection, create_encrypted, open_encrypted, writing
from wc_desktop.domain.failures import JournalForeign
from wc_desktop.journal import schema
from wc_desktop.journal.schema import SCHEMA, create_journal, journal_paths, open_journal

# What the first released program made. Frozen.
FIRST = (
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
        CHECK ((receipt IS NULL) = (outcome IS NULL) AND (receipt IS NULL) = (receipted_at IS NULL))
    ) STRICT""",
    "CREATE INDEX entries_without_receipt ON entries (kind, number) WHERE outcome IS NULL OR outcome = 'waiting'",
    "CREATE INDEX entries_by_epoch ON entries (receipt_epoch, number)",
    "CREATE INDEX entries_refused ON entries (number) WHERE outcome = 'refused'",
    """CREATE TRIGGER entries_stand BEFORE UPDATE OF
        number, id, body, hash, signature, authored_at, author_id, verb, student_id, kind ON entries
        BEGIN SELECT RAISE(ABORT, 'an entry never changes'); END""",
    """CREATE TRIGGER entries_stay BEFORE DELETE ON entries WHEN old.receipt IS NULL OR old.outcome = 'refused'
        BEGIN SELECT RAISE(ABORT, 'an unanswered entry stays'); END""",
    """CREATE TABLE drafts (
        id TEXT PRIMARY KEY, author_id TEXT NOT NULL, student_id TEXT, fields TEXT NOT NULL, saved_at TEXT NOT NULL
    ) STRICT, WITHOUT ROWID""",
)
INSERT = """INSERT INTO entries (number, id, body, hash, signature, authored_at, author_id, verb, student_id, kind)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"""


def first_journal(folder: Path) -> Path:
    """A journal of schema 1 with a dose and a look, as the first program wrote them."""
    path, _ = journal_paths(folder)
    connection = create_encrypted(path, bytearray(KEY))
    with writing(connection):
        for statement in FIRST:
            connection.execute(statement)
        facts = [("schema", "1"), ("device", str(DEVICE)), ("school", str(PLACE)), ("last_number", "2")]
        connection.executemany("INSERT INTO meta (name, value) VALUES (?, ?)", facts)
        changes: list[tuple[Change, str, str]] = [(dose(), "dose.log", "clinical"), (look(), "access.record", "access")]
        for number, (change, verb, kind) in enumerate(changes, start=1):
            entry = entry_of(change, number=number, device_id=DEVICE, author_id=NURSE)
            body = entry_to_body(entry)
            connection.execute(
                INSERT,
                (
                    number,
                    str(entry.id),
                    body,
                    hashlib.sha256(body.encode()).hexdigest(),
                    b"s" * 64,
                    instant_to_text(NOON),
                    str(NURSE),
                    verb,
                    None,
                    kind,
                ),
            )
    connection.close()
    return path


def rows(connection: Connection) -> list[tuple[object, ...]]:
    names = "number, id, body, hash, signature, authored_at, author_id, verb, student_id, kind, receipt, outcome"
    return list(connection.execute(f"SELECT {names} FROM entries ORDER BY number"))


def opened(path: Path) -> Connection:
    return open_journal(path, bytearray(KEY), device=DEVICE, school=PLACE)


def test_it_becomes_what_a_new_one_is_and_keeps_every_entry(tmp_path: Path) -> None:
    path = first_journal(tmp_path)
    plain = open_encrypted(path, bytearray(KEY))
    before = rows(plain)
    plain.close()
    old = opened(path)
    (tmp_path / "new").mkdir()
    new = create_journal(journal_paths(tmp_path / "new")[0], bytearray(KEY), device=DEVICE, school=PLACE)
    shape = "SELECT type, name, replace(replace(sql, char(10), ' '), ' ', '') FROM sqlite_master ORDER BY type, name"
    assert old.execute(shape).fetchall() == new.execute(shape).fetchall()
    assert rows(old) == before
    assert len(before) == 2
    assert old.execute("SELECT value FROM meta WHERE name = 'schema'").fetchone() == (SCHEMA,)
    with pytest.raises(Exception, match="an entry never changes"):
        old.execute("UPDATE entries SET replaces = 'x'")
    old.close()
    new.close()


def test_work_goes_on_in_it(tmp_path: Path) -> None:
    first_journal(tmp_path)
    book = open_book(tmp_path)
    assert [entry.number for entry in book.standing(0, "e1")] == [1]
    written = book.append([dose("again")], author=NURSE, at=NOON, zone="America/Chicago", replica_as_of=None)
    assert written.number == 3
    book.close()
    again = open_book(tmp_path)
    assert [entry.number for entry in again.standing(0, "e1")] == [1, 3]
    again.close()


@pytest.mark.parametrize("step", range(4))
def test_a_break_at_any_step_leaves_the_old_journal_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: int
) -> None:
    path = first_journal(tmp_path)
    target, statements = schema.UPGRADES["1"]
    assert len(statements) == 4
    broken = (*statements[:step], "INSERT INTO no_such_table VALUES (1)")
    monkeypatch.setattr(schema, "UPGRADES", {"1": (target, broken)})
    with pytest.raises(Exception, match="no_such_table"):
        opened(path)
    plain = open_encrypted(path, bytearray(KEY))
    assert plain.execute("SELECT value FROM meta WHERE name = 'schema'").fetchone() == ("1",)
    assert "replaces" not in [row[1] for row in plain.execute("PRAGMA table_info(entries)")]
    plain.close()
    monkeypatch.setattr(schema, "UPGRADES", {"1": (target, statements)})
    whole = opened(path)
    assert len(rows(whole)) == 2
    whole.close()


def test_one_of_a_newer_program_is_left_alone(tmp_path: Path) -> None:
    path = first_journal(tmp_path)
    plain = open_encrypted(path, bytearray(KEY))
    plain.execute("UPDATE meta SET value = '3' WHERE name = 'schema'")
    plain.close()
    with pytest.raises(JournalForeign):
        opened(path)
