"""What a workstation may write follows from the declaration; the rest is named and kept out."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.contract.merge.test_policies import ALLERGY, CONTACT, ORDER
from tests.factories import MARKER
from tests.strategies import additions, changes_of

from wc_contract.model.authoring import ADDABLE, CHANGEABLE, authored_fields, flaws_of_addition, flaws_of_change
from wc_contract.model.changes import RecordAdded, RecordChanged
from wc_contract.model.kinds import BY_NAME, KINDS, MergePolicy, Scope

VISIT: dict[str, Any] = {
    "student_id": "0190b7c8-5a2e-7c31-9a44-000000000002",
    "arrived_at": "2026-11-23T17:42:00+00:00",
    "is_confidential": False,
}


def test_what_only_the_district_says_is_written_by_no_workstation() -> None:
    for kind in KINDS:
        if kind.merge is MergePolicy.SERVER_ONLY or kind.scope is Scope.DISTRICT:
            assert kind.name not in ADDABLE | CHANGEABLE
        if kind.merge in {MergePolicy.INSERT_ONLY, MergePolicy.MOVEMENTS}:
            assert kind.name not in CHANGEABLE, "a fact is amended by another one"
    assert {"clinic_visit", "allergy", "emergency_contact", "ledger_entry", "incident_addendum", "order"} <= ADDABLE
    assert not {"dose", "incident", "inventory_item", "student", "review_case"} & ADDABLE


def test_who_wrote_it_and_where_is_never_said_by_the_author() -> None:
    assert not {"author_user_id", "entry_id", "device_id", "recorded_at", "flags"} & set(
        authored_fields("clinic_visit")
    )
    assert {"amends_id", "amend_reason"} <= set(authored_fields("clinic_visit"))
    assert "made_by" not in authored_fields("notification")
    assert not {"added_by", "added_at"} & set(authored_fields("document"))
    assert flaws_of_addition("clinic_visit", {**VISIT, "author_user_id": VISIT["student_id"]}) == ("unknown",)


@given(st.sampled_from(sorted(ADDABLE)).flatmap(additions))
def test_a_record_as_declared_has_no_flaw(added: RecordAdded) -> None:
    assert flaws_of_addition(added.kind, added.values) == ()
    for one in BY_NAME[added.kind].fields:
        if one.required and one.name in added.values:
            without = {name: value for name, value in added.values.items() if name != one.name}
            assert flaws_of_addition(added.kind, without) == (one.name,)


@given(st.sampled_from(sorted(CHANGEABLE)).flatmap(changes_of))
def test_a_change_as_declared_has_no_flaw(changed: RecordChanged) -> None:
    assert flaws_of_change(changed.kind, changed.base, changed.values) == ()
    assert "values" in flaws_of_change(changed.kind, changed.base, {})
    assert "base" in flaws_of_change(changed.kind, {}, changed.values)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("student_id", "0190B7C8-5A2E-7C31-9A44-000000000002"),
        ("student_id", MARKER),
        ("arrived_at", "2026-11-23T17:42:00"),
        ("arrived_at", "2026-11-23T17:42:00Z"),
        ("arrived_at", "2026-11-23T11:42:00-06:00"),
        ("arrived_at", "0001-01-01T00:00:00+00:00"),
        ("arrived_at", None),
        ("is_confidential", 0),
        ("is_confidential", "false"),
        ("disposition", MARKER),
        ("vitals", "{" + MARKER),
        ("vitals", "[" * 100_000),
        ("vitals", '"\\u0000"'),
        ("vitals", '{"pulse":NaN}'),
        ("vitals", '["\\ud83d"]'),
        ("complaint", "x" * 20_001),
        ("complaint", f"{MARKER}\0"),
        ("complaint", 7),
    ],
)
def test_a_value_that_does_not_fit_is_named_and_not_told(field: str, value: Any) -> None:
    assert flaws_of_addition("clinic_visit", {**VISIT, field: value}) == (field,)


def test_a_field_that_there_is_not_may_have_any_name_and_is_not_told() -> None:
    assert flaws_of_addition("clinic_visit", {**VISIT, MARKER: 1}) == ("unknown",)
    assert flaws_of_addition("unheard_of", {}) == ("kind",)
    assert flaws_of_addition("student", {}) == flaws_of_change("dose", {}, {}) == ("kind",)


def test_text_that_must_be_there_is_not_blank_and_a_decimal_has_one_form() -> None:
    contact = {name: CONTACT[name] for name in authored_fields("emergency_contact")}
    assert flaws_of_addition("emergency_contact", contact | {"name": "  "}) == ("name",)
    reading = {"student_id": VISIT["student_id"], "kind": "TEMPERATURE", "measured_at": VISIT["arrived_at"],
               "value": "37.2", "unit": "Cel"}  # fmt: skip
    assert flaws_of_addition("vital_sign", reading) == ()
    for typed in ("37.20", "3.72E1", "NaN", "1" * 17, "+37.2"):
        assert flaws_of_addition("vital_sign", reading | {"value": typed}) == ("value",)


def test_what_was_seen_may_stand_in_any_form_but_must_be_whole() -> None:
    seen = {name: value for name, value in ALLERGY.items() if name not in {"id", "row_version"}}
    later = {"verified_on": "2026-11-23"}
    assert flaws_of_change("allergy", {"verified_on": None}, later) == ()
    assert flaws_of_change("allergy", {"allergen": "x"}, {"allergen": "y"}) == ("base",)
    whole = {one.name: ORDER[one.name] for one in BY_NAME["order"].fields}
    assert flaws_of_change("order", whole | {"stop_effective_at": "2026-11-23T17:42:00.123456+00:00"}, later) == (
        "unknown",
    )
    assert flaws_of_change("order", whole, {"status": "DISCONTINUED"}) == ()
    assert flaws_of_change("order", whole, {"status": None}) == ("status",)
    assert flaws_of_change("order", seen, {"status": "DISCONTINUED"}) != ()
