"""Slots: what opens them, and what does not."""

from dataclasses import replace

import pytest
from tests.desktop.clinic import NURSE, SCHOOL, SeededChance, uid

from wc_contract.model.ids import DeviceId, SchoolId, UserId
from wc_desktop.domain.failures import SlotDamaged
from wc_desktop.security import slots
from wc_desktop.security.slots import (
    Cost,
    PasswordDoesNotOpen,
    Slot,
    SlotPlace,
    new_slot,
    open_slot,
    raised,
    slots_from_text,
    slots_to_text,
    with_data_key,
)

PLACE = SlotPlace(device=DeviceId(uid("device")), school=SchoolId(SCHOOL), user=UserId(NURSE), generation=1)
SECRET = bytes(range(32))
KEYS = {"journal": bytearray(b"j" * 32), "replica": bytearray(b"r" * 32)}


@pytest.fixture(scope="module")
def slot() -> Slot:
    return new_slot(PLACE, "päss wörd", SECRET, KEYS, SeededChance())


def test_the_password_and_the_device_secret_open_it(slot: Slot) -> None:
    assert open_slot(slot, "päss wörd", SECRET) == KEYS


def test_another_password_does_not(slot: Slot) -> None:
    with pytest.raises(PasswordDoesNotOpen):
        open_slot(slot, "pass word", SECRET)


def test_another_device_secret_does_not_even_with_the_password(slot: Slot) -> None:
    with pytest.raises(SlotDamaged):
        open_slot(slot, "päss wörd", bytes(32))


@pytest.mark.parametrize(
    "changed",
    [
        {"device": DeviceId(uid("another"))},
        {"school": SchoolId(uid("another"))},
        {"user": UserId(uid("another"))},
        {"generation": 2},
    ],
)
def test_a_slot_put_elsewhere_does_not_open(slot: Slot, changed: dict[str, object]) -> None:
    moved = replace(slot, place=replace(PLACE, **changed))  # type: ignore[arg-type]
    with pytest.raises(SlotDamaged):
        open_slot(moved, "päss wörd", SECRET)


def test_a_lowered_cost_does_not_open(slot: Slot) -> None:
    with pytest.raises(SlotDamaged):
        open_slot(replace(slot, cost=Cost(memory=8 * 1024 * 1024, passes=1)), "päss wörd", SECRET)


def test_data_keys_of_two_files_cannot_be_swapped(slot: Slot) -> None:
    keys = {"journal": slot.data_keys["replica"], "replica": slot.data_keys["journal"]}
    with pytest.raises(SlotDamaged):
        open_slot(replace(slot, data_keys=keys), "päss wörd", SECRET)


def test_a_cheaper_slot_is_raised_when_it_opens(monkeypatch: pytest.MonkeyPatch) -> None:
    cheap_cost = Cost(memory=8 * 1024 * 1024, passes=1)
    monkeypatch.setattr(slots, "STANDARD_COST", cheap_cost)
    cheap = new_slot(PLACE, "pw", SECRET, KEYS, SeededChance())
    monkeypatch.undo()
    assert cheap.cost == cheap_cost
    stronger = raised(cheap, "pw", SECRET, SeededChance(3))
    assert stronger.cost == slots.STANDARD_COST
    assert open_slot(stronger, "pw", SECRET) == KEYS
    assert raised(stronger, "pw", SECRET, SeededChance(3)) is stronger


def test_a_data_key_is_changed_without_the_password(slot: Slot) -> None:
    changed = with_data_key(slot, "replica", bytearray(b"n" * 32), SECRET, SeededChance(4))
    assert open_slot(changed, "päss wörd", SECRET)["replica"] == b"n" * 32


def test_the_file_reads_back(slot: Slot) -> None:
    text = slots_to_text({PLACE.user: slot})
    assert slots_from_text(text, device=PLACE.device, school=PLACE.school) == {PLACE.user: slot}


@pytest.mark.parametrize("text", ["", "{}", '{"slots": [{}]}', '{"slots": [{"format": 2}]}', '{"slots": 3}', "[]"])
def test_a_file_that_does_not_read_is_damaged(text: str) -> None:
    with pytest.raises(SlotDamaged):
        slots_from_text(text, device=PLACE.device, school=PLACE.school)


def test_an_absurd_cost_is_damage_not_a_hang(slot: Slot) -> None:
    text = slots_to_text({PLACE.user: slot}).replace(str(64 * 1024 * 1024), str(1 << 42))
    with pytest.raises(SlotDamaged):
        slots_from_text(text, device=PLACE.device, school=PLACE.school)
