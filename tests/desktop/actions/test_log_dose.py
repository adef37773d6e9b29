"""Recording a dose: the rules speak first, then one durable entry."""

import json
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from tests.desktop.clinic import (
    NOON,
    NURSE,
    PASSWORD,
    Clinic,
    add_order,
    add_student,
    small_school,
    staff_and_medicines,
)

from wc_contract.model.ids import UserId
from wc_contract.model.kinds import DOSE
from wc_contract.model.quantity import Quantity
from wc_contract.model.values import DoseState
from wc_contract.rules.findings import Severity
from wc_desktop.actions.desk import Desk
from wc_desktop.actions.log_dose import log_dose, plan_dose
from wc_desktop.actions.med_pass import due_list
from wc_desktop.actions.unlock import unlock
from wc_desktop.domain.failures import NotAllowed, NotFound, ReasonMissing
from wc_desktop.domain.screens import DoseDraft, DoseSaved, DueRow, DueStatus


def row_of(desk: Desk, first_name: str) -> DueRow:
    return next(row for row in due_list(desk, desk.clock.now()).rows if row.student.first_name == first_name)


def draft(desk: Desk, first_name: str, status: DoseState = DoseState.ADMINISTERED) -> DoseDraft:
    return DoseDraft(key=row_of(desk, first_name).key, status=status, administered_at=desk.clock.now())


def give(desk: Desk, first_name: str, **changed: object) -> DoseSaved:
    return log_dose(desk, replace(draft(desk, first_name), **changed))  # type: ignore[arg-type]


def entries(desk: Desk) -> int:
    return desk.journal.newest(1)[0].number


def test_a_clean_dose_has_nothing_that_stops(desk: Desk) -> None:
    plan = plan_dose(desk, row_of(desk, "Sofia").key, DoseState.ADMINISTERED, NOON)
    assert all(finding.severity is not Severity.BLOCK for finding in plan.findings)


def test_planning_writes_nothing(desk: Desk) -> None:
    before = entries(desk)
    plan_dose(desk, row_of(desk, "Omar").key, DoseState.ADMINISTERED, NOON)
    assert entries(desk) == before


def test_an_allergy_stops_until_a_reason_is_given_and_the_reason_travels(desk: Desk) -> None:
    plan = plan_dose(desk, row_of(desk, "Omar").key, DoseState.ADMINISTERED, NOON)
    assert [f.code.value for f in plan.findings if f.severity is Severity.BLOCK] == ["allergy_match"]
    before = entries(desk)
    with pytest.raises(ReasonMissing) as asked:
        give(desk, "Omar")
    assert asked.value.codes == ("allergy_match",)
    assert entries(desk) == before
    give(desk, "Omar", override_reason="Tolerated last spring; Dr. Vance by phone")
    stored = next(r for r in desk.records.every(DOSE) if r["student_id"] == str(row_of(desk, "Omar").student.id))
    assert json.loads(str(stored["overrides"])) == [
        {"code": "allergy_match", "reason": "Tolerated last spring; Dr. Vance by phone"}
    ]
    assert json.loads(str(stored["flags"])) == ["allergy_match"]


def test_blanks_are_no_reason(desk: Desk) -> None:
    with pytest.raises(ReasonMissing):
        give(desk, "Omar", override_reason="   ")


def test_a_refusal_needs_its_own_reason(desk: Desk) -> None:
    refused = draft(desk, "Sofia", DoseState.REFUSED)
    with pytest.raises(ReasonMissing) as asked:
        log_dose(desk, refused)
    assert asked.value.codes == ("reason_missing",)
    saved = log_dose(desk, replace(refused, reason="Spat it out"))
    assert saved.row.status is DueStatus.DONE
    assert saved.row.answers[0].quantity is None


def test_a_partial_dose_keeps_the_amount_that_went_in(desk: Desk) -> None:
    half = replace(
        draft(desk, "Sofia", DoseState.PARTIAL),
        reason="Dropped half",
        quantity=Quantity(amount=Decimal("2.5"), unit="mg"),
    )
    saved = log_dose(desk, half)
    assert saved.row.answers[0].quantity == Quantity(amount=Decimal("2.5"), unit="mg")


def test_an_early_dose_stops_and_can_be_overridden_by_a_nurse(clinic: Clinic, desk: Desk) -> None:
    clinic.clock.at = NOON - timedelta(hours=1)
    with pytest.raises(ReasonMissing) as asked:
        give(desk, "Sofia")
    assert "too_early" in asked.value.codes
    assert give(desk, "Sofia", override_reason="Field trip").row.status is DueStatus.DONE


def test_a_dose_in_the_future_is_not_written(desk: Desk) -> None:
    before = entries(desk)
    with pytest.raises(NotAllowed) as refused:
        give(desk, "Sofia", administered_at=NOON + timedelta(minutes=10))
    assert refused.value.codes == ("future_time",)
    assert entries(desk) == before


def test_a_second_dose_of_one_slot_stops(desk: Desk) -> None:
    give(desk, "Sofia")
    with pytest.raises(ReasonMissing) as asked:
        give(desk, "Sofia")
    assert "possible_double_dose" in asked.value.codes
    saved = give(desk, "Sofia", override_reason="First one was vomited")
    assert saved.row.status is DueStatus.DOUBLE
    assert len(saved.row.answers) == 2


def test_an_expired_authorisation_stops_a_scheduled_drug_but_not_a_rescue_one(clinic: Clinic) -> None:
    rows = staff_and_medicines()
    for name, drug in (("lee", "methylphenidate"), ("rae", "albuterol")):
        add_student(rows, name, name.title(), "Okafor", born="2016-01-30", grade="4", room="7")
        add_order(rows, f"{name}-o", student=name, medication=drug, times=["11:50"], parent_to="2026-11-01")
    desk = clinic.opened(rows)
    with pytest.raises(ReasonMissing):
        give(desk, "Lee")
    assert give(desk, "Rae").row.status is DueStatus.DONE
    desk.close()


def test_a_slot_that_the_day_has_not_is_not_found(desk: Desk) -> None:
    with pytest.raises(NotFound):
        log_dose(desk, DoseDraft(key="none", status=DoseState.ADMINISTERED, administered_at=NOON))


def test_a_dose_says_what_the_nurse_could_have_known(clinic: Clinic, desk: Desk) -> None:
    clinic.clock.forward(timedelta(minutes=2))
    give(desk, "Sofia")
    stored = desk.records.every(DOSE)[0]
    assert stored["replica_as_of"] == NOON.isoformat()
    assert stored["recorded_tz"] == "America/Chicago"
    assert stored["local_date"] == "2026-11-23"


def test_errors_tell_nothing_of_the_child(desk: Desk) -> None:
    with pytest.raises(ReasonMissing) as asked:
        give(desk, "Omar")
    told = repr(asked.value) + str(asked.value)
    assert "Omar" not in told
    assert "Penicillin" not in told


def test_a_killed_program_keeps_the_dose(clinic: Clinic) -> None:
    # No close, no lock: as a power cut would leave it.
    desk = clinic.opened(small_school())
    give(desk, "Sofia")
    desk.records._connection.close()  # type: ignore[attr-defined]  # the process would have let go of its locks
    desk.journal._connection.close()  # type: ignore[attr-defined]
    again = unlock(clinic.station(), UserId(NURSE), PASSWORD)
    assert row_of(again, "Sofia").status is DueStatus.DONE
    again.close()
