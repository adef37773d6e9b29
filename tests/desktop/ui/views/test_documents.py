"""Photos and documents on the screen, over real files: added, listed, opened, fetched later, copied with a warning."""

import os
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeVar

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog, QListWidget
from pytestqt.qtbot import QtBot
from tests.desktop.actions.test_log_dose import give
from tests.desktop.actions.test_review_and_resend import report_draft
from tests.desktop.clinic import PASSWORD, Clinic, row, small_school, uid
from tests.desktop.ui.access_keys import doubled_keys
from tests.desktop.ui.dressed import dressed
from tests.desktop.ui.encoded import encoded
from tests.pictures import picture

from wc_contract.model.blobs import place_of
from wc_contract.model.changes import AccessRecorded, Entry, RecordAdded
from wc_contract.model.errors import WhiteCrossError
from wc_contract.model.ids import StudentId, UserId
from wc_contract.model.instants import instant_to_text
from wc_contract.model.kinds import DOCUMENT, INCIDENT_ADDENDUM
from wc_contract.model.values import AccessAction, Role
from wc_desktop.actions.attach_document import AttachedDocument, ChosenDocument
from wc_desktop.actions.desk import Desk
from wc_desktop.actions.incidents import sign_incident
from wc_desktop.actions.unlock import unlock
from wc_desktop.background.attacher import Attacher
from wc_desktop.background.blob_thread import BlobThread
from wc_desktop.background.runner import Runner
from wc_desktop.blobs.store import BlobStore
from wc_desktop.domain.blob_views import facts_of
from wc_desktop.domain.documents import MOST_ATTACHED
from wc_desktop.domain.failures import ServerUnreachable
from wc_desktop.domain.link_views import LinkState, LinkStatus
from wc_desktop.ports import Row
from wc_desktop.sync.blob_gateway import BlobGateway
from wc_desktop.ui.theme.scheme import SchemeChoice
from wc_desktop.ui.viewmodels.documents import Stage
from wc_desktop.ui.viewmodels.session import Note, Place, Session
from wc_desktop.ui.views import chart
from wc_desktop.ui.views.incidents import IncidentsPage
from wc_desktop.ui.views.page import Page
from wc_desktop.ui.views.students import StudentsPage
from wc_desktop.ui.widgets.picture_reader import read_square

Answer = TypeVar("Answer")
SOFIA, LEE = StudentId(uid("sofia")), StudentId(uid("lee"))
ONLINE = LinkStatus(state=LinkState.ONLINE, since=None, data_as_of=None, waiting=0, oldest_waiting=None)


@dataclass
class NoNetwork:
    """The real file of photos and documents, and no way to the server."""

    desk: Desk

    @property
    def blobs(self) -> BlobStore:
        store = self.desk.opened.blobs
        assert isinstance(store, BlobStore)
        return store

    def set_blobs_aside(self) -> None:
        raise AssertionError("nothing is damaged here")

    def mend_blobs(self) -> bool:
        return False

    def connect_blobs(self) -> BlobGateway:
        raise ServerUnreachable("no network in this test")


@dataclass
class Window:
    """A desk with the threads of the program, joined to its session as app.unlocked joins them."""

    desk: Desk
    runner: Runner
    session: Session
    blobs: BlobThread
    attacher: Attacher
    pages: list[Page] = field(default_factory=list)
    is_locked: bool = False

    @property
    def store(self) -> BlobStore:
        store = self.desk.opened.blobs
        assert isinstance(store, BlobStore)
        return store

    def do(self, job: Callable[[], Answer]) -> Answer:
        """Do something where the files are used."""
        return self.runner.call(job)

    def chosen(self) -> list[ChosenDocument]:
        """Attach nothing from now on; return where what is chosen is listed."""
        found: list[ChosenDocument] = []
        self.session.document_chosen.disconnect(self.attacher.attach_file)
        self.session.document_chosen.connect(found.append)
        return found

    def documents(self) -> list[Row]:
        return self.do(lambda: list(self.desk.records.every(DOCUMENT)))

    def newest(self, verb: str = "") -> Entry:
        return self.do(lambda: self._newest(verb))

    def _newest(self, verb: str) -> Entry:
        found = next(one for one in self.desk.journal.newest(9) if one.verb.startswith(verb))
        entry = self.desk.journal.entry(found.id)
        assert entry is not None
        return entry

    def students(self, qtbot: QtBot, child: StudentId = SOFIA) -> StudentsPage:
        page = StudentsPage(self.session)
        self._show(page, qtbot)
        page.open_place(Place(section="students", student=child, part="documents"))
        qtbot.waitUntil(lambda: page.shows_chart)
        return page

    def incidents(self, qtbot: QtBot) -> IncidentsPage:
        page = IncidentsPage(self.session)
        self._show(page, qtbot)
        return page

    def _show(self, page: Page, qtbot: QtBot) -> None:
        qtbot.addWidget(page)
        page.resize(1230, 650)
        with qtbot.waitExposed(page):
            page.show()
        page.activate()
        self.pages.append(page)


