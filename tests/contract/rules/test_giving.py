"""What stops a nurse before saving, what she may override, and what only warns."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.contract.rules.facts_of import (
    allergy,
    book,
    dose,
    giving,
    medication,
    order,
    prn_book,
    prn_version,
    version,
)
from tests.factories import MARKER, NOON, ORDER, STUDENT, dose_logged, local, named, noon_slot, row

from wc_contract.model.changes import DoseLogged, SlotRef
from wc_contract.model.ids import SlotId
from wc_contract.model.instants import instant_to_text
from wc_contract.model.quantity import Quantity
from wc_contract.model.values import DoseState, Role
from wc_contract.rules.dosing import state_of, total
from wc_contract.rules.facts import CaseFacts
from wc_contract.rules.findings import Code, Finding, Severity, blocking
from wc_contract.rules.giving import GivingFacts, check_before_giving
from wc_contract.rules.stock import ContainerFacts

SECOND = timedelta(seconds=1)
OTHER_ORDER = str(named("other order"))
OTHER_DRUG = str(named("other drug"))


def check(dose_: DoseLogged, facts: GivingFacts | None = None, at: Any = None) -> tuple[Finding, ...]:
    return check_before_giving(dose_, facts or giving(), at or dose_.administered_at)


def codes(dose_: DoseLogged, facts: GivingFacts | None = None, at: Any = None) -> list[Code]:
    """Return what is said beyond 'interactions not checked'."""
    return [f.code for f in check(dose_, facts, at) if f.code is not Code.NOT_CHECKED]


def the(code: Code, findings: tuple[Finding, ...]) -> Finding:
    (found,) = [f for f in findings if f.code is code]
    return found


def prn(**values: Any) -> DoseLogged:
    return dose_logged(**({"slot": None, "reason": "headache"} | values))


def test_an_ordinary_noon_says_only_that_interactions_were_not_checked() -> None:
    (found,) = check(dose_logged())
    assert (found.code, found.severity, dict(found.detail)) == (
        Code.NOT_CHECKED,
        Severity.INFO,
        {"what": "interactions"},
    )


def test_another_child_s_order_stops_and_nothing_overrides_it() -> None:
    found = the(Code.WRONG_STUDENT, check(dose_logged(student_id=named("another child"))))
    assert (found.severity, found.overridable) == (Severity.BLOCK, False)
    wrong_drug = the(Code.WRONG_MEDICATION, check(dose_logged(medication_id=named("another drug"))))
    assert (wrong_drug.severity, wrong_drug.overridable) == (Severity.BLOCK, False)


def test_an_unknown_order_stops() -> None:
    assert codes(dose_logged(order_id=named("nobody's order"))) == [Code.ORDER_UNKNOWN]


def test_an_order_without_versions_says_so() -> None:
    assert codes(dose_logged(), giving(book(versions=()))) == [Code.VERSION_UNKNOWN]


@pytest.mark.parametrize(
    ("clock", "expected"),
    [
        ("11:29:59", [Code.TOO_EARLY]),
        ("11:30:00", []),
        ("12:30:00", []),
        ("12:30:01", [Code.LATE]),
    ],
)
def test_noon_is_on_time_from_half_past_eleven_to_half_past_twelve(clock: str, expected: list[Code]) -> None:
    assert codes(dose_logged(administered_at=local(clock))) == expected


def test_early_needs_a_nurse_s_reason_and_stops_unlicensed_staff() -> None:
    early = dose_logged(administered_at=local("11:00"))
    for role in (Role.NURSE, Role.SUBSTITUTE, Role.SUPERVISOR):
        found = the(Code.TOO_EARLY, check(early, giving(role=role)))
        assert (found.severity, found.overridable) == (Severity.BLOCK, True)
    found = the(Code.EARLY_NEEDS_NURSE, check(early, giving(role=Role.UNLICENSED)))
    assert (found.severity, found.overridable) == (Severity.BLOCK, False)


def test_a_refusal_outside_the_window_or_without_authority_is_only_a_refusal() -> None:
    facts = giving(book(orders=(order(parent_auth_to="2026-11-01"),)))
    refused = dose_logged(status=DoseState.REFUSED, reason="does not want it", administered_at=local("10:00"))
    assert codes(refused, facts) == []


def test_authorisation_that_ended_yesterday_stops_and_names_the_day() -> None:
    found = the(
        Code.PARENT_AUTHORISATION_EXPIRED,
        check(dose_logged(), giving(book(orders=(order(parent_auth_to="2026-11-22"),)))),
    )
    assert (found.severity, found.overridable, found.detail["ended"]) == (Severity.BLOCK, True, "2026-11-22")


@pytest.mark.parametrize(("clock", "blocked"), [("12:59:59", True), ("13:00:00", False)])
def test_four_hours_after_nine_is_one_o_clock(clock: str, blocked: bool) -> None:
    earlier = dose(slot_id=None, administered_at=instant_to_text(local("09:00")))
    now = prn(administered_at=local(clock))
    found = check(now, giving(prn_book(), history=(earlier,)))
    assert (Code.TOO_SOON in [f.code for f in found]) is blocked
    assert bool(list(blocking(found))) is blocked


def test_another_order_s_dose_does_not_count_and_the_dose_itself_neither() -> None:
    now = prn()
    same = dose(id=str(now.id), slot_id=None)
    other = dose(slot_id=None, order_id=OTHER_ORDER)
    assert Code.TOO_SOON not in codes(now, giving(prn_book(), history=(same, other)))


def test_as_needed_needs_a_reason_and_says_when_to_look_at_the_effect() -> None:
    found = check(prn(reason=" "), giving(prn_book()))
    assert the(Code.REASON_MISSING, found).severity is Severity.BLOCK
    assert the(Code.EFFECT_CHECK_DUE, found).detail == {
        "from": instant_to_text(NOON + timedelta(minutes=30)),
        "to": instant_to_text(NOON + timedelta(minutes=60)),
    }


@pytest.mark.parametrize("status", [s for s in DoseState if s.needs_reason])
def test_a_state_that_needs_a_reason_is_not_saved_without(status: DoseState) -> None:
    assert Code.REASON_MISSING in codes(dose_logged(status=status, dose_given=Decimal(4), unit="mg"))
    assert Code.REASON_MISSING not in codes(
        dose_logged(status=status, dose_given=Decimal(4), unit="mg", reason="said so")
    )


def test_offline_a_dose_as_needed_says_since_when_others_are_unseen() -> None:
    since = local("10:42")
    alone = check(prn(), giving(prn_book(), offline_since=since))
    assert the(Code.OTHER_DEVICES_UNSEEN, alone).detail == {"since": instant_to_text(since)}
    assert Code.CONFIRM_ALOUD not in [f.code for f in alone]
    with_another = check(prn(), giving(prn_book(), offline_since=since, other_devices=True))
    assert the(Code.CONFIRM_ALOUD, with_another).severity is Severity.WARN


def test_an_allergy_stops_and_a_reason_lets_the_nurse_go_on() -> None:
    amoxicillin = medication(ingredients='[{"code":"723","classes":["penicillins"]}]')
    found = the(
        Code.ALLERGY_MATCH, check(dose_logged(), giving(book(medications=(amoxicillin,), allergies=(allergy(),))))
    )
    assert (found.severity, found.overridable, found.detail["level"]) == (Severity.BLOCK, True, "class")
    another_child = allergy(student_id=str(named("another child")))
    assert codes(dose_logged(), giving(book(medications=(amoxicillin,), allergies=(another_child,)))) == []


def test_an_unknown_medicine_says_that_allergies_were_not_checked() -> None:
    found = check(dose_logged(), giving(book(medications=())))
    assert {f.detail["what"] for f in found if f.code is Code.NOT_CHECKED} == {"interactions", "allergies"}


def test_two_active_orders_with_one_ingredient_warn() -> None:
    twin = order(id=OTHER_ORDER, medication_id=OTHER_DRUG)
    same, other = medication(id=OTHER_DRUG), medication(id=OTHER_DRUG, ingredients='[{"code":"1"}]')
    both = book(orders=(order(), twin), medications=(medication(), same))
    found = the(Code.DUPLICATE_INGREDIENT, check(dose_logged(), giving(both)))
    assert (found.severity, found.detail["order"], found.detail["code"]) == (Severity.WARN, OTHER_ORDER, "6901")
    for orders, drugs in (
        ((order(), twin), (medication(), other)),
        ((order(), twin), (medication(),)),
        ((order(), order(id=OTHER_ORDER, medication_id=OTHER_DRUG, status="DISCONTINUED")), (medication(), same)),
        ((order(), order(id=OTHER_ORDER, student_id=OTHER_ORDER)), (medication(), same)),
    ):
        assert codes(dose_logged(), giving(book(orders=orders, medications=drugs))) == []


@pytest.mark.parametrize(
    ("given_", "unit", "status", "expected"),
    [
        ("5", "mg", "ADMINISTERED", []),
        ("5.000", "mg", "ADMINISTERED", []),
        ("2.5", "mg", "ADMINISTERED", [Code.DOSE_DIFFERS]),
        ("5.000001", "mg", "ADMINISTERED", [Code.DOSE_DIFFERS]),
        ("5", "mL", "ADMINISTERED", [Code.DOSE_DIFFERS]),
        ("2.5", "mg", "PARTIAL", [Code.PARTIAL_DOSE]),
        ("5", "mg", "PARTIAL", [Code.DOSE_DIFFERS]),
        ("2.5", "mL", "PARTIAL", [Code.DOSE_DIFFERS]),
        (None, "mg", "ADMINISTERED", [Code.DOSE_MISSING]),
        ("5", None, "ADMINISTERED", [Code.DOSE_MISSING]),
    ],
)
def test_the_amount_is_the_ordered_one_or_partial(
    given_: str | None, unit: str | None, status: str, expected: list[Code]
) -> None:
    amount = None if given_ is None else Decimal(given_)
    given_dose = dose_logged(dose_given=amount, unit=unit, status=DoseState(status), reason="spat half")
    assert codes(given_dose) == expected


def test_components_total_the_ordered_dose_exactly() -> None:
    tenth, ordered = Quantity(amount=Decimal("0.1"), unit="mg"), Quantity(amount=Decimal("0.3"), unit="mg")
    assert total([tenth] * 3) == ordered
    assert state_of([tenth] * 3, ordered) is DoseState.ADMINISTERED
    assert state_of([tenth] * 2, ordered) is DoseState.PARTIAL
    assert total([]) is None
    assert total([tenth, Quantity(amount=Decimal(1), unit="mL")]) is None


def test_a_superseded_version_warns_and_the_amount_is_judged_by_the_one_in_force() -> None:
    changed = version(version=2, dose="10", effective_from="2026-11-23T17:00:00+00:00")
    facts = giving(book(versions=(changed, version())))
    assert codes(dose_logged(), facts) == [Code.DOSE_DIFFERS, Code.SUPERSEDED_VERSION]
    before = dose_logged(administered_at=local("10:59:59"), slot=None)
    assert codes(before, facts) == []
    same_dose = version(version=2, effective_from="2026-11-23T17:00:00+00:00")
    assert codes(dose_logged(), giving(book(versions=(version(), same_dose)))) == [Code.SUPERSEDED_VERSION]
    assert codes(dose_logged(order_version_id=named("gone")), giving()) == [Code.VERSION_UNKNOWN]
    newer_seen = dose_logged(order_version_id=changed.id, administered_at=local("10:59:59"), slot=None)
    assert codes(newer_seen, facts) == []


def test_before_any_version_took_effect_the_first_one_judges() -> None:
    facts = giving(book(versions=(version(version=2, effective_from="2027-01-02T00:00:00+00:00"),
                                  version(effective_from="2027-01-01T00:00:00+00:00"))))  # fmt: skip
    assert codes(dose_logged(), facts) == []


def test_a_slot_that_was_given_stops_and_asks() -> None:
    earlier = dose()
    found = the(Code.POSSIBLE_DOUBLE_DOSE, check(dose_logged(), giving(history=(earlier,))))
    assert (found.severity, found.overridable) == (Severity.BLOCK, True)
    assert found.detail == {"dose": str(earlier.id), "status": "ADMINISTERED"}


def test_a_slot_that_was_refused_asks_whether_this_is_the_second_answer() -> None:
    refused = dose(status="REFUSED")
    found = the(Code.SLOT_ANSWERED_TWICE, check(dose_logged(), giving(history=(refused,))))
    assert (found.severity, found.overridable, found.detail["status"]) == (Severity.BLOCK, True, "REFUSED")


def test_a_dropped_tablet_a_voided_entry_and_another_slot_ask_nothing() -> None:
    wrong = dose()
    void = dose(status="ENTERED_IN_ERROR", amends_id=str(wrong.id))
    history = (dose(status="WASTED"), wrong, void, dose(slot_id=str(named("another slot"))))
    assert codes(dose_logged(), giving(history=history)) == []
    vomited = dose_logged(status=DoseState.VOMITED, dose_given=Decimal(5), unit="mg", reason="10 min later, seen")
    assert codes(vomited, giving(history=(dose(),))) == []


def test_a_slot_by_another_name_stops() -> None:
    misnamed = SlotRef(id=SlotId(named("no slot")), date=noon_slot().date, time=noon_slot().time)
    assert codes(dose_logged(slot=misnamed)) == [Code.SLOT_MISMATCH]


def case_row(**values: Any) -> CaseFacts:
    defaults: dict[str, Any] = {
        "kind": "possible_double_dose", "student_id": str(STUDENT), "medication_id": str(order().medication_id),
        "opened_at": instant_to_text(NOON), "status": "OPEN",
    }  # fmt: skip
    return CaseFacts.from_row(row("review_case", **(defaults | values)))


def test_an_unanswered_double_dose_blocks_that_drug_of_that_child() -> None:
    assert codes(dose_logged(), giving(cases=(case_row(),))) == [Code.DOUBLE_DOSE_UNRESOLVED]
    for other in (
        {"status": "RESOLVED"}, {"kind": "after_stop"}, {"medication_id": OTHER_DRUG},
        {"student_id": OTHER_ORDER}, {"student_id": None, "medication_id": None},
    ):  # fmt: skip
        assert codes(dose_logged(), giving(cases=(case_row(**other),))) == []


@pytest.mark.parametrize(
    ("elapsed", "expected"),
    [
        (timedelta(minutes=15), []),
        (timedelta(minutes=15) + SECOND, [Code.LATE_ENTRY]),
        (timedelta(hours=24), [Code.LATE_ENTRY]),
        (timedelta(hours=24) + SECOND, [Code.LATE_ENTRY_OVER_A_DAY]),
        (timedelta(days=7), [Code.LATE_ENTRY_OVER_A_DAY]),
        (timedelta(days=7) + SECOND, [Code.LATE_ENTRY_OVER_LIMIT]),
        (-SECOND, [Code.FUTURE_TIME]),
    ],
)
def test_a_record_made_long_after_the_act_asks_for_a_reason(elapsed: timedelta, expected: list[Code]) -> None:
    assert codes(dose_logged(), at=NOON + elapsed) == expected


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [(None, []), (120, []), (121, [Code.CLOCK_DRIFT]), (-121, [Code.CLOCK_DRIFT]), (600, [Code.CLOCK_DRIFT]),
     (601, [Code.CLOCK_SUSPECT]), (-601, [Code.CLOCK_SUSPECT])],
)  # fmt: skip
def test_a_clock_that_is_off_is_said(seconds: int | None, expected: list[Code]) -> None:
    offset = None if seconds is None else seconds * 1000
    assert codes(dose_logged(), giving(clock_offset_ms=offset)) == expected


WORST: dict[str, Any] = {
    "kind": "PRN", "status": "DISCONTINUED", "stop_effective_at": "2026-11-01T00:00:00+00:00", "verified_by": None,
    "order_signed_on": None, "parent_auth_from": None,
}  # fmt: skip


def test_a_rescue_medicine_is_stopped_by_nothing_but_the_wrong_child() -> None:
    epinephrine = medication(is_emergency=True)
    worst = book(
        orders=(order(**WORST),),
        versions=(prn_version(max_doses=1),),
        medications=(epinephrine,),
        allergies=(allergy(ingredient_codes='["6901"]'),),
    )
    facts = giving(worst, role=Role.UNLICENSED, history=(dose(), dose(slot_id=None)), cases=(case_row(),))
    early = dose_logged(administered_at=local("08:00"), dose_given=Decimal("0.15"))
    again = prn(reason=None, dose_given=None, unit=None)
    for emergency in (early, again):
        found = check(emergency, facts, NOON + timedelta(days=8))
        assert len(found) > 5
        assert list(blocking(found)) == []
    (stopped,) = blocking(check(prn(student_id=named("another child")), facts))
    assert stopped.code is Code.WRONG_STUDENT


def bottle(balance: str, **values: Any) -> tuple[ContainerFacts, Decimal]:
    """A container of the child's medicine, and what it holds."""
    said = {"medication_id": str(named("drug")), "status": "IN_USE", "unit": "mg", "is_controlled": True}
    dated = {"received_on": "2026-09-01", "received_by": str(named("nurse")), "expires_on": "2027-09-01"}
    facts = ContainerFacts.from_row(row("medication_container", id=str(named("bottle")), **{**said, **dated, **values}))
    return facts, Decimal(balance)


