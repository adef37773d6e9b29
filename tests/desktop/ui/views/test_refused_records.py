"""Refused entries of any kind on the screen: put right and sent again, or set aside by a person. Over real files."""

from typing import Any, TypeVar

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot
from tests.desktop.actions.test_log_dose import give
from tests.desktop.actions.test_review_and_resend import contact, decide, doubled, newest, refuse, take
from tests.desktop.clinic import row, uid
from tests.desktop.samples import authored_values
from tests.desktop.ui.access_keys import doubled_keys
from tests.desktop.ui.dressed import dressed
from tests.fakes.pages_seam import ImmediateJobs

from wc_contract.model.authoring import ADDABLE, CHANGEABLE
from wc_contract.model.changes import AccessRecorded, CaseAnswered, RecordAdded, RecordChanged
from wc_contract.model.ids import EntryId
from wc_contract.model.kinds import BY_NAME, CLINIC_VISIT, EMERGENCY_CONTACT
from wc_contract.model.values import CaseResolution
from wc_contract.wire.codes import Refusal
from wc_desktop.actions.desk import Desk
from wc_desktop.actions.records import add_record, change_record
from wc_desktop.actions.refused import read_entry, send_records_again, set_aside
from wc_desktop.actions.review import answer_case
from wc_desktop.actions.sync_state import link_status
from wc_desktop.app.parts import opened_of
from wc_desktop.domain.failures import AlreadySaid, FieldsWrong, NotRefused
from wc_desktop.domain.screens import Obstacle
from wc_desktop.ui.theme.scheme import SchemeChoice
from wc_desktop.ui.viewmodels.entry_words import answer_words, why_words
from wc_desktop.ui.viewmodels.record_form import next_step, rows_of
from wc_desktop.ui.viewmodels.session import Session
from wc_desktop.ui.views.record_sheet import RecordPart
from wc_desktop.ui.views.sync import SyncPage
from wc_desktop.ui.views.typed_moment import MomentField
from wc_desktop.ui.widgets.check_box import CheckBox
from wc_desktop.ui.widgets.choice_fields import ChoiceList
from wc_desktop.ui.widgets.text_fields import NotesField, TextField

Editor = TypeVar("Editor", bound=QWidget)


def visit(desk: Desk, **more: Any) -> EntryId:
    values = {
        "student_id": str(uid("sofia")), "arrived_at": "2026-11-23T17:40:00+00:00", "complaint": "Stomach ache",
        "vitals": '["pulse 80","warm"]', "disposition": "RETURNED_TO_CLASS", "is_confidential": False,
    }  # fmt: skip
    add_record(desk, CLINIC_VISIT, values | more)
    return newest(desk).id


def opened(desk: Desk, qtbot: QtBot, entry: EntryId) -> SyncPage:
    page = SyncPage(Session(desk, ImmediateJobs()))
    qtbot.addWidget(page)
    page.resize(1230, 650)
    with qtbot.waitExposed(page):
        page.show()
    page.activate()
    page.table.choose_key(entry)
    QTest.keyClick(page.table.view, Qt.Key.Key_Return)
    assert page.entry.isVisible()
    return page


def part(page: SyncPage) -> RecordPart:
    [only] = page.records.parts
    return only


def editor(form: RecordPart, name: str, kind: type[Editor]) -> Editor:
    found = form.editors[name]
    assert isinstance(found, kind)
    return found


