"""Photos and documents between workstations over a wire that is cut, beside entries that never wait for them."""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from pytestqt.qtbot import QtBot
from tests.cutting_wire import CuttingWire
from tests.desktop.sync.conftest import District, T, Workstation, on
from tests.desktop.sync.test_with_the_server import give
from tests.pictures import CANARY, picture
from tests.sync_server.house import House

from wc_contract.model import kinds
from wc_contract.model.blobs import hash_of
from wc_contract.model.care_values import DocumentKind
from wc_contract.model.errors import WhiteCrossError
from wc_desktop.actions.attach_document import AttachedDocument, DocumentDraft
from wc_desktop.actions.documents import documents_of
from wc_desktop.actions.photos import OpeningDocument, photo_of
from wc_desktop.actions.sync_state import link_status, sync_state
from wc_desktop.actions.unlock import Desk
from wc_desktop.background.attacher import Attacher
from wc_desktop.background.blob_thread import BlobThread
from wc_desktop.domain.link_views import LinkState, LinkStatus

pytestmark = [pytest.mark.postgres, pytest.mark.gui]
Maker = Callable[[str, str], Workstation]
MOST = 25 * 1_048_576
OFFLINE = LinkStatus(state=LinkState.OFFLINE, since=None, data_as_of=None, waiting=0, oldest_waiting=None)


@dataclass
class Online:
    """A workstation with both threads, joined as the window joins them."""

    station: Workstation
    blobs: BlobThread
    attacher: Attacher
    attached: list[AttachedDocument] = field(default_factory=list)
    failed: list[WhiteCrossError] = field(default_factory=list)

    def do(self, job: Callable[[Desk], T]) -> T:
        return on(self.station, job)

    def end(self) -> None:
        self.blobs.ask_to_stop()
        self.attacher.end(self.failed.append)
        self.station.lock()
        self.blobs.stop()

    def attach(self, qtbot: QtBot, pupil: str, content: bytes) -> AttachedDocument:
        draft = DocumentDraft(student=self.station.district.house.pupils[pupil].id, kind=DocumentKind.PHOTO)
        self.attacher.attach(draft, lambda: content, MOST)
        qtbot.waitUntil(lambda: bool(self.attached or self.failed), timeout=15_000)
        assert not self.failed
        return self.attached.pop()


@pytest.fixture
def online(workstation: Maker, district: District) -> Iterator[Callable[..., Online]]:
    """Give a maker of workstations that are unlocked and online."""
    made: list[Online] = []

    def make_online(nurse: str, name: str, *, url: str | None = None, budget: int = MOST * 4) -> Online:
        # As if half a minute had passed since this nurse's last sign-in.
        district.house.forget_codes(district.house.nurses[nurse])
        station = workstation(nurse, name)
        if url is not None:
            passport = (station.folder / "station.json").read_text(encoding="utf-8")
            (station.folder / "station.json").write_text(
                passport.replace(station.district.served.url, url), encoding="utf-8"
            )
        made.append(begin(station, budget))
        return made[-1]

    yield make_online
    for each in made:
        each.end()


def begin(station: Workstation, budget: int = MOST * 4) -> Online:
    desk = station.unlock()
    assert station.runner is not None
    sync, link = station.ready_to_go_online()
    blobs = BlobThread(station.runner, desk, link, budget=budget)
    attacher = Attacher(station.runner, desk)
    found = Online(station, blobs, attacher)
    attacher.attached.connect(found.attached.append)
    attacher.not_attached.connect(lambda _, failure: found.failed.append(failure))
    attacher.attached.connect(blobs.on_attached)
    sync.link_changed.connect(blobs.on_link_changed)
    sync.records_changed.connect(blobs.on_records_changed)
    sync.start()
    blobs.start()
    return found


@pytest.fixture
def wire(district: District) -> Iterator[CuttingWire]:
    port = urlsplit(district.served.url).port
    assert port is not None
    made = CuttingWire(port)
    yield made
    made.close()


def complete(house: House, content: bytes) -> bool:
    return bool(house.asked("SELECT 1 FROM blobs WHERE sha256 = %s AND status = 'COMPLETE'", hash_of(content)))


