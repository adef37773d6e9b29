"""The school year around a day, and its school days."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

import holidays

from wc_sync_server.demo.district.shape import STATE

_FIRST = (8, 17)
_LAST = (6, 4)
_TURNS_IN = 7
_SATURDAY = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class SchoolYear:
    """First and last day, and the days without school."""

    first_day: date
    last_day: date
    days_off: frozenset[date]

    @property
    def title(self) -> str:
        return f"{self.first_day.year}-{self.last_day.year}"

    def is_school_day(self, day: date) -> bool:
        return self.first_day <= day <= self.last_day and day.weekday() < _SATURDAY and day not in self.days_off

    def school_days_before(self, day: date, count: int) -> tuple[date, ...]:
        """Return up to count school days before day, oldest first."""
        found: list[date] = []
        while day > self.first_day and len(found) < count:
            day -= timedelta(days=1)
            if self.is_school_day(day):
                found.append(day)
        return tuple(reversed(found))

    def next_school_day(self, day: date) -> date:
        """Return the first school day after day; the day after it when the year is over."""
        for ahead in range(1, 30):
            if self.is_school_day(day + timedelta(days=ahead)):
                return day + timedelta(days=ahead)
        return day + timedelta(days=1)


def school_year_around(today: date) -> SchoolYear:
    """Return the school year that today is in, or that begins next."""
    start = today.year if today.month >= _TURNS_IN else today.year - 1
    first, last = date(start, *_FIRST), date(start + 1, *_LAST)
    return SchoolYear(first_day=first, last_day=last, days_off=frozenset(_days_off(start)))


def _days_off(start: int) -> Iterator[date]:
    yield from holidays.country_holidays("US", subdiv=STATE, years=(start, start + 1))
    thanksgiving = _nth(start, 11, weekday=3, nth=4)
    yield from (thanksgiving - timedelta(days=1), thanksgiving + timedelta(days=1))
    yield from _span(date(start, 12, 21), date(start + 1, 1, 1))
    spring = _nth(start + 1, 3, weekday=0, nth=4)
    yield from _span(spring, spring + timedelta(days=4))


def _nth(year: int, month: int, *, weekday: int, nth: int) -> date:
    first = date(year, month, 1)
    return first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (nth - 1))


def _span(first: date, last: date) -> Iterator[date]:
    for ahead in range((last - first).days + 1):
        yield first + timedelta(days=ahead)
