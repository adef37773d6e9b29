"""The setup says in one line what is missing, and costs nothing when nothing is."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from tests.architecture.tree import ROOT

BOOTSTRAP = ROOT / "packaging" / "bootstrap.py"
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="needs root, to drop it")


def bootstrap(root: Path, **environment: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, str(BOOTSTRAP), "--root", str(root)],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def test_an_interpreter_that_does_not_run_is_refused_in_one_line(tmp_path: Path) -> None:
    done = bootstrap(tmp_path, WC_PYTHON=str(tmp_path / "no-python"))
    assert done.returncode == 1
    assert len(done.stdout.splitlines()) == 1
    assert "needs Python 3.11 to 3.13, found none that runs" in done.stdout
    assert done.stderr == ""


def test_an_interpreter_too_old_is_named(tmp_path: Path) -> None:
    old = tmp_path / "python3.9"
    old.write_text('#!/bin/sh\necho "3.9 $0"\n')
    old.chmod(0o755)
    done = bootstrap(tmp_path, WC_PYTHON=str(old))
    assert done.returncode == 1
    assert "found only 3.9" in done.stdout


def test_a_failed_step_shows_its_last_lines_and_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "packaging" / "locks").mkdir(parents=True)
    (tmp_path / "pyproject.toml").touch()
    (tmp_path / "packaging" / "locks" / "all.txt").write_text("no-such-thing==1 \\\n    --hash=sha256:" + "0" * 64)
    nowhere = tmp_path / "nowhere"
    nowhere.mkdir()
    done = bootstrap(tmp_path, PIP_INDEX_URL=nowhere.as_uri(), PIP_NO_INDEX="1", PIP_FIND_LINKS=str(nowhere))
    assert done.returncode == 1
    assert "no-such-thing" in done.stdout
    assert done.stdout.splitlines()[-1].endswith("Check the network and the disk, then run it again.")
    assert not (tmp_path / ".venv" / ".white-cross-stamp").exists()
