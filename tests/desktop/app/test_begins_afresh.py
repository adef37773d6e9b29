"""After a lock the program is replaced, but never under the fingers of the next nurse."""

import sys
import threading
from collections.abc import Iterator
from datetime import timedelta

import pytest
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot
from tests.desktop.app.test_desktop_course import WAIT_MS, Bench
from tests.desktop.clinic import Clinic

from wc_desktop.app import afresh
from wc_desktop.app.afresh import HandedOver, begin_afresh, taken_over
from wc_desktop.app.main import show_again
from wc_desktop.app.parts import opened_of
from wc_desktop.ui.views.frame import Frame
from wc_desktop.ui.views.unlock import UnlockPage

pytestmark = pytest.mark.gui
CALM = timedelta(seconds=4)
LONG = timedelta(seconds=61)
# Longer than the program looks away while it waits for the short calm.
A_LOOK_MS = 1_500


@pytest.fixture
def bench(clinic: Clinic, qtbot: QtBot) -> Iterator[Bench]:
    made = Bench(clinic, qtbot)
    yield made
    made.close()


def page_of(bench: Bench) -> UnlockPage:
    page = bench.shown(UnlockPage)
    assert isinstance(page, UnlockPage)
    return page


def test_it_is_replaced_when_the_lock_is_done_and_nobody_types(bench: Bench) -> None:
    bench.open()
    opened = opened_of(bench.unlocked.desk)
    bench.desktop.lock()
    with bench.qtbot.waitSignal(bench.desktop.afresh_wanted, timeout=WAIT_MS):
        bench.clinic.clock.forward(CALM)
    assert not any(opened.keys.journal), "it was not locked to the end yet"


def test_who_types_already_is_not_interrupted_until_she_left_it_for_a_minute(bench: Bench) -> None:
    bench.open()
    bench.desktop.lock()
    QTest.keyClicks(page_of(bench).password.editor, "half a pass")
    with bench.qtbot.assertNotEmitted(bench.desktop.afresh_wanted, wait=A_LOOK_MS):
        bench.clinic.clock.forward(CALM)
    assert page_of(bench).password.secret == "half a pass"
    with bench.qtbot.waitSignal(bench.desktop.afresh_wanted, timeout=WAIT_MS):
        bench.clinic.clock.forward(LONG)
        bench.desktop._calm._look()


def test_half_a_password_goes_after_a_minute_also_where_nobody_was_in(bench: Bench) -> None:
    QTest.keyClicks(page_of(bench).password.editor, "half a pass")
    with bench.qtbot.waitSignal(bench.desktop.afresh_wanted, timeout=WAIT_MS):
        bench.clinic.clock.forward(LONG)
        bench.desktop._calm._look()


def test_who_is_in_again_goes_on_working(bench: Bench) -> None:
    bench.open()
    bench.desktop.lock()
    bench.open()
    with bench.qtbot.assertNotEmitted(bench.desktop.afresh_wanted, wait=A_LOOK_MS):
        bench.clinic.clock.forward(CALM)
    assert bench.shown(Frame) is not None


def test_a_refused_password_goes_after_a_minute(bench: Bench) -> None:
    bench.unlock("not it")
    bench.qtbot.waitUntil(lambda: bool(page_of(bench).model.fault), timeout=WAIT_MS)
    page_of(bench).password.clear()
    with bench.qtbot.waitSignal(bench.desktop.afresh_wanted, timeout=WAIT_MS):
        bench.clinic.clock.forward(LONG)
        bench.desktop._calm._look()


def test_the_next_process_goes_on_where_this_one_was(bench: Bench) -> None:
    bench.desktop.go_on_with("students", "There is no room.")
    assert (bench.desktop.section, bench.desktop.said) == ("students", "There is no room.")
    assert page_of(bench).fault.isVisibleTo(page_of(bench))


def test_a_page_that_only_says_something_is_not_replaced_again_and_again(bench: Bench) -> None:
    bench.desktop.go_on_with("students", "There is no room.")
    assert not bench.desktop._calm._timer.isActive(), "the next one would take the sentence over, and so on all night"


def test_who_begins_to_type_while_the_lock_still_writes_is_not_interrupted(bench: Bench) -> None:
    bench.open()
    bench.desktop.lock()
    writes = threading.Event()
    bench.runner.run(lambda: writes.wait(60))
    bench.desktop._on_calm()
    QTest.keyClicks(page_of(bench).password.editor, "half a pass")
    with bench.qtbot.assertNotEmitted(bench.desktop.afresh_wanted, wait=200):
        writes.set()
    assert page_of(bench).password.secret == "half a pass"
    with bench.qtbot.waitSignal(bench.desktop.afresh_wanted, timeout=WAIT_MS):
        bench.clinic.clock.forward(LONG)
        bench.desktop._calm._look()


def test_what_is_handed_over_is_taken_once_and_no_measure_of_a_start_with_it(monkeypatch: pytest.MonkeyPatch) -> None:
    handed = HandedOver(place=b"\x01\xd9\x00", active=False, minimised=False, section="students", said="Said.")
    told: list[tuple[str, tuple[str, ...], dict[str, str]]] = []
    monkeypatch.setattr(afresh.os, "execve", lambda *given: told.append(given))
    monkeypatch.setenv("WC_STARTED_AT", "1")
    begin_afresh(handed, ["--data", "here"])
    ((program, command, environment),) = told
    assert (program, command[0], command[-2:]) == (sys.executable, sys.executable, ("--data", "here"))
    assert "WC_STARTED_AT" not in environment
    assert taken_over(environment) == handed
    assert taken_over(environment) is None
    assert taken_over({"WC_AFRESH": "[]"}) is None


@pytest.mark.qt_log_ignore("does not support lower")
def test_a_window_that_was_behind_takes_no_keyboard(qtbot: QtBot) -> None:
    before, window = QWidget(), QWidget()
    qtbot.addWidget(before)
    qtbot.addWidget(window)
    before.setGeometry(40, 50, 500, 400)
    place = bytes(before.saveGeometry().data())
    show_again(window, HandedOver(place=place, active=False, minimised=False, section="", said=""))
    assert window.isVisible()
    assert not window.isActiveWindow()
    assert window.size() == before.size()
    again = QWidget()
    qtbot.addWidget(again)
    show_again(again, HandedOver(place=place, active=False, minimised=True, section="", said=""))
    assert again.isMinimized()
