"""Understanding a time as a nurse types it: 1145, 11:45, 7:05 pm, -10, now, ?."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum, unique
from typing import Final

_CLOCK: Final = re.compile(r"(?P<h>\d{1,2})(?:[:.h ]?(?P<m>\d{2}))?\s*(?P<half>[ap])?\.?m?\.?", re.IGNORECASE)
_BACK: Final = re.compile(r"[-\N{MINUS SIGN}]\s*(?P<minutes>\d{1,3})")
_NOW: Final = frozenset({"now", "n"})
_UNKNOWN: Final = frozenset({"?", "unknown", "u"})
_NOON = 12
_LAST_HOUR = 23
_LAST_MINUTE = 59


@unique
class TimeFault(Enum):
    """Why a time was not understood."""

    NOT_A_TIME = "not_a_time"
    SKIPPED_BY_CLOCK_CHANGE = "skipped_by_clock_change"


@dataclass(frozen=True, slots=True, kw_only=True)
class NothingTyped:
    """The field is empty."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UnknownTime:
    """The nurse says that the time is not known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownTime:
    """A moment in the school's zone."""

    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class UnreadableTime:
    """Something was typed that names no moment."""

    fault: TimeFault


TypedTime = NothingTyped | UnknownTime | KnownTime | UnreadableTime
_NOT_A_TIME: Final = UnreadableTime(fault=TimeFault.NOT_A_TIME)


def parse_typed_time(text: str, now: datetime) -> TypedTime:
    """Return what was meant at `now`, an aware time in the school's zone, whose day a clock time is given.

    A time that happens twice on the night the clocks go back means the first; one that is skipped in spring
    is refused rather than moved.
    """
    typed = text.strip().lower()
    if not typed:
        return NothingTyped()
    if typed in _UNKNOWN:
        return UnknownTime()
    if typed in _NOW:
        return KnownTime(at=now.replace(second=0, microsecond=0))
    if back := _BACK.fullmatch(typed):
        return KnownTime(at=_minutes_before(now, int(back["minutes"])))
    if clock := _CLOCK.fullmatch(typed):
        return _clock_time(clock, now)
    return _NOT_A_TIME


def _minutes_before(now: datetime, minutes: int) -> datetime:
    # Through UTC: ten minutes ago is ten minutes ago also across a clock change.
    back = (now.astimezone(UTC) - timedelta(minutes=minutes)).astimezone(now.tzinfo)
    return back.replace(second=0, microsecond=0)


def _clock_time(clock: re.Match[str], now: datetime) -> TypedTime:
    hour, minute = int(clock["h"]), int(clock["m"] or 0)
    if clock["m"] is None and not clock["half"]:
        return _NOT_A_TIME  # a lone "9" could be nine minutes or nine o'clock
    if clock["half"]:
        if not 1 <= hour <= _NOON:
            return _NOT_A_TIME
        hour = hour % _NOON + (_NOON if clock["half"] == "p" else 0)
    if hour > _LAST_HOUR or minute > _LAST_MINUTE:
        return _NOT_A_TIME
    at = now.replace(hour=hour, minute=minute, second=0, microsecond=0, fold=0)
    if at.astimezone(UTC).astimezone(now.tzinfo).time() != at.time():
        return UnreadableTime(fault=TimeFault.SKIPPED_BY_CLOCK_CHANGE)
    return KnownTime(at=at)
