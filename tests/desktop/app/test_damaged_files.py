"""Damaged files in the real window: the records are fetched anew, what waits is still there, the journal is kept."""

import random
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from tests.desktop.app.test_console import newcomer
from tests.desktop.sync.conftest import District, Workstation
from tests.sync_server.house import PASSWORD

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
from wc_desktop.domain.failures import JournalDamaged
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


class Window:
    """The real window over an enrolled workstation of a served district."""

    def __init__(self, station: Workstation, qtbot: QtBot) -> None:
        settings = Settings(data_dir=station.folder, keystore_file=Path("insecure.json"))
        self.qtbot = qtbot
        self.window, self.runner = MainWindow(), Runner()
        self.desktop = Desktop(settings, self.window, self.runner, station.district.clock(), StartupTrace(settings))
        self.desktop._backroom = Backroom(settings=settings, _parts=station.parts)
        self.desktop.start()
        self.window.show()
        qtbot.waitExposed(self.window)

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


@pytest.mark.parametrize("damage", [flip_first_page, flip_everywhere, cut, empty, plain, gone])
def test_a_damaged_journal_is_never_touched_and_the_sealed_copy_holds_every_entry(
    with_a_dose_waiting: Workstation, show: Callable[[Workstation], Window], damage: Damage
) -> None:
    station = with_a_dose_waiting
    journal = station.folder / "journal.db"
    damage(journal)
    left = journal.read_bytes() if journal.exists() else None
    window = show(station)
    window.type_password()
    window.qtbot.waitUntil(lambda: bool(window.page.model.fault), timeout=WAIT_MS)
    assert window.page.model.fault.startswith("The journal does not open. Do not delete anything")
    assert window.page.model.remedy is Remedy.NONE
    with pytest.raises(JournalDamaged):
        unlock(station.station, station.station.people()[0].id, PASSWORD)
    assert (journal.read_bytes() if journal.exists() else None) == left, "the damaged file was changed"
    # Unlocked, the dose, locked.
    assert [record.number for record in read_records(station.folder / "journal.sealed")] == [1, 2, 3]
