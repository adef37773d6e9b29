"""A disk that is really full: with the room that was set apart a workstation opens, saves entries and says so."""

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from tests.promises.lines import ROOT

from wc_desktop.app.parts import build_parts
from wc_desktop.cipher.ballast import BALLAST_BYTES, BALLAST_FILE, Ballast, make_room
from wc_desktop.security.clock import SystemChance, SystemClock
from wc_desktop.security.keystore import InsecureKeystore

_OWN_DISKS = ["unshare", "--map-root-user", "--mount"]


def may_mount() -> bool:
    """Whether this account may have a disk of its own to fill."""
    if shutil.which("unshare") is None:
        return False
    tried = subprocess.run([*_OWN_DISKS, "true"], capture_output=True, check=False)
    return tried.returncode == 0


needs_a_disk = pytest.mark.skipif(not may_mount(), reason="this account may not mount a disk of its own")


def filled(tmp_path: Path, ballast: int) -> dict[str, Any]:
    words = [*_OWN_DISKS, sys.executable, "-m", "tests.desktop.attacks.on_a_small_disk", str(tmp_path), str(ballast)]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    said: dict[str, Any] = json.loads(done.stdout)
    return said


@needs_a_disk
def test_a_workstation_on_a_full_disk_opens_saves_and_tells(tmp_path: Path) -> None:
    said = filled(tmp_path, 4 * 1024 * 1024)
    assert said.pop("ballast") == 4 * 1024 * 1024
    assert said.pop("doses shown") == said["doses after"]
    assert said.pop("doses after") == said.pop("doses saved")
    assert said == {
        "opened while full": None,
        "let go": True,
        "told": "disk_low",
        "saved while full": 3,
        "made again": True,
        "saved while it became full": 3,
        "told then": "disk_low",
        "refused at last": True,
        "gapless": True,
        "all sealed": True,
    }


@needs_a_disk
def test_without_a_ballast_the_same_disk_lets_nobody_in(tmp_path: Path) -> None:
    assert filled(tmp_path, 0) == {"ballast": 0, "opened while full": "disk_full"}


def test_the_program_sets_64_megabytes_apart_and_gives_them_back(tmp_path: Path) -> None:
    parts = build_parts(keystore=InsecureKeystore(tmp_path / "keys"), clock=SystemClock(), chance=SystemChance())
    assert parts.ballast == BALLAST_BYTES == 64 * 1024 * 1024
    ballast = Ballast(folder=tmp_path, octets=parts.ballast)
    ballast.keep()
    kept = (tmp_path / BALLAST_FILE).stat()
    assert kept.st_blocks * 512 >= BALLAST_BYTES, "room that is only written down is no room"
    make_room(tmp_path)
    assert (tmp_path / BALLAST_FILE).exists(), "let go while there is plenty of room"
    assert ballast.let_go()
    assert not (tmp_path / BALLAST_FILE).exists()
    assert not ballast.let_go()
