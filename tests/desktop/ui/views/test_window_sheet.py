"""A sheet over its window: whole when it opens, in the middle, and still until it was painted."""

from collections.abc import Iterator

import pytest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot
from tests.desktop.ui.dressed import bring_up, dressed

from wc_desktop.ui.views.report_sheet import ReportSheet
from wc_desktop.ui.widgets.labels import TextLabel

pytestmark = pytest.mark.gui


@pytest.fixture(params=[1.0, 1.5])
def sheet(qtbot: QtBot, request: pytest.FixtureRequest) -> Iterator[ReportSheet]:
    with dressed(factor=request.param):
        window = QWidget()
        qtbot.addWidget(window)
        window.resize(1366, 1000)
        bring_up(window)
        made = ReportSheet("White Cross 1.0\nRuntimeError\n  frame.py:12 show", window)
        yield made
        made.hide()


def test_a_sheet_opens_as_high_as_what_it_holds_in_the_middle_of_its_window(sheet: ReportSheet, qtbot: QtBot) -> None:
    sheet.open()
    asked = sheet.geometry()
    qtbot.waitUntil(lambda: sheet._painted)
    assert sheet.area.verticalScrollBar().maximum() == 0
    assert sheet.geometry() == asked, "it was moved or resized after it was shown"
    window = sheet.parentWidget()
    assert (sheet.geometry().center() - window.geometry().center()).manhattanLength() <= 2


def test_a_sheet_that_is_not_painted_yet_keeps_still_and_then_takes_its_height(
    sheet: ReportSheet, qtbot: QtBot
) -> None:
    sheet.open()
    before = sheet.geometry()
    sheet.body.addWidget(TextLabel("Two more lines,\nwhich came late.", parent=sheet))
    sheet._fit()
    assert sheet.geometry() == before
    bar = sheet.area.verticalScrollBar()
    qtbot.waitUntil(lambda: sheet.height() > before.height() and bar.maximum() == 0)
