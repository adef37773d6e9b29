"""A damaged journal made anew on a workstation of a real server: work goes on, the district counts nothing twice."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest
from tests.desktop.app.test_console import Run, command, full_name, give, newcomer, one_sentence, place, report
from tests.desktop.sync.conftest import District, Workstation
from tests.sync_server.house import PASSWORD
from tests.sync_server.serving import free_port

from wc_contract.model.errors import Defect, WhiteCrossError
from wc_desktop.actions.unlock import lock, unlock
from wc_desktop.app.console_sync import sync_once
from wc_desktop.app.opened import own_keys_of
from wc_desktop.app.parts import Parts
from wc_desktop.app.rebuild import rebuild_journal
from wc_desktop.app.single import holding
from wc_desktop.domain.failures import AlreadyOpen, DiskFull, JournalDamaged, WrongPassword
from wc_desktop.domain.rebuilt import Rebuilt
from wc_desktop.journal.survey import survey
from wc_desktop.ports import JournalRecord

__all__ = ["command"]
pytestmark = pytest.mark.postgres
Maker = Callable[[str, str], Workstation]
ENTRY = "SELECT count(*) FROM medication_logs WHERE entry_id = %s"


@dataclass
class Office:
    """A workstation whose nurse is at the desk now and then."""

    made: Workstation
    district: District

    @property
    def folder(self) -> Path:
        return self.made.folder

    def works(self, *first_names: str, sync: bool = False) -> list[JournalRecord]:
        """Unlock, give doses, exchange with the district when asked to, lock; return the entries, oldest first."""
        desk = unlock(self.made.station, self.made.station.people()[0].id, PASSWORD)
        try:
            for name in first_names:
                give(desk, name)
            if sync:
                sync_once(self.made.parts.link_of(desk))
            return list(desk.journal.newest(1000))[::-1]
        finally:
            lock(desk)

    def rebuilds(self, password: str = PASSWORD) -> Rebuilt | None:
        station = self.made.station
        return rebuild_journal(self.made.parts, station, station.people()[0].id, password)

    def looks_for_the_server_at(self, url: str) -> None:
        station = self.made.station
        station.keep_passport(replace(station.passport, server_url=url))

    def loses_the_journal(self) -> bytes:
        path = self.folder / "journal.db"
        content = bytearray(path.read_bytes())
        content[700] ^= 0x10
        path.write_bytes(content)
        with pytest.raises(JournalDamaged):
            self.works()
        return path.read_bytes()

    def loses_from_the_sealed_copy(self, number: int) -> None:
        sealed = self.folder / "journal.sealed"
        start, end = survey(sealed, own_keys_of(self.made.station)).spans[number - 1]
        content = bytearray(sealed.read_bytes())
        content[end - 40] ^= 1
        sealed.write_bytes(content)
        assert start < end

    def in_the_district(self, entry: JournalRecord) -> int:
        return int(self.district.house.one(ENTRY, entry.id))


@pytest.fixture
def office(workstation: Maker, district: District) -> Office:
    return Office(workstation(newcomer(district), "office"), district)


def doses(entries: list[JournalRecord]) -> list[JournalRecord]:
    return [entry for entry in entries if entry.verb == "dose.log"]


def test_what_was_sent_before_and_what_waited_is_with_the_district_once(office: Office, district: District) -> None:
    [sent] = doses(office.works("Nora", sync=True))
    waiting = doses(office.works("Ned"))[-1]
    before = office.works()
    left = office.loses_the_journal()

    rebuilt = office.rebuilds()

    assert rebuilt is not None
    assert (rebuilt.restored, rebuilt.is_complete, rebuilt.asked) == (len(before) + 1, True, True)
    assert (office.folder / "journal.damaged-1.db").read_bytes() == left
    device = office.made.station.device_id
    kept = district.house.asked("SELECT number, hash FROM receipts WHERE device_id = %s ORDER BY 1", device)
    after = office.works("Nora", sync=True)
    assert [(entry.number, entry.id) for entry in after[: len(before)]] == [(e.number, e.id) for e in before]
    assert [entry.number for entry in after] == list(range(1, len(after) + 1))
    assert all(entry.outcome in {"applied", "case_opened", "duplicate"} for entry in after)
    assert [office.in_the_district(entry) for entry in doses(after)] == [1, 1, 1]
    assert {sent.id, waiting.id} <= {entry.id for entry in doses(after)}
    now = district.house.asked("SELECT number, hash FROM receipts WHERE device_id = %s ORDER BY 1", device)
    assert now[: len(kept)] == kept, "an entry was answered a second time"
    assert [number for number, _ in now] == [entry.number for entry in after]


def test_without_a_network_work_goes_on_and_the_numbers_too(office: Office, district: District) -> None:
    before = office.works("Nora", sync=True)
    office.looks_for_the_server_at(f"http://127.0.0.1:{free_port()}")
    office.works("Ned")
    office.loses_the_journal()
    rebuilt = office.rebuilds()
    assert rebuilt is not None
    assert (rebuilt.asked, rebuilt.missing) == (False, ())
    office.works("Ned")
    office.looks_for_the_server_at(district.served.url)
    after = office.works(sync=True)
    assert {entry.id for entry in before} < {entry.id for entry in after}
    assert [office.in_the_district(entry) for entry in doses(after)] == [1, 1, 1]
    assert all(entry.outcome for entry in after)


def test_an_entry_that_is_lost_for_good_is_named_and_holds_up_nothing(office: Office, district: District) -> None:
    office.works("Nora", sync=True)
    [_, lost] = doses(office.works("Ned"))
    behind = doses(office.works("Nora"))[-1]
    office.loses_from_the_sealed_copy(lost.number)
    office.loses_the_journal()

    rebuilt = office.rebuilds()

    assert rebuilt is not None
    assert rebuilt.missing == (lost.number,)
    after = office.works(sync=True)
    [noted] = [entry for entry in after if entry.verb == "entry.lost"]
    assert (noted.number, noted.outcome, noted.code) == (lost.number, "refused", "malformed")
    assert [office.in_the_district(entry) for entry in (lost, behind)] == [0, 1]
    assert all(entry.outcome for entry in after)
    device = office.made.station.device_id
    assert district.house.one("SELECT directive FROM devices WHERE id = %s", device) == "ok"
    assert district.house.one("SELECT count(*) FROM refused_entries WHERE device_id = %s", device) == 1


def test_entries_that_only_the_district_has_are_not_called_lost_and_their_numbers_stay_theirs(
    office: Office, district: District
) -> None:
    sent = office.works("Nora", "Ned", sync=True)
    for name in ("journal.sealed", "journal.number", "replica.db"):
        (office.folder / name).unlink()
    office.loses_the_journal()
    rebuilt = office.rebuilds()
    assert rebuilt is not None
    # The lock after the exchange was never sent, and stood nowhere else: nobody can tell whether more was written.
    assert (rebuilt.restored, rebuilt.asked, rebuilt.missing, rebuilt.unsure) == (0, True, (), True)
    station = office.made.station
    office.made.parts.first_sync(station, station.people()[0].id, PASSWORD, office.made.progress.append)
    after = office.works("Nora", sync=True)
    assert min(entry.number for entry in after) > max(entry.number for entry in sent)
    assert all(entry.outcome for entry in after)
    assert district.house.one("SELECT directive FROM devices WHERE id = %s", station.device_id) == "ok"


def test_a_journal_that_is_open_or_whole_is_left_alone_and_a_wrong_password_changes_nothing(office: Office) -> None:
    desk = unlock(office.made.station, office.made.station.people()[0].id, PASSWORD)
    with pytest.raises(AlreadyOpen):
        office.rebuilds()
    lock(desk)
    assert office.rebuilds() is None
    left = office.loses_the_journal()
    with pytest.raises(WrongPassword):
        office.rebuilds("wrong")
    assert (office.folder / "journal.db").read_bytes() == left
    assert not list(office.folder.glob("journal.damaged*"))


def test_it_is_made_anew_also_when_the_leave_to_work_offline_has_run_out(office: Office, district: District) -> None:
    office.works("Nora")
    office.loses_the_journal()
    station = office.made.station
    station.saw(district.clock().now() + timedelta(days=5))
    with pytest.raises(JournalDamaged):
        # Asking the server for a new lease needs the journal as well.
        office.works()
    rebuilt = office.rebuilds()
    assert rebuilt is not None
    assert len(doses(office.works(sync=True))) == 1


# The command.


def test_the_command_says_what_is_back_and_the_report_remembers_it(command: Run, office: Office) -> None:
    words = ("rebuild-journal", "--user", full_name(office.made), *place(office.folder))
    before = len(office.works("Nora"))
    code, out, err = command(*words)
    assert (code, out, err) == (0, "The journal reads from end to end. Nothing was changed.\n", "")
    assert report(command, office.folder, user=full_name(office.made))["journal_rebuilt"] is None
    before = len(office.works())
    office.loses_the_journal()
    code, out, err = command(*words)
    assert (code, err) == (0, "")
    said, kept = out.splitlines()
    assert said.startswith(f"The journal was rebuilt: {before + 1} entries are back.")
    assert kept == "Kept aside: journal.damaged-1.db"
    found = report(command, office.folder, "--sync", user=full_name(office.made))
    assert {name: value for name, value in found["journal_rebuilt"].items() if name != "at"} == {
        "restored": before + 1,
        "missing": "",
        "unsure": False,
        "asked": True,
        "aside": ["journal.damaged-1.db"],
    }
    assert (found["waiting"], found["digests_agree"]) == (0, True)


def test_the_command_refuses_in_a_sentence_and_its_help_says_what_it_does(
    command: Run, office: Office, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ("rebuild-journal", "--user", full_name(office.made), *place(office.folder))
    code, out, err = command(*words, password="wrong")
    assert (code, out, one_sentence(err)) == (1, "", "The password is not right. 9 tries left.")
    code, _, err = command("rebuild-journal", "--user", "nobody", *place(office.folder))
    assert (code, one_sentence(err).startswith("You cannot unlock")) == (1, True)
    with holding(office.folder):
        code, _, err = command(*words)
    assert (code, one_sentence(err)) == (
        1,
        "White Cross is already open on this computer. Use the window that is open.",
    )
    with pytest.raises(SystemExit) as ended:
        command("rebuild-journal", "--help")
    assert ended.value.code == 0
    assert "journal.damaged-N.db" in capsys.readouterr().out


KILLED_AT_THE_SWAP = """
import os, signal, sys
from wc_desktop.__main__ import main

