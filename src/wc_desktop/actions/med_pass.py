"""Today's medication pass."""

from collections.abc import Collection

from wc_contract.model.instants import Instant
from wc_contract.model.kinds import (
    ALLERGY,
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
from wc_desktop.domain.worklist import PassBook, PassDoses, PassRows

_KINDS = (ORDER, ORDER_VERSION, MEDICATION, ALLERGY, STUDENT, CALENDAR_DAY, SCHOOL, DISTRICT)
# An order's version or stop may take effect in the middle of a day: the book is made anew this often.
_BOOK_SECONDS = 300


def due_list(desk: Desk, at: Instant) -> DueList:
    """Return every slot of the school's day at an instant, and where it stands."""
    book = book_of_day(desk, at)
    return worklist.due_list(book, _doses(desk, book, tuple(book.rows)), at)


def due_row(desk: Desk, key: str, at: Instant) -> DueRow:
    """Return one slot as it stands. Raises NotFound for a slot that the school's day has not."""
    book = book_of_day(desk, at)
    if key not in book.rows:
        raise NotFound(key)
    return worklist.due_rows(book, _doses(desk, book, (key,)), (key,), at)[0]


def book_of_day(desk: Desk, at: Instant) -> PassBook:
    """Return the day's slots without their doses; made anew when an order or the roster changed."""
    day = at.astimezone(desk.zone).date()
    key = (day, int(at.timestamp()) // _BOOK_SECONDS)

    def make() -> PassBook:
        return worklist.pass_book(_rows(desk, at), day, at, desk.zone)

    return desk.remembered("pass_book", _KINDS, key, make)


def _rows(desk: Desk, at: Instant) -> PassRows:
    records = desk.records
    day = at.astimezone(desk.zone).date()
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
