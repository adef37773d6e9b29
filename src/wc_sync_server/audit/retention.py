"""How long the audit is kept: in the database while it is hot, in an archive while any rule asks for it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

HOT_MONTHS = 18
# 45 CFR 164.316(b)(2)(i) asks six years of the documentation that HIPAA wants; we keep the audit at least as long.
LEAST_YEARS = 6
# The youngest pupil that a line can be about (schema.md: 3 to 22 years).
_YOUNGEST = 3
_MONTHS = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A rule of the country, the state or the district about one class of records, while it is in force."""

    keep_years: int
    until_age: int | None = None
    hot_months: int | None = None
    valid_from: date
    valid_to: date | None = None

    def in_force(self, day: date) -> bool:
        """Whether the rule holds on a day."""
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)

    @property
    def years(self) -> int:
        """For how many years it asks; until an age means until the youngest pupil of now has it."""
        return max(self.keep_years, 0 if self.until_age is None else self.until_age - _YOUNGEST)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """A legal hold in force: nothing of its time may leave the database."""

    first: date | None = None
    last: date | None = None

    def covers(self, month: date) -> bool:
        """Whether the month that begins on this day is held, in part at least."""
        after = self.last is not None and self.last < month
        before = self.first is not None and self.first >= months_later(month, 1)
        return not after and not before


@dataclass(frozen=True, slots=True, kw_only=True)
class Keeping:
    """What a district asks of its audit on one day."""

    hot_months: int
    years: int
    holds: tuple[Hold, ...] = ()

    def is_hot(self, month: date, today: date) -> bool:
        """Whether a month must still be in the database."""
        return months_later(month, self.hot_months + 1) > today

    def is_held(self, month: date) -> bool:
        """Whether a legal hold covers the month."""
        return any(hold.covers(month) for hold in self.holds)

    def keep_until(self, month: date) -> date:
        """Return until when the archive of a month must be kept; a hold placed later can make it longer."""
        return months_later(month, 1 + self.years * _MONTHS)


def keeping(rules: Iterable[Rule], holds: Sequence[Hold], today: date) -> Keeping:
    """Return what follows from rules of every class: the longest of all, and never less than the law's.

    The audit of a record must be there as long as the record is, so rules about records count too.
    """
    now = [rule for rule in rules if rule.in_force(today)]
    return Keeping(
        hot_months=max((rule.hot_months for rule in now if rule.hot_months is not None), default=HOT_MONTHS),
        years=max([LEAST_YEARS, *(rule.years for rule in now)]),
        holds=tuple(holds),
    )


def months_later(day: date, months: int) -> date:
    """Return the first day of the month so many months after that of day."""
    years, month = divmod(day.year * _MONTHS + day.month - 1 + months, _MONTHS)
    return date(years, month + 1, 1)
