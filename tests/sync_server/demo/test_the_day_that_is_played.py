from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from wc_sync_server.demo.days import choose_day


def noon_there(day: date, offset_seconds: int, now: datetime) -> datetime:
    there = datetime.fromtimestamp(now.timestamp() + offset_seconds, ZoneInfo("America/Chicago"))
    assert there.date() == day
    return there


@pytest.mark.parametrize(
    ("now", "day"),
    [
        (datetime(2026, 11, 23, 3, 0, tzinfo=UTC), date(2026, 11, 23)),  # Sunday evening in Chicago
        (datetime(2026, 11, 23, 20, 0, tzinfo=UTC), date(2026, 11, 23)),
        (datetime(2026, 11, 26, 18, 0, tzinfo=UTC), date(2026, 11, 30)),  # Thanksgiving
        (datetime(2026, 7, 4, 18, 0, tzinfo=UTC), date(2026, 8, 17)),  # summer: the first day of school
    ],
)
def test_it_is_noon_on_a_school_day(now: datetime, day: date) -> None:
    chosen = choose_day(now, None)
    assert chosen.day == day
    there = noon_there(day, chosen.offset_seconds, now)
    assert (there.hour, there.minute) == (11, 48)


def test_a_day_is_played_once() -> None:
    now = datetime(2026, 11, 23, 20, 0, tzinfo=UTC)
    assert choose_day(now, date(2026, 11, 23)).day == date(2026, 11, 24)
    assert choose_day(now, date(2026, 11, 24)).day == date(2026, 11, 30)  # Wednesday to Friday are off
