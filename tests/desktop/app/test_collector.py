"""Cycles are collected on the GUI thread, between its events."""

import gc
import threading
import weakref
from collections.abc import Iterator

import pytest
from pytestqt.qtbot import QtBot

from wc_desktop.app.collector import Collector

pytestmark = pytest.mark.gui


class Ring:
    """What only the collector can free."""

    def __init__(self) -> None:
        self.itself = self


@pytest.fixture
def collector(qapp: object) -> Iterator[Collector]:
    del qapp
    usual, was_on = gc.get_threshold(), gc.isenabled()
    made = Collector()
    made.start()
    yield made
    made.stop()
    gc.set_threshold(*usual)
    if not was_on:
        gc.disable()


def many() -> list[Ring]:
    return [Ring() for _ in range(3_000)]


def test_no_allocation_begins_a_collection_and_a_turn_of_the_window_does(collector: Collector, qtbot: QtBot) -> None:
    del collector
    threads: list[int] = []

    def freed(_: object) -> None:
        threads.append(threading.get_ident())

    lost = weakref.ref(Ring(), freed)

    def allocate() -> None:
        for _ in range(5):
            many()

    allocate()
    beside = threading.Thread(target=allocate)
    beside.start()
    beside.join()
    assert lost() is not None
    qtbot.waitUntil(lambda: lost() is None, timeout=5_000)
    assert threads == [threading.get_ident()]


def test_what_lives_long_is_looked_through_now_and_then(collector: Collector, qtbot: QtBot) -> None:
    del collector
    gc.set_threshold(100, 1, 1)
    old = Ring()
    gc.collect(0)
    gc.collect(1)
    lost = weakref.ref(old)
    del old
    qtbot.waitUntil(lambda: bool(many()) and lost() is None, timeout=10_000)
    assert lost() is None


def test_python_collects_again_afterwards(collector: Collector) -> None:
    collector.stop()
    assert gc.isenabled()
