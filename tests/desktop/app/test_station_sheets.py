"""Settings, help, tour and about: by keyboard, on every screen, locked or open, and gone with the lock."""

import json
from collections.abc import Iterator
from datetime import timedelta
from importlib.metadata import requires

import pytest
from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot
from tests.desktop.app.test_desktop_course import Bench
from tests.desktop.clinic import NURSE, Clinic
from tests.desktop.ui.access_keys import doubled_keys
from tests.desktop.ui.contrast import strongest_against_ground
from tests.desktop.ui.dressed import bring_up, dressed
from tests.fakes.pages_seam import ImmediateJobs

from wc_desktop.actions.desk import Desk
from wc_desktop.app.desktop import MainWindow
from wc_desktop.app.look_keys import LookKeys
from wc_desktop.app.pages import page_specs
from wc_desktop.app.settings import Kept, keep, keep_lock_minutes, keep_toured, keep_user, read_kept
from wc_desktop.app.station_sheets import StationSheets
from wc_desktop.app.works_used import about_this_program
from wc_desktop.domain.failures import DiskFull
from wc_desktop.domain.lock_policy import IDLE_LOCK, LOCK_MINUTES, LONGEST_LOCK_MINUTES, lock_minutes_within
from wc_desktop.ui.theme.scheme import SchemeChoice
from wc_desktop.ui.viewmodels.session import Session
from wc_desktop.ui.views.about_sheet import AboutSheet
from wc_desktop.ui.views.frame import Frame
from wc_desktop.ui.views.ground import Ground, StationSheet
from wc_desktop.ui.views.help_sheet import HelpSheet
from wc_desktop.ui.views.help_words import section_help
from wc_desktop.ui.views.settings_sheet import Chosen, SettingsSheet
from wc_desktop.ui.views.tour_sheet import TourSheet
from wc_desktop.ui.views.unlock import UnlockPage
from wc_desktop.ui.views.window_sheet import WindowSheet
from wc_desktop.ui.widgets.labels import TextLabel

pytestmark = pytest.mark.gui
CONTROL = Qt.KeyboardModifier.ControlModifier


