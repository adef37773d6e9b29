import os
import subprocess
import sys
from pathlib import Path

from wc_sync_server.demo.folder import DemoFolder
from wc_sync_server.demo.tally import Line


def test_the_folder_is_closed_to_others_and_remembers(tmp_path: Path) -> None:
    folder = DemoFolder(tmp_path / "demo")
    folder.make()
    assert folder.root.stat().st_mode & 0o077 == 0
    assert folder.secret("app") == folder.secret("app") != folder.secret("migrate")
    assert (folder.root / "secrets.json").stat().st_mode & 0o077 == 0


def test_a_pid_that_went_to_a_stranger_is_not_a_running_demonstration(tmp_path: Path) -> None:
    folder = DemoFolder(tmp_path)
    stranger = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    # Until it says something it may still be a copy of this process, with this one's words.
    begun = "print(flush=True); input()"
    ours = subprocess.Popen([sys.executable, "-c", begun, "demo"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    try:
        assert ours.stdout is not None
        ours.stdout.readline()
        folder.write("running", {"pid": stranger.pid})
        assert folder.running_pid() is None
        folder.write("running", {"pid": ours.pid})
        assert folder.running_pid() == ours.pid
        folder.write("running", {"pid": os.getpid()})
        assert folder.running_pid() is None
    finally:
        for process in (stranger, ours):
            process.kill()
            process.communicate()


def test_a_line_is_equal_only_when_every_column_that_applies_is() -> None:
    assert Line(what="doses given", authored=9, on_server=9, on_second=9, audited=9).equal
    assert Line(what="looks and unlocks", authored=3, on_server=3, on_second=None, audited=3).equal
    assert not Line(what="doses given", authored=9, on_server=9, on_second=8, audited=9).equal
    assert not Line(what="doses given", authored=9, on_server=9, on_second=9, audited=10).equal
