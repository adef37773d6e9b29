"""The heartbeat notices when the screen stood still."""

import threading

import pytest
from PySide6.QtCore import QElapsedTimer, QTimer
from pytestqt.qtbot import QtBot

from wc_desktop.background.stall_meter import StallMeter

pytestmark = pytest.mark.usefixtures("qapp")


class Blocker:
    """Holds the GUI thread, as a slot that does too much would."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds

    def hold(self) -> None:
        threading.Event().wait(self._seconds)


def test_a_stall_is_measured_and_told(qtbot: QtBot) -> None:
    meter = StallMeter(threshold_ms=100)
    blocker = Blocker(0.25)
    meter.start()
    qtbot.waitUntil(lambda: meter.beats >= 3)
    with qtbot.waitSignal(meter.stalled) as told:
        QTimer.singleShot(0, blocker.hold)
    meter.stop()
    assert meter.longest_stall_ms >= 230
    assert told.args == [meter.longest_stall_ms]


def test_a_reset_forgets_the_stall(qtbot: QtBot) -> None:
    meter = StallMeter()
    blocker = Blocker(0.2)
    meter.start()
    with qtbot.waitSignal(meter.stalled):
        QTimer.singleShot(0, blocker.hold)
    meter.reset()
    assert meter.longest_stall_ms == 0
    assert meter.beats == 0


def test_nothing_is_measured_before_start_and_after_stop(qtbot: QtBot) -> None:
    meter = StallMeter()
    qtbot.wait(40)
    assert meter.beats == 0
    meter.start()
    qtbot.waitUntil(lambda: meter.beats > 0)
    meter.stop()
    beats = meter.beats
    qtbot.wait(40)
    assert meter.beats == beats


def test_a_beat_costs_next_to_nothing() -> None:
    meter = StallMeter()
    meter.start()
    clock = QElapsedTimer()
    clock.start()
    for _ in range(10_000):
        meter._on_beat()
    # 10,000 beats are 100 seconds of a session: far under one per cent of them.
    assert clock.elapsed() < 1_000
