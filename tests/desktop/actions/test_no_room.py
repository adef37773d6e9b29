"""A full disk while a dose is logged: refused with a sentence, nothing half-written, and it works again with room."""

import resource
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from tests.desktop.actions.test_log_dose import give
from tests.desktop.clinic import NURSE, PASSWORD, Clinic

from wc_contract.model.ids import UserId
from wc_contract.model.kinds import DOSE
from wc_desktop.actions.incidents import drafts, new_draft, save_draft
from wc_desktop.actions.unlock import Desk, unlock
from wc_desktop.app.parts import opened_of
from wc_desktop.domain.failures import DiskFailed, DiskFull
from wc_desktop.journal.sealed import read_records
from wc_desktop.ui.messages.failures import failure_sentence


@contextmanager
def files_no_larger_than(octets: int) -> Iterator[None]:
    """Let the system refuse every write beyond so many octets of a file, as a full disk or a quota does."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (octets, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def give_many(desk: Desk) -> None:
    for _ in range(100):
        give(desk, "Sofia", override_reason="agreed")


def write_many(desk: Desk) -> None:
    for _ in range(50):
        save_draft(desk, replace(new_draft(desk), fields={"narrative": "x" * 60_000}))


def numbers(folder: Path) -> list[int]:
    return [record.number for record in read_records(folder / "journal.sealed")]


def held(desk: Desk) -> list[int]:
    return sorted(entry.number for entry in desk.journal.newest(100))


def doses(desk: Desk) -> int:
    return len(desk.records.every(DOSE))


def test_a_dose_that_does_not_fit_is_refused_whole(clinic: Clinic, desk: Desk) -> None:
    shown, folder = doses(desk), clinic.folder
    room = (folder / "journal.db-wal").stat().st_size + 20_000
    with files_no_larger_than(room), pytest.raises((DiskFull, DiskFailed)) as refused:
        give_many(desk)
    said = failure_sentence(refused.value)
    assert said.startswith(("The disk is full: nothing was saved.", "The disk refused to save. Try again"))
    last = len(held(desk))
    assert held(desk) == list(range(1, last + 1)), "a number was lost"
    # Unlocking was the first entry; each of the others is a dose.
    assert doses(desk) == shown + last - 1, "a dose is shown that is not in the journal"
    assert numbers(folder) == held(desk), "the sealed copy holds what was refused"
    give(desk, "Sofia", override_reason="agreed")
    assert held(desk)[-1] == last + 1
    desk.close()
    again = unlock(clinic.station(), UserId(NURSE), PASSWORD)
    assert doses(again) == shown + last
    again.close()


def test_with_room_again_the_same_dose_is_saved_once(clinic: Clinic, desk: Desk) -> None:
    shown, connection = doses(desk), opened_of(desk).journal._connection
    [pages] = connection.execute("PRAGMA page_count").fetchone()
    connection.execute(f"PRAGMA max_page_count={pages}")
    with pytest.raises(DiskFull):
        write_many(desk)
    kept = len(drafts(desk))
    connection.execute("PRAGMA max_page_count=1000000")
    give(desk, "Sofia")
    assert doses(desk) == shown + 1
    desk.close()
    again = unlock(clinic.station(), UserId(NURSE), PASSWORD)
    assert doses(again) == shown + 1, "the dose was not durable"
    assert len(drafts(again)) == kept
    again.close()
