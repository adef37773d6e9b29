"""Appointments: lists, when a nurse is free, and bookings that never meet another of hers."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from wc_contract.model import kinds
from wc_contract.model.ids import SchoolId
from wc_contract.model.instants import instant_from_text
from wc_contract.model.office_values import AppointmentStatus
from wc_contract.model.values import Role
from wc_sync_server.db.repositories.records import joins
from wc_sync_server.db.repositories.records.desk import Desk, Seat
from wc_sync_server.db.repositories.records.doses import span
from wc_sync_server.db.repositories.records.lists import Listing, of_schools, page_of, the_one
from wc_sync_server.db.repositories.records.nurse_times import hours_of_school, schools_of_nurse, taken
from wc_sync_server.db.repositories.records.writing import (
    Changes,
    add_record,
    change_locked,
    different,
    known,
    require_unmoved,
    require_user,
    school_of,
    school_of_student,
)
from wc_sync_server.domain.records import answers
from wc_sync_server.domain.records.free_times import Span, free_times
from wc_sync_server.domain.records.pages import Page, Row, Window
from wc_sync_server.domain.records.person import Person
from wc_sync_server.domain.records.questions import AppointmentsAsked, FreeAsked
from wc_sync_server.domain.records.refusals import RecordRefused, RecordsProblem
from wc_sync_server.domain.records.steps import require_appointment_step

_NURSE, _NURSE_NAME = joins.person("nurse_id", "nurse_name")
APPOINTMENTS = Listing(
    kind=kinds.APPOINTMENT,
    shape=answers.APPOINTMENT,
    order=("scheduled_at", "id"),
    joins=f"{joins.STUDENT} {_NURSE}",
    joined={**joins.STUDENT_NAMES, **_NURSE_NAME},
)
_OPEN = frozenset({AppointmentStatus.SCHEDULED.value, AppointmentStatus.IN_PROGRESS.value})
_NURSES = (Role.NURSE.value, Role.SUBSTITUTE.value, Role.SUPERVISOR.value)
_MOST_TIMES = 200
# Two appointments that were made elsewhere at once stand beside each other; a note on one, or that it begins, moves
# nothing. No step opens one again that is over.
_OF_TIME = frozenset({"nurse_id", "scheduled_at", "duration"})


class PostgresAppointments:
    """Appointments of the person's schools (api.records_ports.Appointments)."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def listed(self, person: Person, wanted: AppointmentsAsked, window: Window) -> Page:
        """Return a page of appointments, in the order of time."""

        def look(seat: Seat) -> Page:
            values = {
                "school": wanted.school,
                "student": wanted.student,
                "nurse": wanted.nurse,
                "status": wanted.status,
                "since": wanted.since,
                "until": wanted.until,
            }
            page = page_of(seat.uow, APPOINTMENTS, _conditions(wanted), values, window)
            seat.saw(answers.APPOINTMENT, page.rows, via="list")
            return page

        return self._desk.read(person, look, school=wanted.school)

    def one(self, person: Person, appointment: UUID) -> Row:
        """Return an appointment. Raises RecordRefused(NO_RECORD)."""

        def look(seat: Seat) -> Row:
            row = the_one(seat.uow, APPOINTMENTS, appointment)
            seat.saw(answers.APPOINTMENT, [row], via="record")
            return row

        return self._desk.read(person, look)

    def free(self, person: Person, wanted: FreeAsked) -> list[Span]:
        """Return when a nurse is free for a school: within its bells, apart from her appointments anywhere."""
        if wanted.school not in person.schools:
            raise RecordRefused(RecordsProblem.NO_RECORD)

        def look(seat: Seat) -> list[Span]:
            require_user(seat, wanted.nurse, "nurse", _NURSES)
            within = Span(since=wanted.since, until=wanted.until)
            hours = hours_of_school(seat, wanted.school, within)
            busy = taken(seat, wanted.nurse, within)
            seat.note("VIEW", "nurse_times", wanted.nurse, {"via": "availability"})
            return list(free_times(hours, busy, within, wanted.duration))[:_MOST_TIMES]

        # The nurse may have appointments at schools that are none of the person's: only that she has leaves.
        return self._desk.read(person, look, everywhere=True)

    def add(self, person: Person, values: Changes) -> Row:
        """Book an appointment. Raises RecordRefused: INVALID, TAKEN, NOT_FREE."""

        def work(seat: Seat) -> Row:
            school = school_of_student(seat, UUID(str(values["student_id"])))
            if school not in person.schools:
                raise RecordRefused(RecordsProblem.INVALID, fields=("student_id",))
            require_user(seat, str(values["nurse_id"]), "nurse_id", _NURSES)
            row = {"status": AppointmentStatus.SCHEDULED.value, **values}
            self._hold(seat, school, UUID(str(values["nurse_id"])))
            require_unmoved(seat, UUID(str(values["student_id"])), school)
            _require_free(seat, UUID(str(values["id"])), row)
            add_record(seat, kinds.APPOINTMENT, answers.APPOINTMENT, school, row)
            return the_one(seat.uow, APPOINTMENTS, values["id"])

        return self._desk.write(person, work, everywhere=True)

    def change(self, person: Person, appointment: UUID, changes: Changes, version: int) -> Row:
        """Move an appointment, or take it a step on. Raises RecordRefused: NO_RECORD, STALE, NOT_FREE, WRONG_STATE."""

        def work(seat: Seat) -> Row:
            school = school_of(seat, kinds.APPOINTMENT, appointment)
            present = known(seat, kinds.APPOINTMENT, appointment)
            if school not in person.schools or present is None:
                raise RecordRefused(RecordsProblem.NO_RECORD)
            nurse = str(changes.get("nurse_id") or present["nurse_id"])
            if _moves(present, changes):  # those of a nurse who has left since can still be cancelled
                require_user(seat, nurse, "nurse_id", _NURSES)
            self._hold(seat, school, UUID(nurse))

            def settle(row: Mapping[str, Any]) -> Changes:
                require_appointment_step(row["status"], str(changes.get("status", row["status"])))
                if _moves(row, changes):
                    _require_free(seat, appointment, {**row, **changes})
                return {}

            shape = answers.APPOINTMENT
            change_locked(seat, kinds.APPOINTMENT, shape, school, appointment, changes, version, settle)
            return the_one(seat.uow, APPOINTMENTS, appointment)

        return self._desk.write(person, work, everywhere=True)

    def _hold(self, seat: Seat, school: SchoolId, nurse: UUID) -> None:
        # Whoever books this nurse, at any of her schools, holds all of their streams: two bookings see each other.
        # Somebody who was never assigned to one can be booked at every one.
        seat.uow.lock_streams(school, *(schools_of_nurse(seat, nurse) or seat.person.everywhere))


def _moves(present: Mapping[str, Any], changes: Changes) -> bool:
    wanted = {name: value for name, value in changes.items() if name in _OF_TIME}
    return bool(different(kinds.APPOINTMENT, present, wanted))


def _require_free(seat: Seat, appointment: UUID, row: Mapping[str, Any]) -> None:
    if row["status"] not in _OPEN:
        return
    since = instant_from_text(str(row["scheduled_at"]))
    wanted = Span(since=since, until=since + timedelta(minutes=int(row["duration"])))
    if taken(seat, UUID(str(row["nurse_id"])), wanted, apart_from=appointment):
        raise RecordRefused(RecordsProblem.NOT_FREE, fields=("scheduled_at",))


def _conditions(wanted: AppointmentsAsked) -> list[str]:
    conditions = [of_schools(wanted.school), *span("scheduled_at", wanted.since, wanted.until)]
    if wanted.student is not None:
        conditions.append("t.student_id = %(student)s")
    if wanted.nurse is not None:
        conditions.append("t.nurse_id = %(nurse)s")
    if wanted.status is not None:
        conditions.append("t.status = %(status)s")
    return conditions
