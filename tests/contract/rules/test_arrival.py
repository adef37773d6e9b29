"""On arrival everything is kept: flags, cases, and the same ones in whatever order entries come (O5, X1-X5, A4)."""

from collections.abc import Iterable, Sequence
from cProfile import Profile
from datetime import timedelta
from decimal import Decimal
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.contract.rules.facts_of import allergy, book, dose, medication, order, prn_book, prn_version, version
from tests.factories import (
    DEVICE_A,
    DEVICE_B,
    NOON,
    ORDER,
    SCHOOL_DAY,
    dose_logged,
    entry_of,
    local,
    named,
    noon_slot,
)

from wc_contract.model.changes import DoseLogged, Entry, Override, SlotRef
from wc_contract.model.ids import DoseId, OrderId, SlotId, entry_case_id, order_version_id, slot_case_id, slot_id
from wc_contract.model.instants import instant_to_text
from wc_contract.model.values import DoseState
from wc_contract.rules.arrival import Evaluation, check_on_arrival, evaluate
from wc_contract.rules.book import FactBook
from wc_contract.rules.facts import DoseFacts
from wc_contract.rules.findings import Code, Finding, Severity

Arrival = tuple[Entry, DoseLogged]
STOP = "2026-11-23T18:00:00+00:00"
HOUR = timedelta(hours=1)


def arriving(of: FactBook | None = None, at: dict[str, Any] | None = None, **values: Any) -> tuple[Finding, ...]:
    logged = dose_logged(**values)
    return check_on_arrival(entry_of(logged, **(at or {})), logged, of or book())


def severities(findings: Iterable[Finding]) -> dict[Code, Severity]:
    return {f.code: f.severity for f in findings}


def test_an_ordinary_dose_arrives_without_a_word() -> None:
    assert arriving() == ()


def test_nothing_blocks_on_arrival_however_bad_it_is() -> None:
    worst = book(orders=(order(status="DRAFT", verified_by=None, parent_auth_from=None, order_signed_on=None),))
    found = arriving(worst, student_id=named("other"), medication_id=named("other drug"), dose_given=None, unit=None)
    assert len(found) >= 6
    assert {f.severity for f in found} <= {Severity.REVIEW, Severity.WARN}


def test_an_order_unknown_here_opens_a_case_and_refuses_nothing() -> None:
    found = arriving(order_id=OrderId(named("nobody's order")))
    assert severities(found) == {Code.ORDER_UNKNOWN: Severity.REVIEW}
    without = arriving(book(versions=()))
    assert severities(without) == {Code.VERSION_UNKNOWN: Severity.REVIEW}


@pytest.mark.parametrize("hours_late", [0, 24 * 90])
def test_a_dose_before_the_stop_is_clean_however_late_it_arrives(hours_late: int) -> None:
    stopped = book(orders=(order(status="DISCONTINUED", stop_effective_at=STOP),))
    recorded = {"authored_at": local("11:59:59"), "replica_as_of": NOON - hours_late * HOUR}
    assert arriving(stopped, recorded, administered_at=local("11:59:59")) == ()


def test_a_dose_at_the_stop_is_reviewed_and_says_whether_the_nurse_could_have_known() -> None:
    stopped = book(orders=(order(status="DISCONTINUED", stop_effective_at=STOP, changed_at=NOON - HOUR),))
    (stale,) = arriving(stopped, {"replica_as_of": NOON - 2 * HOUR})
    assert (stale.code, stale.severity, stale.detail["attribution"]) == (
        Code.AFTER_STOP, Severity.REVIEW, "stale_data",
    )  # fmt: skip
    (seen,) = arriving(stopped, {"replica_as_of": NOON})
    assert seen.detail["attribution"] == "seen"
    later = book(orders=(order(status="DISCONTINUED", stop_effective_at=STOP, changed_at=NOON + HOUR),))
    (retroactive,) = arriving(later, {"replica_as_of": NOON})
    assert retroactive.detail["attribution"] == "retroactive"


def test_an_allergy_is_judged_for_the_child_who_swallowed_it() -> None:
    amoxicillin = medication(ingredients='[{"code":"723","classes":["penicillins"]}]')
    of = book(medications=(amoxicillin,), allergies=(allergy(),))
    assert severities(arriving(of)) == {Code.ALLERGY_MATCH: Severity.REVIEW}
    assert arriving(of, status=DoseState.REFUSED, reason="no") == ()
    assert arriving(book(medications=(), allergies=(allergy(),))) == ()


