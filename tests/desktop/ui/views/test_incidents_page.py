"""An incident report by keyboard, from the empty form to the reading copy."""

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QWidget
from pytestqt.qtbot import QtBot
from tests.desktop.ui.access_keys import doubled_keys
from tests.desktop.ui.dressed import bring_up
from tests.fakes.pages_seam import DraftShelf, child, make_session

from wc_desktop.ui.viewmodels.incident_form import FormVerbs
from wc_desktop.ui.viewmodels.incident_list import ListVerbs
from wc_desktop.ui.viewmodels.incident_report import ReportVerbs
from wc_desktop.ui.viewmodels.session import Place, Session
from wc_desktop.ui.viewmodels.student_search import SearchVerbs
from wc_desktop.ui.views.incidents import IncidentsPage
from wc_desktop.ui.views.window_sheet import WindowSheet
from wc_desktop.ui.widgets.buttons import DangerButton
from wc_desktop.ui.widgets.field import FormField

SOFIA = child()


@pytest.fixture
def shelf() -> DraftShelf:
    return DraftShelf((SOFIA, child("Okafor", "Adaeze")))


@pytest.fixture
def session(qapp: QApplication) -> Iterator[Session]:
    del qapp
    made = make_session()
    yield made
    made.deleteLater()


def page_over(shelf: DraftShelf, session: Session, qtbot: QtBot) -> IncidentsPage:
    page = IncidentsPage(
        session,
        ListVerbs(list_incidents=shelf.list_incidents),
        FormVerbs(
            new_draft=shelf.new_draft,
            save_draft=shelf.save_draft,
            load_draft=shelf.load_draft,
            discard_draft=shelf.discard_draft,
            check=shelf.check,
            sign_incident=shelf.sign_incident,
            children=shelf.children,
        ),
        ReportVerbs(read_report=shelf.read_report),
        SearchVerbs(search=shelf.search),
    )
    qtbot.addWidget(page)
    page.resize(1230, 650)
    bring_up(page)
    page.activate()
    return page


@pytest.fixture
def page(shelf: DraftShelf, session: Session, qtbot: QtBot) -> IncidentsPage:
    return page_over(shelf, session, qtbot)


def unnamed(root: QWidget) -> list[str]:
    found = []
    for widget in root.findChildren(QWidget):
        if widget.isVisible() and widget.focusPolicy() is not Qt.FocusPolicy.NoFocus:
            interface = QAccessible.queryAccessibleInterface(widget)
            if not interface.text(QAccessible.Text.Name):
                found.append(type(widget).__name__)
    return found


def choose_sofia(page: IncidentsPage, qtbot: QtBot) -> None:
    picker = page.form.fields.child
    QTest.keyClicks(picker.search, "mart")
    qtbot.waitUntil(picker.table.isVisible)
    QTest.keyClick(picker.search, Qt.Key.Key_Return)
    QTest.keyClick(picker.table.view, Qt.Key.Key_Return)


def fill(page: IncidentsPage) -> None:
    fields = page.form.fields
    fields.type.choose("INJURY")
    fields.severity.choose("LOW")
    QTest.keyClicks(fields.where.editor, "Gym")
    QTest.keyClicks(fields.narrative.editor, "Tripped over a rope.")
    fields.body.mark(("KNEE_LEFT", "HAND_RIGHT"))
    QTest.keyClicks(fields.care.editor, "Plaster")
    fields.disposition.choose("RETURNED_TO_CLASS")


def test_a_child_is_chosen_by_typing_and_two_enters_then_stands_as_text(page: IncidentsPage, qtbot: QtBot) -> None:
    page.open_place(Place(section="incidents", new=True))
    choose_sofia(page, qtbot)
    assert page.title() == "Incident report · MARTINEZ, Sofia"
    assert page.form.fields.child.search.isHidden()
    assert page.form_model.child == SOFIA


def test_ctrl_enter_shows_what_is_missing_beside_the_fields_and_goes_to_the_first(
    page: IncidentsPage, qtbot: QtBot
) -> None:
    page.open_place(Place(section="incidents", new=True, student=SOFIA.id))
    page.form.fields.type.choose("INJURY")
    QTest.keyClick(page.form.fields.where.editor, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: bool(page.form_model.faults))
    fields = page.form.fields
    assert fields.where.fault == "Not filled in yet: where it happened."
    assert fields.narrative.fault
    assert fields.body.fault
    assert not fields.activity.fault
    assert page.form.problems.text().endswith("things to do before this can be signed")
    assert fields.where.editor.hasFocus()
    assert not page.form.sign_sheet.isVisible()


