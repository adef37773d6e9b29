"""Damaged files in the real window: the records are fetched anew, what waits is still there, the journal is kept."""

import random
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from tests.desktop.app.test_console import newcomer
from tests.desktop.sync.conftest import District, Workstation
from tests.sync_server.house import PASSWORD
from tests.sync_server.serving import free_port

from wc_contract.model.kinds import DOSE
from wc_contract.model.values import DoseState
from wc_desktop.actions.log_dose import log_dose
from wc_desktop.actions.med_pass import due_list
from wc_desktop.actions.unlock import Desk, lock, unlock
from wc_desktop.app.desktop import Desktop, MainWindow
from wc_desktop.app.late import Backroom
from wc_desktop.app.parts import opened_of
from wc_desktop.app.settings import Settings
from wc_desktop.app.startup_trace import StartupTrace
from wc_desktop.background.runner import Runner
from wc_desktop.domain.failures import JournalPageDamaged
from wc_desktop.domain.link_views import LinkState, LinkStatus
from wc_desktop.domain.screens import DoseDraft
from wc_desktop.journal.sealed import read_records
from wc_desktop.ui.viewmodels.unlock import Remedy
from wc_desktop.ui.views.frame import Frame
from wc_desktop.ui.views.unlock import UnlockPage

pytestmark = [pytest.mark.gui, pytest.mark.postgres]
WAIT_MS = 20_000
PAGE = 4096
Damage = Callable[[Path], None]


def flip(path: Path, *places: int) -> None:
    content = bytearray(path.read_bytes())
    for place in places:
        content[place] ^= 0x10
    path.write_bytes(content)


def flip_first_page(path: Path) -> None:
    flip(path, 700)


def flip_everywhere(path: Path) -> None:
    flip(path, *random.Random(5).sample(range(path.stat().st_size), 40))


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def empty(path: Path) -> None:
    path.write_bytes(b"")


def plain(path: Path) -> None:
    path.unlink()
    with sqlite3.connect(path) as made:
        made.execute("CREATE TABLE student (id TEXT)")
    made.close()


def gone(path: Path) -> None:
    path.unlink()


def flip_most_pages(path: Path) -> None:
    flip(path, *range(10 * PAGE + 100, path.stat().st_size, PAGE))


def first_page_of(station: Workstation, table: str) -> int:
    """Return where in the file the first page of a table lies."""
    desk = unlock(station.station, station.station.people()[0].id, PASSWORD)
    connection = opened_of(desk).records._connection
    [page] = connection.execute("SELECT rootpage FROM main.sqlite_master WHERE name = ?", (table,)).fetchone()
    lock(desk)
    return int((page - 1) * PAGE + 100)


def flip_the_drafts(station: Workstation) -> None:
    """Damage a page of the journal that is read by nobody who does not look for drafts."""
    desk = unlock(station.station, station.station.people()[0].id, PASSWORD)
    connection = opened_of(desk).journal._connection
    [page] = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'drafts'").fetchone()
    lock(desk)
    flip(station.folder / "journal.db", (page - 1) * PAGE + 100)


class Window:
    """The real window over an enrolled workstation of a served district."""

    def __init__(self, station: Workstation, qtbot: QtBot) -> None:
        settings = Settings(data_dir=station.folder, keystore_file=Path("insecure.json"))
        self.qtbot = qtbot
        self.window, self.runner = MainWindow(), Runner()
        self.desktop = Desktop(settings, self.window, self.runner, station.district.clock(), StartupTrace(settings))
        self.desktop._backroom = Backroom(settings=settings, _parts=station.parts)
        self.desktop.start()
        with qtbot.waitExposed(self.window):
            self.window.show()

    @property
    def page(self) -> UnlockPage:
        current = self.window._stack.currentWidget()
        assert isinstance(current, UnlockPage)
        return current

    def type_password(self) -> None:
        QTest.keyClicks(self.page.password.editor, PASSWORD)
        QTest.keyClick(self.page.password.editor, Qt.Key.Key_Return)

    def wait_until_open(self) -> Desk:
        self.qtbot.waitUntil(lambda: isinstance(self.window._stack.currentWidget(), Frame), timeout=WAIT_MS)
        assert self.desktop._unlocked is not None
        return self.desktop._unlocked.desk

    def close(self) -> None:
        self.window.close()
        self.desktop.join()
        self.runner.stop()
        self.window.deleteLater()
        QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


