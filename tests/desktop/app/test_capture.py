"""What can be done at a workstation whose lease has ended: written down, durably, and nothing of a child read."""

import subprocess
import sys
import textwrap
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from tests.desktop.clinic import NOON, NURSE, PASSWORD, SECOND_NURSE, Clinic, row, small_school, uid
from tests.e2e.leftovers import in_memory, spelled

from wc_contract.model.changes import AccessRecorded, RecordAdded
from wc_contract.model.ids import CaseId, StudentId, UserId
from wc_contract.model.kinds import CAPTURE
from wc_contract.model.values import AccessAction, CaseResolution, DoseState, Role, Route
from wc_desktop.actions.capture import (
    CaptureDesk,
    begin_capture,
    draft_of,
    end_capture,
    save_draft,
    write_down,
    written_down,
)
from wc_desktop.actions.review import answer_case, open_cases
from wc_desktop.actions.students import open_chart
from wc_desktop.actions.unlock import lock, unlock
from wc_desktop.app.parts import Parts, opened_of
from wc_desktop.cipher import engine
from wc_desktop.domain.capture import CaptureDraft, CaptureSaid
from wc_desktop.domain.case_views import CaseDecision
from wc_desktop.domain.failures import (
    CertificateNotTrusted,
    ClockBehind,
    DeviceRevoked,
    LeaseExpired,
    LeaseHolds,
    ReasonMissing,
    SlotRemoved,
    SlotRetired,
    TooManyTries,
    WrongPassword,
)
from wc_desktop.domain.screens import PersonRow
from wc_desktop.journal.schema import JOURNAL_FILE
from wc_desktop.replica.engine import REPLICA_FILE
from wc_desktop.security import slots
from wc_desktop.security.lease import LeaseTerms
from wc_desktop.security.slots import Cost
from wc_desktop.security.station import DataKeys, Station
from wc_desktop.security.wipe_mark import WIPE_FILE

ANA, BEN = UserId(NURSE), UserId(SECOND_NURSE)
LEASE = timedelta(hours=72)
OTHERS = "another battery staple"


@pytest.fixture(autouse=True)
def cheap_guesses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(slots, "STANDARD_COST", Cost(memory=8 * 1024 * 1024, passes=1))


@pytest.fixture
def station(clinic: Clinic) -> Station:
    made = clinic.enrol(server_url="http://127.0.0.1:9")
    clinic.fill(made, small_school())
    return made


@pytest.fixture
def ended(clinic: Clinic, station: Station) -> Station:
    clinic.clock.forward(LEASE)
    return station


def said(desk: CaptureDesk, **changes: object) -> CaptureSaid:
    made = CaptureSaid(
        id=desk.new_id(),
        child=None,
        medicine="Epinephrine",
        amount="0.15 mg",
        route=Route.INTRAMUSCULAR,
        status=DoseState.ADMINISTERED,
        happened_at=desk.clock.now(),
        reason=None,
    )
    return replace(made, **changes)  # type: ignore[arg-type]  # fields of it


def add_ben(station: Station) -> None:
    keys = station.unlock_keys(ANA, PASSWORD)
    ben = PersonRow(id=BEN, first_name="Ben", last_name="Okafor", role=Role.NURSE, licence_type="RN")
    station.put_slot(ben, OTHERS, keys)
    keys.wipe()


def renew(clinic: Clinic, station: Station) -> None:
    now = clinic.clock.now()
    station.take_lease(clinic.district.lease(clinic.device, until=now + LEASE), now)


def test_until_its_last_second_a_lease_opens_everything_and_from_then_on_the_journal_alone(
    clinic: Clinic, station: Station
) -> None:
    clinic.clock.forward(LEASE - timedelta(seconds=1))
    with pytest.raises(LeaseHolds):
        begin_capture(station, ANA, PASSWORD)
    lock(unlock(station, ANA, PASSWORD))
    clinic.clock.forward(timedelta(seconds=1))
    with pytest.raises(LeaseExpired) as refusal:
        unlock(station, ANA, PASSWORD)
    assert (refusal.value.ended_at, refusal.value.because) == (NOON + LEASE, "")
    end_capture(begin_capture(station, ANA, PASSWORD))


