"""What day the demonstration plays: noon of a school day, a later one with every run."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from wc_contract.model.instants import Instant
from wc_sync_server.demo.district.school_year import school_year_around
from wc_sync_server.demo.district.shape import ZONE

_BEGINS = time(11, 48)


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoDay:
    """The school day that is played and what to add to the machine's clock to be there."""

    day: date
    offset_seconds: int


def choose_day(now: Instant, last_played: date | None) -> DemoDay:
    """Return the next day to play: today when it is a school day and was not played yet, else the next one.

    A day is played once: its slots are answered afterwards.
    """
    zone = ZoneInfo(ZONE)
    day = now.astimezone(zone).date()
    if last_played is not None and last_played >= day:
        day = last_played + timedelta(days=1)
    year = school_year_around(day)
    if not year.is_school_day(day):
        day = year.next_school_day(max(day, year.first_day - timedelta(days=1)))
    begins = datetime.combine(day, _BEGINS, zone)
    return DemoDay(day=day, offset_seconds=int((begins - now).total_seconds()))
