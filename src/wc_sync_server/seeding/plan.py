"""How large a seeded district is, and what its rows are made with: the same plan always makes the same rows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

Row = dict[str, Any]
Id = str  # 32 hexadecimal digits: what PostgreSQL reads fastest

ZONE = "America/Chicago"
PUPILS_A_SCHOOL = 500
SCHOOL_DAYS = 40  # of doses and shifts
SATURDAY = 5  # as Python counts
_BITS, _UNDER = 74, (1 << 62) - 1
_ZONE = ZoneInfo(ZONE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Medicine:
    """A medicine of the catalogue: its row without id, and how it is given."""

    row: Mapping[str, Any]
    route: str
    unit: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What is asked for. today is the last day that anything happened on."""

    district: Id
    name: str
    students: int
    schools: int
    seed: int
    today: date
    medicines: Sequence[Medicine]

    @property
    def at(self) -> datetime:
        """When all of it was written."""
        return datetime.combine(self.today, time(0, 30), UTC)

    @property
    def school_days(self) -> tuple[date, ...]:
        """The last school days before today, the oldest first."""
        days = (self.today - timedelta(days=number) for number in range(1, 2 * SCHOOL_DAYS))
        return tuple(sorted([day for day in days if day.weekday() < SATURDAY][:SCHOOL_DAYS]))

    def pupils_of(self, school: int) -> int:
        """Return how many students the school of that number has; all together are as many as asked for."""
        return self.students // self.schools + (school < self.students % self.schools)


class Maker:
    """Ids and chance of one part of a district, from the seed and the part's name."""

    def __init__(self, plan: Plan, part: str) -> None:
        self.plan = plan
        self.chance = Random(f"{plan.seed}/{plan.district}/{part}")  # noqa: S311  # invented children, not secrets
        self._millis = int(plan.at.timestamp()) * 1000

    def new_id(self) -> Id:
        """Return a UUIDv7 of the plan's instant."""
        random = self.chance.getrandbits(_BITS)
        return f"{self._millis << 80 | 7 << 76 | random >> 62 << 64 | 2 << 62 | random & _UNDER:032x}"

    def happens(self, share: float) -> bool:
        """Return whether something that is so for a share of all is so this time."""
        return self.chance.random() < share

    def some(self, share: float, most: int = 3) -> range:
        """Return a range of a length that is share on average."""
        whole, part = int(share), share % 1
        return range(min(most, whole + self.happens(part)))

    def day_before(self, days: int) -> date:
        """Return a day at most so many days before today."""
        return self.plan.today - timedelta(days=self.chance.randrange(1, days + 1))

    def during(self, day: date) -> datetime:
        """Return an instant within the school's hours of a day."""
        minute = self.chance.randrange(8 * 60, 15 * 60)
        return at_clock(day, minute)


def at_clock(day: date, minute: int) -> datetime:
    """Return the instant of a minute of a school's day."""
    return datetime.combine(day, time(minute // 60, minute % 60), _ZONE).astimezone(UTC)
