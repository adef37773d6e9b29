"""A workstation that comes back: to other rights, after fourteen months, to a server that was put back."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

import psycopg
import pytest
from pytestqt.qtbot import QtBot
from tests import factories as make
from tests.desktop.sync.conftest import District, Workstation, on, seconds_until_a_noon
from tests.sync_server.house import PASSWORD, House, _pupil

from wc_contract.model.ids import OrderId, StudentId
from wc_contract.model.kinds import CLINIC_VISIT, DOSE, ORDER, STUDENT, VITAL_SIGN
from wc_desktop.actions.sync_state import link_status
from wc_desktop.actions.unlock import Desk
from wc_desktop.app.parts import opened_of
from wc_desktop.replica.engine import REPLICA_FILE
from wc_sync_server.cli.records import system

pytestmark = [pytest.mark.postgres, pytest.mark.gui]
Maker = Callable[[str, str], Workstation]
_WENT_BACK = "SELECT count(*) FROM audit_logs WHERE action = 'SERVER_WENT_BACK'"


@pytest.fixture
def enrolled(workstation: Maker, district: District) -> Maker:
    """Give a maker of workstations for which every nurse has a fresh second factor."""

    def make_one(nurse: str, name: str) -> Workstation:
        district.house.forget_codes(district.house.nurses[nurse])
        return workstation(nurse, name)

    return make_one


def ids(station: Workstation, kind: Any) -> set[str]:
    return {str(row["id"]) for row in on(station, lambda desk: desk.records.every(kind))}


def give(station: Workstation, first_name: str = "Ned") -> str:
    """Log a dose as needed and return its id."""
    return str(on(station, partial(_given, first_name=first_name)))


def _given(desk: Desk, first_name: str) -> str:
    (child,) = (row for row in desk.records.every(STUDENT) if row["first_name"] == first_name)
    (order,) = desk.records.where(ORDER, "student_id", [str(child["id"])])
    dose = make.dose_logged(
        student_id=StudentId(make.UUID(str(child["id"]))),
        order_id=OrderId(make.UUID(str(order["id"]))),
        slot=None,
        administered_at=desk.clock.now().replace(microsecond=0),
        id=make.UUID(int=int.from_bytes(desk.chance.octets(16), "big") & ~(0xF << 76) | (4 << 76)),
    )
    desk.author((dose,), desk.clock.now().replace(microsecond=0))
    return str(dose.id)


def wake(station: Workstation) -> None:
    assert station.sync is not None
    station.sync.wake()


def file_of(station: Workstation) -> int:
    return (station.folder / REPLICA_FILE).stat().st_ino


def test_confidential_records_come_and_go_with_the_rights_of_who_may_use_the_workstation(
    enrolled: Maker, district: District, qtbot: QtBot
) -> None:
    house = district.house
    visits = _visits(house)
    station = enrolled("ann", "rights")
    station.unlock()
    file = file_of(station)
    assert ids(station, CLINIC_VISIT) == set(visits.values())
    assert len(ids(station, VITAL_SIGN)) == 2
    station.go_online()
    for role, seen in (("SUBSTITUTE", {visits["open"]}), ("NURSE", set(visits.values()))):
        house.done("UPDATE users SET role = %s WHERE id = %s", role, house.nurses["ann"].id)
        wake(station)
        qtbot.waitUntil(lambda seen=seen: ids(station, CLINIC_VISIT) == seen, timeout=15_000)  # type: ignore[misc]
        qtbot.waitUntil(lambda seen=seen: len(ids(station, VITAL_SIGN)) == len(seen), timeout=15_000)  # type: ignore[misc]
    # The district may decide that no workstation holds them at all.
    policy = "UPDATE districts SET policy = policy || %s::jsonb"
    house.done(policy, '{"confidential_at_workstations": false}')
    wake(station)
    qtbot.waitUntil(lambda: ids(station, CLINIC_VISIT) == {visits["open"]}, timeout=15_000)
    house.done(policy, '{"confidential_at_workstations": true}')
    assert file_of(station) == file
    repairs = "SELECT count(*) FROM audit_logs WHERE device_id = %s AND detail ->> 'via' = 'repair'"
    assert house.one(repairs, station.station.device_id) >= 3


def _visits(house: House) -> dict[str, str]:
    """Put an open and a confidential visit, each with a measurement, into the north school; return their ids."""
    child, author = str(house.pupils["nora"].id), str(house.nurses["ann"].id)
    at = "2026-10-05T15:00:00+00:00"
    signed = {"student_id": child, "recorded_at": at, "recorded_tz": "America/Chicago", "author_user_id": author}
    visits = {name: str(make.named(f"visit {name}")) for name in ("open", "confidential")}
    with system(house.parts, house.district, (house.north,)) as uow:
        uow.lock_streams(house.north)
        for name, visit in visits.items():
            own = {"id": visit, "arrived_at": at, "is_confidential": name == "confidential"}
            uow.write_rows(CLINIC_VISIT, house.north, [make.row("clinic_visit", **signed, **own)])
            sign = {"visit_id": visit, "kind": "PULSE", "measured_at": at, "value": "80", "unit": "/min"}
            uow.write_rows(VITAL_SIGN, house.north, [make.row("vital_sign", **signed, **sign)])
        uow.commit()
    return visits


def test_after_fourteen_months_what_waited_is_sent_and_what_went_meanwhile_goes_without_its_removal(
    enrolled: Maker, district: District, qtbot: QtBot
) -> None:
    house = district.house
    gone = _pupil(house.parts, house.district, house.north, "gone", 91, house.nurses["ann"].id)
    station = enrolled("bea", "long away")
    station.unlock()
    assert str(gone.id) in ids(station, STUDENT)
    file, dose = file_of(station), give(station)
    station.lock()

    with system(house.parts, house.district, (house.north,)) as uow:
        uow.lock_streams(house.north)
        uow.remove_rows(STUDENT, house.north, [gone.id], "deleted")
        uow.commit()
    house.done("DELETE FROM removals")
    district.offset += int(timedelta(days=425).total_seconds())
    district.served.stop()
    district.start()
    try:
        _come_back(station, district)
        qtbot.waitUntil(lambda: on(station, lambda desk: link_status(desk).waiting) == 0, timeout=20_000)
        qtbot.waitUntil(lambda: str(gone.id) not in ids(station, STUDENT), timeout=20_000)
        qtbot.waitUntil(lambda: dose in ids(station, DOSE), timeout=20_000)
        assert house.one("SELECT count(*) FROM medication_logs WHERE id = %s", dose) == 1
        assert file_of(station) == file
    finally:
        station.lock()
        district.offset = seconds_until_a_noon()
        district.served.stop()
        district.start()


def _come_back(station: Workstation, district: District) -> None:
    station.parts = replace(station.parts, clock=district.clock())
    person = station.station.people()[0].id

    held = station.station
    keys = held.unlock_keys(person, PASSWORD)
    station.parts.renew_lease(held, keys)
    keys.wipe()
    station.unlock()
    station.go_online()


def test_a_server_put_back_without_a_word_is_found_out_and_gets_everything_again(
    enrolled: Maker, district: District, qtbot: QtBot
) -> None:
    house = district.house
    station = enrolled("bea", "remembers")
    station.unlock()
    (stood,) = house.asked("SELECT head, heads::text FROM streams WHERE id = %s", house.north)
    station.go_online()
    dose = give(station)
    wake(station)
    qtbot.waitUntil(lambda: on(station, lambda desk: link_status(desk).waiting) == 0, timeout=15_000)
    qtbot.waitUntil(lambda: on(station, lambda desk: opened_of(desk).records.acknowledged) > 0, timeout=15_000)
    epochs, told = house.one("SELECT count(*) FROM server_epochs"), house.one(_WENT_BACK)
    _put_back(house, str(station.station.device_id), stood)
    assert house.one("SELECT count(*) FROM medication_logs WHERE id = %s", dose) == 0

    wake(station)
    qtbot.waitUntil(lambda: house.one("SELECT count(*) FROM medication_logs WHERE id = %s", dose) == 1, timeout=15_000)
    qtbot.waitUntil(lambda: on(station, lambda desk: link_status(desk).waiting) == 0, timeout=15_000)
    assert house.one("SELECT count(*) FROM server_epochs") == epochs + 1
    assert house.one(_WENT_BACK) == told + 1
    qtbot.waitUntil(lambda: dose in ids(station, DOSE), timeout=15_000)


def _put_back(house: House, device: str, stood: tuple[int, str]) -> None:
    """Bring the database to where it was before a device sent anything, as a restore does; nobody is told."""
    with psycopg.connect(house.superuser.conninfo()) as connection:
        connection.execute("SET session_replication_role = replica")
        connection.execute("DELETE FROM medication_logs WHERE device_id = %s", (device,))
        connection.execute("DELETE FROM receipts WHERE device_id = %s", (device,))
        connection.execute("UPDATE devices SET last_number = 0 WHERE id = %s", (device,))
        connection.execute(
            "UPDATE streams SET head = %s, heads = %s::jsonb WHERE id = %s", (stood[0], stood[1], house.north)
        )


def test_a_server_put_back_that_went_on_since_takes_no_workstation_for_a_copy_of_itself(
    enrolled: Maker, district: District, qtbot: QtBot
) -> None:
    house = district.house
    station = enrolled("bea", "goes on")
    station.unlock()
    device = str(station.station.device_id)
    words = "SELECT contact_nonce, given_nonces::text, challenge_nonce FROM devices WHERE id = %s"

    def greets() -> None:
        """Have the workstation greet once more: a call while it just does so is answered by that greeting."""
        before = house.asked(words, device)

        def has_greeted() -> bool:
            wake(station)
            return house.asked(words, device) != before

        qtbot.waitUntil(has_greeted, timeout=15_000)

    station.go_online()
    greets()
    greets()
    (known,) = house.asked(words, device)
    (stood,) = house.asked("SELECT head, heads::text FROM streams WHERE id = %s", house.north)
    lost = give(station)
    greets()
    greets()
    qtbot.waitUntil(lambda: on(station, lambda desk: link_status(desk).waiting) == 0, timeout=15_000)
    epochs = house.one("SELECT count(*) FROM server_epochs")
    # Others have written as much since, so that no position shows it.
    _put_back(house, device, (stood[0] + 1_000, stood[1]))
    restore = "UPDATE devices SET contact_nonce = %s, given_nonces = %s::jsonb, challenge_nonce = %s WHERE id = %s"
    house.done(restore, *known, device)

    made = give(station)
    wake(station)
    both = "SELECT count(*) FROM medication_logs WHERE id IN (%s, %s)"
    qtbot.waitUntil(lambda: house.one(both, lost, made) == 2, timeout=15_000)
    greets()
    qtbot.waitUntil(lambda: on(station, lambda desk: link_status(desk).waiting) == 0, timeout=15_000)
    assert house.one("SELECT directive FROM devices WHERE id = %s", device) == "ok"
    assert house.one("SELECT count(*) FROM server_epochs") == epochs
    told = "SELECT detail ->> 'found_by' FROM audit_logs WHERE action = 'SERVER_WENT_BACK' AND device_id = %s"
    assert house.asked(told, device) == [("word",)]
