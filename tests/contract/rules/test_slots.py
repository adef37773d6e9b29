"""Which pairs of entries make a possible double dose (X1-X3)."""

from datetime import timedelta
from itertools import combinations_with_replacement
from random import Random
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.contract.rules.facts_of import dose
from tests.factories import DEVICE_A, DEVICE_B, NOON, SCHOOL_DAY, noon_slot

from wc_contract.model.ids import slot_case_id
from wc_contract.model.instants import instant_to_text
from wc_contract.model.values import DoseState
from wc_contract.rules.arrival import cases_for_slot
from wc_contract.rules.facts import DoseFacts
from wc_contract.rules.slots import answers, conflicting, live

WENT_IN = {"ADMINISTERED", "PARTIAL", "SELF_ADMINISTERED", "OFF_SITE"}
NOTHING_WENT_IN = {"REFUSED", "ABSENT", "DISMISSED_EARLY", "HELD", "MISSED", "NOT_AVAILABLE"}
PAIRS = list(combinations_with_replacement([state.value for state in DoseState], 2))


def at(minutes: int, status: str = "ADMINISTERED", **values: Any) -> DoseFacts:
    return dose(status=status, administered_at=instant_to_text(NOON + timedelta(minutes=minutes)), **values)


@pytest.mark.parametrize(("first", "second"), PAIRS)
def test_two_devices_conflict_when_medicine_went_in_and_the_other_did_not_know(first: str, second: str) -> None:
    a, b = at(0, first, device_id=str(DEVICE_A)), at(5, second, device_id=str(DEVICE_B))
    states = {first, second}
    twice = first in WENT_IN and second in WENT_IN
    contradicted = bool(states & WENT_IN and states & NOTHING_WENT_IN)
    given_after_vomiting = first == "VOMITED" and second in WENT_IN
    expected = twice or contradicted or given_after_vomiting
    assert bool(conflicting([a, b])) is expected
    assert bool(conflicting([b, a])) is expected


def test_a_given_dose_that_is_vomited_is_one_dose_and_a_repeat_is_a_second() -> None:
    given_, vomited, repeat = at(0), at(10, "VOMITED"), at(40)
    assert conflicting([given_, vomited]) == ()
    assert {d.id for d in conflicting([given_, vomited, repeat])} == {given_.id, repeat.id}


def test_refused_then_given_on_the_same_device_is_an_ordinary_noon_and_the_reverse_is_not() -> None:
    refused, given_ = at(0, "REFUSED", device_seq=7), at(20, device_seq=8)
    assert conflicting([refused, given_]) == ()
    assert len(conflicting([at(0, "REFUSED", device_seq=9), given_])) == 2


def test_whoever_gave_knowing_of_the_refusal_made_no_double_dose() -> None:
    knowing = at(20, device_id=str(DEVICE_B), overrides='[{"code":"slot_answered_twice","reason":"took it now"}]')
    assert conflicting([at(0, "REFUSED"), knowing]) == ()
    assert len(conflicting([at(0), knowing])) == 2


def test_a_voided_entry_leaves_the_slot_to_the_other() -> None:
    wrong, right = at(0), at(1)
    assert conflicting([wrong, right, at(2, "ENTERED_IN_ERROR", amends_id=str(wrong.id))]) == ()
    assert conflicting([wrong, at(2, "PARTIAL", amends_id=str(wrong.id))]) == ()


def test_one_entry_heard_of_many_times_stands_once() -> None:
    once = at(0)
    assert live([once, once, once]) == [once]
    assert conflicting([once] * 50) == ()


def test_a_slot_s_case_has_one_id_and_names_the_entries_in_conflict() -> None:
    a, b, wasted = at(0), at(3), at(1, "WASTED")
    case = cases_for_slot([a, b, wasted])
    assert case is not None
    assert case.id == slot_case_id(noon_slot().id)
    assert case.kind == "possible_double_dose"
    assert set(case.subject_ids) == {a.id, b.id}
    assert (case.student_id, case.medication_id, case.slot_id) == (a.student_id, a.medication_id, noon_slot().id)
    assert cases_for_slot([a, wasted]) is None
    assert cases_for_slot([at(0, slot_id=None), at(0, slot_id=None)]) is None


def test_only_an_entry_that_says_what_happened_answers_a_slot() -> None:
    assert not answers([])
    assert not answers([at(0, "WASTED")])
    assert answers([at(0, "WASTED"), at(1)])
    assert answers([at(0, "ABSENT")])


entries_of_a_slot = st.lists(
    st.builds(
        at,
        st.integers(-60, 60),
        st.sampled_from([state.value for state in DoseState]),
        id=st.uuids().map(str),
        device_id=st.sampled_from([str(DEVICE_A), str(DEVICE_B)]),
        device_seq=st.integers(1, 20),
    ),
    max_size=7,
)


@given(entries_of_a_slot, st.randoms(use_true_random=False))
def test_no_order_of_arrival_changes_a_slot_s_case(entries: list[DoseFacts], chance: Random) -> None:
    assert cases_for_slot(chance.sample(entries, len(entries))) == cases_for_slot(entries)


@given(entries_of_a_slot, entries_of_a_slot)
def test_a_further_entry_never_answers_a_case(entries: list[DoseFacts], more: list[DoseFacts]) -> None:
    assert not conflicting(entries) or conflicting([*entries, *more])


def test_the_slot_of_a_dose_is_the_one_its_order_day_and_time_name() -> None:
    assert noon_slot().date == SCHOOL_DAY
    assert isinstance(dose().slot_id, UUID)
    assert dose().slot_id == noon_slot().id
