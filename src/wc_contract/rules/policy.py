"""A district's choices among the defaults of rules.md, read from districts.policy."""

from dataclasses import dataclass
from datetime import date, time, timedelta

from wc_contract.rules.rows import clock_or_none, json_of, texts

_DEFAULT_LUNCH = time(12, 0)
_MOST = 10_000_000  # minutes: nineteen years, and still a valid timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """Numbers that a district may change. The key in districts.policy is the field's name unless said otherwise.

    window and max_window: 'window_minutes', 'max_window_minutes' (W1). late_entry, late_entry_notify and
    late_entry_limit: 'late_entry_minutes', 'late_entry_notify_minutes', 'late_entry_limit_minutes' (A4).
    clock_banner, clock_suspect: 'clock_banner_seconds', 'clock_suspect_seconds' (T3). verbal_order_days (O2).
    lunch: 'HH:MM', when a school has no bell for it (T5). year_end: 'school_year_ends', 'MM-DD' (O1).
    low_stock_doses. expiry_notice: 'expiry_notice_days'. count_every: 'count_every_days' (C3). witness_within:
    'witness_within_hours' (C5). recalled_lots: the lots that are given no more (C7).
    """

    window: timedelta = timedelta(minutes=30)
    max_window: timedelta = timedelta(minutes=60)
    late_entry: timedelta = timedelta(minutes=15)
    late_entry_notify: timedelta = timedelta(hours=24)
    late_entry_limit: timedelta = timedelta(days=7)
    clock_banner: timedelta = timedelta(minutes=2)
    clock_suspect: timedelta = timedelta(minutes=10)
    verbal_order_days: int = 3
    lunch: time = _DEFAULT_LUNCH
    year_end_month: int = 6
    year_end_day: int = 30
    low_stock_doses: int = 5
    expiry_notice: timedelta = timedelta(days=30)
    count_every: timedelta = timedelta(days=7)
    witness_within: timedelta = timedelta(hours=24)
    recalled_lots: frozenset[str] = frozenset()

    @staticmethod
    def from_json(text: str | None) -> "Policy":
        """Read districts.policy. A key that is missing or unreadable leaves the default: rules never raise."""
        raw = json_of(text)
        keys = raw if isinstance(raw, dict) else {}
        default = Policy()
        month, day = _month_day(keys.get("school_year_ends"), default)
        return Policy(
            window=timedelta(minutes=_whole(keys, "window_minutes", 30)),
            max_window=timedelta(minutes=_whole(keys, "max_window_minutes", 60)),
            late_entry=timedelta(minutes=_whole(keys, "late_entry_minutes", 15)),
            late_entry_notify=timedelta(minutes=_whole(keys, "late_entry_notify_minutes", 24 * 60)),
            late_entry_limit=timedelta(minutes=_whole(keys, "late_entry_limit_minutes", 7 * 24 * 60)),
            clock_banner=timedelta(seconds=_whole(keys, "clock_banner_seconds", 120)),
            clock_suspect=timedelta(seconds=_whole(keys, "clock_suspect_seconds", 600)),
            verbal_order_days=_whole(keys, "verbal_order_days", default.verbal_order_days),
            lunch=clock_or_none(str(keys.get("lunch", ""))) or default.lunch,
            year_end_month=month,
            year_end_day=day,
            low_stock_doses=_whole(keys, "low_stock_doses", default.low_stock_doses),
            expiry_notice=timedelta(days=_whole(keys, "expiry_notice_days", 30)),
            count_every=timedelta(days=_whole(keys, "count_every_days", 7)),
            witness_within=timedelta(hours=_whole(keys, "witness_within_hours", 24)),
            recalled_lots=frozenset(lot.strip().casefold() for lot in texts(keys.get("recalled_lots"))),
        )

    def window_of(self, minutes: int | None) -> timedelta:
        """Return the half-width of a dose window: the order's own, at most the district's maximum (W1)."""
        own = self.window if minutes is None else timedelta(minutes=minutes)
        return min(own, self.max_window)

    def school_year_end(self, day: date) -> date:
        """Return the last day of the school year that contains day (O1)."""
        end = date(day.year, self.year_end_month, self.year_end_day)
        return end if day <= end else date(day.year + 1, self.year_end_month, self.year_end_day)


def _whole(keys: dict[str, object], name: str, default: int) -> int:
    value = keys.get(name)
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= _MOST else default


def _month_day(value: object, default: Policy) -> tuple[int, int]:
    try:
        # A leap day exists in 2023's stead only every fourth year; a year must end every year.
        end = date.fromisoformat(f"2023-{value}")
    except ValueError:
        return default.year_end_month, default.year_end_day
    return end.month, end.day
