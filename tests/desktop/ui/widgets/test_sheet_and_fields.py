"""Dialogs and fields: Enter completes, Esc loses nothing, Tab is never trapped, everything is labelled."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtTest import QSignalSpy, QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QListWidget, QPlainTextEdit, QWidget
from pytestqt.qtbot import QtBot

from wc_desktop.ui.widgets.choice_fields import CheckList, Choice, ChoiceList
from wc_desktop.ui.widgets.field import FormField
from wc_desktop.ui.widgets.sheet import Sheet
from wc_desktop.ui.widgets.text_fields import NotesField, PasswordField, TextField

REASONS = [Choice(key="no", words="Did not want it"), Choice(key="ill", words="Feels unwell")]


class Form:
    """A refusal as a screen would build it."""

    def __init__(self) -> None:
        self.window = QWidget()
        self.window.resize(800, 700)
        self.sheet = Sheet("Refused", "&Record refusal", self.window)
        self.reason = ChoiceList("&Reason", REASONS)
        self.notes = NotesField("&Notes")
        self.who = TextField("&Told by")
        for field in (self.reason, self.notes, self.who):
            self.sheet.body.addWidget(field)
        self.sheet.set_first_focus(self.reason)

    def open(self) -> None:
        self.window.show()
        self.sheet.open()
        QTest.qWaitForWindowActive(self.sheet)


@pytest.fixture
def form(qtbot: QtBot) -> Form:
    made = Form()
    qtbot.addWidget(made.window)
    made.open()
    return made


def focused() -> QWidget:
    widget = QApplication.focusWidget()
    assert widget is not None
    return widget


def test_enter_completes_from_a_list_and_from_a_line(form: Form) -> None:
    completed = QSignalSpy(form.sheet.completed)
    QTest.keyClick(focused(), Qt.Key.Key_Return)
    form.who.setFocus()
    QTest.keyClick(focused(), Qt.Key.Key_Return)
    assert completed.count() == 2
    assert form.sheet.isVisible()


def test_in_notes_enter_begins_a_line_and_ctrl_enter_completes(form: Form) -> None:
    completed = QSignalSpy(form.sheet.completed)
    form.notes.setFocus()
    QTest.keyClicks(focused(), "one")
    QTest.keyClick(focused(), Qt.Key.Key_Return)
    QTest.keyClicks(focused(), "two")
    assert completed.count() == 0
    QTest.keyClick(focused(), Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert completed.count() == 1
    assert form.notes.text == "one\ntwo"


def test_nothing_completes_before_it_is_ready(form: Form) -> None:
    completed = QSignalSpy(form.sheet.completed)
    form.sheet.set_ready(ready=False)
    QTest.keyClick(focused(), Qt.Key.Key_Return)
    QTest.keyClick(focused(), Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert completed.count() == 0


def test_escape_sets_aside_and_everything_typed_is_there_again(form: Form) -> None:
    aside = QSignalSpy(form.sheet.set_aside)
    form.reason.choose("ill")
    form.notes.set_text("said so herself")
    form.notes.setFocus()
    QTest.keyClick(focused(), Qt.Key.Key_Escape)
    assert aside.count() == 1
    assert not form.sheet.isVisible()
    form.open()
    assert (form.reason.key, form.notes.text) == ("ill", "said so herself")


def test_finishing_is_not_setting_aside(form: Form) -> None:
    aside = QSignalSpy(form.sheet.set_aside)
    form.sheet.finish()
    assert not form.sheet.isVisible()
    assert aside.count() == 0


def test_tab_walks_every_control_and_stays_in_the_sheet(form: Form) -> None:
    seen = [focused()]
    for _ in range(12):
        QTest.keyClick(focused(), Qt.Key.Key_Tab)
        seen.append(focused())
    kinds = {type(widget) for widget in seen}
    assert {form.reason.editor, form.notes.editor, form.who.editor} <= set(seen)
    assert {form.sheet.action_button, form.sheet.leave_button} <= set(seen)
    assert all(form.sheet.isAncestorOf(widget) for widget in seen), kinds


def test_the_sheet_blocks_its_window_only(form: Form) -> None:
    assert form.sheet.windowModality() is Qt.WindowModality.WindowModal
    assert form.sheet.windowTitle() == "Refused"


def test_every_field_is_named_by_its_label(qtbot: QtBot) -> None:
    fields: list[FormField] = [
        TextField("&Name"),
        NotesField("N&otes"),
        PasswordField("&Password"),
        ChoiceList("&Reason", REASONS),
        CheckList("&Regions", REASONS),
    ]
    names = []
    for field in fields:
        qtbot.addWidget(field)
        field.show()
        interface = QAccessible.queryAccessibleInterface(field.editor)
        names.append(interface.text(QAccessible.Text.Name))
        assert field.label.buddy() is field.editor
    assert names == ["Name", "Notes", "Password", "Reason", "Regions"]


def test_a_fault_is_shown_described_and_taken_back(qtbot: QtBot) -> None:
    field = TextField("&Code", hint="Six digits")
    qtbot.addWidget(field)
    field.set_fault("The code has six digits")
    assert field.note == "The code has six digits"
    assert field.editor.accessibleDescription() == "The code has six digits"
    field.set_fault("")
    assert field.note == "Six digits"


def test_nothing_is_chosen_until_the_nurse_chooses(qtbot: QtBot) -> None:
    field = ChoiceList("&Reason", REASONS)
    qtbot.addWidget(field)
    field.show()
    assert field.key is None
    with qtbot.waitSignal(field.changed):
        field.choose("ill")
    assert field.key == "ill"
    field.set_choices([*REASONS, Choice(key="new", words="Another")])
    assert field.key == "ill"
    field.choose(None)
    assert field.key is None


def test_arrows_and_first_letters_choose(qtbot: QtBot) -> None:
    field = ChoiceList("&Reason", REASONS)
    qtbot.addWidget(field)
    field.show()
    field.setFocus()
    QTest.keyClick(field.editor, Qt.Key.Key_Down)
    first = field.key
    QTest.keyClick(field.editor, Qt.Key.Key_F)
    assert (first, field.key) == ("no", "ill")


def test_space_and_click_mark_and_unmark(qtbot: QtBot) -> None:
    field = CheckList("&Regions", REASONS)
    qtbot.addWidget(field)
    field.show()
    marks = field.editor
    assert isinstance(marks, QListWidget)
    marks.setCurrentRow(0)
    QTest.keyClick(marks, Qt.Key.Key_Space)
    assert field.keys == {"no"}
    for number, wanted in ((1, {"no", "ill"}), (1, {"no"})):
        middle = marks.visualItemRect(marks.item(number)).center()
        with qtbot.waitSignal(field.changed):
            QTest.mouseClick(marks.viewport(), Qt.MouseButton.LeftButton, pos=middle)
        assert field.keys == wanted
        QTest.qWait(QApplication.doubleClickInterval() + 20)
    field.mark(["ill"])
    assert field.keys == {"ill"}


def test_options_wrap_instead_of_being_cut(qtbot: QtBot) -> None:
    long = Choice(key="long", words="Another reason, written in so many words that one line cannot hold them all")
    field = ChoiceList("&Reason", [long])
    qtbot.addWidget(field)
    field.resize(260, 200)
    field.show()
    marks = field.editor
    assert isinstance(marks, QListWidget)
    qtbot.waitUntil(lambda: marks.visualItemRect(marks.item(0)).height() > marks.fontMetrics().height() * 3)
    assert marks.verticalScrollBar().maximum() == 0


def test_a_secret_is_covered_until_asked_and_forgotten_when_told(qtbot: QtBot) -> None:
    field = PasswordField("&Password")
    qtbot.addWidget(field)
    field.show()
    line = field.editor
    assert isinstance(line, QLineEdit)
    QTest.keyClicks(line, "correct horse")
    assert line.echoMode() is QLineEdit.EchoMode.Password
    interface = QAccessible.queryAccessibleInterface(line)
    assert "correct" not in interface.text(QAccessible.Text.Value)
    eye = next(action for action in line.actions() if action.isCheckable())
    assert eye.text() == "Show password"
    eye.trigger()
    assert line.echoMode() is QLineEdit.EchoMode.Normal
    assert eye.text() == "Hide password"
    field.clear()
    assert line.echoMode() is QLineEdit.EchoMode.Password
    assert field.secret == ""


def test_enter_in_a_password_submits_it(qtbot: QtBot) -> None:
    field = PasswordField("&Password")
    qtbot.addWidget(field)
    with qtbot.waitSignal(field.submitted):
        QTest.keyClick(field.editor, Qt.Key.Key_Return)


def test_tab_leaves_notes(qtbot: QtBot) -> None:
    field = NotesField("&Notes")
    qtbot.addWidget(field)
    notes = field.editor
    assert isinstance(notes, QPlainTextEdit)
    assert notes.tabChangesFocus()
