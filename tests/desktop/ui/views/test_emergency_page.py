"""Emergency card by keyboard: nothing without name, reason and code; nothing that can be copied; closed by itself."""

from collections.abc import Iterator
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot
from tests.desktop.ui.access_keys import doubled_keys
from tests.desktop.ui.dressed import bring_up, dressed
from tests.fakes.pages_seam import NURSE, ImmediateJobs

from wc_contract.model.instants import Instant
from wc_contract.model.values import EmergencyReason
from wc_desktop.domain.emergency import CardName, EmergencyAsk, EmergencyCard
from wc_desktop.domain.failures import DiskFull, WrongEmergencyCode
from wc_desktop.ui.viewmodels.emergency import EmergencyModel, reason_words
from wc_desktop.ui.viewmodels.unlock import StationFace
from wc_desktop.ui.views.emergency import EmergencyPage

pytestmark = pytest.mark.gui
FACE = StationFace(school_name="Lincoln Elementary", device_name="Office laptop", people=(NURSE,))


def child(student: str, first: str, last: str) -> CardName:
    return CardName(
        student=student, first_name=first, last_name=last, preferred_name="", date_of_birth="2015-08-19", grade="5"
    )


class Cards:
    """Three children; what was looked at, in order."""

    zone = ZoneInfo("America/Chicago")
    as_of: Instant | None = datetime(2026, 11, 23, 17, 45, tzinfo=UTC)

    def __init__(self) -> None:
        self.looked: list[str] = []
        self.closed = 0
        self.failure: Exception | None = None

    def names(self) -> tuple[CardName, ...]:
        return child("1", "Omar", "Haddad"), child("2", "Sofia", "Martínez"), child("3", "Lee", "Okafor")

    def look(self, student: str) -> EmergencyCard:
        if self.failure is not None:
            raise self.failure
        self.looked.append(student)
        name = next(one for one in self.names() if one.student == student)
        if student != "1":
            return EmergencyCard(name=name)
        return EmergencyCard(
            name=name,
            allergies=(("Penicillins", "Hives", "high"), ("Peanut", "", "low")),
            plans=(("Asthma action plan", "steps: Sit upright", "steps: Two puffs"),),
            medicines=(
                ("albuterol", "90 mcg", "ACTIVE", "2 puffs", "INHALED", "In the blue bag"),
                ("diazepam", "10 mg", "HELD", "10 mg", "RECTAL", ""),
            ),
            contacts=(("Amira Haddad", "Mother", "555-0101", ""), ("Sami Haddad", "Uncle", "555-0102", "")),
        )

    def close(self) -> None:
        self.closed += 1


class Door:
    def __init__(self) -> None:
        self.cards = Cards()
        self.asked: list[EmergencyAsk] = []

    def open(self, ask: EmergencyAsk, code: str) -> Cards:
        if code != "RIGHT":
            raise WrongEmergencyCode(9)
        self.asked.append(ask)
        return self.cards


@pytest.fixture(autouse=True)
def _dressed(qapp: object) -> Iterator[None]:
    del qapp
    with dressed():
        yield


@pytest.fixture
def door() -> Door:
    return Door()


def page_of(qtbot: QtBot, door: Door, *, idle_ms: int = 60_000) -> EmergencyPage:
    model = EmergencyModel(ImmediateJobs(), door.open)
    made = EmergencyPage(model, FACE, idle_ms=idle_ms)
    model.setParent(made)
    qtbot.addWidget(made)
    made.resize(1366, 768)
    bring_up(made)
    made.setFocus()
    return made


@pytest.fixture
def page(qtbot: QtBot, door: Door) -> Iterator[EmergencyPage]:
    made = page_of(qtbot, door)
    yield made
    made.model.close()


def words(page: EmergencyPage) -> str:
    return " ".join(label.text() for label in page.findChildren(QLabel) if label.isVisibleTo(page))


def opened(page: EmergencyPage, code: str = "RIGHT") -> None:
    """Fill the form in and open, by keys alone."""
    QTest.keyClicks(page.name.editor, "Pat  Principal")
    QTest.keyClick(page.name.editor, Qt.Key.Key_Tab)
    QTest.keyClicks(page.reason.editor, reason_words(EmergencyReason.BREATHING)[:3])
    QTest.keyClicks(page.code.editor, code)
    QTest.keyClick(page.code.editor, Qt.Key.Key_Return)


