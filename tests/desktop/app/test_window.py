"""The window itself: its size on small screens, the keys that change its look, what counts as work, what is logged."""

import json
import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QRect, QSize, Qt
from PySide6.QtGui import QGuiApplication, QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QLabel, QLineEdit, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot
from tests.desktop.clinic import Clinic
from tests.desktop.ui.dressed import bring_up, dressed
from tests.fakes.pages_seam import ImmediateJobs

from wc_contract.model.errors import WhiteCrossError
from wc_desktop.actions.desk import Desk
from wc_desktop.app.desktop import MainWindow
from wc_desktop.app.idle_lock import IdleLock
from wc_desktop.app.logs import JsonLines
from wc_desktop.app.look_keys import LookKeys
from wc_desktop.app.main import show_window
from wc_desktop.app.pages import page_specs
from wc_desktop.app.settings import LARGEST_TEXT, SMALLEST_TEXT, read_kept
from wc_desktop.app.unlocked import Unlocked
from wc_desktop.background.runner import Runner
from wc_desktop.domain.lock_policy import IDLE_LOCK
from wc_desktop.ui.theme.scheme import SchemeChoice
from wc_desktop.ui.theme.type_scale import LARGEST_FACTOR, SMALLEST_FACTOR
from wc_desktop.ui.viewmodels.session import Session
from wc_desktop.ui.views.frame import Frame
from wc_desktop.ui.widgets.dress import Dresser

pytestmark = pytest.mark.gui


# Size.


@pytest.mark.parametrize(
    ("room", "maximised"),
    [
        (QSize(1366, 768), True),
        (QSize(1366, 728), True),
        (QSize(1440, 900), True),
        (QSize(683, 384), True),
        (QSize(1920, 800), True),
        (QSize(1920, 1040), False),
    ],
)
def test_on_a_small_screen_the_window_is_maximised(qtbot: QtBot, room: QSize, maximised: bool) -> None:
    window = MainWindow()
    qtbot.addWidget(window)
    show_window(window, room)
    assert window.isMaximized() is maximised
    if not maximised:
        assert window.size() == QSize(1366, 768)
        assert QRect(0, 0, room.width(), room.height()).contains(QRect(0, 0, window.width(), window.height() + 60))


@pytest.mark.parametrize(("factor", "size"), [(1.0, QSize(683, 364)), (1.5, QSize(1366, 748)), (2.0, QSize(1366, 748))])
def test_no_page_makes_the_window_larger_than_it_was(desk: Desk, qtbot: QtBot, factor: float, size: QSize) -> None:
    with dressed(factor=factor):
        window = MainWindow()
        qtbot.addWidget(window)
        window.resize(size)
        bring_up(window)
        frame = Frame(Session(desk, ImmediateJobs()), page_specs())
        window.show_only(frame)
        frame.start("med_pass")
        for key in ("med_pass", "students", "incidents", "visits", "inventory", "review", "sync"):
            frame.rail.set_current(key)
            QApplication.processEvents()
            assert window.size() == size
            lock = next(child for child in frame.rail.findChildren(QWidget) if child.toolTip() == "Ctrl+L")
            for part in (lock, frame.hints):
                assert part.mapTo(window, part.rect().bottomLeft()).y() <= size.height()


# Look.


@pytest.fixture
def light() -> Iterator[Dresser]:
    with dressed(SchemeChoice.LIGHT) as dresser:
        yield dresser


@dataclass
class Looked:
    window: QWidget
    folder: Path
    dresser: Dresser
    keys: LookKeys

    def press(self, key: Qt.Key, *more: Qt.KeyboardModifier) -> None:
        modifiers = Qt.KeyboardModifier.ControlModifier
        for modifier in more:
            modifiers |= modifier
        QTest.keyClick(self.window, key, modifiers)


@pytest.fixture
def looked(qtbot: QtBot, tmp_path: Path, light: Dresser) -> Looked:
    window = QWidget()
    qtbot.addWidget(window)
    made = Looked(window, tmp_path, light, LookKeys(window, light, tmp_path))
    bring_up(window)
    return made


