"""The commands without a window, against a real server with a real database."""

import io
import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Protocol

import pytest
from tests.desktop.sync.conftest import District, Workstation
from tests.sync_server.house import PASSWORD, _nurse
from tests.sync_server.serving import free_port

from wc_contract.model.kinds import KINDS
from wc_contract.model.values import DoseState
from wc_desktop.actions.log_dose import log_dose
from wc_desktop.actions.med_pass import due_list
from wc_desktop.actions.unlock import Desk, lock, unlock
from wc_desktop.app.console import run
from wc_desktop.app.console_enrol import Telling
from wc_desktop.domain.enrolment import FirstSync
from wc_desktop.domain.screens import DoseDraft
from wc_desktop.security.keystore import INSECURE_BANNER

pytestmark = pytest.mark.postgres
Maker = Callable[[str, str], Workstation]


class Run(Protocol):
    """Runs a command as the shell would: exit code, standard output, standard error."""

    def __call__(self, *words: str, password: str | None = PASSWORD) -> tuple[int, str, str]: ...


@pytest.fixture
def command(district: District, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    monkeypatch.delenv("WC_PASSWORD", raising=False)
    monkeypatch.setenv("WC_DEMO_CLOCK_OFFSET", str(district.offset))

    def ran(*words: str, password: str | None = PASSWORD) -> tuple[int, str, str]:
        monkeypatch.setattr("sys.stdin", io.StringIO("" if password is None else f"{password}\n"))
        capsys.readouterr()
        code = run(words)
        out, err = capsys.readouterr()
        return code, out, err

    return ran


def newcomer(district: District) -> str:
    """A nurse whose authenticator has shown no code yet: each code is taken once, and a new one comes in 30 s."""
    house = district.house
    name = f"nurse{len(house.nurses)}"
    house.nurses[name] = _nurse(house.parts, name, house.district, house.north)
    return name


def full_name(workstation: Workstation) -> str:
    (person,) = workstation.station.people()
    return f"{person.first_name} {person.last_name}"


def enrol_words(served: District, folder: Path, nurse: str, **changed: str) -> list[str]:
    request = served.request(nurse, "Office")
    told = {
        "server": request.server_url,
        "district": request.district,
        "code": request.code,
        "email": request.email,
        "totp": request.totp,
        "name": request.device_name,
        **changed,
    }
    words = ["enrol", *(word for name, value in told.items() for word in (f"--{name}", value))]
    return [*words, *place(folder)]


def place(folder: Path) -> list[str]:
    return ["--data", str(folder), "--insecure-keystore", str(keystore_of(folder))]


def keystore_of(folder: Path) -> Path:
    # As tests.desktop.sync.conftest.Workstation names it.
    return folder.parent / f"{folder.name}.keystore"


def give(desk: Desk, first_name: str) -> None:
    now = desk.clock.now()
    row = next(row for row in due_list(desk, now).rows if row.student.first_name == first_name)
    draft = DoseDraft(key=row.key, status=DoseState.ADMINISTERED, administered_at=now, override_reason="agreed")
    log_dose(desk, draft)


def report(command: Run, folder: Path, *words: str, user: str) -> Mapping[str, Any]:
    code, out, err = command("report", "--user", user, *words, *place(folder))
    assert (code, err) == (0, "")
    (line,) = out.splitlines()
    found: Mapping[str, Any] = json.loads(line)
    return found


def one_sentence(err: str) -> str:
    (line,) = err.splitlines()
    assert line.endswith(".")
    return line


def test_enrolling_says_how_it_goes_and_leaves_a_workstation_that_agrees_with_the_server(
    command: Run, district: District, tmp_path: Path
) -> None:
    folder, nurse = tmp_path / "office", newcomer(district)

    code, out, err = command(*enrol_words(district, folder, nurse))

    assert (code, err) == (0, "")
    lines = out.splitlines()
    assert lines[0] == INSECURE_BANNER
    assert lines[1].startswith("Asking the server")
    assert lines[-1].startswith("Done: ")
    assert lines[-1].endswith("the same as the server's.")
    found = report(command, folder, "--sync", user=f"{nurse} invented")
    assert found["digests_agree"] is True
    assert found["replica"]["student"] == 2
    assert found["digests"]["student"][0] == 2
    assert set(found["replica"]) == {kind.name for kind in KINDS}


def test_the_password_may_come_from_the_environment(
    command: Run, district: District, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WC_PASSWORD", PASSWORD)

    code, _, err = command(*enrol_words(district, tmp_path / "office", newcomer(district)), password=None)

    assert (code, err) == (0, "")


def test_a_report_counts_what_was_authored_and_what_the_district_answered(
    command: Run, workstation: Maker, district: District, tmp_path: Path
) -> None:
    first, second = (workstation(newcomer(district), name) for name in ("first", "second"))
    desk = unlock(first.station, first.station.people()[0].id, PASSWORD)
    give(desk, "Nora")
    lock(desk)

    before = report(command, first.folder, user=full_name(first))
    assert before["journal"]["dose.log"] == 1
    assert before["journal"]["incident.sign"] == 0
    assert before["journal"]["access.record"] == 3  # unlocked, locked, unlocked
    assert before["waiting"] == 1
    (dose,) = [entry for entry in before["entries"] if entry["verb"] == "dose.log"]
    assert (dose["status"], dose["outcome"]) == ("ADMINISTERED", None)

    after = report(command, first.folder, "--sync", user=full_name(first))
    assert after["waiting"] == 0
    (sent,) = [entry for entry in after["entries"] if entry["verb"] == "dose.log"]
    assert sent == {**dose, "outcome": "applied"}
    assert all(entry["outcome"] for entry in after["entries"])
    assert after["digests_agree"] is True

    listed = tmp_path / "entries.json"
    listed.write_text(json.dumps([dose["id"], "00000000-0000-0000-0000-000000000000"]))
    stale = report(command, second.folder, "--entries", str(listed), user=full_name(second))
    assert stale["found"][dose["id"]] == 0
    fresh = report(command, second.folder, "--entries", str(listed), "--sync", user=full_name(second).upper())
    assert fresh["found"] == {dose["id"]: 1, "00000000-0000-0000-0000-000000000000": 0}
    assert fresh["digests"]["dose"] == after["digests"]["dose"]
    assert district.house.one("SELECT count(*) FROM medication_logs WHERE entry_id = %s", dose["id"]) == 1


def test_nothing_about_a_child_is_in_a_report(command: Run, workstation: Maker, district: District) -> None:
    station = workstation(newcomer(district), "first")

    said = json.dumps(report(command, station.folder, user=str(station.station.people()[0].id)))

    assert "Nora" not in said
    assert "Ned" not in said


def test_an_enrolment_cut_off_after_its_first_half_is_taken_up_again(
    command: Run, workstation: Maker, district: District
) -> None:
    station = workstation(newcomer(district), "first")
    (station.folder / "replica.db").unlink()

    code, out, err = command(*enrol_words(district, station.folder, station.nurse))

    assert (code, err) == (0, "")
    assert "Asking the server" not in out
    assert station.station.first_sync_done
    assert len(station.station.people()) == 1


def test_a_workstation_is_not_enrolled_twice(command: Run, workstation: Maker, district: District) -> None:
    station = workstation(newcomer(district), "first")
    device = station.station.device_id

    code, _, err = command(*enrol_words(district, station.folder, station.nurse))

    assert code == 1
    assert one_sentence(err)
    assert station.station.device_id == device


@pytest.mark.parametrize(
    ("changed", "password", "words"),
    [
        ({}, "not her password", "E-mail and password do not match"),
        ({"code": "ABCD-EFGH-JKLM"}, PASSWORD, "one-time code"),
        ({"totp": "000000"}, PASSWORD, "six-digit code"),
        ({"district": "elsewhere"}, PASSWORD, "district"),
    ],
)
def test_a_refused_enrolment_is_one_sentence_and_leaves_no_workstation(
    command: Run, district: District, tmp_path: Path, changed: dict[str, str], password: str, words: str
) -> None:
    folder = tmp_path / "office"

    code, _, err = command(*enrol_words(district, folder, newcomer(district), **changed), password=password)

    assert code == 1
    assert words in one_sentence(err)
    assert not (folder / "station.json").exists()


def test_a_server_that_does_not_answer_is_told_apart(command: Run, district: District, tmp_path: Path) -> None:
    nowhere = f"http://127.0.0.1:{free_port()}"

    code, _, err = command(*enrol_words(district, tmp_path / "office", newcomer(district), server=nowhere))

    assert code == 4
    assert "does not answer" in one_sentence(err)


def test_reporting_without_the_server_works_and_syncing_says_that_it_does_not(
    command: Run, workstation: Maker, district: District
) -> None:
    station = workstation(newcomer(district), "first")
    district.served.stop()
    try:
        assert report(command, station.folder, user=full_name(station))["waiting"] == 0
        code, out, err = command("report", "--user", full_name(station), "--sync", *place(station.folder))
        assert (code, out) == (4, "")
        assert "does not answer" in one_sentence(err)
    finally:
        district.start()
    assert report(command, station.folder, "--sync", user=full_name(station))["digests_agree"] is True


def test_bad_input_to_a_report_is_one_sentence_each(
    command: Run, workstation: Maker, district: District, tmp_path: Path
) -> None:
    station = workstation(newcomer(district), "first")
    folder = station.folder
    nonsense = tmp_path / "entries.json"
    nonsense.write_text('{"not": "an array"}')
    words = ("report", "--user", full_name(station))

    said = [
        command(*words, *place(folder), password="wrong password"),
        command(*words, *place(folder), password=None),
        command("report", "--user", "Nobody Here", *place(folder)),
        command(*words, *place(tmp_path / "empty")),
        command(*words, "--entries", str(nonsense), *place(folder)),
        command(*words, "--data", str(folder), "--insecure-keystore", str(tmp_path / "other.keystore")),
    ]

    assert {(code, out) for code, out, _ in said} == {(1, "")}
    sentences = [one_sentence(err) for _, _, err in said]
    assert sentences[0] == "The password is not right. 9 tries left."
    assert "WC_PASSWORD" in sentences[1]
    assert "Enrol it first" in sentences[3]
    assert "entries.json" in sentences[4]
    assert len(set(sentences)) == len(sentences)


def test_progress_is_said_for_each_stage_and_not_more_than_once_a_second() -> None:
    class Ticks:
        seconds = 10.0

        def now(self) -> Any:
            raise AssertionError("only the monotonic clock is asked")

        def monotonic(self) -> float:
            return self.seconds

    clock, lines = Ticks(), list[str]()
    telling = Telling(clock, lines.append)
    for done in range(0, 3000, 100):
        telling(FirstSync(done=done, total_about=3000, stage="downloading"))
        clock.seconds += 0.1
    telling(FirstSync(done=3000, total_about=3000, stage="checking"))
    telling(FirstSync(done=3000, total_about=3000, stage="done"))

    assert lines[0] == "Downloading: 0 of about 3,000 records"
    assert len(lines) == 5
    assert lines[-1] == "Done: 3,000 records, the same as the server's."


READ_NO_FURTHER = """
from wc_desktop.app.console_enrol import print_line
for line in range(3):
    print_line("x" * 70_000)
with open("done", "w"):
    pass
"""


def test_the_work_goes_on_when_nobody_reads_what_it_says_any_more(tmp_path: Path) -> None:
    reads, writes = os.pipe()
    os.close(reads)
    ended = subprocess.run(
        [sys.executable, "-c", READ_NO_FURTHER], cwd=tmp_path, stdout=writes, stderr=subprocess.PIPE, check=False
    )
    os.close(writes)
    assert (ended.returncode, ended.stderr) == (0, b"")
    assert (tmp_path / "done").exists()
