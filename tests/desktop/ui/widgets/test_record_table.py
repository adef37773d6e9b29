"""The list is worked by keyboard and keeps its place."""

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtTest import QSignalSpy, QTest
from PySide6.QtWidgets import QLineEdit, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot
from tests.desktop.ui.dressed import dressed
from tests.desktop.ui.rows import due_row

from wc_desktop.ui.models.due_rows import DueTableModel
from wc_desktop.ui.theme.cells import Widths
from wc_desktop.ui.widgets.column_widths import shared_widths
from wc_desktop.ui.widgets.record_table import RecordTable


class Stage:
    """A table between two fields, with its model."""

    def __init__(self) -> None:
        self.window = QWidget()
        self.model = DueTableModel(self.window)
        self.model.reset_rows([due_row(number, student=f"SURNAME{number}, Given") for number in range(30)])
        self.before, self.after = QLineEdit(), QLineEdit()
        self.table = RecordTable("Doses due today", self.model)
        column = QVBoxLayout(self.window)
        for widget in (self.before, self.table, self.after):
            column.addWidget(widget)
        self.refusals = 0

    def refuse(self) -> None:
        self.refusals += 1


@pytest.fixture
def stage(qtbot: QtBot) -> Iterator[Stage]:
    with dressed():
        made = Stage()
        qtbot.addWidget(made.window)
        made.window.resize(900, 500)
        made.window.show()
        made.window.activateWindow()
        QTest.qWaitForWindowActive(made.window)
        yield made


def test_the_first_row_is_chosen_when_the_list_gets_the_focus(stage: Stage) -> None:
    stage.before.setFocus()
    QTest.keyClick(stage.before, Qt.Key.Key_Tab)
    assert stage.table.view.hasFocus()
    assert stage.table.current_key == 0
    assert stage.table.is_ringed


def test_tab_is_not_trapped(stage: Stage) -> None:
    stage.table.setFocus()
    QTest.keyClick(stage.table.view, Qt.Key.Key_Tab)
    assert stage.after.hasFocus()
    assert not stage.table.is_ringed


def test_arrows_choose_and_enter_activates(stage: Stage) -> None:
    chosen, activated = QSignalSpy(stage.table.row_chosen), QSignalSpy(stage.table.row_activated)
    stage.table.setFocus()
    QTest.keyClick(stage.table.view, Qt.Key.Key_Down)
    QTest.keyClick(stage.table.view, Qt.Key.Key_Return)
    assert chosen.at(chosen.count() - 1)[0] == 1
    assert activated.at(0)[0] == 1
    assert stage.table.current_row == stage.model.row_at(1)


def test_a_letter_is_a_command_and_never_a_jump(stage: Stage) -> None:
    stage.table.add_key("R", stage.refuse)
    stage.table.setFocus()
    QTest.keyClick(stage.table.view, Qt.Key.Key_R)
    QTest.keyClick(stage.table.view, Qt.Key.Key_S)
    assert stage.refusals == 1
    assert stage.table.current_key == 0


def test_a_command_letter_is_typed_elsewhere(stage: Stage) -> None:
    stage.table.add_key("R", stage.refuse)
    stage.before.setFocus()
    QTest.keyClick(stage.before, Qt.Key.Key_R)
    assert stage.before.text() == "r"
    assert stage.refusals == 0


def test_an_update_keeps_the_chosen_child(stage: Stage) -> None:
    stage.table.setFocus()
    assert stage.table.choose_key(7)
    rows = [row for row in stage.model.rows if row.key not in (2, 3)]
    stage.model.update_rows([due_row(99), *rows])
    assert stage.table.current_key == 7
    assert stage.table.view.selectionModel().selectedRows()[0].row() == 6
    assert not stage.table.choose_key(1234)


def test_rows_taken_away_leave_every_row_at_its_height(qtbot: QtBot, stage: Stage) -> None:
    stage.model.reset_rows([due_row(number) for number in range(120)])
    stage.model.update_rows([row for row in stage.model.rows if int(str(row.key)) > 100])
    height = stage.table.view.rowHeight(0)
    qtbot.waitUntil(lambda: all(stage.table.view.rowHeight(row) == height for row in range(19)))


def test_a_far_row_can_be_chosen_before_all_rows_are_measured(stage: Stage) -> None:
    stage.model.reset_rows([due_row(number) for number in range(200)])
    stage.table.choose_row(180)
    view = stage.table.view
    assert view.viewport().rect().contains(view.visualRect(stage.model.index(180, 0)).center())


def test_the_table_and_its_cells_are_named_for_a_screen_reader(stage: Stage) -> None:
    interface = QAccessible.queryAccessibleInterface(stage.table.view)
    assert interface.text(QAccessible.Text.Name) == "Doses due today"
    assert interface.role() is QAccessible.Role.Table
    # The headings come first, then the cells, row by row.
    said = [interface.child(at).text(QAccessible.Text.Name) for at in range(12)]
    assert "Time" in said
    assert "11:15, 33 min late, Overdue, SURNAME0, Given" in said
    assert "Allergy" in said


def test_columns_fill_the_width_or_keep_their_least() -> None:
    wishes = [Widths(least=50, usual=100), Widths(least=100, usual=200, share=1)]
    assert shared_widths(wishes, 500, 1.0) == [100, 400]
    assert shared_widths(wishes, 300, 1.0) == [100, 200]
    assert sum(shared_widths(wishes, 200, 1.0)) == 200
    assert shared_widths(wishes, 90, 1.0) == [50, 100]
    assert shared_widths(wishes, 90, 2.0) == [100, 200]
    assert shared_widths([], 90, 1.0) == []
