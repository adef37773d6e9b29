"""A workstation's entries as a file, and the district that takes it in: once, whatever else arrives."""

import json
import os
import shutil
from pathlib import Path

import pytest
from tests.desktop.app.test_console import Run, command, full_name, newcomer, one_sentence, place
from tests.desktop.app.test_rebuilt_journal import ENTRY, Maker, Office, doses
from tests.desktop.sync.conftest import District
from tests.sync_server.cli.commanded import run
from tests.sync_server.house import PASSWORD

from wc_contract.wire.journal_file import JournalFileHeader, read_journal_file
from wc_desktop.app.opened import journal_of, own_keys_of
from wc_desktop.app.single import holding
from wc_desktop.journal.survey import survey
from wc_desktop.security.station import DataKeys

__all__ = ["command"]
pytestmark = pytest.mark.postgres


@pytest.fixture
def office(workstation: Maker, district: District) -> Office:
    return Office(workstation(newcomer(district), "office"), district)


def exported(command: Run, office: Office, stick: Path, *words: str, password: str | None = None) -> tuple[str, Path]:
    before = set(stick.glob("*"))
    code, out, err = command("export-journal", str(stick), *words, *place(office.folder), password=password)
    assert (code, err) == (0, "")
    (made,) = set(stick.glob("*")) - before
    return out, made


def held(office: Office) -> int:
    """Return how many entries the sealed copy holds; locking the desk wrote one more than the nurse saw."""
    return len(survey(office.folder / "journal.sealed", own_keys_of(office.made.station)).texts)


def keys_of(office: Office) -> DataKeys:
    station = office.made.station
    return station.keys_for_repair(station.people()[0].id, PASSWORD)


def header_of(path: Path) -> JournalFileHeader:
    about = read_journal_file(path.read_bytes())
    assert about.whole is True
    assert about.header is not None
    return about.header


def imported(office: Office, *paths: Path) -> tuple[int, dict[str, int]]:
    ended = run(
        office.district.house,
        "import-journal",
        *map(str, paths),
        "--json",
        WC_DEMO_CLOCK_OFFSET=str(office.district.offset),
    )
    (station,) = json.loads(ended.stdout)["workstations"]
    return ended.returncode, {name: station[name] for name in ("new", "known")}


@pytest.fixture
def stick(tmp_path: Path) -> Path:
    folder = tmp_path / "stick"
    folder.mkdir()
    return folder


def test_what_waits_is_carried_counts_once_and_is_known_when_it_is_sent(
    command: Run, office: Office, stick: Path
) -> None:
    office.works("Nora", sync=True)
    entries = office.works("Ned")
    first = min(entry.number for entry in entries if entry.outcome is None)
    last = held(office)
    out, path = exported(command, office, stick, "--user", full_name(office.made), password=PASSWORD)
    header = header_of(path)
    assert (header.content, header.numbers) == ("waiting", ((first, last),))
    assert 1 < header.count == last - first + 1 < last
    assert out.startswith(f"{header.count} entries saved, written from ")
    assert "wc-sync-server import-journal" in out
    assert imported(office, path) == (0, {"new": header.count, "known": 0})
    assert all(office.in_the_district(entry) == 1 for entry in doses(entries))
    # The network is back: the workstation sends the same, and is told that the district has it.
    after = office.works(sync=True)
    assert all(entry.outcome in {"applied", "case_opened"} for entry in after[: len(entries)])
    assert all(office.in_the_district(entry) == 1 for entry in doses(entries))


def test_without_a_password_only_what_came_after_the_last_answer_is_carried(
    command: Run, office: Office, stick: Path
) -> None:
    office.works("Nora", sync=True)
    answered = held(office) - 1
    _, path = exported(command, office, stick)
    assert header_of(path).numbers == ((answered + 1, answered + 1),)
    office.works("Ned")
    _, path = exported(command, office, stick)
    assert (header_of(path).content, header_of(path).numbers) == ("waiting", ((answered + 1, held(office)),))
    _, path = exported(command, office, stick, "--all")
    assert (header_of(path).content, header_of(path).count) == ("all", held(office))
    # The district was put back to yesterday: what it lost waits again, also for who exports without a password.
    journal = journal_of(office.made.station, keys_of(office), office.made.parts.chance)
    assert journal.doubt_receipts_above(1) > 0
    for _ in range(2):
        # At once, and after the journal was closed in order.
        _, path = exported(command, office, stick)
        assert header_of(path).numbers == ((2, held(office)),)
        journal.close()


