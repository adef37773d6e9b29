"""A workstation on a disk of its own that is filled to the last octet. Run as root of a user namespace, by its test.

python -m tests.desktop.attacks.on_a_small_disk FOLDER mounts a small disk at FOLDER and prints what came of it as JSON.
"""

import errno
import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from tests.desktop.actions.test_log_dose import give
from tests.desktop.clinic import NURSE, PASSWORD, Clinic, small_school

from wc_contract.model.ids import UserId
from wc_contract.model.kinds import DOSE
from wc_desktop.actions.sync_state import link_status
from wc_desktop.actions.unlock import Desk, lock, unlock
from wc_desktop.cipher.ballast import BALLAST_FILE
from wc_desktop.domain.failures import DiskFailed, DiskFull
from wc_desktop.journal.sealed import read_records

ANA = UserId(NURSE)
_BALLAST = 4 * 1024 * 1024


def fill(disk: Path) -> None:
    """Leave not one octet."""
    handle = os.open(disk / "other people's files", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    try:
        for size in (1 << 20, 1 << 12, 1):
            write(handle, bytes(size))
    finally:
        os.close(handle)


def write(handle: int, block: bytes) -> None:
    """Write until there is no room."""
    while True:
        try:
            os.write(handle, block)
        except OSError as error:
            if error.errno != errno.ENOSPC:
                raise
            return


def gives(desk: Desk, most: int) -> int:
    """Give up to so many doses; return how many were saved before the disk refused."""
    for given in range(most):
        try:
            give(desk, "Sofia", override_reason="agreed")
        except (DiskFull, DiskFailed):
            return given
    return most


def a_full_disk(folder: Path, *, ballast: int) -> dict[str, object]:
    """Fill the disk while the desk is locked, then while it is open, and let it be emptied again."""
    said: dict[str, object] = {}
    clinic = Clinic(folder / "station")
    clinic.parts = replace(clinic.parts, ballast=ballast)
    station = clinic.enrol()
    clinic.fill(station, small_school())
    kept = clinic.folder / BALLAST_FILE

    def step(name: str, what: Callable[[], object]) -> None:
        try:
            said[name] = what()
        except (DiskFull, DiskFailed) as error:
            said[name] = error.code

    lock(unlock(station, ANA, PASSWORD))
    said["ballast"] = kept.stat().st_size if kept.exists() else 0
    fill(folder)
    desks: list[Desk] = []
    step("opened while full", lambda: desks.append(unlock(station, ANA, PASSWORD)))
    if not desks:
        return said
    [desk] = desks
    said["let go"] = not kept.exists()
    said["told"] = link_status(desk).problem
    said["saved while full"] = gives(desk, 3)
    lock(desk)
    (folder / "other people's files").unlink()
    desk = unlock(station, ANA, PASSWORD)
    lock(desk)
    said["made again"] = kept.exists()
    desk = unlock(station, ANA, PASSWORD)
    fill(folder)
    said["saved while it became full"] = gives(desk, 3)
    said["told then"] = link_status(desk).problem
    fill(folder)
    gave = gives(desk, 100)
    said["refused at last"] = gave < 100
    held = len(desk.records.every(DOSE))
    (folder / "other people's files").unlink()
    lock(desk)
    desk = unlock(station, ANA, PASSWORD)
    said["doses shown"], said["doses after"] = held, len(desk.records.every(DOSE))
    said["doses saved"] = 3 + 3 + gave
    entries = sorted(entry.number for entry in desk.journal.newest(1000))
    said["gapless"] = entries == list(range(1, len(entries) + 1))
    said["all sealed"] = set(entries) <= {record.number for record in read_records(clinic.folder / "journal.sealed")}
    lock(desk)
    return said


def main(folder: Path, ballast: int) -> None:
    """Mount, fill, print."""
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", str(folder)], check=True)
    sys.stdout.write(json.dumps(a_full_disk(folder, ballast=ballast)))


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
