"""The first sync's file: resumed, compared, swapped in only when complete."""

import errno
import signal
import subprocess
import sys
import textwrap

import pytest
from sqlcipher3 import dbapi2 as sqlcipher
from tests.desktop.clinic import (
    EPOCH,
    NOON,
    NURSE,
    PASSWORD,
    Clinic,
    add_student,
    end_of,
    header_at,
    load,
    small_school,
    staff_and_medicines,
)

from wc_contract.model.ids import UserId
from wc_contract.model.kinds import KINDS
from wc_desktop.actions.med_pass import due_list
from wc_desktop.actions.unlock import lock, unlock
from wc_desktop.app.opened import identity_of
from wc_desktop.domain.failures import DiskFailed, DiskFull, FirstSyncUnfinished, ReplicaDamaged, ServerFailed
from wc_desktop.replica import side_file as making
from wc_desktop.replica.engine import REPLICA_FILE, SIDE_FILE
from wc_desktop.replica.side_file import side_file


def test_an_unfinished_first_sync_is_never_taken_for_a_finished_one(clinic: Clinic) -> None:
    station = clinic.enrol()
    side = clinic.begin_side(station)
    side.take_rows("district", small_school()["district"], 1)
    side.keep_for_later()
    assert not station.first_sync_done
    with pytest.raises(FirstSyncUnfinished):
        unlock(station, UserId(NURSE), PASSWORD)


def test_an_interrupted_download_goes_on_from_its_positions(clinic: Clinic) -> None:
    rows, station = small_school(), clinic.enrol()
    side = clinic.begin_side(station)
    side.take_rows("student", rows["student"][:2], rows["student"][1][-1])
    side.keep_for_later()
    again = clinic.begin_side(station)
    assert again.positions == {"student": rows["student"][1][-1]}
    assert again.rows_held() == 2
    rest = {**rows, "student": rows["student"][2:]}
    for kind in KINDS:
        if rest[kind.name]:
            again.take_rows(kind.name, rest[kind.name], max(r[-1] for r in rest[kind.name]))
    again.index()
    assert again.finish(end_of(rows), header_at(NOON)) == ()
    again.prove()
    again.put_in_place()
    desk = unlock(station, UserId(NURSE), PASSWORD)
    assert len(due_list(desk, NOON).rows) == 4
    desk.close()


@pytest.mark.parametrize("other", ["another epoch", "another school's", "no file of ours"])
def test_a_side_file_that_does_not_belong_is_started_over(clinic: Clinic, other: str) -> None:
    rows, station = small_school(), clinic.enrol()
    side = clinic.begin_side(station)
    side.take_rows("student", rows["student"], 9)
    side.keep_for_later()
    keys = station.unlock_keys(UserId(NURSE), PASSWORD)
    if other == "no file of ours":
        (station.folder / SIDE_FILE).write_bytes(b"not a database" * 1000)
    if other == "another school's":
        keys.replica[0] ^= 1
    epoch = "epoch-2" if other == "another epoch" else EPOCH
    fresh = side_file(station.folder, keys.replica, identity_of(station), epoch)
    assert fresh.positions == {}
    fresh.close()


def test_records_that_differ_from_the_servers_digest_are_told_by_kind(clinic: Clinic) -> None:
    rows, station = small_school(), clinic.enrol()
    side = clinic.begin_side(station)
    for kind in KINDS:
        if rows[kind.name]:
            side.take_rows(kind.name, rows[kind.name], 1)
    side.index()
    add_student(rows, "unsent", "Una", "Sent", born="2016-01-01", grade="2", room="1")
    assert side.finish(end_of(rows), header_at(NOON)) == ("student",)
    side.discard()
    assert not (station.folder / SIDE_FILE).exists()


def test_rows_of_another_width_are_the_servers_fault(clinic: Clinic) -> None:
    side = clinic.begin_side(clinic.enrol())
    with pytest.raises(ServerFailed):
        side.take_rows("student", [["only", "three", 1]], 1)
    side.discard()


def test_a_kind_of_a_newer_server_is_passed_over(clinic: Clinic) -> None:
    side = clinic.begin_side(clinic.enrol())
    assert side.take_rows("telepathy_note", [["a", 1]], 1) == 0
    side.discard()