def test_without_password_with_a_damaged_journal_and_with_lost_keys_everything_comes_out(
    command: Run, office: Office, stick: Path
) -> None:
    entries = office.works("Nora", "Ned")
    office.loses_the_journal()
    count = held(office)
    out, with_keys = exported(command, office, stick)
    assert (header_of(with_keys).content, header_of(with_keys).count) == ("all", count)
    assert "It holds also what the district has already" in out
    keystore = office.folder.parent / f"{office.folder.name}.keystore"
    kept = keystore.read_bytes()
    keystore.write_text("{}")
    out, without_keys = exported(command, office, stick, "--all")
    assert (header_of(without_keys).count, " written from " in out) == (count, False)
    keystore.write_bytes(kept)
    assert imported(office, without_keys) == (0, {"new": count, "known": 0})
    assert imported(office, with_keys, office.folder / "journal.sealed") == (0, {"new": 0, "known": count})
    assert all(office.in_the_district(entry) == 1 for entry in doses(entries))
    # The password was asked for, and the journal does not open: everything is taken then too.
    code, out, _ = command(
        "export-journal", str(stick / "third.wcjournal"), "--user", full_name(office.made), *place(office.folder)
    )
    assert (code, out.startswith("The journal is damaged, so everything is taken.")) == (0, True)


def test_a_record_that_does_not_open_here_is_carried_and_hides_none(command: Run, office: Office, stick: Path) -> None:
    entries = office.works("Nora", "Ned")
    damaged, count = entries[1].number, held(office)
    office.loses_from_the_sealed_copy(damaged)
    out, path = exported(command, office, stick)
    assert f"Number {damaged} does not read here" in out
    assert header_of(path).count == count
    code, told = imported(office, path)
    assert (code, told["new"]) == (3, count - 1)
    office.works(sync=True)
    device = office.made.station.device_id
    assert office.district.house.one("SELECT last_number FROM devices WHERE id = %s", device) > count
    assert all(office.in_the_district(entry) == 1 for entry in doses(entries))


def test_it_refuses_in_a_sentence_and_leaves_what_is_there(
    command: Run, office: Office, stick: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    office.works("Nora")
    target = stick / "mine.wcjournal"
    words = ("export-journal", str(target), *place(office.folder))
    target.write_text("holiday")
    code, _, err = command(*words)
    assert (code, one_sentence(err).startswith("There is a file of that name already."), target.read_text()) == (
        1,
        True,
        "holiday",
    )
    assert command(*words, "--force")[0] == 0
    assert header_of(target).count > 0
    code, _, err = command("export-journal", str(stick / "gone" / "file.wcjournal"), *place(office.folder))
    assert (code, one_sentence(err).startswith("There is no such folder")) == (1, True)
    code, _, err = command("export-journal", str(stick / "unplugged"), *place(office.folder))
    assert (code, one_sentence(err).startswith("There is no such folder")) == (1, True)
    code, _, err = command("export-journal", str(stick / "x.wcjournal"), *place(stick))
    assert (code, one_sentence(err).startswith("There is no workstation in this folder")) == (1, True)
    shutil.copy(office.folder / "journal.sealed", stick / "journal.sealed")
    code, _, err = command("export-journal", str(stick / "x.wcjournal"), *place(stick))
    assert (code, "Take journal.sealed itself" in one_sentence(err)) == (1, True)
    with holding(office.folder):
        code, _, err = command("export-journal", str(stick / "x.wcjournal"), *place(office.folder))
    assert (code, one_sentence(err).startswith("White Cross is already open")) == (1, True)
    with pytest.raises(SystemExit) as ended:
        command("export-journal", "--help")
    assert ended.value.code == 0
    assert "Nothing is deleted or changed" in capsys.readouterr().out
    for left in stick.iterdir():
        left.unlink()
    _a_full_stick_leaves_no_half_of_a_file(command, office, stick, monkeypatch)


def _a_full_stick_leaves_no_half_of_a_file(
    command: Run, office: Office, stick: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = {path: path.read_bytes() for path in office.folder.iterdir() if path.is_file()}
    # The draft stands for a stick without room: every write to it says ENOSPC.
    (stick / "file.wcjournal.part").symlink_to("/dev/full")
    code, _, err = command("export-journal", str(stick / "file.wcjournal"), *place(office.folder))
    assert (code, one_sentence(err).startswith("There is no room for the file.")) == (4, True)
    assert list(stick.iterdir()) == []
    assert {path: path.read_bytes() for path in office.folder.iterdir() if path.is_file()} == before

    def refused(_handle: int) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(os, "fsync", refused)
    code, _, err = command("export-journal", str(stick / "file.wcjournal"), *place(office.folder))
    assert (code, one_sentence(err).startswith("The file could not be written.")) == (4, True)
    assert list(stick.iterdir()) == []


def test_a_dead_workstation_is_with_the_district_by_its_disk_alone(office: Office, stick: Path) -> None:
    entries = office.works("Nora", "Ned")
    shutil.copy(office.folder / "journal.sealed", stick / "journal.sealed")
    count, device = held(office), office.made.station.device_id
    shutil.rmtree(office.folder)
    assert imported(office, stick / "journal.sealed") == (0, {"new": count, "known": 0})
    assert office.district.house.one("SELECT last_number FROM devices WHERE id = %s", device) == count
    assert all(office.district.house.one(ENTRY, entry.id) == 1 for entry in doses(entries))
