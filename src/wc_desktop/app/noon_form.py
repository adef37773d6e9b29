"""An incident report by keys: Tab from field to field, type or choose, sign."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QListWidget, QListWidgetItem, QPushButton

from wc_desktop.app.noon_player import NoonFailed, Script, Wait
from wc_desktop.app.noon_screen import Screen, moved_on

_KEY = Qt.Key
_CTRL, _ALT, _SHIFT = (
    Qt.KeyboardModifier.ControlModifier,
    Qt.KeyboardModifier.AltModifier,
    Qt.KeyboardModifier.ShiftModifier,
)
_MOST_TABS = 80


@dataclass(frozen=True, slots=True, kw_only=True)
class Typed:
    """Text to type."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """An option to choose by its first words; marked with Space in a list of many."""

    words: str
    many: bool = False


# By what a screen reader says of the field.
REPORT: Mapping[str, Typed | Chosen] = {
    "When": Typed(text="-10"),
    "Where": Typed(text="Playground, climbing frame"),
    "Activity, surface or equipment": Typed(text="Recess, rubber ground"),
    "Kind of incident": Chosen(words="Injury"),
    "How serious": Chosen(words="Low"),
    "What happened": Typed(
        text="Slipped from the second rung and landed on the left knee; walked in with a classmate."
    ),
    "Parts of the body": Chosen(words="Left knee", many=True),
    "Kind of injury": Chosen(words="Scrape"),
    "Care given": Typed(text="Rinsed with water, covered with a plaster. Cold pack for ten minutes."),
    "Then the child": Chosen(words="Back to class"),
}


def fill_form(screen: Screen) -> Script:
    """Walk through the form once and fill what is to be filled; the form must have the focus."""
    left = dict(REPORT)
    for _ in range(_MOST_TABS):
        answer = left.pop(screen.heard, None)
        match answer:
            case Typed(text=text):
                # Over what stands there: the time is filled in already.
                screen.press(_KEY.Key_A, _CTRL)
                screen.write(text)
            case Chosen():
                yield from _choose(screen, answer)
            case None:
                pass
        if not left:
            return
        moved = screen.focus_leaves()
        screen.press(_KEY.Key_Tab)
        yield Wait(words="Tab to reach the next field", seen=moved)
    raise NoonFailed("Tab did not lead to these fields of the incident form: " + ", ".join(left) + ".")


def _choose(screen: Screen, wanted: Chosen) -> Script:
    options = screen.focus
    if not isinstance(options, QListWidget):
        raise NoonFailed(f"“{screen.heard}” is not a list to choose from.")
    screen.press(_KEY.Key_Home)
    yield Wait(words="the first option", seen=lambda: options.currentRow() == 0)
    for row in range(options.count()):
        if options.item(row).text().startswith(wanted.words):
            # The arrows may have come to the first line without choosing it.
            screen.press(_KEY.Key_Space)
            yield Wait(words="an option to be chosen", seen=partial(_is_taken, options.item(row), many=wanted.many))
            return
        if row < options.count() - 1:
            moved = moved_on(options)
            screen.press(_KEY.Key_Down)
            yield Wait(words="the next option", seen=moved)
    raise NoonFailed(f"“{screen.heard}” does not offer “{wanted.words}”.")


def _is_taken(item: QListWidgetItem, *, many: bool) -> bool:
    return item.checkState() is Qt.CheckState.Checked if many else item.isSelected()


def show_the_beginning(screen: Screen) -> Script:
    """Go to the form's first field and on to the child above it, so that the picture shows whom it is about."""
    screen.press(_KEY.Key_E, _ALT)
    yield Wait(words="the form's first field", seen=lambda: screen.heard == "When")
    screen.press(_KEY.Key_Backtab, _SHIFT)
    yield Wait(words="the child at the head of the form", seen=lambda: screen.heard == "Change child")


def sign(screen: Screen) -> Script:
    """Sign with Ctrl+Enter, confirm with Enter, and wait until the form is gone."""
    again = screen.again(_KEY.Key_Return, _CTRL, unless=lambda: screen.sheet is not None)
    screen.press(_KEY.Key_Return, _CTRL)
    yield Wait(words="the question whether to sign", seen=lambda: _may_sign(screen), nudge=again)
    again = screen.again(_KEY.Key_Return, unless=lambda: screen.sheet is None)
    screen.press(_KEY.Key_Return)
    yield Wait(
        words="the report to be signed", seen=lambda: screen.sheet is None and not _form_shown(screen), nudge=again
    )


def _may_sign(screen: Screen) -> bool:
    return screen.sheet is not None and screen.sheet.action_button.hasFocus()


def _form_shown(screen: Screen) -> bool:
    return screen.shown(QPushButton, "Sign report") is not None