def test_a_photo_gets_through_a_wire_that_is_cut_and_the_other_workstation_has_it_before_it_asks(
    online: Callable[..., Online], wire: CuttingWire, district: District, qtbot: QtBot
) -> None:
    chance = random.Random(20261123)
    content = picture(1_900_000, seed=21)
    first = online("ann", "photo-1", url=wire.url)
    qtbot.waitUntil(lambda: first.do(lambda desk: desk.link.state) is LinkState.ONLINE, timeout=15_000)
    wire.cut_after(*(chance.randrange(1_000, 600_000) for _ in range(5)))
    first.attach(qtbot, "ned", content)
    qtbot.waitUntil(lambda: impatient(first) and complete(district.house, content), timeout=30_000)
    assert wire.cuts_left < 5
    qtbot.waitUntil(lambda: first.do(lambda desk: desk.blobs.counts().waiting) == 0, timeout=15_000)

    second = online("bea", "photo-2", url=wire.url)
    wire.cut_after(*(chance.randrange(1_000, 600_000) for _ in range(5)))
    ned = district.house.pupils["ned"].id
    # Nobody looked at it: it is fetched ahead, because the child has an order.
    qtbot.waitUntil(
        lambda: impatient(second) and bool(second.do(lambda desk: desk.opened.blobs.has(hash_of(content)))),
        timeout=30_000,
    )
    assert second.do(lambda desk: photo_of(desk, ned)) == content
    for each in (first, second):
        assert_nothing_open(each.station.folder)


def impatient(online: Online) -> bool:
    """Somebody presses Sync now again and again."""
    assert online.station.sync is not None
    online.station.sync.wake()
    online.blobs.wake()
    return True


def assert_nothing_open(folder: Path) -> None:
    for file in folder.rglob("*"):
        assert not file.is_file() or CANARY not in file.read_bytes(), file.name


def test_an_entry_goes_before_the_rest_of_a_document_of_twenty_megabytes(
    online: Callable[..., Online], district: District, qtbot: QtBot
) -> None:
    house, content = district.house, picture(20 * 1_048_576, seed=22)
    first = online("ann", "big")
    qtbot.waitUntil(lambda: first.do(lambda desk: desk.link.state) is LinkState.ONLINE, timeout=15_000)
    first.attach(qtbot, "ned", content)
    qtbot.waitUntil(lambda: held(house, content) > 0, timeout=15_000)
    first.do(lambda desk: give(desk, "Nora"))
    authored = held(house, content)
    qtbot.waitUntil(lambda: first.do(lambda desk: link_status(desk).waiting) == 0, timeout=15_000)
    qtbot.waitUntil(lambda: complete(house, content), timeout=60_000)
    # By the district's own order: when the dose was recorded, no more than two pieces had come since it was given.
    pieces_between = house.one(
        "SELECT count(*) FROM blob_pieces p JOIN blobs b ON b.id = p.blob_id"
        " WHERE b.sha256 = %s AND p.start_byte >= %s"
        " AND p.created_at < (SELECT max(received_at) FROM receipts WHERE device_id = %s)",
        hash_of(content),
        authored,
        first.station.station.device_id,
    )
    assert authored < len(content)
    assert pieces_between <= 2


def held(house: House, content: bytes) -> int:
    rows = house.asked("SELECT held_bytes FROM blobs WHERE sha256 = %s", hash_of(content))
    return int(rows[0][0]) if rows else 0


def test_an_upload_goes_on_after_the_program_ended(
    online: Callable[..., Online], district: District, qtbot: QtBot
) -> None:
    house, content = district.house, picture(6 * 1_048_576, seed=23)
    first = online("ann", "twice")
    qtbot.waitUntil(lambda: first.do(lambda desk: desk.link.state) is LinkState.ONLINE, timeout=15_000)
    first.attach(qtbot, "ned", content)
    qtbot.waitUntil(lambda: held(house, content) > 0, timeout=15_000)
    first.end()
    before = held(house, content)
    assert before < len(content)
    again = begin(first.station)
    qtbot.waitUntil(lambda: complete(house, content), timeout=30_000)
    again.end()
    starts = house.asked(
        "SELECT p.start_byte FROM blob_pieces p JOIN blobs b ON b.id = p.blob_id WHERE b.sha256 = %s", hash_of(content)
    )
    assert before in {start for (start,) in starts}


