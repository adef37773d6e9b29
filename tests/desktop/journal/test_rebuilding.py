"""A damaged journal made anew: everything that is whole somewhere comes back, and no number is used twice."""

import hashlib
import random
import shutil
import subprocess
import sys
import textwrap
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from nacl.public import PrivateKey, SealedBox
from nacl.secret import SecretBox
from tests.desktop.actions.test_no_room import files_no_larger_than
from tests.desktop.clinic import NOON, NURSE, uid
from tests.desktop.journal.test_journal import (
    DEVICE,
    DEVICE_KEY,
    KEY,
    OWN,
    PLACE,
    SIGN,
    look,
    mark_in,
    numbers,
    open_book,
    receipt,
    write,
)

from wc_contract.model.ids import IncidentId, UserId
from wc_contract.wire.codes import Outcome
from wc_contract.wire.entries import EntryMalformed, entry_from_body
from wc_contract.wire.sealed import MARK
from wc_desktop.cipher.engine import open_encrypted
from wc_desktop.domain.failures import DiskFull, JournalDamaged, JournalForeign, JournalPageDamaged
from wc_desktop.domain.screens import IncidentDraft
from wc_desktop.journal.book import DeviceJournal
from wc_desktop.journal.number_mark import AHEAD, Used
from wc_desktop.journal.rebuilding import Anew, Ground, is_begun, rebuild
from wc_desktop.journal.schema import is_suspect, journal_paths, open_journal, suspect
from wc_desktop.journal.sealed import read_records
from wc_desktop.journal.survey import survey

PAGE = 4096
ENTRIES = 40
DRAFT = IncidentDraft(id=IncidentId(uid("incident")), student_id=None, fields={"narrative": "Fell from"})
LATER_DRAFT = replace(DRAFT, id=IncidentId(uid("later incident")))


def ground(folder: Path) -> Ground:
    return Ground(folder=folder, key=bytearray(KEY), school=PLACE, own=OWN, mark=mark_in(folder))


def made_anew(folder: Path, *, held_before: int = 0) -> Anew:
    return rebuild(ground(folder), held_before=held_before, at=NOON)


def texts(book: DeviceJournal) -> dict[int, str]:
    return dict(book._connection.execute("SELECT number, body FROM entries"))


def flip(path: Path, *places: int) -> None:
    content = bytearray(path.read_bytes())
    for place in places:
        content[place] ^= 0x10
    path.write_bytes(content)


def first_page(path: Path) -> None:
    flip(path, 700)


def deep_page(path: Path) -> None:
    flip(path, path.stat().st_size - 3 * PAGE + 100)


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def gone(path: Path) -> None:
    path.unlink()


def written(folder: Path, count: int = ENTRIES) -> dict[int, str]:
    """Fill a journal, close it in order, and return its texts."""
    book = open_book(folder)
    write(book, count)
    book.save_draft(DRAFT, author=UserId(NURSE), at=NOON)
    kept = texts(book)
    book.close()
    return kept


def abandoned(folder: Path, count: int = ENTRIES) -> dict[int, str]:
    """Fill a journal and leave its files as a power cut leaves them: never closed, the log beside the database."""
    (folder / "living").mkdir()
    book = open_book(folder / "living")
    write(book, count)
    kept = texts(book)
    for file in (folder / "living").iterdir():
        shutil.copyfile(file, folder / file.name)
    book.close()
    shutil.rmtree(folder / "living")
    return kept


def left_in_the_log(folder: Path) -> dict[int, str]:
    """Fill a journal, leave it with newer entries and a form in its log alone, and damage a page that holds no text.

    Two entries have nothing but the damaged journal: one is in the file, the other in the log.
    """
    written(folder, 5)
    (folder / "living").mkdir()
    for file in [file for file in folder.iterdir() if file.is_file()]:
        file.rename(folder / "living" / file.name)
    book = open_book(folder / "living", seed=2)
    [page] = book._connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'entries_refused'").fetchone()
    write(book, 2)
    book.save_draft(LATER_DRAFT, author=UserId(NURSE), at=NOON)
    kept = texts(book)
    for file in (folder / "living").iterdir():
        shutil.copyfile(file, folder / file.name)
    book.close()
    shutil.rmtree(folder / "living")
    flip(folder / "journal.db", (page - 1) * PAGE + 100)
    flip(folder / "journal.sealed", spans(folder)[1][0] + 200, spans(folder)[5][0] + 200)
    suspect(folder)
    return kept


