"""A use of the emergency cards at the district: one case, a line of the audit for each look, seen by the school."""

from collections.abc import Mapping
from uuid import UUID

import orjson
import pytest
from tests import factories as make
from tests.sync_server.house import House
from tests.sync_server.in_house import Office, office_of
from tests.sync_server.reconcile.record_world import pulled

from wc_contract.model.changes import RecordAdded
from wc_contract.model.instants import instant_to_text
from wc_contract.model.kinds import WireValue
from wc_contract.wire.codes import Outcome

pytestmark = pytest.mark.postgres


def looked(office: Office, number: int, student: UUID | None, *, use: UUID | None = None) -> RecordAdded:
    id_ = make.named(f"look {office.device} {number}")
    values: Mapping[str, WireValue] = {
        "use_id": str(use or id_),
        "workstation_id": str(office.device),
        "number": number,
        "student_id": None if student is None else str(student),
        "looked_at": instant_to_text(office.house.parts.clock.now()),
        "asked_by": "Pat Principal",
        "reason": "BREATHING",
        "note": "in the gym",
    }
    return RecordAdded(kind="emergency_look", id=id_, values=values)


def test_a_use_is_one_case_with_every_look_and_who_asked_reaches_the_school(house: House) -> None:
    office, other = office_of(house), office_of(house)
    opening = looked(office, 1, None)
    card = looked(office, 2, UUID(str(house.pupils["ned"].id)), use=opening.id)
    entries = (office.entry(opening), office.entry(card))
    first, second = office.push(*entries)
    assert first.outcome is second.outcome is Outcome.CASE_OPENED
    assert first.cases == second.cases
    there = pulled(other)
    case = there["review_case", str(first.cases[0])]
    assert (case["kind"], case["status"]) == ("emergency_card_used", "OPEN")
    assert set(orjson.loads(case["subject_ids"])) == {str(opening.id), str(card.id)}
    seen = there["emergency_look", str(card.id)]
    assert (seen["asked_by"], seen["reason"], seen["student_id"]) == (
        "Pat Principal",
        "BREATHING",
        str(house.pupils["ned"].id),
    )
    lines = house.asked(
        "SELECT action, entity_id FROM audit_logs WHERE entity_type = 'emergency_look' AND device_id = %s ORDER BY 2",
        office.device,
    )
    assert lines == sorted([("RECORD_ADDED", str(opening.id)), ("RECORD_ADDED", str(card.id))], key=lambda one: one[1])


def test_a_look_that_is_written_twice_counts_once(house: House) -> None:
    office = office_of(house)
    look = looked(office, 1, None)
    (first,) = office.push(office.entry(look))
    (again,) = office.push(office.entry(look))
    assert (first.outcome, again.outcome) == (Outcome.CASE_OPENED, Outcome.DUPLICATE)
    assert house.one("SELECT count(*) FROM emergency_looks WHERE workstation_id = %s", office.device) == 1