def test_a_torn_side_file_is_found_out_and_the_replica_stays(clinic: Clinic) -> None:
    station = clinic.enrol()
    clinic.fill(station, small_school())
    before = (station.folder / REPLICA_FILE).read_bytes()
    side = clinic.begin_side(station)
    bulk = staff_and_medicines()
    for number in range(800):
        add_student(bulk, f"b{number}", "Bo", f"Bulk{number}", born="2016-01-01", grade="2", room="1")
    load(side, bulk, at=NOON)
    path = station.folder / SIDE_FILE
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    side._connection.execute("PRAGMA cache_size=0")
    side._connection.execute("PRAGMA shrink_memory")
    with pytest.raises(ReplicaDamaged):
        side.prove()
    assert not path.exists()
    assert (station.folder / REPLICA_FILE).read_bytes() == before


LOADER = textwrap.dedent(
    """
    import pathlib, sys
    from tests.desktop.clinic import *
    clinic = Clinic(pathlib.Path(sys.argv[1]))
    station = clinic.station()
    side = clinic.begin_side(station)
    rows = staff_and_medicines()
    for number in range(30_000):
        rows["student"].append(row("student", 100 + number, id=str(uid(f"s{number}")), student_number=f"S{number}",
            first_name="Bo", last_name=f"Bulk{number}", date_of_birth="2016-01-01", grade="2", is_active=True,
            enrolled_on="2026-08-20"))
    done = side.positions.get("student", 0)
    left = [r for r in rows["student"] if r[-1] > done]
    print(len(left), flush=True)
    for start in range(0, len(left), 500):
        side.take_rows("student", left[start:start + 500], left[min(start + 499, len(left) - 1)][-1])
        print(start, flush=True)
    side.commit()
    print("loaded", flush=True)
    import time; time.sleep(60)
    """
)


def test_a_killed_first_sync_keeps_what_it_committed(clinic: Clinic) -> None:
    station = clinic.enrol()
    left: list[int] = []
    for lines in (24, 30, 10_000):
        loader = subprocess.Popen([sys.executable, "-c", LOADER, str(clinic.folder)], stdout=subprocess.PIPE, text=True)
        assert loader.stdout is not None
        left.append(int(loader.stdout.readline()))
        for _ in range(lines):
            if loader.stdout.readline().strip() == "loaded":
                break
        loader.send_signal(signal.SIGKILL)
        loader.wait()
        loader.stdout.close()
    assert left[0] == 30_000
    assert left[0] > left[1] > left[2] > 0
    side = clinic.begin_side(station)
    assert side.positions == {"student": 100 + 29_999}
    assert side._connection.execute("SELECT count(*) FROM students").fetchone() == (30_000,)
    assert side._connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    side.discard()


def test_a_rebuild_keeps_the_journal_and_own_entries_in_view(clinic: Clinic) -> None:
    from tests.desktop.actions.test_log_dose import give

    desk = clinic.opened()
    give(desk, "Sofia")
    lock(desk)
    station = clinic.station()
    clinic.fill(station, small_school())
    desk = unlock(station, UserId(NURSE), PASSWORD)
    assert [len(r.answers) for r in due_list(desk, NOON).rows if r.student.first_name == "Sofia"] == [1]
    desk.close()


def test_a_disk_that_refuses_the_beginning_is_told_as_such_and_the_next_attempt_starts(
    clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    station = clinic.enrol()
    full = sqlcipher.OperationalError("by test")
    full.sqlite_errorname = "SQLITE_FULL"

    def refused(*_of: object) -> None:
        raise full

    with monkeypatch.context() as patched:
        patched.setattr(making, "keep", refused)
        with pytest.raises(DiskFull):
            clinic.begin_side(station)
    assert clinic.begin_side(station).rows_held() == 0


@pytest.mark.parametrize(("number", "told"), [(errno.EIO, DiskFailed), (errno.ENOSPC, DiskFull)])
def test_a_disk_that_refuses_the_swap_is_told_as_such(
    clinic: Clinic, monkeypatch: pytest.MonkeyPatch, number: int, told: type[Exception]
) -> None:
    station = clinic.enrol()
    side = clinic.begin_side(station)
    load(side, small_school(), at=NOON)

    def refused(*_of: object) -> None:
        raise OSError(number, "by test")

    with monkeypatch.context() as patched:
        patched.setattr(making.os, "fsync", refused)
        with pytest.raises(told):
            side.prove()
        patched.setattr(making, "sync_folder", refused)
        with pytest.raises(told):
            side.put_in_place()
    assert station.first_sync_done
