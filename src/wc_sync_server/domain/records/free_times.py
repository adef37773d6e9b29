"""When somebody is free: what the school's day leaves after lunch and after the appointments there are."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from wc_contract.model.instants import Instant
from wc_contract.rules.calendar import CalendarFacts
from wc_contract.rules.rows import clock_or_none

STEP = timedelta(minutes=15)
_USUAL = (time(8, 0), time(15, 0))
_LUNCH = "lunch"


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A span of time; until is not part of it."""

    since: Instant
    until: Instant

    def meets(self, other: "Span") -> bool:
        """Whether the two have a moment in common."""
        return self.since < other.until and other.since < self.until


@dataclass(frozen=True, slots=True, kw_only=True)
class Bells:
    """A school's day in its own wall-clock: when it begins and ends, and which periods are nobody's."""

    begins: time
    ends: time
    kept_free: tuple[tuple[time, time], ...] = ()


def bells_of(periods: Iterable[Mapping[str, Any]]) -> Bells:
    """Return a day by its periods [{"name", "from", "to"}]; eight to three when they say nothing."""
    read = [
        (str(period.get("name", "")), clock_or_none(str(period.get("from"))), clock_or_none(str(period.get("to"))))
        for period in periods
    ]
    spans = [(name, since, until) for name, since, until in read if since is not None and until is not None]
    begins = min((since for _, since, _ in spans), default=_USUAL[0])
    ends = max((until for _, _, until in spans), default=_USUAL[1])
    lunch = tuple((since, until) for name, since, until in spans if name.strip().casefold() == _LUNCH)
    return Bells(begins=begins, ends=ends, kept_free=lunch)


def open_hours(day: date, calendar: CalendarFacts, bells: Bells, zone: ZoneInfo) -> Iterator[Span]:
    """Yield the spans of a day in which appointments may be made; none on a holiday."""
    facts = calendar.day(day)
    if not calendar.is_school_day(day):
        return
    begins = max(bells.begins, facts.open or bells.begins)
    ends = min(bells.ends, facts.close or bells.ends)
    at = begins
    for since, until in sorted(bells.kept_free):
        if at < min(since, ends):
            yield _span(day, at, min(since, ends), zone)
        at = max(at, until)
    if at < ends:
        yield _span(day, at, ends, zone)


def free_times(hours: Iterable[Span], busy: Sequence[Span], within: Span, duration: timedelta) -> Iterator[Span]:
    """Yield every span of duration, a quarter of an hour apart, that lies in hours and within and meets nothing."""
    for span in hours:
        at = span.since
        while at + duration <= span.until:
            found = Span(since=at, until=at + duration)
            inside = within.since <= found.since and found.until <= within.until
            if inside and not any(found.meets(other) for other in busy):
                yield found
            at += STEP


def _span(day: date, since: time, until: time, zone: ZoneInfo) -> Span:
    return Span(
        since=datetime.combine(day, since, tzinfo=zone).astimezone(UTC),
        until=datetime.combine(day, until, tzinfo=zone).astimezone(UTC),
    )