@pytest.fixture
def show(qtbot: QtBot) -> Iterator[Callable[[Workstation], Window]]:
    made: list[Window] = []

    def make(station: Workstation) -> Window:
        made.append(Window(station, qtbot))
        return made[-1]

    yield make
    for window in made:
        window.close()


@pytest.fixture
def with_a_dose_waiting(workstation: Callable[[str, str], Workstation], district: District) -> Workstation:
    """A workstation that holds one dose which the district does not have."""
    station = workstation(newcomer(district), "damaged")
    desk = unlock(station.station, station.station.people()[0].id, PASSWORD)
    now = desk.clock.now()
    row = next(row for row in due_list(desk, now).rows if row.student.first_name == "Nora")
    draft = DoseDraft(key=row.key, status=DoseState.ADMINISTERED, administered_at=now, override_reason="agreed")
    log_dose(desk, draft)
    lock(desk)
    return station


@pytest.mark.parametrize("damage", [flip_first_page, flip_most_pages, cut, empty, plain, gone])
def test_records_that_do_not_open_are_fetched_anew_and_what_waits_is_there(
    with_a_dose_waiting: Workstation, show: Callable[[Workstation], Window], damage: Damage
) -> None:
    station = with_a_dose_waiting
    damage(station.folder / "replica.db")
    journal = {record.number for record in read_records(station.folder / "journal.sealed")}
    window = show(station)
    window.type_password()
    window.qtbot.waitUntil(lambda: bool(window.page.model.fault), timeout=WAIT_MS)
    assert window.page.model.remedy is Remedy.DOWNLOAD
    assert window.page.remedy.isVisible()
    QTest.keyClick(window.page.remedy, Qt.Key.Key_Space)
    desk = window.wait_until_open()
    records = {
        name: count for name, count in window.runner.call(desk.records.counts).items() if name in {"student", "order"}
    }
    assert records == {"student": 2, "order": 2}
    assert len(window.runner.call(lambda: desk.records.every(DOSE))) >= 1, "the dose that waited is not shown"
    held = {entry.number for entry in window.runner.call(lambda: desk.journal.newest(100))}
    assert journal <= held, "an entry is lost"


def test_damage_deep_in_the_records_is_found_and_mended_while_the_nurse_works(
    with_a_dose_waiting: Workstation, show: Callable[[Workstation], Window], district: District
) -> None:
    station = with_a_dose_waiting
    flip(station.folder / "replica.db", first_page_of(station, "students"))
    window = show(station)
    window.type_password()
    desk = window.wait_until_open()
    opened = opened_of(desk).records
    window.qtbot.waitUntil(lambda: opened_of(desk).records is not opened, timeout=WAIT_MS)
    window.qtbot.waitUntil(lambda: window.runner.call(desk.records.check), timeout=WAIT_MS)
    window.qtbot.waitUntil(lambda: window.runner.call(desk.journal.waiting).count == 0, timeout=WAIT_MS)
    assert window.runner.call(desk.records.counts)["student"] == 2
    assert len(window.runner.call(lambda: desk.records.every(DOSE))) == district.house.one(
        "SELECT count(*) FROM medication_logs WHERE school_id = %s", district.house.north
    )


def flip_log_away(path: Path) -> None:
    """Damage what is read first, and leave a write-ahead log beside it that belongs to nothing any more."""
    flip(path, 700)
    path.with_name(path.name + "-wal").write_bytes(b"\x37\x7f\x06\x82" + bytes(4000))


