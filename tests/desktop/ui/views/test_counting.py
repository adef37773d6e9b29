"""Stock below nothing, answered on the screen by a count; of a controlled medicine by two people. Over real files."""

import json
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot
from tests.desktop.clinic import NURSE, SECOND_NURSE, Rows, row, small_school, uid
from tests.desktop.ui.access_keys import doubled_keys
from tests.desktop.ui.dressed import dressed
from tests.fakes.pages_seam import ImmediateJobs

from wc_contract.model.changes import CaseAnswered, Entry, RecordAdded
from wc_contract.model.ids import UserId
from wc_contract.model.kinds import INVENTORY_TRANSACTION
from wc_contract.model.values import CaseResolution, Role
from wc_desktop.actions.desk import Desk
from wc_desktop.actions.records import add_record
from wc_desktop.actions.review import answer_case, open_cases
from wc_desktop.app.parts import opened_of
from wc_desktop.domain.case_views import CaseDecision, Count
from wc_desktop.domain.failures import FieldsWrong, SecondPersonMissing
from wc_desktop.domain.screens import PersonRow
from wc_desktop.security.station import Station
from wc_desktop.ui.theme.scheme import SchemeChoice
from wc_desktop.ui.viewmodels.session import Session
from wc_desktop.ui.views.review import ReviewPage

THEIR_PASSWORD = "battery staple horse"
Opener = Callable[[Rows | None], Desk]


def school(*, controlled: bool) -> Rows:
    """A school with one case: gauze below nothing, or a bottle of a controlled medicine."""
    rows = small_school()
    moved: dict[str, Any] = {"occurred_at": "2026-11-23T15:00:00+00:00", "actor_id": str(SECOND_NURSE)}
    if controlled:
        bottle = {
            "id": str(uid("shelf")), "medication_id": str(uid("methylphenidate")), "status": "IN_USE", "unit": "tablet",
            "label": "methylphenidate, drawer 2", "is_controlled": True, "received_on": "2026-09-01",
            "received_by": str(NURSE),
        }  # fmt: skip
        rows["medication_container"].append(row("medication_container", 8_000, **bottle))
        moved |= {"id": str(uid("moved")), "container_id": str(uid("shelf")), "event": "GIVEN", "quantity": "-5"}
        rows["ledger_entry"].append(row("ledger_entry", 8_001, **moved))
    else:
        item = {"id": str(uid("shelf")), "name": "Gauze pads", "unit": "packs", "location": "Cabinet 1"}
        rows["inventory_item"].append(row("inventory_item", 8_000, quantity="-3", **item))
        moved |= {"id": str(uid("moved")), "item_id": str(uid("shelf")), "kind": "USED", "quantity": "-5"}
        rows["inventory_transaction"].append(row("inventory_transaction", 8_001, **moved))
    case = {
        "id": str(uid("case")), "kind": "stock_negative", "opened_at": "2026-11-23T17:00:00+00:00", "status": "OPEN",
        "subject_ids": json.dumps([str(uid("shelf")), str(uid("moved"))]),
    }  # fmt: skip
    rows["review_case"].append(row("review_case", 8_002, **case))
    return rows


def shown(desk: Desk, qtbot: QtBot) -> ReviewPage:
    page = ReviewPage(Session(desk, ImmediateJobs()))
    qtbot.addWidget(page)
    page.resize(1230, 650)
    with qtbot.waitExposed(page):
        page.show()
    page.activate()
    return page


def said(page: ReviewPage) -> dict[str, dict[str, str]]:
    [case] = page.model.cases
    return {side.heading: dict(side.facts) for side in page.model.sides(case)}


def press(page: ReviewPage, words: str) -> None:
    button = next(one for one in page.case.findChildren(QPushButton) if one.isVisible() and one.text() == words)
    button.click()


def newest(desk: Desk) -> Entry:
    entry = desk.journal.entry(desk.journal.newest(1)[0].id)
    assert entry is not None
    return entry


