"""Incident reports before the signature and on arrival (I1-I3, I6, I7)."""

from datetime import date, timedelta
from typing import Any

import pytest
from tests.factories import CHICAGO, MARKER, NOON, incident_signed, local

from wc_contract.model.changes import ContactAttempt
from wc_contract.model.values import Disposition, IncidentType, MedicationErrorType
from wc_contract.rules.findings import Code, Severity
from wc_contract.rules.incident import IncidentFacts, check_before_signing, check_incident_on_arrival

SIGNING = NOON + timedelta(minutes=10)
ERROR: dict[str, Any] = {
    "type": IncidentType.MEDICATION_ERROR,
    "med_error_type": MedicationErrorType.WRONG_DOSE,
    "ncc_merp": "C",
}
HEAD: dict[str, Any] = {"type": IncidentType.HEAD_INJURY, "body_regions": ("head",)}


def codes(**values: Any) -> list[Code]:
    facts = IncidentFacts.from_change(incident_signed(**values))
    return [f.code for f in check_before_signing(facts, SIGNING, CHICAGO)]


def missing(facts: IncidentFacts) -> set[str]:
    found = check_before_signing(facts, SIGNING, CHICAGO)
    assert all(f.severity is Severity.BLOCK for f in found if f.code is Code.FIELD_MISSING)
    return {f.detail["field"] for f in found if f.code is Code.FIELD_MISSING}


def test_a_complete_report_can_be_signed() -> None:
    assert codes() == []


def test_an_empty_draft_names_every_hole() -> None:
    assert missing(IncidentFacts(type=None)) == {"type", "occurred_at", "location", "narrative", "disposition"}
    bite = IncidentFacts(type=IncidentType.BITE, location=" ", narrative="\n", body_regions=("",))
    assert missing(bite) == {
        "occurred_at", "location", "narrative", "disposition", "student_id", "body_regions", "care_given",
    }  # fmt: skip


def test_a_near_miss_needs_no_child_and_no_body_region() -> None:
    assert codes(type=IncidentType.NEAR_MISS, student_id=None, body_regions=(), care_given="") == []
    assert codes(type=IncidentType.INJURY, student_id=None) == [Code.FIELD_MISSING]


def test_nothing_can_have_happened_in_the_future() -> None:
    assert codes(occurred_at=SIGNING, notifications=()) == []
    assert codes(occurred_at=SIGNING + timedelta(milliseconds=1), notifications=()) == [Code.FUTURE_TIME]


def test_a_contact_is_made_after_the_event_and_before_the_signature() -> None:
    def attempt(minutes: int) -> tuple[ContactAttempt, ...]:
        at = NOON + timedelta(minutes=minutes)
        return (ContactAttempt(person="Parent", method="phone", at=at, outcome="no answer"),)

    assert codes(notifications=attempt(11)) == [Code.FUTURE_TIME]
    assert codes(notifications=attempt(-1)) == [Code.CONTACT_BEFORE_EVENT]
    assert codes(notifications=attempt(0)) == []


def test_follow_up_is_never_before_the_school_s_day_of_the_event() -> None:
    assert codes(follow_up_due=date(2026, 11, 22)) == [Code.FOLLOW_UP_BEFORE_EVENT]
    assert codes(follow_up_due=date(2026, 11, 23)) == []
    evening = incident_signed(occurred_at=local("23:30"), follow_up_due=date(2026, 11, 23), notifications=())
    found = check_before_signing(IncidentFacts.from_change(evening), local("23:45"), CHICAGO)
    assert found == ()


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (ERROR, []),
        ({**ERROR, "ncc_merp": None}, [Code.NCC_MERP_MISSING]),
        ({**ERROR, "med_error_type": None}, [Code.ERROR_TYPE_MISSING]),
        ({**ERROR, "ncc_merp": "J"}, [Code.NCC_MERP_UNKNOWN]),
        ({**ERROR, "ncc_merp": "AB"}, [Code.NCC_MERP_UNKNOWN]),
        ({**ERROR, "ncc_merp": "B"}, []),
        ({**ERROR, "med_error_type": MedicationErrorType.OMISSION, "ncc_merp": "B"}, [Code.OMISSION_NEVER_B]),
        ({**ERROR, "med_error_type": MedicationErrorType.OMISSION}, []),
        ({"ncc_merp": "C"}, [Code.NCC_MERP_NOT_APPLICABLE]),
        ({"med_error_type": MedicationErrorType.WRONG_DOSE}, [Code.ERROR_TYPE_NOT_APPLICABLE]),
    ],
)
def test_a_medication_error_and_only_one_has_type_and_category_and_an_omission_is_never_b(
    values: dict[str, Any], expected: list[Code]
) -> None:
    assert codes(**values) == expected


def test_a_head_injury_owes_checks_and_a_call_unless_the_ambulance_took_the_child() -> None:
    assert codes(**HEAD) == [Code.HEAD_INJURY_CHECKS_DUE]
    assert codes(**HEAD, disposition=Disposition.EMS) == []
    assert codes(**HEAD, notifications=()) == [Code.FIELD_MISSING, Code.HEAD_INJURY_CHECKS_DUE]


def test_a_signed_report_is_kept_and_flagged_whatever_it_lacks() -> None:
    found = check_incident_on_arrival(incident_signed(location="", follow_up_due=date(2020, 1, 1)), CHICAGO)
    assert {f.code: f.severity for f in found} == {
        Code.FIELD_MISSING: Severity.WARN,
        Code.FOLLOW_UP_BEFORE_EVENT: Severity.WARN,
    }
    assert check_incident_on_arrival(incident_signed(), CHICAGO) == ()


def test_no_text_of_a_report_shows_in_a_log() -> None:
    report = incident_signed(
        location=MARKER, activity=MARKER, narrative=MARKER, body_regions=(MARKER,), injury_kind=MARKER,
        care_given=MARKER, notifications=(ContactAttempt(person=MARKER, method="phone", at=NOON, outcome=MARKER),),
    )  # fmt: skip
    facts = IncidentFacts.from_change(report)
    assert MARKER not in repr(report) + repr(facts) + repr(check_before_signing(facts, SIGNING, CHICAGO))
