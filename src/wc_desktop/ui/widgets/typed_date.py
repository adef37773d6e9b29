"""Understanding a date as a nurse types it: 3 Nov 2026, 11/3/2026, 2026-11-03, today, -2."""

import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

_MONTHS: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_ISO: Final = re.compile(r"(?P<y>\d{4})-(?P<m>\d{1,2})-(?P<d>\d{1,2})")
_US: Final = re.compile(r"(?P<m>\d{1,2})[/.](?P<d>\d{1,2})(?:[/.](?P<y>\d{4}))?")
_DAY_FIRST: Final = re.compile(r"(?P<d>\d{1,2})\s*(?P<name>[a-z]{3,9})\.?,?\s*(?P<y>\d{4})?")
_MONTH_FIRST: Final = re.compile(r"(?P<name>[a-z]{3,9})\.?\s*(?P<d>\d{1,2}),?\s*(?P<y>\d{4})?")
_BACK: Final = re.compile(r"[-\N{MINUS SIGN}]\s*(?P<days>\d{1,3})")
_WORDS: Final = {"today": 0, "t": 0, "yesterday": 1, "y": 1}


@dataclass(frozen=True, slots=True, kw_only=True)
class NoDateTyped:
    """The field is empty."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownDate:
    """A day."""

    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class UnreadableDate:
    """Something was typed that names no day."""


TypedDate = NoDateTyped | KnownDate | UnreadableDate


def parse_typed_date(text: str, today: date) -> TypedDate:
    """Return what was meant. Slashes are month first, as in the United States; a missing year is this year."""
    typed = " ".join(text.strip().lower().split())
    if not typed:
        return NoDateTyped()
    if typed in _WORDS:
        return KnownDate(on=today - timedelta(days=_WORDS[typed]))
    if back := _BACK.fullmatch(typed):
        return KnownDate(on=today - timedelta(days=int(back["days"])))
    for pattern in (_ISO, _US, _DAY_FIRST, _MONTH_FIRST):
        if found := pattern.fullmatch(typed):
            return _day(found, today)
    return UnreadableDate()


def _day(found: re.Match[str], today: date) -> TypedDate:
    parts = found.groupdict()
    year = int(parts["y"]) if parts["y"] else today.year
    try:
        month = _MONTHS.index(parts["name"][:3]) + 1 if parts.get("name") else int(parts["m"])
        return KnownDate(on=date(year, month, int(parts["d"])))
    except ValueError:
        return UnreadableDate()