def test_a_report_is_filled_signed_once_and_read(page: IncidentsPage, shelf: DraftShelf, qtbot: QtBot) -> None:
    page.open_place(Place(section="incidents", new=True, student=SOFIA.id))
    fill(page)
    QTest.keyClick(page.form.fields.care.editor, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(page.form.sign_sheet.isVisible)
    assert shelf.signed == []
    page.form.sign_sheet.action_button.click()
    assert shelf.signed[0].fields["body_regions"] == ("HAND_RIGHT", "KNEE_LEFT")
    assert shelf.signed[0].fields["narrative"] == "Tripped over a rope."
    assert not page.shows_form
    assert page.table.current_key == shelf.signed[0].id
    QTest.keyClick(page.table.view, Qt.Key.Key_Return)
    assert page.shows_report
    assert page.title() == "Injury · MARTINEZ, Sofia"
    QTest.keyClick(page.report, Qt.Key.Key_Escape)
    assert not page.shows_report


def test_esc_keeps_the_text_as_a_draft_and_enter_brings_it_back(
    page: IncidentsPage, shelf: DraftShelf, session: Session, qtbot: QtBot
) -> None:
    page.open_place(Place(section="incidents", new=True, student=SOFIA.id))
    fields = page.form.fields
    fields.type.choose("HEAD_INJURY")
    QTest.keyClicks(fields.narrative.editor, "Fell from")
    fields.body.mark(("HEAD",))
    fields.witnesses.add_button.click()
    QTest.keyClicks(fields.witnesses.rows[0].fields[0].editor, "Pat")
    fields.contacts.add_button.click()
    QTest.keyClicks(fields.contacts.rows[0].fields[0].editor, "Ana")
    QTest.keyClick(page.form, Qt.Key.Key_Escape)
    assert not page.shows_form
    kept = next(iter(shelf.drafts.values()))
    assert kept.fields["narrative"] == "Fell from"
    # As after kill -9: another window, over what was stored.
    other = page_over(shelf, session, qtbot)
    other.table.choose_row(0)
    QTest.keyClick(other.table.view, Qt.Key.Key_Return)
    assert other.shows_form
    again = other.form.fields
    assert again.narrative.text == "Fell from"
    assert again.body.keys == {"HEAD"}
    assert again.witnesses.values == ("Pat\t",)
    assert again.contacts.values == kept.fields["notifications"]
    assert again.type.key == "HEAD_INJURY"
    assert other.form_model.child == SOFIA
    saves = shelf.saves
    other.form_model.save()
    assert shelf.saves == saves, "opening a draft alone must not change it"


def test_leaving_the_page_saves_what_was_typed(page: IncidentsPage, shelf: DraftShelf) -> None:
    page.open_place(Place(section="incidents", new=True))
    QTest.keyClicks(page.form.fields.where.editor, "Bus")
    page.deactivate()
    assert [draft.fields["location"] for draft in shelf.drafts.values()] == ["Bus"]


def test_the_kind_decides_which_sections_there_are(page: IncidentsPage) -> None:
    page.open_place(Place(section="incidents", new=True))
    fields = page.form.fields

    def shown() -> tuple[bool, bool, bool]:
        return fields.body.isVisible(), fields.harm.isVisible(), fields.head.isVisible()

    assert shown() == (False, False, False)
    fields.type.choose("HEAD_INJURY")
    assert shown() == (True, False, True)
    fields.type.choose("MEDICATION_ERROR")
    assert shown() == (False, True, False)


def test_discarding_asks_first_and_keeping_is_what_enter_does(page: IncidentsPage, shelf: DraftShelf) -> None:
    page.open_place(Place(section="incidents", new=True))
    QTest.keyClicks(page.form.fields.where.editor, "Bus")
    page.form_model.save()
    page.form.discard_button.click()
    page.form.discard_sheet.leave_button.click()
    assert shelf.drafts
    page.form.discard_button.click()
    page.form.discard_sheet.action_button.click()
    assert shelf.drafts == {}
    assert not page.shows_form


def test_what_is_asked_over_the_form_looks_like_every_other_sheet(page: IncidentsPage) -> None:
    for sheet in (page.form.sign_sheet, page.form.discard_sheet):
        assert isinstance(sheet, WindowSheet)
        assert sheet.windowFlags() & Qt.WindowType.FramelessWindowHint
    assert isinstance(page.form.discard_sheet.action_button, DangerButton)


@pytest.mark.parametrize("kind", ["INJURY", "HEAD_INJURY", "MEDICATION_ERROR"])
def test_no_access_key_of_the_form_leads_to_two_places(page: IncidentsPage, kind: str) -> None:
    page.open_place(Place(section="incidents", new=True, student=SOFIA.id))
    page.form.fields.type.choose(kind)
    page.form.fields.witnesses.add_button.click()
    assert doubled_keys(page) == []


def test_typing_over_the_time_needs_no_key_before_it(page: IncidentsPage, qtbot: QtBot) -> None:
    page.open_place(Place(section="incidents", new=True, student=SOFIA.id))
    when = page.form.fields.when.editor
    qtbot.waitUntil(when.hasFocus)
    QTest.keyClicks(when, "-10")
    assert isinstance(when, QLineEdit)
    assert when.text() == "-10"
    assert "Type" not in page.form.fields.when.note


def test_tab_goes_down_the_first_column_and_then_the_second(page: IncidentsPage) -> None:
    page.open_place(Place(section="incidents", new=True, student=SOFIA.id))
    fields = page.form.fields
    fields.type.choose("INJURY")
    stops = (
        fields.when, fields.where, fields.activity, fields.type, fields.severity, fields.witnesses,
        fields.narrative, fields.body, fields.injury, fields.care, fields.disposition,
        fields.contacts, fields.follow_up,
    )  # fmt: skip
    wanted = [stop.editor if isinstance(stop, FormField) else stop.add_button for stop in stops]
    fields.when.setFocus()
    walked: list[QWidget | None] = [QApplication.focusWidget()]
    for _ in wanted[1:]:
        QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Tab)
        walked.append(QApplication.focusWidget())
    assert walked == wanted


