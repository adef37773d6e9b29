"""A clinic visit before it is saved, and which of its entries stands (A1, A3)."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.factories import NOON

from wc_contract.model.care_values import VitalSignKind
from wc_contract.model.ids import StudentId
from wc_contract.model.values import Disposition
from wc_contract.model.visits import (
    VisitReason,
    care_text,
    complaint_text,
    read_care,
    read_complaint,
    read_vitals,
    vitals_json,
)
from wc_contract.rules.findings import Severity
from wc_contract.rules.visit import VisitFacts, chain_of, check_visit, read_measure, standing

HERE = VisitFacts(student_id=StudentId(UUID(int=1)), arrived_at=NOON, reason=VisitReason.HEADACHE)
GONE = replace(HERE, left_at=NOON + timedelta(minutes=10), disposition=Disposition.RETURNED_TO_CLASS)
LATER = NOON + timedelta(hours=1)
A, B, C = (UUID(int=number) for number in (1, 2, 3))
TEMPERATURE = VitalSignKind.TEMPERATURE


def stops(facts: VisitFacts) -> list[str]:
    return [
        finding.detail.get("field", finding.code.value)
        for finding in check_visit(facts, LATER)
        if finding.severity is Severity.BLOCK
    ]


@pytest.mark.parametrize("facts", [HERE, GONE], ids=["still here", "gone"])
def test_a_whole_visit_has_nothing_against_it(facts: VisitFacts) -> None:
    assert check_visit(facts, LATER) == ()


@pytest.mark.parametrize(
    ("changes", "fields"),
    [
        ({"student_id": None}, ["student_id"]),
        ({"arrived_at": None}, ["arrived_at"]),
        ({"reason": None}, ["reason"]),
        ({"reason": VisitReason.OTHER, "said": "  "}, ["said"]),
        ({"left_at": None}, ["left_at"]),
        ({"disposition": None}, ["disposition"]),
        ({"disposition": Disposition.SENT_HOME}, ["fetched_by"]),
        ({"left_at": NOON - timedelta(seconds=1)}, ["left_at"]),
        ({"left_at": LATER + timedelta(seconds=1)}, ["left_at"]),
        ({"amends": True}, ["amend_reason"]),
        ({"vitals": {VitalSignKind.SYSTOLIC: "120"}}, ["DIASTOLIC"]),
        ({"vitals": {TEMPERATURE: "70"}}, ["TEMPERATURE"]),
    ],
    ids=[
        "child", "arrival", "reason", "other unsaid", "no time", "no end", "with whom", "left before", "ahead of now",
        "amended without reason", "half a pressure", "no temperature",
    ],
)  # fmt: skip
def test_what_is_missing_or_cannot_be_stands_against_it(changes: dict[str, Any], fields: list[str]) -> None:
    assert stops(replace(GONE, **changes)) == fields


def test_leaving_in_the_minute_of_coming_and_the_present_are_no_faults() -> None:
    assert check_visit(replace(GONE, left_at=NOON), NOON) == ()


@pytest.mark.parametrize(
    ("kind", "typed", "unit"),
    [
        (TEMPERATURE, "101.2", "[degF]"),
        (TEMPERATURE, " 38,4 ", "Cel"),
        (TEMPERATURE, "45", "Cel"),
        (TEMPERATURE, "86", "[degF]"),
        (VitalSignKind.OXYGEN_SATURATION, "100", "%"),
        (VitalSignKind.PAIN, "0", "{score}"),
    ],
    ids=["fahrenheit", "comma", "most Celsius", "least Fahrenheit", "all oxygen", "no pain"],
)
def test_a_measure_is_read_in_the_unit_that_it_can_only_be(kind: VitalSignKind, typed: str, unit: str) -> None:
    reading = read_measure(kind, typed)
    assert reading is not None
    assert reading.scale.unit == unit


@pytest.mark.parametrize(
    ("kind", "typed"),
    [
        (TEMPERATURE, "45.1"),
        (TEMPERATURE, "85.9"),
        (TEMPERATURE, "38.45"),
        (TEMPERATURE, "warm"),
        (VitalSignKind.PULSE, "80.5"),
        (VitalSignKind.OXYGEN_SATURATION, "101"),
        (VitalSignKind.PAIN, "-1"),
        (VitalSignKind.PULSE, "NaN"),
        (VitalSignKind.PULSE, "Infinity"),
        (VitalSignKind.HEIGHT, "120"),
    ],
    ids=["above", "below", "too fine", "word", "half a beat", "over all", "negative", "nan", "infinite", "not here"],
)
def test_what_cannot_be_does_not_read(kind: VitalSignKind, typed: str) -> None:
    assert read_measure(kind, typed) is None


def test_an_unusual_measure_is_told_and_stops_nobody() -> None:
    found = check_visit(replace(HERE, vitals={TEMPERATURE: "103"}), LATER)
    assert [(finding.code.value, finding.severity) for finding in found] == [("measure_unusual", Severity.WARN)]


@pytest.mark.parametrize(
    ("amends", "stands"),
    [
        ({}, set()),
        ({A: None}, {A}),
        ({A: None, B: A, C: B}, {C}),
        ({A: None, B: A, C: A}, {B, C}),
        ({B: A}, {B}),
        ({A: B, B: A, C: None}, {A, B, C}),
    ],
    ids=["none", "one", "chain", "twice (A3)", "the first is elsewhere", "ring"],
)
def test_what_nothing_amends_stands(amends: dict[UUID, UUID | None], stands: set[UUID]) -> None:
    assert standing(amends) == stands


def test_a_chain_goes_back_to_the_first_and_ends_in_a_ring() -> None:
    assert chain_of(C, {A: None, B: A, C: B}) == (C, B, A)
    assert chain_of(B, {B: A}) == (B,)
    assert chain_of(A, {A: B, B: A}) == (A, B)


@given(st.sampled_from(VisitReason), st.text())
def test_a_complaint_reads_back_as_it_was_written(reason: VisitReason, said: str) -> None:
    assert read_complaint(complaint_text(reason, said)) == (reason, said.strip())


def test_a_complaint_from_elsewhere_is_words() -> None:
    assert read_complaint("Fell: knee hurts") == (None, "Fell: knee hurts")


@given(st.text(), st.text(alphabet=st.characters(exclude_categories=("C", "Z")), min_size=1))
def test_care_and_who_came_read_back(care: str, who: str) -> None:
    assert read_care(care_text(care, who)) == (care.strip(), who)


def test_measures_read_back_and_what_is_unknown_is_left_out() -> None:
    assert read_vitals(vitals_json({TEMPERATURE: "38.4"})) == {TEMPERATURE: "38.4"}
    assert vitals_json({}) is None
    assert read_vitals('{"AURA":"7","PULSE":80}') == {}
    assert [read_vitals(text) for text in (None, "", "[]", "{")] == [{}] * 4
