"""The months by which the audit is partitioned, and how a partition is called."""

from dataclasses import dataclass
from datetime import UTC, date, datetime

from wc_contract.model.instants import Instant

PARTITION_NAME = "audit_logs_"
_MONTHS = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Month:
    """One month of UTC."""

    year: int
    month: int

    @property
    def table(self) -> str:
        return f"{PARTITION_NAME}{self.year:04d}_{self.month:02d}"

    @property
    def first_day(self) -> date:
        return date(self.year, self.month, 1)

    @property
    def begins(self) -> Instant:
        return datetime(self.year, self.month, 1, tzinfo=UTC)

    def after(self, months: int) -> "Month":
        """Return the month so many months later."""
        years, month = divmod(self.year * _MONTHS + self.month - 1 + months, _MONTHS)
        return Month(year=years, month=month + 1)


def month_of(at: Instant) -> Month:
    """Return the month of UTC in which an instant is."""
    day = at.astimezone(UTC)
    return Month(year=day.year, month=day.month)
