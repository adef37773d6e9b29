"""The medication pass by keys: find a dose that is due, answer it, see that it was saved."""

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QListWidget, QTableView

from wc_desktop.app.noon_player import NoonFailed, Script, Wait
from wc_desktop.app.noon_screen import Screen, moved_on, row_at
from wc_desktop.ui.models.due_rows import DueRowLook
from wc_desktop.ui.theme.icons import Icon
from wc_desktop.ui.widgets.sheet import Sheet

DUE_LIST = "Today's medication pass"
_KEY, _CTRL = Qt.Key, Qt.KeyboardModifier.ControlModifier
_TO_GIVE = (Icon.CLOCK, Icon.CIRCLE_ALERT)


class Doses:
    """Works through the list from where it stands. left_alone: doses that a rule stopped without a reason."""

    def __init__(self, screen: Screen) -> None:
        self._screen = screen
        self.given = 0
        self.left_alone: set[object] = set()

    @property
    def view(self) -> QTableView:
        """The list of the medication pass."""
        return self._screen.table(DUE_LIST)

    def is_open(self) -> bool:
        """Return whether the list is there, filled, and has the keyboard."""
        view = self._screen.shown(QTableView, DUE_LIST)
        return view is not None and view.model().rowCount() > 0 and view.hasFocus()

    @property
    def row(self) -> DueRowLook | None:
        """The chosen dose."""
        index = self.view.currentIndex()
        found = row_at(self.view, index.row()) if index.isValid() else None
        return found if isinstance(found, DueRowLook) else None

    def look_of(self, key: object) -> DueRowLook | None:
        """Return a dose as the list shows it now."""
        return next((look for look in self._looks() if look.key == key), None)

    def _looks(self) -> list[DueRowLook]:
        rows = (row_at(self.view, row) for row in range(self.view.model().rowCount()))
        return [look for look in rows if isinstance(look, DueRowLook)]

    def find_due(self, liked: Callable[[DueRowLook], bool] | None = None) -> object | None:
        """Return a dose to give, one that is liked when there is one, the next after the chosen; None for none."""
        looks = self._looks()
        start = self.view.currentIndex().row()
        in_order = looks[max(start, 0) :] + looks[: max(start, 0)]
        open_ones = [
            look
            for look in in_order
            if not look.is_done and look.status_icon in _TO_GIVE and look.key not in self.left_alone
        ]
        liked_ones = [look for look in open_ones if liked is not None and liked(look)]
        found = (liked_ones or open_ones)[:1]
        return found[0].key if found else None

    def to_the_top(self) -> Script:
        """Go to the first row, as a person does who looks over the list."""
        self._screen.press(_KEY.Key_Home, _CTRL)
        yield Wait(words="the first row to be chosen", seen=lambda: self.view.currentIndex().row() == 0)

    def go_to(self, key: object) -> Script:
        """Walk to a dose with the arrow keys."""
        while True:
            chosen, keys = self.row, [look.key for look in self._looks()]
            if key not in keys:
                raise NoonFailed("A dose that was due has left the list.")
            here = -1 if chosen is None else keys.index(chosen.key)
            if here == keys.index(key):
                return
            moved = moved_on(self.view)
            self._screen.press(_KEY.Key_Down if here < keys.index(key) else _KEY.Key_Up)
            yield Wait(words="another row to be chosen", seen=moved)

    # A confirm.

    def ask(self, key: object, letter: Qt.Key) -> Script:
        """Open the confirm of a dose and wait until the rules have answered."""
        yield from self.go_to(key)
        again = self._screen.again(letter, unless=self._has_sheet)
        self._screen.press(letter)
        yield Wait(words="the confirm of a dose to open and the rules to answer", seen=self._is_checked, nudge=again)

    def _has_sheet(self) -> bool:
        return self._screen.sheet is not None

    def _is_checked(self) -> bool:
        sheet = self._screen.sheet
        if sheet is None or self._screen.focus is None or not sheet.isAncestorOf(self._screen.focus):
            return False
        return sheet.action_button.isEnabled() or _reasons(sheet) is not None or self._is_forbidden

    @property
    def can_complete(self) -> bool:
        """Whether Enter would save the dose."""
        sheet = self._screen.sheet
        return sheet is not None and sheet.action_button.isEnabled()

    @property
    def _is_forbidden(self) -> bool:
        return self._screen.says("This cannot be recorded")

    def complete(self, key: object) -> Script:
        """Press Enter and wait until the list shows the dose as answered."""
        again = self._screen.again(_KEY.Key_Return, unless=lambda: not self.can_complete)
        self._screen.press(_KEY.Key_Return)
        yield Wait(words="a dose to be saved and shown", seen=lambda: self._is_saved(key), nudge=again)
        yield Wait(
            words="the medication pass to have the focus again", seen=self.is_open, nudge=self._screen.take_keyboard
        )

    def _is_saved(self, key: object) -> bool:
        if self._screen.sheet is not None:
            return False
        look = self.look_of(key)
        return look is not None and look.is_done

    def set_aside(self, key: object) -> Script:
        """Press Esc: the dose is left for a nurse who thinks about it."""
        self.left_alone.add(key)
        self._screen.press(_KEY.Key_Escape)
        yield Wait(words="the confirm to close", seen=lambda: self._screen.sheet is None)
        yield Wait(
            words="the medication pass to have the focus again", seen=self.is_open, nudge=self._screen.take_keyboard
        )

    # What a noon is made of.

    def give(self, count: int) -> Script:
        """Give so many doses with Enter, Enter; fewer when no more are due."""
        wanted = self.given + count
        while self.given < wanted:
            key = self.find_due()
            if key is None:
                return
            yield from self.ask(key, _KEY.Key_Return)
            if not self.can_complete:
                yield from self.set_aside(key)
                continue
            yield from self.complete(key)
            self.given += 1

    def answer(self, letter: Qt.Key, reason: Qt.Key) -> Script:
        """Answer the next due dose in another way than giving it, with a reason by its number."""
        key = self.find_due()
        if key is None:
            return
        yield from self.ask(key, letter)
        if self._is_forbidden:
            yield from self.set_aside(key)
            return
        self._screen.press(reason)
        yield Wait(words="the reason to be taken", seen=lambda: self.can_complete)
        yield from self.complete(key)


def _reasons(sheet: Sheet) -> QListWidget | None:
    return next((found for found in sheet.findChildren(QListWidget) if found.isVisible()), None)