def test_a_key_changes_between_light_and_dark_and_the_choice_is_kept(looked: Looked) -> None:
    for theme in ("dark", "light", "dark"):
        looked.press(Qt.Key.Key_D, Qt.KeyboardModifier.ShiftModifier)
        assert looked.dresser.tokens.name == theme
        assert read_kept(looked.folder).theme == theme


def test_keys_make_the_text_larger_smaller_and_usual_again(looked: Looked) -> None:
    looked.press(Qt.Key.Key_Plus)
    looked.press(Qt.Key.Key_Plus)
    assert looked.dresser.text_factor == pytest.approx(1.2)
    looked.press(Qt.Key.Key_Minus)
    assert read_kept(looked.folder).text_size == pytest.approx(1.1)
    looked.press(Qt.Key.Key_0)
    assert looked.dresser.text_factor == pytest.approx(1.0)
    for _ in range(5):
        looked.press(Qt.Key.Key_Minus)
    assert looked.dresser.text_factor == pytest.approx(SMALLEST_TEXT)


def test_a_folder_that_takes_no_settings_stops_nobody(looked: Looked) -> None:
    looked.keys._data_dir = looked.folder / "file" / "below"
    (looked.folder / "file").write_text("")
    looked.press(Qt.Key.Key_D, Qt.KeyboardModifier.ShiftModifier)
    assert looked.dresser.tokens.name == "dark"


def test_the_command_line_and_the_theme_agree_on_how_large_text_may_be() -> None:
    assert (SMALLEST_TEXT, LARGEST_TEXT) == (SMALLEST_FACTOR, LARGEST_FACTOR)


# Idle.


def test_keys_typed_into_a_sheet_put_the_lock_off(clinic: Clinic, qtbot: QtBot, qapp: QApplication) -> None:
    window, idle = QWidget(), IdleLock(clinic.clock)
    qtbot.addWidget(window)
    idle.watch(qapp)
    bring_up(window)
    sheet = QDialog(window)
    line = QLineEdit(sheet)
    QVBoxLayout(sheet).addWidget(line)
    sheet.setWindowModality(Qt.WindowModality.WindowModal)
    sheet.open()
    handle = sheet.windowHandle()
    handle.requestActivate()
    qtbot.waitUntil(lambda: QGuiApplication.focusWindow() is handle)
    idle.start()
    clinic.clock.forward(IDLE_LOCK - timedelta(seconds=1))
    press = QKeyEvent(QEvent.Type.KeyPress, Qt.Key.Key_A, Qt.KeyboardModifier.NoModifier, "a")
    QApplication.sendEvent(handle, press)
    clinic.clock.forward(timedelta(minutes=5))
    idle._look()
    assert idle._timer.isActive()
    with qtbot.waitSignal(idle.idle):
        clinic.clock.forward(IDLE_LOCK)
        idle._look()


# Stalls.


def test_a_stall_over_a_quarter_second_is_logged_by_its_length_alone(
    clinic: Clinic, qtbot: QtBot, caplog: pytest.LogCaptureFixture
) -> None:
    runner = Runner()
    unlocked = Unlocked(clinic.opened(), runner, clinic.parts, ())
    qtbot.addWidget(unlocked.frame)
    with caplog.at_level(logging.INFO, logger="wc_desktop"):
        for longest, told in ((250, 250), (900, 900), (900, 400)):  # at the bound, over it, shorter than one before
            unlocked.stalls._longest_ns = longest * 1_000_000
            unlocked.stalls.stalled.emit(told)
    failures: list[WhiteCrossError] = []
    assert unlocked.end(failures.append) == 0
    runner.stop()
    unlocked.desk.close()
    assert not failures
    lines = [json.loads(JsonLines().format(record)) for record in caplog.records if record.msg == "screen.stalled"]
    assert [(line["ms"], line["section"]) for line in lines] == [("900", "")]


def test_the_title_of_a_page_is_a_label_that_wraps(desk: Desk, qtbot: QtBot) -> None:
    frame = Frame(Session(desk, ImmediateJobs()), page_specs())
    qtbot.addWidget(frame)
    frame.start("med_pass")
    titles = [label for label in frame.header.findChildren(QLabel) if label.text() == "Today's medication pass"]
    assert [label.wordWrap() for label in titles] == [True]
