"""The pages over a real workstation: SQLCipher files, the real actions, drafts that survive the end of the program."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot
from tests.desktop.clinic import NURSE, PASSWORD, Clinic, Rows, uid
from tests.fakes.pages_seam import ImmediateJobs

from wc_contract.model.ids import StudentId, UserId
from wc_contract.wire.journal_file import read_journal_file
from wc_desktop.actions.desk import Desk
from wc_desktop.actions.unlock import unlock
from wc_desktop.ui.viewmodels.session import Place, Session
from wc_desktop.ui.views.incidents import IncidentsPage
from wc_desktop.ui.views.page import Page
from wc_desktop.ui.views.review import ReviewPage
from wc_desktop.ui.views.students import StudentsPage
from wc_desktop.ui.views.sync import SyncPage

SOFIA = StudentId(uid("sofia"))


def shown(page: Page, qtbot: QtBot) -> None:
    qtbot.addWidget(page)
    page.resize(1230, 650)
    with qtbot.waitExposed(page):
        page.show()
    page.activate()


def test_a_child_is_found_and_the_chart_opens(desk: Desk, qtbot: QtBot) -> None:
    page = StudentsPage(Session(desk, ImmediateJobs()))
    shown(page, qtbot)
    QTest.keyClicks(page.search, "lee oka")
    qtbot.waitUntil(lambda: len(page.model.rows) == 1)
    QTest.keyClick(page.search, Qt.Key.Key_Return)
    QTest.keyClick(page.table.view, Qt.Key.Key_Return)
    assert page.title() == "OKAFOR, Lee"
    said = str(page.chart.tables["orders"].view.model().index(0, 0).data())
    assert said.startswith("The parent's authorisation has ended.")
    assert desk.journal.newest(1)[0].verb == "access.record"


def test_what_waits_is_saved_as_a_file_while_the_desk_is_open(desk: Desk, qtbot: QtBot, tmp_path: Path) -> None:
    page = SyncPage(Session(desk, ImmediateJobs()))
    shown(page, qtbot)
    stick = tmp_path / "stick"
    page._on_folder(str(stick))
    assert page.saved.isVisible()
    assert page.saved.text.startswith("There is no such folder to put the file into.")
    stick.mkdir()
    page._on_folder(str(stick))
    [made] = stick.iterdir()
    # Unlocking was the one entry so far.
    assert page.saved.text.startswith("1 entry saved, written from ")
    assert str(made) in page.saved.text
    header = read_journal_file(made.read_bytes()).header
    assert header is not None
    assert (header.content, header.numbers, header.device_id) == ("waiting", ((1, 1),), desk.device_id)
    page.save_button.click()
    dialog = page.findChild(QFileDialog)
    assert dialog is not None
    dialog.fileSelected.emit(str(stick))
    assert len(list(stick.iterdir())) == 2
    dialog.close()


def test_a_half_typed_report_is_there_again_after_the_power_was_cut(clinic: Clinic, qtbot: QtBot) -> None:
    desk = clinic.opened()
    page = IncidentsPage(Session(desk, ImmediateJobs()))
    shown(page, qtbot)
    page.open_place(Place(section="incidents", new=True, student=SOFIA))
    page.form.fields.type.choose("HEAD_INJURY")
    page.form.fields.body.mark(("HEAD", "NOSE"))
    QTest.keyClicks(page.form.fields.narrative.editor, "Fell from the")
    page.form.fields.when.editor.setFocus()
    page.form.fields.contacts.add_button.click()
    page.form_model.save()
    left = page.form_model.many("notifications")
    desk.close()  # nothing else is told that the program ends

    again = unlock(clinic.station(), UserId(NURSE), PASSWORD)
    other = IncidentsPage(Session(again, ImmediateJobs()))
    shown(other, qtbot)
    QTest.keyClick(other.table.view, Qt.Key.Key_Return)
    assert other.title() == "Incident report · MARTÍNEZ, Sofia"
    assert other.form.fields.narrative.text == "Fell from the"
    assert other.form.fields.body.keys == {"HEAD", "NOSE"}
    assert other.form.fields.contacts.values == left
    assert other.form.saved.text().startswith("Draft saved on this workstation 11:50")
    again.close()


def test_a_report_is_signed_and_stands_in_the_sync_journal(desk: Desk, qtbot: QtBot) -> None:
    session = Session(desk, ImmediateJobs())
    page = IncidentsPage(session)
    shown(page, qtbot)
    page.open_place(Place(section="incidents", new=True, student=SOFIA))
    fields = page.form.fields
    fields.type.choose("BEHAVIOURAL")
    fields.severity.choose("LOW")
    fields.where.set_text("Gym")
    fields.narrative.set_text("Left the room in anger; told by the aide.")
    fields.disposition.choose("RETURNED_TO_CLASS")
    QTest.keyClick(fields.where.editor, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(page.form.sign_sheet.isVisible)
    page.form.sign_sheet.action_button.click()
    assert desk.journal.newest(1)[0].verb == "incident.sign"
    sync = SyncPage(session)
    shown(sync, qtbot)
    said = str(sync.table.view.model().index(0, 0).data())
    assert said.startswith("Waiting here")
    assert "Incident report" in said
    assert "MARTÍNEZ, Sofia" in said
    sync.verify_button.click()
    assert desk.wants_digest


def test_a_school_without_cases_says_so(open_desk: Callable[[Rows | None], Desk], qtbot: QtBot) -> None:
    page = ReviewPage(Session(open_desk(None), ImmediateJobs()))
    shown(page, qtbot)
    assert page.empty.isVisible()
