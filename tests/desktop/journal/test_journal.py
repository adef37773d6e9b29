"""The journal: appended, signed, sealed, kept."""

import hashlib
import re
import signal
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from nacl.public import PrivateKey, SealedBox
from nacl.secret import SecretBox
from nacl.signing import SigningKey, VerifyKey
from sqlcipher3 import dbapi2 as sqlcipher
from tests.desktop.clinic import NOON, NURSE, SCHOOL, SeededChance, uid

from wc_contract.model.changes import AccessRecorded, DoseLogged, IncidentSigned
from wc_contract.model.ids import (
    DeviceId,
    DoseId,
    IncidentId,
    MedicationId,
    OrderId,
    OrderVersionId,
    SchoolId,
    StudentId,
    UserId,
)
from wc_contract.model.values import AccessAction, DoseState, IncidentType, Severity
from wc_contract.wire.codes import Outcome
from wc_contract.wire.entries import EntryMalformed, body_hash
from wc_contract.wire.messages import Receipt
from wc_contract.wire.sealed import MARK
from wc_desktop.cipher.whole_file import write_whole
from wc_desktop.domain.failures import DiskFull, JournalDamaged
from wc_desktop.domain.screens import IncidentDraft
from wc_desktop.journal import receipts
from wc_desktop.journal.book import DeviceJournal
from wc_desktop.journal.mending import Mended, mend
from wc_desktop.journal.number_mark import NumberMark
from wc_desktop.journal.proved import ProvedMark
from wc_desktop.journal.schema import create_journal, journal_paths, open_journal
from wc_desktop.journal.sealed import SealedFile, read_records
from wc_desktop.journal.survey import OwnKeys, survey

KEY = bytes(range(32))
DEVICE, PLACE = DeviceId(uid("device")), SchoolId(SCHOOL)
DISTRICT_KEY, DEVICE_KEY, SIGN = PrivateKey(b"\x01" * 32), PrivateKey(b"\x02" * 32), SigningKey(b"\x03" * 32)
OWN = OwnKeys(device=DEVICE, seal=bytes(DEVICE_KEY), sign=lambda message: bytes(SIGN.sign(message).signature))


def open_book(folder: Path, *, seed: int = 1) -> DeviceJournal:
    path, sealed_path = journal_paths(folder)
    if not path.exists():
        create_journal(path, bytearray(KEY), device=DEVICE, school=PLACE).close()
    connection = open_journal(path, bytearray(KEY), device=DEVICE, school=PLACE)
    sealed = SealedFile(
        sealed_path,
        district=bytes(DISTRICT_KEY.public_key),
        device=bytes(DEVICE_KEY.public_key),
        chance=SeededChance(seed),
    )
    book = DeviceJournal(
        connection,
        sealed,
        own=OWN,
        mark=mark_in(folder),
        chance=SeededChance(seed + 1000),
        proved=proved_in(folder),
    )
    book.mend(NOON)
    return book