def test_a_late_entry_is_flagged_needs_a_reason_and_after_a_week_a_supervisor() -> None:
    late = {"authored_at": NOON + timedelta(minutes=16)}
    assert severities(arriving(None, late)) == {Code.LATE_ENTRY: Severity.WARN, Code.REASON_MISSING: Severity.WARN}
    assert severities(arriving(None, late, reason="fire drill")) == {Code.LATE_ENTRY: Severity.WARN}
    said = (Override(code="late_entry", reason="fire drill"),)
    assert severities(arriving(None, late, overrides=said)) == {Code.LATE_ENTRY: Severity.WARN}
    blank = (Override(code="late_entry", reason=" "), Override(code="late", reason="x"))
    assert Code.REASON_MISSING in severities(arriving(None, late, overrides=blank))
    weeks = {"authored_at": NOON + timedelta(days=7, seconds=1)}
    assert severities(arriving(None, weeks, reason="paper"))[Code.LATE_ENTRY_OVER_LIMIT] is Severity.REVIEW


def test_a_suspect_clock_is_flagged_and_changes_nothing_else() -> None:
    assert severities(arriving(None, {"clock_offset_ms": 601_000})) == {Code.CLOCK_SUSPECT: Severity.WARN}
    assert severities(arriving(None, {"clock_offset_ms": 121_000})) == {Code.CLOCK_DRIFT: Severity.INFO}


def test_neighbours_tell_of_a_double_dose_and_of_an_interval() -> None:
    logged = dose_logged()
    found = check_on_arrival(entry_of(logged, device_id=DEVICE_B), logged, book(), [dose()])
    assert severities(found) == {Code.POSSIBLE_DOUBLE_DOSE: Severity.REVIEW}
    again = dose_logged(slot=None, reason="pain")
    earlier = dose(slot_id=None, administered_at=instant_to_text(NOON - HOUR))
    found = check_on_arrival(entry_of(again), again, prn_book(), [earlier])
    assert severities(found) == {Code.TOO_SOON: Severity.REVIEW}
    alone = dose_logged()
    assert check_on_arrival(entry_of(alone), alone, book(), [dose(slot_id=str(named("another slot")))]) == ()


def test_two_devices_in_one_slot_flag_both_doses_and_open_one_case() -> None:
    known = dose(device_id=str(DEVICE_A), flags='["late"]')
    logged = dose_logged()
    result = evaluate([(entry_of(logged, device_id=DEVICE_B), logged)], [known], book())
    assert result.flags == {
        logged.id: ("possible_double_dose",),
        known.id: ("late", "possible_double_dose"),
    }
    (case,) = result.cases
    assert case.id == slot_case_id(noon_slot().id)
    assert set(case.subject_ids) == {known.id, logged.id}


def test_a_retry_of_a_known_dose_applies_once() -> None:
    logged = dose_logged()
    brought = entry_of(logged)
    known = DoseFacts.from_change(brought, logged)
    assert evaluate([(brought, logged)] * 50, [known], book()) == Evaluation(findings={}, flags={}, cases=())
    assert evaluate([(brought, logged)] * 50, [], book()).flags == {logged.id: ()}


def test_an_earlier_dose_that_arrives_late_flags_the_one_known_before_it() -> None:
    known = dose(slot_id=None, administered_at=instant_to_text(NOON))
    logged = dose_logged(slot=None, reason="pain", administered_at=NOON - HOUR)
    result = evaluate([(entry_of(logged), logged)], [known], prn_book())
    assert result.flags == {logged.id: (), known.id: ("too_soon",)}
    (case,) = result.cases
    assert (case.id, case.subject_ids) == (entry_case_id(known.entry_id, "too_soon"), (known.id,))


def test_a_voided_double_clears_the_flag_and_asks_for_no_case() -> None:
    wrong = dose(flags='["possible_double_dose"]')
    right = dose(flags='["possible_double_dose"]', device_id=str(DEVICE_B))
    void = dose_logged(status=DoseState.ENTERED_IN_ERROR, amends_id=wrong.id, amend_reason="Twice", reason="Twice")
    result = evaluate([(entry_of(void), void)], [wrong, right], book())
    assert result.cases == ()
    assert result.flags == {wrong.id: (), right.id: (), void.id: ()}


def test_a_slot_that_nothing_new_touches_keeps_its_flags() -> None:
    # What amends a dose of the order is known wherever it is; the dose beside it in its own slot is not.
    corrected = dose(flags='["possible_double_dose"]', amends_id=str(named("refused before")))
    logged = dose_logged(slot=noon_slot(day=SCHOOL_DAY + timedelta(days=1)), administered_at=NOON + timedelta(days=1))
    result = evaluate([(entry_of(logged), logged)], [corrected], book())
    assert result.flags == {logged.id: ()}


def test_two_doses_of_one_entry_at_fault_share_a_case() -> None:
    stopped = book(orders=(order(status="DISCONTINUED", stop_effective_at="2026-11-22T18:00:00+00:00"),))
    first, second = dose_logged(), dose_logged(slot=noon_slot(day=SCHOOL_DAY + timedelta(days=1)))
    brought = entry_of(first, second)
    cases = {c.kind: c for c in evaluate([(brought, first), (brought, second)], [], stopped).cases}
    assert cases["after_stop"].id == entry_case_id(brought.id, "after_stop")
    assert cases["after_stop"].subject_ids == tuple(sorted((first.id, second.id)))