class Station(Bench):
    """The window with the sheets of its workstation, as the program is wired."""

    def __init__(self, clinic: Clinic, qtbot: QtBot) -> None:
        super().__init__(clinic, qtbot)
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        self.dressing = dressed(SchemeChoice.LIGHT)
        self.dresser = self.dressing.__enter__()
        self.look = LookKeys(self.window, self.dresser, clinic.folder)
        self.sheets = StationSheets(self.window, self.desktop, self.look, clinic.folder)

    def sheet(self, kind: type[WindowSheet]) -> WindowSheet:
        """Return the sheet of this kind that is shown."""
        shown = [made for made in self.window.findChildren(kind) if made.isVisible()]
        assert len(shown) == 1
        return shown[0]

    def press(self, key: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        focused = QApplication.focusWidget()
        QTest.keyClick(self.window if focused is None else focused, key, modifier)

    def bring_up(self, sheet: QWidget) -> None:
        """Wait until the sheet has the keyboard: the window under it may still be on its way to the front."""

        def is_in_front() -> bool:
            sheet.activateWindow()
            return QApplication.activeWindow() is sheet and QApplication.focusWidget() is sheet.focusWidget()

        self.qtbot.waitUntil(is_in_front)

    def settings_sheet(self) -> SettingsSheet:
        self.press(Qt.Key.Key_Comma, CONTROL)
        sheet = self.sheet(SettingsSheet)
        assert isinstance(sheet, SettingsSheet)
        self.bring_up(sheet)
        return sheet

    def close(self) -> None:
        if not self.closed:
            super().close()
            self.dressing.__exit__(None, None, None)


@pytest.fixture
def station(clinic: Clinic, qtbot: QtBot) -> Iterator[Station]:
    made = Station(clinic, qtbot)
    yield made
    made.close()


# Settings.


def test_theme_and_text_size_are_chosen_before_anybody_unlocks_and_kept(station: Station) -> None:
    sheet = station.settings_sheet()
    assert sheet.lock_time.isHidden()
    assert sheet.later.isVisible()
    assert QApplication.focusWidget() is sheet.text_size.editor
    station.press(Qt.Key.Key_Down)
    station.press(Qt.Key.Key_Down)
    assert station.dresser.text_factor == pytest.approx(1.25)
    station.press(Qt.Key.Key_Tab)
    station.press(Qt.Key.Key_Down)
    assert station.dresser.tokens.name == "dark"
    station.press(Qt.Key.Key_Escape)
    assert sheet.isHidden()
    kept = read_kept(station.clinic.folder)
    assert (kept.theme, kept.text_size) == ("dark", 1.25)


def test_the_sheet_grows_with_the_text_that_is_chosen_in_it(station: Station) -> None:
    sheet = station.settings_sheet()
    before = sheet.minimumWidth()
    station.press(Qt.Key.Key_End)
    assert station.dresser.text_factor == pytest.approx(2.0)
    assert sheet.minimumWidth() == 2 * before
    station.qtbot.waitUntil(lambda: sheet.width() >= 2 * before)


def test_the_same_size_is_shown_that_keys_reached(station: Station) -> None:
    station.press(Qt.Key.Key_Minus, CONTROL)
    assert station.settings_sheet().text_size.key == "90"


def test_a_shorter_lock_time_counts_at_once_and_after_the_next_unlock(station: Station) -> None:
    station.open()
    sheet = station.settings_sheet()
    assert sheet.lock_time.key == str(LONGEST_LOCK_MINUTES)
    sheet.lock_time.choose("2")
    assert station.desktop._idle.after == timedelta(minutes=2)
    station.desktop.lock()
    station.qtbot.waitUntil(lambda: not station.window.findChildren(SettingsSheet))
    station.open()
    assert station.desktop._idle.after == timedelta(minutes=2)
    station.clinic.clock.forward(timedelta(minutes=2))
    station.desktop._idle._look()
    assert station.shown(UnlockPage) is not None


@pytest.mark.parametrize(("written", "counts"), [(600, 10), (11, 10), (10, 10), (3, 3), (1, 1), (0, 1), (-5, 1)])
def test_no_settings_file_makes_the_lock_later_than_the_policy(station: Station, written: int, counts: int) -> None:
    (station.clinic.folder / "settings.json").write_text(json.dumps({"lock_minutes": written}))
    station.open()
    assert station.desktop._idle.after == timedelta(minutes=counts)
    station.desktop.lock_after(written)
    assert station.desktop._idle.after == timedelta(minutes=counts) <= IDLE_LOCK


def test_only_lock_times_within_the_policy_are_offered() -> None:
    assert LOCK_MINUTES[-1] == LONGEST_LOCK_MINUTES
    assert all(lock_minutes_within(minutes) == minutes for minutes in LOCK_MINUTES)


def test_a_full_disk_changes_the_look_all_the_same(station: Station, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_given: object) -> None:
        raise DiskFull("no room")

    monkeypatch.setattr("wc_desktop.app.settings.write_whole", full)
    station.open()
    sheet = station.settings_sheet()
    sheet.theme.choose("dark")
    sheet.text_size.choose("150")
    sheet.lock_time.choose("1")
    assert station.dresser.tokens.name == "dark"
    assert station.dresser.text_factor == pytest.approx(1.5)
    assert station.desktop._idle.after == timedelta(minutes=1)


def test_the_settings_file_holds_how_it_looks_and_who_was_here_and_nothing_else(clinic: Clinic) -> None:
    keep(clinic.folder, Kept(theme="dark", text_size=1.5))
    keep_user(clinic.folder, "a")
    keep_lock_minutes(clinic.folder, 3)
    keep_toured(clinic.folder, "a")
    keep_toured(clinic.folder, "b")
    keep_toured(clinic.folder, "a")
    assert json.loads((clinic.folder / "settings.json").read_text()) == {
        "theme": "dark",
        "text_size": 1.5,
        "last_user": "a",
        "lock_minutes": 3,
        "toured": ["a", "b"],
    }


@pytest.mark.parametrize("content", ['{"lock_minutes": "soon"}', '{"toured": 7}', '{"lock_minutes": null}'])
def test_a_settings_file_that_does_not_read_counts_as_none(clinic: Clinic, content: str) -> None:
    clinic.folder.mkdir(parents=True)
    (clinic.folder / "settings.json").write_text(content)
    assert read_kept(clinic.folder) == Kept()


# Help.


def test_help_on_the_locked_screen_leads_to_the_settings_by_keyboard(station: Station) -> None:
    station.press(Qt.Key.Key_F1)
    sheet = station.sheet(HelpSheet)
    assert isinstance(sheet, HelpSheet)
    assert "password" in sheet.words.text()
    assert "Ctrl+L" not in [fact.label for fact in sheet.facts], "there is nothing to lock"
    station.bring_up(sheet)
    QTest.keyClick(sheet, Qt.Key.Key_S, Qt.KeyboardModifier.AltModifier)
    station.qtbot.waitUntil(sheet.isHidden)
    assert station.sheet(SettingsSheet).isVisible()


def test_every_section_of_the_rail_has_words_of_help(station: Station) -> None:
    station.open()
    frame = station.unlocked.frame
    for spec in page_specs():
        frame.rail.set_current(spec.key)
        told = frame.screen_help()
        assert told.words == section_help(spec.key) != "", spec.key
        assert told.title
        frame.show_help()
        sheet = station.sheet(HelpSheet)
        assert isinstance(sheet, HelpSheet)
        assert sheet.words.text() == told.words
        labels = [fact.label for fact in sheet.facts]
        assert {" ".join(hint.keys) for hint in told.hints} <= set(labels)
        assert "Ctrl+L" in labels
        sheet.finish()


def test_what_does_not_fit_is_read_by_keyboard(station: Station) -> None:
    station.look.choose_size(2.0)
    station.press(Qt.Key.Key_F1)
    sheet = station.sheet(HelpSheet)
    station.bring_up(sheet)
    bar = sheet.area.verticalScrollBar()
    station.qtbot.waitUntil(lambda: bar.maximum() > 0)
    assert QApplication.focusWidget() is sheet.action_button
    station.press(Qt.Key.Key_End)
    assert bar.value() == bar.maximum()
    station.press(Qt.Key.Key_PageUp)
    assert bar.value() < bar.maximum()
    station.press(Qt.Key.Key_Home)
    assert bar.value() == 0
    station.press(Qt.Key.Key_Escape)
    assert sheet.isHidden()


# Tour.


def test_who_enrols_is_shown_round_once_and_leaves_with_esc(station: Station) -> None:
    station.desktop._first_run = True
    station.open()
    sheet = station.sheet(TourSheet)
    station.bring_up(sheet)
    station.press(Qt.Key.Key_Escape)
    assert sheet.isHidden()
    station.desktop.lock()
    station.open()
    assert not [made for made in station.window.findChildren(TourSheet) if made.isVisible()]
    assert "F1" not in station.unlocked.frame.toast.words
    assert read_kept(station.clinic.folder).toured == (str(NURSE),)


def test_who_comes_to_an_enrolled_workstation_is_told_of_the_tour_and_not_held_up(station: Station) -> None:
    page = station.open()
    assert "F1" in station.unlocked.frame.toast.words
    assert not [made for made in station.window.findChildren(TourSheet) if made.isVisible()]
    assert page.model.rows


def test_enter_goes_through_the_tour_to_its_end_and_back_goes_back(station: Station) -> None:
    station.open()
    station.unlocked.frame.sheet_wanted.emit(StationSheet.TOUR)
    sheet = station.sheet(TourSheet)
    assert isinstance(sheet, TourSheet)
    station.bring_up(sheet)
    stops = []
    for _ in range(5):
        stops.append((sheet.stop, sheet.step.text()))
        QTest.keyClick(sheet, Qt.Key.Key_Return)
    assert sheet.isHidden()
    assert [step for _, step in stops] == ["1 of 5", "2 of 5", "3 of 5", "4 of 5", "5 of 5"]
    assert len({stop for stop, _ in stops}) == len(stops)
    again = TourSheet(station.unlocked.frame)
    again.open()
    station.bring_up(again)
    assert not again.back.isEnabled()
    QTest.keyClick(again, Qt.Key.Key_N, Qt.KeyboardModifier.AltModifier)
    QTest.keyClick(again, Qt.Key.Key_B, Qt.KeyboardModifier.AltModifier)
    assert again.stop == stops[0][0]


# About.


def test_about_names_version_licences_and_the_whole_notice(station: Station) -> None:
    station.sheets.show_sheet(StationSheet.ABOUT)
    sheet = station.sheet(AboutSheet)
    assert isinstance(sheet, AboutSheet)
    told = about_this_program()
    assert told.licence == "Apache-2.0"
    assert sheet.notice.toPlainText() == told.notice
    for words in ("Inter", "Lucide", "RxNorm", "Qt and PySide6"):
        assert words in told.notice
    asked = {
        line.split(">")[0].split("<")[0].split("=")[0] for line in requires("white-cross") or () if "desktop" in line
    }
    assert asked <= {work.name for work in told.works}
    assert "granian" not in {work.name for work in told.works}, "that is the server's"
    assert all(work.licence and work.version for work in told.works)
    assert len(sheet.works.facts) == len(told.works)


# How they look.


def _sheets(ground: Ground) -> tuple[WindowSheet, ...]:
    chosen = Chosen(theme=SchemeChoice.LIGHT, text_size=1.0, lock_minutes=5)
    return (
        HelpSheet(ground),
        SettingsSheet(chosen, ground),
        TourSheet(ground),
        AboutSheet(about_this_program(), ground),
    )


def _height_seen(widget: QWidget) -> int:
    """Return how much of a widget is seen from its top on; less than a line of text counts as nothing."""
    region = widget.visibleRegion().boundingRect()
    height = region.height() if widget.isVisible() and region.top() == 0 else 0
    return height if height >= widget.fontMetrics().height() else 0


@pytest.mark.parametrize("theme", [SchemeChoice.LIGHT, SchemeChoice.DARK])
@pytest.mark.parametrize("factor", [1.0, 1.5, 2.0])
def test_sheets_are_read_in_both_themes_and_fit_their_window(
    desk: Desk, qtbot: QtBot, theme: SchemeChoice, factor: float
) -> None:
    with dressed(theme, factor):
        window = MainWindow()
        qtbot.addWidget(window)
        window.resize(1366, 768)
        frame = Frame(Session(desk, ImmediateJobs()), page_specs())
        window.show_only(frame)
        frame.start("med_pass")
        bring_up(window)
        for sheet in _sheets(frame):
            if isinstance(sheet, HelpSheet):
                sheet.show_help(frame.screen_help())
            else:
                sheet.open()
            bring_up(sheet)
            qtbot.waitUntil(lambda made=sheet: made._painted)
            qtbot.waitUntil(lambda made=sheet: made.width() <= 1366 and made.height() <= 768)
            assert doubled_keys(sheet) == []
            qtbot.waitUntil(lambda made=sheet: made.area.horizontalScrollBar().maximum() == 0)
            labels = [label for label in sheet.findChildren(TextLabel) if label.text() and _height_seen(label)]
            assert labels
            for widget in (*labels, sheet.action_button):
                # With the ground that it lies on: a label alone has none.
                place = QRect(widget.mapTo(sheet, QPoint()), QSize(widget.width(), _height_seen(widget)))
                assert strongest_against_ground(sheet.grab(place).toImage()) >= 4.5, widget
            sheet.finish()
