"""Interval and maximum (P1, P2), elapsed time across the clock change (T2)."""

from datetime import UTC, date, datetime, timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.contract.rules.facts_of import dose, prn_version, version
from tests.factories import NOON, local

from wc_contract.model.instants import Instant, instant_to_text
from wc_contract.rules.facts import DoseFacts
from wc_contract.rules.findings import Code, Finding, Severity
from wc_contract.rules.prn import allowance, asks_aloud, check_limits, earliest_next, limited, limits_broken, reach

FOUR_HOURS = prn_version(max_doses=None, max_period_minutes=None)
THREE_A_DAY = prn_version(min_interval_minutes=None)


def taken(at: Instant, status: str = "ADMINISTERED", **values: str) -> DoseFacts:
    return dose(slot_id=None, status=status, administered_at=instant_to_text(at), **values)


@pytest.mark.parametrize(("clock", "expected"), [("12:59:59", [Code.TOO_SOON]), ("13:00:00", []), ("13:00:01", [])])
def test_the_interval_blocks_until_it_is_over_and_equality_passes(clock: str, expected: list[Code]) -> None:
    given_at_nine = taken(local("09:00"))
    assert [n.code for n in check_limits(FOUR_HOURS, [given_at_nine], local(clock))] == expected
    assert earliest_next(FOUR_HOURS, [given_at_nine]) == local("13:00")


def test_the_interval_names_the_last_dose_and_the_earliest_next() -> None:
    last = taken(local("09:00"))
    (found,) = check_limits(FOUR_HOURS, [taken(local("04:00")), last], local("10:00"))
    assert found.detail == {
        "last": instant_to_text(local("09:00")),
        "last_dose": str(last.id),
        "earliest": instant_to_text(local("13:00")),
    }


def test_the_interval_is_elapsed_time_when_the_clock_goes_back() -> None:
    autumn = date(2026, 11, 1)
    one_am_first = datetime(2026, 11, 1, 6, 0, tzinfo=UTC)
    four_am = local("04:00", autumn)  # three hours on the wall, four elapsed
    assert list(check_limits(FOUR_HOURS, [taken(one_am_first)], four_am)) == []
    assert list(check_limits(FOUR_HOURS, [taken(one_am_first)], four_am - timedelta(seconds=1)))


def test_the_maximum_counts_after_the_start_of_the_period_and_at_its_end() -> None:
    day = timedelta(days=1)
    at_start, inside, at_end = taken(NOON - day), taken(NOON - day + timedelta(seconds=1)), taken(NOON)
    third = taken(NOON - timedelta(hours=6))
    assert list(check_limits(THREE_A_DAY, [at_start, third, at_end], NOON)) == []
    (found,) = check_limits(THREE_A_DAY, [inside, third, at_end], NOON)
    assert found.code is Code.OVER_MAXIMUM
    assert found.detail == {"given": "3", "maximum": "3", "period_minutes": "1440"}


def test_a_maximum_without_a_period_is_a_day_s() -> None:
    unbounded = prn_version(min_interval_minutes=None, max_doses=1, max_period_minutes=None)
    assert list(check_limits(unbounded, [taken(NOON - timedelta(hours=23))], NOON))
    assert list(check_limits(unbounded, [taken(NOON - timedelta(hours=24))], NOON)) == []
    assert reach(unbounded) == timedelta(days=1)


@pytest.mark.parametrize("status", ["REFUSED", "HELD", "ABSENT", "WASTED", "ENTERED_IN_ERROR", "NOT_AVAILABLE"])
def test_what_was_not_taken_counts_for_nothing(status: str) -> None:
    assert list(check_limits(FOUR_HOURS, [taken(NOON, status)], NOON)) == []
    assert earliest_next(FOUR_HOURS, [taken(NOON, status)]) is None


@pytest.mark.parametrize("status", ["ADMINISTERED", "PARTIAL", "SELF_ADMINISTERED", "OFF_SITE", "VOMITED"])
def test_what_was_taken_counts(status: str) -> None:
    assert list(check_limits(FOUR_HOURS, [taken(NOON, status)], NOON + timedelta(hours=1)))


def test_a_voided_dose_and_one_given_later_do_not_count() -> None:
    wrong = taken(NOON)
    void = taken(NOON, "ENTERED_IN_ERROR", amends_id=str(wrong.id))
    assert list(check_limits(FOUR_HOURS, [wrong, void], NOON + timedelta(hours=1))) == []
    assert list(check_limits(FOUR_HOURS, [taken(NOON + timedelta(hours=1))], NOON)) == []


def test_a_vomited_dose_is_counted_once_with_its_giving_and_is_not_judged_itself() -> None:
    both = prn_version(max_doses=2)
    giving, vomited = taken(local("08:00")), taken(local("08:10"), "VOMITED")
    assert limits_broken([giving, vomited], {giving.id: both, vomited.id: both}) == {}
    assert list(check_limits(both, [giving, vomited], local("13:00"))) == []