def test_what_was_written_down_is_an_entry_that_says_when_the_lease_ended(clinic: Clinic, ended: Station) -> None:
    desk = begin_capture(ended, ANA, PASSWORD)
    written = write_down(desk, said(desk, child="tall boy of 5b"))
    assert [one.said for one in written_down(desk)] == [written.said]
    assert not written.sent
    end_capture(desk)
    renew(clinic, ended)
    opened = unlock(ended, ANA, PASSWORD)
    found = opened.records.find(CAPTURE, str(written.said.id))
    assert found is not None
    assert (found["child"], found["medicine"], found["student_id"]) == ("tall boy of 5b", "Epinephrine", None)
    assert str(found["lease_ended_at"]).startswith("2026-11-26T17:50")
    records = [opened.journal.entry(record.id) for record in reversed(opened.journal.newest(4))]
    changes = [change for entry in records if entry is not None for change in entry.changes]
    acts = [
        (change.action, change.entity_type) if isinstance(change, AccessRecorded) else change.kind
        for change in changes
        if isinstance(change, AccessRecorded | RecordAdded)
    ]
    capture = CAPTURE.name
    assert acts == [
        (AccessAction.UNLOCK, capture),
        capture,
        (AccessAction.LOCK, capture),
        (AccessAction.UNLOCK, "user"),
    ]
    assert all(entry.replica_as_of is None for entry in records[:3] if entry is not None)
    lock(opened)


def test_the_replica_is_not_opened_nor_its_key_kept(ended: Station, monkeypatch: pytest.MonkeyPatch) -> None:
    kept: list[DataKeys] = []
    opened: list[str] = []
    real, connect = Parts.open_capture, engine.sqlcipher.connect

    def watched(parts: Parts, station: Station, keys: DataKeys, terms: LeaseTerms) -> object:
        kept.append(keys)
        return real(parts, station, keys, terms)

    def connected(path: str, **given: object) -> object:
        opened.append(Path(path).name)
        return connect(path, **given)

    monkeypatch.setattr(Parts, "open_capture", watched)
    monkeypatch.setattr(engine.sqlcipher, "connect", connected)
    desk = begin_capture(ended, ANA, PASSWORD)
    write_down(desk, said(desk))
    assert opened == [JOURNAL_FILE]
    assert [any(keys.journal) or any(keys.replica) for keys in kept] == [False]
    end_capture(desk)
    # Whatever lies there is not looked at.
    (ended.folder / REPLICA_FILE).write_bytes(b"\x07" * 8192)
    end_capture(begin_capture(ended, ANA, PASSWORD))


HELD = """
import sys
from datetime import datetime
from pathlib import Path
from uuid import UUID
from wc_contract.model.ids import UserId
from wc_contract.model.kinds import STUDENT
from wc_desktop.actions.capture import begin_capture, written_down
from wc_desktop.actions.unlock import unlock
from wc_desktop.app.parts import Parts
from wc_desktop.cipher import engine
from wc_desktop.security.clock import SystemChance, SystemClock
from wc_desktop.security.keystore import InsecureKeystore
from wc_desktop.security.lease import LeaseTerms
from wc_desktop.security.station import DataKeys, Station

folder, at, user, password, mode = sys.argv[1:]
now = SystemClock().now()
clock = SystemClock(int((datetime.fromisoformat(at) - now).total_seconds()))
parts = Parts(clock=clock, chance=SystemChance(), keystore=InsecureKeystore(Path(folder).parent / "keystore.json"))
station = Station.load(Path(folder), parts)
if mode == "unlocked":
    desk = unlock(station, UserId(UUID(user)), password)
    held = desk.records.every(STUDENT)
else:
    desk = begin_capture(station, UserId(UUID(user)), password)
    held = written_down(desk)
print("open", flush=True)
sys.stdin.read()
"""


@pytest.mark.skipif(sys.platform != "linux", reason="a process's memory is read by way of /proc")
@pytest.mark.parametrize(("mode", "hours", "seen"), [("unlocked", 1, True), ("capture", 73, False)])
def test_no_name_of_a_child_is_in_the_memory_of_a_capture(station: Station, mode: str, hours: int, seen: bool) -> None:
    at = (NOON + timedelta(hours=hours)).isoformat()
    with subprocess.Popen(  # this interpreter, our own text
        [sys.executable, "-c", HELD, str(station.folder), at, str(NURSE), PASSWORD, mode],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[3],
    ) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == "open\n"
            looked, found = in_memory(process.pid, spelled(["Martínez"]))
        finally:
            process.kill()
    assert looked > 1_000_000
    assert bool(found) is seen


