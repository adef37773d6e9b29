"""A person who was taken off a workstation: her slot goes at the next contact, and what it opened opens no more."""

import multiprocessing
import os
import shutil
import signal
import time
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from tests.desktop.clinic import NURSE, PASSWORD, SECOND_NURSE, Clinic, small_school, uid
from tests.desktop.removing.life import live

from wc_contract.model.ids import UserId
from wc_desktop.actions.sync_state import link_status
from wc_desktop.actions.unlock import lock, unlock
from wc_desktop.app.new_keys import settle_keys
from wc_desktop.app.parts import opened_of
from wc_desktop.blobs.schema import blobs_key
from wc_desktop.cipher import ballast
from wc_desktop.cipher.engine import open_encrypted
from wc_desktop.cipher.faults import CannotOpen
from wc_desktop.domain.failures import ClockBehind, DiskFull, SlotRemoved
from wc_desktop.domain.screens import PersonRow
from wc_desktop.security import slots
from wc_desktop.security.slots import Cost
from wc_desktop.security.station import REPLICA_FILE, SLOTS_FILE, DataKeys, Station

ANA, BO = UserId(NURSE), UserId(SECOND_NURSE)
HERS = "another pass phrase"
# The fixture's unlock and lock.
WRITTEN = 2
STEPS = tuple((step, None) for step in range(5))
# In parts of what it takes when nobody stops it; `make prove-crash` tries many more.
_MANY = int(os.environ.get("WC_INSTANTS", "6"))
INSTANTS = tuple((None, 0.02 + 0.84 * at / _MANY) for at in range(_MANY))


@pytest.fixture(autouse=True)
def cheap_guesses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(slots, "STANDARD_COST", Cost(memory=8 * 1024 * 1024, passes=1))


@pytest.fixture
def station(clinic: Clinic) -> Station:
    """Give a workstation of two nurses, with records, entries, a draft and a file of documents."""
    made = clinic.enrol()
    clinic.fill(made, small_school())
    desk = unlock(made, ANA, PASSWORD)
    bo = PersonRow(id=BO, first_name="Bo", last_name="Lind", role=made.people()[0].role)
    made.put_slot(bo, HERS, opened_of(desk).keys)
    _ = opened_of(desk).blobs
    lock(desk)
    return made


def take_off(clinic: Clinic, station: Station, who: UserId = BO) -> None:
    """Let the district's next word name everybody but her."""
    stays = {ANA: 1, BO: 1}
    del stays[who]
    until = clinic.clock.at + timedelta(hours=72)
    lease = clinic.district.lease(
        clinic.device, until=until, generations={UUID(str(user)): generation for user, generation in stays.items()}
    )
    station.take_lease(lease, clinic.clock.at)


def opens(keys: DataKeys, folder: Path) -> set[str]:
    """Return which files these keys open."""
    found = set()
    named = {"journal.db": keys.journal, "replica.db": keys.replica, "blobs.db": blobs_key(keys.journal)}
    for name, key in named.items():
        with suppress(CannotOpen):
            open_encrypted(folder / name, key).close()
            found.add(name)
    return found


def test_the_slot_goes_at_the_contact_and_the_files_get_new_keys_at_the_lock(clinic: Clinic, station: Station) -> None:
    copied = (clinic.folder / SLOTS_FILE).read_text()
    assert opens(station.keys_for_repair(BO, HERS), clinic.folder) == {"journal.db", "replica.db", "blobs.db"}
    desk = unlock(station, ANA, PASSWORD)
    entries = opened_of(desk).journal.last_number
    take_off(clinic, station)
    assert str(BO) not in (clinic.folder / SLOTS_FILE).read_text()
    with pytest.raises(SlotRemoved):
        unlock(clinic.station(), BO, HERS)
    lock(desk)
    now = (clinic.folder / SLOTS_FILE).read_text()
    assert slots.COMING not in now

    (clinic.folder / SLOTS_FILE).write_text(copied)
    old = clinic.station().keys_for_repair(BO, HERS)
    assert opens(old, clinic.folder) == set()
    (clinic.folder / SLOTS_FILE).write_text(now)
    desk = unlock(clinic.station(), ANA, PASSWORD)
    assert opened_of(desk).journal.last_number == entries + 2
    assert opened_of(desk).blobs.counts().wanted == 0
    desk.close()
    assert not list(clinic.folder.glob("*damaged*"))


def test_the_last_slot_stays_or_nobody_could_open_what_is_here(clinic: Clinic, station: Station) -> None:
    take_off(clinic, station, BO)
    take_off(clinic, station, ANA)
    # Only she is named now, and has no slot: whose is there stays, and the lease keeps her out.
    assert str(ANA) in (clinic.folder / SLOTS_FILE).read_text()


def test_who_is_taken_off_while_she_works_ends_her_day_and_is_out(clinic: Clinic, station: Station) -> None:
    desk = unlock(station, BO, HERS)
    take_off(clinic, station)
    lock(desk)
    with pytest.raises(SlotRemoved):
        unlock(clinic.station(), BO, HERS)
    unlock(clinic.station(), ANA, PASSWORD).close()


