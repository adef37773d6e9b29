"""Clinic visits over real files: begun, left open, ended, corrected, listed; drafts outlive the program."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from PySide6.QtCore import QSize, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot
from tests.desktop.clinic import NURSE, PASSWORD, Clinic, HandClock, Rows, row, small_school, uid
from tests.desktop.ui.access_keys import doubled_keys
from tests.desktop.ui.dressed import dressed
from tests.fakes.pages_seam import ImmediateJobs

from wc_contract.model.changes import AccessRecorded
from wc_contract.model.ids import StudentId, UserId
from wc_contract.model.instants import instant_to_text
from wc_contract.model.kinds import CLINIC_VISIT
from wc_contract.model.values import AccessAction, Role
from wc_contract.rules.findings import Finding
from wc_desktop.actions.desk import Desk
from wc_desktop.actions.incidents import drafts, list_incidents
from wc_desktop.actions.unlock import unlock
from wc_desktop.actions.visits import check, go_on, list_visits, open_visit, save_visit, visits_of
from wc_desktop.domain.failures import NotAllowed, NotFound
from wc_desktop.domain.screens import IncidentDraft, PersonRow
from wc_desktop.domain.visit_views import VisitList, VisitQuery
from wc_desktop.ui.theme.scheme import SchemeChoice
from wc_desktop.ui.viewmodels.session import Place, Session
from wc_desktop.ui.views.students import StudentsPage
from wc_desktop.ui.views.visits import VisitsPage

SOFIA = StudentId(uid("sofia"))
Opener = Callable[[Rows | None], Desk]
ALIKE = "Similar name: MARTÍNEZ, Sonia (Gr 3, Rm 6)"
CTRL = Qt.KeyboardModifier.ControlModifier


def shown(desk: Desk, qtbot: QtBot, session: Session | None = None) -> VisitsPage:
    page = VisitsPage(session or Session(desk, ImmediateJobs()))
    qtbot.addWidget(page)
    page.resize(1230, 650)
    with qtbot.waitExposed(page):
        page.show()
    page.activate()
    return page


def begun(page: VisitsPage, reason: str = "HEADACHE") -> VisitsPage:
    page.open_place(Place(section="visits", new=True, student=SOFIA))
    page.form.fields.reason.choose(reason)
    return page


def first_row(page: VisitsPage) -> str:
    """What a screen reader says on arrival at the list."""
    return str(page.table.view.model().index(0, 0).data())


def save(page: VisitsPage, qtbot: QtBot) -> None:
    QTest.keyClick(page.form.fields.care.editor, Qt.Key.Key_Return, CTRL)
    qtbot.waitUntil(page.form.save_sheet.isVisible)
    page.form.save_sheet.action_button.click()


def with_visits(*visits: dict[str, Any]) -> Rows:
    rows = small_school()
    for number, visit in enumerate(visits):
        version = 9_000 + number
        said = {"id": str(uid(f"visit {number}")), "student_id": str(SOFIA), "is_confidential": False}
        signed = {"author_user_id": str(NURSE), "recorded_at": "2026-11-23T15:00:00+00:00", "recorded_tz": "UTC"}
        rows["clinic_visit"].append(row("clinic_visit", version, **(signed | said | visit)))
    return rows


def test_a_visit_is_begun_left_open_and_ended_when_the_child_leaves(desk: Desk, qtbot: QtBot) -> None:
    page = shown(desk, qtbot)
    page.new_button.click()
    picker = page.form.fields.child
    QTest.keyClicks(picker.search, "sofia")
    qtbot.waitUntil(picker.table.isVisible)
    QTest.keyClick(picker.search, Qt.Key.Key_Return)
    QTest.keyClick(picker.table.view, Qt.Key.Key_Return)
    assert page.title() == "Visit · MARTÍNEZ, Sofia"
    page.form.fields.reason.choose("FEVER")
    QTest.keyClicks(page.form.fields.told.editor, "Shivers")
    save(page, qtbot)
    [stands] = desk.records.every(CLINIC_VISIT)
    assert (stands["complaint"], stands["left_at"], stands["waiting"]) == ("FEVER: Shivers", None, True)
    assert not page.shows_form
    assert page.count.text() == "Here now: 1 · Listed: 1 of 1"
    assert first_row(page).startswith(f"{ALIKE}, Still in the clinic, Waiting to be sent, ")

    QTest.keyClick(page.table.view, Qt.Key.Key_Return)
    fields = page.form.fields
    assert fields.told.text == "Shivers"
    assert fields.child.change.isHidden(), "a visit stays about its child"
    assert fields.fetched.isHidden()
    fields.end.choose("SENT_HOME")
    assert fields.left.note == "Monday 23 November 2026 · 11:50"
    assert not fields.fetched.isHidden()
    QTest.keyClick(fields.care.editor, Qt.Key.Key_Return, CTRL)
    assert fields.fetched.fault == "Not filled in yet: who fetched the child."
    QTest.keyClicks(fields.fetched.editor, "Mother")
    QTest.keyClicks(fields.measures_of("TEMPERATURE").editor, "103")
    assert fields.measures_of("TEMPERATURE").note == "103 °F: unusual, check it"
    save(page, qtbot)
    [view] = page.model.list.rows
    assert (view.disposition, view.fetched_by, view.amend_reason) == ("SENT_HOME", "Mother", "The visit went on")
    assert page.count.text() == "Here now: 0 · Listed: 1 of 1"
    assert len(desk.records.every(CLINIC_VISIT)) == 2, "what was written first is kept (A1)"
    assert list_incidents(desk) == ()


def test_what_is_missing_stands_beside_its_field_and_nothing_is_written(desk: Desk, qtbot: QtBot) -> None:
    page = begun(shown(desk, qtbot), reason="OTHER")
    fields = page.form.fields
    fields.measures_of("PULSE").set_text("fast")
    QTest.keyClick(fields.care.editor, Qt.Key.Key_Return, CTRL)
    assert fields.told.fault == "Not filled in yet: what was said."
    assert fields.measures_of("PULSE").fault == "A measure does not read, or cannot be. Measure again, or correct it."
    assert page.form.problems.text() == "2 things to do before this can be saved"
    assert fields.told.editor.hasFocus()
    assert not page.form.save_sheet.isVisible()
    assert desk.records.every(CLINIC_VISIT) == []


def test_an_unusual_measure_is_said_before_saving(desk: Desk, qtbot: QtBot) -> None:
    page = begun(shown(desk, qtbot))
    page.form.fields.measures_of("TEMPERATURE").set_text("40.1")
    QTest.keyClick(page.form.fields.care.editor, Qt.Key.Key_Return, CTRL)
    qtbot.waitUntil(page.form.save_sheet.isVisible)
    assert "Unusual: temperature." in page.form.warnings
    page.form.save_sheet.reject()
    assert desk.records.every(CLINIC_VISIT) == []


def test_a_half_typed_visit_is_there_again_after_the_power_was_cut(clinic: Clinic, qtbot: QtBot) -> None:
    desk = clinic.opened()
    page = begun(shown(desk, qtbot), reason="INJURY")
    QTest.keyClicks(page.form.fields.told.editor, "Fell on the")
    page.form.fields.end.choose("EMS")
    page.form_model.save()
    desk.close()  # nothing else is told that the program ends

    again = unlock(clinic.station(), UserId(NURSE), PASSWORD)
    other = shown(again, qtbot)
    assert first_row(other).startswith(f"{ALIKE}, Draft, Saved here 11:50, MARTÍNEZ, Sofia")
    assert drafts(again) == (), "it is no incident"
    QTest.keyClick(other.table.view, Qt.Key.Key_Return)
    assert other.form.fields.told.text == "Fell on the"
    assert other.form.fields.end.key == "EMS"
    assert other.form.saved.text() == "Draft saved on this workstation 11:50"
    other.form.discard_button.click()
    other.form.discard_sheet.action_button.click()
    assert other.model.list.rows == ()
    again.close()


def test_a_visit_that_ended_is_read_and_corrected_and_both_stay(desk: Desk, qtbot: QtBot) -> None:
    page = begun(shown(desk, qtbot))
    page.form.fields.end.choose("RETURNED_TO_CLASS")
    save(page, qtbot)
    QTest.keyClick(page.table.view, Qt.Key.Key_Return)
    assert page.sheet.isVisible()
    page.sheet.action_button.click()
    fields = page.form.fields
    fields.reason.choose("STOMACH_ACHE")
    QTest.keyClick(fields.care.editor, Qt.Key.Key_Return, CTRL)
    assert fields.why.fault == "Choose or type a reason."
    QTest.keyClicks(fields.why.editor, "Wrong reason chosen")
    save(page, qtbot)
    [view] = page.model.list.rows
    history = open_visit(desk, view.id)
    assert [str(one.reason) for one in (history.visit, *history.earlier)] == ["STOMACH_ACHE", "HEADACHE"]
    assert history.visit.amend_reason == "Wrong reason chosen"
    entry = desk.journal.entry(desk.journal.newest(1)[0].id)
    assert entry is not None
    [look] = entry.changes
    assert isinstance(look, AccessRecorded)
    assert (look.action, look.entity_type, look.entity_id) == (AccessAction.VIEW, "clinic_visit", str(view.id))


def test_two_corrections_that_know_nothing_of_one_another_both_stand(open_desk: Opener) -> None:
    came = {"arrived_at": "2026-11-23T15:00:00+00:00", "complaint": "HEADACHE"}
    again = {**came, "amends_id": str(uid("visit 0")), "amend_reason": "x"}
    desk = open_desk(with_visits(came, again, again))
    rows = list_visits(desk, VisitQuery(since=desk.clock.now() - timedelta(hours=12))).rows
    assert {view.id for view in rows} == {uid("visit 1"), uid("visit 2")}
    assert all(view.said_twice for view in rows)


def test_visits_are_listed_by_period_end_and_text_page_by_page(open_desk: Opener, qtbot: QtBot) -> None:
    times = [f"2026-11-{day:02}T16:{minute:02}:00+00:00" for day in (23, 20, 1) for minute in range(50)]
    visits = [
        {"arrived_at": at, "left_at": at, "complaint": "TOOTH: loose", "disposition": "RETURNED_TO_CLASS"}
        for at in times
    ]
    visits[0] |= {"student_id": str(uid("omar")), "disposition": "SENT_HOME", "complaint": "Stomach hurts"}
    desk = open_desk(with_visits(*visits))
    page = shown(desk, qtbot)
    assert page.count.text() == "Here now: 0 · Listed: 50 of 50"
    page.tabs.choose("MONTH")
    assert page.count.text() == "Here now: 0 · Listed: 100 of 150"
    assert page.more_button.isVisible()
    page.more_button.click()
    assert page.count.text() == "Here now: 0 · Listed: 150 of 150"
    assert not page.more_button.isVisible()
    page.search.setText("haddad")
    qtbot.waitUntil(lambda: page.model.list.total == 1)
    assert "Stomach hurts" in first_row(page)
    page.search.setText("tooth")
    qtbot.waitUntil(lambda: page.model.list.total == 149)
    page.ends.choose("SENT_HOME")
    assert page.model.list.rows == ()
    assert not page.table.isVisible()
    assert page.empty.isVisible()


def test_a_correction_that_moves_a_visit_to_another_day_leaves_none_behind(open_desk: Opener) -> None:
    came = {"arrived_at": "2026-11-23T15:00:00+00:00", "complaint": "HEADACHE"}
    moved = {"arrived_at": "2026-11-20T15:00:00+00:00", "amends_id": str(uid("visit 0")), "amend_reason": "the day"}
    desk = open_desk(with_visits(came, {**came, **moved}))
    assert list_visits(desk, VisitQuery(since=desk.clock.now() - timedelta(hours=12))).rows == ()
    [view] = list_visits(desk, VisitQuery(since=desk.clock.now() - timedelta(days=5))).rows
    assert view.id == uid("visit 1")


def test_a_chart_shows_the_visits_and_leads_to_one(open_desk: Opener, qtbot: QtBot) -> None:
    came = {"arrived_at": "2026-11-23T15:00:00+00:00", "complaint": "HEADACHE", "vitals": '{"PULSE":"80"}'}
    desk = open_desk(with_visits({**came, "left_at": "2026-11-23T15:09:00+00:00", "disposition": "EMS"}))
    session = Session(desk, ImmediateJobs())
    chart = StudentsPage(session)
    qtbot.addWidget(chart)
    chart.resize(1230, 650)
    with qtbot.waitExposed(chart):
        chart.show()
    chart.activate()
    chart.open_place(Place(section="students", student=SOFIA, part="visits"))
    table = chart.chart.tables["visits"]
    assert str(table.view.model().index(0, 0).data()) == (
        "Taken by EMS (911), Headache, Pulse 80 a minute, 09:00 to 09:09, 23 Nov 2026"
    )
    table.choose_row(0)
    with qtbot.waitSignal(session.place_wanted) as gone:
        QTest.keyClick(table.view, Qt.Key.Key_Return)
    [place] = gone.args
    page = shown(desk, qtbot, session)
    page.came_from = "students"
    page.open_place(place)
    assert page.sheet.isVisible()
    with qtbot.waitSignal(session.place_wanted) as back:
        QTest.keyClick(page.sheet, Qt.Key.Key_Escape)
    assert back.args == [Place(section="students")]
    assert visits_of(desk, [str(SOFIA)])[0].said == ""


def test_what_was_begun_on_a_visit_that_stands_is_taken_up_again(desk: Desk, qtbot: QtBot) -> None:
    page = begun(shown(desk, qtbot))
    save(page, qtbot)
    QTest.keyClick(page.table.view, Qt.Key.Key_Return)
    QTest.keyClicks(page.form.fields.care.editor, "Ice")
    QTest.keyClick(page.form, Qt.Key.Key_Escape)
    assert [view.is_draft for view in page.model.list.rows] == [True], "it stands once, as the draft"
    assert page.count.text() == "Here now: 1 · Listed: 1 of 1"
    QTest.keyClick(page.table.view, Qt.Key.Key_Return)
    assert page.form.fields.care.text == "Ice"


def test_a_rule_finds_nothing_in_a_form_that_reads(desk: Desk) -> None:
    at = instant_to_text(desk.clock.now())
    form = {"form": "visit", "arrived_at": at, "reason": "EYE", "left_at": "half p"}
    draft = IncidentDraft(id=uid("form"), student_id=SOFIA, fields=form)  # type: ignore[arg-type]
    found: tuple[Finding, ...] = check(desk, draft)
    assert found == (), "words on the way to a time are the form's own fault"


@pytest.mark.parametrize("factor", [1.0, 2.0], ids=["usual", "twice"])
def test_no_access_key_leads_to_two_places_and_large_text_scrolls(desk: Desk, qtbot: QtBot, factor: float) -> None:
    with dressed(SchemeChoice.LIGHT, factor):
        page = shown(desk, qtbot)
        assert doubled_keys(page) == []
        begun(page)
        page.form.fields.end.choose("SENT_HOME")
        assert doubled_keys(page) == []
        assert page.size() == QSize(1230, 650), "no window larger than the screen"


def test_the_clock_of_who_is_here_goes_on(clinic: Clinic, qtbot: QtBot) -> None:
    desk = clinic.opened()
    assert isinstance(clinic.clock, HandClock)
    page = begun(shown(desk, qtbot))
    save(page, qtbot)
    clinic.clock.forward(timedelta(minutes=25))
    page.model.load()
    assert "since 11:50, 25 min" in first_row(page)
    desk.close()


def as_role(desk: Desk, role: Role) -> None:
    desk.person = PersonRow(id=desk.person.id, first_name="Ana", last_name="Reyes", role=role)


def test_a_confidential_visit_and_its_draft_are_not_there_for_an_aide(desk: Desk, qtbot: QtBot) -> None:
    page = begun(shown(desk, qtbot))
    page.form.fields.confidential.setChecked(True)
    save(page, qtbot)
    [view] = page.model.list.rows
    page.form_model.go_on(view.id, "more")
    page.form.fields.care.set_text("Talked")
    page.form_model.close()
    as_role(desk, Role.UNLICENSED)
    other = shown(desk, qtbot)
    assert other.model.list == VisitList(rows=(), total=0, here=0)
    assert visits_of(desk, [str(SOFIA)]) == ()
    with pytest.raises(NotFound):
        open_visit(desk, view.id)
    with pytest.raises(NotFound):
        go_on(desk, view.id, "")
    begun(other)
    assert other.form.fields.confidential.isHidden()


def test_who_only_reads_visits_begins_none(open_desk: Opener, qtbot: QtBot) -> None:
    desk = open_desk(with_visits({"arrived_at": "2026-11-23T15:00:00+00:00", "complaint": "HEADACHE"}))
    as_role(desk, Role.READ_ONLY)
    page = shown(desk, qtbot)
    assert not page.new_button.isVisible()
    page.open_place(Place(section="visits", new=True))
    assert not page.shows_form
    QTest.keyClick(page.table.view, Qt.Key.Key_Return)
    assert page.sheet.isVisible()
    assert not page.sheet.action_button.isVisible()
    form = {"form": "visit", "arrived_at": instant_to_text(desk.clock.now()), "reason": "EYE"}
    draft = IncidentDraft(id=uid("form"), student_id=SOFIA, fields=form)  # type: ignore[arg-type]
    with pytest.raises(NotAllowed):
        save_visit(desk, draft)
