"""A nurse's time, in all the schools she works at: what is taken of it, and what a school's day leaves."""

# ruff: noqa: S608  # names of our own declaration

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from wc_contract.model import kinds
from wc_contract.model.ids import SchoolId
from wc_contract.rules.calendar import CalendarFacts
from wc_sync_server.db.repositories.records.desk import Seat
from wc_sync_server.db.repositories.records.lists import asked
from wc_sync_server.db.repositories.records.living import living
from wc_sync_server.domain.records.free_times import Bells, Span, bells_of, open_hours
from wc_sync_server.domain.records.refusals import RecordRefused, RecordsProblem

_LONGEST = timedelta(minutes=480)

# Of appointments only when they are: this is asked across schools.
TAKEN = (
    f"SELECT t.scheduled_at, t.duration FROM {living(kinds.APPOINTMENT, 't')} WHERE t.district_id = %(district)s"
    " AND t.nurse_id = %(nurse)s AND t.status IN ('SCHEDULED', 'IN_PROGRESS')"
    " AND t.scheduled_at >= %(earliest)s AND t.scheduled_at < %(until)s"
    " AND t.scheduled_at + t.duration * interval '1 minute' > %(since)s"
    " AND (%(apart_from)s::uuid IS NULL OR t.id <> %(apart_from)s::uuid)"
    " ORDER BY t.scheduled_at"
)
_WORKS_AT = (
    f"SELECT DISTINCT t.school_id FROM {living(kinds.SCHOOL_ASSIGNMENT, 't')} WHERE t.district_id = %(district)s"
    " AND t.user_id = %(nurse)s"
)
_SCHOOL = (
    "SELECT t.timezone,"
    f" (SELECT json_agg(json_build_object('date', d.date, 'kind', d.kind, 'open', d.open, 'close', d.close))"
    f" FROM {living(kinds.CALENDAR_DAY, 'd')} WHERE d.district_id = %(district)s AND d.school_id = t.id"
    " AND d.date BETWEEN %(first)s AND %(last)s) AS days,"
    " (SELECT json_agg(json_build_object('weekdays', b.weekdays, 'periods', b.periods, 'from', b.effective_from,"
    " 'to', b.effective_to) ORDER BY b.effective_from DESC, b.id)"
    f" FROM {living(kinds.BELL_SCHEDULE, 'b')} WHERE b.district_id = %(district)s AND b.school_id = t.id"
    " AND b.effective_from <= %(last)s AND (b.effective_to IS NULL OR b.effective_to >= %(first)s)) AS bells"
    f" FROM {living(kinds.SCHOOL, 't')} WHERE t.district_id = %(district)s AND t.id = %(school)s"
)


def schools_of_nurse(seat: Seat, nurse: UUID) -> list[SchoolId]:
    """Return every school somebody is or was assigned to."""
    rows = asked(seat.uow, _WORKS_AT, {"district": seat.uow.context.district, "nurse": nurse})
    return [SchoolId(row["school_id"]) for row in rows]


def taken(seat: Seat, nurse: UUID, within: Span, *, apart_from: UUID | None = None) -> list[Span]:
    """Return when the nurse has open appointments that meet within, at whatever school."""
    values = {
        "district": seat.uow.context.district,
        "nurse": nurse,
        "since": within.since,
        "until": within.until,
        "earliest": within.since - _LONGEST,
        "apart_from": apart_from,
    }
    rows = asked(seat.uow, TAKEN, values)
    return [_span(row["scheduled_at"], row["duration"]) for row in rows]


def hours_of_school(seat: Seat, school: SchoolId, within: Span) -> list[Span]:
    """Return when appointments may be made at a school, by its calendar and bells."""
    first, last = (within.since - timedelta(days=1)).date(), (within.until + timedelta(days=1)).date()
    values = {"district": seat.uow.context.district, "school": school, "first": first, "last": last}
    rows = asked(seat.uow, _SCHOOL, values)
    if not rows:
        raise RecordRefused(RecordsProblem.NO_RECORD)
    zone, bells = ZoneInfo(rows[0]["timezone"]), rows[0]["bells"] or []
    calendar = CalendarFacts.from_rows(rows[0]["days"] or [], None)
    days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    return [span for day in days for span in open_hours(day, calendar, _bells_on(bells, day), zone)]


def _bells_on(schedules: Sequence[dict[str, object]], day: date) -> Bells:
    text = day.isoformat()
    for each in schedules:
        days, periods = each["weekdays"], each["periods"]
        in_force = str(each["from"]) <= text and (each["to"] is None or text <= str(each["to"]))
        if in_force and isinstance(days, list) and day.isoweekday() in days and isinstance(periods, list):
            return bells_of(period for period in periods if isinstance(period, dict))
    return bells_of(())


def _span(since: datetime, minutes: int) -> Span:
    return Span(since=since, until=since + timedelta(minutes=minutes))
