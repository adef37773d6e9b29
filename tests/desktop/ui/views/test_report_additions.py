"""Adding to a signed report by keyboard, over a real workstation; and what is said when a check falls due."""

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot
from tests.desktop.actions.test_added_to_report import MOTHER, family, hurt
from tests.desktop.clinic import Clinic, Rows
from tests.desktop.ui.access_keys import doubled_keys
from tests.desktop.ui.dressed import bring_up, dressed
from tests.desktop.ui.views.test_incidents_page import unnamed
from tests.fakes.pages_seam import ImmediateJobs

from wc_contract.model.ids import IncidentId
from wc_desktop.actions.desk import Desk
from wc_desktop.actions.read_report import report_again
from wc_desktop.domain.failures import DiskFull
from wc_desktop.ui.theme.scheme import SchemeChoice
from wc_desktop.ui.viewmodels.head_watch import HeadWatch
from wc_desktop.ui.viewmodels.incident_report import ReportVerbs
from wc_desktop.ui.viewmodels.session import Note, Place, Session
from wc_desktop.ui.views.incidents import IncidentsPage

ENTER, CONTROL = Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def desk(open_desk: Callable[[Rows | None], Desk]) -> Desk:
    return open_desk(family())


@pytest.fixture
def session(desk: Desk) -> Iterator[Session]:
    made = Session(desk, ImmediateJobs())
    yield made
    made.deleteLater()


def opened(session: Session, incident: IncidentId, qtbot: QtBot, **verbs: Callable[..., None]) -> IncidentsPage:
    page = IncidentsPage(session, report_verbs=ReportVerbs(**verbs))
    qtbot.addWidget(page)
    page.resize(1230, 650)
    bring_up(page)
    page.activate()
    page.open_place(Place(section="incidents", incident=incident))
    assert page.shows_report
    return page


def facts(page: IncidentsPage) -> dict[str, str]:
    return dict(page.report_model.facts())


def test_a_check_with_a_danger_sign_is_written_down_by_keyboard(session: Session, desk: Desk, qtbot: QtBot) -> None:
    page = opened(session, hurt(desk), qtbot)
    view = page.report
    assert view._watch.text.startswith("Check the child now.")
    view.check_button.setFocus()
    QTest.keyClick(view.check_button, Qt.Key.Key_Space)
    sheet = view.check_sheet
    qtbot.waitUntil(sheet.isVisible)
    assert not sheet.action_button.isEnabled()
    assert sheet.step.text() == "Mark what you see, or that there is nothing."
    qtbot.waitUntil(sheet.dangers.editor.hasFocus)
    QTest.keyClick(sheet.dangers.editor, Qt.Key.Key_Down)
    QTest.keyClick(sheet.dangers.editor, Qt.Key.Key_Space)
    qtbot.waitUntil(sheet._alarm.isVisible)
    QTest.keyClick(sheet.note.editor, ENTER, CONTROL)
    qtbot.waitUntil(lambda: not sheet.isVisible())
    [made] = report_again(desk, page.report_model.report.row.id).checks  # type: ignore[union-attr]
    assert made.red_flag
    assert "DANGER SIGN" in facts(page)["Checks"]
    assert view._watch.text.startswith("Next check at 12:05.")
    assert not sheet.dangers.keys, "the next check begins empty"


def test_nothing_and_something_are_not_said_together(session: Session, desk: Desk, qtbot: QtBot) -> None:
    page = opened(session, hurt(desk), qtbot)
    page.report.check_button.click()
    sheet = page.report.check_sheet
    sheet.nothing.setChecked(True)
    assert sheet.action_button.isEnabled()
    sheet.symptoms.mark(("HEADACHE",))
    assert sheet.step.text() == "There is something, or nothing: not both."
    assert not sheet.action_button.isEnabled()


