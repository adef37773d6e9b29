"""The medication schedule of a school's day: every slot, by the same rule as on the workstations, and its answer."""

# ruff: noqa: S608  # names of our own declaration

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from wc_contract.model import kinds
from wc_contract.model.ids import SchoolId
from wc_contract.rules.calendar import CalendarFacts, Slot, slot_status, slots_for
from wc_contract.rules.facts import DoseFacts, OrderFacts, OrderVersionFacts
from wc_contract.rules.policy import Policy
from wc_sync_server.db.repositories.records.desk import Desk, Seat
from wc_sync_server.db.repositories.records.lists import asked
from wc_sync_server.db.repositories.records.living import living
from wc_sync_server.db.repositories.wire_sql import wire_object
from wc_sync_server.domain.records import answers
from wc_sync_server.domain.records.pages import Row
from wc_sync_server.domain.records.person import Person
from wc_sync_server.domain.records.refusals import RecordRefused, RecordsProblem

# Found by idx_medication_schedule; the version in force is the order's present one.
SCHEDULED = (
    f"SELECT {wire_object(kinds.ORDER.name, 't')} AS ordered, {wire_object(kinds.ORDER_VERSION.name, 'v')} AS version,"
    " s.student_number, s.first_name AS student_first_name, s.last_name AS student_last_name, s.grade, s.homeroom,"
    " m.name AS medication_name, m.strength"
    f" FROM {living(kinds.ORDER, 't')}"
    f" JOIN {living(kinds.ORDER_VERSION, 'v')}"
    " ON v.district_id = t.district_id AND v.order_id = t.id AND v.version = t.version"
    f" JOIN {living(kinds.STUDENT, 's')} ON s.district_id = t.district_id AND s.id = t.student_id AND s.is_active"
    f" JOIN {living(kinds.MEDICATION, 'm')} ON m.district_id = t.district_id AND m.id = t.medication_id"
    " WHERE t.district_id = %(district)s AND t.school_id = %(school)s"
    # One that was stopped still had the slots before its stop: which, says the rule of the calendar, by the local day.
    " AND (t.status IN ('ACTIVE', 'HELD') OR (t.status IN ('DISCONTINUED', 'COMPLETED', 'EXPIRED', 'SUPERSEDED')"
    " AND t.stop_effective_at > %(day)s::date - 2))"
    " AND t.kind = 'SCHEDULED' AND t.start_date <= %(day)s AND (t.end_date IS NULL OR t.end_date >= %(day)s)"
)
_DAY = (
    "SELECT t.timezone, t.bells::text AS bells,"
    " (SELECT d.policy::text FROM districts d WHERE d.district_id = %(district)s) AS policy,"
    " (SELECT json_agg(json_build_object('date', c.date, 'kind', c.kind, 'open', c.open, 'close', c.close))"
    f" FROM {living(kinds.CALENDAR_DAY, 'c')} WHERE c.district_id = %(district)s AND c.school_id = t.id"
    " AND c.date = %(day)s) AS days"
    f" FROM {living(kinds.SCHOOL, 't')} WHERE t.district_id = %(district)s AND t.id = %(school)s"
)
_GIVEN = (
    f"SELECT {wire_object(kinds.DOSE.name, 't')} AS dose FROM {living(kinds.DOSE, 't')}"
    " WHERE t.district_id = %(district)s AND t.order_id = ANY(%(orders)s::uuid[]) AND t.slot_id IS NOT NULL"
    " AND t.slot_date = %(day)s"
)
_TOLD = (
    "student_number", "student_first_name", "student_last_name", "grade", "homeroom", "medication_name", "strength",
)  # fmt: skip


class PostgresSchedule:
    """Schedules of the person's schools (api.records_ports.Schedule)."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def day(self, person: Person, school: SchoolId, day: date) -> list[Row]:
        """Return every slot of a school's day, by time, with where it stands now."""

        def look(seat: Seat) -> list[Row]:
            values = {"district": seat.uow.context.district, "school": school, "day": day}
            found = asked(seat.uow, SCHEDULED, values)
            orders = [row["ordered"]["id"] for row in found]
            doses = asked(seat.uow, _GIVEN, {**values, "orders": orders})
            frame = asked(seat.uow, _DAY, values)
            if not frame:
                raise RecordRefused(RecordsProblem.NO_RECORD)
            given = [DoseFacts.from_row(row["dose"]) for row in doses]
            slots: list[Row] = sorted(_slots(found, frame[0], given, day, seat), key=_when)
            shown = {row["order_id"]: {"id": row["order_id"], "school_id": school} for row in slots}
            seat.saw(answers.SLOT, shown.values(), via="schedule")
            return slots

        return self._desk.read(person, look, school=school)


def _slots(
    found: Sequence[Row], frame: Row, given: Sequence[DoseFacts], day: date, seat: Seat
) -> Iterator[dict[str, Any]]:
    calendar, zone = CalendarFacts.from_rows(frame["days"] or [], frame["bells"]), ZoneInfo(frame["timezone"])
    policy = Policy.from_json(frame["policy"])
    for row in found:
        order, version = OrderFacts.from_row(row["ordered"]), OrderVersionFacts.from_row(row["version"])
        own = [dose for dose in given if dose.order_id == order.id]
        for slot in slots_for(order, version, day, calendar, zone, policy=policy, grade=row["grade"]):
            yield {**_slot(slot, version, row), "status": slot_status(slot, own, seat.uow.at).value}


def _slot(slot: Slot, version: OrderVersionFacts, row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "id": slot.id,
        "order_id": slot.order_id,
        "student_id": slot.student_id,
        "medication_id": slot.medication_id,
        "date": slot.date,
        "time": slot.time.strftime("%H:%M"),
        "due_at": slot.due_at,
        "opens_at": slot.opens_at,
        "closes_at": slot.closes_at,
        "suppressed": None if slot.suppressed is None else slot.suppressed.value,
        "dose": version.dose,
        "unit": version.unit,
        "route": row["version"]["route"],
        "instructions": row["version"]["instructions"],
        **{name: row[name] for name in _TOLD},
    }


def _when(row: Row) -> tuple[object, ...]:
    return row["due_at"], row["student_last_name"], row["student_first_name"], row["id"]
