"""The whole window on real files: unlock, give, lock, close. No server answers, and nobody waits for one."""

import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QWidget
from pytestqt.qtbot import QtBot
from shiboken6 import isValid
from tests.desktop.clinic import PASSWORD, Clinic, small_school, uid
from tests.desktop.ui.dressed import bring_up
from tests.pictures import picture

from wc_contract.model.blobs import hash_of
from wc_contract.model.care_values import DocumentKind
from wc_contract.model.ids import StudentId, UserId
from wc_desktop.actions.attach_document import DocumentDraft
from wc_desktop.app.desktop import Desktop, MainWindow
from wc_desktop.app.late import Backroom
from wc_desktop.app.settings import Settings
from wc_desktop.app.startup_trace import StartupTrace
from wc_desktop.app.unlocked import Unlocked
from wc_desktop.background.runner import Runner
from wc_desktop.domain.lock_policy import IDLE_LOCK
from wc_desktop.ui.views.frame import Frame
from wc_desktop.ui.views.med_pass import MedPassPage
from wc_desktop.ui.views.unlock import UnlockPage

pytestmark = pytest.mark.gui
WAIT_MS = 15_000
MOST = 1_048_576


class Bench:
    """A window over an enrolled clinic."""

    def __init__(self, clinic: Clinic, qtbot: QtBot) -> None:
        self.qtbot = qtbot
        self.clinic = clinic
        self.closed = False
        station = clinic.enrol()
        # Nobody listens there: an outage from the first second on.
        station.keep_passport(replace(station.passport, server_url="http://127.0.0.1:9"))
        clinic.fill(station, small_school())
        self.settings = Settings(data_dir=clinic.folder, keystore_file=Path("insecure.json"))
        self.window = MainWindow()
        self.runner = Runner()
        self.desktop = Desktop(self.settings, self.window, self.runner, clinic.clock, StartupTrace(self.settings))
        # The clinic's own parts stand in for the ones of the settings: the same adapters with a clock of the test.
        self.desktop._backroom = Backroom(settings=self.settings, _parts=clinic.parts)
        self.desktop.start()
        self.window.resize(1366, 768)
        bring_up(self.window)

    def shown(self, kind: type[QWidget]) -> QWidget | None:
        current = self.window._stack.currentWidget()
        return current if isinstance(current, kind) else None

    def unlock(self, password: str = PASSWORD) -> None:
        page = self.shown(UnlockPage)
        assert isinstance(page, UnlockPage)
        QTest.keyClicks(page.password.editor, password)
        QTest.keyClick(page.password.editor, Qt.Key.Key_Return)

    def open(self) -> MedPassPage:
        self.unlock()
        self.qtbot.waitUntil(lambda: self.shown(Frame) is not None, timeout=WAIT_MS)
        page = self.unlocked.frame.page
        assert isinstance(page, MedPassPage)
        self.qtbot.waitUntil(lambda: page.model.is_read, timeout=WAIT_MS)
        return page

    @property
    def unlocked(self) -> Unlocked:
        assert self.desktop._unlocked is not None
        return self.desktop._unlocked

    def close(self) -> None:
        if self.closed:
            return
        self.closed = True
        self.window.close()
        self.desktop.join()
        self.runner.stop()
        self.window.deleteLater()
        QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


@pytest.fixture
def bench(clinic: Clinic, qtbot: QtBot) -> Iterator[Bench]:
    made = Bench(clinic, qtbot)
    yield made
    made.close()


def test_the_locked_screen_names_school_and_staff_and_no_child(bench: Bench) -> None:
    page = bench.shown(UnlockPage)
    assert isinstance(page, UnlockPage)
    words = " ".join(label.text() for label in page.findChildren(QLabel))
    assert "Martínez" not in words
    assert page.user is not None


def test_a_wrong_password_is_told_with_the_tries_left(bench: Bench) -> None:
    page = bench.shown(UnlockPage)
    assert isinstance(page, UnlockPage)
    bench.unlock("not it")
    bench.qtbot.waitUntil(lambda: bool(page.model.fault), timeout=WAIT_MS)
    assert page.model.fault == "The password is not right. 9 tries left."


def test_unlock_give_a_dose_and_lock_again(bench: Bench) -> None:
    page = bench.open()
    waiting = len([row for row in page.model.rows if row.is_open])
    desk = bench.unlocked.desk
    QTest.keyClick(page.table.view, Qt.Key.Key_Return)
    bench.qtbot.waitUntil(page._sheet.isVisible, timeout=WAIT_MS)
    bench.qtbot.waitUntil(lambda: page.confirm.can_save or page.confirm.needs_reason, timeout=WAIT_MS)
    if page.confirm.needs_reason:
        page.confirm.choose_reason(1)
    page.confirm.save()
    bench.qtbot.waitUntil(page._sheet.isHidden, timeout=WAIT_MS)
    assert len([row for row in page.model.rows if row.is_open]) == waiting - 1
    assert "Saved on this workstation" in bench.unlocked.frame.toast.words
    bench.desktop.lock()
    assert bench.shown(UnlockPage) is not None
    bench.runner.call(lambda: None)  # the lock went before
    with pytest.raises(Exception):  # noqa: B017, PT011 - whatever a closed file raises, it does not answer
        desk.journal.newest(1)


