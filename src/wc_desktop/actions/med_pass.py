"""Today's medication pass."""

from collections.abc import Collection
from datetime import UTC, date, datetime, time, timedelta

from wc_contract.model.instants import Instant
from wc_contract.model.kinds import (
    ALLERGY,
    BELL_SCHEDULE,
    CALENDAR_DAY,
    DISTRICT,
    DOSE,
    MEDICATION,
    ORDER,
    ORDER_VERSION,
    REVIEW_CASE,
    SCHOOL,
    STUDENT,
)
from wc_desktop.actions.desk import Desk
from wc_desktop.actions.dose_stock import on_hand
from wc_desktop.actions.reading import dose_viewer, medications, names_alike
from wc_desktop.domain import worklist
from wc_desktop.domain.failures import NotFound
from wc_desktop.domain.screens import DueList, DueRow
from wc_desktop.domain.views import text, text_or_none
from wc_desktop.domain.worklist import PassBook, PassDoses, PassRows, pass_book

_KINDS = (ORDER, ORDER_VERSION, MEDICATION, ALLERGY, STUDENT, BELL_SCHEDULE, CALENDAR_DAY, SCHOOL, DISTRICT)
# An order's version or stop may take effect in the middle of a day: the book is made anew this often.
_BOOK_SECONDS = 300


def due_list(desk: Desk, at: Instant) -> DueList:
    """Return every slot of the school's day at an instant, and where it stands."""
    book = book_of_day(desk, at)
    return worklist.due_list(book, _doses(desk, book, tuple(book.rows)), at)


def earlier_day(desk: Desk, back: int, at: Instant) -> DueList:
    """Return the slots of the day so many days ago that can still be answered late, as they stand now (A4)."""
    day = at.astimezone(desk.zone).date() - timedelta(days=back)
    book = book_of_day(desk, at, day)
    first = at - book.facts.policy.late_entry_limit
    keys = tuple(key for key, row in book.rows.items() if row.due_at >= first)
    rows = worklist.due_rows(book, _doses(desk, book, keys), keys, at)
    return DueList(day=day, at=at, rows=rows, day_kind=book.day_kind, ends_at=book.ends_at)


def due_row(desk: Desk, key: str, at: Instant, day: date | None = None) -> DueRow:
    """Return one slot as it stands, of an earlier day when one is named. Raises NotFound for one that it has not."""
    book = book_of_day(desk, at, day)
    if key not in book.rows:
        raise NotFound(key)
    return worklist.due_rows(book, _doses(desk, book, (key,)), (key,), at)[0]


def book_of_day(desk: Desk, at: Instant, day: date | None = None) -> PassBook:
    """Return a day's slots without their doses; made anew when an order or the roster changed.

    day: one before that of the instant; its orders are taken as they stood when it ended.
    """
    today = at.astimezone(desk.zone).date()
    if day is None or day == today:
        key = (today, int(at.timestamp()) // _BOOK_SECONDS)
        return desk.remembered("pass_book", _KINDS, key, lambda: pass_book(_rows(desk, today), today, at, desk.zone))
    ended = datetime.combine(day, time.max, tzinfo=desk.zone).astimezone(UTC)
    # So many days ago: what is remembered does not grow with the days that the program runs.
    name = f"pass_book {(today - day).days}"
    return desk.remembered(name, _KINDS, day, lambda: pass_book(_rows(desk, day), day, ended, desk.zone))


def _rows(desk: Desk, day: date) -> PassRows:
    records = desk.records
    orders = records.scheduled_orders(day)
    children = sorted({text(order, "student_id") for order in orders})
    school = records.find(SCHOOL, str(desk.station.school_id))
    districts = records.every(DISTRICT)
    return PassRows(
        orders=orders,
        versions=records.where(ORDER_VERSION, "order_id", [text(order, "id") for order in orders]),
        medications=tuple(medications(desk).values()),
        students=records.where(STUDENT, "id", children),
        allergies=records.where(ALLERGY, "student_id", children),
        calendar_days=records.where(CALENDAR_DAY, "date", [day.isoformat()]),
        bells=None if school is None else text_or_none(school, "bells"),
        bell_schedules=records.every(BELL_SCHEDULE),
        policy=text(districts[0], "policy") if districts else None,
        alike=names_alike(desk),
    )


def _doses(desk: Desk, book: PassBook, keys: Collection[str]) -> PassDoses:
    records = desk.records
    return PassDoses(
        answers=records.where(DOSE, "slot_id", keys),
        last_taken=records.last_taken(sorted({str(book.rows[key].order_id) for key in keys})),
        cases=records.where(REVIEW_CASE, "slot_id", keys),
        stock=on_hand(desk, (book.rows[key] for key in keys), book.day),
        view=dose_viewer(desk),
    )