def spans(folder: Path) -> tuple[tuple[int, int], ...]:
    return survey(folder / "journal.sealed", OWN).spans


# What comes back.


@pytest.mark.parametrize("damage", [first_page, deep_page, cut, gone])
def test_every_entry_comes_back_as_it_was_signed_and_the_damaged_file_is_kept(
    tmp_path: Path, damage: Callable[[Path], None]
) -> None:
    before = written(tmp_path)
    path = tmp_path / "journal.db"
    damage(path)
    left = path.read_bytes() if path.exists() else None
    anew = made_anew(tmp_path)
    assert (anew.restored, anew.missing, anew.last, anew.sealed_damaged) == (ENTRIES, (), ENTRIES, False)
    assert anew.aside == (() if left is None else ("journal.damaged-1.db",))
    assert left is None or (tmp_path / "journal.damaged-1.db").read_bytes() == left
    book = open_book(tmp_path, seed=2)
    assert texts(book) == before
    assert write(book, 1) == [ENTRIES + 1]
    assert numbers(book) == list(range(1, ENTRIES + 2))
    book.close()


def test_receipts_and_unfinished_forms_that_still_read_come_over(tmp_path: Path) -> None:
    book = open_book(tmp_path)
    write(book, ENTRIES)
    book.save_draft(DRAFT, author=UserId(NURSE), at=NOON)
    book.store_receipts([receipt(book, 1), receipt(book, 2, Outcome.REFUSED, code="malformed")], epoch="e1", at=NOON)
    [page] = book._connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'entries_refused'").fetchone()
    book.close()
    flip(tmp_path / "journal.db", (page - 1) * PAGE + 100)
    anew = made_anew(tmp_path)
    assert (anew.restored, anew.drafts) == (ENTRIES, 1)
    again = open_book(tmp_path, seed=2)
    assert [again.outcome_of(row.id) for row in again.newest(99)[-2:]] == ["refused", "applied"]
    assert numbers(again)[:1] == [3]
    kept = again.draft(DRAFT.id)
    assert kept is not None
    assert kept.fields == DRAFT.fields
    again.close()


def test_an_entry_whose_sealed_copy_is_damaged_comes_from_what_still_reads_of_the_journal(tmp_path: Path) -> None:
    before = written(tmp_path)
    _, end = spans(tmp_path)[6]
    flip(tmp_path / "journal.sealed", end - 20)
    damaged = (tmp_path / "journal.sealed").read_bytes()
    deep_page(tmp_path / "journal.db")
    anew = made_anew(tmp_path)
    assert (anew.missing, anew.sealed_damaged) == ((), True)
    assert (tmp_path / "journal.sealed.damaged-1").read_bytes() == damaged
    book = open_book(tmp_path, seed=2)
    assert texts(book) == before
    assert sorted(survey(tmp_path / "journal.sealed", OWN).texts) == sorted(before), "it was not sealed again"
    book.close()


def test_a_journal_that_was_never_closed_keeps_its_log_with_it(tmp_path: Path) -> None:
    before = abandoned(tmp_path)
    first_page(tmp_path / "journal.db")
    anew = made_anew(tmp_path)
    assert set(anew.aside) == {"journal.damaged-1.db", "journal.damaged-1.db-wal"}
    book = open_book(tmp_path, seed=2)
    assert texts(book) == before
    assert write(book, 1) == [ENTRIES + 1]
    book.close()


def test_a_second_damage_gets_a_name_of_its_own(tmp_path: Path) -> None:
    written(tmp_path, 3)
    for number in (1, 2):
        first_page(tmp_path / "journal.db")
        assert made_anew(tmp_path).aside == (f"journal.damaged-{number}.db",)
        open_book(tmp_path, seed=number + 1).close()


# Damage anywhere.