def test_the_dose_is_still_there_after_the_next_unlock(bench: Bench) -> None:
    page = bench.open()
    key = next(row.key for row in page.model.rows if row.is_open)
    page.table.choose_key(key)
    QTest.keyClick(page.table.view, Qt.Key.Key_A)
    bench.qtbot.waitUntil(lambda: page.confirm.can_save, timeout=WAIT_MS)
    page.confirm.save()
    bench.qtbot.waitUntil(page._sheet.isHidden, timeout=WAIT_MS)
    bench.desktop.lock()
    again = bench.open()
    row = next(row for row in again.model.rows if row.key == key)
    assert (row.status_word, row.status_detail.split(" · ")[-1]) == ("Absent", "not sent yet")


def test_ten_idle_minutes_lock_and_a_key_puts_it_off(bench: Bench) -> None:
    bench.open()
    idle = bench.desktop._idle
    bench.clinic.clock.forward(IDLE_LOCK - timedelta(seconds=1))
    press = QKeyEvent(QEvent.Type.KeyPress, Qt.Key.Key_Down, Qt.KeyboardModifier.NoModifier)
    idle.eventFilter(bench.window, press)
    bench.clinic.clock.forward(timedelta(minutes=5))
    idle._look()
    assert bench.shown(Frame) is not None
    bench.clinic.clock.forward(IDLE_LOCK)
    idle._look()
    assert bench.shown(UnlockPage) is not None


def test_the_next_unlock_lands_on_the_section_that_was_shown(bench: Bench) -> None:
    bench.open()
    bench.unlocked.frame.rail.set_current("students")
    bench.desktop.lock()
    bench.unlock()
    bench.qtbot.waitUntil(lambda: bench.shown(Frame) is not None, timeout=WAIT_MS)
    assert bench.unlocked.frame.section == "students"


def test_every_section_opens_and_says_its_title_and_keys(bench: Bench) -> None:
    bench.open()
    frame = bench.unlocked.frame
    for key in ("students", "incidents", "visits", "inventory", "review", "sync", "med_pass"):
        frame.rail.set_current(key)
        assert frame.page is not None
        assert frame.page.title()
    assert "lock" in frame.hints.text()


def test_the_strip_leads_to_the_sync_screen_and_the_window_names_no_child(bench: Bench) -> None:
    bench.open()
    bench.unlocked.frame.strip.click()
    assert bench.unlocked.frame.section == "sync"
    assert bench.window.windowTitle() == "White Cross · Lincoln Elementary"


def test_closing_the_window_while_open_leaves_an_orderly_journal(bench: Bench) -> None:
    bench.open()
    bench.close()
    station = bench.clinic.station()
    opened = station.open(UserId(station.people()[0].id), PASSWORD)
    verbs = [record.verb for record in opened.journal.newest(5)]
    opened.close()
    assert verbs.count("access.record") == 3, "unlocked, the first list shown, locked"


def test_a_desk_is_let_go_after_its_lock_however_often_nurses_change(bench: Bench) -> None:
    bench.open()
    first = bench.unlocked
    bench.desktop.lock()
    bench.qtbot.waitUntil(lambda: first.is_over, timeout=WAIT_MS)
    assert isValid(first)
    bench.open()
    bench.desktop.lock()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    assert not isValid(first)


def chosen_photo() -> DocumentDraft:
    return DocumentDraft(student=StudentId(uid("omar")), kind=DocumentKind.PHOTO)


def test_a_photo_that_is_being_written_is_kept_when_the_desk_is_locked(bench: Bench) -> None:
    bench.open()
    go_on, content = threading.Event(), picture(900_000)
    # Something large holds the replica thread up, as the end of a pull may.
    bench.runner.run(partial(go_on.wait, WAIT_MS / 1000))
    attacher = bench.unlocked.attacher
    attacher.attach(chosen_photo(), lambda: content, MOST)
    bench.qtbot.waitUntil(lambda: bool(attacher._writing), timeout=WAIT_MS)
    bench.desktop.lock()
    page = bench.shown(UnlockPage)
    assert isinstance(page, UnlockPage)
    assert page.model.fault == ""
    go_on.set()
    bench.close()
    station = bench.clinic.station()
    opened = station.open(UserId(station.people()[0].id), PASSWORD)
    kept = opened.blobs.read(hash_of(content), 0, len(content))
    opened.close()
    assert kept == content


def test_a_photo_that_is_not_read_yet_is_told_of_when_the_desk_is_locked(bench: Bench) -> None:
    bench.open()
    go_on, content = threading.Event(), picture(50_000)

    def read_slowly() -> bytes:
        go_on.wait(WAIT_MS / 1000)
        return content

    bench.unlocked.attacher.attach(chosen_photo(), read_slowly, MOST)
    bench.desktop.lock()
    page = bench.shown(UnlockPage)
    assert isinstance(page, UnlockPage)
    assert "add it again" in page.model.fault
    go_on.set()
    bench.close()
    station = bench.clinic.station()
    opened = station.open(UserId(station.people()[0].id), PASSWORD)
    assert not opened.blobs.has(hash_of(content))
    opened.close()
