"""Imported while the password is typed: Qt classes on the GUI thread only, and nothing left for the unlock."""

import subprocess
import sys

import pytest

pytestmark = pytest.mark.gui

# A process of its own each: here everything is imported long since.
_BACK = """
import sys
import wc_desktop.app.main
from pathlib import Path
from PySide6.QtCore import QObject
from wc_desktop.app.late import Backroom
from wc_desktop.app.settings import Settings

def kinds(top=QObject):
    for kind in type(top).__subclasses__(top):
        yield f"{kind.__module__}.{kind.__qualname__}"
        yield from kinds(kind)

before = set(kinds())
room = Backroom(settings=Settings(data_dir=Path(sys.argv[1]), keystore_file=Path(sys.argv[1]) / "keys.json"))
room.warm()
import wc_desktop.app.rebuild
import wc_desktop.security.station
print(*sorted(set(kinds()) - before))
"""
_FRONT = """
import sys, threading
import wc_desktop.app.main
from PySide6.QtCore import QCoreApplication, QTimer
from wc_desktop.app.warmer import Warmer

app = QCoreApplication([])
warmer = Warmer(app)
warmer.start()
started = "wc_desktop.app.unlocked" in sys.modules
ended = QTimer(app)
ended.timeout.connect(lambda: warmer._timer.isActive() or app.quit())
ended.start(1)
app.exec()
known = set(sys.modules)
import wc_desktop.app.pages, wc_desktop.app.unlocked, wc_desktop.background.sync_thread
print(started, "wc_desktop.app.unlocked" in known, len(set(sys.modules) - known), threading.active_count())
"""


def _said(script: str, *words: str) -> str:
    ran = subprocess.run([sys.executable, "-c", script, *words], capture_output=True, text=True, timeout=60, check=True)
    return ran.stdout.strip()


def test_what_the_replica_thread_imports_makes_no_class_of_qt(tmp_path: object) -> None:
    assert _said(_BACK, str(tmp_path)) == ""


def test_after_the_last_step_the_desk_has_nothing_to_import_and_no_thread_was_used() -> None:
    assert _said(_FRONT) == "False True 0 1"
