"""A noon by keyboard: at most three keys a dose, focus on the next one, and Esc loses nothing."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QScrollArea, QWidget
from pytestqt.qtbot import QtBot
from tests.desktop.ui.access_keys import doubled_keys
from tests.desktop.ui.dressed import bring_up, dressed
from tests.desktop.ui.views.test_incidents_page import unnamed
from tests.fakes.desk_seam import TODAY, FakePass, due_row, stop
from tests.fakes.pages_seam import child, dose, make_session, medication

from wc_contract.model.values import DoseState
from wc_contract.rules.findings import Code
from wc_desktop.domain.failures import DiskFull
from wc_desktop.domain.screens import DueList, DueStatus
from wc_desktop.ui.viewmodels.effects import EffectVerbs
from wc_desktop.ui.viewmodels.end_of_day import EndOfDayVerbs
from wc_desktop.ui.viewmodels.session import Note, Place, Session
from wc_desktop.ui.views.dose_sheet import DoseSheet
from wc_desktop.ui.views.med_pass import MedPassPage

pytestmark = pytest.mark.gui
Key = Qt.Key


@dataclass
class Room:
    """A shown page and the one who types."""

    page: MedPassPage
    fake: FakePass
    session: Session
    notes: list[Note]
    places: list[Place]
    qtbot: QtBot

    @property
    def sheet(self) -> DoseSheet:
        found = self.page.findChild(DoseSheet)
        assert found is not None
        return found

    def press(self, key: Qt.Key) -> None:
        """Press where the focus is."""
        QTest.keyClick(self.focus, key)

    def type(self, text: str) -> None:
        QTest.keyClicks(self.focus, text)

    @property
    def focus(self) -> QWidget:
        """Where a key goes: the offscreen platform does not always activate a dialog, so the window is named."""
        window: QWidget = self.sheet if self.sheet.isVisible() else self.page
        return window.focusWidget() or window

    @property
    def current(self) -> str:
        row = self.page.model.chosen
        assert row is not None
        return row.row.student.last_name

    def wait_for_sheet(self, *, shown: bool) -> None:
        self.qtbot.waitUntil(lambda: self.sheet.isVisible() is shown)


NO_EFFECTS = EffectVerbs(effects_due=lambda _desk: ())
NO_EARLIER = EndOfDayVerbs(earlier_day=lambda _desk, _back, at: DueList(day=TODAY, at=at, rows=(), day_kind="HOLIDAY"))


@pytest.fixture
def room(qtbot: QtBot) -> Iterator[Room]:
    fake = FakePass(
        [
            due_row("Abdi", "Yusuf", "11:00"),
            due_row("Baker", "Emma", "11:45", student=child("Baker", "Emma", alike=("BAKER, Ema (Gr 3, Rm 1)",))),
            due_row("Chen", "Wei", "12:00"),
            due_row("Diaz", "Lucia", "14:00"),
        ]
    )
    with dressed():
        session = make_session()
        page = MedPassPage(session, fake.verbs, NO_EFFECTS, NO_EARLIER)
        notes: list[Note] = []
        places: list[Place] = []
        session.note_wanted.connect(notes.append)
        session.place_wanted.connect(places.append)
        qtbot.addWidget(page)
        page.resize(1250, 620)
        bring_up(page)
        page.activate()
        yield Room(page, fake, session, notes, places, qtbot)
        page.deactivate()


@pytest.mark.parametrize(
    ("factor", "size", "beside"), [(1.0, (1230, 620), True), (1.5, (1182, 560), False), (2.0, (1140, 520), False)]
)
def test_the_list_keeps_all_its_columns_before_the_pane_gets_any_room(
    qtbot: QtBot,
    factor: float,
    size: tuple[int, int],
    beside: bool,
) -> None:
    with dressed(factor=factor):
        page = MedPassPage(make_session(), FakePass([due_row("Abdi", "Yusuf", "11:00")]).verbs, NO_EFFECTS, NO_EARLIER)
        qtbot.addWidget(page)
        page.resize(*size)
        bring_up(page)
        page.activate()
        assert page.pane.isVisible() is beside
        bar = page.table.view.horizontalScrollBar()
        assert bar.maximum() == 0 or factor > 1.5  # twice the letters need more than there is


def test_work_begins_at_the_first_dose_to_give(room: Room) -> None:
    assert room.current == "Abdi"
    assert room.page.table.view.hasFocus()


def test_enter_enter_gives_a_dose_and_goes_on(room: Room) -> None:
    room.press(Key.Key_Return)
    room.wait_for_sheet(shown=True)
    room.press(Key.Key_Return)
    room.wait_for_sheet(shown=False)
    assert [draft.status for draft in room.fake.drafts] == [DoseState.ADMINISTERED]
    assert room.current == "Baker"
    room.qtbot.waitUntil(room.page.table.view.hasFocus)
    assert room.notes[-1].words == "Saved on this workstation: ABDI, Yusuf, given"


def test_a_refusal_takes_three_keys(room: Room) -> None:
    room.press(Key.Key_R)
    room.wait_for_sheet(shown=True)
    room.press(Key.Key_1)
    room.press(Key.Key_Return)
    room.wait_for_sheet(shown=False)
    assert room.fake.drafts[0].status is DoseState.REFUSED
    assert room.fake.drafts[0].reason == "Did not want it"


def test_absent_needs_no_reason(room: Room) -> None:
    room.press(Key.Key_A)
    room.wait_for_sheet(shown=True)
    room.press(Key.Key_Return)
    room.wait_for_sheet(shown=False)
    assert room.fake.drafts[0].status is DoseState.ABSENT


def test_every_open_dose_is_reached_without_an_arrow_key(room: Room) -> None:
    for _ in range(3):
        room.press(Key.Key_Return)
        room.wait_for_sheet(shown=True)
        room.press(Key.Key_Return)
        room.wait_for_sheet(shown=False)
    assert len({draft.key for draft in room.fake.drafts}) == 3


def test_esc_sets_aside_and_loses_no_word(room: Room) -> None:
    room.press(Key.Key_H)
    room.wait_for_sheet(shown=True)
    room.sheet._other.setFocus()
    room.type("waiting for the prescriber")
    room.press(Key.Key_Escape)
    room.wait_for_sheet(shown=False)
    assert room.fake.drafts == []
    assert room.current == "Abdi"
    room.press(Key.Key_H)
    room.wait_for_sheet(shown=True)
    assert room.sheet._other.text == "waiting for the prescriber"
    room.press(Key.Key_Return)
    room.wait_for_sheet(shown=False)
    assert room.fake.drafts[0].reason == "waiting for the prescriber"


def test_enter_does_nothing_while_a_hard_stop_has_no_reason(room: Room) -> None:
    room.fake.findings[room.fake.rows[0].key] = (stop(Code.ALLERGY_MATCH),)
    room.press(Key.Key_Return)
    room.wait_for_sheet(shown=True)
    room.press(Key.Key_Return)
    assert room.fake.drafts == []
    assert room.sheet.isVisible()
    room.press(Key.Key_2)
    room.press(Key.Key_Return)
    room.wait_for_sheet(shown=False)
    assert room.fake.drafts[0].override_reason == "The parent was called and agreed"


def test_what_is_missing_is_said_beside_the_buttons_however_much_the_rules_say(room: Room) -> None:
    codes = (Code.ALLERGY_MATCH, Code.TOO_EARLY, Code.ORDER_EXPIRED, Code.PARENT_AUTHORISATION_EXPIRED)
    room.fake.findings[room.fake.rows[1].key] = tuple(stop(code) for code in codes)
    room.press(Key.Key_Down)
    room.press(Key.Key_Return)
    room.wait_for_sheet(shown=True)
    step = room.sheet.step
    assert step.text() == "Choose a reason with 1 to 4, or type one."
    bar = room.sheet.findChild(QScrollArea).verticalScrollBar()
    room.qtbot.waitUntil(lambda: bar.maximum() > 0)
    assert step.visibleRegion().boundingRect() == step.rect()
    room.press(Key.Key_2)
    assert step.text() == ""


def test_a_held_enter_key_gives_nothing(room: Room) -> None:
    room.press(Key.Key_Return)
    room.wait_for_sheet(shown=True)
    for _ in range(5):
        again = QKeyEvent(QEvent.Type.KeyPress, Key.Key_Return, Qt.KeyboardModifier.NoModifier, "\r", autorep=True)
        QApplication.sendEvent(room.focus, again)
    assert room.fake.drafts == []
    assert room.sheet.isVisible()


def test_a_failed_save_stays_open_and_says_why(room: Room) -> None:
    room.fake.refusal = DiskFull("full")
    room.press(Key.Key_Return)
    room.wait_for_sheet(shown=True)
    room.press(Key.Key_Return)
    assert room.sheet.isVisible()
    assert "disk is full" in room.sheet._failure.text


def test_the_confirm_shows_the_rights(room: Room) -> None:
    room.page.table.choose_key(room.fake.rows[1].key)
    room.press(Key.Key_Return)
    room.wait_for_sheet(shown=True)
    shown = " ".join(fact.value for fact in room.sheet._rights.facts)
    assert room.sheet._student.text() == "BAKER, Emma"
    assert "Born 14 Sep 2018" in room.sheet._about.text()
    assert room.sheet._alike.text.startswith("Similar name: BAKER, Ema")
    for right in ("methylPHENIDATE", "10 mg tablet", "1 tablet by mouth", "11:45"):
        assert right in shown


def test_no_window_title_names_a_child(room: Room) -> None:
    room.press(Key.Key_Return)
    room.wait_for_sheet(shown=True)
    titles = [widget.windowTitle() for widget in QApplication.topLevelWidgets()]
    assert not any("Abdi".casefold() in title.casefold() for title in titles)


def test_a_pull_keeps_the_chosen_row(room: Room) -> None:
    room.page.table.choose_key(room.fake.rows[2].key)
    room.fake.rows.insert(0, due_row("Aardvark", "Ann", "10:00"))
    room.session.records_changed.emit(frozenset({"order"}))
    assert room.current == "Chen"
    assert len(room.page.model.rows) == 5


def test_a_possible_double_dose_is_loud_above_the_list(room: Room) -> None:
    row = due_row("Twice", "Tom", "11:30", status=DueStatus.DOUBLE, answers=(dose(), dose()), medication=medication())
    room.fake.rows.append(row)
    room.session.records_changed.emit(frozenset({"review_case"}))
    assert room.page.doubts.isVisible()
    assert "TWICE, Tom: Possible double dose" in room.page.doubts.text
    assert room.page.model.rows[0].key == row.key


def test_the_chart_is_one_key_away(room: Room) -> None:
    room.press(Key.Key_C)
    assert room.places[-1] == Place(section="students", student=room.fake.rows[0].student.id)


def test_everything_has_a_name_for_the_ear(room: Room) -> None:
    page = room.page
    assert page.table.view.accessibleName() == "Today's medication pass"
    assert page.search.accessibleName() == "Find student or medication"
    buttons = (page.pane.give, page.pane.refuse, page.pane.hold, page.pane.absent)
    assert [button.text().replace("&", "") for button in buttons] == ["Give dose", "Refused", "Hold", "Absent"]


def test_tab_goes_filters_search_list_and_what_to_do(room: Room) -> None:
    page = room.page
    order: list[QWidget] = [page.tabs, page.search, page.table.view, page.pane.give]
    page.tabs.setFocus()
    walked: list[QWidget | None] = [QApplication.focusWidget()]
    for _ in order[1:]:
        QTest.keyClick(QApplication.focusWidget(), Key.Key_Tab)
        walked.append(QApplication.focusWidget())
    assert walked == order


def test_the_desk_can_be_locked_from_the_confirm(room: Room) -> None:
    room.press(Key.Key_Return)
    room.wait_for_sheet(shown=True)
    with room.qtbot.waitSignal(room.session.lock_wanted):
        room.sheet.lock_wanted.emit()


def test_a_class_period_is_chosen_by_keyboard_and_shown_alone(room: Room) -> None:
    assert not room.page.periods.isVisible()
    rows = [replace(row, period="Lunch" if row.student.last_name == "Chen" else "Period 3") for row in room.fake.rows]
    room.fake.rows, room.fake.periods = rows, ("Period 3", "Lunch")
    room.session.changed("order")
    room.press(Key.Key_W)
    assert room.page.periods.hasFocus()
    room.press(Key.Key_End)
    assert room.page.periods.current_key == "Lunch"
    assert [words.row.student.last_name for words in room.page.model.rows] == ["Chen"]
    room.press(Key.Key_Tab)
    assert room.page.table.view.hasFocus()
    assert room.current == "Chen"
    room.press(Key.Key_W)
    room.press(Key.Key_Home)
    assert len(room.page.model.rows) == 4
    assert not unnamed(room.page)
    assert not doubled_keys(room.page)


def test_the_chosen_class_period_stays_while_the_day_goes_on(room: Room) -> None:
    room.fake.rows = [replace(row, period="Lunch") for row in room.fake.rows[:2]]
    room.fake.periods = ("Period 3", "Lunch")
    room.session.changed("order")
    room.page.periods.choose("Lunch")
    room.fake.periods = ("Breakfast", "Period 3", "Lunch")
    room.session.changed("order")
    assert room.page.periods.current_key == "Lunch"
    assert len(room.page.model.rows) == 2
    room.fake.periods = ("Block A",)
    room.session.changed("order")
    assert room.page.periods.current_key == ""
    assert len(room.page.model.rows) == 2
    room.fake.periods = ()
    room.session.changed("order")
    assert not room.page.periods.isVisible()
