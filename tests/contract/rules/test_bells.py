"""Class periods: which schedule holds on a day, and in which period a time lies."""

import json
from datetime import date, time
from typing import Any

import pytest

from wc_contract.rules.bells import period_at, periods_on

MONDAY = date(2026, 11, 23)
PERIODS = [
    {"name": "Lunch", "from": "11:45", "to": "12:15"},
    {"name": "Period 3", "from": "10:50", "to": "11:40"},
    {"name": "Period 4", "from": "12:20", "to": "13:10"},
]


def schedule(periods: object = PERIODS, **more: Any) -> dict[str, Any]:
    row = {"id": "a", "effective_from": "2026-08-20", "effective_to": None, "weekdays": "[1,2,3,4,5]"}
    return {**row, "periods": json.dumps(periods), **more}


def names(*rows: dict[str, Any], day: date = MONDAY) -> list[str]:
    return [one.name for one in periods_on(rows, day)]


def test_periods_stand_in_the_order_of_the_day() -> None:
    assert names(schedule()) == ["Period 3", "Lunch", "Period 4"]


@pytest.mark.parametrize(
    ("clock", "period"),
    [
        ("10:49", ""),
        ("10:50", "Period 3"),
        ("11:39", "Period 3"),
        ("11:40", "Lunch"),
        ("11:45", "Lunch"),
        ("12:15", "Period 4"),
        ("13:09", "Period 4"),
        ("13:10", ""),
    ],
)
def test_a_time_lies_in_the_period_that_runs_or_begins_next(clock: str, period: str) -> None:
    assert period_at(periods_on([schedule()], MONDAY), time.fromisoformat(clock)) == period


def test_where_two_overlap_the_one_that_began_last_counts() -> None:
    both = [*PERIODS, {"name": "Lunch B", "from": "12:00", "to": "12:30"}]
    assert period_at(periods_on([schedule(both)], MONDAY), time(12, 10)) == "Lunch B"


@pytest.mark.parametrize(
    "row",
    [
        schedule(weekdays="[2,3]"),
        schedule(effective_from="2026-11-24"),
        schedule(effective_to="2026-11-22"),
        schedule(weekdays="1"),
    ],
    ids=["another weekday", "not yet", "no more", "no list"],
)
def test_a_schedule_that_does_not_hold_has_no_periods(row: dict[str, Any]) -> None:
    assert names(row) == []


def test_the_newest_schedule_that_holds_counts() -> None:
    newer = schedule([{"name": "Block A", "from": "08:00", "to": "09:30"}], id="b", effective_from="2026-11-01")
    assert names(schedule(), newer) == names(newer, schedule()) == ["Block A"]


@pytest.mark.parametrize(
    "periods",
    [
        "text", [1], [{"name": "", "from": "08:00", "to": "09:00"}], [{"name": "A", "from": "9", "to": "x"}],
        [{"name": "A", "from": "09:00", "to": "09:00"}],
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_left_out(periods: object) -> None:
    assert names(schedule(periods)) == []
    assert period_at((), time(12)) == ""