def test_a_state_that_needs_its_reason_gets_one_and_the_same_record_is_written_once(ended: Station) -> None:
    desk = begin_capture(ended, ANA, PASSWORD)
    refused = said(desk, status=DoseState.REFUSED)
    with pytest.raises(ReasonMissing):
        write_down(desk, refused)
    assert written_down(desk) == ()
    mended = replace(refused, reason="Spat it out")
    for _ in range(2):
        write_down(desk, mended)
    assert [row.said for row in written_down(desk)] == [mended]
    end_capture(desk)


def test_another_nurse_sees_nothing_of_the_first_one(clinic: Clinic, station: Station) -> None:
    add_ben(station)
    clinic.clock.forward(LEASE)
    desk = begin_capture(station, ANA, PASSWORD)
    write_down(desk, said(desk))
    save_draft(desk, CaptureDraft(id=desk.new_id(), fields={"child": "a girl"}))
    end_capture(desk)
    other = begin_capture(station, BEN, OTHERS)
    assert (written_down(other), draft_of(other)) == ((), None)
    mine = write_down(other, said(other, medicine="Naloxone"))
    assert [row.said for row in written_down(other)] == [mine.said]
    end_capture(other)
    again = begin_capture(station, ANA, PASSWORD)
    assert [row.said.medicine for row in written_down(again)] == ["Epinephrine"]
    assert draft_of(again) is not None
    end_capture(again)


def test_what_was_written_down_after_an_earlier_lease_is_not_shown_after_the_next(
    clinic: Clinic, ended: Station
) -> None:
    desk = begin_capture(ended, ANA, PASSWORD)
    write_down(desk, said(desk))
    end_capture(desk)
    renew(clinic, ended)
    clinic.clock.forward(LEASE)
    desk = begin_capture(ended, ANA, PASSWORD)
    assert written_down(desk) == ()
    end_capture(desk)


def test_whoever_answers_its_case_names_the_child_beside_what_was_written(clinic: Clinic, ended: Station) -> None:
    desk = begin_capture(ended, ANA, PASSWORD)
    dose = write_down(desk, said(desk, child="tall boy of 5b")).said
    end_capture(desk)
    renew(clinic, ended)
    opened = unlock(ended, ANA, PASSWORD)
    case, omar = CaseId(uid("case")), StudentId(uid("omar"))
    about = row("review_case", 9_000, id=str(case), kind="unauthorised_period", subject_ids=f'["{dose.id}"]',
                opened_at="2026-11-26T18:00:00+00:00", status="OPEN")  # fmt: skip
    opened_of(opened).records.take_rows("review_case", [about], 9_000)
    (shown,) = open_cases(opened)
    assert (shown.asks_child, shown.answers) == (True, (CaseResolution.REVIEWED,))
    answer_case(opened, CaseDecision(case_id=case, resolution=CaseResolution.REVIEWED, note="His teacher", child=omar))
    first = opened.records.find(CAPTURE, str(dose.id))
    (named,) = opened.records.where(CAPTURE, "student_id", [str(omar)])
    assert first is not None
    assert (first["student_id"], first["child"]) == (None, "tall boy of 5b")
    assert (named["amends_id"], named["amend_reason"]) == (str(dose.id), "His teacher")
    kept = ("child", "medicine", "amount", "route", "status", "happened_at", "lease_ended_at")
    assert {name: named[name] for name in kept} == {name: first[name] for name in kept}
    assert open_cases(opened) == ()
    (on_chart,) = open_chart(opened, omar).captures
    assert (on_chart.medicine, on_chart.happened_at) == ("Epinephrine", dose.happened_at)
    # Another case about it: the child is named already, and is not asked for twice.
    other = [str(uid("other case")) if one == str(case) else one for one in about[:-1]]
    opened_of(opened).records.take_rows("review_case", [[*other, 9_001]], 9_001)
    assert [one.asks_child for one in open_cases(opened)] == [False]
    lock(opened)


# Who stays shut out.


def test_wrong_passwords_are_counted_and_on_record_here_as_well(ended: Station) -> None:
    with pytest.raises(WrongPassword):
        begin_capture(ended, ANA, "not it")
    desk = begin_capture(ended, ANA, PASSWORD)
    entry = desk.journal.entry(desk.journal.newest(1)[0].id)
    assert entry is not None
    assert [one.action for one in entry.changes if isinstance(one, AccessRecorded)] == [
        AccessAction.UNLOCK_FAILED,
        AccessAction.UNLOCK,
    ]
    end_capture(desk)
    for _ in range(10):
        with pytest.raises(WrongPassword):
            begin_capture(ended, ANA, "not it")
    with pytest.raises(TooManyTries):
        begin_capture(ended, ANA, PASSWORD)


