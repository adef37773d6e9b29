"""A dose as needed by keyboard: from the medication pass, from a chart, offline, set aside and taken up again."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot
from tests.desktop.clinic import NOON, Rows, add_order, dose_row, small_school, uid
from tests.desktop.ui.access_keys import doubled_keys
from tests.fakes.pages_seam import ImmediateJobs

from wc_contract.model.ids import StudentId
from wc_contract.model.kinds import DOSE
from wc_desktop.actions.desk import Desk
from wc_desktop.domain.link_views import LinkState
from wc_desktop.ui.viewmodels.session import Note, Place, Session
from wc_desktop.ui.views.med_pass import MedPassPage
from wc_desktop.ui.views.page import Page
from wc_desktop.ui.views.prn_sheet import PrnSheet
from wc_desktop.ui.views.students import StudentsPage

SOFIA, LEE = StudentId(uid("sofia")), StudentId(uid("lee"))
Opener = Callable[[Rows | None], Desk]


def school(*, given_before: timedelta | None = None, orders: tuple[str, ...] = ("amoxicillin",)) -> Rows:
    rows = small_school()
    limits = {"min_interval_minutes": 240, "max_doses": 2, "max_period_minutes": 1440}
    for drug in orders:
        add_order(rows, f"sofia-{drug}", student="sofia", medication=drug, times=[], kind="PRN", limits=limits)
    if given_before is not None:
        at, drug = NOON - given_before, str(uid("amoxicillin"))
        rows["dose"].append(
            dose_row(rows, "before", order="sofia-amoxicillin", student="sofia", at=at, medication_id=drug)
        )
    return rows


def shown(page: Page, qtbot: QtBot) -> None:
    qtbot.addWidget(page)
    page.resize(1230, 650)
    with qtbot.waitExposed(page):
        page.show()
    page.activate()


@pytest.fixture
def notes() -> list[str]:
    return []


@pytest.fixture
def on_the_pass(open_desk: Opener, qtbot: QtBot, notes: list[str]) -> Callable[[Rows], tuple[Desk, PrnSheet]]:
    kept: list[object] = []

    def make(rows: Rows) -> tuple[Desk, PrnSheet]:
        desk = open_desk(rows)
        desk.link = replace(desk.link, state=LinkState.ONLINE)
        session = Session(desk, ImmediateJobs())

        def keep(note: Note) -> None:
            notes.append(note.words)

        session.note_wanted.connect(keep)
        page = MedPassPage(session)
        kept.extend((session, page))
        shown(page, qtbot)
        QTest.keyClick(page.table.view, Qt.Key.Key_P)
        return desk, page.as_needed

    return make


Pass = Callable[[Rows], tuple[Desk, PrnSheet]]


def press(widget: QWidget, key: Qt.Key) -> None:
    QTest.keyClick(widget, key)


def find(sheet: PrnSheet, text: str, qtbot: QtBot) -> None:
    QTest.keyClicks(sheet.picker.search, text)
    qtbot.waitUntil(sheet.picker.table.isVisible)
    press(sheet.picker.search, Qt.Key.Key_Return)
    press(sheet.picker.table.view, Qt.Key.Key_Return)


def given(desk: Desk) -> list[str]:
    rows = desk.records.where(DOSE, "student_id", [str(SOFIA)])
    return [str(row["reason"]) for row in rows if row["device_id"] == str(desk.device_id)]


def said(sheet: PrnSheet) -> str:
    return " ".join(finding.words for finding in sheet.model.findings)


def test_from_the_pass_a_child_is_found_and_the_dose_given_by_keyboard(
    on_the_pass: Pass, qtbot: QtBot, notes: list[str]
) -> None:
    desk, sheet = on_the_pass(school())
    assert sheet.isVisible()
    find(sheet, "sofia", qtbot)
    assert sheet.orders.key is not None, "the one order is chosen by itself"
    assert not sheet.action_button.isEnabled()
    assert sheet.step.text() == "Choose why, or type the signs."
    assert sheet.heading.text() == "Give as needed: MARTÍNEZ, Sofia · amoxicillin"
    assert sheet.windowTitle() == "Give as needed"
    press(sheet.why.editor, Qt.Key.Key_Down)
    QTest.keyClicks(sheet.signs.editor, "left ear, since nine")
    press(sheet.signs.editor, Qt.Key.Key_Return)
    assert given(desk) == ["Headache: left ear, since nine"]
    assert not sheet.isVisible()
    assert notes[-1].startswith("Saved on this workstation: MARTÍNEZ, Sofia, amoxicillin given. See whether it helped")
    assert "from 12:20 to 12:50" in notes[-1]


def test_what_is_left_of_the_limits_stands_in_the_list_and_too_soon_asks_why(on_the_pass: Pass, qtbot: QtBot) -> None:
    desk, sheet = on_the_pass(school(given_before=timedelta(hours=3)))
    find(sheet, "sofia", qtbot)
    line = sheet.model.orders[0]
    assert (line.given, line.maximum) == (1, 2)
    labels = sheet.orders.editor.findItems("again from 12:50", Qt.MatchFlag.MatchContains)  # type: ignore[attr-defined]
    assert [item.text().endswith("1 of 2 given in 24 h") for item in labels] == [True]
    QTest.keyClicks(sheet.signs.editor, "earache")
    assert sheet.step.text() == "Say why you go on all the same."
    press(sheet.signs.editor, Qt.Key.Key_Return)
    assert given(desk) == []
    QTest.keyClicks(sheet.override.editor, "Dr. Vance by phone")
    press(sheet.override.editor, Qt.Key.Key_Return)
    assert given(desk) == ["earache"]


def test_offline_it_says_since_when_others_are_out_of_sight_and_asks_whom_she_asked(
    on_the_pass: Pass, qtbot: QtBot
) -> None:
    desk, sheet = on_the_pass(school(given_before=timedelta(hours=5)))
    desk.link = replace(desk.link, state=LinkState.OFFLINE, since=NOON - timedelta(minutes=68))
    find(sheet, "sofia", qtbot)
    assert "What other workstations gave since 10:42 is not visible." in said(sheet)
    QTest.keyClicks(sheet.signs.editor, "earache")
    assert sheet.aloud.isVisible()
    assert sheet.step.text() == "Ask aloud, and type whom you asked."
    QTest.keyClicks(sheet.aloud.editor, "Bo Lind")
    press(sheet.aloud.editor, Qt.Key.Key_Return)
    assert given(desk) == ["earache"]


def test_a_rescue_medicine_needs_no_word(on_the_pass: Pass, qtbot: QtBot) -> None:
    desk, sheet = on_the_pass(school(orders=("albuterol",)))
    find(sheet, "sofia", qtbot)
    assert sheet.action_button.isEnabled()
    press(sheet.why.editor, Qt.Key.Key_Return)
    assert given(desk) == ["None"]


def test_of_two_orders_one_is_chosen_and_another_amount_is_judged_anew(on_the_pass: Pass, qtbot: QtBot) -> None:
    _desk, sheet = on_the_pass(school(orders=("amoxicillin", "albuterol")))
    find(sheet, "sofia", qtbot)
    assert sheet.step.text() == "Choose the medicine."
    press(sheet.orders.editor, Qt.Key.Key_Down)
    press(sheet.orders.editor, Qt.Key.Key_Down)
    assert sheet.amount.text == "5"
    sheet.amount.set_text("2.5")
    assert "2.5 mg" in said(sheet)
    sheet.amount.set_text("a half")
    assert sheet.step.text() == "Type the amount as a number, like 2.5."


def test_a_dose_of_earlier_is_entered_late_with_a_reason(on_the_pass: Pass, qtbot: QtBot, notes: list[str]) -> None:
    desk, sheet = on_the_pass(school())
    find(sheet, "sofia", qtbot)
    QTest.keyClicks(sheet.signs.editor, "earache")
    QTest.keyClicks(sheet.moment.editor, "half past")
    assert sheet.step.text() == "Type when it was given."
    sheet.moment.editor.clear()  # type: ignore[attr-defined]
    QTest.keyClicks(sheet.moment.editor, "yesterday 11:45")
    assert sheet.step.text() == "Say why you go on all the same."
    QTest.keyClicks(sheet.override.editor, "Written on paper first")
    press(sheet.override.editor, Qt.Key.Key_Return)
    [dose] = [r for r in desk.records.where(DOSE, "student_id", [str(SOFIA)]) if r["device_id"] == str(desk.device_id)]
    assert (dose["local_date"], dose["administered_at"]) == ("2026-11-22", "2026-11-22T17:45:00+00:00")
    assert "Written on paper first" in str(dose["overrides"])
    assert notes[-1] == "Saved on this workstation: MARTÍNEZ, Sofia, amoxicillin given."


def test_esc_sets_aside_and_everything_is_there_again(on_the_pass: Pass, qtbot: QtBot) -> None:
    _desk, sheet = on_the_pass(school())
    find(sheet, "sofia", qtbot)
    QTest.keyClicks(sheet.signs.editor, "earache")
    press(sheet.signs.editor, Qt.Key.Key_Escape)
    assert not sheet.isVisible()
    sheet.ask()
    assert (sheet.signs.text, sheet.model.typed.signs) == ("earache", "earache")
    sheet.picker.change.click()
    assert sheet.picker.search.isVisible()
    assert sheet.model.typed.signs == ""


def test_a_child_without_an_order_gets_none(on_the_pass: Pass, qtbot: QtBot) -> None:
    _desk, sheet = on_the_pass(school())
    find(sheet, "lee oka", qtbot)
    assert sheet.step.text() == "Without an order nothing can be given as needed."
    assert not sheet.action_button.isEnabled()


def test_a_dose_of_somebody_else_that_comes_in_meanwhile_is_taken_up(on_the_pass: Pass, qtbot: QtBot) -> None:
    desk, sheet = on_the_pass(school())
    find(sheet, "sofia", qtbot)
    QTest.keyClicks(sheet.signs.editor, "earache")
    draft = sheet.model._draft()
    assert draft is not None
    sheet.model._verbs.log_prn(desk, draft)
    sheet.model._session.changed(DOSE.name)
    assert sheet.step.text() == "Say why you go on all the same."
    assert sheet.signs.text == "earache"


def test_from_a_chart_it_opens_for_that_child(open_desk: Opener, qtbot: QtBot) -> None:
    desk = open_desk(school())
    desk.link = replace(desk.link, state=LinkState.ONLINE)
    page = StudentsPage(Session(desk, ImmediateJobs()))
    shown(page, qtbot)
    page.open_place(Place(section="students", student=SOFIA))
    assert doubled_keys(page.chart) == []
    press(page.chart.tabs, Qt.Key.Key_P)
    sheet = page.chart.findChild(PrnSheet)
    assert sheet is not None
    assert sheet.isVisible()
    assert doubled_keys(sheet) == []
    assert sheet.model.child is not None
    assert sheet.model.child.id == SOFIA
    QTest.keyClicks(sheet.signs.editor, "earache")
    press(sheet.signs.editor, Qt.Key.Key_Return)
    assert given(desk) == ["earache"]
    assert page.chart.tables["doses"].view.model().rowCount() == 1
