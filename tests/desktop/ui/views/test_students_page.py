"""Students by keyboard: type, open, walk through the tabs, come back to where one was."""

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot
from tests.desktop.ui.access_keys import doubled_keys
from tests.desktop.ui.encoded import encoded
from tests.fakes.pages_seam import DraftShelf, chart, child, dose, make_session, order

from wc_contract.model.ids import StudentId
from wc_contract.model.values import DoseState
from wc_desktop.domain.screens import Chart, DoseCorrection
from wc_desktop.ui.viewmodels.chart import ChartVerbs
from wc_desktop.ui.viewmodels.session import Note, Place, Session
from wc_desktop.ui.viewmodels.student_search import SearchVerbs
from wc_desktop.ui.views.students import StudentsPage

SOFIA = child(allergies=("Penicillin",), alike=("MARTINEZ, Sophia (Gr 2, Rm 6)",))
SOPHIA = child("Martinez", "Sophia", room="6")
ADAEZE = child("Okafor", "Adaeze", grade="4", room="12")
SHELF = DraftShelf((SOFIA, SOPHIA, ADAEZE))


def open_chart(_desk: object, student: StudentId) -> Chart:
    one = SHELF.by_id[str(student)]
    photo = encoded(90, 120, "PNG") if one is SOFIA else None
    return chart(one, orders=(order(findings=("parent_authorisation_expired", "allergy_match")),), photo=photo)


@pytest.fixture
def session(qapp: object) -> Iterator[Session]:
    del qapp
    made = make_session()
    yield made
    made.deleteLater()


@pytest.fixture
def page(session: Session, qtbot: QtBot) -> StudentsPage:
    made = StudentsPage(
        session, SearchVerbs(search=SHELF.search), ChartVerbs(open_chart=open_chart, read_again=open_chart)
    )
    qtbot.addWidget(made)
    made.resize(1230, 650)
    with qtbot.waitExposed(made):
        made.show()
    made.activate()
    return made


