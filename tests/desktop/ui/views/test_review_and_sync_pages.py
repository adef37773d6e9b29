"""Review and sync on the screen: what is listed, what is said, and that every button does something."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot
from tests.desktop.ui.access_keys import doubled_keys
from tests.desktop.ui.contrast import strongest_against_ground
from tests.desktop.ui.dressed import dressed
from tests.fakes.pages_seam import (
    NOON,
    NURSE,
    CaseDesk,
    case,
    child,
    dose,
    fresh_uuid,
    journal_row,
    make_session,
    sync_state,
)

from wc_contract.model.ids import EntryId, IncidentId
from wc_contract.model.quantity import Quantity
from wc_contract.model.values import CaseResolution, DoseState, Role
from wc_contract.rules.answering import resolutions_of
from wc_desktop.domain.case_views import CaseRow, Hindrance, SideRow
from wc_desktop.domain.failures import DiskFull, EmergencyCardOff, SecondFactorFailed
from wc_desktop.domain.link_views import EntryText, RefusedDose, SyncState
from wc_desktop.domain.screens import DoseCorrection, Obstacle, PersonRow
from wc_desktop.ui.theme.scheme import SchemeChoice
from wc_desktop.ui.viewmodels.entry_words import answer_words, why_words
from wc_desktop.ui.viewmodels.record_words import verb_words
from wc_desktop.ui.viewmodels.session import Note, Place
from wc_desktop.ui.viewmodels.sync_screen import SyncVerbs
from wc_desktop.ui.views.review import AnswerButton, ReviewPage
from wc_desktop.ui.views.sync import SyncPage

pytestmark = pytest.mark.usefixtures("qapp")


def review_page(qtbot: QtBot, *cases: CaseRow) -> tuple[ReviewPage, CaseDesk, list[Note]]:
    desk = CaseDesk(*cases)
    session = make_session()
    told: list[Note] = []
    session.note_wanted.connect(told.append)
    page = ReviewPage(session, desk.verbs)
    qtbot.addWidget(page)
    page.resize(1230, 650)
    with qtbot.waitExposed(page):
        page.show()
    page.activate()
    return page, desk, told


def double(**more: Any) -> CaseRow:
    """A possible double dose of two other nurses, with the answers that fit it."""
    one = case(child("Okafor", "Adaeze"), dose(author="Ana Ruiz"), dose(NOON, author="Bo Lind", device_is_this=False))
    return replace(one, **{"answers": resolutions_of(one.kind), **more})


def conflict() -> CaseRow:
    sides = tuple(
        SideRow(
            record_kind="emergency_contact",
            record_id=fresh_uuid(),
            values={"phone": phone, "may_pick_up": may, "custody_note": None},
            stands=stands,
            author=author,
            authored_at=NOON,
        )
        for phone, may, stands, author in (("555-0117", True, True, "Ana Ruiz"), ("555-0199", False, False, ""))
    )
    found = case(child())
    return replace(
        found, kind="field_conflict", medication_name=None, sides=sides, answers=resolutions_of("field_conflict")
    )


def buttons(page: ReviewPage) -> list[str]:
    return [button.text() for button in page.case.findChildren(QPushButton) if button.isVisible()]


def test_the_arrow_walks_the_cases_and_the_case_follows(qtbot: QtBot) -> None:
    first = case(child(), dose(), dose(NOON, author="Ana Ruiz"))
    page, desk, _ = review_page(qtbot, first, case(child("Okafor", "Adaeze"), dose(), dose(NOON)))
    assert page.case._child.text() == "MARTINEZ, Sofia"
    QTest.keyClick(page.table.view, Qt.Key.Key_Down)
    assert page.case._child.text() == "OKAFOR, Adaeze"
    assert page.table.view.accessibleName() == "Open review cases"
    QTest.keyClick(page.table.view, Qt.Key.Key_Up)
    assert desk.looked == [one.id for one in desk.cases], "each look is on record, once while the screen is open"


def test_a_case_that_moves_up_while_another_screen_is_shown_is_not_on_record_as_looked_at(qtbot: QtBot) -> None:
    first, second = case(child(), dose(), dose(NOON)), case(child("Okafor", "Adaeze"), dose(), dose(NOON))
    page, desk, _ = review_page(qtbot, first)
    page.deactivate()
    page.hide()
    desk.cases = [second]
    page.session.changed("review_case")
    assert page.case._child.text() == "OKAFOR, Adaeze"
    assert desk.looked == [first.id]
    page.show()
    page.activate()
    assert desk.looked == [first.id, second.id]


def test_who_wrote_an_entry_is_told_why_there_is_no_button(qtbot: QtBot) -> None:
    page, _, _ = review_page(qtbot, double(hindrance=Hindrance.AUTHOR))
    assert buttons(page) == []
    assert page.case.hindrance.isVisible()
    assert page.case.hindrance.text == "You wrote one of these entries; another nurse or a supervisor decides."


def test_a_double_dose_is_answered_by_keyboard_with_which_entry_stands_and_how_one_knows(qtbot: QtBot) -> None:
    page, desk, told = review_page(qtbot, double())
    assert buttons(page) == ["&Both were given", "&One dose, written twice", "&Two times of the day"]
    assert doubled_keys(page) == []
    page.case._buttons[1].click()
    sheet = page.sheet
    assert sheet.isVisible()
    assert doubled_keys(sheet) == []
    assert not sheet.action_button.isEnabled()
    assert sheet.step.text() == "Choose the entry that stands."
    QTest.keyClick(sheet.which.editor, Qt.Key.Key_Down)
    assert sheet.step.text() == "Say how you know."
    QTest.keyClicks(sheet.note.editor, "Counted the tablets")
    desk.refuses_with = DiskFull("no room")
    sheet.action_button.click()
    assert sheet.isVisible()
    assert sheet.note.text == "Counted the tablets", "what was typed stays"
    desk.refuses_with = None
    QTest.keyClick(sheet, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    [decision] = desk.decided
    assert decision.resolution is CaseResolution.DUPLICATE_RECORD
    assert decision.note == "Counted the tablets"
    assert decision.keep is not None
    assert sheet.isHidden()
    assert page.empty.isVisible(), "the case has left the list"
    assert told[-1].words == "Answered: One dose, written down twice. methylPHENIDATE may be given again."


def test_given_twice_goes_on_to_the_report_of_the_error(qtbot: QtBot) -> None:
    page, desk, _ = review_page(qtbot, double())
    wanted: list[Place] = []
    page.session.place_wanted.connect(wanted.append)
    page.case._buttons[0].click()
    page.sheet.note.set_text("Asked both nurses")
    page.sheet.action_button.click()
    assert [one.resolution for one in desk.decided] == [CaseResolution.BOTH_GIVEN]
    [place] = wanted
    assert (place.section, place.new) == ("incidents", True)


def test_two_versions_of_a_record_stand_side_by_side_in_words(qtbot: QtBot) -> None:
    page, desk, _ = review_page(qtbot, conflict())
    shown = [dict(side.facts) | {"heading": side.heading} for side in page.model.sides(desk.cases[0])]
    assert [one["heading"] for one in shown] == ["What stands now", "The other version"]
    assert [one["Phone"] for one in shown] == ["555-0117", "555-0199"]
    assert [one["May pick up the child"] for one in shown] == ["yes", "no"]
    assert [one["Custody note"] for one in shown] == ["empty", "empty"]
    assert [one["Who"] for one in shown] == ["Ana Ruiz", "What the record said before"]
    assert buttons(page) == ["&Keep what stands", "&Take the other version"]
    page.case._buttons[1].click()
    assert page.sheet.action_button.isEnabled(), "a note is not asked for"
    assert page.sheet.which.isHidden()
    page.sheet.action_button.click()
    assert [one.resolution for one in desk.decided] == [CaseResolution.TOOK_OTHER]


def test_who_it_was_is_said_with_the_answer_and_may_be_left_open(qtbot: QtBot) -> None:
    unnamed = replace(
        case(child()), student=None, kind="unauthorised_period", answers=(CaseResolution.REVIEWED,), asks_child=True
    )
    page, desk, _ = review_page(qtbot, unnamed)
    assert buttons(page) == ["&Answer, and say who it was"]
    page.case.findChildren(AnswerButton)[0].click()
    sheet = page.sheet
    assert sheet.child.isVisible()
    assert doubled_keys(sheet) == []
    assert sheet.action_button.isEnabled(), "nobody may know who it was"
    omar = child("Haddad", "Omar")
    sheet.child.child_chosen.emit(omar)
    sheet.action_button.click()
    assert [decision.child for decision in desk.decided] == [omar.id]


@pytest.mark.parametrize(("scheme", "factor"), [(SchemeChoice.LIGHT, 1.0), (SchemeChoice.DARK, 1.0), (None, 2.0)])
def test_answers_and_sheets_are_whole_in_both_schemes_and_at_double_size(
    qtbot: QtBot, scheme: SchemeChoice | None, factor: float
) -> None:
    with dressed(scheme or SchemeChoice.LIGHT, factor):
        page, _, _ = review_page(qtbot, double(), conflict())
        row = page.case.answers
        for button in page.case._buttons:
            place = QRect(button.mapTo(row, QPoint(0, 0)), button.size())
            assert row.rect().contains(place), "a button stands out of its row"
            assert button.width() >= button.sizeHint().width(), "a button's words are cut"
        assert strongest_against_ground(page.case._buttons[0].grab().toImage()) >= 4.5
        page.resize(620, 650)
        qtbot.waitUntil(lambda: page.case.answers.is_stacked)
        page.resize(1230, 650)
        page.case._buttons[1].click()
        assert page.sheet.action_button.isVisible()
        assert strongest_against_ground(page.sheet.which.grab().toImage()) >= 4.5
        page.sheet.hide()


def test_without_cases_the_screen_says_so(qtbot: QtBot) -> None:
    page, _, _ = review_page(qtbot)
    assert page.empty.isVisible()


def sync_page(qtbot: QtBot, state: SyncState) -> tuple[SyncPage, list[str]]:
    done: list[str] = []

    def read(_desk: object) -> SyncState:
        return state

    def verify(_desk: object) -> SyncState:
        done.append("verified")
        return state

    session = make_session()

    def on_sync_wanted() -> None:
        done.append("sync")

    session.sync_now_wanted.connect(on_sync_wanted)
    page = SyncPage(session, SyncVerbs(sync_state=read, verify_replica=verify))
    qtbot.addWidget(page)
    page.resize(1230, 650)
    with qtbot.waitExposed(page):
        page.show()
    page.activate()
    return page, done


def test_the_refused_entry_is_the_first_row_and_says_why(qtbot: QtBot) -> None:
    state = sync_state(journal_row(1), journal_row(2, "refused", code="unknown_order", student=child()))
    page, _ = sync_page(qtbot, state)
    said = str(page.table.view.model().index(0, 0).data())
    assert said.startswith("Refused, The server does not know this order.")
    assert page.table.view.accessibleName() == "Newest entries of this workstation"


def test_every_button_does_something(qtbot: QtBot) -> None:
    page, done = sync_page(qtbot, sync_state(journal_row(1)))
    page.sync_button.click()
    assert done == ["sync"]
    page.verify_button.click()
    assert done == ["sync", "verified", "sync"]
    assert page.verify_button.isEnabled()


def refused_page(qtbot: QtBot, text: EntryText, sent: list[DoseCorrection]) -> SyncPage:
    state = sync_state(text.row, journal_row(1))

    def read(_desk: object) -> SyncState:
        return state

    def read_entry(_desk: object, key: EntryId) -> EntryText:
        assert key == text.row.id
        return text

    def send(_desk: object, key: EntryId, correction: DoseCorrection) -> object:
        assert key == text.row.id
        sent.append(correction)
        return None

    def edit(_desk: object, _key: EntryId) -> IncidentId:
        assert text.incident is not None
        return text.incident

    verbs = SyncVerbs(
        sync_state=read,
        verify_replica=read,
        read_entry=read_entry,
        send_dose_again=send,  # type: ignore[arg-type]  # the screen looks at nothing of the entry
        edit_report=edit,
    )
    page = SyncPage(make_session(), verbs)
    qtbot.addWidget(page)
    page.resize(1230, 650)
    with qtbot.waitExposed(page):
        page.show()
    page.activate()
    page.table.choose_row(0)
    QTest.keyClick(page.table.view, Qt.Key.Key_Return)
    return page


def refused_dose() -> EntryText:
    correction = DoseCorrection(
        status=DoseState.ADMINISTERED, administered_at=NOON, quantity=Quantity(amount=Decimal("2.5"), unit="mL")
    )
    wire = {"id": "x", "status": "ADMINISTERED", "administered_at": "2026-11-23T17:48:00+00:00", "dose_given": "2.5"}
    return EntryText(
        row=journal_row(2, "refused", code="malformed", fields=("changes.0.unit",), student=child()),
        parts=(("dose.log", wire),),
        wrong=("changes.0.unit",),
        dose=RefusedDose(correction=correction, medication_name="Amoxicillin", unit="mL"),
    )


def test_a_refused_dose_opens_in_words_and_goes_out_again_put_right(qtbot: QtBot) -> None:
    sent: list[DoseCorrection] = []
    page = refused_page(qtbot, refused_dose(), sent)
    assert page.entry.isVisible()
    assert page.entry.windowTitle() == "Dose"
    assert "It names: Unit." in page.entry._why.text
    facts = {fact.label: fact.value for fact in page.entry._parts[0][1].facts}
    assert facts == {"Status": "Given", "When": "23 Nov 2026 11:48", "Amount": "2.5"}
    assert doubled_keys(page.entry) == []
    QTest.keyClick(page.entry, Qt.Key.Key_Return)
    sheet = page.correction
    assert page.entry.isHidden()
    assert sheet.isVisible()
    assert doubled_keys(sheet) == []
    assert sheet.typed.amount == "2.5"
    sheet.amount.set_text("two")
    assert not sheet.action_button.isEnabled()
    assert sheet.step.text() == "Type the amount as a number, like 2.5."
    sheet.amount.set_text("5")
    sheet.action_button.click()
    [correction] = sent
    assert correction.quantity == Quantity(amount=Decimal(5), unit="mL")
    assert correction.why == "Sent again after the district refused it"
    assert sheet.isHidden()


def test_a_refused_report_goes_to_the_form_and_another_entry_says_where_to_write_it(qtbot: QtBot) -> None:
    key = IncidentId(fresh_uuid())
    row = journal_row(2, "refused", code="unknown_student", what="incident.sign")
    page = refused_page(
        qtbot, EntryText(row=row, parts=(("incident.sign", {"location": "Gym"}),), wrong=(), incident=key), []
    )
    wanted: list[Place] = []
    page.session.place_wanted.connect(wanted.append)
    page.entry.action_button.click()
    assert [place.incident for place in wanted] == [key]

    allergy = journal_row(2, "refused", code="unknown_record", what="record.change:allergy")
    values = {"criticality": "high", "ingredient_codes": '["food:peanut"]'}
    text = EntryText(row=allergy, parts=(("record.change:allergy", values),), wrong=(), obstacle=Obstacle.OTHER)
    other = refused_page(qtbot, text, [])
    assert other.entry.windowTitle() == "Allergy, changed"
    assert not other.entry.action_button.isVisible()
    assert other.entry._do.text().startswith("It cannot be edited here.")
    facts = {fact.label: fact.value for fact in other.entry._parts[0][1].facts}
    assert facts == {"Criticality": "High", "Ingredient codes": "food:peanut"}


def test_a_waiting_entry_says_why_and_one_said_again_asks_for_nothing(qtbot: QtBot) -> None:
    waits = journal_row(3, "waiting", code="depends", what="record.add:clinic_visit")
    again = journal_row(2, "refused", code="malformed", is_replaced=True)
    page, _ = sync_page(qtbot, sync_state(waits, again))
    assert why_words(waits).startswith("It builds on an entry")
    assert verb_words(waits.what) == "Clinic visit, new"
    assert answer_words(again) == "Refused, sent again"
    assert [row.number for row in page.model.journal()] == [3, 2], "it stands where it was written, not first"


def code_page(qtbot: QtBot, make_code: Callable[[object], Callable[[], str]], role: Role = Role.NURSE) -> SyncPage:
    def read(_desk: object) -> SyncState:
        return sync_state()

    session = make_session()
    session.desk.person = replace(NURSE, role=role)
    page = SyncPage(session, SyncVerbs(sync_state=read, verify_replica=read, make_code=make_code))
    qtbot.addWidget(page)
    page.resize(1230, 650)
    with qtbot.waitExposed(page):
        page.show()
    page.activate()
    return page


def test_the_emergency_code_is_made_by_keyboard_shown_once_and_kept_until_it_is_written_down(qtbot: QtBot) -> None:
    asked: list[str] = []

    def make_code(_desk: object) -> Callable[[], str]:
        asked.append("recorded")
        if len(asked) == 1:
            raise EmergencyCardOff("the district's policy")
        return lambda: "ACDE-FGHJ-KMNP-QRTW-XY34-679A"

    page = code_page(qtbot, make_code)
    assert not doubled_keys(page)
    page.code_button.setFocus()
    QTest.keyClick(page.code_button, Qt.Key.Key_Space)
    sheet = page.emergency
    qtbot.waitUntil(sheet.isVisible)
    assert not doubled_keys(sheet)
    assert asked == [], "nothing is made before it is said what it ends"
    QTest.keyClick(sheet.action_button, Qt.Key.Key_Space)
    qtbot.waitUntil(sheet._fault.isVisible)
    QTest.keyClick(sheet.action_button, Qt.Key.Key_Space)
    qtbot.waitUntil(sheet.code.isVisible)
    assert not doubled_keys(sheet)
    assert sheet.code.text() == "ACDE  FGHJ  KMNP\nQRTW  XY34  679A"
    assert sheet.code.accessibleName().startswith("A C D E, F G H J")
    assert not sheet._fault.isVisible()
    assert "Clinic front desk" in sheet._after.text()
    assert not sheet.code.textInteractionFlags() & Qt.TextInteractionFlag.TextSelectableByMouse, "nothing to copy"
    qtbot.waitUntil(lambda: sheet.area.verticalScrollBar().maximum() == 0)
    QTest.keyClick(sheet.written, Qt.Key.Key_Backtab)
    assert sheet.focusWidget() is sheet.code, "a screen reader reaches it"
    QTest.keyClick(sheet, Qt.Key.Key_Return)
    QTest.keyClick(sheet, Qt.Key.Key_Escape)
    assert sheet.isVisible(), "it does not stand on paper yet"
    QTest.keyClick(sheet.written, Qt.Key.Key_Space)
    QTest.keyClick(sheet, Qt.Key.Key_Return)
    assert not sheet.isVisible()
    assert sheet.code.text() == sheet.code.accessibleName() == ""
    assert len(asked) == 2


def test_what_went_wrong_with_an_emergency_code_is_not_said_again_the_next_time(qtbot: QtBot) -> None:
    def make_code(_desk: object) -> Callable[[], str]:
        raise EmergencyCardOff("the district's policy")

    page = code_page(qtbot, make_code)
    page.code_button.click()
    page.emergency.action_button.click()
    assert page.emergency._fault.isVisible()
    QTest.keyClick(page.emergency, Qt.Key.Key_Escape)
    page.code_button.click()
    assert page.emergency.isVisible()
    assert not page.emergency._fault.isVisible()


def test_a_lock_takes_the_emergency_code_off_the_screen_and_some_are_not_offered_it(qtbot: QtBot) -> None:
    page = code_page(qtbot, lambda _desk: lambda: "ACDE-FGHJ-KMNP-QRTW-XY34-679A")
    page.code_button.click()
    page.emergency.action_button.click()
    qtbot.waitUntil(page.emergency.code.isVisible)
    page.deactivate()
    assert not page.emergency.isVisible()
    assert page.emergency.code.text() == ""
    assert not code_page(qtbot, lambda _desk: lambda: "", Role.UNLICENSED).code_button.isVisible()


def test_a_second_nurse_is_added_by_keyboard_and_a_refusal_stays_on_the_sheet(qtbot: QtBot) -> None:
    typed: list[tuple[str, str, str]] = []

    def introduce(_desk: object, email: str, password: str, totp: str) -> Callable[[], PersonRow]:
        typed.append((email, password, totp))
        if len(typed) == 1:
            raise SecondFactorFailed
        return lambda: NURSE

    def read(_desk: object) -> SyncState:
        return sync_state(people=(NURSE,))

    session, told = make_session(), list[Note]()
    session.note_wanted.connect(told.append)
    page = SyncPage(session, SyncVerbs(sync_state=read, verify_replica=read, introduce=introduce))
    qtbot.addWidget(page)
    page.resize(1230, 650)
    with qtbot.waitExposed(page):
        page.show()
    page.activate()
    assert ("Who can unlock it", "Jordan Reyes, RN") in page.model.facts()
    assert not doubled_keys(page)
    page.person_button.setFocus()
    QTest.keyClick(page.person_button, Qt.Key.Key_Space)
    sheet = page.person
    qtbot.waitUntil(sheet.isVisible)
    assert not doubled_keys(sheet)
    for field, words in ((sheet._email, "j@x.org"), (sheet._password, "long words"), (sheet._totp, "1 2 3456")):
        QTest.keyClicks(field.editor, words)
    QTest.keyClick(sheet._totp.editor, Qt.Key.Key_Return)
    qtbot.waitUntil(sheet._fault.isVisible)
    assert page.person.isVisible()
    QTest.keyClick(sheet._totp.editor, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: not page.person.isVisible())
    assert typed == [("j@x.org", "long words", "123456")] * 2
    assert [note.words for note in told] == ["Jordan Reyes, RN can unlock this workstation now."]
    page.person.ask()
    assert (sheet._email.text, sheet._password.secret, sheet._totp.text) == ("", "", "")
    page.person.hide()
