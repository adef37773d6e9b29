"""The end of a day by keyboard, over a real workstation: said on the medication pass, answered until none is left."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot
from tests.desktop.actions.test_end_of_day import at, stored, with_two_for_sofia
from tests.desktop.actions.test_med_pass import with_bells
from tests.desktop.clinic import TODAY, Clinic, Rows
from tests.desktop.ui.access_keys import doubled_keys
from tests.desktop.ui.dressed import bring_up, dressed
from tests.desktop.ui.views.test_incidents_page import unnamed
from tests.fakes.pages_seam import ImmediateJobs

from wc_contract.model.instants import Instant
from wc_contract.model.values import DoseState
from wc_desktop.actions.desk import Desk
from wc_desktop.actions.log_dose import log_dose
from wc_desktop.app.pages import page_specs
from wc_desktop.domain.failures import DiskFull
from wc_desktop.domain.screens import DoseDraft, DueList
from wc_desktop.ui.theme.scheme import SchemeChoice
from wc_desktop.ui.viewmodels.end_of_day import DayTyped, EndOfDayVerbs
from wc_desktop.ui.viewmodels.session import Note, Session
from wc_desktop.ui.views.frame import Frame
from wc_desktop.ui.views.med_pass import MedPassPage

pytestmark = pytest.mark.gui
Key = Qt.Key


@pytest.fixture
def desk(open_desk: Callable[[Rows | None], Desk], clinic: Clinic) -> Desk:
    opened = open_desk(with_two_for_sofia())
    clinic.clock.at = at(15)
    return opened


@pytest.fixture
def session(desk: Desk) -> Iterator[Session]:
    made = Session(desk, ImmediateJobs())
    yield made
    made.deleteLater()


@pytest.fixture
def notes(session: Session) -> list[Note]:
    told: list[Note] = []
    session.note_wanted.connect(told.append)
    return told


def nothing_earlier(_desk: Desk, _back: int, when: Instant) -> DueList:
    return DueList(day=TODAY, at=when, rows=(), day_kind="HOLIDAY")


TODAY_ALONE = EndOfDayVerbs(earlier_day=nothing_earlier)


def shown(session: Session, qtbot: QtBot, verbs: EndOfDayVerbs = TODAY_ALONE) -> MedPassPage:
    page = MedPassPage(session, end_verbs=verbs)
    qtbot.addWidget(page)
    page.resize(1230, 650)
    bring_up(page)
    page.activate()
    return page


def opened(page: MedPassPage, qtbot: QtBot) -> None:
    QTest.keyClick(page.table.view, Key.Key_D)
    qtbot.waitUntil(page.end_sheet.which.editor.hasFocus)


def press(page: MedPassPage, letter: Key) -> None:
    """An access key of the sheet."""
    QTest.keyClick(page.end_sheet, letter, Qt.KeyboardModifier.AltModifier)


def save(page: MedPassPage) -> None:
    QTest.keyClick(page.end_sheet, Key.Key_Return, Qt.KeyboardModifier.ControlModifier)


def test_the_medication_pass_says_how_many_have_no_answer_once_the_day_is_over(
    session: Session, clinic: Clinic, qtbot: QtBot
) -> None:
    clinic.clock.at = at(14, 29)
    page = shown(session, qtbot)
    assert not page.unanswered.isVisible()
    assert not page.end_button.isVisible()
    clinic.clock.at = at(14, 31)
    session.minute_passed.emit(clinic.clock.at)
    assert page.unanswered.text == "6 doses of today have no answer."
    assert page.end_button.isVisible()


def test_every_open_dose_is_answered_by_keyboard_until_none_is_left(
    session: Session, desk: Desk, notes: list[Note], qtbot: QtBot
) -> None:
    page = shown(session, qtbot)
    opened(page, qtbot)
    sheet, model = page.end_sheet, page.end
    assert sheet.heading.text() == "6 doses are open · HADDAD, Omar · amoxicillin"
    # Omar: forgotten, with a reason.
    QTest.keyClick(sheet.which.editor, Key.Key_Tab)
    assert sheet.answer.editor.hasFocus()
    for _ in range(3):
        QTest.keyClick(sheet.answer.editor, Key.Key_Down)
    assert model.state is DoseState.MISSED
    assert sheet.step.text() == "Choose why, or type it."
    save(page)
    assert stored(desk) == []
    sheet.other.editor.setFocus()
    QTest.keyClicks(sheet.other.editor, "Fire drill at lunch")
    save(page)
    assert stored(desk) == [("MISSED", "Fire drill at lunch")]
    assert sheet.heading.text().startswith("5 doses are open · MARTÍNEZ, So")
    assert notes[-1].words == "Saved on this workstation: HADDAD, Omar. 5 doses are open."
    assert sheet.which.editor.hasFocus()
    # Sofia was not here: all three at once.
    assert model.line(model.chosen) == "MARTÍNEZ, Sofia · Gr 3 · Rm 5 · 08:30 amoxicillin 5 mg tablet"  # type: ignore[arg-type]
    QTest.keyClick(sheet.which.editor, Key.Key_Tab)
    QTest.keyClick(sheet.answer.editor, Key.Key_Down)
    assert sheet.others.text() == "The sa&me for 11:45 methylPHENIDATE, 14:00 amoxicillin"
    press(page, Key.Key_M)
    qtbot.waitUntil(sheet.others.isChecked)
    save(page)
    assert sheet.heading.text().startswith("2 doses are open · MARTÍNEZ, So")
    # Sonia had it at ten to twelve; nobody wrote it down.
    QTest.keyClick(sheet.which.editor, Key.Key_Tab)
    QTest.keyClick(sheet.answer.editor, Key.Key_End)
    QTest.keyClick(sheet.answer.editor, Key.Key_Up)
    assert model.state is DoseState.ADMINISTERED
    assert sheet.step.text() == "Type when it was given."
    sheet.moment.editor.setFocus()
    QTest.keyClicks(sheet.moment.editor, "1150")
    assert sheet._findings.isVisible()
    assert sheet.step.text() == "Choose why, or type it."
    sheet.why.editor.setFocus()
    QTest.keyClick(sheet.why.editor, Key.Key_Down)
    save(page)
    assert ("ADMINISTERED", "") in stored(desk)
    # Lee: home sent none.
    model.type(DayTyped(state=DoseState.NOT_AVAILABLE.value, choice="Home sent none"))
    save(page)
    qtbot.waitUntil(lambda: not sheet.isVisible())
    assert notes[-1].words == "Saved on this workstation. Every dose of today has an answer."
    assert not page.unanswered.isVisible()
    assert [state for state, _ in stored(desk)] == [
        "ABSENT", "ABSENT", "ABSENT", "ADMINISTERED", "MISSED", "NOT_AVAILABLE",
    ]  # fmt: skip


def test_with_nothing_open_it_says_so_and_asks_nothing(session: Session, desk: Desk, qtbot: QtBot) -> None:
    for row in shown(session, qtbot).end.open_slots:
        draft = DoseDraft(key=row.key, status=DoseState.ABSENT, administered_at=desk.clock.now())
        log_dose(desk, draft)
    page = shown(session, qtbot)
    assert page.unanswered.isHidden()
    QTest.keyClick(page.table.view, Key.Key_D)
    sheet = page.end_sheet
    qtbot.waitUntil(sheet.isVisible)
    assert sheet._none.isVisible()
    assert not sheet.which.isVisible()
    assert not sheet.action_button.isVisible()


def test_esc_keeps_what_was_typed_for_the_dose(session: Session, qtbot: QtBot) -> None:
    page = shown(session, qtbot)
    opened(page, qtbot)
    page.end.type(DayTyped(state=DoseState.MISSED.value, text="Fire drill"))
    QTest.keyClick(page.end_sheet, Key.Key_Escape)
    assert not page.end_sheet.isVisible()
    bring_up(page)
    opened(page, qtbot)
    assert page.end_sheet.other.text == "Fire drill"
    assert page.end_sheet.answer.key == "MISSED"


def test_what_could_not_be_saved_is_said_and_stays(session: Session, desk: Desk, qtbot: QtBot) -> None:
    def full(*_: object) -> tuple[()]:
        raise DiskFull("no room")

    page = shown(session, qtbot, replace(TODAY_ALONE, answer_slots=full))
    opened(page, qtbot)
    page.end.type(DayTyped(state=DoseState.MISSED.value, text="Fire drill"))
    save(page)
    assert page.end_sheet._failure.text.startswith("The disk is full")
    assert page.end_sheet.other.text == "Fire drill"
    assert page.end_sheet.action_button.isEnabled()
    assert stored(desk) == []


def test_an_answer_from_another_desk_takes_the_dose_off_the_open_sheet(
    session: Session, desk: Desk, qtbot: QtBot
) -> None:
    page = shown(session, qtbot)
    opened(page, qtbot)
    first = page.end.chosen
    assert first is not None
    log_dose(desk, DoseDraft(key=first.key, status=DoseState.ABSENT, administered_at=desk.clock.now()))
    session.changed("dose")
    assert page.end_sheet.heading.text().startswith("5 doses are open · MARTÍNEZ, So")
    assert page.end.chosen is not None
    assert page.end.chosen.key != first.key


def test_another_answer_forgets_the_reason_chosen_for_the_first(session: Session, qtbot: QtBot) -> None:
    page = shown(session, qtbot)
    opened(page, qtbot)
    page.end.type(DayTyped(state=DoseState.MISSED.value, choice="The child did not come"))
    page.end.type(DayTyped(state=DoseState.HELD.value, choice="The child did not come"))
    assert page.end.typed == DayTyped(state=DoseState.HELD.value)
    assert not page.end.can_save


def test_a_suggestion_is_still_said_by_a_person(session: Session, desk: Desk, clinic: Clinic, qtbot: QtBot) -> None:
    page = shown(session, qtbot)
    opened(page, qtbot)
    page.end.choose(page.end.open_slots[1].key)
    page.end.type(DayTyped(state=DoseState.ABSENT.value))
    save(page)
    assert page.end.state is DoseState.ABSENT
    assert len(stored(desk)) == 1
    clinic.clock.at += timedelta(hours=3)
    session.minute_passed.emit(clinic.clock.at)
    assert len(stored(desk)) == 1


def test_a_dose_of_friday_is_told_of_on_monday_with_its_reason(
    session: Session, desk: Desk, notes: list[Note], qtbot: QtBot
) -> None:
    page = shown(session, qtbot, EndOfDayVerbs())
    assert page.unanswered.text == "6 doses of today have no answer. 24 doses of earlier days have no answer."
    opened(page, qtbot)
    sheet = page.end_sheet
    assert [words for _, words in page.end.days][:2] == ["Today · 6", "Friday 20 November 2026 · 6"]
    press(page, Key.Key_D)
    qtbot.waitUntil(sheet.day.editor.hasFocus)
    QTest.keyClick(sheet.day.editor, Key.Key_Down)
    assert sheet.heading.text() == "6 doses of 20 Nov 2026 are open · HADDAD, Omar · amoxicillin"
    sheet.answer.choose("NOT_AVAILABLE")
    assert sheet.step.text() == "Choose why, or type it."
    sheet.why.choose("Home sent none")
    save(page)
    assert notes[-1].words == "Saved on this workstation: HADDAD, Omar. 5 doses of 20 Nov 2026 are open."
    assert stored(desk) == [("NOT_AVAILABLE", "Home sent none")]
    # Sofia had hers at ten to twelve: typed as it was on Friday's clock.
    page.end.choose(page.end.open_slots[1].key)
    sheet.answer.choose("ADMINISTERED")
    QTest.keyClicks(sheet.moment.editor, "1150")
    assert sheet.moment.value == "2026-11-20T17:50:00+00:00"
    assert sheet.step.text() == "Choose why, or type it."
    sheet.moment.set_value("2026-11-19T17:50:00+00:00")
    sheet.moment.changed.emit()
    assert sheet.step.text() == "Type a time of that day."


@pytest.mark.parametrize(
    ("scheme", "factor"),
    [(SchemeChoice.LIGHT, 1.0), (SchemeChoice.DARK, 2.0)],
    ids=["light", "dark at twice the size"],
)
def test_page_and_sheet_are_named_and_no_key_leads_to_two_places(
    session: Session, qtbot: QtBot, scheme: SchemeChoice, factor: float
) -> None:
    with dressed(scheme, factor):
        page = shown(session, qtbot)
        assert not unnamed(page)
        assert not doubled_keys(page)
        page.end_button.click()
        qtbot.waitUntil(page.end_sheet.isVisible)
        for state in (DoseState.ABSENT, DoseState.ADMINISTERED):
            page.end.choose(page.end.open_slots[1].key)
            page.end.type(DayTyped(state=state.value))
            assert not unnamed(page.end_sheet)
            assert not doubled_keys(page.end_sheet)


def test_with_twice_the_text_the_window_keeps_its_height(
    open_desk: Callable[[Rows | None], Desk], qtbot: QtBot
) -> None:
    session = Session(open_desk(with_bells()), ImmediateJobs())
    with dressed(SchemeChoice.LIGHT, 2.0):
        frame = Frame(session, page_specs())
        qtbot.addWidget(frame)
        frame.resize(1366, 768)
        bring_up(frame)
        page = frame.findChild(MedPassPage)
        assert page is not None
        assert page.periods.isVisible()
        qtbot.waitUntil(page.unanswered.isVisible)
        assert frame.height() == 768
        frame.close()
    session.deleteLater()