STOCK_CODES = {Code.LOT_EXPIRED, Code.LOT_RECALLED, Code.LOW_STOCK, Code.STOCK_NEGATIVE}


def of_stock(*stock: tuple[ContainerFacts, Decimal], **values: Any) -> dict[Code, Finding]:
    found = check(dose_logged(**values), giving(stock=stock))
    return {finding.code: finding for finding in found if finding.code in STOCK_CODES}


def test_an_expired_lot_blocks_giving_until_a_reason_is_given() -> None:
    """C7; a dose that is refused asks nothing of the shelf."""
    unit, amount = dose_logged().unit, dose_logged().dose_given
    assert unit is not None
    assert amount is not None
    expired = bottle(str(amount * 50), unit=unit, expires_on="2026-11-01")
    (stopped,) = of_stock(expired).values()
    assert (stopped.code, stopped.severity, stopped.overridable) == (Code.LOT_EXPIRED, Severity.BLOCK, True)
    assert of_stock(expired, status=DoseState.REFUSED, dose_given=None, unit=None, reason="no") == {}
    assert of_stock(bottle("999", unit="another unit", expires_on="2026-11-01")) == {}
    assert of_stock(expired, dose_given=None, unit=None).keys() == {Code.LOT_EXPIRED}, "an amount not typed yet"


