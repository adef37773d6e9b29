"""Keystores, clocks and older files put under a workstation: each is refused or found, and what was saved stays."""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import keyring.backends.null
import pytest
from tests.desktop.actions.test_log_dose import give
from tests.desktop.clinic import NURSE, PASSWORD, Clinic, small_school, uid
from tests.desktop.security.test_keystore import Remembering

from wc_contract.model.ids import UserId
from wc_desktop.actions.unlock import lock, unlock
from wc_desktop.app import console
from wc_desktop.app.single import holding
from wc_desktop.domain.failures import (
    AlreadyOpen,
    ClockBehind,
    KeystoreChanged,
    KeystoreRefused,
    LeaseExpired,
    ReplicaDamaged,
    SlotDamaged,
    SlotRetired,
    TooManyTries,
    WrongPassword,
)
from wc_desktop.ports import Keystore
from wc_desktop.security import slots
from wc_desktop.security.keystore import KeyringKeystore
from wc_desktop.security.slots import Cost
from wc_desktop.security.station import SLOTS_FILE, device_secret_name

ANA = UserId(NURSE)
Record = Callable[[str, object], None]


@pytest.fixture(autouse=True)
def cheap_guesses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(slots, "STANDARD_COST", Cost(memory=8 * 1024 * 1024, passes=1))


@pytest.fixture
def clinic(clinic: Clinic) -> Clinic:
    """An enrolled workstation whose server does not answer."""
    clinic.fill(clinic.enrol(server_url="http://127.0.0.1:1"), small_school())
    return clinic


class Forging(Remembering):
    """Says that it kept, and gives something else back."""

    def get_password(self, service: str, name: str) -> str | None:
        return "QUJD" if super().get_password(service, name) else None


def keystores() -> Iterator[tuple[str, Keystore, type[Exception]]]:
    """Yield keystores that are not the workstation's, and what each is refused as."""
    yield "null", KeyringKeystore(backend=keyring.backends.null.Keyring(), name="insecure file"), KeystoreChanged
    yield "empty", KeyringKeystore(backend=Remembering(), name="insecure file"), KeystoreChanged
    yield "another", KeyringKeystore(backend=Remembering(), name="keyring.backends.kwallet"), KeystoreChanged
    yield (
        "plain text",
        KeyringKeystore(backend=Remembering(), name="keyrings.alt.file.PlaintextKeyring"),
        KeystoreChanged,
    )
    broken = Remembering()
    broken.get_password = _breaks  # type: ignore[method-assign]
    yield "broken", KeyringKeystore(backend=broken, name="insecure file"), KeystoreRefused
    swapped = KeyringKeystore(backend=Remembering(), name="insecure file")
    swapped.put(device_secret_name(uid("device")), bytes(32))  # type: ignore[arg-type]
    yield "swapped", swapped, SlotDamaged


def _breaks(_service: str, _name: str) -> str | None:
    raise OSError("no service")


@pytest.mark.parametrize(("keystore", "refusal"), [pytest.param(*told[1:], id=told[0]) for told in keystores()])
def test_with_another_keystore_nothing_opens_and_nothing_is_changed(
    clinic: Clinic, keystore: Keystore, refusal: type[Exception]
) -> None:
    lock(unlock(clinic.station(), ANA, PASSWORD))
    before = {path.name: path.read_bytes() for path in clinic.folder.iterdir()}
    own, clinic.parts = clinic.parts, replace(clinic.parts, keystore=keystore)
    with pytest.raises(refusal):
        unlock(clinic.station(), ANA, PASSWORD)
    assert {path.name: path.read_bytes() for path in clinic.folder.iterdir()} == before
    clinic.parts = own
    lock(unlock(clinic.station(), ANA, PASSWORD))


def test_ten_wrong_passwords_through_any_number_of_starts_and_restored_files(
    clinic: Clinic, tmp_path: Path, record_property: Record
) -> None:
    shutil.copytree(clinic.folder, tmp_path / "image")
    for left in range(9, -1, -1):
        with pytest.raises(WrongPassword) as wrong:
            unlock(clinic.station(), ANA, f"guess {left}")
        assert wrong.value.left == left
        shutil.rmtree(clinic.folder)
        shutil.copytree(tmp_path / "image", clinic.folder)
    for guess in ("guess 11", PASSWORD):
        with pytest.raises(TooManyTries):
            unlock(clinic.station(), ANA, guess)
    record_property("attacks", 12)


def test_a_clock_back_a_day_shuts_and_the_right_time_opens_again(clinic: Clinic) -> None:
    lock(unlock(clinic.station(), ANA, PASSWORD))
    clinic.clock.at -= timedelta(days=1)
    with pytest.raises(ClockBehind):
        unlock(clinic.station(), ANA, PASSWORD)
    clinic.clock.at += timedelta(days=1)
    lock(unlock(clinic.station(), ANA, PASSWORD))


