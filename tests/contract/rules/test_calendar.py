"""Slots of a school day: zone, clock change, half days, windows (T1-T5, W1, W2, W4, O2)."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.contract.rules.facts_of import dose, order, version
from tests.factories import CHICAGO, NOON, ORDER, PHOENIX, SCHOOL_DAY, local, row
from tests.strategies import school_days, wall_clocks

from wc_contract.model.ids import slot_id
from wc_contract.rules.calendar import (
    CalendarFacts,
    SlotStatus,
    Suppression,
    Timing,
    due_instant,
    last_day_of_verbal_order,
    slot_status,
    slot_timing,
    slots_for,
)
from wc_contract.rules.policy import Policy

PLAIN = CalendarFacts()
BELLS = '{"lunch":"11:40","lunch_by_grade":{"K":"10:55","4":"11:20"},"dismissal":"15:10","broken":"25:99","n":3}'


def day_of(kind: str, **values: Any) -> CalendarFacts:
    return CalendarFacts.from_rows([row("calendar_day", date=SCHOOL_DAY.isoformat(), kind=kind, **values)], None)


def test_noon_in_chicago_is_due_at_the_school_s_noon_with_half_an_hour_each_way() -> None:
    (slot,) = slots_for(order(), version(), SCHOOL_DAY, PLAIN, CHICAGO)
    assert slot.id == slot_id(ORDER, SCHOOL_DAY, time(12, 0))
    assert (slot.due_at, slot.opens_at, slot.closes_at) == (NOON, local("11:30"), local("12:30"))
    assert (slot.time, slot.label, slot.suppressed) == (time(12, 0), "12:00", None)


@pytest.mark.parametrize(
    ("clock", "expected"),
    [
        ("11:29:59", Timing.EARLY),
        ("11:29:59.999", Timing.EARLY),
        ("11:30:00", Timing.ON_TIME),
        ("12:30:00", Timing.ON_TIME),
        ("12:30:00.999", Timing.ON_TIME),
        ("12:30:01", Timing.LATE),
    ],
)
def test_the_window_includes_both_ends_by_the_second(clock: str, expected: Timing) -> None:
    (slot,) = slots_for(order(), version(), SCHOOL_DAY, PLAIN, CHICAGO)
    assert slot_timing(slot, local(clock)) is expected


@pytest.mark.parametrize(("own", "minutes"), [(10, 10), (None, 30), (60, 60), (90, 60), (0, 0)])
def test_an_order_may_narrow_its_window_and_never_exceeds_the_district_s(own: int | None, minutes: int) -> None:
    (slot,) = slots_for(order(), version(window_minutes=own), SCHOOL_DAY, PLAIN, CHICAGO)
    assert slot.closes_at - slot.due_at == timedelta(minutes=minutes)


def test_a_nonexistent_time_moves_forward_by_the_gap() -> None:
    assert due_instant(date(2026, 3, 8), time(2, 30), CHICAGO) == datetime(2026, 3, 8, 8, 30, tzinfo=UTC)
    assert due_instant(date(2026, 3, 8), time(2, 30), CHICAGO).astimezone(CHICAGO).time() == time(3, 30)


def test_an_ambiguous_time_is_its_first_occurrence() -> None:
    assert due_instant(date(2026, 11, 1), time(1, 30), CHICAGO) == datetime(2026, 11, 1, 6, 30, tzinfo=UTC)
    assert due_instant(date(2026, 11, 1), time(1, 30, fold=1), CHICAGO) == datetime(2026, 11, 1, 6, 30, tzinfo=UTC)


def test_a_zone_without_clock_change_keeps_its_offset_all_year() -> None:
    for day in (date(2026, 3, 8), date(2026, 7, 1), date(2026, 11, 1)):
        assert due_instant(day, time(2, 30), PHOENIX) == datetime.combine(day, time(9, 30), tzinfo=UTC)


@given(school_days, wall_clocks, st.sampled_from([CHICAGO, PHOENIX, ZoneInfo("Australia/Lord_Howe")]))
def test_each_scheduled_time_makes_exactly_one_slot_in_any_zone(day: date, at: time, zone: ZoneInfo) -> None:
    calendar = CalendarFacts.from_rows([row("calendar_day", date=day.isoformat(), kind="SCHOOL_DAY")], None)
    label = at.strftime("%H:%M")
    slots = slots_for(order(start_date="2020-01-01"), version(times=f'["{label}","{label}"]'), day, calendar, zone)
    assert [slot.time for slot in slots] == [at]
    assert slots[0].due_at == due_instant(day, at, zone)
    assert slot_timing(slots[0], slots[0].due_at) is Timing.ON_TIME


def test_a_holiday_and_a_weekend_make_no_slots_and_a_saturday_of_school_does() -> None:
    assert slots_for(order(), version(), SCHOOL_DAY, day_of("HOLIDAY"), CHICAGO) == ()
    saturday = date(2026, 11, 28)
    assert slots_for(order(), version(), saturday, PLAIN, CHICAGO) == ()
    open_day = CalendarFacts.from_rows([row("calendar_day", date="2026-11-28", kind="SCHOOL_DAY")], None)
    assert len(slots_for(order(), version(), saturday, open_day, CHICAGO)) == 1


def test_delayed_opening_suppresses_earlier_slots_and_shifts_none() -> None:
    calendar = day_of("DELAYED_OPENING", open="10:00", close="15:00")
    slots = slots_for(order(), version(times='["08:00","10:00","16:00"]'), SCHOOL_DAY, calendar, CHICAGO)
    assert [(s.time, s.suppressed) for s in slots] == [
        (time(8), Suppression.DELAYED_OPENING),
        (time(10), None),
        (time(16), None),
    ]


def test_early_dismissal_suppresses_later_slots_and_shifts_none() -> None:
    calendar = day_of("EARLY_DISMISSAL", open="08:00", close="12:00")
    slots = slots_for(order(), version(times='["07:00","12:00","12:01"]'), SCHOOL_DAY, calendar, CHICAGO)
    assert [s.suppressed for s in slots] == [None, None, Suppression.EARLY_DISMISSAL]


@pytest.mark.parametrize("kind", ["DELAYED_OPENING", "EARLY_DISMISSAL"])
def test_a_half_day_without_hours_suppresses_nothing(kind: str) -> None:
    (slot,) = slots_for(order(), version(), SCHOOL_DAY, day_of(kind), CHICAGO)
    assert slot.suppressed is None


@pytest.mark.parametrize(
    ("grade", "bells", "expected"),
    [
        ("4", BELLS, time(11, 20)),
        ("k", BELLS, time(10, 55)),
        ("7", BELLS, time(11, 40)),
        (None, BELLS, time(11, 40)),
        ("4", None, time(12, 0)),
        ("4", "[]", time(12, 0)),
        ("4", '{"lunch_by_grade":[]}', time(12, 0)),
    ],
)
def test_lunch_is_the_student_s_own_else_the_school_s_else_noon(
    grade: str | None, bells: str | None, expected: time
) -> None:
    calendar = CalendarFacts.from_rows([], bells)
    (slot,) = slots_for(order(), version(times='["Lunch"]'), SCHOOL_DAY, calendar, CHICAGO, grade=grade)
    assert (slot.time, slot.label, slot.suppressed) == (expected, "Lunch", None)


def test_other_bells_are_known_by_name_and_an_unknown_name_is_shown_not_dropped() -> None:
    calendar = CalendarFacts.from_rows([], BELLS)
    slots = slots_for(order(), version(times='["dismissal","broken"]'), SCHOOL_DAY, calendar, CHICAGO)
    assert [(s.label, s.time, s.suppressed) for s in slots] == [
        ("broken", time(12, 0), Suppression.TIME_NOT_UNDERSTOOD),
        ("dismissal", time(15, 10), None),
    ]


@pytest.mark.parametrize(
    ("values", "count"),
    [
        ({}, 1),
        ({"kind": "PRN"}, 0),
        ({"start_date": "2026-11-24"}, 0),
        ({"start_date": "2026-11-23", "end_date": "2026-11-23"}, 1),
        ({"end_date": "2026-11-22"}, 0),
        ({"status": "DRAFT"}, 0),
        ({"status": "PENDING_VERIFICATION"}, 0),
        ({"status": "DISCONTINUED"}, 0),
        ({"status": "DISCONTINUED", "stop_effective_at": "2026-11-23T18:00:00+00:00"}, 0),
        ({"status": "DISCONTINUED", "stop_effective_at": "2026-11-23T18:00:01+00:00"}, 1),
        ({"status": "DRAFT", "stop_effective_at": "2026-12-23T18:00:01+00:00"}, 0),
    ],
)
def test_an_order_has_slots_on_its_days_and_before_its_stop(values: dict[str, Any], count: int) -> None:
    assert len(slots_for(order(**values), version(), SCHOOL_DAY, PLAIN, CHICAGO)) == count


def test_a_held_order_keeps_its_slot_with_the_reason() -> None:
    (slot,) = slots_for(order(status="HELD"), version(), SCHOOL_DAY, PLAIN, CHICAGO)
    assert slot.suppressed is Suppression.ORDER_HELD


def test_a_hold_takes_back_the_slots_from_its_beginning_and_none_before() -> None:
    times = version(times='["08:00", "12:00", "13:00"]')
    held = order(status="HELD", stop_effective_at="2026-11-23T18:00:00+00:00")
    slots = slots_for(held, times, SCHOOL_DAY, PLAIN, CHICAGO)
    assert [slot.suppressed for slot in slots] == [None, Suppression.ORDER_HELD, Suppression.ORDER_HELD]


def test_a_new_order_owes_nothing_from_before_it_began_and_a_changed_one_does() -> None:
    one_o_clock = "2026-11-23T19:00:00+00:00"
    assert slots_for(order(), version(effective_from=one_o_clock), SCHOOL_DAY, PLAIN, CHICAGO) == ()
    second = version(version=2, effective_from=one_o_clock)
    assert len(slots_for(order(), second, SCHOOL_DAY, PLAIN, CHICAGO)) == 1


@pytest.mark.parametrize(
    ("clock", "expected"),
    [("11:29", SlotStatus.LATER), ("11:30", SlotStatus.DUE), ("12:30", SlotStatus.DUE), ("12:31", SlotStatus.OVERDUE)],
)
def test_an_open_slot_is_later_then_due_then_overdue_and_never_missed(clock: str, expected: SlotStatus) -> None:
    (slot,) = slots_for(order(), version(), SCHOOL_DAY, PLAIN, CHICAGO)
    assert slot_status(slot, (), local(clock)) is expected
    assert "missed" not in set(SlotStatus)


def test_an_entry_answers_its_slot_and_a_dropped_tablet_or_another_slot_does_not() -> None:
    (slot,) = slots_for(order(), version(), SCHOOL_DAY, PLAIN, CHICAGO)
    given, late = dose(), local("13:00")
    assert slot_status(slot, [given], late) is SlotStatus.ANSWERED
    assert slot_status(slot, [dose(status="REFUSED")], late) is SlotStatus.ANSWERED
    assert slot_status(slot, [dose(status="WASTED")], late) is SlotStatus.OVERDUE
    assert slot_status(slot, [dose(slot_id=None)], late) is SlotStatus.OVERDUE
    voided = dose(status="ENTERED_IN_ERROR", amends_id=str(given.id))
    assert slot_status(slot, [given, voided], late) is SlotStatus.OVERDUE


def test_a_suppressed_slot_waits_for_an_answer_without_alarm() -> None:
    (slot,) = slots_for(order(status="HELD"), version(), SCHOOL_DAY, PLAIN, CHICAGO)
    assert slot_status(slot, (), local("14:00")) is SlotStatus.SUPPRESSED
    assert slot_status(slot, [dose(status="HELD")], local("14:00")) is SlotStatus.ANSWERED


def test_a_verbal_order_lapses_after_its_school_days_not_over_a_weekend() -> None:
    friday = date(2026, 11, 20)
    assert last_day_of_verbal_order(friday, PLAIN, Policy()) == date(2026, 11, 25)
    monday_off = day_of("HOLIDAY")
    assert last_day_of_verbal_order(friday, monday_off, Policy()) == date(2026, 11, 26)
    ten = Policy.from_json('{"verbal_order_days":10}')
    assert last_day_of_verbal_order(friday, PLAIN, ten) == date(2026, 12, 4)


def test_a_calendar_without_school_days_does_not_search_for_ever() -> None:
    endless = {SCHOOL_DAY + timedelta(days=n): day_of("HOLIDAY").days[SCHOOL_DAY] for n in range(500)}
    found = last_day_of_verbal_order(SCHOOL_DAY, CalendarFacts(days=endless), Policy())
    assert found == SCHOOL_DAY + timedelta(days=400)