@pytest.mark.parametrize("seed", range(12))
def test_whatever_is_damaged_in_the_journal_everything_is_there_again(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    before = (written if seed % 2 else abandoned)(tmp_path)
    for name in ("journal.db", "journal.db-wal"):
        path = tmp_path / name
        if path.exists() and path.stat().st_size:
            flip(path, *(chance.randrange(path.stat().st_size) for _ in range(chance.choice((1, 5, 60)))))
            if chance.random() < 0.3:
                cut(path)
    anew = made_anew(tmp_path)
    assert anew.missing == ()
    book = open_book(tmp_path, seed=99)
    assert texts(book) == before
    assert write(book, 1) == [ENTRIES + 1]
    book.close()


@pytest.mark.parametrize("seed", range(16))
def test_whatever_is_damaged_in_both_what_is_whole_comes_back_and_no_number_is_used_again(
    tmp_path: Path, seed: int
) -> None:
    chance = random.Random(seed)
    before = (written if seed % 2 else abandoned)(tmp_path)
    sealed = tmp_path / "journal.sealed"
    size = sealed.stat().st_size
    flip(sealed, *(chance.randrange(size) for _ in range(chance.choice((1, 3, 12)))))
    if chance.random() < 0.5:
        # Torn, never at the seam of two records: that leaves no trace, and only the mark knows (below).
        sealed.write_bytes(sealed.read_bytes()[: chance.randrange(size // 2, size - 1)])
    whole = survey(sealed, OWN).texts
    for path in tmp_path.glob("journal.db*"):
        path.write_bytes(b"")
    anew = made_anew(tmp_path)
    assert anew.last >= ENTRIES
    assert set(anew.missing) == set(range(1, anew.last + 1)) - set(whole)
    book = open_book(tmp_path, seed=99)
    assert texts(book) == {number: before[number] for number in whole}
    [fresh] = write(book, 1)
    assert fresh > ENTRIES
    assert fresh not in before
    book.close()


@pytest.mark.parametrize("seed", range(12))
def test_a_damaged_sealed_copy_never_keeps_a_whole_journal_from_opening(tmp_path: Path, seed: int) -> None:
    before = written(tmp_path)
    chance = random.Random(seed)
    sealed = tmp_path / "journal.sealed"
    # Heads most of all: a number or a length that is wrong must lead nobody astray.
    heads = [start + 16 + chance.randrange(12) for start, _ in spans(tmp_path)]
    flip(sealed, *chance.sample(heads, 5))
    book = open_book(tmp_path, seed=2)
    assert texts(book) == before
    assert write(book, 1) == [ENTRIES + 1]
    book.close()


def test_a_record_with_a_wrong_length_hides_none_of_those_behind_it(tmp_path: Path) -> None:
    written(tmp_path)
    start, end = spans(tmp_path)[3]
    content = bytearray((tmp_path / "journal.sealed").read_bytes())
    content[start + 16 : start + 20] = (3 * (end - start)).to_bytes(4, "big")
    (tmp_path / "journal.sealed").write_bytes(content)
    assert sorted(survey(tmp_path / "journal.sealed", OWN).texts) == [n for n in range(1, ENTRIES + 1) if n != 4]


def test_a_text_that_this_device_did_not_sign_does_not_come_in(tmp_path: Path) -> None:
    before = written(tmp_path, 3)
    body = before[3].replace('"number":3', '"number":9').encode()
    key = b"\x09" * 32
    secret = bytes(SecretBox(key).encrypt(SIGN.sign(b"another text").signature + body, b"\x01" * 24))
    sealed = SealedBox(PrivateKey(b"\x01" * 32).public_key).encrypt(key) + SealedBox(DEVICE_KEY.public_key).encrypt(key)
    rest = (9).to_bytes(8, "big") + hashlib.sha256(body).digest() + sealed + secret
    with (tmp_path / "journal.sealed").open("ab") as file:
        file.write(MARK + len(rest).to_bytes(4, "big") + rest)
    assert [record.number for record in read_records(tmp_path / "journal.sealed")] == [1, 2, 3, 9]
    open_book(tmp_path, seed=2).close()
    first_page(tmp_path / "journal.db")
    made_anew(tmp_path)
    book = open_book(tmp_path, seed=3)
    assert sorted(texts(book)) == [1, 2, 3]
    book.close()


# Numbers.


def test_a_sealed_copy_cut_at_a_seam_is_known_by_the_mark(tmp_path: Path) -> None:
    written(tmp_path)
    sealed = tmp_path / "journal.sealed"
    sealed.write_bytes(sealed.read_bytes()[: spans(tmp_path)[24][1]])
    first_page(tmp_path / "journal.db")
    anew = made_anew(tmp_path, held_before=30)
    assert (anew.restored, anew.sure, anew.last) == (25, ENTRIES, ENTRIES)
    assert anew.missing == tuple(range(31, ENTRIES + 1))
    book = open_book(tmp_path, seed=2)
    assert write(book, 1) == [ENTRIES + 1]
    book.close()


def test_after_a_power_cut_that_tore_the_sealed_copy_the_numbers_set_apart_are_left_out(tmp_path: Path) -> None:
    abandoned(tmp_path)
    assert mark_in(tmp_path).used() == Used(upto=AHEAD, exact=False)
    cut(tmp_path / "journal.sealed")
    for path in tmp_path.glob("journal.db*"):
        path.unlink()
    anew = made_anew(tmp_path)
    assert anew.sure < anew.last == AHEAD


def test_without_sealed_copy_journal_and_mark_the_districts_number_is_not_used_again(tmp_path: Path) -> None:
    written(tmp_path)
    for name in ("journal.db", "journal.sealed", "journal.number"):
        (tmp_path / name).unlink()
    made_anew(tmp_path, held_before=ENTRIES)
    book = open_book(tmp_path, seed=2)
    book.go_on_above(ENTRIES + 80)
    assert write(book, 1) == [ENTRIES + 81]
    book.close()


def test_files_put_back_from_an_older_copy_do_not_bring_their_numbers_back(tmp_path: Path) -> None:
    written(tmp_path, 3)
    for name in ("journal.db", "journal.sealed"):
        shutil.copyfile(tmp_path / name, tmp_path / f"{name}.old")
    book = open_book(tmp_path, seed=2)
    write(book, 4)
    book.close()
    for name in ("journal.db", "journal.sealed"):
        (tmp_path / f"{name}.old").replace(tmp_path / name)
    again = open_book(tmp_path, seed=3)
    assert write(again, 1) == [8]
    assert again.close_gaps_above(5, NOON).lost == (6, 7)
    again.close()


def test_the_mark_is_exact_after_closing_and_ahead_while_open(tmp_path: Path) -> None:
    book = open_book(tmp_path)
    write(book, 2)
    assert mark_in(tmp_path).used() == Used(upto=AHEAD, exact=False)
    write(book, AHEAD)
    assert mark_in(tmp_path).used() == Used(upto=2 * AHEAD, exact=False)
    book.close()
    assert mark_in(tmp_path).used() == Used(upto=AHEAD + 2, exact=True)
    (tmp_path / "journal.number").write_bytes(b"\xff no number")
    assert mark_in(tmp_path).used() is None


# Gaps.


def test_a_number_that_is_gone_for_good_is_said_to_be_lost_and_holds_up_nothing(tmp_path: Path) -> None:
    before = written(tmp_path, 9)
    for start, _ in [spans(tmp_path)[place] for place in (1, 6)]:
        flip(tmp_path / "journal.sealed", start + 200)
    first_page(tmp_path / "journal.db")
    assert made_anew(tmp_path).missing == (2, 7)
    book = open_book(tmp_path, seed=2)
    closed = book.close_gaps_above(3, NOON)
    assert (closed.found, closed.lost) == ((), (7,)), "the district has number 2"
    assert numbers(book, after=3) == [4, 5, 6, 7, 8, 9]
    with pytest.raises(EntryMalformed):
        entry_from_body(texts(book)[7])
    assert [row.number for row in book.newest(99) if row.verb == "entry.lost"] == [7]
    assert book.waiting().count == 7
    assert {entry.number for entry in book.standing(0, "e1")} == {1, 3, 4, 5, 6, 8, 9}
    assert book.close_gaps_above(3, NOON).lost == ()
    book.store_receipts([receipt(book, 7, Outcome.REFUSED, code="malformed")], epoch="e1", at=NOON)
    assert book.waiting().refused == 0, "nobody has to answer it"
    assert write(book, 1) == [10]
    noted = texts(book)
    book.close()
    first_page(tmp_path / "journal.db")
    made_anew(tmp_path)
    again = open_book(tmp_path, seed=3)
    assert texts(again) == noted, "the note of a lost number is sealed like an entry"
    assert noted[1] == before[1]
    again.close()


def test_a_gap_in_the_journal_alone_is_filled_from_the_sealed_copy(tmp_path: Path) -> None:
    before = written(tmp_path, 6)
    book = open_book(tmp_path, seed=2)
    book._connection.execute("DROP TRIGGER entries_stay")
    book._connection.execute("DELETE FROM entries WHERE number IN (2, 5)")
    assert book.close_gaps_above(3, NOON).found == (5,)
    assert texts(book) == {number: body for number, body in before.items() if number != 2}
    assert book.last_number == 6
    book.close()


# Damage while the journal is open.


def test_a_page_that_stops_reading_is_found_at_the_next_opening(tmp_path: Path) -> None:
    written(tmp_path)
    connection = open_encrypted(journal_paths(tmp_path)[0], bytearray(KEY))
    [page] = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'drafts'").fetchone()
    connection.close()
    flip(tmp_path / "journal.db", (page - 1) * PAGE + 100)
    book = open_book(tmp_path, seed=2)
    with pytest.raises(JournalPageDamaged):
        book.drafts()
    book.close()
    assert is_suspect(tmp_path)
    with pytest.raises(JournalDamaged, match="unreadable"):
        open_book(tmp_path, seed=3)
    made_anew(tmp_path)
    assert not is_suspect(tmp_path)
    again = open_book(tmp_path, seed=4)
    assert again.drafts() == []
    assert write(again, 1) == [ENTRIES + 1]
    again.close()


def test_a_journal_of_a_newer_program_is_not_called_damaged(tmp_path: Path) -> None:
    book = open_book(tmp_path)
    book._connection.execute("UPDATE meta SET value = '99' WHERE name = 'schema'")
    book.close()
    with pytest.raises(JournalForeign):
        open_book(tmp_path, seed=2)


# Killed in the middle.

KILLED = textwrap.dedent(
    """
    import os, pathlib, shutil, signal, sys
    from tests.desktop.journal.test_rebuilding import made_anew
    place = pathlib.Path(sys.argv[1])
    since = sys.argv[2]
    steps = {"open", "os.rename", "os.remove", "os.mkdir"}

    def child(folder, most):
        done, counts = 0, not since
        def step(event, arguments):
            nonlocal done, counts
            counts = counts or (event == "os.rename" and pathlib.Path(arguments[0]).name == since)
            if counts and event in steps:
                done += 1
                if done > most:
                    os.kill(os.getpid(), signal.SIGKILL)
        sys.addaudithook(step)
        made_anew(folder)
        os._exit(0)

    made_anew(shutil.copytree(place / "damaged", place / "warm"))
    for most in range(200):
        folder = shutil.copytree(place / "damaged", place / f"killed-{most}")
        process = os.fork()
        if process == 0:
            child(folder, most)
        if os.waitpid(process, 0)[1] == 0:
            break
    """
)


def opens(folder: Path) -> bool:
    try:
        open_journal(journal_paths(folder)[0], bytearray(KEY), device=DEVICE, school=PLACE).close()
    except JournalDamaged:
        return False
    return True


def test_a_rebuild_that_is_killed_at_any_step_is_done_again_and_loses_nothing(tmp_path: Path) -> None:
    damaged = tmp_path / "damaged"
    damaged.mkdir()
    before = abandoned(damaged, 5)
    flip(damaged / "journal.sealed", spans(damaged)[1][0] + 200)
    first_page(damaged / "journal.db")
    flip(damaged / "journal.db-wal", 3)
    left = (damaged / "journal.db").read_bytes()
    subprocess.run([sys.executable, "-c", KILLED, str(tmp_path), ""], check=True)
    folders = sorted(tmp_path.glob("killed-*"))
    assert len(folders) > 8, "it was never killed"
    for folder in folders:
        if not opens(folder):
            assert made_anew(folder).restored == 4
        book = open_book(folder, seed=3)
        assert texts(book) == {number: before[number] for number in (1, 3, 4, 5)}, folder.name
        assert write(book, 1)[0] > 5
        book.close()
        assert left in [path.read_bytes() for path in folder.glob("journal.damaged-*.db")], folder.name
        assert not list(folder.glob("journal.salvage*"))
        assert not list(folder.glob("journal.new*"))


def test_a_rebuild_that_is_killed_at_any_step_of_the_swap_keeps_what_only_the_damaged_journal_had(
    tmp_path: Path,
) -> None:
    damaged = tmp_path / "damaged"
    damaged.mkdir()
    before = left_in_the_log(damaged)
    assert sorted(before) == [1, 2, 3, 4, 5, 6, 7]
    left = {path.read_bytes() for path in damaged.glob("journal.db*") if not path.name.endswith("-shm")}
    assert len(left) == 2
    subprocess.run([sys.executable, "-c", KILLED, str(tmp_path), "journal.new.db"], check=True)
    folders = sorted(tmp_path.glob("killed-*"))
    assert sum(is_begun(folder) for folder in folders) > 3, (
        "it was never killed between the old journal and the new one"
    )
    for folder in folders:
        # At the next opening the nurse unlocks, or asks for the rebuild again.
        again = shutil.copytree(folder, tmp_path / f"again-{folder.name}")
        assert opens(folder) or made_anew(folder).missing == ()
        anew = made_anew(again)
        assert (anew.restored, anew.missing, anew.last, anew.drafts) == (7, (), 7, 2), folder.name
        assert left <= {path.read_bytes() for path in again.glob("journal.damaged-*")}, folder.name
        for place in (folder, again):
            book = open_book(place, seed=3)
            assert texts(book) == before, folder.name
            assert {draft.id for draft, _ in book.drafts()} == {DRAFT.id, LATER_DRAFT.id}, folder.name
            book.close()
            assert not [*place.glob("journal.ready*"), *place.glob("journal.new*"), *place.glob("journal.salvage*")]


def test_without_room_to_look_through_the_damaged_journal_nothing_is_given_up(tmp_path: Path) -> None:
    book = open_book(tmp_path)
    # A form that grew and went leaves the file larger than the new one will be.
    large = replace(LATER_DRAFT, fields={"narrative": "x" * 900_000})
    book.save_draft(large, author=UserId(NURSE), at=NOON)
    book.discard_draft(large.id)
    book.close()
    before = written(tmp_path)
    flip(tmp_path / "journal.sealed", spans(tmp_path)[6][1] - 20)
    first = (tmp_path / "journal.db").stat().st_size
    deep_page(tmp_path / "journal.db")
    left = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    with files_no_larger_than(first - PAGE), pytest.raises(DiskFull):
        made_anew(tmp_path)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == left
    anew = made_anew(tmp_path)
    assert (anew.missing, anew.drafts) == ((), 1)
    assert (tmp_path / "journal.db").stat().st_size < first - PAGE, "there was no room for the new journal either"
    book = open_book(tmp_path, seed=3)
    assert texts(book) == before
    book.close()


def test_old_answers_do_not_come_between_a_rebuild_and_trimming(tmp_path: Path) -> None:
    book = open_book(tmp_path)
    write(book, 3)
    book.append((look(),), author=UserId(NURSE), at=NOON, zone="UTC", replica_as_of=None)
    book.close()
    first_page(tmp_path / "journal.db")
    made_anew(tmp_path)
    again = open_book(tmp_path, seed=2)
    later = NOON + timedelta(days=40)
    again.store_receipts([receipt(again, number, Outcome.DUPLICATE) for number in (1, 2, 3)], epoch="e1", at=later)
    assert numbers(again) == [4]
    assert again.trim(epoch="e1", at=later + timedelta(days=36)) == 3
    again.close()
