"""Identities: sorted by time, and the same on every device."""

from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st
from tests.factories import NOON, SeededChance
from tests.strategies import instants

from wc_contract.model.ids import (
    EntryId,
    OrderId,
    SlotId,
    entry_case_id,
    id_text,
    new_uuid,
    order_version_id,
    slot_case_id,
    slot_id,
)
from wc_contract.model.instants import Instant

ORDER = OrderId(UUID("0190b7c8-5a2e-7c31-9a44-0f3d9e6c1b22"))
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@given(instants, st.integers())
def test_a_new_id_is_a_version_7_uuid_whose_prefix_is_its_millisecond(at: Instant, seed: int) -> None:
    made = new_uuid(at, SeededChance(seed))
    assert (made.version, made.variant) == (7, "specified in RFC 4122")
    assert EPOCH + timedelta(milliseconds=made.int >> 80) == at


@given(instants, instants)
def test_ids_sort_as_their_milliseconds_do(first: Instant, second: Instant) -> None:
    chance = SeededChance()
    a, b = new_uuid(first, chance), new_uuid(second, chance)
    assert first == second or (a < b) == (first < second) == (str(a) < str(b))


@given(st.uuids())
def test_the_text_of_an_id_is_what_everybody_writes(identity: UUID) -> None:
    assert id_text(identity) == str(identity)


def test_ids_of_one_millisecond_differ_and_a_seed_repeats_them() -> None:
    chance, again = SeededChance(7), SeededChance(7)
    made = [new_uuid(NOON, chance) for _ in range(1000)]
    assert len(set(made)) == 1000
    assert [new_uuid(NOON, again) for _ in range(1000)] == made


def test_every_random_bit_of_an_id_is_used() -> None:
    chance = SeededChance()
    made = [new_uuid(NOON, chance).int for _ in range(200)]
    every, some = made[0], 0
    for number in made:
        every, some = every & number, some | number
    assert (some & ~every).bit_count() == 12 + 62


def test_a_slot_has_the_same_id_on_every_device_and_in_every_version() -> None:
    assert slot_id(ORDER, date(2026, 11, 23), time(12, 0)) == SlotId(UUID("2d10415c-4ce8-5cd1-9a7e-c43f0b4a57ab"))
    assert slot_id(ORDER, date(2026, 11, 23), time(12, 0, 59)) == slot_id(ORDER, date(2026, 11, 23), time(12, 0))
    others = {
        slot_id(ORDER, date(2026, 11, 24), time(12, 0)),
        slot_id(ORDER, date(2026, 11, 23), time(12, 1)),
        slot_id(OrderId(UUID(int=1)), date(2026, 11, 23), time(12, 0)),
        slot_id(ORDER, date(2026, 11, 23), time(12, 0)),
    }
    assert len(others) == 4


def test_derived_ids_never_change() -> None:
    slot = slot_id(ORDER, date(2026, 11, 23), time(12, 0))
    entry = EntryId(UUID("0190b7c8-5a2e-7c31-9a44-0f3d9e6c1b23"))
    assert order_version_id(ORDER, 1) == UUID("82142722-de9c-5742-918e-fd800baa8e85")
    assert slot_case_id(slot) == UUID("d440a339-2eef-50c6-8cea-00a34a3fa8f8")
    assert entry_case_id(entry, "after_stop") == UUID("aff1fb6a-aa01-5dba-a207-b314abb9a878")