def with_a_colleague(desk: Desk) -> None:
    station = desk.station
    assert isinstance(station, Station)
    colleague = PersonRow(id=UserId(SECOND_NURSE), first_name="Bo", last_name="Lind", role=Role.NURSE)
    station.put_slot(colleague, THEIR_PASSWORD, opened_of(desk).keys)


def test_gauze_below_nothing_is_counted_by_keyboard_and_the_record_says_so(open_desk: Opener, qtbot: QtBot) -> None:
    desk = open_desk(school(controlled=False))
    # What this workstation took out since is not in the district's figure yet.
    taken = {"item_id": str(uid("shelf")), "kind": "USED", "quantity": "-2", "occurred_at": "2026-11-23T17:30:00+00:00"}
    add_record(desk, INVENTORY_TRANSACTION, taken)
    page = shown(desk, qtbot)
    assert page.case._child.text() == "Gauze pads"
    assert said(page)["On the shelf"] == {"What": "Gauze pads", "Where": "Cabinet 1", "On record": "-5 packs"}
    assert said(page)["What brought it there"] == {"23 Nov 2026 09:00": "Used · -5 packs · Bo Lind"}
    press(page, "&Count it")
    sheet = page.sheet
    assert doubled_keys(sheet) == []
    assert sheet.step.text() == "Type how many there are, like 12 or 2.5."
    assert not sheet.password.isVisible()
    sheet.count.set_text("-1")
    assert not sheet.action_button.isEnabled()
    sheet.count.set_text("")
    QTest.keyClicks(sheet.count.editor, "12")
    QTest.keyClick(sheet, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert sheet.isHidden()
    assert page.empty.isVisible()
    answer, count = newest(desk).changes
    assert isinstance(answer, CaseAnswered)
    assert answer.resolution is CaseResolution.COUNTED
    assert isinstance(count, RecordAdded)
    assert (count.kind, count.values["kind"], count.values["quantity"]) == ("inventory_transaction", "COUNTED", "17")


def test_a_count_that_finds_what_is_on_record_writes_the_answer_alone(open_desk: Opener) -> None:
    desk = open_desk(school(controlled=False))
    came = {
        "item_id": str(uid("shelf")),
        "kind": "RECEIVED",
        "quantity": "10",
        "occurred_at": "2026-11-23T17:30:00+00:00",
    }
    add_record(desk, INVENTORY_TRANSACTION, came)
    [case] = open_cases(desk)
    decision = CaseDecision(case_id=case.id, resolution=CaseResolution.COUNTED)
    with pytest.raises(FieldsWrong):
        answer_case(desk, decision)
    answer_case(desk, replace(decision, count=Count(found=Decimal(7))))
    assert len(newest(desk).changes) == 1
    assert open_cases(desk) == ()


def test_leaving_it_as_it_is_is_an_answer_too(open_desk: Opener, qtbot: QtBot) -> None:
    desk = open_desk(school(controlled=False))
    page = shown(desk, qtbot)
    press(page, "&Leave as it is")
    assert not page.sheet.count.isVisible()
    page.sheet.note.set_text("The delivery comes tomorrow")
    page.sheet.action_button.click()
    [answer] = newest(desk).changes
    assert isinstance(answer, CaseAnswered)
    assert (answer.resolution, answer.note) == (CaseResolution.REVIEWED, "The delivery comes tomorrow")


def test_a_controlled_medicine_is_counted_by_two_who_do_not_see_what_is_expected(
    open_desk: Opener, qtbot: QtBot
) -> None:
    desk = open_desk(school(controlled=True))
    page = shown(desk, qtbot)
    buttons = [one.text() for one in page.case.findChildren(QPushButton) if one.isVisible()]
    assert buttons == ["&Leave as it is"], "nobody else can sign in here"
    with_a_colleague(desk)
    page.model.load()
    facts = said(page)
    assert "On record" not in facts["On the shelf"]
    assert facts["What brought it there"] == {"23 Nov 2026 09:00": "Given · Bo Lind"}, "no amount before the count"
    press(page, "&Count it")
    sheet = page.sheet
    assert doubled_keys(sheet) == []
    sheet.count.set_text("20")
    assert sheet.step.text() == "Choose who counts with you."
    QTest.keyClick(sheet.witness.editor, Qt.Key.Key_Down)
    sheet.witness_count.set_text("19")
    assert sheet.step.text() == "Let them type their password."
    QTest.keyClicks(sheet.password.editor, "not theirs")
    sheet.action_button.click()
    assert sheet._failure.text.startswith("The two counts differ.")
    assert sheet.password.secret == ""
    sheet.witness_count.set_text("20")
    QTest.keyClicks(sheet.password.editor, "not theirs")
    sheet.action_button.click()
    assert sheet._failure.text == "The password is not right. 9 tries left."
    assert len(open_cases(desk)) == 1
    QTest.keyClicks(sheet.password.editor, THEIR_PASSWORD)
    sheet.action_button.click()
    assert sheet.isHidden()
    _, count = newest(desk).changes
    assert isinstance(count, RecordAdded)
    values = count.values
    assert (values["event"], values["quantity"], values["witness_id"]) == ("COUNTED", "20", str(SECOND_NURSE))
    assert open_cases(desk) == ()


def test_nobody_is_their_own_second_person(open_desk: Opener) -> None:
    desk = open_desk(school(controlled=True))
    with_a_colleague(desk)
    [case] = open_cases(desk)
    alone = Count(found=Decimal(3), witness=desk.user, witness_found=Decimal(3), witness_password="x")
    decision = CaseDecision(case_id=case.id, resolution=CaseResolution.COUNTED, count=alone)
    with pytest.raises(SecondPersonMissing):
        answer_case(desk, decision)
    with pytest.raises(SecondPersonMissing):
        answer_case(desk, replace(decision, count=Count(found=Decimal(3))))


def test_what_a_case_is_about_is_shown_whatever_kind_it_is(open_desk: Opener, qtbot: QtBot) -> None:
    rows = school(controlled=False)
    visit = {
        "id": str(uid("visit")), "student_id": str(uid("lee")), "arrived_at": "2026-11-20T15:00:00+00:00",
        "complaint": "Stomach ache", "is_confidential": False, "recorded_at": "2026-11-20T15:10:00+00:00",
        "recorded_tz": "America/Chicago", "author_user_id": str(SECOND_NURSE),
    }  # fmt: skip
    rows["clinic_visit"].append(row("clinic_visit", 8_100, **visit))
    rows["review_case"] = [
        row(
            "review_case", 8_101, id=str(uid("case")), kind="out_of_assignment", student_id=str(uid("lee")),
            subject_ids=json.dumps([str(uid("visit")), str(uid("its entry"))]),
            opened_at="2026-11-23T17:00:00+00:00", status="OPEN",
        )
    ]  # fmt: skip
    page = shown(open_desk(rows), qtbot)
    facts = said(page)["Clinic visit"]
    assert (facts["Who"], facts["Written"], facts["Complaint"]) == ("Bo Lind", "20 Nov 2026 09:10", "Stomach ache")


@pytest.mark.parametrize(("scheme", "factor"), [(SchemeChoice.LIGHT, 2.0), (SchemeChoice.DARK, 1.0)])
def test_the_count_is_whole_at_double_size(
    open_desk: Opener, qtbot: QtBot, scheme: SchemeChoice, factor: float
) -> None:
    desk = open_desk(school(controlled=True))
    with_a_colleague(desk)
    with dressed(scheme, factor):
        page = shown(desk, qtbot)
        press(page, "&Count it")
        for button in (page.sheet.leave_button, page.sheet.action_button):
            assert button.width() >= button.sizeHint().width()
        page.sheet.hide()