def _not_now(failure: WhiteCrossError) -> None:
    raise AssertionError(str(failure))


@pytest.fixture
def window(clinic: Clinic, request: pytest.FixtureRequest, qapp: object) -> Iterator[Window]:
    del qapp
    documents = getattr(request, "param", ())
    rows = small_school()
    for number, (content, more) in enumerate(documents):
        facts = facts_of(content, MOST_ATTACHED)
        values = {
            "student_id": str(SOFIA), "kind": "OTHER", "title": None, "media_type": facts.media_type,
            "size_bytes": facts.size, "sha256": facts.sha256, "blob_ref": place_of(facts.sha256),
            "is_confidential": False, **more,
        }  # fmt: skip
        name = f"01900000-0000-7000-8000-{number:012}"
        rows["document"].append(row("document", 8_000 + number, id=name, **values))
    runner = Runner()
    desk = runner.call(lambda: clinic.opened(rows))
    session = Session(desk, runner)
    blobs = BlobThread(runner, desk, NoNetwork(desk))
    attacher = Attacher(runner, desk)
    made = Window(desk, runner, session, blobs, attacher)
    attacher.attached.connect(blobs.on_attached)
    session.document_chosen.connect(attacher.attach_file)
    session.content_wanted.connect(blobs.wake)
    attacher.attached.connect(session.document_kept)
    attacher.not_attached.connect(session.document_not_kept)
    attacher.attached.connect(lambda _: session.changed(DOCUMENT.name, INCIDENT_ADDENDUM.name))
    blobs.start()
    yield made
    session.end()
    attacher.end(_not_now)
    blobs.stop()
    for page in made.pages:
        page.deactivate()
    if not made.is_locked:
        runner.call(desk.close)
    runner.stop()


def add(page: StudentsPage, file: Path, qtbot: QtBot, *, title: str) -> None:
    page.chart.documents.add_button.click()
    sheet = page.chart.attach
    assert sheet.isVisible()
    sheet.take_file(file)
    sheet.kind.choose("OTHER")
    sheet.title.set_text(title)
    sheet.action_button.click()
    qtbot.waitUntil(lambda: sheet.isHidden() or sheet._failure.isVisible())


def listed(page: StudentsPage) -> list[str]:
    model = page.chart.documents.table.view.model()
    return [str(model.index(number, 0).data()) for number in range(model.rowCount())]