def test_nothing_opens_without_name_reason_and_code(page: EmergencyPage, door: Door) -> None:
    assert doubled_keys(page) == []
    page.open_button.click()
    assert "Type your name first" in words(page)
    QTest.keyClicks(page.name.editor, "Pat")
    page.open_button.click()
    assert "Choose why you ask" in words(page)
    page.reason.choose(EmergencyReason.SEIZURE.value)
    page.open_button.click()
    assert "Type the code" in words(page)
    QTest.keyClicks(page.code.editor, "WRONG")
    page.open_button.click()
    assert "The emergency code is not right." in words(page)
    assert door.asked == []
    assert not page.cards.isVisible()


def test_a_card_is_found_and_shown_by_keys_and_each_is_looked_at_once(page: EmergencyPage, door: Door) -> None:
    opened(page)
    assert door.asked == [EmergencyAsk(asked_by="Pat Principal", reason=EmergencyReason.BREATHING)]
    assert doubled_keys(page) == []
    assert page.code.text == ""
    assert "23 Nov 2026, 11:45" in words(page)
    assert page.search.editor.hasFocus()
    assert door.cards.looked == []
    QTest.keyClicks(page.search.editor, "oma")
    QTest.keyClick(page.search.editor, Qt.Key.Key_Return)
    assert door.cards.looked == ["1"]
    said = words(page)
    for told in ("HADDAD, Omar", "Penicillins · Hives · severe", "Two puffs", "In the blue bag", "555-0101"):
        assert told in said
    assert "albuterol · 90 mcg · 2 puffs · inhaled · In the blue bag" in said
    assert "diazepam · order on hold · 10 mg" in said, "what is held must not look as if it were to be given"
    page.search.set_text("")
    page.names.choose("3")
    page.show_button.click()
    assert "OKAFOR, Lee" in words(page)
    assert "None on file." in words(page)
    assert "Penicillins" not in words(page)
    assert door.cards.looked == ["1", "3"]


def test_what_no_entry_can_hold_does_not_get_into_the_record(page: EmergencyPage, door: Door) -> None:
    page.model.open("\x00\ud800", EmergencyReason.OTHER, "", "RIGHT")
    assert "Type your name first" in words(page)
    page.model.open("Pat\x00Principal", EmergencyReason.OTHER, "gym\n\ud800 hall", "RIGHT")
    assert [(one.asked_by, one.note) for one in door.asked] == [("Pat Principal", "gym hall")]


def test_what_could_not_be_put_on_record_is_not_shown(page: EmergencyPage, door: Door) -> None:
    opened(page)
    door.cards.failure = DiskFull("no room")
    page.show_button.click()
    assert "HADDAD" not in page.who.text()
    assert page.fault.isVisible()


def test_nothing_on_it_can_be_selected_or_copied(page: EmergencyPage) -> None:
    opened(page)
    page.show_button.click()
    QApplication.clipboard().setText("before")
    for label in page.findChildren(QLabel):
        assert not label.textInteractionFlags() & Qt.TextInteractionFlag.TextSelectableByMouse
        assert not label.textInteractionFlags() & Qt.TextInteractionFlag.TextSelectableByKeyboard
    QTest.keyClick(page.names.editor, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert "HADDAD" not in QApplication.clipboard().text()


def test_it_closes_by_itself_and_forgets(qtbot: QtBot, door: Door) -> None:
    page = page_of(qtbot, door, idle_ms=400)
    opened(page)
    page.show_button.click()
    with qtbot.waitSignal(page.left, timeout=3000):
        assert page.model.card is not None
    assert page.model.card is None
    assert door.cards.closed == 1
    assert "Penicillins" not in " ".join(label.text() for label in page.findChildren(QLabel))
    assert page.names.key is None


def test_the_way_back_closes_the_cards(qtbot: QtBot, page: EmergencyPage, door: Door) -> None:
    opened(page)
    with qtbot.waitSignal(page.left, timeout=1000):
        page.back.click()
    assert door.cards.closed == 1
