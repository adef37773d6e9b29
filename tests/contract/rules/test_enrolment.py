"""A child who has left: earlier logs are clean, later ones are looked at (S2)."""

from datetime import date, timedelta

import pytest
from tests.contract.rules.facts_of import book, giving
from tests.factories import NOON, SCHOOL_DAY, STUDENT, dose_logged, entry_of, local, named

from wc_contract.model.ids import StudentId
from wc_contract.model.instants import Instant
from wc_contract.model.values import DoseState
from wc_contract.rules.arrival import check_on_arrival
from wc_contract.rules.findings import Code, Severity
from wc_contract.rules.giving import check_before_giving


def found(at: Instant, last: date | None, **values: object) -> list[Severity]:
    dose = dose_logged(administered_at=at, slot=None, **values)
    known = book(withdrawn={} if last is None else {STUDENT: last})
    findings = check_on_arrival(entry_of(dose), dose, known)
    return [one.severity for one in findings if one.code is Code.AFTER_WITHDRAWAL]


@pytest.mark.parametrize(
    ("at", "last", "seen"),
    [
        (NOON, None, False),
        (NOON, SCHOOL_DAY, False),
        (local("23:59:59"), SCHOOL_DAY, False),
        (local("00:00:00", SCHOOL_DAY + timedelta(days=1)), SCHOOL_DAY, True),
        (NOON, SCHOOL_DAY - timedelta(days=1), True),
        (NOON, SCHOOL_DAY + timedelta(days=1), False),
    ],
)
def test_the_last_day_is_clean_to_its_last_second_by_the_schools_clock(
    at: Instant, last: date | None, *, seen: bool
) -> None:
    assert found(at, last) == ([Severity.REVIEW] if seen else [])


def test_it_is_said_of_whatever_was_recorded_not_only_of_medicine_given() -> None:
    assert found(NOON, SCHOOL_DAY - timedelta(days=1), status=DoseState.REFUSED, reason="Would not.")


def test_another_childs_leaving_says_nothing() -> None:
    dose = dose_logged()
    known = book(withdrawn={StudentId(named("another")): SCHOOL_DAY - timedelta(days=9)})
    assert Code.AFTER_WITHDRAWAL not in {one.code for one in check_on_arrival(entry_of(dose), dose, known)}


def test_before_saving_it_stops_until_a_reason_is_given() -> None:
    facts = giving(book(withdrawn={STUDENT: SCHOOL_DAY - timedelta(days=1)}))
    (stop,) = [one for one in check_before_giving(dose_logged(), facts, NOON) if one.code is Code.AFTER_WITHDRAWAL]
    assert (stop.severity, stop.overridable) == (Severity.BLOCK, True)