def test_a_photo_is_added_offline_listed_and_opened_by_keyboard(window: Window, qtbot: QtBot, tmp_path: Path) -> None:
    page = window.students(qtbot)
    part = page.chart.documents
    assert not part.shows_list
    assert doubled_keys(page) == []
    part.add_button.click()
    sheet = page.chart.attach
    assert doubled_keys(sheet) == []
    assert sheet._about.text().startswith("MARTÍNEZ, Sofia · ")
    assert "There is no network: it is sent when it is back." in sheet._comes.text
    assert (sheet.step.text(), sheet.action_button.isEnabled()) == ("Choose a file.", False)
    file = tmp_path / "IMG_1.png"
    file.write_bytes(encoded(640, 480, "PNG"))
    sheet.take_file(file)
    assert sheet._chosen.text() == "IMG_1.png"
    assert sheet.step.text() == "Say what it is."
    QTest.keyClick(sheet.kind.editor, Qt.Key.Key_Down)
    QTest.keyClicks(sheet.title.editor, "Rash on the arm")
    assert window.desk.link.state is LinkState.OFFLINE
    QTest.keyClick(sheet, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(sheet.isHidden)
    qtbot.waitUntil(lambda: part.shows_list)
    [said] = listed(page)
    assert said == (
        "Rash on the arm, Other photo or document, Here, to be sent, Entries go first, 23 Nov 2026 11:50, Ana Reyes"
    )
    assert file.exists(), "the file that was chosen is the nurse's"

    part.table.choose_row(0)
    QTest.keyClick(part.table.view, Qt.Key.Key_Return)
    assert page.shows_document
    qtbot.waitUntil(lambda: page.document.picture.hasFocus() or page.document.picture.isVisible())
    assert page.document.picture.accessibleName() == "Rash on the arm"
    assert page.title() == "MARTÍNEZ, Sofia", "whose it is stands over it"
    assert doubled_keys(page) == []
    [looked] = window.newest().changes
    assert isinstance(looked, AccessRecorded)
    assert (looked.action, looked.entity_type) == (AccessAction.VIEW, "document")
    before = page.document.picture.widget().width()
    QTest.keyClick(page.document.picture, Qt.Key.Key_Plus)
    assert page.document.picture.widget().width() > before
    QTest.keyClick(page.document.picture, Qt.Key.Key_Escape)
    assert page.shows_chart
    assert page.document_model.content is None, "nothing of it stays in memory"


NOT_TAKEN = (
    (b"MZ" + bytes(200), "This is neither a picture"),
    (b"", "This file is empty."),
    (bytes(MOST_ATTACHED + 1), "This photo or document is too large."),
    (None, "This file does not read."),
)


def test_what_is_not_taken_is_told_in_words_and_another_file_is_chosen(
    window: Window, qtbot: QtBot, tmp_path: Path
) -> None:
    page = window.students(qtbot)
    file, sheet = tmp_path / "chosen", page.chart.attach
    for content, words in NOT_TAKEN:
        file.unlink(missing_ok=True)
        if content is not None:
            file.write_bytes(content)
        sheet.hide()
        add(page, file, qtbot, title="Note")
        assert sheet.isVisible()
        assert sheet._failure.text.startswith(words)
        assert sheet.title.text == "Note", "what was typed stays"
    assert window.documents() == []
    file.write_bytes(picture(2_000))
    sheet.take_file(file)
    assert sheet._failure.isHidden()
    sheet.action_button.click()
    qtbot.waitUntil(sheet.isHidden)
    assert len(window.documents()) == 1


PDF = picture(5_000, seed=4, head=b"%PDF-1.7")


@pytest.mark.parametrize("window", [((PDF, {"title": "Order of Dr Vance"}),)], indirect=True)
def test_what_is_not_here_says_so_and_opens_when_it_has_come(window: Window, qtbot: QtBot, tmp_path: Path) -> None:
    page = window.students(qtbot)
    [said] = listed(page)
    assert "At the district, Fetched when opened" in said
    page.chart.documents.table.choose_row(0)
    QTest.keyClick(page.chart.documents.table.view, Qt.Key.Key_Return)
    document = page.document_model
    qtbot.waitUntil(lambda: document.stage is Stage.FETCHING)
    qtbot.waitUntil(page.document.nothing.isVisible)
    assert document.words() == (
        "It is not on this workstation",
        "It is fetched as soon as the network is back. You can go on; nothing waits for it.",
    )
    facts = facts_of(PDF, MOST_ATTACHED)
    half = facts.size // 2
    window.session.show_link(ONLINE)
    window.do(lambda: window.store.keep_piece(facts.sha256, 0, PDF[:half]))
    window.session.content_moved.emit()
    qtbot.waitUntil(lambda: document.progress == (half, facts.size))
    assert page.document.progress.isVisible()
    assert page.document.progress.words == "2 KB of 5 KB"
    window.do(lambda: window.store.give_up(facts.sha256))
    window.session.content_moved.emit()
    qtbot.waitUntil(lambda: document.words()[0] == "The district does not have it yet")
    assert page.document.progress.isHidden()
    window.do(lambda: window.store.keep_piece(facts.sha256, half, PDF[half:]))
    window.do(lambda: window.store.finish(facts))
    window.session.content_moved.emit()
    qtbot.waitUntil(lambda: document.stage is Stage.OPEN)
    assert not page.document.picture.isVisible()
    assert page.document.copy_button.isVisible(), "a PDF is looked at with another program"

    page.document.copy_button.click()
    warning = page.document.warning
    assert warning.isVisible()
    assert doubled_keys(warning) == []
    assert warning.leave_button.hasFocus() or warning.focusWidget() is warning.leave_button
    warning.action_button.click()
    dialog = page.document.findChild(QFileDialog)
    assert dialog is not None
    target = tmp_path / "copy.pdf"
    dialog.fileSelected.emit(str(target))
    dialog.close()
    qtbot.waitUntil(page.document.saved.isVisible)
    assert target.read_bytes() == PDF
    assert target.stat().st_mode & 0o077 == 0, "nobody else of this computer reads it"
    assert "It is not encrypted" in page.document.saved.text
    [left] = window.newest().changes
    assert isinstance(left, AccessRecorded)
    assert left.action is AccessAction.EXPORT
    page.document_model.save_copy(tmp_path / "no folder" / "copy.pdf")
    qtbot.waitUntil(lambda: page.document.saved.text.startswith("The copy was not written whole."))


def test_a_share_that_hangs_holds_up_no_dose(window: Window, qtbot: QtBot, tmp_path: Path) -> None:
    page = window.students(qtbot)
    file = tmp_path / "a.png"
    file.write_bytes(encoded(50, 50, "PNG"))
    add(page, file, qtbot, title="Rash")
    qtbot.waitUntil(lambda: page.chart.documents.shows_list)
    page.chart.documents.table.choose_row(0)
    QTest.keyClick(page.chart.documents.table.view, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: page.document_model.stage is Stage.OPEN)
    hanging = tmp_path / "share"
    os.mkfifo(hanging)
    page.document_model.save_copy(hanging)
    qtbot.waitUntil(lambda: any(each.name == "beside" for each in threading.enumerate()))
    window.do(lambda: give(window.desk, "Sofia"))
    assert not page.document.saved.isVisible()
    with hanging.open("rb") as reader:
        assert reader.read() == file.read_bytes()
    qtbot.waitUntil(page.document.saved.isVisible)


FACE = encoded(90, 120, "PNG")


@pytest.mark.parametrize("window", [((FACE, {"kind": "PHOTO"}),)], indirect=True)
def test_a_face_is_read_beside_the_screen_and_never_stands_beside_another_name(
    window: Window, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    facts = facts_of(FACE, MOST_ATTACHED)
    window.do(lambda: window.store.want(facts, asked=True))
    window.do(lambda: window.store.keep_piece(facts.sha256, 0, FACE))
    window.do(lambda: window.store.finish(facts))
    go_on, threads = threading.Event(), list[str]()

    def slowly(octets: bytes, side: int) -> QImage | None:
        threads.append(threading.current_thread().name)
        go_on.wait(10)
        return read_square(octets, side)

    monkeypatch.setattr(chart, "read_square", slowly)
    page = window.students(qtbot)
    qtbot.waitUntil(lambda: len(threads) == 1)
    page.open_place(Place(section="students", student=LEE))
    qtbot.waitUntil(lambda: page.shows_chart and page.title().startswith("OKAFOR"))
    go_on.set()
    page.open_place(Place(section="students", student=SOFIA))
    qtbot.waitUntil(page.chart.photo.isVisible)
    assert threads == ["beside", "beside"]
    page.open_place(Place(section="students", student=LEE))
    qtbot.waitUntil(page.chart.photo.isHidden)


SECRET = picture(900, seed=9)


@pytest.mark.parametrize(
    "window", [((SECRET, {"title": "Letter", "is_confidential": True}), (PDF, {"title": "Order"}))], indirect=True
)
def test_what_is_confidential_is_not_there_for_a_substitute(window: Window, qtbot: QtBot) -> None:
    page = window.students(qtbot)
    assert [said.split(",")[0] for said in listed(page)] == ["Order", "Letter"]
    window.desk.person = replace(window.desk.person, role=Role.SUBSTITUTE)
    page.open_place(Place(section="students", student=SOFIA, part="documents"))
    qtbot.waitUntil(lambda: page.shows_chart and len(listed(page)) == 1)
    page.chart.documents.add_button.click()
    assert not page.chart.attach.confidential.isVisible()
    page.chart.attach.hide()
    window.desk.person = replace(window.desk.person, role=Role.UNLICENSED)
    page.open_place(Place(section="students", student=SOFIA, part="documents"))
    qtbot.waitUntil(lambda: bool(page.chart.documents.note.text()))
    assert not page.chart.documents.add_button.isVisible()


def test_a_photo_of_a_signed_report_comes_with_an_addendum(window: Window, qtbot: QtBot, tmp_path: Path) -> None:
    window.do(lambda: sign_incident(window.desk, report_draft()))
    page = window.incidents(qtbot)
    qtbot.waitUntil(lambda: page.table.view.model().rowCount() == 1)
    page.table.choose_row(0)
    QTest.keyClick(page.table.view, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: page.shows_report)
    assert doubled_keys(page) == []
    page.report.add_button.click()
    sheet = page.report.attach
    assert sheet.title.text == "Incident 23 Nov 2026 11:40"
    kinds = sheet.kind.editor
    assert isinstance(kinds, QListWidget)
    assert not kinds.findItems("Face of the child", Qt.MatchFlag.MatchStartsWith), "a wound is nobody's face"
    file = tmp_path / "knee.png"
    file.write_bytes(encoded(30, 30, "PNG"))
    sheet.take_file(file)
    sheet.kind.choose("OTHER")
    sheet.action_button.click()
    qtbot.waitUntil(sheet.isHidden)
    entry = window.newest("record.add:document")
    document, addendum = entry.changes
    assert isinstance(document, RecordAdded)
    assert isinstance(addendum, RecordAdded)
    assert (document.kind, document.values["student_id"]) == ("document", str(LEE))
    assert addendum.values["incident_id"] == str(report_draft().id)
    assert addendum.values["signed_at"] == instant_to_text(entry.authored_at)
    assert len(entry.depends_on) == 1, "the report goes first"
    qtbot.waitUntil(lambda: "Added since" in dict(page.report_model.facts()))
    added = dict(page.report_model.facts())["Added since"]
    assert added.endswith("Ana Reyes · A photo or document was added to the child's chart: Incident 23 Nov 2026 11:40.")
    assert window.newest().number == entry.number, "it was opened once, and so it stands on record"
    wanted: list[Place] = []
    window.session.place_wanted.connect(wanted.append)
    page.report.documents_button.click()
    assert (wanted[0].student, wanted[0].part) == (LEE, "documents")


def test_a_draft_asks_for_the_child_first(window: Window, qtbot: QtBot) -> None:
    page = window.incidents(qtbot)
    page.open_place(Place(section="incidents", new=True))
    qtbot.waitUntil(lambda: page.shows_form)
    assert not page.form.add_button.isEnabled()
    page.open_place(Place(section="incidents", new=True, student=SOFIA))
    qtbot.waitUntil(page.form.add_button.isEnabled)
    assert doubled_keys(page) == []
    page.form.add_button.click()
    assert page.form.attach.isVisible()
    page.deactivate()
    assert page.form.attach.isHidden()


def test_what_was_added_outlives_a_lock_and_a_dose_is_not_held_up(
    window: Window, clinic: Clinic, qtbot: QtBot, tmp_path: Path
) -> None:
    page = window.students(qtbot)
    file = tmp_path / "scan.jpg"
    file.write_bytes(picture(3_000_000))
    kept: list[AttachedDocument] = []
    window.session.document_kept.connect(kept.append)
    page.chart.documents.add_button.click()
    page.chart.attach.take_file(file)
    page.chart.attach.kind.choose("CONSENT")
    page.chart.attach.action_button.click()
    window.do(lambda: give(window.desk, "Sofia"))
    qtbot.waitUntil(lambda: bool(kept))
    window.attacher.end(_not_now)
    window.blobs.stop()
    window.do(window.desk.close)
    window.is_locked = True
    again = unlock(clinic.station(), UserId(window.desk.user), PASSWORD)
    [found] = again.records.every(DOCUMENT)
    assert found["sha256"] == kept[0].facts.sha256
    assert again.opened.blobs.counts().waiting == 1
    again.close()


@pytest.mark.parametrize(("scheme", "factor"), [(SchemeChoice.LIGHT, 1.0), (SchemeChoice.DARK, 2.0)])
def test_the_sheet_and_the_list_are_whole_at_double_size(
    window: Window, qtbot: QtBot, tmp_path: Path, scheme: SchemeChoice, factor: float
) -> None:
    with dressed(scheme, factor):
        page = window.students(qtbot)
        file = tmp_path / "a.png"
        file.write_bytes(encoded(50, 50, "PNG"))
        add(page, file, qtbot, title="Rash")
        qtbot.waitUntil(lambda: page.chart.documents.shows_list)
        button = page.chart.documents.add_button
        assert button.width() >= button.sizeHint().width(), "the button's words are cut"
        button.click()
        sheet = page.chart.attach
        for each in (sheet.choose_button, sheet.leave_button, sheet.action_button):
            assert each.width() >= each.sizeHint().width()
        sheet.hide()


def test_choosing_is_the_systems_own_dialog_and_takes_what_was_chosen(window: Window, qtbot: QtBot) -> None:
    page = window.students(qtbot)
    chosen = window.chosen()
    page.chart.documents.add_button.click()
    sheet = page.chart.attach
    sheet.choose_button.click()
    dialog = sheet.findChild(QFileDialog)
    assert dialog is not None
    dialog.fileSelected.emit("/media/stick/letter.pdf")
    dialog.close()
    sheet.kind.choose("CONSENT")
    sheet.confidential.setChecked(True)
    sheet.action_button.click()
    [one] = chosen
    assert one.path == Path("/media/stick/letter.pdf")
    assert (one.draft.is_confidential, one.draft.title, one.draft.student) == (True, None, SOFIA)
    assert sheet.step.text() == "It is being kept…"
    assert not sheet.action_button.isEnabled()
    window.session.document_not_kept.emit(one.draft, ServerUnreachable("nothing"))
    assert sheet._failure.isVisible()


def test_each_sheet_is_answered_for_its_own_child(window: Window, qtbot: QtBot) -> None:
    page, other = window.students(qtbot), window.incidents(qtbot)
    chosen = window.chosen()
    notes: list[Note] = []
    window.session.note_wanted.connect(notes.append)
    other.open_place(Place(section="incidents", new=True, student=LEE))
    qtbot.waitUntil(lambda: other.shows_form and other.form.add_button.isEnabled())
    for sheet, button in (
        (page.chart.attach, page.chart.documents.add_button),
        (other.form.attach, other.form.add_button),
    ):
        button.click()
        sheet.take_file(Path("/media/stick/a.png"))
        sheet.kind.choose("OTHER")
        sheet.action_button.click()
        page.deactivate()
    first, second = (one.draft for one in chosen)
    facts = facts_of(PDF, MOST_ATTACHED)
    window.session.document_kept.emit(AttachedDocument(draft=second, facts=facts, record="", values={}))
    assert other.form.attach.isHidden()
    assert page.chart.attaching.is_busy
    assert len(notes) == 1, "nothing is told as kept that is not"
    window.session.document_not_kept.emit(first, ServerUnreachable("nothing"))
    assert notes[1].words.startswith("Not added to the chart of MARTÍNEZ, Sofia.")
    assert notes[1].urgent


def test_a_file_that_was_kept_meanwhile_closes_no_other_childs_sheet(window: Window, qtbot: QtBot) -> None:
    page = window.students(qtbot)
    chosen = window.chosen()
    page.chart.documents.add_button.click()
    sheet = page.chart.attach
    sheet.take_file(Path("/media/stick/a.png"))
    sheet.kind.choose("OTHER")
    sheet.action_button.click()
    sheet.hide()
    page.open_place(Place(section="students", student=LEE, part="documents"))
    qtbot.waitUntil(lambda: page.title().startswith("OKAFOR"))
    page.chart.documents.add_button.click()
    sheet.take_file(Path("/media/stick/b.png"))
    sheet.kind.choose("CONSENT")
    assert sheet.step.text() == "It is being kept…"
    facts = facts_of(PDF, MOST_ATTACHED)
    window.session.document_kept.emit(AttachedDocument(draft=chosen[0].draft, facts=facts, record="", values={}))
    assert sheet.isVisible()
    assert sheet._chosen.text() == "b.png"
    assert sheet.action_button.isEnabled()