def test_what_the_district_does_not_take_is_told_and_holds_back_neither_entries_nor_photos(
    online: Callable[..., Online], district: District, qtbot: QtBot
) -> None:
    first = online("ann", "refused")
    qtbot.waitUntil(lambda: first.do(lambda desk: desk.link.state) is LinkState.ONLINE, timeout=15_000)
    draft = DocumentDraft(student=district.house.pupils["ned"].id, kind=DocumentKind.PHOTO)
    large, good = picture(26 * 1_048_576, seed=24), picture(90_000, seed=25)
    first.attacher.attach(draft, lambda: large, MOST * 2)
    first.attacher.attach(draft, lambda: good, MOST)
    qtbot.waitUntil(lambda: complete(district.house, good), timeout=30_000)
    qtbot.waitUntil(lambda: bool(first.do(lambda desk: desk.blobs.counts().refused)), timeout=15_000)
    (told,) = first.do(lambda desk: desk.blobs.refused())
    assert told.refused == "blob_too_large"
    first.do(lambda desk: give(desk, "Ned"))
    qtbot.waitUntil(lambda: first.do(lambda desk: link_status(desk).waiting) == 0, timeout=15_000)


def test_what_is_too_much_for_a_day_waits_says_so_and_goes_on_by_itself(
    online: Callable[..., Online], district: District, qtbot: QtBot
) -> None:
    first = online("ann", "daily")
    house = district.house
    sent, more = picture(90_000, seed=61), picture(90_000, seed=62)
    first.attach(qtbot, "ned", sent)
    qtbot.waitUntil(lambda: complete(house, sent), timeout=30_000)
    sized = "UPDATE blobs SET size_bytes = %s WHERE sha256 = %s"
    house.done(sized, 500 * 1_048_576, hash_of(sent))
    first.attach(qtbot, "ned", more)
    qtbot.waitUntil(lambda: first.do(sync_state).documents_full_until is not None, timeout=30_000)
    state = first.do(sync_state)
    assert (state.documents_waiting, state.documents_refused) == (1, ())
    first.do(lambda desk: give(desk, "Ned"))
    qtbot.waitUntil(lambda: first.do(lambda desk: link_status(desk).waiting) == 0, timeout=15_000)
    assert not complete(house, more)
    house.done(sized, len(sent), hash_of(sent))
    first.blobs.wake()  # as when the day is over, or somebody asks
    qtbot.waitUntil(lambda: complete(house, more), timeout=30_000)
    qtbot.waitUntil(lambda: first.do(sync_state).documents_full_until is None, timeout=15_000)


def test_a_document_is_fetched_when_somebody_opens_it(
    online: Callable[..., Online], district: District, qtbot: QtBot
) -> None:
    # Larger than any photo that is fetched ahead.
    content = picture(3 * 1_048_576, seed=26, head=b"%PDF-1.7")
    first = online("ann", "opens-1")
    second = online("bea", "opens-2")
    assert first.station.sync is not None
    first.station.sync.link_changed.disconnect(first.blobs.on_link_changed)
    first.blobs.on_link_changed(OFFLINE)
    document = first.attach(qtbot, "nora", content)
    qtbot.waitUntil(
        lambda: (
            impatient(second) and second.do(lambda desk: desk.records.find(kinds.DOCUMENT, document.record)) is not None
        ),
        timeout=15_000,
    )

    def opened(desk: Desk) -> bytes | None:
        opening = OpeningDocument(desk, document.record)
        while opening.go_on():
            continue
        return None if opening.content is None else opening.content.octets

    (row,) = second.do(lambda desk: documents_of(desk, [str(district.house.pupils["nora"].id)]))
    (ours,) = first.do(lambda desk: documents_of(desk, [str(district.house.pupils["nora"].id)]))
    assert (row.author, row.added_at) == (ours.author, ours.added_at)
    assert row.author.startswith("Ann")
    # The record is there before its content: it is asked for, and asked for again when the content has come.
    assert second.do(opened) is None
    second.blobs.wake()
    assert not complete(district.house, content)
    qtbot.waitUntil(lambda: first.do(lambda desk: desk.link.state) is LinkState.ONLINE, timeout=15_000)
    first.blobs.on_link_changed(replace(OFFLINE, state=LinkState.ONLINE))
    qtbot.waitUntil(lambda: complete(district.house, content), timeout=30_000)
    assert second.do(lambda desk: desk.opened.blobs.has(document.facts.sha256)) is False
    second.blobs.wake()
    qtbot.waitUntil(lambda: second.do(opened) == content, timeout=30_000)
