"""What was written down without a lease, at the district: taken in, marked, with a case; a child named later."""

from collections.abc import Mapping
from datetime import timedelta
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


def captured(office: Office, name: str, **changes: WireValue) -> RecordAdded:
    at = office.house.parts.clock.now()
    values: Mapping[str, WireValue] = {
        "child": None,
        "medicine": "Epinephrine",
        "amount": "0.15 mg",
        "route": "INTRAMUSCULAR",
        "status": "ADMINISTERED",
        "happened_at": instant_to_text(at),
        "lease_ended_at": instant_to_text(at - timedelta(hours=2)),
    }
    return RecordAdded(kind="capture", id=make.named(f"capture {office.device} {name}"), values={**values, **changes})


def test_a_dose_of_an_unidentified_person_is_taken_in_marked_and_has_a_case(house: House) -> None:
    office, other = office_of(house), office_of(house)
    dose = captured(office, "dose")
    (receipt,) = office.push(office.entry(dose))
    assert (receipt.outcome, receipt.code) == (Outcome.CASE_OPENED, None)
    assert "unauthorised_period" in receipt.findings
    there = pulled(other)
    seen = there["capture", str(dose.id)]
    assert (seen["medicine"], seen["child"], seen["student_id"]) == ("Epinephrine", None, None)
    case = there["review_case", str(receipt.cases[0])]
    assert (case["kind"], case["status"], case["student_id"]) == ("unauthorised_period", "OPEN", None)
    assert orjson.loads(case["subject_ids"]) == [str(dose.id)]


def test_who_names_the_child_later_amends_it_and_opens_no_second_case(house: House) -> None:
    office = office_of(house)
    dose = captured(office, "dose", child="the tall boy of 5b")
    office.push(office.entry(dose))
    ned = str(house.pupils["ned"].id)
    named = captured(
        office,
        "named",
        child="the tall boy of 5b",
        student_id=ned,
        amends_id=str(dose.id),
        amend_reason="Identified by the teacher",
    )
    (receipt,) = office.push(office.entry(named))
    assert (receipt.outcome, receipt.cases, receipt.findings) == (Outcome.APPLIED, (), ())
    there = pulled(office_of(house))
    assert there["capture", str(named.id)]["student_id"] == ned
    assert there["capture", str(dose.id)]["student_id"] is None


def test_a_clock_ten_years_ahead_loses_nothing(house: House) -> None:
    office = office_of(house)
    at = house.parts.clock.now() + timedelta(days=3650)
    dose = captured(office, "dose", happened_at=instant_to_text(at))
    (receipt,) = office.push(office.entry(dose, authored_at=at))
    assert receipt.outcome is Outcome.CASE_OPENED
    assert house.one("SELECT count(*) FROM captures WHERE id = %s", UUID(str(dose.id))) == 1
