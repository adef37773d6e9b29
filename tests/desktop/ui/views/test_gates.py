"""The screens in front of the lock: keyboard first, sentences beside the fields, nothing typed lost."""

from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot
from tests.desktop.ui.access_keys import doubled_keys
from tests.desktop.ui.dressed import bring_up, dressed
from tests.fakes.pages_seam import NURSE, ImmediateJobs

from wc_contract.model.errors import WhiteCrossError
from wc_contract.model.ids import UserId
from wc_contract.model.values import Role
from wc_desktop.domain.enrolment import EnrolRequest, FirstSync
from wc_desktop.domain.failures import JournalDamaged, ReplicaDamaged, ServerUnreachable, WrongPassword
from wc_desktop.domain.rebuilt import Rebuilt
from wc_desktop.domain.screens import PersonRow
from wc_desktop.ui.theme.tokens import current_tokens
from wc_desktop.ui.theme.tone import Tone
from wc_desktop.ui.viewmodels.enrol import EnrolModel, EnrolVerbs
from wc_desktop.ui.viewmodels.unlock import StationFace, UnlockModel, UnlockVerbs
from wc_desktop.ui.views.enrol import EnrolPage
from wc_desktop.ui.views.unlock import UnlockPage

pytestmark = pytest.mark.gui
OTHER = PersonRow(id=UserId(UUID(int=901)), first_name="Beatriz", last_name="Alvarado", role=Role.NURSE)


@pytest.fixture(autouse=True)
def _dressed(qapp: object) -> Iterator[None]:
    del qapp
    with dressed():
        yield


class _Station:
    def __init__(self, failure: WhiteCrossError | None = None) -> None:
        self.failure = failure
        self.asked: list[tuple[UserId, str]] = []
        self.rebuilt: Rebuilt | None = None

    def unlock(self, user: UserId, password: str) -> Any:
        self.asked.append((user, password))
        if self.failure is not None:
            raise self.failure
        return object()

    def first_sync(self, _user: UserId, _password: str, _progress: Callable[[FirstSync], None]) -> None:
        self.failure = None

    def sign_in(self, _email: str, _password: str, _totp: str) -> PersonRow:
        return NURSE

    def capture(self, _user: UserId, _password: str) -> Any:
        return "a capture desk"

    def rebuild(self, _user: UserId, _password: str) -> Rebuilt | None:
        self.failure = None
        return self.rebuilt


def _unlock_page(qtbot: QtBot, station: _Station, last_user: str = "") -> UnlockPage:
    verbs = UnlockVerbs(
        unlock=station.unlock,
        first_sync=station.first_sync,
        sign_in=station.sign_in,
        rebuild=station.rebuild,
        capture=station.capture,
    )
    model = UnlockModel(ImmediateJobs(), verbs)
    face = StationFace(school_name="Lincoln Elementary", device_name="Nurse's office", people=(NURSE, OTHER))
    page = UnlockPage(model, face, last_user=last_user)
    model.setParent(page)
    qtbot.addWidget(page)
    page.resize(1366, 768)
    bring_up(page)
    page.setFocus()
    return page


def test_whoever_was_here_last_is_chosen_and_the_password_waits(qtbot: QtBot) -> None:
    station = _Station()
    page = _unlock_page(qtbot, station, str(OTHER.id))
    QTest.keyClicks(page.password.editor, "secret words")
    QTest.keyClick(page.password.editor, Qt.Key.Key_Return)
    assert station.asked == [(OTHER.id, "secret words")]


def test_arrows_choose_the_person_from_the_password_field(qtbot: QtBot) -> None:
    station = _Station()
    page = _unlock_page(qtbot, station)
    QTest.keyClick(page.password.editor, Qt.Key.Key_Down)
    assert page.user == OTHER.id
    QTest.keyClick(page.password.editor, Qt.Key.Key_Up)
    assert page.user == NURSE.id


def test_a_wrong_password_is_marked_so_that_typing_replaces_it(qtbot: QtBot) -> None:
    page = _unlock_page(qtbot, _Station(WrongPassword(9)))
    QTest.keyClicks(page.password.editor, "wrong")
    QTest.keyClick(page.password.editor, Qt.Key.Key_Return)
    assert page.fault.text == "The password is not right. 9 tries left."
    QTest.keyClicks(page.password.editor, "r")
    assert page.password.secret == "r"
    assert page.fault.isHidden()


def test_damaged_records_offer_to_be_fetched_again(qtbot: QtBot) -> None:
    page = _unlock_page(qtbot, _Station(ReplicaDamaged("unreadable")))
    QTest.keyClicks(page.password.editor, "right")
    QTest.keyClick(page.password.editor, Qt.Key.Key_Return)
    assert page.remedy.isVisible()
    with qtbot.waitSignal(page.model.unlocked):
        page.remedy.click()


@pytest.mark.parametrize(
    ("missing", "tone", "words"),
    [((), Tone.OK, "Go on working"), ((3, 7, 8), Tone.WARNING, "Lost: 3 (number 3, 7-8)")],
)
def test_what_came_of_a_rebuild_is_read_before_the_desk_opens(
    qtbot: QtBot, missing: tuple[int, ...], tone: Tone, words: str
) -> None:
    station = _Station(JournalDamaged("unreadable"))
    station.rebuilt = Rebuilt(restored=12, drafts=0, missing=missing, unsure=False, asked=True, aside=("a",))
    page = _unlock_page(qtbot, station)
    QTest.keyClicks(page.password.editor, "right")
    QTest.keyClick(page.password.editor, Qt.Key.Key_Return)
    assert page.remedy.text() == "&Rebuild the journal"
    assert QApplication.focusWidget() is page.remedy
    QTest.keyClick(page.remedy, Qt.Key.Key_Space)
    assert page.fault.text.startswith("The journal was rebuilt: 12 entries are back.")
    assert words in page.fault.text
    assert page.fault._tone is tone
    assert (page.button.text(), QApplication.focusWidget()) == ("&Go on working", page.button)
    assert page.remedy.isHidden()
    station.failure = None
    with qtbot.waitSignal(page.model.unlocked):
        QTest.keyClick(page.button, Qt.Key.Key_Space)


