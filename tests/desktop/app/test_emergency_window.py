"""The emergency cards from the locked window, with nobody who can unlock it and without a server."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot
from shiboken6 import isValid
from tests.desktop.app.test_desktop_course import WAIT_MS, Bench
from tests.desktop.clinic import NURSE, PASSWORD, Clinic, uid
from tests.desktop.ui.dressed import bring_up

from wc_contract.model.ids import UserId
from wc_contract.model.kinds import EMERGENCY_LOOK
from wc_contract.model.values import EmergencyReason
from wc_desktop.actions.emergency import make_code
from wc_desktop.actions.unlock import lock, unlock
from wc_desktop.app.emergency import looks_of
from wc_desktop.security import slots
from wc_desktop.security.slots import Cost
from wc_desktop.ui.viewmodels.session import Place
from wc_desktop.ui.views.emergency import EmergencyPage
from wc_desktop.ui.views.sync import SyncPage
from wc_desktop.ui.views.unlock import UnlockPage

pytestmark = pytest.mark.gui


@pytest.fixture(autouse=True)
def cheap_guesses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(slots, "STANDARD_COST", Cost(memory=8 * 1024 * 1024, passes=1))


@pytest.fixture
def bench(clinic: Clinic, qtbot: QtBot) -> Iterator[Bench]:
    made = Bench(clinic, qtbot)
    yield made
    made.close()


def code_for(bench: Bench) -> str:
    """Make a code, as the command does, and show the locked screen anew."""
    station = bench.clinic.station()

    def make() -> str:
        desk = unlock(station, UserId(NURSE), PASSWORD)
        try:
            return make_code(desk)()
        finally:
            lock(desk)

    code = bench.runner.call(make)
    bench.desktop.start()
    return code


def opened(bench: Bench, code: str) -> EmergencyPage:
    locked = bench.shown(UnlockPage)
    assert isinstance(locked, UnlockPage)
    QTest.keyClick(locked, Qt.Key.Key_E, Qt.KeyboardModifier.AltModifier)
    bench.qtbot.waitUntil(lambda: bench.shown(EmergencyPage) is not None, timeout=WAIT_MS)
    page = bench.shown(EmergencyPage)
    assert isinstance(page, EmergencyPage)
    QTest.keyClicks(page.name.editor, "Pat Principal")
    page.reason.choose(EmergencyReason.BREATHING.value)
    QTest.keyClicks(page.code.editor, code)
    QTest.keyClick(page, Qt.Key.Key_O, Qt.KeyboardModifier.AltModifier)
    bench.qtbot.waitUntil(lambda: page.model.is_open, timeout=WAIT_MS)
    return page


def test_a_workstation_without_a_code_offers_no_cards(bench: Bench) -> None:
    page = bench.shown(UnlockPage)
    assert isinstance(page, UnlockPage)
    assert not page.emergency.isVisible()


def test_from_the_locked_screen_to_a_card_and_back_by_keys(bench: Bench) -> None:
    page = opened(bench, code_for(bench))
    QTest.keyClicks(page.search.editor, "omar")
    QTest.keyClick(page, Qt.Key.Key_S, Qt.KeyboardModifier.AltModifier)
    bench.qtbot.waitUntil(lambda: page.model.card is not None, timeout=WAIT_MS)
    said = " ".join(label.text() for label in page.findChildren(QLabel))
    assert "Penicillins" in said
    assert [look.student for look in looks_of(bench.clinic.station())] == [None, str(uid("omar"))]
    QTest.keyClick(page, Qt.Key.Key_B, Qt.KeyboardModifier.AltModifier)
    bench.qtbot.waitUntil(lambda: bench.shown(UnlockPage) is not None, timeout=WAIT_MS)


def test_the_code_that_the_sync_screen_makes_is_gone_with_the_lock_and_opens_the_cards(bench: Bench) -> None:
    bench.open()
    bench.unlocked.session.go(Place(section="sync"))
    page = bench.unlocked.frame.page
    assert isinstance(page, SyncPage)
    page.code_button.click()
    sheet = page.emergency
    QTest.keyClick(sheet.action_button, Qt.Key.Key_Space)
    bench.qtbot.waitUntil(sheet.code.isVisible, timeout=WAIT_MS)
    groups = sheet.code.text().split()
    QTest.keyClick(sheet, Qt.Key.Key_L, Qt.KeyboardModifier.ControlModifier)
    bench.qtbot.waitUntil(lambda: bench.shown(UnlockPage) is not None, timeout=WAIT_MS)
    assert not [label for label in bench.window.findChildren(QLabel) if groups[0] in label.text()]
    assert groups[0] not in QGuiApplication.clipboard().text()
    # The sheet dies with the desk. Without a window manager nobody gives the window the keyboard back.
    bench.qtbot.waitUntil(lambda: not isValid(sheet), timeout=WAIT_MS)
    bring_up(bench.window)
    assert len(opened(bench, "-".join(groups)).model.found("")) == 4


def test_after_a_use_the_program_is_replaced_with_what_was_in_its_memory(bench: Bench) -> None:
    page = opened(bench, code_for(bench))
    bench.clinic.clock.forward(timedelta(seconds=61))
    page.back.click()
    with bench.qtbot.waitSignal(bench.desktop.afresh_wanted, timeout=WAIT_MS):
        bench.clinic.clock.forward(timedelta(seconds=4))
    assert not page.model.is_open


def test_the_end_of_the_program_closes_the_cards(bench: Bench) -> None:
    page = opened(bench, code_for(bench))
    bench.close()
    assert not page.model.is_open


def test_an_unlock_takes_the_looks_up_and_keeps_the_cards_current(bench: Bench) -> None:
    page = opened(bench, code_for(bench))
    page.back.click()
    bench.qtbot.waitUntil(lambda: bench.shown(UnlockPage) is not None, timeout=WAIT_MS)
    before = {path.name for path in bench.clinic.folder.glob("emergency-*.db")}
    bench.open()
    desk = bench.unlocked.desk
    assert len(bench.runner.call(lambda: desk.records.every(EMERGENCY_LOOK))) == 1
    bench.qtbot.waitUntil(
        lambda: {path.name for path in bench.clinic.folder.glob("emergency-*.db")} - before != set(), timeout=WAIT_MS
    )
