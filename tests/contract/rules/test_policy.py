"""A district's numbers, and what happens to nonsense among them."""

from datetime import date, time, timedelta

import pytest

from wc_contract.rules.policy import Policy


def test_a_district_without_a_policy_has_the_defaults() -> None:
    assert Policy.from_json(None) == Policy.from_json("{}") == Policy()


def test_every_number_can_be_changed() -> None:
    policy = Policy.from_json(
        '{"window_minutes":20,"max_window_minutes":45,"late_entry_minutes":5,"late_entry_notify_minutes":60,'
        '"late_entry_limit_minutes":120,"clock_banner_seconds":30,"clock_suspect_seconds":90,"verbal_order_days":10,'
        '"lunch":"11:15","school_year_ends":"07-31","low_stock_doses":3,"expiry_notice_days":60,"count_every_days":1,'
        '"witness_within_hours":12,"recalled_lots":["B2"]}'
    )
    assert policy == Policy(
        window=timedelta(minutes=20),
        max_window=timedelta(minutes=45),
        late_entry=timedelta(minutes=5),
        late_entry_notify=timedelta(hours=1),
        late_entry_limit=timedelta(hours=2),
        clock_banner=timedelta(seconds=30),
        clock_suspect=timedelta(seconds=90),
        verbal_order_days=10,
        lunch=time(11, 15),
        year_end_month=7,
        year_end_day=31,
        low_stock_doses=3,
        expiry_notice=timedelta(days=60),
        count_every=timedelta(days=1),
        witness_within=timedelta(hours=12),
        recalled_lots=frozenset({"b2"}),
    )


@pytest.mark.parametrize(
    "nonsense",
    [
        "[]",
        '"x"',
        '{"window_minutes":"30"}',
        '{"window_minutes":-1}',
        '{"window_minutes":true}',
        '{"window_minutes":1e99}',
        '{"window_minutes":99999999999}',
        '{"lunch":"noon"}',
        '{"lunch":"99:99"}',
        '{"school_year_ends":"13-45"}',
        '{"school_year_ends":"02-29"}',
        '{"school_year_ends":null}',
    ],
)
def test_nonsense_leaves_the_default(nonsense: str) -> None:
    assert Policy.from_json(nonsense) == Policy()


@pytest.mark.parametrize(
    ("day", "end"),
    [
        (date(2026, 8, 17), date(2027, 6, 30)),
        (date(2027, 6, 30), date(2027, 6, 30)),
        (date(2027, 7, 1), date(2028, 6, 30)),
    ],
)
def test_a_school_year_ends_once_a_year(day: date, end: date) -> None:
    assert Policy().school_year_end(day) == end
