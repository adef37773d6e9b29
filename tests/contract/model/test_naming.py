"""What a change names, by the declarations of the kinds: so that an entry says what it builds on."""

from tests.factories import access_recorded, dose_logged, named

from wc_contract.model.changes import RecordAdded, RecordChanged
from wc_contract.model.kinds import CLINIC_VISIT, ORDER, ORDER_VERSION, STUDENT
from wc_contract.model.naming import named_by

VISIT, CHILD = named("visit"), named("child")


def test_a_dose_names_its_order_and_a_look_names_nothing() -> None:
    dose = dose_logged()
    assert list(named_by(dose)) == [(ORDER, str(dose.order_id)), (ORDER_VERSION, str(dose.order_version_id))]
    assert list(named_by(access_recorded())) == []


def test_a_record_names_what_its_fields_refer_to_as_far_as_replicas_hold_it() -> None:
    sign = RecordAdded(
        kind="vital_sign",
        id=named("sign"),
        values={"student_id": str(CHILD), "visit_id": str(VISIT), "kind": "PULSE", "unit": None},
    )
    assert set(named_by(sign)) == {(STUDENT, str(CHILD)), (CLINIC_VISIT, str(VISIT))}
    moved = RecordChanged(
        kind="allergy",
        id=named("allergy"),
        base_version=1,
        base={"student_id": str(VISIT), "reaction": "Hives"},
        values={"reaction": "Rash", "student_id": None},
    )
    assert list(named_by(moved)) == []