def test_a_journal_that_is_whole_again_is_simply_opened(qtbot: QtBot) -> None:
    page = _unlock_page(qtbot, _Station(JournalDamaged("unreadable")))
    QTest.keyClicks(page.password.editor, "right")
    QTest.keyClick(page.password.editor, Qt.Key.Key_Return)
    with qtbot.waitSignal(page.model.unlocked):
        page.remedy.click()


def test_caps_lock_is_hinted_at(qtbot: QtBot) -> None:
    page = _unlock_page(qtbot, _Station())
    QTest.keyClick(page.password.editor, "A", Qt.KeyboardModifier.NoModifier)
    assert page.caps.isVisible()
    QTest.keyClick(page.password.editor, "a", Qt.KeyboardModifier.NoModifier)
    assert page.caps.isHidden()


def test_the_field_says_when_it_was_painted_once(qtbot: QtBot) -> None:
    page = _unlock_page(qtbot, _Station())
    qtbot.waitUntil(lambda: page._painted)


def test_the_locked_screen_names_itself_for_the_ear(qtbot: QtBot) -> None:
    page = _unlock_page(qtbot, _Station())
    assert page.password.editor.accessibleName() == "Password"
    assert page.who.editor.accessibleName() == "Who are you?"


def test_tab_goes_from_the_names_to_the_password_and_the_button(qtbot: QtBot) -> None:
    page = _unlock_page(qtbot, _Station())
    assert QApplication.focusWidget() is page.password.editor
    walked = []
    for _ in range(4):
        QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Tab)
        walked.append(QApplication.focusWidget())
    assert walked == [page.button, page.help_button, page.who.editor, page.password.editor]


def _enrol_page(qtbot: QtBot, failure: WhiteCrossError, width: int = 1366) -> EnrolPage:
    def enrol(_request: EnrolRequest, _progress: Callable[[FirstSync], None]) -> UserId:
        raise failure

    def is_enrolled() -> bool:
        return False

    model = EnrolModel(ImmediateJobs(), EnrolVerbs(enrol=enrol, is_enrolled=is_enrolled))
    page = EnrolPage(model, server="https://district.example")
    model.setParent(page)
    qtbot.addWidget(page)
    page.resize(width, 768)
    bring_up(page)
    return page


def _fill(page: EnrolPage) -> None:
    typed = {"district": "prairie", "code": "A-B-C", "device": "Clinic", "email": "ana@example.invalid"}
    for name, text in typed.items():
        QTest.keyClicks(getattr(page, name).editor, text)
    QTest.keyClicks(page.password.editor, "long enough")
    QTest.keyClicks(page.totp.editor, "123456")


@pytest.mark.parametrize("factor", [1.0, 1.5])
def test_sentences_of_two_lines_beside_the_fields_are_shown_whole(qtbot: QtBot, factor: float) -> None:
    with dressed(factor=factor):
        page = _enrol_page(qtbot, ServerUnreachable("x"))
        long = "The server does not know this code any more. Ask your administrator for a new one, and type it here."
        fields = (page.district, page.code, page.email, page.password, page.totp, page.ca_file)
        for field in fields:
            field.set_fault(long)
        for field in fields:
            note = next(label for label in field.findChildren(QLabel) if label.text() == long)
            qtbot.waitUntil(lambda part=note: part.height() >= part.heightForWidth(part.width()) > part.width() // 20)
            assert note.heightForWidth(note.width()) > note.fontMetrics().height() * 1.5
            assert field.rect().contains(note.geometry())


def test_the_faulty_field_with_the_focus_shows_the_ring_too(qtbot: QtBot) -> None:
    page = _enrol_page(qtbot, ServerUnreachable("x"))
    page.code.set_fault("Not a code.")
    page.code.setFocus()
    inks = current_tokens()
    seen = {page.code.editor.grab().toImage().pixelColor(x, 1).name().upper() for x in range(20, 60)}
    assert inks.focus in seen
    ground = page.code.editor.grab().toImage().pixelColor(60, 5).name().upper()
    assert ground == inks.danger.soft
    page.district.setFocus()
    seen = {page.code.editor.grab().toImage().pixelColor(x, 1).name().upper() for x in range(20, 60)}
    assert inks.danger.ink in seen


def test_no_access_key_leads_to_two_places(qtbot: QtBot) -> None:
    assert doubled_keys(_enrol_page(qtbot, ServerUnreachable("x"))) == []
    assert doubled_keys(_unlock_page(qtbot, _Station(ReplicaDamaged("unreadable")))) == []


def test_an_unreachable_server_is_said_at_its_field_and_the_form_stays(qtbot: QtBot) -> None:
    page = _enrol_page(qtbot, ServerUnreachable("x"))
    _fill(page)
    QTest.keyClick(page.totp.editor, Qt.Key.Key_Return)
    assert page.server.fault.startswith("The server does not answer.")
    assert page.typed.password == "long enough"
    assert page.typed.code == "A-B-C"
    assert page.button.isEnabled()