def test_a_refused_visit_is_put_right_on_a_form_of_its_fields_and_sent_again(desk: Desk, qtbot: QtBot) -> None:
    entry = visit(desk)
    before = newest(desk).changes[0]
    assert isinstance(before, RecordAdded)
    refuse(desk, entry, Refusal.MALFORMED.value)
    page = opened(desk, qtbot, entry)
    assert doubled_keys(page.entry) == []
    page.entry.action_button.click()
    sheet, form = page.records, part(page)
    assert sheet.isVisible()
    assert doubled_keys(sheet) == []
    assert [row.label for row in form.rows.values()][:4] == ["Student", "Arrived at", "Left at", "Complaint"]
    shown = {name: editor.accessibleName() or editor for name, editor in form.editors.items()}
    assert "student_id" not in shown, "whose visit it was is not changed here"
    assert form.typed()["vitals"] == "pulse 80\nwarm"
    editor(form, "complaint", NotesField).set_text("Stomach ache since breakfast")
    editor(form, "disposition", ChoiceList).choose("SENT_HOME")
    moment = editor(form, "arrived_at", MomentField)
    QTest.keyClicks(moment.editor, "what")
    assert sheet.step.text() == "This does not read: Arrived at."
    assert not sheet.action_button.isEnabled()
    moment.editor.clear()
    QTest.keyClicks(moment.editor, "1135")
    QTest.keyClick(sheet, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert sheet.isHidden()
    again = newest(desk)
    assert again.replaces == entry
    [change] = again.changes
    assert isinstance(change, RecordAdded)
    assert change.id == before.id, "the same fact cannot stand twice"
    assert dict(change.values) == dict(before.values) | {
        "arrived_at": "2026-11-23T17:35:00+00:00",
        "complaint": "Stomach ache since breakfast",
        "disposition": "SENT_HOME",
    }
    assert link_status(desk).refused == 0
    assert [row["complaint"] for row in desk.records.every(CLINIC_VISIT)] == ["Stomach ache since breakfast"]


def test_a_reference_that_the_district_lacks_is_left_out(desk: Desk, qtbot: QtBot) -> None:
    values = authored_values("vital_sign") | {"student_id": str(uid("sofia")), "visit_id": str(uid("a visit"))}
    add_record(desk, BY_NAME["vital_sign"], values)
    entry = newest(desk).id
    refuse(desk, entry, Refusal.UNKNOWN_RECORD.value)
    page = opened(desk, qtbot, entry)
    page.entry.action_button.click()
    form = part(page)
    editor(form, "value", TextField).set_text("many")
    assert page.records.step.text() == "This does not read: Value."
    editor(form, "value", TextField).set_text("37,5")
    editor(form, "visit_id", CheckBox).setChecked(True)
    page.records.action_button.click()
    [change] = newest(desk).changes
    assert isinstance(change, RecordAdded)
    assert "visit_id" not in change.values
    assert change.values["value"] == "37.5"


def test_a_refused_change_is_said_again_over_what_stands_now(desk: Desk, qtbot: QtBot) -> None:
    take(desk, "emergency_contact", contact())
    first = change_record(desk, EMERGENCY_CONTACT, uid("contact"), {"phone": "555-0199"})
    assert first is not None
    refuse(desk, first.id, Refusal.MALFORMED.value)
    # Somebody else changed the name meanwhile.
    take(desk, "emergency_contact", contact(9001, name="Rosa Lind"))
    page = opened(desk, qtbot, first.id)
    page.entry.action_button.click()
    assert set(part(page).rows) == {"phone"}
    editor(part(page), "phone", NotesField).set_text("555-0142")
    page.records.action_button.click()
    [change] = newest(desk).changes
    assert isinstance(change, RecordChanged)
    assert (change.base_version, dict(change.values)) == (9001, {"phone": "555-0142"})
    shown = desk.records.find(EMERGENCY_CONTACT, str(uid("contact")))
    assert shown is not None
    assert (shown["name"], shown["phone"]) == ("Rosa Lind", "555-0142")


def test_what_cannot_be_edited_says_why_and_a_person_sets_it_aside(desk: Desk, qtbot: QtBot) -> None:
    take(desk, "emergency_contact", contact())
    change = change_record(desk, EMERGENCY_CONTACT, uid("contact"), {"phone": "555-0199"})
    assert change is not None
    refuse(desk, change.id, Refusal.UNKNOWN_RECORD.value)
    removed = (str(uid("contact")),)
    opened_of(desk).records._connection.execute("DELETE FROM emergency_contacts WHERE id = ?", removed)
    page = opened(desk, qtbot, change.id)
    assert not page.entry.action_button.isVisible()
    assert page.entry._do.text().startswith("The record that this would change is not here any more")
    page.entry.aside_button.click()
    assert page.aside.isVisible()
    assert page.aside.focusWidget() is page.aside.leave_button
    page.aside.action_button.click()
    assert page.aside.isHidden()
    answer = newest(desk)
    assert answer.replaces == change.id
    assert all(isinstance(one, AccessRecorded) for one in answer.changes)
    assert link_status(desk).refused == 0
    [listed] = [one for one in page.model.journal() if one.id == change.id]
    assert answer_words(listed) == "Refused, set aside"
    assert why_words(listed) == "Ana Reyes set it aside: it is not sent again. Nothing is to be done."
    assert read_entry(desk, change.id).parts, "it stays readable"
    with pytest.raises(NotRefused):
        set_aside(desk, change.id)


def test_a_refused_answer_leads_back_to_the_case_and_a_dose_is_never_set_aside(desk: Desk, qtbot: QtBot) -> None:
    saved = give(desk, "Sonia")
    dose = saved.row.answers[-1].entry_id
    refuse(desk, dose, Refusal.UNKNOWN_ORDER.value)
    assert not read_entry(desk, dose).can_be_set_aside
    with pytest.raises(NotRefused):
        set_aside(desk, dose)
    _, second = doubled(desk, own=False)
    answer_case(desk, decide(CaseResolution.DUPLICATE_RECORD, keep=second))
    answer = newest(desk)
    assert isinstance(answer.changes[0], CaseAnswered)
    refuse(desk, answer.id, Refusal.NOT_ENTITLED.value)
    page = opened(desk, qtbot, answer.id)
    assert read_entry(desk, answer.id).obstacle is Obstacle.CASE
    assert page.entry._do.text().startswith("The case is open again: answer it under Review.")
    assert page.entry.aside_button.isVisible()


def test_what_the_rules_of_the_record_refuse_is_told_on_the_form(desk: Desk, qtbot: QtBot) -> None:
    entry = visit(desk)
    refuse(desk, entry, Refusal.ALREADY_THERE.value)
    with pytest.raises(FieldsWrong):
        send_records_again(desk, entry, {0: {"arrived_at": None}})
    page = opened(desk, qtbot, entry)
    page.entry.action_button.click()
    editor(part(page), "arrived_at", MomentField).set_value("")
    part(page).changed.emit()
    assert page.records.step.text() == "Fill in: Arrived at."
    editor(part(page), "arrived_at", MomentField).set_value("2026-11-23T17:40:00+00:00")
    part(page).changed.emit()
    before = desk.records.every(CLINIC_VISIT)[0]["id"]
    page.records.action_button.click()
    assert desk.records.every(CLINIC_VISIT)[0]["id"] != before, "its number was taken"


def test_a_change_that_stands_already_is_not_sent(desk: Desk) -> None:
    take(desk, "emergency_contact", contact())
    change = change_record(desk, EMERGENCY_CONTACT, uid("contact"), {"phone": "555-0199"})
    assert change is not None
    refuse(desk, change.id, Refusal.MALFORMED.value)
    take(desk, "emergency_contact", contact(9001, phone="555-0199"))
    with pytest.raises(AlreadySaid):
        send_records_again(desk, change.id, {})


def test_every_kind_that_a_workstation_writes_has_a_form_in_words_and_is_said_again(desk: Desk) -> None:
    for name in sorted(ADDABLE | CHANGEABLE):
        kind = BY_NAME[name]
        values = authored_values(name)
        if name in ADDABLE:
            add_record(desk, kind, values)
        else:
            take(desk, name, row(name, 9000, id=str(uid("it")), **authored_values(name, 1)))
            assert change_record(desk, kind, uid("it"), values) is not None
        entry = newest(desk).id
        refuse(desk, entry, Refusal.MALFORMED.value)
        [record] = read_entry(desk, entry).records
        rows = rows_of(record, desk.zone)
        assert rows, name
        assert not [one.label for one in rows if "_" in one.label or one.label.casefold().endswith(" id")], name
        assert next_step({one.name: one for one in rows}, {one.name: one.typed for one in rows}) == "", name
        assert send_records_again(desk, entry, {}).replaces == entry


@pytest.mark.parametrize(("scheme", "factor"), [(SchemeChoice.LIGHT, 1.0), (SchemeChoice.DARK, 2.0)])
def test_the_form_is_whole_at_double_size(desk: Desk, qtbot: QtBot, scheme: SchemeChoice, factor: float) -> None:
    entry = visit(desk)
    refuse(desk, entry, Refusal.MALFORMED.value)
    with dressed(scheme, factor):
        page = opened(desk, qtbot, entry)
        for button in (page.entry.aside_button, page.entry.leave_button, page.entry.action_button):
            assert button.width() >= button.sizeHint().width()
        page.entry.action_button.click()
        assert page.records.isVisible()
        page.records.hide()
