"""The window of a workstation that is to be erased: a lost one locks at once, a retired one is let finish first."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot
from tests.desktop.app.test_desktop_course import WAIT_MS, Bench
from tests.desktop.clinic import Clinic

from wc_desktop.background import wipe_watch
from wc_desktop.background.wipe_watch import Say
from wc_desktop.domain.wiping import WipeNews, WipePhase
from wc_desktop.security.wipe_mark import WipeMark, WipeStage, write_mark
from wc_desktop.ui.messages.wiping import still_open_words
from wc_desktop.ui.views.enrol import EnrolPage
from wc_desktop.ui.views.frame import Frame
from wc_desktop.ui.views.unlock import UnlockPage
from wc_desktop.ui.views.wipe import WipePage

pytestmark = pytest.mark.gui


class Order:
    """Stands in for the district and the eraser: what the watch asks, and when."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.news = WipeNews(phase=WipePhase.NONE)
        self.looked = threading.Event()
        self.files_when_begun: bool | None = None

    def look(self) -> WipeNews:
        self.looked.set()
        return self.news

    def go_on(self, say: Say) -> WipeNews:
        say(WipeNews(phase=WipePhase.ERASING, lost=self.news.lost))
        # A journal that somebody has open has its log beside it.
        self.files_when_begun = (self.folder / "journal.db-wal").exists()
        self.news = WipeNews(phase=WipePhase.KEPT, lost=self.news.lost)
        return self.news

    def close(self) -> None:
        """Nothing is under way."""


@pytest.fixture
def bench(clinic: Clinic, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bench]:
    monkeypatch.setattr(wipe_watch, "_FIRST_SECONDS", 0.0)
    made = Bench(clinic, qtbot)
    yield made
    made.close()


@pytest.fixture
def order(bench: Bench) -> Order:
    made = Order(bench.clinic.folder)
    bench.desktop._watch._make = lambda: made
    return made


def ended(bench: Bench) -> bool:
    page = bench.shown(WipePage)
    return isinstance(page, WipePage) and page.model.news.phase is WipePhase.KEPT


def test_a_lost_workstation_locks_at_once_and_is_erased_when_nobody_has_its_files(bench: Bench, order: Order) -> None:
    bench.open()
    order.news = WipeNews(phase=WipePhase.ORDERED, lost=True)
    bench.unlocked.wipe_asked.emit()
    bench.qtbot.waitUntil(lambda: ended(bench), timeout=WAIT_MS)
    assert order.files_when_begun is False
    assert bench.window.windowTitle() == "White Cross"


def test_whoever_works_at_a_retired_workstation_is_told_and_may_finish(bench: Bench, order: Order) -> None:
    bench.open()
    order.news = WipeNews(phase=WipePhase.ORDERED)
    bench.unlocked.wipe_asked.emit()
    bench.qtbot.waitUntil(lambda: bench.unlocked.frame.toast.words == still_open_words(), timeout=WAIT_MS)
    assert bench.shown(Frame) is not None
    assert order.files_when_begun is None
    bench.desktop.lock()
    bench.qtbot.waitUntil(lambda: ended(bench), timeout=WAIT_MS)
    assert order.files_when_begun is False


def test_the_locked_screen_hears_of_it_as_well(bench: Bench, order: Order) -> None:
    assert bench.shown(UnlockPage) is not None
    order.news = WipeNews(phase=WipePhase.ORDERED, lost=True)
    bench.qtbot.waitUntil(order.looked.is_set, timeout=WAIT_MS)
    bench.desktop._watch.wake()
    bench.qtbot.waitUntil(lambda: ended(bench), timeout=WAIT_MS)


def test_a_district_that_takes_its_word_back_gives_the_lock_screen_back(bench: Bench, order: Order) -> None:
    order.news = WipeNews(phase=WipePhase.HELD, problem="server_unreachable")
    bench.qtbot.waitUntil(order.looked.is_set, timeout=WAIT_MS)
    bench.desktop._watch.wake()
    bench.qtbot.waitUntil(lambda: bench.shown(WipePage) is not None, timeout=WAIT_MS)
    order.news = WipeNews(phase=WipePhase.NONE)
    bench.desktop._watch.wake()
    bench.qtbot.waitUntil(lambda: bench.shown(UnlockPage) is not None, timeout=WAIT_MS)


def test_a_start_goes_on_with_what_was_begun_and_the_erased_computer_is_enrolled_anew(
    bench: Bench, order: Order
) -> None:
    mark = WipeMark(
        stage=WipeStage.BEGUN,
        device="x",
        district="y",
        reason="lost",
        revoked_at="z",
        server_url="http://127.0.0.1:9",
        ca_file=None,
        school_name="Lincoln Elementary",
        device_name="Office laptop",
    )
    write_mark(bench.clinic.folder, mark)
    order.news = WipeNews(phase=WipePhase.ERASING, lost=True)
    bench.desktop.start()
    page = bench.shown(WipePage)
    assert isinstance(page, WipePage)
    assert page.heading.text() == "Lincoln Elementary"
    bench.qtbot.waitUntil(lambda: ended(bench), timeout=WAIT_MS)
    page.anew.click()
    assert bench.shown(EnrolPage) is not None
    assert not (bench.clinic.folder / "wipe.json").exists()
