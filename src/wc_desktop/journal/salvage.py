"""What still reads of a damaged journal, taken from a copy of it: the damaged files themselves stay as they are.

One page that does not read makes SQLCipher refuse every later one of the same connection, so that reading goes on
through a new one; a copy that is damaged all over is given up.
"""

import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlcipher3 import dbapi2 as sqlcipher

from wc_contract.wire.sealed import OpenedRecord, number_in
from wc_desktop.cipher.engine import Connection, open_encrypted
from wc_desktop.cipher.faults import CannotOpen, Damaged
from wc_desktop.cipher.whole_file import is_no_room
from wc_desktop.domain.failures import DiskFull
from wc_desktop.journal.survey import OwnKeys
from wc_desktop.journal.swap import COMPANIONS

COPY_FILE = "journal.salvage.db"
_MOST_FAILURES = 500
_FACTS = ("last_number", "hlc", "clock_offset_ms", "server_seen_at")
_READ_ANSWER = "SELECT receipt, outcome, receipt_epoch, receipted_at FROM entries WHERE number = ?"
_READ_DRAFTS = "SELECT id, author_id, student_id, fields, saved_at FROM drafts"
_READ_ONE_DRAFT = "SELECT id, author_id, student_id, fields, saved_at FROM drafts WHERE id = ?"


@dataclass(frozen=True, slots=True, kw_only=True)
class Salvaged:
    """What still reads. answers: the columns of an entry's receipt, by its number."""

    texts: Mapping[int, OpenedRecord] = field(default_factory=dict, repr=False)
    answers: Mapping[int, Sequence[Any]] = field(default_factory=dict, repr=False)
    drafts: Sequence[Sequence[Any]] = field(default=(), repr=False)
    facts: Mapping[str, str] = field(default_factory=dict)

    @property
    def last_number(self) -> int:
        """The newest number that it knew of, 0 when that does not read."""
        known = self.facts.get("last_number", "")
        return max(int(known) if known.isdecimal() else 0, max(self.texts, default=0))


def salvage(path: Path, key: bytearray, own: OwnKeys, *, upto: int) -> Salvaged:
    """Return what still reads of a journal, looking for entries up to a number at least.

    Never raises for damage. Raises DiskFull: with room, what only the journal holds would come over.
    """
    copy = path.with_name(COPY_FILE)
    erase_copy(path.parent)
    if not path.exists():
        return Salvaged()
    try:
        for ending in ("", "-wal"):
            if path.with_name(path.name + ending).exists():
                shutil.copyfile(path.with_name(path.name + ending), copy.with_name(copy.name + ending))
        return _read(_Reader(copy, key), own, upto)
    except OSError as error:
        if is_no_room(error):
            raise DiskFull("no room to look through the damaged journal") from None
        # The disk does not give the file: the sealed copy has to do.
        return Salvaged()
    finally:
        erase_copy(path.parent)


def erase_copy(folder: Path) -> None:
    """Erase the copy that was read, also one that an earlier attempt left."""
    for ending in ("", *COMPANIONS):
        (folder / (COPY_FILE + ending)).unlink(missing_ok=True)


class _Reader:
    """Reads what reads; None stands for what does not."""

    def __init__(self, path: Path, key: bytearray) -> None:
        self._path = path
        self._key = key
        self._failures = 0
        self._connection: Connection | None = None

    def rows(self, sql: str, values: Sequence[object] = ()) -> list[Sequence[Any]] | None:
        if self._failures >= _MOST_FAILURES:
            return None
        try:
            if self._connection is None:
                self._connection = open_encrypted(self._path, self._key)
            return list(self._connection.execute(sql, values).fetchall())
        except CannotOpen:
            self._failures = _MOST_FAILURES
        except (sqlcipher.DatabaseError, Damaged):
            self._failures += 1
            self.close()
        return None

    def one(self, sql: str, values: Sequence[object] = ()) -> Sequence[Any] | None:
        found = self.rows(sql, values)
        return found[0] if found else None

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def _read(reader: _Reader, own: OwnKeys, upto: int) -> Salvaged:
    try:
        facts = {str(row[0]): str(row[1]) for name in _FACTS if (row := _fact(reader, name))}
        known = facts.get("last_number", "")
        last = max(int(known) if known.isdecimal() else 0, upto)
        texts: dict[int, OpenedRecord] = {}
        answers: dict[int, Sequence[Any]] = {}
        for text in _texts(reader, last):
            if own.wrote(text):
                texts[text.number] = text
                answer = reader.one(_READ_ANSWER, (text.number,))
                if answer is not None and answer[0] is not None:
                    answers[text.number] = answer
        return Salvaged(texts=texts, answers=answers, drafts=tuple(_drafts(reader)), facts=facts)
    finally:
        reader.close()


def _fact(reader: _Reader, name: str) -> Sequence[Any] | None:
    return reader.one("SELECT name, value FROM meta WHERE name = ?", (name,))


def _texts(reader: _Reader, last: int) -> Iterator[OpenedRecord]:
    first = reader.one("SELECT min(number) FROM entries")
    for number in range(1 if first is None or first[0] is None else int(first[0]), last + 1):
        row = reader.one("SELECT body, signature FROM entries WHERE number = ?", (number,))
        if row is not None and isinstance(row[0], str) and number_in(row[0]) == number:
            yield OpenedRecord(number=number, body=row[0], signature=bytes(row[1]))


def _drafts(reader: _Reader) -> Iterator[Sequence[Any]]:
    every = reader.rows(_READ_DRAFTS)
    if every is not None:
        yield from every
        return
    for name in reader.rows("SELECT id FROM drafts") or ():
        row = reader.one(_READ_ONE_DRAFT, name)
        if row is not None:
            yield row
