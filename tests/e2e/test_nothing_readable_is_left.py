"""After a day's work nothing readable is on the disk, and after the lock no secret is in memory."""

import os
import subprocess
import sys
from collections.abc import Iterable
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


def test_after_a_day_nothing_readable_is_left_and_after_the_lock_no_secret_is_in_memory(
    district: District, desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    temporary, stick = tmp_path / "tmp", tmp_path / "stick"
    temporary.mkdir()
    stick.mkdir()
    monkeypatch.setenv("TMPDIR", str(temporary))
    nurse = Nurse(desk, district.enrolled("S", district.nurses[0]))
    nurse.start()
    nurse.app.find(role="password text", state="showing focused", timeout=15)
    desk.type(nurse.station.password)
    assert _in_memory(nurse, {}, [nurse.station.password]) in ({nurse.station.password}, None)
    desk.key("Return")
    nurse.due()
    nurse.waits_for_strip("Online.*")
    secrets = _secrets_of(nurse)
    _a_mornings_work(nurse)
    assert _in_memory(nurse, secrets, _TYPED) in ({*secrets, *_TYPED}, None), "what is looked for can be found"

    nurse.section("med_pass", "Today's medication pass")
    # Not the last one typed: the form itself gives it as an example.
    words = (nurse.station.password, *_TYPED[:2], *(given.split(", Gr")[0] for given in nurse.given))
    nurse.lock_and_wait()
    assert _in_memory(nurse, secrets, words) in (set(), None), "a locked program still knows a secret"
    nurse.unlock()
    district.server.kill()
    nurse.waits_for_strip("Offline since .*", timeout=60)
    nurse.section("med_pass", "Today's medication pass")
    nurse.give()
    nurse.app.kill()
    exported = _export(nurse, stick / "entries.wcjournal")
    nurse.start()
    nurse.unlock()
    nurse.give()
    nurse.lock_and_wait()
    assert _in_memory(nurse, secrets, words) in (set(), None), "a locked program still knows a secret"

    canaries = spelled(_words(district))
    own = [nurse.station.data, temporary, desk.home, desk.dir, stick]
    looked, found = in_files(own, canaries)
    assert exported.stat().st_size > 1_000
    assert looked > 1_000_000
    assert found == {}
    nurse.app.close(15)
    assert in_files(own, canaries)[1] == {}
    (temporary / "a control").write_bytes(b"\x00" * 70_000 + _TYPED[0].encode())
    assert in_files(own, canaries)[1] == {"a control": {_TYPED[0]}}


def _words(district: District) -> set[str]:
    """Return what must stand nowhere: children, drugs, what was typed. People who work here are on the lock screen."""
    staff = {name for person in district.rows(_PEOPLE) for name in person}
    children = {f"{first} {last}" for first, last in district.rows(_CHILDREN, district.school_id)}
    surnames = {last for _, last in district.rows(_CHILDREN, district.school_id) if len(last) > 6 and last not in staff}
    drugs = {name for (name,) in district.rows(_DRUGS) if len(name) > 6}
    assert min(map(len, (children, surnames, drugs))) > 0
    return {*_TYPED, *children, *surnames, *drugs}


def _in_memory(nurse: Nurse, secrets: dict[str, bytes], words: Iterable[str]) -> set[str] | None:
    """Return which of these stand in the memory of the program; None when we may not look, as nobody but root may."""
    wanted = keyed(secrets) | spelled(words)
    if os.geteuid() != 0:
        with pytest.raises(PermissionError):
            in_memory(nurse.app.proc.pid, wanted)
        return None
    looked, found = in_memory(nurse.app.proc.pid, wanted)
    assert looked > 20_000_000
    return found


def _export(nurse: Nurse, file: Path) -> Path:
    words = ["export-journal", "--data", str(nurse.station.data), str(file)]
    subprocess.run([sys.executable, "-m", "wc_desktop", *words], env=nurse.station.environment(), check=True)
    return file


def _a_mornings_work(nurse: Nurse) -> None:
    """Give doses, look a child up and read the chart, sign a report."""
    for _ in range(3):
        nurse.give()
    surname = nurse.row()[1].split(",")[0].split()[-1]
    nurse.section("students", "Students")
    nurse.desk.key("slash")
    nurse.desk.type(surname)
    nurse.desk.key("Return")
    nurse.write_incident(surname)


def _secrets_of(nurse: Nurse) -> dict[str, bytes]:
    """Return what opens or proves something, by name."""
    data = nurse.station.data
    keystore = InsecureKeystore(data.with_name(data.name + "-keystore.json"))
    parts = build_parts(keystore=keystore, clock=SystemClock(nurse.station.offset_seconds), chance=SystemChance())
    station = Station.load(data, parts)
    assert station is not None
    opened = station.unlock_keys(station.people()[0].id, nurse.station.password)
    own = station.device_keys()
    return {
        "key of the journal": bytes(opened.journal),
        "key of the replica": bytes(opened.replica),
        "device secret": station.device_secret(),
        "key that signs": own.sign_seed,
        "key that opens what is sealed": own.seal_private,
        # How every token of a session begins.
        "token": b"eyJhbGciOi",
    }