def test_a_call_a_statement_a_plan_and_words_are_added_and_shown(session: Session, desk: Desk, qtbot: QtBot) -> None:
    page = opened(session, hurt(desk), qtbot)
    view = page.report
    view.call_button.click()
    view.call_sheet.contact.choose(str(MOTHER))
    view.call_sheet.method.choose("PHONE")
    view.call_sheet.outcome.choose("REACHED")
    view.call_sheet.action_button.click()
    view.statement_button.click()
    view.statement_sheet.name.set_text("Pat Lowe")
    view.statement_sheet.words.set_text("Saw it.")
    view.statement_sheet.action_button.click()
    assert not view.done_button.isVisibleTo(view)
    view.plan_button.click()
    view.plan_sheet.action.set_text("Call in the evening")
    QTest.keyClicks(view.plan_sheet.day.editor, "+1")
    view.plan_sheet.action_button.click()
    view.addendum_button.click()
    view.addendum_sheet.words.set_text("The post was wet.")
    view.addendum_sheet.action_button.click()
    said = facts(page)
    assert (
        said["Contact with the family"].splitlines()[1].endswith("Elena Martínez · By telephone · Reached · Ana Reyes")
    )
    assert said["Witnesses"].endswith("Pat Lowe · Saw it.")
    assert said["Follow-up"].startswith("Call in the evening · open, due 24 Nov 2026")
    assert said["Added since"].endswith("The post was wet.")
    view.done_button.click()
    assert view.done_sheet.action_button.isEnabled(), "the only one is chosen"
    view.done_sheet.action_button.click()
    assert facts(page)["Follow-up"].startswith("Call in the evening · done 23 Nov 2026")


def test_what_could_not_be_saved_is_said_on_the_sheet_and_stays(session: Session, desk: Desk, qtbot: QtBot) -> None:
    def full(*_: object) -> None:
        raise DiskFull("no room")

    page = opened(session, hurt(desk), qtbot, add_to_report=full)
    page.report.addendum_button.click()
    sheet = page.report.addendum_sheet
    sheet.words.set_text("The post was wet.")
    sheet.action_button.click()
    assert sheet.isVisible()
    assert sheet._failure.text.startswith("The disk is full")
    assert sheet.words.text == "The post was wet."
    assert sheet.action_button.isEnabled(), "it can be tried again"


def test_esc_keeps_what_was_typed_for_this_report_and_no_other(session: Session, desk: Desk, qtbot: QtBot) -> None:
    first, second = hurt(desk), hurt(desk)
    page = opened(session, first, qtbot)
    page.report.addendum_button.click()
    sheet = page.report.addendum_sheet
    sheet.words.set_text("half a sen")
    QTest.keyClick(sheet, Qt.Key.Key_Escape)
    assert not sheet.isVisible()
    page.report.addendum_button.click()
    assert sheet.words.text == "half a sen"
    QTest.keyClick(sheet, Qt.Key.Key_Escape)
    page.open_place(Place(section="incidents", incident=second))
    page.report.addendum_button.click()
    assert sheet.words.text == ""


def test_a_check_that_falls_due_is_said_once_on_every_screen(
    session: Session, desk: Desk, clinic: Clinic, qtbot: QtBot
) -> None:
    del qtbot
    said: list[Note] = []
    session.note_wanted.connect(said.append)
    watch = HeadWatch(session)
    hurt(desk)
    watch.look()
    watch.look()
    assert [note.words for note in said] == ["Head injury: MARTÍNEZ, Sofia is to be checked now."]
    assert said[0].urgent
    clinic.clock.at += timedelta(minutes=1)
    session.minute_passed.emit(clinic.clock.at)
    assert len(said) == 1


@pytest.mark.parametrize(
    ("scheme", "factor"),
    [(SchemeChoice.LIGHT, 1.0), (SchemeChoice.DARK, 2.0)],
    ids=["light", "dark at twice the size"],
)
def test_report_and_sheets_are_named_and_no_key_leads_to_two_places(
    session: Session, desk: Desk, qtbot: QtBot, scheme: SchemeChoice, factor: float
) -> None:
    with dressed(scheme, factor):
        page = opened(session, hurt(desk), qtbot)
        assert not unnamed(page)
        assert not doubled_keys(page.report)
        for sheet, button in page.report.sheets:
            if button.isVisibleTo(page.report):
                button.click()
                qtbot.waitUntil(sheet.isVisible)
                assert not unnamed(sheet)
                assert not doubled_keys(sheet)
                assert sheet.inside.width() <= sheet.area.viewport().width(), "nothing is cut at the side"
                sheet.hide()
