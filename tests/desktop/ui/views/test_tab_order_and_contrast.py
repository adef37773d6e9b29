"""Every section as a whole window has it: Tab goes a written way and comes back, and all words are read on pixels."""

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QEvent, QObject, QPoint, QRect, QSize, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel, QWidget
from pytestqt.qtbot import QtBot
from tests.desktop.ui.contrast import strongest_against_ground
from tests.desktop.ui.dressed import bring_up, dressed
from tests.fakes.pages_seam import ImmediateJobs

from wc_desktop.actions.desk import Desk
from wc_desktop.app.desktop import MainWindow
from wc_desktop.app.pages import page_specs
from wc_desktop.ui.theme.scheme import SchemeChoice
from wc_desktop.ui.viewmodels.session import Session
from wc_desktop.ui.views.frame import Frame
from wc_desktop.ui.widgets.connection_strip import ConnectionStrip

pytestmark = pytest.mark.gui
SECTIONS = tuple(spec.key for spec in page_specs())
FIRST = ("Sections", "Lock", "strip")
# What is reached by Tab, from the rail on, in a small school: a list without rows is none of it.
ORDER: dict[str, tuple[str, ...]] = {
    "med_pass": (
        "Which doses", "Find student or medication", "End of day…", "Today's medication pass",
        "Give dose", "Refused", "Hold", "Absent", "Open chart", "As needed…",
    ),
    "students": ("Find student by name, number or grade", "Students"),
    "incidents": ("New report",),
    "visits": ("Since when", "Find child or reason", "New visit", "How it ended"),
    "inventory": ("Which containers", "Find child, medicine or lot", "Receive new"),
    "review": (),
    "sync": (
        "Newest entries of this workstation", "Sync now", "Verify this copy", "Save what waits to a file…",
        "Let somebody unlock it, too…", "Code of the emergency cards…",
    ),
}  # fmt: skip


class Windows(QObject):
    """Notes every widget that becomes a window of its own."""

    def __init__(self) -> None:
        super().__init__()
        self.shown: list[str] = []

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        if event.type() is QEvent.Type.Show and isinstance(watched, QWidget) and watched.isWindow():
            self.shown.append(type(watched).__name__)
        return False


def window_over(desk: Desk, qtbot: QtBot) -> tuple[MainWindow, Frame]:
    window = MainWindow()
    qtbot.addWidget(window)
    window.resize(1366, 768)
    frame = Frame(Session(desk, ImmediateJobs()), page_specs())
    window.show_only(frame)
    bring_up(window)
    frame.start("med_pass")
    return window, frame


def name_of(widget: QWidget) -> str:
    if isinstance(widget, ConnectionStrip):
        return "strip"
    text = widget.text() if isinstance(widget, QAbstractButton) else ""
    return (widget.accessibleName() or text).replace("&", "")


def walked(frame: Frame) -> list[str]:
    """Return what Tab reaches from the rail on, until it is there again."""
    start = next(widget for widget in frame.rail.findChildren(QWidget) if widget.accessibleName() == "Sections")
    start.setFocus()
    names: list[str] = []
    now: QWidget | None = start
    while now is not None and len(names) < 40:
        names.append(name_of(now))
        QTest.keyClick(now, Qt.Key.Key_Tab)
        now = QApplication.focusWidget()
        if now is start:
            return names
    raise AssertionError(f"Tab is trapped: {names}")


@pytest.mark.parametrize("section", SECTIONS)
def test_tab_goes_the_written_way_and_comes_back_to_the_rail(desk: Desk, qtbot: QtBot, section: str) -> None:
    with dressed():
        _, frame = window_over(desk, qtbot)
        frame.rail.set_current(section)
        assert walked(frame) == [*FIRST, *ORDER[section]]


def test_no_section_flashes_a_window_of_its_own_which_would_take_the_keyboard(
    desk: Desk, qtbot: QtBot, qapp: QApplication
) -> None:
    with dressed():
        window, frame = window_over(desk, qtbot)
        seen = Windows()
        qapp.installEventFilter(seen)
        for section in SECTIONS:
            frame.rail.set_current(section)
            QApplication.processEvents()
            assert QApplication.activeWindow() is window, section
        qapp.removeEventFilter(seen)
        assert seen.shown == []


def words_of(frame: Frame) -> Iterator[QWidget]:
    """Give every label and enabled button that is seen whole."""
    for widget in frame.findChildren(QWidget):
        if not isinstance(widget, QLabel | QAbstractButton) or not widget.text().strip() or not widget.isVisible():
            continue
        whole = widget.visibleRegion().boundingRect() == widget.rect()
        if whole and (widget.isEnabled() or isinstance(widget, QLabel)):
            yield widget


@pytest.mark.parametrize("factor", [1.0, 2.0])
@pytest.mark.parametrize("theme", [SchemeChoice.LIGHT, SchemeChoice.DARK])
def test_all_words_of_every_section_are_read_on_pixels(
    desk: Desk, qtbot: QtBot, theme: SchemeChoice, factor: float
) -> None:
    with dressed(theme, factor):
        _, frame = window_over(desk, qtbot)
        for section in SECTIONS:
            frame.rail.set_current(section)
            QApplication.processEvents()
            whole = frame.grab().toImage()
            seen = list(words_of(frame))
            assert seen, section
            for widget in seen:
                place = QRect(widget.mapTo(frame, QPoint()), QSize(widget.width(), widget.height()))
                found = strongest_against_ground(whole.copy(place))
                assert found >= 4.5, (section, widget.text(), found)