def test_a_vomited_dose_long_after_the_last_giving_counts_by_itself() -> None:
    both = prn_version(max_doses=2)
    giving, vomited = taken(local("01:00")), taken(local("06:00"), "VOMITED")
    (found,) = check_limits(both, [giving, vomited], local("13:00"))
    assert found.code is Code.OVER_MAXIMUM
    assert [n.code for n in check_limits(THREE_A_DAY, [taken(NOON, "VOMITED")] * 3, NOON)] == []


def test_limits_are_only_looked_at_where_an_order_has_them() -> None:
    assert limited(FOUR_HOURS)
    assert limited(THREE_A_DAY)
    assert not limited(version())
    assert reach(version()) == timedelta()
    assert earliest_next(version(), [taken(NOON)]) is None
    assert list(check_limits(version(), [taken(NOON)], NOON)) == []


spread = st.lists(st.tuples(st.integers(0, 48 * 60), st.sampled_from(["ADMINISTERED", "VOMITED", "REFUSED"])))


@given(spread, st.randoms(use_true_random=False))
def test_reading_the_doses_in_another_order_says_the_same(moments: list[tuple[int, str]], chance: Random) -> None:
    doses = [taken(NOON + timedelta(minutes=m), status) for m, status in moments]
    rules = dict.fromkeys((d.id for d in doses), prn_version())
    shuffled = chance.sample(doses, len(doses))
    assert limits_broken(shuffled, rules) == limits_broken(doses, rules)


@given(spread, st.integers(0, 48 * 60))
def test_one_more_dose_never_takes_a_notice_away(moments: list[tuple[int, str]], more: int) -> None:
    doses = [taken(NOON + timedelta(minutes=m), status) for m, status in moments]
    added = taken(NOON + timedelta(minutes=more))
    rules = dict.fromkeys([added.id, *(d.id for d in doses)], prn_version())
    before, after = limits_broken(doses, rules), limits_broken([*doses, added], rules)
    for dose_id, noticed in before.items():
        assert {n.code for n in noticed} <= {n.code for n in after[dose_id]}


def test_what_is_left_says_the_last_dose_from_when_again_and_how_many_of_how_many() -> None:
    both = prn_version(max_doses=3)
    doses = [taken(local("08:00")), taken(local("12:30"))]
    left = allowance(both, doses, local("13:00"))
    assert left.last is doses[1]
    assert left.again_from == local("16:30")
    assert (left.given, left.maximum) == (2, 3)


def test_with_nothing_given_it_may_be_given_now() -> None:
    left = allowance(prn_version(), [], NOON)
    assert (left.last, left.again_from, left.given) == (None, None, 0)


def test_at_the_maximum_it_is_again_from_when_the_oldest_dose_leaves_the_period() -> None:
    two_in_six_hours = prn_version(min_interval_minutes=None, max_doses=2, max_period_minutes=360)
    doses = [taken(local("08:00")), taken(local("11:00"))]
    assert allowance(two_in_six_hours, doses, NOON).again_from == local("14:00")
    assert allowance(two_in_six_hours, doses, local("14:00")).again_from is None


def test_what_was_refused_leaves_everything_as_it_was() -> None:
    left = allowance(FOUR_HOURS, [taken(local("11:00"), "REFUSED")], NOON)
    assert (left.last, left.again_from, left.given) == (None, None, 0)


@given(moments=st.lists(st.tuples(st.integers(0, 2000), st.sampled_from(["ADMINISTERED", "VOMITED"])), max_size=6))
def test_again_from_is_the_first_instant_that_breaks_no_limit(moments: list[tuple[int, str]]) -> None:
    start = NOON - timedelta(minutes=2000)
    doses = [
        taken(start + timedelta(minutes=minutes), status, id=f"00000000-0000-4000-8000-{number:012d}")
        for number, (minutes, status) in enumerate(moments)
    ]
    rule = prn_version(max_doses=3)
    again = allowance(rule, doses, NOON).again_from
    assert list(check_limits(rule, doses, again or NOON)) == []
    if again is not None:
        assert list(check_limits(rule, doses, again - timedelta(seconds=1)))


def test_somebody_is_asked_aloud_when_another_device_is_out_of_sight_but_never_before_a_rescue() -> None:
    unseen = Finding(code=Code.OTHER_DEVICES_UNSEEN, severity=Severity.INFO)
    aloud = Finding(code=Code.CONFIRM_ALOUD, severity=Severity.WARN)
    assert asks_aloud([unseen, aloud], rescue=False)
    assert not asks_aloud([unseen], rescue=False)
    assert not asks_aloud([unseen, aloud], rescue=True)
