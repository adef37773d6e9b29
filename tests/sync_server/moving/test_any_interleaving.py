"""Moves and late entries in any order come to the same records and cases (rules.md X4, sync.md 'Late work')."""

import json
from datetime import timedelta
from itertools import count
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests import factories as make
from tests.sync_server.direct import move_pupil
from tests.sync_server.house import House
from tests.sync_server.moving.moving_world import enrolled, station

pytestmark = pytest.mark.postgres
_numbers = count(20_000)
_LATE = "late_from_previous_school"
_DAY_BEFORE = make.NOON - timedelta(days=1)
# Three workstations: two of the school that the child leaves and comes back to, with two entries each.
_STEPS = ("move", "move", "ann", "ann", "bea", "bea")


@given(order=st.permutations(_STEPS))
@settings(max_examples=5, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_order_of_moves_and_late_entries_changes_neither_records_nor_cases(house: House, order: list[str]) -> None:
    number = next(_numbers)
    child = enrolled(house, f"anywhere {number}", number, house.north)
    desks = {nurse: station(house, house.north, nurse) for nurse in ("ann", "bea")}
    south = station(house, house.south, "cleo")
    there, elsewhere = house.north, house.south
    yesterday = make.noon_slot(child.order, _DAY_BEFORE.date())
    waiting = {
        nurse: [
            desk.dose(child, slot=yesterday, administered_at=_DAY_BEFORE, local_date=_DAY_BEFORE.date()),
            desk.dose(child, slot=None, administered_at=_DAY_BEFORE - timedelta(hours=2)),
        ]
        for nurse, desk in desks.items()
    }
    doses = {str(dose.id): dose for pair in waiting.values() for dose in pair}
    placed: dict[str, Any] = {}
    for step in order:
        if step == "move":
            move_pupil(house, child, there, elsewhere)
            there, elsewhere = elsewhere, there
        else:
            dose = waiting[step].pop(0)
            desks[step].push(desks[step].entry(dose))
            placed[str(dose.id)] = there
        for one in (*desks.values(), south):
            one.pull()  # which compares its records with the server's

    held = house.asked("SELECT id, school_id, flags FROM medication_logs WHERE student_id = %s", child.id)
    assert {str(id_): school for id_, school, _ in held} == placed, "what happened stays where it was taken in"
    for id_, school, flags in held:
        double = {"possible_double_dose"} if doses[str(id_)].slot is not None else set()
        late = {_LATE} if school != house.north else set()
        assert set(flags) - {"late", "late_entry"} == double | late
    cases = house.asked("SELECT kind, subject_ids, school_id, status FROM review_cases WHERE student_id = %s", child.id)
    assert {(school, status) for _, _, school, status in cases} == {(house.north, "OPEN")}, "open ones go along"
    found = sorted((kind, tuple(sorted(subjects))) for kind, subjects, _, _ in cases)
    in_one_slot = tuple(sorted(id_ for id_, dose in doses.items() if dose.slot is not None))
    late = [(_LATE, (id_,)) for id_, school in placed.items() if school != house.north]
    assert found == sorted([("possible_double_dose", in_one_slot), *late]), json.dumps(order)
