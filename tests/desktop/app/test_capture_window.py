"""A workstation whose lease has ended, from the locked window: written down, locked, and nothing of a child seen."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QLineEdit
from pytestqt.qtbot import QtBot
from tests.desktop.app.test_desktop_course import WAIT_MS, Bench
from tests.desktop.app.test_emergency_window import code_for
from tests.desktop.clinic import NURSE, PASSWORD, Clinic
from tests.desktop.ui.access_keys import doubled_keys

from wc_contract.model.ids import UserId
from wc_contract.model.values import DoseState, Route
from wc_desktop.actions.capture import begin_capture, draft_of, end_capture, written_down
from wc_desktop.domain.capture import Leave
from wc_desktop.domain.lock_policy import IDLE_LOCK
from wc_desktop.domain.wiping import WipeNews, WipePhase
from wc_desktop.security import slots
from wc_desktop.security.slots import Cost
from wc_desktop.ui.views.capture import CapturePage
from wc_desktop.ui.views.emergency import EmergencyPage
from wc_desktop.ui.views.unlock import UnlockPage
from wc_desktop.ui.views.wipe import WipePage

pytestmark = pytest.mark.gui


@pytest.fixture(autouse=True)
def cheap_guesses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(slots, "STANDARD_COST", Cost(memory=8 * 1024 * 1024, passes=1))


@pytest.fixture
def bench(clinic: Clinic, qtbot: QtBot) -> Iterator[Bench]:
    made = Bench(clinic, qtbot)
    clinic.clock.forward(timedelta(hours=73))
    yield made
    made.close()


def captured(bench: Bench) -> CapturePage:
    """Go from the locked screen to the page, by keys."""
    locked = bench.shown(UnlockPage)
    assert isinstance(locked, UnlockPage)
    bench.unlock()
    bench.qtbot.waitUntil(locked.remedy.isVisible, timeout=WAIT_MS)
    assert "you can write down what happened, and see nothing" in locked.model.fault
    QTest.keyClick(locked, Qt.Key.Key_H, Qt.KeyboardModifier.AltModifier)
    bench.qtbot.waitUntil(lambda: bench.shown(CapturePage) is not None, timeout=WAIT_MS)
    page = bench.shown(CapturePage)
    assert isinstance(page, CapturePage)
    return page


def typed(page: CapturePage) -> None:
    QTest.keyClicks(page.child.editor, "tall boy of 5b")
    page.stock.choose("Epinephrine")
    QTest.keyClicks(page.amount.editor, "0.15 mg")
    page.route.choose(Route.INTRAMUSCULAR.value)
    page.state.choose(DoseState.ADMINISTERED.value)


def words_of(page: CapturePage) -> str:
    return " ".join(label.text() for label in page.findChildren(QLabel))


def test_from_a_dead_end_to_a_dose_that_is_written_down_by_keys(bench: Bench) -> None:
    page = captured(bench)
    assert bench.window.windowTitle() == "White Cross"
    assert doubled_keys(page) == []
    assert all(editor.accessibleName() for editor in page.findChildren(QLineEdit))
    typed(page)
    QTest.keyClick(page, Qt.Key.Key_I, Qt.KeyboardModifier.AltModifier)
    bench.qtbot.waitUntil(lambda: len(page.model.rows) == 1, timeout=WAIT_MS)
    said = words_of(page)
    assert "Written down on this workstation" in said
    assert "Epinephrine · 0.15 mg · into the muscle · tall boy of 5b · not sent yet" in said
    assert "Martínez" not in said
    assert not any(page.typed.values())


def test_a_form_that_is_not_filled_in_says_what_is_missing_and_writes_nothing(bench: Bench) -> None:
    page = captured(bench)
    QTest.keyClicks(page.at.editor, "soon")
    asked = []
    for fill in (
        lambda: page.stock.choose("Albuterol"),
        lambda: page.state.choose(DoseState.REFUSED.value),
        lambda: page.reason.set_text("Spat it out"),
    ):
        page.save.click()
        asked.append(page.model.fault)
        fill()
    page.save.click()
    asked.append(page.model.fault)
    assert [words.split(".")[0] for words in asked] == [
        "Type or choose the medicine",
        "Choose what was done",
        "Type the reason",
        "The time does not read",
    ]
    assert page.model.rows == ()


def test_what_was_typed_comes_back_after_a_lock_and_not_after_it_was_written(bench: Bench) -> None:
    page = captured(bench)
    typed(page)
    page.lock.click()
    again = captured(bench)
    bench.qtbot.waitUntil(lambda: again.typed["child"] == "tall boy of 5b", timeout=WAIT_MS)
    assert (again.typed["medicine"], again.typed["route"]) == ("Epinephrine", "INTRAMUSCULAR")
    again.save.click()
    bench.qtbot.waitUntil(lambda: len(again.model.rows) == 1, timeout=WAIT_MS)
    again.lock.click()
    last = captured(bench)
    bench.qtbot.waitUntil(lambda: len(last.model.rows) == 1, timeout=WAIT_MS)
    assert not any(last.typed.values())


def test_ten_idle_minutes_lock_it_and_the_program_is_replaced(bench: Bench) -> None:
    page = captured(bench)
    typed(page)
    bench.clinic.clock.forward(IDLE_LOCK)
    bench.desktop._idle._look()
    assert bench.shown(UnlockPage) is not None
    bench.runner.call(lambda: None)  # the lock went before
    with pytest.raises(Exception):  # noqa: B017, PT011 - whatever a closed file raises, it does not answer
        page.model._desk.journal.newest(1)
    with bench.qtbot.waitSignal(bench.desktop.afresh_wanted, timeout=WAIT_MS):
        bench.clinic.clock.forward(timedelta(seconds=61))


def test_the_districts_word_offers_the_ordinary_unlock_once_nothing_is_left_unwritten(bench: Bench) -> None:
    page = captured(bench)
    assert not page.unlock.isVisible()
    now = bench.clinic.clock.now()
    lease = bench.clinic.district.lease(bench.clinic.device, until=now + timedelta(hours=72))
    bench.runner.call(lambda: bench.desktop._backroom.station.take_lease(lease, now))
    capturing = bench.desktop._capturing
    assert capturing is not None
    capturing.contact.leave_told.emit(bench.clinic.station().leave_of(UserId(NURSE)))
    assert page.unlock.isVisible()
    QTest.keyClicks(page.child.editor, "a")
    page.unlock.click()
    assert bench.shown(CapturePage) is page
    page.child.set_text("")
    page.unlock.click()
    assert bench.shown(UnlockPage) is not None
    bench.open()


def test_whom_the_district_does_not_name_any_more_is_shut_out_at_once(bench: Bench) -> None:
    captured(bench)
    capturing = bench.desktop._capturing
    assert capturing is not None
    capturing.contact.leave_told.emit(Leave.TAKEN)
    page = bench.shown(UnlockPage)
    assert isinstance(page, UnlockPage)
    assert "you were unassigned" in page.model.fault


def test_the_end_of_the_program_keeps_what_was_typed(bench: Bench) -> None:
    page = captured(bench)
    typed(page)
    bench.close()
    station = bench.clinic.station()
    desk = begin_capture(station, UserId(NURSE), PASSWORD)
    draft = draft_of(desk)
    assert draft is not None
    assert draft.fields["child"] == "tall boy of 5b"
    assert written_down(desk) == ()
    end_capture(desk)


def test_a_form_that_was_left_is_told_of_once_by_the_ordinary_unlock(bench: Bench) -> None:
    page = captured(bench)
    typed(page)
    page.lock.click()
    now = bench.clinic.clock.now()
    lease = bench.clinic.district.lease(bench.clinic.device, until=now + timedelta(hours=72))
    bench.runner.call(lambda: bench.desktop._backroom.station.take_lease(lease, now))
    bench.open()
    said = "Enter it now: Epinephrine · 0.15 mg · tall boy of 5b"
    bench.qtbot.waitUntil(lambda: said in bench.unlocked.frame.toast.words, timeout=WAIT_MS)
    bench.desktop.lock()
    bench.open()
    bench.runner.call(lambda: None)
    QTest.qWait(50)
    assert said not in bench.unlocked.frame.toast.words


def test_the_emergency_cards_are_one_key_away_and_the_form_is_kept_meanwhile(bench: Bench) -> None:
    now = bench.clinic.clock.now()
    lease = bench.clinic.district.lease(bench.clinic.device, until=now + timedelta(hours=1))
    bench.runner.call(lambda: bench.desktop._backroom.station.take_lease(lease, now))
    code_for(bench)
    bench.clinic.clock.forward(timedelta(hours=1))
    page = captured(bench)
    typed(page)
    QTest.keyClick(page, Qt.Key.Key_E, Qt.KeyboardModifier.AltModifier)
    bench.qtbot.waitUntil(lambda: bench.shown(EmergencyPage) is not None, timeout=WAIT_MS)
    cards = bench.shown(EmergencyPage)
    assert isinstance(cards, EmergencyPage)
    cards.back.click()
    again = captured(bench)
    bench.qtbot.waitUntil(lambda: again.typed["child"] == "tall boy of 5b", timeout=WAIT_MS)


def test_an_order_to_erase_the_workstation_ends_it(bench: Bench) -> None:
    typed(captured(bench))
    bench.desktop._on_wipe_told(WipeNews(phase=WipePhase.ORDERED))
    assert bench.shown(WipePage) is not None
    assert bench.desktop._capturing is None