def press(widget: QWidget, key: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    QTest.keyClick(widget, key, modifier)


def test_typing_finds_and_two_keys_open_the_chart(page: StudentsPage, qtbot: QtBot) -> None:
    QTest.keyClicks(page.search, "oka")
    qtbot.waitUntil(lambda: page.model.rows == (ADAEZE,))
    press(page.search, Qt.Key.Key_Return)
    press(page.table.view, Qt.Key.Key_Return)
    assert page.shows_chart
    assert page.title() == "OKAFOR, Adaeze"
    assert page.child_in_view() == ADAEZE.id


def test_a_row_shows_and_says_every_mark(page: StudentsPage) -> None:
    model = page.table.view.model()
    row = page.model.rows.index(SOFIA)
    said = str(model.index(row, 0).data())
    assert "MARTINEZ, Sofia" in said
    assert "Allergy: Penicillin" in said
    assert "Similar name: MARTINEZ, Sophia (Gr 2, Rm 6)" in said


def test_esc_comes_back_to_the_same_row_of_the_list(page: StudentsPage) -> None:
    page.table.choose_key(SOPHIA.id)
    press(page.table.view, Qt.Key.Key_Return)
    assert page.shows_chart
    press(page.chart.tabs, Qt.Key.Key_Escape)
    assert not page.shows_chart
    assert page.table.current_key == SOPHIA.id


def test_a_chart_opened_from_another_screen_leads_back_there(page: StudentsPage, session: Session) -> None:
    gone: list[Place] = []
    session.place_wanted.connect(gone.append)
    page.came_from = "med_pass"
    page.open_place(Place(section="students", student=SOFIA.id))
    press(page.chart.tabs, Qt.Key.Key_Escape)
    assert gone == [Place(section="med_pass")]


def test_the_arrows_walk_through_the_tabs_and_each_table_is_named_by_what_it_lists(page: StudentsPage) -> None:
    page.open_place(Place(section="students", student=SOFIA.id))
    names = []
    for _ in range(7):
        names.append(page.chart.tables[page.chart.tabs.current_key].view.accessibleName())
        press(page.chart.tabs, Qt.Key.Key_Right)
    assert names == [
        "Orders",
        "Dose history",
        "Incidents",
        "Clinic visits",
        "Vaccinations",
        "Allergies and conditions",
        "Contacts",
    ]


def test_an_order_says_its_findings_first(page: StudentsPage) -> None:
    page.open_place(Place(section="students", student=SOFIA.id))
    said = str(page.chart.tables["orders"].view.model().index(0, 0).data())
    assert said.startswith("The parent's authorisation has ended.")
    assert "methylPHENIDATE" in said


def test_an_incident_begun_on_the_chart_is_about_this_child(page: StudentsPage, session: Session) -> None:
    gone: list[Place] = []
    session.place_wanted.connect(gone.append)
    page.open_place(Place(section="students", student=SOFIA.id))
    page.chart._incident.click()
    assert gone == [Place(section="incidents", student=SOFIA.id, new=True)]


def test_the_next_child_is_never_seen_under_the_one_before(page: StudentsPage) -> None:
    page.open_place(Place(section="students", student=SOFIA.id))
    assert page.chart.photo.isVisible()
    page.open_place(Place(section="students", student=ADAEZE.id))
    assert page.title() == "OKAFOR, Adaeze"
    assert page.chart._alike.isHidden()
    assert page.chart.photo.isHidden()


def test_another_search_begins_at_its_first_child_and_the_same_one_keeps_its_place(
    page: StudentsPage, session: Session, qtbot: QtBot
) -> None:
    page.table.choose_key(SOPHIA.id)
    session.records_changed.emit(frozenset({"student"}))
    assert page.table.current_key == SOPHIA.id
    QTest.keyClicks(page.search, "mart")
    qtbot.waitUntil(lambda: page.model.rows == (SOFIA, SOPHIA))
    assert page.table.current_key == SOFIA.id


def test_a_dose_is_corrected_from_the_history_by_keyboard_and_a_corrected_one_is_not(qtbot: QtBot) -> None:
    asked: list[tuple[object, DoseCorrection]] = []
    stands, replaced = dose(), dose(is_replaced=True)

    def open_chart(_desk: object, _student: StudentId) -> Chart:
        return chart(SOFIA, doses=(stands, replaced))

    def correct(_desk: object, key: object, correction: DoseCorrection) -> object:
        asked.append((key, correction))
        return None

    session = make_session()
    told: list[Note] = []
    session.note_wanted.connect(told.append)
    verbs = ChartVerbs(
        open_chart=open_chart,
        read_again=open_chart,
        correct_dose=correct,  # type: ignore[arg-type]  # the screen looks at nothing of the entry
    )
    page = StudentsPage(session, SearchVerbs(search=SHELF.search), verbs)
    qtbot.addWidget(page)
    page.resize(1230, 650)
    with qtbot.waitExposed(page):
        page.show()
    page.activate()
    page.chart_model.open(SOFIA.id)
    page.chart.tabs.choose("doses")
    page.chart._on_tab_chosen("doses")
    table = page.chart.tables["doses"]
    table.choose_row(1)
    QTest.keyClick(table.view, Qt.Key.Key_Return)
    assert page.chart.correction.isHidden()
    assert told[-1].words.startswith("This entry was corrected already")
    table.choose_row(0)
    QTest.keyClick(table.view, Qt.Key.Key_Return)
    sheet = page.chart.correction
    assert sheet.isVisible()
    assert doubled_keys(sheet) == []
    assert sheet.step.text() == "Say why it is corrected."
    sheet.state.choose("ENTERED_IN_ERROR")
    assert sheet.amount.isHidden()
    assert sheet.reason.isHidden()
    sheet.why.set_text("It was her sister")
    sheet.action_button.click()
    [(key, correction)] = asked
    assert key == stands.id
    assert (correction.status, correction.quantity, correction.why) == (
        DoseState.ENTERED_IN_ERROR,
        None,
        "It was her sister",
    )
    assert sheet.isHidden()
