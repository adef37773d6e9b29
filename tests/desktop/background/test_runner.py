"""The replica thread: in order, doses first, answers on the GUI thread, nothing lost at the end."""

import threading
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QCoreApplication, QObject
from pytestqt.qtbot import QtBot

from wc_contract.model.errors import Defect, Refused, WhiteCrossError
from wc_desktop.background.runner import Priority, Runner, RunnerStopped

pytestmark = pytest.mark.gui


class Listener(QObject):
    def __init__(self) -> None:
        super().__init__()
        self.heard: list[object] = []
        self.threads: set[threading.Thread] = set()

    def hear(self, answer: object) -> None:
        self.heard.append(answer)
        self.threads.add(threading.current_thread())

    def fail(self, error: WhiteCrossError) -> None:
        self.heard.append(error.code)


@pytest.fixture
def runner(qapp: QCoreApplication) -> Iterator[Runner]:
    assert qapp is not None
    made = Runner()
    yield made
    made.stop()


def refuse() -> None:
    raise Refused("no")


def crash() -> None:
    raise ZeroDivisionError("Omar")


def test_answers_come_on_the_gui_thread_in_order(runner: Runner, qtbot: QtBot) -> None:
    listener = Listener()
    for number in range(20):
        runner.run(lambda number=number: number, done=listener.hear)
    assert listener.heard == []
    qtbot.waitUntil(lambda: len(listener.heard) == 20)
    assert listener.heard == list(range(20))
    assert listener.threads == {threading.current_thread()}


def test_a_dose_overtakes_what_has_not_begun(runner: Runner, qtbot: QtBot) -> None:
    began, go_on, order = threading.Event(), threading.Event(), []

    def hold() -> None:
        began.set()
        go_on.wait(5)

    threads = [threading.Thread(target=lambda: runner.call(hold))]
    threads[0].start()
    began.wait(5)
    threads += [threading.Thread(target=lambda: runner.call(lambda: order.append("sync"))) for _ in range(3)]
    for thread in threads[1:]:
        thread.start()
    qtbot.waitUntil(lambda: runner._jobs.qsize() == 3)
    runner.run(lambda: order.append("screen"))
    runner.run(lambda: order.append("dose"), urgent=True)
    go_on.set()
    for thread in threads:
        thread.join()
    assert order == ["dose", "screen", "sync", "sync", "sync"]


def test_a_refusal_and_a_defect_reach_who_asked(runner: Runner, qtbot: QtBot) -> None:
    listener, crashed = Listener(), Listener()
    runner.crashed.connect(crashed.hear)
    runner.run(refuse, done=listener.hear, failed=listener.fail)
    qtbot.waitUntil(lambda: listener.heard == ["refused"])
    assert crashed.heard == []


@pytest.mark.logs_warnings
def test_a_defect_is_reported_without_what_it_says(
    runner: Runner, qtbot: QtBot, caplog: pytest.LogCaptureFixture
) -> None:
    listener, crashed = Listener(), Listener()
    runner.crashed.connect(crashed.hear)
    runner.run(crash, failed=listener.fail)
    qtbot.waitUntil(lambda: listener.heard == [Defect.code])
    assert [type(error) for error in crashed.heard] == [ZeroDivisionError]
    assert "Omar" not in caplog.text
    runner.run(lambda: 7, done=listener.hear)
    qtbot.waitUntil(lambda: listener.heard[-1] == 7)


def test_an_answer_to_a_listener_that_is_gone_is_dropped(runner: Runner, qtbot: QtBot) -> None:
    import shiboken6

    gone, there = Listener(), Listener()
    go_on = threading.Event()
    runner.run(lambda: go_on.wait(5), done=gone.hear)
    shiboken6.delete(gone)
    go_on.set()
    runner.run(lambda: 1, done=there.hear)
    qtbot.waitUntil(lambda: there.heard == [1])


@pytest.mark.usefixtures("qtbot")
def test_stopping_finishes_what_was_asked_for_and_joins() -> None:
    runner, done = Runner(), []
    for number in range(50):
        runner.run(lambda number=number: done.append(number))
    runner.stop()
    assert done == list(range(50))
    assert not runner._thread.is_alive()
    with pytest.raises(RunnerStopped):
        runner.call(lambda: None)
    runner.stop()


def test_another_thread_gets_the_answer_or_the_error(runner: Runner) -> None:
    assert runner.call(lambda: threading.current_thread().name, Priority.NURSE) == "replica"
    with pytest.raises(Refused):
        runner.call(refuse)


def test_what_runs_beside_holds_up_nothing_and_answers_on_the_gui_thread(runner: Runner, qtbot: QtBot) -> None:
    listener, go_on = Listener(), threading.Event()
    runner.run_beside(lambda: go_on.wait(10), done=listener.hear)
    runner.run_beside(refuse, failed=listener.fail)
    runner.run(lambda: "a dose", done=listener.hear)
    qtbot.waitUntil(lambda: len(listener.heard) == 2)
    assert set(listener.heard) == {"a dose", "refused"}
    go_on.set()
    qtbot.waitUntil(lambda: len(listener.heard) == 3)
    assert listener.threads == {threading.current_thread()}
