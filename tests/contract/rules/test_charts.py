"""Two charts of one child read together (S4): what neither of them showed alone, whatever the order of reading."""

import random
from datetime import timedelta

import pytest
from tests.contract.rules.facts_of import dose, prn_version, version
from tests.factories import MEDICATION, NOON, ORDER, STUDENT, named

from wc_contract.model.ids import OrderId, StudentId, child_case_id, order_version_id
from wc_contract.model.instants import instant_to_text
from wc_contract.model.kinds import ALLERGY, DOSE, MEDICATION_CONTAINER
from wc_contract.rules.charts import Charts, cases_across, goes_on_in
from wc_contract.rules.facts import DoseFacts, OrderVersionFacts
from wc_contract.rules.findings import Code

GONE, OTHER = StudentId(named("the second chart")), OrderId(named("order in the second chart"))


def charts(first: OrderVersionFacts | None = None, second: OrderVersionFacts | None = None) -> Charts:
    return Charts(
        kept={GONE: STUDENT},
        origin={ORDER: STUDENT, OTHER: GONE},
        versions={
            ORDER: (first or version(),),
            OTHER: (second or version(order_id=str(OTHER), id=str(order_version_id(OTHER, 1))),),
        },
    )


def given(order: OrderId, minutes: int, **values: object) -> DoseFacts:
    student = STUDENT if order == ORDER else GONE
    at = instant_to_text(NOON + timedelta(minutes=minutes))
    return dose(**({"student_id": str(student), "order_id": str(order), "administered_at": at} | values))


def kinds(*doses: DoseFacts, of: Charts | None = None) -> dict[str, int]:
    return {case.kind: len(case.subject_ids) for case in cases_across(doses, of or charts())}


@pytest.mark.parametrize(("minutes", "seen"), [(0, True), (60, True), (61, False), (-60, True), (-61, False)])
def test_the_same_drug_from_both_charts_within_an_hour_may_be_a_double_dose(minutes: int, *, seen: bool) -> None:
    assert kinds(given(ORDER, 0), given(OTHER, minutes)) == ({"possible_double_dose": 2} if seen else {})


def test_it_is_one_case_a_child_and_drug_and_the_chart_that_goes_on_has_it() -> None:
    pairs = [given(order, day * 1440) for day in range(3) for order in (ORDER, OTHER)]
    (case,) = cases_across(pairs, charts())
    assert case.id == child_case_id(STUDENT, MEDICATION, Code.POSSIBLE_DOUBLE_DOSE.value)
    assert (case.student_id, set(case.subject_ids)) == (STUDENT, {one.id for one in pairs})


@pytest.mark.parametrize("status", ["REFUSED", "WASTED", "ABSENT", "ENTERED_IN_ERROR"])
def test_what_did_not_go_in_doubles_nothing(status: str) -> None:
    assert kinds(given(ORDER, 0), given(OTHER, 0, status=status)) == {}


def test_one_chart_alone_and_another_drug_are_none_of_its_business() -> None:
    assert kinds(given(ORDER, 0), given(ORDER, 5)) == {}
    assert kinds(given(ORDER, 0), given(OTHER, 0, medication_id=str(named("another drug")))) == {}


def test_an_amended_dose_no_longer_counts() -> None:
    first, second = given(ORDER, 0), given(OTHER, 0)
    mended = given(OTHER, 0, status="ENTERED_IN_ERROR", amends_id=str(second.id))
    assert kinds(first, second, mended) == {}


def test_an_interval_is_judged_over_both_charts_but_not_what_one_chart_showed_itself() -> None:
    both = charts(
        prn_version(min_interval_minutes=240, max_doses=None),
        prn_version(order_id=str(OTHER), id=str(order_version_id(OTHER, 1)), min_interval_minutes=240, max_doses=None),
    )
    assert kinds(given(ORDER, 0), given(OTHER, 239), of=both) == {"too_soon": 1}
    assert kinds(given(ORDER, 0), given(OTHER, 240), of=both) == {}
    assert kinds(given(ORDER, 0), given(ORDER, 200), given(OTHER, 1000), of=both) == {}


def test_a_maximum_is_counted_over_both_charts() -> None:
    both = charts(
        prn_version(min_interval_minutes=None, max_doses=2),
        prn_version(order_id=str(OTHER), id=str(order_version_id(OTHER, 1)), min_interval_minutes=None, max_doses=2),
    )
    assert kinds(given(ORDER, 0), given(OTHER, 120), given(ORDER, 240), of=both) == {"over_maximum": 1}


def test_the_order_of_reading_changes_nothing() -> None:
    doses = [given(order, minutes) for order in (ORDER, OTHER) for minutes in (0, 45, 90, 400)]
    first = list(cases_across(doses, charts()))
    chance = random.Random(7)  # a shuffle that repeats
    assert len(first[0].subject_ids) == 8
    for _ in range(20):
        chance.shuffle(doses)
        assert list(cases_across(doses, charts())) == first


def test_state_written_for_the_chart_that_went_goes_on_in_the_other_and_a_log_does_not() -> None:
    said = {"id": "x", "student_id": str(GONE)}
    assert goes_on_in(ALLERGY, said, charts())["student_id"] == str(STUDENT)
    assert goes_on_in(DOSE, said, charts()) == said
    assert goes_on_in(ALLERGY, {"student_id": str(STUDENT)}, charts()) == {"student_id": str(STUDENT)}
    assert goes_on_in(MEDICATION_CONTAINER, {"student_id": None}, charts()) == {"student_id": None}
