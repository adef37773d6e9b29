"""Each text of a journal names the one before it, under its signature: across openings, trimming and a mended file."""

from datetime import timedelta
from pathlib import Path

from tests.desktop.journal.test_journal import NOON, NURSE, book, look, open_book, receipt, write

from wc_contract.model.changes import Entry
from wc_contract.model.ids import UserId
from wc_contract.wire.entries import body_hash, entry_from_body
from wc_contract.wire.versions import KEPT
from wc_desktop.journal.book import DeviceJournal
from wc_desktop.journal.schema import journal_paths

__all__ = ["book"]


def texts(book: DeviceJournal) -> list[str]:
    return [sent.sealed.body for sent in book.unsent(after=0, epoch="e1", limit=100, max_bytes=1_000_000)]


def links(book: DeviceJournal) -> list[tuple[str | None, str]]:
    """Return what each text names as the one before it, and its own hash."""
    return [(entry_from_body(text).previous, body_hash(text)) for text in texts(book)]


def viewed(book: DeviceJournal) -> Entry:
    return book.append((look(),), author=UserId(NURSE), at=NOON, zone="America/Chicago", replica_as_of=None)


def test_every_text_names_the_one_before_it_also_after_the_file_was_closed(tmp_path: Path) -> None:
    book = open_book(tmp_path)
    write(book, 2)
    viewed(book)
    book.close()
    again = open_book(tmp_path, seed=2)
    viewed(again)
    chain = links(again)
    again.close()
    assert chain[0][0] is None
    assert [before for before, _ in chain[1:]] == [own for _, own in chain[:-1]]


def test_the_newest_answered_entry_outlives_trimming_so_that_the_next_one_can_name_it(book: DeviceJournal) -> None:
    write(book, 3)
    hashes = [own for _, own in links(book)]
    book.store_receipts([receipt(book, number) for number in (1, 2, 3)], epoch="e1", at=NOON)
    assert book.trim(epoch="e1", at=NOON + KEPT + timedelta(days=1)) == 2
    assert viewed(book).previous == hashes[2]


def test_a_journal_mended_from_its_sealed_copy_goes_on_with_the_same_chain(tmp_path: Path) -> None:
    book = open_book(tmp_path)
    write(book, 3)
    hashes = [own for _, own in links(book)]
    book.close()
    for file in tmp_path.glob(f"{journal_paths(tmp_path)[0].name}*"):
        file.unlink()
    mended = open_book(tmp_path, seed=3)
    assert viewed(mended).previous == hashes[2]
    mended.close()


def test_what_follows_a_number_that_is_elsewhere_names_nothing(book: DeviceJournal) -> None:
    write(book, 1)
    book.go_on_above(7)
    entry = viewed(book)
    assert (entry.number, entry.previous) == (8, None)
