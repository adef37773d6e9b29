"""Opening the workstation: passwords, tries, lease, clock, and what is left on the disk."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from nacl.public import PrivateKey, SealedBox
from tests.desktop.clinic import EPOCH, NOON, NURSE, PASSWORD, SECOND_NURSE, Clinic, District, small_school, uid

from wc_contract.model.ids import UserId
from wc_contract.model.values import Role
from wc_contract.wire.entries import entry_from_body
from wc_desktop.actions.unlock import lock, unlock
from wc_desktop.app.parts import opened_of
from wc_desktop.domain.failures import (
    AlreadyEnrolled,
    ClockBehind,
    KeystoreChanged,
    LeaseExpired,
    LeaseForged,
    SlotDamaged,
    SlotRetired,
    TooManyTries,
    UnknownPerson,
    WrongPassword,
)
from wc_desktop.domain.screens import PersonRow
from wc_desktop.journal.sealed import read_records
from wc_desktop.security import slots
from wc_desktop.security import station as station_module
from wc_desktop.security.base64_text import text_of
from wc_desktop.security.keystore import InsecureKeystore
from wc_desktop.security.passport import STATION_FILE
from wc_desktop.security.slots import Cost
from wc_desktop.security.station import Station

ANA = UserId(NURSE)


@pytest.fixture(autouse=True)
def cheap_guesses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(slots, "STANDARD_COST", Cost(memory=8 * 1024 * 1024, passes=1))


@pytest.fixture
def station(clinic: Clinic) -> Station:
    made = clinic.enrol()
    clinic.fill(made, small_school())
    return made


def test_the_enrolled_workstation_is_read_back(clinic: Clinic, station: Station) -> None:
    again = clinic.station()
    assert again.passport == station.passport
    assert [person.last_name for person in again.people()] == ["Reyes"]
    assert again.first_sync_done
    assert str(again.zone) == "America/Chicago"


def test_a_folder_without_a_workstation_is_none(clinic: Clinic) -> None:
    assert Station.load(clinic.folder, clinic.parts) is None


@pytest.mark.usefixtures("station")
def test_a_workstation_is_not_enrolled_over_another(clinic: Clinic) -> None:
    from tests.desktop.transport.test_failures import request

    with pytest.raises(AlreadyEnrolled):
        clinic.parts.enrol_device(request("https://sync.example.invalid"), clinic.folder)


def test_a_wrong_password_says_how_many_tries_are_left(station: Station) -> None:
    for left in (9, 8):
        with pytest.raises(WrongPassword) as wrong:
            unlock(station, ANA, "wrong")
        assert wrong.value.left == left
    unlock(station, ANA, PASSWORD).close()
    with pytest.raises(WrongPassword) as wrong:
        unlock(station, ANA, "wrong")
    assert wrong.value.left == 9


def test_after_ten_tries_the_right_password_is_not_looked_at(station: Station) -> None:
    for _ in range(10):
        with pytest.raises(WrongPassword):
            unlock(station, ANA, "wrong")
    with pytest.raises(TooManyTries):
        unlock(station, ANA, PASSWORD)
    station.forgive_tries(ANA)
    unlock(station, ANA, PASSWORD).close()


def test_putting_files_back_gives_no_tries_back(clinic: Clinic, station: Station) -> None:
    files = {path: path.read_bytes() for path in clinic.folder.iterdir()}
    with pytest.raises(WrongPassword):
        unlock(station, ANA, "wrong")
    for path, content in files.items():
        path.write_bytes(content)
    with pytest.raises(WrongPassword) as wrong:
        unlock(clinic.station(), ANA, "wrong")
    assert wrong.value.left == 8


def test_locks_unlocks_and_failures_are_on_record(station: Station) -> None:
    with pytest.raises(WrongPassword):
        unlock(station, ANA, "wrong")
    lock(unlock(station, ANA, PASSWORD))
    desk = unlock(station, ANA, PASSWORD)
    bodies = opened_of(desk).journal._connection.execute("SELECT body FROM entries ORDER BY number").fetchall()
    changes = [[change.action.value for change in entry_from_body(body).changes] for (body,) in bodies]  # type: ignore[union-attr]
    assert changes == [["UNLOCK_FAILED", "UNLOCK"], ["LOCK"], ["UNLOCK"]]
    desk.close()


def test_keys_are_wiped_and_files_closed_by_a_lock(station: Station) -> None:
    desk = unlock(station, ANA, PASSWORD)
    keys = opened_of(desk).keys
    lock(desk)
    assert not any(keys.journal)
    assert not any(keys.replica)
    with pytest.raises(Exception, match="closed"):
        desk.journal.waiting()


def test_a_stranger_has_no_slot(station: Station) -> None:
    with pytest.raises(UnknownPerson):
        unlock(station, UserId(uid("stranger")), PASSWORD)


def test_a_second_nurse_opens_the_same_files_with_her_own_password(station: Station) -> None:
    desk = unlock(station, ANA, PASSWORD)
    second = PersonRow(id=UserId(SECOND_NURSE), first_name="Bo", last_name="Lind", role=Role.NURSE)
    station.put_slot(second, "another pass phrase", opened_of(desk).keys)
    lock(desk)
    with pytest.raises(WrongPassword):
        unlock(station, second.id, PASSWORD)
    desk = unlock(station, second.id, "another pass phrase")
    assert desk.person == second
    desk.close()
    unlock(station, ANA, PASSWORD).close()


# Keystore and slots.


def test_a_lost_keystore_is_told_apart_from_a_wrong_password(clinic: Clinic, station: Station) -> None:
    (clinic.folder.parent / "keystore.json").unlink()
    with pytest.raises(KeystoreChanged):
        unlock(station, ANA, PASSWORD)


@pytest.mark.usefixtures("station")
def test_another_keystore_is_refused(clinic: Clinic) -> None:
    other = InsecureKeystore(clinic.folder.parent / "keystore.json")
    other.name = "another backend"
    clinic.parts = replace(clinic.parts, keystore=other)
    with pytest.raises(KeystoreChanged):
        unlock(clinic.station(), ANA, PASSWORD)


def test_a_changed_generation_in_the_slots_file_is_refused(clinic: Clinic, station: Station) -> None:
    path = clinic.folder / station_module.SLOTS_FILE
    raw = json.loads(path.read_text())
    raw["slots"][0]["generation"] = 2
    path.write_text(json.dumps(raw))
    with pytest.raises(SlotDamaged):
        unlock(station, ANA, PASSWORD)


def test_a_slots_file_of_another_workstation_is_refused(clinic: Clinic, station: Station) -> None:
    other = Clinic(clinic.folder.parent / "other", device=uid("other device"))
    other.enrol()
    (clinic.folder / station_module.SLOTS_FILE).write_bytes((other.folder / station_module.SLOTS_FILE).read_bytes())
    with pytest.raises(SlotDamaged):
        unlock(station, ANA, PASSWORD)


# Lease and clock. The address answers nobody, so that no lease is renewed.


def unreachable(clinic: Clinic, station: Station) -> Station:
    station.keep_passport(replace(station.passport, server_url="http://127.0.0.1:1"))
    return clinic.station()


def test_an_expired_lease_that_cannot_be_renewed_refuses(clinic: Clinic, station: Station) -> None:
    station = unreachable(clinic, station)
    clinic.clock.forward(timedelta(hours=73))
    with pytest.raises(LeaseExpired):
        unlock(station, ANA, PASSWORD)


def test_a_lease_without_this_person_refuses(clinic: Clinic, station: Station) -> None:
    station = unreachable(clinic, station)
    lease = clinic.district.lease(clinic.device, until=NOON + timedelta(hours=72), generations={SECOND_NURSE: 1})
    station.take_lease(lease, NOON)
    with pytest.raises(SlotRetired):
        unlock(station, ANA, PASSWORD)


def test_a_higher_generation_retires_the_slot(clinic: Clinic, station: Station) -> None:
    station = unreachable(clinic, station)
    station.take_lease(
        clinic.district.lease(clinic.device, until=NOON + timedelta(hours=9), generations={NURSE: 2}), NOON
    )
    with pytest.raises(SlotRetired):
        unlock(station, ANA, PASSWORD)


@pytest.mark.parametrize("forged", ["another key", "another device", "changed text"])
def test_a_forged_lease_is_not_taken(clinic: Clinic, station: Station, forged: str) -> None:
    from nacl.signing import SigningKey

    until = NOON + timedelta(days=999)
    lease = clinic.district.lease(clinic.device, until=until)
    if forged == "another key":
        lease = District(sign=SigningKey(b"\x07" * 32)).lease(clinic.device, until=until)
    if forged == "another device":
        lease = clinic.district.lease(uid("another"), until=until)
    if forged == "changed text":
        lease = lease.model_copy(update={"body": lease.body.replace(EPOCH, "epoch-9")})
    with pytest.raises(LeaseForged):
        station.take_lease(lease, NOON)
    assert station.lease().expires_at == NOON + timedelta(hours=72)


@pytest.mark.usefixtures("station")
def test_a_lease_written_into_the_file_by_hand_is_refused(clinic: Clinic) -> None:
    path = clinic.folder / STATION_FILE
    path.write_text(path.read_text().replace("2026-11-26", "2036-11-26"))
    with pytest.raises(LeaseForged):
        unlock(clinic.station(), ANA, PASSWORD)


def test_a_key_that_was_changed_in_the_file_seals_nothing(clinic: Clinic, station: Station) -> None:
    path = clinic.folder / STATION_FILE
    changed = json.loads(path.read_text())
    changed["seal_key"] = text_of(bytes(PrivateKey(b"\x07" * 32).public_key))
    path.write_text(json.dumps(changed))
    assert clinic.station().passport.seal_key != station.passport.seal_key
    unlock(clinic.station(), ANA, PASSWORD).close()
    records = list(read_records(clinic.folder / "journal.sealed"))
    assert [len(SealedBox(clinic.district.seal).decrypt(record.sealed[:80])) for record in records] == [32]


def test_a_clock_set_back_refuses(clinic: Clinic, station: Station) -> None:
    station = unreachable(clinic, station)
    unlock(station, ANA, PASSWORD).close()
    clinic.clock.at -= timedelta(minutes=4)
    unlock(station, ANA, PASSWORD).close()
    clinic.clock.at -= timedelta(minutes=10)
    with pytest.raises(ClockBehind):
        unlock(station, ANA, PASSWORD)


def test_a_clock_that_is_simply_wrong_locks_nobody_out(clinic: Clinic, station: Station) -> None:
    station = unreachable(clinic, station)
    # The server's clock is an hour ahead of ours, and always was.
    lease = clinic.district.lease(clinic.device, until=NOON + timedelta(hours=72))
    station.take_lease(lease, clinic.clock.at + timedelta(hours=1))
    unlock(station, ANA, PASSWORD).close()


# What lies on the disk.


def test_nothing_readable_of_a_child_lies_on_the_disk(clinic: Clinic, station: Station) -> None:
    from tests.desktop.actions.test_log_dose import give

    from wc_desktop.actions.students import open_chart, search

    desk = unlock(station, ANA, PASSWORD)
    give(desk, "Omar", override_reason="canary-reason")
    open_chart(desk, search(desk, "haddad")[0].id)
    on_disk_open = b"".join(path.read_bytes() for path in clinic.folder.rglob("*"))
    lock(desk)
    on_disk = on_disk_open + b"".join(path.read_bytes() for path in clinic.folder.rglob("*"))
    for canary in ("Haddad", "Omar", "Penicillins", "canary-reason", "Martínez", PASSWORD, "methylphenidate"):
        assert canary.encode() not in on_disk


def test_repr_of_secrets_tells_nothing(station: Station) -> None:
    keys = station.unlock_keys(ANA, PASSWORD)
    assert repr(bytes(keys.journal))[2:10] not in repr(keys)
    assert "sign_seed" not in repr(station.device_keys())
