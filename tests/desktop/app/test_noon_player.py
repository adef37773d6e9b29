"""The player steps a script, gives up with a sentence, and reads its parent's lines without stopping the window."""

import os
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QElapsedTimer
from pytestqt.qtbot import QtBot

from wc_desktop.app.noon_player import NoonFailed, Player, Script, Wait, rest
from wc_desktop.app.noon_screen import plain
from wc_desktop.app.noon_talk import Lines

pytestmark = pytest.mark.gui


def played(qtbot: QtBot, script: Script, patience_ms: int = 5_000) -> str | None:
    player = Player(script, patience_ms=patience_ms)
    with qtbot.waitSignal(player.ended, timeout=10_000) as ended:
        player.start()
    assert ended.args is not None
    sentence: str | None = ended.args[0]
    return sentence


def test_each_step_waits_until_its_effect_is_seen(qtbot: QtBot) -> None:
    looks, done = [0], list[str]()

    def third_look() -> bool:
        looks[0] += 1
        return looks[0] == 3

    def script() -> Script:
        done.append("first")
        yield Wait(words="a third look", seen=third_look)
        done.append("second")

    assert played(qtbot, script()) is None
    assert (done, looks) == (["first", "second"], [3])


def test_a_step_without_effect_is_named_after_the_patience(qtbot: QtBot) -> None:
    def script() -> Script:
        yield Wait(words="a miracle", seen=lambda: False)

    sentence = played(qtbot, script(), patience_ms=100)

    assert sentence is not None
    assert "a miracle" in sentence


def test_what_a_script_gives_up_with_is_said(qtbot: QtBot) -> None:
    def script() -> Script:
        yield from rest(1)
        raise NoonFailed("No dose is due.")

    assert played(qtbot, script()) == "No dose is due."


def test_a_mistake_of_the_script_is_said_without_its_words(qtbot: QtBot) -> None:
    def script() -> Iterator[Wait]:
        yield from rest(1)
        raise KeyError("a child's name")

    sentence = played(qtbot, script())

    assert sentence is not None
    assert "KeyError" in sentence
    assert "child's name" not in sentence


@pytest.mark.usefixtures("qapp")
def test_stopping_from_outside_ends_once() -> None:
    def script() -> Script:
        yield Wait(words="a miracle", seen=lambda: False)

    player = Player(script())
    heard: list[str | None] = []
    player.ended.connect(heard.append)
    player.start()
    player.stop()
    player.stop_for_mistake()

    assert heard == ["The noon was stopped from outside."]


def test_resting_takes_as_long_as_it_says(qtbot: QtBot) -> None:
    timer = QElapsedTimer()
    timer.start()

    assert played(qtbot, rest(80)) is None

    assert timer.elapsed() >= 80


def test_lines_that_came_together_are_taken_one_by_one_and_an_end_is_noticed(qtbot: QtBot) -> None:
    reading, writing = os.pipe()
    try:
        os.write(writing, b"the password\ndone\n")
        lines = Lines(reading)
        assert lines.first() == "the password"
        assert lines.ready
        assert lines.take() == "done"
        lines.listen()
        assert not lines.ready
        os.write(writing, b"do")
        os.write(writing, b"ne\r\n")
        qtbot.waitUntil(lambda: lines.ready, timeout=5_000)
        assert lines.take() == "done"
    finally:
        os.close(writing)
    qtbot.waitUntil(lambda: lines.ended, timeout=5_000)
    assert not lines.ready
    os.close(reading)


def test_no_line_at_all_is_an_empty_one() -> None:
    reading, writing = os.pipe()
    os.close(writing)

    assert Lines(reading).first() == ""

    os.close(reading)


def test_a_surname_is_typed_as_a_keyboard_without_accents_writes_it() -> None:
    assert plain("GUTIÉRREZ") == "GUTIERREZ"
