"""Review and sync on the screen: what is listed, what is said, and that every button does something."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot
from tests.fakes.pages_seam import NOON, case, child, dose, journal_row, make_session, sync_state

from wc_desktop.domain.screens import CaseRow, SyncState
from wc_desktop.ui.viewmodels.review import ReviewVerbs
from wc_desktop.ui.viewmodels.sync_screen import SyncVerbs
from wc_desktop.ui.views.review import ReviewPage
from wc_desktop.ui.views.sync import SyncPage

pytestmark = pytest.mark.usefixtures("qapp")


def review_page(qtbot: QtBot, *cases: CaseRow) -> ReviewPage:
    def open_cases(_desk: object) -> tuple[CaseRow, ...]:
        return cases

    page = ReviewPage(make_session(), ReviewVerbs(open_cases=open_cases))
    qtbot.addWidget(page)
    page.resize(1230, 650)
    with qtbot.waitExposed(page):
        page.show()
    page.activate()
    return page


def test_the_arrow_walks_the_cases_and_the_case_follows(qtbot: QtBot) -> None:
    first = case(child(), dose(), dose(NOON, author="Ana Ruiz"))
    page = review_page(qtbot, first, case(child("Okafor", "Adaeze"), dose(), dose(NOON)))
    assert page.case._child.text() == "MARTINEZ, Sofia"
    QTest.keyClick(page.table.view, Qt.Key.Key_Down)
    assert page.case._child.text() == "OKAFOR, Adaeze"
    assert page.table.view.accessibleName() == "Open review cases"


def test_a_case_offers_no_button_since_it_cannot_be_answered_here_yet(qtbot: QtBot) -> None:
    page = review_page(qtbot, case(child(), dose(), dose(NOON)))
    assert [button for button in page.findChildren(QPushButton) if button.isVisible()] == []


def test_without_cases_the_screen_says_so(qtbot: QtBot) -> None:
    page = review_page(qtbot)
    assert page.empty.isVisible()


def sync_page(qtbot: QtBot, state: SyncState) -> tuple[SyncPage, list[str]]:
    done: list[str] = []

    def read(_desk: object) -> SyncState:
        return state

    def verify(_desk: object) -> SyncState:
        done.append("verified")
        return state

    session = make_session()

    def on_sync_wanted() -> None:
        done.append("sync")

    session.sync_now_wanted.connect(on_sync_wanted)
    page = SyncPage(session, SyncVerbs(sync_state=read, verify_replica=verify))
    qtbot.addWidget(page)
    page.resize(1230, 650)
    with qtbot.waitExposed(page):
        page.show()
    page.activate()
    return page, done


def test_the_refused_entry_is_the_first_row_and_says_why(qtbot: QtBot) -> None:
    state = sync_state(journal_row(1), journal_row(2, "refused", code="unknown_order", student=child()))
    page, _ = sync_page(qtbot, state)
    said = str(page.table.view.model().index(0, 0).data())
    assert said.startswith("Refused, The server does not know this order.")
    assert page.table.view.accessibleName() == "Newest entries of this workstation"


def test_every_button_does_something(qtbot: QtBot) -> None:
    page, done = sync_page(qtbot, sync_state(journal_row(1)))
    page.sync_button.click()
    assert done == ["sync"]
    page.verify_button.click()
    assert done == ["sync", "verified", "sync"]
    assert page.verify_button.isEnabled()