def test_a_dose_that_takes_the_last_or_more_is_told_and_not_stopped() -> None:
    """C6."""
    unit, amount = dose_logged().unit, dose_logged().dose_given
    assert amount is not None
    found = of_stock(bottle("0", unit=unit))
    assert set(found) == {Code.STOCK_NEGATIVE}, "which is worse than low"
    assert {finding.severity for finding in found.values()} == {Severity.WARN}
    assert set(of_stock(bottle(str(amount * 5), unit=unit))) == {Code.LOW_STOCK}
    assert of_stock(bottle(str(amount * 6), unit=unit)) == {}


@given(st.sampled_from(DoseState), st.sampled_from(Role), st.integers(-3000, 3000), st.booleans())
def test_findings_come_the_most_serious_first_and_never_raise(
    status: DoseState, role: Role, minutes: int, prn_order: bool
) -> None:
    facts = giving(prn_book() if prn_order else None, role=role, history=(dose(),))
    moment = NOON + timedelta(minutes=minutes)
    found = check_before_giving(dose_logged(status=status, administered_at=moment), facts, NOON)
    order_of = [Severity.BLOCK, Severity.REVIEW, Severity.WARN, Severity.INFO]
    ranks = [order_of.index(f.severity) for f in found]
    assert ranks == sorted(ranks)
    assert all(f.severity is Severity.BLOCK for f in found if f.overridable)


def test_what_a_finding_shows_in_a_log_names_no_detail() -> None:
    facts = giving(book(orders=(order(parent_auth_to="2026-11-22", prescriber_name=MARKER),)))
    shown = repr(check(dose_logged(reason=MARKER), facts)) + repr(facts) + repr(dose_logged(reason=MARKER))
    assert MARKER not in shown
    assert "2026-11-22" not in repr(check(dose_logged(), facts))
    assert ORDER is not None