def test_information_is_shown_and_not_stored() -> None:
    logged = dose_logged()
    result = evaluate([(entry_of(logged, clock_offset_ms=121_000), logged)], [], book())
    assert [f.code for f in result.findings[logged.id]] == [Code.CLOCK_DRIFT]
    assert result.flags[logged.id] == ()


# --- properties -----------------------------------------------------------------------------------------------

PRN = OrderId(named("prn order"))
MIXED = book(
    orders=(order(), order(id=str(PRN), kind="PRN")),
    versions=(version(), prn_version(order_id=str(PRN), max_doses=2)),
)


@st.composite
def arrivals(draw: st.DrawFn) -> list[Arrival]:
    made: list[Arrival] = []
    seqs = {DEVICE_A: 0, DEVICE_B: 0}
    for identity in draw(st.lists(st.uuids(), unique=True, max_size=9)):
        as_needed = draw(st.booleans())
        order_id = PRN if as_needed else ORDER
        device = draw(st.sampled_from([DEVICE_A, DEVICE_B]))
        seqs[device] += 1
        logged = dose_logged(
            id=DoseId(identity),
            order_id=order_id,
            order_version_id=order_version_id(order_id, 1),
            slot=None if as_needed else noon_slot(day=SCHOOL_DAY + timedelta(days=draw(st.integers(0, 1)))),
            status=draw(st.sampled_from(DoseState)),
            administered_at=NOON + timedelta(minutes=draw(st.integers(-60, 40 * 60))),
            reason="said",
        )
        made.append((entry_of(logged, device_id=device, number=seqs[device]), logged))
    return made


def folded(batches: Iterable[Sequence[Arrival]], of: FactBook) -> tuple[dict[DoseId, tuple[str, ...]], set[Any]]:
    """Let batches arrive one after the other, storing flags and cases as a server does."""
    known: dict[DoseId, DoseFacts] = {}
    flags: dict[DoseId, tuple[str, ...]] = {}
    cases: dict[Any, Any] = {}
    for batch in batches:
        result = evaluate(batch, known.values(), of)
        flags |= result.flags
        cases |= {case.id: case for case in result.cases}
        for entry, logged in batch:
            known[logged.id] = DoseFacts.from_change(entry, logged)
        for dose_id, facts in known.items():
            known[dose_id] = with_flags(facts, flags[dose_id])
    return flags, set(cases.values())


def with_flags(facts: DoseFacts, flags: tuple[str, ...]) -> DoseFacts:
    values = {name: getattr(facts, name) for name in DoseFacts.__slots__}
    return DoseFacts(**(values | {"flags": flags}))


@given(arrivals(), st.randoms(use_true_random=False))
def test_no_order_of_arrival_changes_flags_or_cases(brought: list[Arrival], chance: Random) -> None:
    at_once = evaluate(brought, [], MIXED)
    shuffled = evaluate(chance.sample(brought, len(brought)), [], MIXED)
    assert shuffled.flags == at_once.flags
    assert shuffled.cases == at_once.cases


@given(arrivals(), st.randoms(use_true_random=False))
def test_arriving_one_by_one_ends_as_arriving_at_once(brought: list[Arrival], chance: Random) -> None:
    at_once = evaluate(brought, [], MIXED)
    flags, cases = folded([[one] for one in chance.sample(brought, len(brought))], MIXED)
    assert flags == at_once.flags
    assert {case.id for case in cases} == {case.id for case in at_once.cases}


@given(arrivals())
def test_every_review_finding_has_its_case(brought: list[Arrival]) -> None:
    result = evaluate(brought, [], MIXED)
    subjects = {(case.kind, subject) for case in result.cases for subject in case.subject_ids}
    reviewed = {
        (f.code.value, dose_id) for dose_id, found in result.findings.items() for f in found
        if f.severity is Severity.REVIEW
    }  # fmt: skip
    assert reviewed == subjects


def test_twice_the_doses_are_twice_the_work() -> None:
    of = prn_book(allergies=(allergy(),))

    def calls(count: int) -> int:
        logged = [
            dose_logged(slot=None, reason="pain", administered_at=NOON + timedelta(hours=5 * n), dose_given=Decimal(5))
            for n in range(count)
        ]
        brought = [(entry_of(one), one) for one in logged]
        profile = Profile()
        result = profile.runcall(evaluate, brought, [], of)
        assert len(result.flags) == count
        return sum(row.callcount for row in profile.getstats())

    # A scan of all pairs would be four times the work.
    assert calls(1000) < 3 * calls(500)


def test_a_slot_by_another_name_is_reviewed() -> None:
    misnamed = SlotRef(id=SlotId(named("no slot")), date=noon_slot().date, time=noon_slot().time)
    assert severities(arriving(slot=misnamed)) == {Code.SLOT_MISMATCH: Severity.REVIEW}
    assert slot_id(ORDER, noon_slot().date, noon_slot().time) == noon_slot().id