def stop(event, arguments):
    if event == "os.rename" and str(arguments[0]).endswith("journal.ready.db"):
        os.kill(os.getpid(), signal.SIGKILL)

sys.addaudithook(stop)
sys.exit(main(sys.argv[1:]))
"""


def test_a_command_that_is_killed_in_the_middle_is_run_again(command: Run, office: Office) -> None:
    before = len(office.works("Nora")) + 1
    left = office.loses_the_journal()
    words = ("rebuild-journal", "--user", full_name(office.made), *place(office.folder))
    environment = {**os.environ, "WC_DEMO_CLOCK_OFFSET": str(office.district.offset), "WC_PASSWORD": PASSWORD}
    ended = subprocess.run([sys.executable, "-c", KILLED_AT_THE_SWAP, *words], env=environment, check=False)
    assert ended.returncode == -signal.SIGKILL
    assert not (office.folder / "journal.db").exists()
    code, out, err = command(*words)
    assert (code, err) == (0, "")
    assert out.startswith(f"The journal was rebuilt: {before} entries are back.")
    assert out.endswith("Kept aside: journal.damaged-1.db\n")
    assert (office.folder / "journal.damaged-1.db").read_bytes() == left
    assert len(doses(office.works(sync=True))) == 1


@pytest.mark.parametrize("failure", [DiskFull("no room for the lease"), Defect("ours")])
def test_a_full_disk_and_our_own_mistake_are_not_taken_for_a_network_that_is_away(
    office: Office, monkeypatch: pytest.MonkeyPatch, failure: WhiteCrossError
) -> None:
    office.works("Nora")
    office.loses_the_journal()

    def refuse(*_asked: object) -> None:
        raise failure

    with monkeypatch.context() as patch:
        patch.setattr(Parts, "greet", refuse)
        with pytest.raises(type(failure)):
            office.rebuilds()
    assert office.rebuilds() is None, "the journal is whole"
    assert len(doses(office.works(sync=True))) == 1