def test_whom_the_district_took_off_writes_nothing_after_the_lease_either(clinic: Clinic, station: Station) -> None:
    add_ben(station)
    now = clinic.clock.now()
    station.take_lease(clinic.district.lease(clinic.device, until=now + LEASE, generations={BEN: 1}), now)
    clinic.clock.forward(LEASE)
    with pytest.raises(SlotRemoved):
        begin_capture(station, ANA, PASSWORD)
    end_capture(begin_capture(station, BEN, OTHERS))


@pytest.mark.parametrize("generations", [{BEN: 1}, {ANA: 2}], ids=["not named", "a newer generation"])
def test_the_last_slot_that_stays_is_shut_too(clinic: Clinic, station: Station, generations: dict[UUID, int]) -> None:
    now = clinic.clock.now()
    station.take_lease(clinic.district.lease(clinic.device, until=now + LEASE, generations=generations), now)
    clinic.clock.forward(LEASE)
    with pytest.raises(SlotRetired):
        begin_capture(station, ANA, PASSWORD)


def test_a_clock_that_was_set_back_shuts_it(clinic: Clinic, ended: Station) -> None:
    renew(clinic, ended)
    clinic.clock.at -= timedelta(days=1)
    with pytest.raises(ClockBehind):
        begin_capture(ended, ANA, PASSWORD)


def test_a_workstation_that_is_to_be_erased_takes_nothing_more(ended: Station) -> None:
    (ended.folder / WIPE_FILE).write_text("{}")
    with pytest.raises(DeviceRevoked):
        begin_capture(ended, ANA, PASSWORD)


def test_a_clock_ten_years_ahead_is_put_right_and_the_lease_holds_again(clinic: Clinic, station: Station) -> None:
    seen = station.high_water()
    clinic.clock.at += timedelta(days=3653)
    desk = begin_capture(station, ANA, PASSWORD)
    written = write_down(desk, said(desk))
    end_capture(desk)
    assert station.high_water() == seen
    clinic.clock.at -= timedelta(days=3653)
    opened = unlock(station, ANA, PASSWORD)
    assert opened.records.find(CAPTURE, str(written.said.id)) is not None
    lock(opened)


def test_a_server_that_this_workstation_cannot_talk_to_keeps_nobody_from_writing(
    ended: Station, monkeypatch: pytest.MonkeyPatch
) -> None:
    def untrusted(*_given: object) -> None:
        raise CertificateNotTrusted("expired by this clock")

    monkeypatch.setattr(Parts, "renew_lease", untrusted)
    with pytest.raises(LeaseExpired) as refusal:
        unlock(ended, ANA, PASSWORD)
    assert refusal.value.because == "certificate_not_trusted"


# Killed.

KILLED = """
import os, signal, sys
from datetime import timedelta
from pathlib import Path
from tests.desktop.app import test_capture as made
from tests.desktop.clinic import Clinic
from wc_desktop.actions import capture
from wc_desktop.domain.capture import CaptureDraft

def die(*_given):
    os.kill(os.getpid(), signal.SIGKILL)

clinic = Clinic(Path(sys.argv[1]))
clinic.clock.forward(made.LEASE)
desk = capture.begin_capture(clinic.station(), made.ANA, made.PASSWORD)
said = made.said(desk, child="tall boy of 5b")
capture.save_draft(desk, CaptureDraft(id=said.id, fields={"child": "tall boy of 5b"}))
if sys.argv[2] == "typing":
    die()
if sys.argv[2] == "before the draft is gone":
    capture.save_draft = die
capture.write_down(desk, said)
die()
"""


@pytest.mark.usefixtures("station")
@pytest.mark.parametrize("when", ["typing", "before the draft is gone", "after it was written down"])
def test_killed_with_a_form_or_an_entry_one_of_them_is_there(clinic: Clinic, when: str) -> None:
    done = subprocess.run(  # this interpreter, our own text
        [sys.executable, "-c", textwrap.dedent(KILLED), str(clinic.folder), when],
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
        cwd=Path(__file__).parents[3],
    )
    assert done.returncode == -9, done.stderr[-2000:]
    clinic.clock.forward(LEASE)
    desk = begin_capture(clinic.station(), ANA, PASSWORD)
    draft, rows = draft_of(desk), written_down(desk)
    if when == "typing":
        assert draft is not None
        assert (draft.fields, rows) == ({"child": "tall boy of 5b"}, ())
    else:
        assert (draft, [row.said.child for row in rows]) == (None, ["tall boy of 5b"])
    end_capture(desk)