def test_a_clock_ten_years_ahead_shuts_and_leaves_no_mark_of_it(clinic: Clinic) -> None:
    station = clinic.station()
    lock(unlock(station, ANA, PASSWORD))
    seen = station.high_water()
    clinic.clock.at += timedelta(days=3653)
    with pytest.raises(LeaseExpired):
        unlock(clinic.station(), ANA, PASSWORD)
    assert station.high_water() == seen
    clinic.clock.at -= timedelta(days=3653)
    lock(unlock(clinic.station(), ANA, PASSWORD))


def test_a_clock_that_ran_ahead_within_the_lease_is_healed_by_the_servers_time(clinic: Clinic) -> None:
    station = clinic.station()
    clinic.clock.at += timedelta(hours=71)
    lock(unlock(station, ANA, PASSWORD))
    clinic.clock.at -= timedelta(hours=71)
    with pytest.raises(ClockBehind):
        unlock(station, ANA, PASSWORD)
    now = clinic.clock.at
    station.take_lease(clinic.district.lease(clinic.device, until=now + timedelta(hours=72)), now)
    lock(unlock(station, ANA, PASSWORD))


def test_a_slot_from_before_a_revocation_does_not_open(clinic: Clinic) -> None:
    station = clinic.station()
    old = (clinic.folder / SLOTS_FILE).read_bytes()
    now = clinic.clock.at
    until = now + timedelta(hours=72)
    station.take_lease(clinic.district.lease(clinic.device, until=until, generations={NURSE: 2}), now)
    (clinic.folder / SLOTS_FILE).write_bytes(old)
    with pytest.raises(SlotRetired):
        unlock(clinic.station(), ANA, PASSWORD)


def test_a_whole_folder_from_before_a_revocation_is_good_until_its_lease_ends_and_not_longer(
    clinic: Clinic, tmp_path: Path
) -> None:
    lock(unlock(clinic.station(), ANA, PASSWORD))
    shutil.copytree(clinic.folder, tmp_path / "image")
    clinic.clock.forward(timedelta(hours=71))
    lock(unlock(clinic.station(), ANA, PASSWORD))
    clinic.clock.forward(timedelta(hours=2))
    shutil.rmtree(clinic.folder)
    shutil.copytree(tmp_path / "image", clinic.folder)
    with pytest.raises(LeaseExpired):
        unlock(clinic.station(), ANA, PASSWORD)
    # Nor by the clock of when the image was taken: the latest instant is not in the folder.
    clinic.clock.at -= timedelta(hours=73)
    with pytest.raises(ClockBehind):
        unlock(clinic.station(), ANA, PASSWORD)


_ENTRIES = ("journal.db", "journal.sealed", "journal.number", "replica.db", "slots.json", "station.json")


@pytest.mark.parametrize("file", _ENTRIES)
def test_one_file_put_back_loses_no_entry_and_no_number_returns(clinic: Clinic, tmp_path: Path, file: str) -> None:
    desk = unlock(clinic.station(), ANA, PASSWORD)
    give(desk, "Sofia")
    lock(desk)
    shutil.copytree(clinic.folder, tmp_path / "image")
    desk = unlock(clinic.station(), ANA, PASSWORD)
    give(desk, "Omar", override_reason="agreed")
    written = {record.number: record.id for record in desk.journal.newest(100)}
    lock(desk)
    shutil.copy(tmp_path / "image" / file, clinic.folder / file)
    desk = unlock(clinic.station(), ANA, PASSWORD)
    held = {record.number: record.id for record in desk.journal.newest(100)}
    lock(desk)
    # Unlocked, dose, locked; unlocked, dose, locked; unlocked.
    assert sorted(held) == [1, 2, 3, 4, 5, 6, 7]
    assert written.items() <= held.items()


def test_a_replica_of_another_workstation_is_refused(clinic: Clinic, tmp_path: Path) -> None:
    other = Clinic(tmp_path / "other" / "station", device=uid("other device"))
    other.fill(other.enrol(), small_school())
    shutil.copy(other.folder / "replica.db", clinic.folder / "replica.db")
    with pytest.raises(ReplicaDamaged):
        unlock(clinic.station(), ANA, PASSWORD)


def test_a_second_program_on_one_folder_is_told_so(
    clinic: Clinic, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WC_PASSWORD", PASSWORD)
    monkeypatch.setenv("WC_DEMO_CLOCK_OFFSET", "0")
    desk = unlock(clinic.station(), ANA, PASSWORD)
    with pytest.raises(AlreadyOpen):
        unlock(clinic.station(), ANA, PASSWORD)
    give(desk, "Sofia")
    lock(desk)
    words = ["--data", str(clinic.folder), "--insecure-keystore", str(clinic.folder.parent / "keystore.json")]
    with holding(clinic.folder):
        assert console.run(["rebuild-journal", "--user", "Ana Reyes", *words]) == 1
    assert "already open" in capsys.readouterr().err