def test_a_colleague_adds_her_again(clinic: Clinic, station: Station) -> None:
    take_off(clinic, station)
    desk = unlock(station, ANA, PASSWORD)
    until = clinic.clock.at + timedelta(hours=72)
    station.take_lease(clinic.district.lease(clinic.device, until=until), clinic.clock.at)
    station.put_slot(next(p for p in station.people() if p.id == BO), HERS, opened_of(desk).keys)
    lock(desk)
    unlock(clinic.station(), BO, HERS).close()
    unlock(clinic.station(), ANA, PASSWORD).close()


def test_a_second_one_taken_off_after_half_the_files_changed_costs_no_file(clinic: Clinic, station: Station) -> None:
    desk = unlock(station, ANA, PASSWORD)
    cy = PersonRow(id=UserId(uid("cy")), first_name="Cy", last_name="Ode", role=station.people()[0].role)
    three = {NURSE: 1, SECOND_NURSE: 1, UUID(str(cy.id)): 1}
    until = clinic.clock.at + timedelta(hours=72)
    station.take_lease(clinic.district.lease(clinic.device, until=until, generations=three), clinic.clock.at)
    station.put_slot(cy, HERS, opened_of(desk).keys)
    lock(desk)

    def full(step: str) -> None:
        if step == REPLICA_FILE:
            raise DiskFull("no room for a copy of its pages")

    del three[SECOND_NURSE]
    station.take_lease(clinic.district.lease(clinic.device, until=until, generations=three), clinic.clock.at)
    with pytest.raises(DiskFull):
        settle_keys(station, station.keys_for_repair(ANA, PASSWORD), full)
    take_off(clinic, station)
    unlock(clinic.station(), ANA, PASSWORD).close()


def test_a_witness_is_told_what_is_wrong_while_keys_wait_for_the_open_files(clinic: Clinic, station: Station) -> None:
    desk = unlock(station, ANA, PASSWORD)
    take_off(clinic, station)
    clinic.clock.forward(-timedelta(days=1))
    with pytest.raises(ClockBehind):
        station.prove(ANA, PASSWORD)
    lock(desk)


def test_without_room_for_a_second_copy_no_file_is_begun(
    clinic: Clinic, station: Station, monkeypatch: pytest.MonkeyPatch
) -> None:
    take_off(clinic, station)
    largest = max(path.stat().st_size for path in clinic.folder.glob("*.db"))
    steps: list[str] = []
    for free, changed in ((largest, False), (largest + 64 * 1024 * 1024, True)):
        monkeypatch.setattr(ballast, "free_room", lambda _folder, free=free: free)
        keys = station.keys_for_repair(ANA, PASSWORD)
        settle_keys(station, keys, steps.append)
        assert ("end" in steps) is changed
        assert opens(keys, clinic.folder) == {"journal.db", "replica.db", "blobs.db"}


def test_keys_that_wait_for_room_are_told_on_the_strip_until_they_have_it(
    clinic: Clinic, station: Station, monkeypatch: pytest.MonkeyPatch
) -> None:
    take_off(clinic, station)
    largest = max(path.stat().st_size for path in clinic.folder.glob("*.db"))
    told = []
    for free in (largest, 2 * largest + 64 * 1024 * 1024):
        monkeypatch.setattr(ballast, "free_room", lambda _folder, free=free: free)
        desk = unlock(clinic.station(), ANA, PASSWORD)
        told.append(link_status(desk).problem)
        lock(desk)
    assert told == ["keys_wait_for_room", None]


@pytest.mark.parametrize("moments", [STEPS, INSTANTS])
def test_it_goes_on_wherever_it_is_killed_and_nothing_is_lost(
    clinic: Clinic, station: Station, tmp_path: Path, moments: tuple[tuple[int | None, float | None], ...]
) -> None:
    copied = (clinic.folder / SLOTS_FILE).read_bytes()
    take_off(clinic, station)
    station.forget_coming()
    pristine = tmp_path / "pristine"
    shutil.copytree(clinic.folder, pristine)
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.desktop.removing.life"])
    keys = station.keys_for_repair(ANA, PASSWORD)
    began = time.perf_counter()
    settle_keys(station, keys)
    takes = time.perf_counter() - began
    killed = 0
    for step, part in moments:
        moment = step, None if part is None else part * takes
        shutil.rmtree(clinic.folder)
        shutil.copytree(pristine, clinic.folder)
        process = context.Process(target=live, args=(clinic.folder, ANA, PASSWORD, *moment))
        process.start()
        process.join(60)
        killed += process.exitcode in {-signal.SIGKILL, -signal.SIGALRM}
        desk = unlock(clinic.station(), ANA, PASSWORD)
        assert opened_of(desk).journal.last_number == WRITTEN + 1, moment
        assert opened_of(desk).records.acknowledged == 0, moment
        assert opened_of(desk).blobs.counts().wanted == 0, moment
        desk.close()
        assert not list(clinic.folder.glob("*damaged*")), moment
        now = (clinic.folder / SLOTS_FILE).read_bytes()
        assert slots.COMING.encode() not in now, moment
        (clinic.folder / SLOTS_FILE).write_bytes(copied)
        assert opens(clinic.station().keys_for_repair(BO, HERS), clinic.folder) == set(), moment
        (clinic.folder / SLOTS_FILE).write_bytes(now)
    assert killed >= len(moments) // 3