@pytest.mark.parametrize("damage", [flip_first_page, flip_everywhere, flip_log_away, cut, empty, plain, gone])
def test_a_damaged_journal_is_made_anew_at_one_press_and_work_goes_on(
    with_a_dose_waiting: Workstation, show: Callable[[Workstation], Window], district: District, damage: Damage
) -> None:
    station = with_a_dose_waiting
    journal = station.folder / "journal.db"
    damage(journal)
    left = journal.read_bytes() if journal.exists() else None
    window = show(station)
    window.type_password()
    window.qtbot.waitUntil(lambda: bool(window.page.model.fault), timeout=WAIT_MS)
    assert window.page.model.fault.startswith("The journal on this workstation is damaged. Rebuild it")
    assert window.page.model.remedy is Remedy.REBUILD
    assert (journal.read_bytes() if journal.exists() else None) == left, "it was changed before anybody said so"
    QTest.keyClick(window.page.remedy, Qt.Key.Key_Space)
    window.qtbot.waitUntil(lambda: window.page.model.remedy is Remedy.OPEN, timeout=WAIT_MS)
    # Unlocked, the dose, locked.
    assert window.page.fault.text.startswith("The journal was rebuilt: 3 entries are back.")
    assert window.page.model.news_is_good
    assert window.page.button.text().replace("&", "") == "Go on working"
    QTest.keyClick(window.page.button, Qt.Key.Key_Space)
    desk = window.wait_until_open()
    window.qtbot.waitUntil(lambda: window.runner.call(desk.journal.waiting).count == 0, timeout=WAIT_MS)
    [dose] = [entry for entry in window.runner.call(lambda: desk.journal.newest(100)) if entry.verb == "dose.log"]
    assert district.house.one("SELECT count(*) FROM medication_logs WHERE entry_id = %s", dose.id) == 1
    aside = station.folder / "journal.damaged-1.db"
    assert (aside.read_bytes() if aside.exists() else None) == left, "the damaged file was not kept as it was"


def test_a_page_of_the_journal_that_stops_reading_is_told_and_mended_at_the_next_unlock(
    with_a_dose_waiting: Workstation, show: Callable[[Workstation], Window]
) -> None:
    station = with_a_dose_waiting
    flip_the_drafts(station)
    window = show(station)
    window.type_password()
    desk = window.wait_until_open()
    with pytest.raises(JournalPageDamaged):
        window.runner.call(desk.journal.drafts)
    # What was read before would still be answered from memory.
    window.runner.call(lambda: opened_of(desk).journal._connection.execute("PRAGMA shrink_memory").fetchall())
    assert window.desktop._unlocked is not None
    window.desktop._unlocked._sync.wake()
    window.qtbot.waitUntil(lambda: desk.link.problem == "journal_page_damaged", timeout=WAIT_MS)
    window.desktop.lock()
    window.qtbot.waitUntil(lambda: isinstance(window.window._stack.currentWidget(), UnlockPage), timeout=WAIT_MS)
    window.type_password()
    window.qtbot.waitUntil(lambda: window.page.model.remedy is Remedy.REBUILD, timeout=WAIT_MS)
    QTest.keyClick(window.page.remedy, Qt.Key.Key_Space)
    window.qtbot.waitUntil(lambda: window.page.model.remedy is Remedy.OPEN, timeout=WAIT_MS)
    QTest.keyClick(window.page.button, Qt.Key.Key_Space)
    desk = window.wait_until_open()
    assert window.runner.call(desk.journal.drafts) == []
    window.qtbot.waitUntil(lambda: window.runner.call(desk.journal.waiting).count == 0, timeout=WAIT_MS)


def test_the_strip_keeps_its_counts_when_the_journal_stops_reading(
    with_a_dose_waiting: Workstation, qtbot: QtBot
) -> None:
    station = with_a_dose_waiting
    nobody = f"http://127.0.0.1:{free_port()}"
    station.station.keep_passport(replace(station.station.passport, server_url=nobody))
    flip_the_drafts(station)
    desk = station.unlock()
    said: list[LinkStatus] = []
    sync = station.go_online()
    sync.link_changed.connect(said.append, Qt.ConnectionType.DirectConnection)
    sync.wake()
    qtbot.waitUntil(lambda: bool(said), timeout=WAIT_MS)
    assert (said[-1].state, said[-1].waiting) == (LinkState.OFFLINE, 1)
    assert station.runner is not None
    with pytest.raises(JournalPageDamaged):
        station.runner.call(desk.journal.drafts)
    station.runner.call(lambda: opened_of(desk).journal._connection.execute("PRAGMA shrink_memory").fetchall())
    sync.wake()
    qtbot.waitUntil(lambda: said[-1].problem == "journal_page_damaged", timeout=WAIT_MS)
    assert (said[-1].state, said[-1].waiting) == (LinkState.ATTENTION, 1)
    # Also when the district is reached: what the other loop says does not hide it.
    sync._reached()
    assert (said[-1].state, said[-1].waiting) == (LinkState.ATTENTION, 1)
    assert said[-1].problem == desk.link.problem == "journal_page_damaged"
    station.go_offline()
    station.desk = None
    with pytest.raises(JournalPageDamaged):
        station.runner.call(lambda: lock(desk))
