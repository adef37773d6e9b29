"""After a day's work nothing readable is on the disk, and after the lock no key of a file is in memory."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from tests.e2e.desk import Desk
from tests.e2e.district import District
from tests.e2e.leftovers import in_files, in_memory, keyed, spelled
from tests.e2e.nurse import Nurse

from wc_desktop.app.parts import build_parts
from wc_desktop.security.clock import SystemChance, SystemClock
from wc_desktop.security.keystore import InsecureKeystore
from wc_desktop.security.station import Station

pytestmark = [pytest.mark.e2e, pytest.mark.postgres]

# What the nurse of nurse.write_incident types.
_TYPED = ("Fell from the second rung", "Cleaned and covered", "Climbing frame")
_CHILDREN = "SELECT first_name, last_name FROM students WHERE school_id = %s"
_PEOPLE = "SELECT first_name, last_name FROM users"
_DRUGS = "SELECT DISTINCT name FROM medications"


def test_after_a_day_nothing_readable_is_left_and_after_the_lock_no_key_of_a_file(
    district: District, desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    temporary, stick = tmp_path / "tmp", tmp_path / "stick"
    temporary.mkdir()
    stick.mkdir()
    monkeypatch.setenv("TMPDIR", str(temporary))
    nurse = Nurse(desk, district.enrolled("S", district.nurses[0]))
    keys = _keys_of(nurse)
    nurse.start()
    nurse.unlock()
    nurse.waits_for_strip("Online.*")
    assert _keys_in_memory(nurse, keys) != set(), "what is looked for is not in an open workstation either"

    _a_mornings_work(nurse)
    district.server.kill()
    nurse.waits_for_strip("Offline since .*", timeout=60)
    nurse.section(1, "Today's medication pass")
    nurse.give()
    nurse.app.kill()
    exported = _export(nurse, stick / "entries.wcjournal")
    nurse.start()
    nurse.unlock()
    nurse.give()
    nurse.desk.key("ctrl+l")
    nurse.app.find(role="password text", timeout=15)
    assert _keys_in_memory(nurse, keys) in (set(), None), "a locked program still knows a key"

    words = spelled(_words(district))
    own = [nurse.station.data, temporary, desk.home, desk.dir, stick]
    looked, found = in_files(own, words)
    assert exported.stat().st_size > 1_000
    assert looked > 1_000_000
    assert found == {}
    nurse.app.close(15)
    assert in_files(own, words)[1] == {}
    (temporary / "a control").write_bytes(b"\x00" * 70_000 + _TYPED[0].encode())
    assert in_files(own, words)[1] == {"a control": {_TYPED[0]}}


def _words(district: District) -> set[str]:
    """Return what must stand nowhere: children, drugs, what was typed. People who work here are on the lock screen."""
    staff = {name for person in district.rows(_PEOPLE) for name in person}
    children = {f"{first} {last}" for first, last in district.rows(_CHILDREN, district.school_id)}
    surnames = {last for _, last in district.rows(_CHILDREN, district.school_id) if len(last) > 6 and last not in staff}
    drugs = {name for (name,) in district.rows(_DRUGS) if len(name) > 6}
    assert min(map(len, (children, surnames, drugs))) > 0
    return {*_TYPED, *children, *surnames, *drugs}


def _keys_in_memory(nurse: Nurse, keys: dict[str, bytes]) -> set[str] | None:
    """Return which keys stand in the memory of the program; None when we may not look, as nobody but root may."""
    if os.geteuid() != 0:
        with pytest.raises(PermissionError):
            in_memory(nurse.app.proc.pid, keyed(keys))
        return None
    looked, found = in_memory(nurse.app.proc.pid, keyed(keys))
    assert looked > 20_000_000
    return found


def _export(nurse: Nurse, file: Path) -> Path:
    words = ["export-journal", "--data", str(nurse.station.data), str(file)]
    subprocess.run([sys.executable, "-m", "wc_desktop", *words], env=nurse.station.environment(), check=True)
    return file


def _a_mornings_work(nurse: Nurse) -> str:
    """Give doses, look a child up and read the chart, sign a report. Return the child's surname."""
    for _ in range(3):
        nurse.give()
    surname = nurse.row()[1].split(",")[0].split()[-1]
    nurse.section(2, "Students")
    nurse.desk.key("slash")
    nurse.desk.type(surname)
    nurse.desk.key("Return")
    nurse.write_incident(surname)
    return surname


def _keys_of(nurse: Nurse) -> dict[str, bytes]:
    """Return the keys of the files, by name."""
    data = nurse.station.data
    keystore = InsecureKeystore(data.with_name(data.name + "-keystore.json"))
    parts = build_parts(keystore=keystore, clock=SystemClock(nurse.station.offset_seconds), chance=SystemChance())
    station = Station.load(data, parts)
    assert station is not None
    opened = station.unlock_keys(station.people()[0].id, nurse.station.password)
    return {"key of the journal": bytes(opened.journal), "key of the replica": bytes(opened.replica)}
