"""What is filled in already is replaced by typing, and what has the focus is in sight."""

from datetime import UTC, datetime

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QWidget
from pytestqt.qtbot import QtBot
from tests.desktop.ui.dressed import bring_up, dressed

from wc_contract.model.instants import instant_to_text
from wc_desktop.ui.views.typed_moment import MomentField
from wc_desktop.ui.widgets.choice_fields import CheckList, Choice, ChoiceList
from wc_desktop.ui.widgets.moment_fields import TimeField
from wc_desktop.ui.widgets.scroller import Scroller
from wc_desktop.ui.widgets.text_fields import NotesField

pytestmark = pytest.mark.gui
NOON = datetime(2026, 11, 23, 17, 48, tzinfo=UTC)
KINDS = tuple(Choice(key=word.lower(), words=word) for word in ("Injury", "Bite", "Exposure"))


def now() -> datetime:
    return NOON


def filled_moment() -> MomentField:
    field = MomentField("Wh&en", now)
    field.set_value(instant_to_text(NOON))
    return field


def filled_time() -> TimeField:
    field = TimeField("&Given at", now)
    field.set_time(NOON)
    return field


@pytest.mark.parametrize("make", [filled_moment, filled_time])
@pytest.mark.parametrize(
    "reason", [Qt.FocusReason.OtherFocusReason, Qt.FocusReason.TabFocusReason, Qt.FocusReason.ShortcutFocusReason]
)
def test_typing_replaces_a_time_that_was_filled_in(
    qtbot: QtBot, make: type[MomentField] | type[TimeField], reason: Qt.FocusReason
) -> None:
    field = make()  # type: ignore[call-arg]
    qtbot.addWidget(field)
    bring_up(field)
    field.editor.clearFocus()
    field.setFocus(reason)
    QTest.keyClicks(field.editor, "-10")
    assert isinstance(field.editor, QLineEdit)
    assert field.editor.text() == "-10"
    assert "11:38" in field.note or "17:38" in field.note


@pytest.mark.parametrize("key", [Qt.Key.Key_Home, Qt.Key.Key_Down, Qt.Key.Key_Up])
def test_the_first_arrow_chooses_the_first_line(qtbot: QtBot, key: Qt.Key) -> None:
    field = ChoiceList("&Kind", KINDS)
    qtbot.addWidget(field)
    bring_up(field)
    field.setFocus(Qt.FocusReason.TabFocusReason)
    assert field.key is None
    QTest.keyClick(field.editor, key)
    assert field.key == "injury"
    QTest.keyClick(field.editor, Qt.Key.Key_Down)
    assert field.key == "bite"


@pytest.mark.parametrize("many", [False, True])
def test_a_list_is_as_high_as_its_lines_after_the_text_grew(qtbot: QtBot, many: bool) -> None:
    with dressed() as dresser:
        field = CheckList("&Parts", KINDS) if many else ChoiceList("&Kind", KINDS)
        qtbot.addWidget(field)
        field.resize(400, 300)
        bring_up(field)
        before = field.editor.height()
        dresser.choose_text_factor(2.0)
        qtbot.waitUntil(lambda: field.editor.height() >= before * 1.7)
        view = field.findChild(type(field.editor))
        assert view is not None
        assert not view.verticalScrollBar().isVisible()


def test_a_field_that_gets_the_focus_scrolls_into_view(qtbot: QtBot) -> None:
    scroller = Scroller("Form")
    qtbot.addWidget(scroller)
    lines = [QLineEdit() for _ in range(30)]
    for line in lines:
        scroller.body.addWidget(line)
    scroller.resize(300, 200)
    bring_up(scroller)

    def in_sight(widget: QWidget) -> bool:
        return scroller.viewport().rect().contains(widget.mapTo(scroller.viewport(), widget.rect().center()))

    assert not in_sight(lines[-1])
    lines[-1].setFocus(Qt.FocusReason.ShortcutFocusReason)
    qtbot.waitUntil(lambda: in_sight(lines[-1]))
    lines[0].setFocus(Qt.FocusReason.OtherFocusReason)
    qtbot.waitUntil(lambda: in_sight(lines[0]))


def test_notes_that_get_the_focus_are_in_sight_with_all_their_lines(qtbot: QtBot) -> None:
    scroller = Scroller("Form")
    qtbot.addWidget(scroller)
    for _ in range(12):
        scroller.body.addWidget(QLineEdit())
    notes = NotesField("Care given", lines=5)
    scroller.body.addWidget(notes)
    scroller.resize(300, 240)
    bring_up(scroller)
    notes.setFocus(Qt.FocusReason.ShortcutFocusReason)
    qtbot.waitUntil(lambda: notes.editor.visibleRegion().boundingRect() == notes.editor.rect())
