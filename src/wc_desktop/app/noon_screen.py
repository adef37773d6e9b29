"""Eyes and hands of a noon: what a person sees and hears of the window, and keys on what has the focus."""

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar
from unicodedata import normalize

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAccessible, QColor, QPainter, QPixmap
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractItemView, QApplication, QDialog, QLabel, QTableView, QWidget

from wc_desktop.app.noon_player import NoonFailed
from wc_desktop.ui.theme.cells import CellRole
from wc_desktop.ui.widgets.connection_strip import ConnectionStrip
from wc_desktop.ui.widgets.sheet import Sheet

_W = TypeVar("_W", bound=QWidget)
_NOTHING = Qt.KeyboardModifier.NoModifier
_EDGE = QColor(0, 0, 0, 90)


class Screen:
    """One window. Widgets are looked up each time: screens are built and destroyed meanwhile."""

    def __init__(self, window: QWidget) -> None:
        self.window = window
        # How often a key had to be pressed once more because nothing had come of it.
        self.pressed_again = 0

    # Eyes.

    @property
    def focus(self) -> QWidget | None:
        """What would get a key now."""
        return QApplication.focusWidget()

    def focus_leaves(self) -> Callable[[], bool]:
        """Return a look at whether something else has the focus than now."""
        before = self.focus

        def left() -> bool:
            return self.focus is not before

        return left

    @property
    def heard(self) -> str:
        """The name that a screen reader says for what has the focus."""
        return "" if self.focus is None else spoken(self.focus)

    def shown(self, kind: type[_W], name: str = "") -> _W | None:
        """Return the visible widget of a kind, by its accessible name when one is given."""
        for found in self.window.findChildren(kind):
            if found.isVisible() and (not name or spoken(found) == name):
                return found
        return None

    def table(self, name: str) -> QTableView:
        """Return a visible list. Raises NoonFailed."""
        found = self.shown(QTableView, name)
        if found is None:
            raise NoonFailed(f"The list “{name}” is not on the screen.")
        return found

    def has_rows(self, name: str) -> bool:
        """Return whether a list is visible and holds something."""
        found = self.shown(QTableView, name)
        return found is not None and found.model().rowCount() > 0

    def says(self, words: str) -> bool:
        """Return whether a visible label begins with words."""
        return any(label.isVisible() and label.text().startswith(words) for label in self.window.findChildren(QLabel))

    @property
    def sheet(self) -> Sheet | None:
        """The sheet that is open."""
        return self.shown(Sheet)

    @property
    def strip(self) -> ConnectionStrip | None:
        """The connection strip."""
        return self.shown(ConnectionStrip)

    # Hands.

    def take_keyboard(self) -> None:
        """Make the sheet that is open, else the window, the one that gets keys."""
        (self.sheet or self.window).activateWindow()

    def press(self, key: Qt.Key, modifier: Qt.KeyboardModifier = _NOTHING) -> None:
        """Press one key. Raises NoonFailed when nothing has the focus."""
        QTest.keyClick(self._target(), key, modifier)

    def again(
        self, key: Qt.Key, modifier: Qt.KeyboardModifier = _NOTHING, *, unless: Callable[[], bool]
    ) -> Callable[[], None]:
        """Return a nudge: the keyboard is taken back and the key pressed once more, unless it has had its effect.

        A person who sees that a key did nothing presses it again; so does a noon on a busy machine.
        """

        def nudge() -> None:
            self.take_keyboard()
            if not unless():
                self.pressed_again += 1
                self.press(key, modifier)

        return nudge

    def write(self, text: str) -> None:
        """Type text into what has the focus. Raises NoonFailed when nothing has it."""
        target = self._target()
        for letter in text:
            QTest.keyClicks(target, letter)

    def _target(self) -> QWidget:
        target = self.focus
        if target is None:
            # Between two sheets no window may be the active one, without a window manager to choose it.
            self.take_keyboard()
            target = self.focus or (self.sheet or self.window).focusWidget()
        if target is None:
            raise NoonFailed("Nothing in the window has the focus.")
        return target

    # Pictures.

    def picture(self, file: Path) -> None:
        """Save the whole window as it looks now, with the sheet over it. Raises NoonFailed."""
        whole = self.window.grab()
        for dialog in self.window.findChildren(QDialog):
            if dialog.isVisible():
                _lay_over(whole, dialog, dialog.pos() - self.window.pos())
        if not whole.save(str(file)):
            raise NoonFailed(f"The picture {file.name} could not be written.")


def spoken(widget: QWidget) -> str:
    """Return the name that assistive technology gets: the accessible name, or the label's whose buddy it is."""
    return QAccessible.queryAccessibleInterface(widget).text(QAccessible.Text.Name)


def row_at(view: QTableView, row: int) -> object:
    """Return the frozen row that a list shows at a place."""
    return view.model().index(row, 0).data(CellRole.ROW)


def moved_on(view: QAbstractItemView) -> Callable[[], bool]:
    """Return a look at whether a list stands on another row than now."""
    before = view.currentIndex().row()

    def moved() -> bool:
        return view.currentIndex().row() != before

    return moved


def plain(text: str) -> str:
    """Return text as a keyboard without accents writes it; the search finds it all the same."""
    return normalize("NFKD", text).encode("ascii", "ignore").decode()


def _lay_over(whole: QPixmap, dialog: QDialog, place: QPoint) -> None:
    painter = QPainter(whole)
    painter.drawPixmap(place, dialog.grab())
    # A window manager would draw a frame; without one the sheet's edge would be lost on the page.
    painter.setPen(_EDGE)
    painter.drawRect(place.x(), place.y(), dialog.width() - 1, dialog.height() - 1)
    painter.end()