class MarkFile:
    """A mark in a plain file."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def read(self) -> bytes | None:
        return self._path.read_bytes() if self._path.exists() else None

    def write(self, content: bytes) -> None:
        write_whole(self._path, content)


def mark_in(folder: Path) -> NumberMark:
    return NumberMark(MarkFile(folder / "journal.number"))


def proved_in(folder: Path) -> ProvedMark:
    return ProvedMark(MarkFile(folder / "journal.proved"))


@pytest.fixture
def book(tmp_path: Path) -> Iterator[DeviceJournal]:
    opened = open_book(tmp_path)
    yield opened
    opened.close()


def dose(name: str = "dose", reason: str = "") -> DoseLogged:
    return DoseLogged(
        id=DoseId(uid(name)),
        student_id=StudentId(uid("sofia")),
        order_id=OrderId(uid("order")),
        order_version_id=OrderVersionId(uid("version")),
        medication_id=MedicationId(uid("drug")),
        slot=None,
        status=DoseState.REFUSED,
        administered_at=NOON,
        local_date=NOON.date(),
        reason=reason or None,
    )


def look() -> AccessRecorded:
    return AccessRecorded(action=AccessAction.VIEW, entity_type="student", entity_id=str(uid("sofia")), at=NOON)


def write(book: DeviceJournal, count: int) -> list[int]:
    return [
        book.append(
            (dose(f"d{book.last_number}"),), author=UserId(NURSE), at=NOON, zone="America/Chicago", replica_as_of=None
        ).number
        for _ in range(count)
    ]


def receipt(book: DeviceJournal, number: int, outcome: Outcome = Outcome.APPLIED, **more: object) -> Receipt:
    body, entry_id = book._connection.execute("SELECT body, id FROM entries WHERE number = ?", (number,)).fetchone()
    return Receipt(
        entry_id=UUID(entry_id),
        number=number,
        hash=body_hash(body),
        outcome=outcome,
        received_at=NOON,
        **more,  # type: ignore[arg-type]
    )


def numbers(book: DeviceJournal, epoch: str = "e1", after: int = 0) -> list[int]:
    return [entry.number for entry in book.unsent(after=after, epoch=epoch, limit=200, max_bytes=1 << 20)]


def test_numbers_are_gapless_and_go_on_after_reopening(tmp_path: Path) -> None:
    first = open_book(tmp_path)
    assert write(first, 3) == [1, 2, 3]
    first.close()
    again = open_book(tmp_path, seed=2)
    assert write(again, 2) == [4, 5]
    again.close()


def test_the_text_is_kept_as_it_was_signed(book: DeviceJournal) -> None:
    write(book, 1)
    body, digest, signature = book._connection.execute("SELECT body, hash, signature FROM entries").fetchone()
    assert hashlib.sha256(body.encode()).hexdigest() == digest
    VerifyKey(bytes(SIGN.verify_key)).verify(bytes.fromhex(digest), signature)


def test_logical_clocks_go_on_when_the_wall_clock_goes_back(book: DeviceJournal) -> None:
    ticks = [
        book.append((look(),), author=UserId(NURSE), at=at, zone="UTC", replica_as_of=None).hlc
        for at in (NOON, NOON - timedelta(hours=1), NOON - timedelta(hours=2))
    ]
    assert ticks == sorted(ticks)
    assert len(set(ticks)) == 3


@pytest.mark.parametrize("statement", ["UPDATE entries SET body = 'x'", "UPDATE entries SET number = number + 7"])
def test_what_was_signed_cannot_be_changed(book: DeviceJournal, statement: str) -> None:
    write(book, 1)
    with pytest.raises(sqlcipher.IntegrityError, match="never changes"):
        book._connection.execute(statement)


def test_an_unanswered_and_a_refused_entry_cannot_go(book: DeviceJournal) -> None:
    write(book, 2)
    book.store_receipts([receipt(book, 2, Outcome.REFUSED, code="unknown_student")], epoch="e1", at=NOON)
    for number in (1, 2):
        with pytest.raises(sqlcipher.IntegrityError, match="stays"):
            book._connection.execute("DELETE FROM entries WHERE number = ?", (number,))


def test_an_entry_too_long_to_send_is_told_before_it_is_written(book: DeviceJournal) -> None:
    with pytest.raises(EntryMalformed) as told:
        book.append((dose(reason="x" * 30_000),), author=UserId(NURSE), at=NOON, zone="UTC", replica_as_of=None)
    assert "xxx" not in repr(told.value) + str(told.value)
    assert book.last_number == 0
    assert list(book._sealed.records()) == []


# Receipts.


def test_only_what_has_no_receipt_is_sent(book: DeviceJournal) -> None:
    write(book, 3)
    book.store_receipts([receipt(book, 1), receipt(book, 2, Outcome.CASE_OPENED)], epoch="e1", at=NOON)
    assert numbers(book) == [3]
    assert book.waiting().count == 1


def test_a_receipt_for_another_text_changes_nothing(book: DeviceJournal) -> None:
    write(book, 1)
    forged = receipt(book, 1).model_copy(update={"hash": "0" * 64})
    book.store_receipts([forged], epoch="e1", at=NOON)
    assert numbers(book) == [1]


def test_another_epoch_asks_for_everything_again_and_keeps_the_first_answer(book: DeviceJournal) -> None:
    write(book, 2)
    book.store_receipts([receipt(book, 1, Outcome.CASE_OPENED), receipt(book, 2)], epoch="e1", at=NOON)
    assert numbers(book, "e2") == [1, 2]
    book.store_receipts([receipt(book, 1, Outcome.DUPLICATE)], epoch="e2", at=NOON)
    assert numbers(book, "e2") == [2]
    assert [(row.number, row.outcome) for row in book.newest(5)] == [(2, "applied"), (1, "case_opened")]


def test_receipts_the_server_no_longer_knows_are_doubted(book: DeviceJournal) -> None:
    write(book, 4)
    book.store_receipts([receipt(book, n) for n in range(1, 5)], epoch="e1", at=NOON)
    assert book.doubt_receipts_above(2) == 2
    assert numbers(book) == [3, 4]


def test_a_waiting_answer_is_asked_for_again(book: DeviceJournal) -> None:
    write(book, 1)
    book.store_receipts([receipt(book, 1, Outcome.WAITING)], epoch="e1", at=NOON)
    assert numbers(book) == [1]
    assert book.waiting().count == 1


def test_a_batch_is_bounded_by_bytes_but_never_empty(book: DeviceJournal) -> None:
    write(book, 5)
    assert len(book.unsent(after=0, epoch="e1", limit=200, max_bytes=1)) == 1
    assert len(book.unsent(after=0, epoch="e1", limit=2, max_bytes=1 << 20)) == 2


def test_answered_entries_go_after_35_days_and_numbers_go_on(book: DeviceJournal) -> None:
    write(book, 3)
    book.store_receipts([receipt(book, 1), receipt(book, 2, Outcome.REFUSED, code="malformed")], epoch="e1", at=NOON)
    assert book.trim(epoch="e1", at=NOON + timedelta(days=34)) == 0
    assert book.trim(epoch="e2", at=NOON + timedelta(days=36)) == 0
    assert book.trim(epoch="e1", at=NOON + timedelta(days=36)) == 1
    assert [row.number for row in book.newest(9)] == [3, 2]
    assert write(book, 1) == [4]


def test_letting_go_is_a_short_step_and_goes_on_behind_what_stays(
    book: DeviceJournal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(receipts, "_LOOKED_AT", 1)
    write(book, 4)
    answers = [receipt(book, 1, Outcome.REFUSED, code="malformed"), receipt(book, 2), receipt(book, 3)]
    book.store_receipts(answers, epoch="e1", at=NOON)
    later = NOON + timedelta(days=36)
    assert [book.trim(epoch="e1", at=later) for _ in range(3)] == [1, 1, 0]
    assert [row.number for row in book.newest(9)] == [4, 1]


def test_refused_entries_stand_whatever_the_replica_acknowledges(book: DeviceJournal) -> None:
    write(book, 3)
    answers = [receipt(book, 1, Outcome.REFUSED, code="malformed"), receipt(book, 2)]
    book.store_receipts(answers, epoch="e1", at=NOON)
    assert [entry.number for entry in book.standing(2, "e1")] == [1, 3]
    assert book.waiting().refused == 1


def test_what_has_no_answer_stands_whatever_the_replica_acknowledges(book: DeviceJournal) -> None:
    # A forked device: the numbers that the district acknowledged are those of other texts.
    write(book, 3)
    book.store_receipts([receipt(book, 1), receipt(book, 2, Outcome.WAITING)], epoch="e1", at=NOON)
    assert [entry.number for entry in book.standing(9, "e1")] == [2, 3]


def test_what_another_epoch_answered_stands_whatever_the_replica_acknowledges(book: DeviceJournal) -> None:
    # A forked device and a server that went back: of the numbers that it acknowledges now, 2 and 3 are other texts.
    write(book, 3)
    book.store_receipts([receipt(book, number) for number in (1, 2, 3)], epoch="e1", at=NOON)
    assert book.standing(3, "e1") == []
    book.store_receipts([receipt(book, 1, Outcome.DUPLICATE)], epoch="e2", at=NOON)
    assert [entry.number for entry in book.standing(9, "e2")] == [2, 3]
    book.doubt_receipts_above(2)
    assert [entry.number for entry in book.standing(9, "e1")] == [1, 3]


def test_no_question_of_a_contact_reads_the_text_of_every_entry(book: DeviceJournal) -> None:
    write(book, 3)
    book.store_receipts([receipt(book, 1), receipt(book, 2, Outcome.WAITING)], epoch="e1", at=NOON)
    asked: list[str] = []
    book._connection.set_trace_callback(asked.append)
    assert [one.number for one in book.unsent(after=0, epoch="e1", limit=9, max_bytes=9_999)] == [2, 3]
    assert [one.number for one in book.unsent(after=1, epoch="e2", limit=9, max_bytes=9_999)] == [2, 3]
    assert [one.number for one in book.unsent(after=0, epoch="e0", limit=9, max_bytes=9_999)] == [1, 2, 3]
    assert [row.number for row in book.unsettled()] == [2]
    assert (book.waiting_numbers(), book.waiting().count) == ({2, 3}, 2)
    assert [entry.number for entry in book.standing(3, "e1")] == [2, 3]
    book._connection.set_trace_callback(None)
    questions = [sql for sql in asked if sql.startswith("SELECT")]
    assert len(questions) >= 7
    for question in questions:
        plan = [row[3] for row in book._connection.execute(f"EXPLAIN QUERY PLAN {question}")]
        assert "SCAN entries" not in plan, question


# Drafts.


def test_a_half_typed_form_survives(tmp_path: Path) -> None:
    first = open_book(tmp_path)
    draft = IncidentDraft(
        id=IncidentId(uid("incident")), student_id=None, fields={"narrative": "Fell fr", "body_regions": ("knee",)}
    )
    first.save_draft(draft, author=UserId(NURSE), at=NOON)
    first.close()
    again = open_book(tmp_path)
    kept = again.draft(draft.id)
    assert kept is not None
    assert kept.fields == draft.fields
    assert kept.saved_at == NOON
    again.discard_draft(draft.id)
    assert again.draft(draft.id) is None
    again.close()


# The sealed copy.


def test_the_district_can_read_every_sealed_entry(book: DeviceJournal, tmp_path: Path) -> None:
    write(book, 2)
    bodies = [body for (body,) in book._connection.execute("SELECT body FROM entries ORDER BY number")]
    opened = []
    for record in read_records(journal_paths(tmp_path)[1]):
        key = SealedBox(DISTRICT_KEY).decrypt(record.sealed[:80])
        opened.append(SecretBox(key).decrypt(record.sealed[160:])[64:].decode())
    assert opened == bodies
    assert b"sofia" not in journal_paths(tmp_path)[1].read_bytes()


def test_what_the_journal_lost_comes_back_from_the_sealed_copy(tmp_path: Path) -> None:
    book = open_book(tmp_path)
    write(book, 5)
    bodies = book._connection.execute("SELECT number, body, signature FROM entries").fetchall()
    # As a damaged write-ahead log does: the last commits vanish and the file opens as healthy.
    book._connection.execute("DROP TRIGGER entries_stay")
    book._connection.execute("DELETE FROM entries WHERE number > 2")
    book._connection.execute("UPDATE meta SET value = '2' WHERE name = 'last_number'")
    book.close()
    again = open_book(tmp_path, seed=2)
    assert again._connection.execute("SELECT number, body, signature FROM entries").fetchall() == bodies
    assert write(again, 1) == [6]
    again.close()


def test_what_the_sealed_copy_lost_is_sealed_again(tmp_path: Path) -> None:
    book = open_book(tmp_path)
    write(book, 3)
    book.close()
    journal_paths(tmp_path)[1].unlink()
    open_book(tmp_path).close()
    assert [record.number for record in read_records(journal_paths(tmp_path)[1])] == [1, 2, 3]


def test_a_damaged_record_is_passed_over_and_sealed_again(tmp_path: Path) -> None:
    book = open_book(tmp_path)
    write(book, 3)
    book.close()
    path = journal_paths(tmp_path)[1]
    content = bytearray(path.read_bytes())
    content[content.index(MARK, 1) + 3] ^= 1  # the mark of the second record
    path.write_bytes(content + b"\x00" * 40)  # and a torn tail
    assert [record.number for record in read_records(path)] == [1, 3]
    open_book(tmp_path).close()
    assert sorted(record.number for record in read_records(path)) == [1, 2, 3]


@pytest.mark.parametrize("looked_at_before", [True, False])
def test_a_record_whose_body_is_damaged_is_sealed_again(tmp_path: Path, *, looked_at_before: bool) -> None:
    book = open_book(tmp_path)
    # More than goes unsaid between two looks.
    write(book, 60)
    book.close()
    if looked_at_before:
        open_book(tmp_path).close()
    path = journal_paths(tmp_path)[1]
    content = bytearray(path.read_bytes())
    following = [found.start() for found in re.finditer(re.escape(MARK), content)][31]
    content[following - 20] ^= 1
    path.write_bytes(content)
    assert len(list(read_records(path))) == 60, "its head is whole"
    open_book(tmp_path).close()
    assert set(survey(path, OWN).texts) == set(range(1, 61))
    again = path.read_bytes()
    assert len(again) > len(content)
    open_book(tmp_path).close()
    assert path.read_bytes() == again


def test_no_opening_opens_a_record_that_was_opened_before(tmp_path: Path) -> None:
    book = open_book(tmp_path)
    write(book, 60)
    book.close()
    open_book(tmp_path).close()
    opened: list[int] = []
    book = open_book(tmp_path)
    watched = replace(OWN, sign=lambda message: (opened.append(1), OWN.sign(message))[1])
    assert mend(book._connection, book._sealed, watched, NOON, proved_in(tmp_path)) == Mended(
        restored=0, sealed_again=0
    )
    assert opened == []
    book.close()


def test_mending_twice_changes_nothing(tmp_path: Path) -> None:
    book = open_book(tmp_path)
    write(book, 3)
    before = journal_paths(tmp_path)[1].read_bytes()
    again = book.mend(NOON)
    assert (again.restored, again.sealed_again) == (0, 0)
    assert journal_paths(tmp_path)[1].read_bytes() == before
    book.close()


def test_a_sealed_copy_that_cannot_be_written_leaves_no_entry(
    book: DeviceJournal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(book, 1)
    monkeypatch.setattr("wc_desktop.journal.sealed.os.fsync", _no_room)
    with pytest.raises(Exception, match="room") as told:
        write(book, 1)
    assert told.value.code == "disk_full"  # type: ignore[attr-defined]
    monkeypatch.undo()
    assert book.last_number == 1
    assert [record.number for record in read_records(journal_paths(tmp_path)[1])] == [1]
    assert write(book, 1) == [2]


def _no_room(_handle: int) -> None:
    raise OSError(28, "No space left on device")


# Refusals and crashes.


def test_a_journal_of_another_device_is_refused(tmp_path: Path) -> None:
    open_book(tmp_path).close()
    with pytest.raises(JournalDamaged, match="foreign"):
        open_journal(journal_paths(tmp_path)[0], bytearray(KEY), device=DeviceId(uid("thief")), school=PLACE)


def test_a_journal_of_a_newer_program_is_refused(tmp_path: Path) -> None:
    book = open_book(tmp_path)
    book._connection.execute("UPDATE meta SET value = '99' WHERE name = 'schema'")
    book.close()
    with pytest.raises(JournalDamaged, match="newer"):
        open_book(tmp_path)


WRITER = textwrap.dedent(
    """
    import pathlib, sys
    from tests.desktop.journal.test_journal import open_book, dose, UserId, NURSE, NOON
    book = open_book(pathlib.Path(sys.argv[1]), seed=int(sys.argv[2]))
    while True:
        entry = book.append((dose(),), author=UserId(NURSE), at=NOON, zone="UTC", replica_as_of=None)
        sys.stdout.write(f"{entry.number} {entry.id}\\n")
        sys.stdout.flush()
    """
)


def test_every_entry_that_was_told_saved_is_there_after_kill_9(tmp_path: Path) -> None:
    told: dict[int, str] = {}
    for seed in range(4):
        writer = subprocess.Popen(
            [sys.executable, "-c", WRITER, str(tmp_path), str(seed * 7)], stdout=subprocess.PIPE, text=True
        )
        assert writer.stdout is not None
        for _ in range(5 + seed * 6):
            number, entry_id = writer.stdout.readline().split()
            told[int(number)] = entry_id
        writer.send_signal(signal.SIGKILL)
        rest = writer.stdout.read().split("\n")
        told |= {
            int(line.split()[0]): line.split()[1] for line in rest if line.count("-") == 4 and len(line.split()) == 2
        }
        writer.wait()
        writer.stdout.close()
    book = open_book(tmp_path, seed=500)
    held = {row.number: str(row.id) for row in book.newest(100_000)}
    assert told.items() <= held.items()
    assert sorted(held) == list(range(1, len(held) + 1))
    assert sorted({r.number for r in read_records(journal_paths(tmp_path)[1])}) == sorted(held)
    assert write(book, 1) == [len(held) + 1]
    book.close()


def test_an_incident_and_a_look_are_told_apart(book: DeviceJournal) -> None:
    report = IncidentSigned(
        id=IncidentId(uid("incident")),
        student_id=None,
        type=IncidentType.NEAR_MISS,
        severity=Severity.LOW,
        occurred_at=NOON,
        location="gym",
        activity="",
        narrative="n",
        signed_at=NOON,
    )
    for change in (report, look()):
        book.append((change,), author=UserId(NURSE), at=NOON, zone="UTC", replica_as_of=None)
    assert [row.verb for row in book.newest(5)] == ["access.record", "incident.sign"]
    assert book.waiting().count == 1
    assert [entry.number for entry in book.standing(0, "e1")] == [1]


def test_a_disk_that_refuses_the_sealed_copy_its_name_is_told_as_that_and_the_name_is_made_durable_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[Path] = []
    monkeypatch.setattr("wc_desktop.journal.sealed.sync_folder", _no_room)
    with pytest.raises(DiskFull):
        open_book(tmp_path)
    monkeypatch.setattr("wc_desktop.journal.sealed.sync_folder", synced.append)
    open_book(tmp_path).close()
    assert synced == [tmp_path]