def test_tab_leaves_the_notes(page: IncidentsPage) -> None:
    page.open_place(Place(section="incidents", new=True))
    notes = page.form.fields.narrative.editor
    notes.setFocus()
    QTest.keyClick(notes, Qt.Key.Key_Tab)
    assert not notes.hasFocus()
    assert page.form.fields.narrative.text == ""


def test_nothing_in_the_form_is_unnamed(page: IncidentsPage) -> None:
    page.open_place(Place(section="incidents", new=True))
    page.form.fields.type.choose("HEAD_INJURY")
    page.form.fields.witnesses.add_button.click()
    page.form.fields.contacts.add_button.click()
    assert unnamed(page) == []
    assert page.form.fields.contacts.rows[0].fields[2].editor.accessibleName() == "Contact 1, Time"


def test_n_in_the_list_begins_a_report(page: IncidentsPage, shelf: DraftShelf, session: Session) -> None:
    shelf.save_draft(session.desk, shelf.new_draft(None))
    page.activate()
    QTest.keyClick(page.table.view, Qt.Key.Key_N)
    assert page.shows_form


def test_a_report_opened_from_a_chart_leads_back_there(
    page: IncidentsPage, shelf: DraftShelf, session: Session
) -> None:
    gone: list[Place] = []
    session.place_wanted.connect(gone.append)
    shelf.sign_incident(None, shelf.new_draft(None, SOFIA.id))
    page.came_from = "students"
    page.open_place(Place(section="incidents", incident=shelf.signed[0].id))
    assert page.shows_report
    QTest.keyClick(page.report, Qt.Key.Key_Escape)
    assert gone == [Place(section="students")]


def test_a_form_that_is_narrow_stacks_its_columns_and_loses_nothing(page: IncidentsPage) -> None:
    page.open_place(Place(section="incidents", new=True))
    page.resize(640, 480)
    QApplication.processEvents()
    fields = page.form.fields
    assert (
        fields.narrative.mapTo(fields, fields.narrative.rect().topLeft()).x()
        == fields.where.mapTo(fields, fields.where.rect().topLeft()).x()
    )


def test_a_part_of_the_body_is_marked_in_the_picture_or_in_the_list(page: IncidentsPage, qtbot: QtBot) -> None:
    page.open_place(Place(section="incidents", new=True, student=SOFIA.id))
    fields = page.form.fields
    assert not fields.picture.isVisible()
    fields.type.choose("INJURY")
    qtbot.waitUntil(fields.picture.isVisible)
    QTest.mouseClick(fields.picture, Qt.MouseButton.LeftButton, pos=fields.picture.place_of("KNEE_LEFT").toPoint())
    assert fields.body.keys == {"KNEE_LEFT"}
    assert page.form_model.many("body_regions") == ("KNEE_LEFT",)
    fields.body.mark(("KNEE_LEFT", "NOSE"))
    assert fields.picture.marked == {"KNEE_LEFT", "NOSE"}
    QTest.mouseClick(fields.picture, Qt.MouseButton.LeftButton, pos=fields.picture.place_of("KNEE_LEFT").toPoint())
    assert page.form_model.many("body_regions") == ("NOSE",)
