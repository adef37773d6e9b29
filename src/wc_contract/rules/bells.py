"""Class periods of a school day: which bell schedule holds, and in which period a time lies."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, time

from wc_contract.rules.rows import Row, clock_or_none, json_of


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassPeriod:
    """One period by the school's wall clock; its end belongs to what follows."""

    name: str
    begins: time
    ends: time


def periods_on(schedules: Iterable[Row], day: date) -> tuple[ClassPeriod, ...]:
    """Return the periods of a school-local day, by time, from bell_schedules rows in wire form.

    Of several schedules that hold on the day's weekday the newest counts. A period that cannot be read is left out:
    rules never raise.
    """
    holding = [row for row in schedules if _holds(row, day)]
    newest = max(holding, key=_since, default=None)
    periods = () if newest is None else tuple(_periods(newest["periods"]))
    return tuple(sorted(periods, key=_place))


def period_at(periods: Sequence[ClassPeriod], at: time) -> str:
    """Return the name of the period that a time lies in, '' before the first and after the last.

    Between two bells it is the one that begins next; where two overlap, the one that began last.
    """
    running = [one for one in periods if one.begins <= at < one.ends]
    if running:
        return running[-1].name
    coming = [one for one in periods if one.begins > at]
    begun = any(one.ends <= at for one in periods)
    return coming[0].name if coming and begun else ""


def _holds(row: Row, day: date) -> bool:
    text, until = day.isoformat(), row["effective_to"]
    weekdays = json_of(row["weekdays"])
    listed = isinstance(weekdays, list) and day.isoweekday() in weekdays
    return listed and str(row["effective_from"]) <= text and (until is None or text <= str(until))


def _periods(noted: str | None) -> Iterator[ClassPeriod]:
    listed = json_of(noted)
    for each in listed if isinstance(listed, list) else ():
        if not isinstance(each, dict):
            continue
        name = str(each.get("name") or "").strip()
        begins, ends = clock_or_none(str(each.get("from"))), clock_or_none(str(each.get("to")))
        if name and begins is not None and ends is not None and begins < ends:
            yield ClassPeriod(name=name, begins=begins, ends=ends)


def _since(row: Row) -> tuple[str, str]:
    return str(row["effective_from"]), str(row["id"])


def _place(period: ClassPeriod) -> tuple[time, time, str]:
    return period.begins, period.ends, period.name
