"""The password field is there before anything slow is imported; one window to a folder."""

import subprocess
import sys
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from wc_desktop.app.single import SingleInstance

SLOW = ("pydantic", "httpx", "sqlalchemy", "nacl", "sqlcipher3", "keyring")


@pytest.mark.gui
def test_nothing_slow_is_imported_before_the_first_screen() -> None:
    program = f"import sys, wc_desktop.app.main; print(','.join(name for name in {SLOW!r} if name in sys.modules))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""


def test_the_version_is_said_without_a_window() -> None:
    done = subprocess.run([sys.executable, "-m", "wc_desktop", "--version"], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("White Cross 0.")


@pytest.mark.gui
def test_a_second_start_brings_the_first_window_to_the_front(qtbot: QtBot, tmp_path: Path) -> None:
    first, second = SingleInstance(tmp_path), SingleInstance(tmp_path)
    assert first.take()
    with qtbot.waitSignal(first.raise_wanted):
        assert not second.take()
    first.release()
    assert second.take()
    second.release()


@pytest.mark.gui
@pytest.mark.usefixtures("qapp")
def test_two_folders_are_two_workstations(tmp_path: Path) -> None:
    first, second = SingleInstance(tmp_path / "a"), SingleInstance(tmp_path / "b")
    assert first.take()
    assert second.take()
    first.release()
    second.release()
