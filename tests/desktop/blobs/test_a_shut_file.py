"""A file of photos and documents that cannot be used now is told of and left as it is; nothing else waits for it."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from tests.desktop.blobs.test_store import DEVICE, KEY, attached, own, school_with_photos
from tests.desktop.clinic import Clinic, uid
from tests.pictures import picture

from wc_contract.model.ids import StudentId
from wc_desktop.actions.desk import Desk
from wc_desktop.actions.students import open_chart
from wc_desktop.actions.sync_state import link_status, sync_state
from wc_desktop.actions.unlock import lock
from wc_desktop.app.opened import OpenFiles
from wc_desktop.blobs import mending
from wc_desktop.blobs.mending import Mending
from wc_desktop.blobs.schema import BLOBS_FILE, open_blobs, set_aside
from wc_desktop.blobs.store import BlobStore
from wc_desktop.domain.failures import DiskFailed, DocumentsNewer, DocumentsShut
from wc_desktop.domain.link_views import LinkState

SOFIA = StudentId(uid("sofia"))


@pytest.fixture
def desk(clinic: Clinic) -> Iterator[Desk]:
    made = clinic.opened(school_with_photos(("sofia", picture(2_000))))
    made.link = replace(made.link, state=LinkState.ONLINE, problem=None)
    yield made
    lock(made)


def of_a_later_program(folder: Path, desk: Desk, store: BlobStore) -> bytes:
    """Let the file be one that a later program wrote, and return its content."""
    store._connection.execute("UPDATE meta SET value = '10' WHERE name = 'schema'")
    assert isinstance(desk.opened, OpenFiles)
    store.close()
    desk.opened._blobs = None
    return (folder / BLOBS_FILE).read_bytes()


def assert_told_and_nothing_else_waits(desk: Desk, code: str) -> None:
    assert open_chart(desk, SOFIA).photo is None
    assert [row.content.place for row in open_chart(desk, SOFIA).documents] == ["away"]
    state = sync_state(desk)
    assert state.documents_refused == (code,)
    assert (state.link.state, state.link.problem) == (LinkState.ATTENTION, code)


def test_a_file_that_this_account_may_not_read_holds_up_no_chart(clinic: Clinic, desk: Desk) -> None:
    (clinic.folder / BLOBS_FILE).mkdir()
    assert_told_and_nothing_else_waits(desk, "documents_shut")
    with pytest.raises(DocumentsShut):
        attached(desk, picture(1_000))
    (clinic.folder / BLOBS_FILE).rmdir()
    attached(desk, picture(1_000))
    assert link_status(desk).problem is None


def test_a_file_of_a_later_program_is_left_as_it_is(clinic: Clinic, desk: Desk) -> None:
    attached(desk, picture(1_000))
    assert isinstance(desk.blobs, BlobStore)
    before = of_a_later_program(clinic.folder, desk, desk.blobs)
    assert_told_and_nothing_else_waits(desk, "documents_newer")
    assert (clinic.folder / BLOBS_FILE).read_bytes() == before
    assert not list(clinic.folder.glob("blobs.*-*.db"))


def test_a_file_of_a_later_program_that_was_set_aside_is_not_put_away(tmp_path: Path) -> None:
    store = BlobStore(open_blobs(tmp_path, bytearray(KEY), DEVICE))
    name = own(store, picture(1_000))
    store._connection.execute("UPDATE meta SET value = '10' WHERE name = 'schema'")
    store.close()
    set_aside(tmp_path)
    fresh, carrying = BlobStore(open_blobs(tmp_path, bytearray(KEY), DEVICE)), Mending(tmp_path, KEY, DEVICE)
    for _ in range(3):
        with pytest.raises(DocumentsNewer):
            carrying.go_on(fresh)
    assert not fresh.has(name)
    assert (tmp_path / "blobs.damaged-1.db").exists()
    fresh.close()


def test_a_disk_that_refuses_while_it_is_gone_through_costs_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = BlobStore(open_blobs(tmp_path, bytearray(KEY), DEVICE))
    name = own(store, picture(1_000))
    store.close()
    set_aside(tmp_path)
    fresh, carrying = BlobStore(open_blobs(tmp_path, bytearray(KEY), DEVICE)), Mending(tmp_path, KEY, DEVICE)

    def refused(*_of: object) -> None:
        raise DiskFailed("by test")

    with monkeypatch.context() as patched:
        patched.setattr(mending, "open_set_aside", refused)
        with pytest.raises(DiskFailed):
            carrying.go_on(fresh)
    while carrying.go_on(fresh):
        continue
    assert fresh.has(name)
    fresh.close()
