"""Rows that are added one by one: Tab goes through them as the eye does, and back the same way."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QPushButton, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot
from tests.desktop.ui.dressed import bring_up

from wc_desktop.ui.views.entry_rows import WitnessRows

pytestmark = pytest.mark.gui


class Form:
    """Two rows of witnesses between two other fields."""

    def __init__(self, qtbot: QtBot) -> None:
        self.window = QWidget()
        qtbot.addWidget(self.window)
        self.before, self.after = QLineEdit(), QLineEdit()
        self.rows = WitnessRows()
        column = QVBoxLayout(self.window)
        for part in (self.before, self.rows, self.after):
            column.addWidget(part)
        QWidget.setTabOrder(self.before, self.rows.add_button)
        QWidget.setTabOrder(self.rows.add_button, self.after)
        bring_up(self.window)
        self.rows.add_button.click()
        self.rows.add_button.click()
        qtbot.waitUntil(lambda: all(row.isVisible() for row in self.rows.rows))

    @property
    def order(self) -> list[QWidget]:
        inside: list[QWidget] = []
        for row in self.rows.rows:
            editors = [field.editor for field in row.fields]
            inside += [*editors, *(found for found in row.findChildren(QPushButton))]
        return [self.before, *inside, self.rows.add_button, self.after]

    def walk(self, start: QWidget, key: Qt.Key, steps: int) -> list[QWidget | None]:
        start.setFocus()
        walked: list[QWidget | None] = [QApplication.focusWidget()]
        for _ in range(steps):
            QTest.keyClick(QApplication.focusWidget(), key)
            walked.append(QApplication.focusWidget())
        return walked


def test_tab_goes_through_every_row_and_then_to_the_button(qtbot: QtBot) -> None:
    form = Form(qtbot)
    assert form.walk(form.before, Qt.Key.Key_Tab, len(form.order) - 1) == form.order


def test_the_way_back_is_the_same(qtbot: QtBot) -> None:
    form = Form(qtbot)
    assert form.walk(form.after, Qt.Key.Key_Backtab, len(form.order) - 1) == form.order[::-1]


def test_asking_the_rows_for_the_focus_leads_to_the_button(qtbot: QtBot) -> None:
    form = Form(qtbot)
    form.rows.setFocus()
    assert QApplication.focusWidget() is form.rows.add_button
