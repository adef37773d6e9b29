"""Appointments: lists, when a nurse is free, and bookings that never meet another of hers."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any
from uuid import UUID

from wc_contract.model import kinds
from wc_sync_server.db.repositories.records import joins
from wc_sync_server.db.repositories.records.booking import NURSES, book, hold, require_free
from wc_sync_server.db.repositories.records.desk import Desk, Seat
from wc_sync_server.db.repositories.records.doses import span
from wc_sync_server.db.repositories.records.lists import Listing, equal, of_schools, the_one
from wc_sync_server.db.repositories.records.nurse_times import hours_of_school, taken
from wc_sync_server.db.repositories.records.reminding import follow
from wc_sync_server.db.repositories.records.seen import seen_one, seen_page
from wc_sync_server.db.repositories.records.writing import (
    Changes,
    change_locked,
    different,
    known,
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

_NURSE_NAME = joins.person("nurse_id", "nurse_name")
APPOINTMENTS = Listing(
    kind=kinds.APPOINTMENT,
    shape=answers.APPOINTMENT,
    order=("scheduled_at", "id"),
    joins=joins.STUDENT,
    joined={**joins.STUDENT_NAMES, **_NURSE_NAME},
)
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
        return self._desk.read(
            person, seen_page(APPOINTMENTS, _conditions(wanted), asdict(wanted), window), school=wanted.school
        )

    def one(self, person: Person, appointment: UUID) -> Row:
        """Return an appointment. Raises RecordRefused(NO_RECORD)."""
        return self._desk.read(person, seen_one(APPOINTMENTS, appointment))

    def free(self, person: Person, wanted: FreeAsked) -> list[Span]:
        """Return when a nurse is free for a school: within its bells, apart from her appointments anywhere."""
        if wanted.school not in person.schools:
            raise RecordRefused(RecordsProblem.NO_RECORD)

        def look(seat: Seat) -> list[Span]:
            require_user(seat, wanted.nurse, "nurse", NURSES)
            within = Span(since=wanted.since, until=wanted.until)
            hours = hours_of_school(seat, wanted.school, within)
            busy = taken(seat, wanted.nurse, within)
            seat.note("VIEW", "nurse_times", wanted.nurse, {"via": "availability"})
            return list(free_times(hours, busy, within, wanted.duration))[:_MOST_TIMES]

        # The nurse may have appointments at schools that are none of the person's: only that she has leaves.
        return self._desk.read(person, look, everywhere=True)

    def add(self, person: Person, values: Changes, reminders: Sequence[Changes] = ()) -> Row:
        """Book an appointment, with what reminds of it. Raises RecordRefused: INVALID, TAKEN, NOT_FREE."""

        def work(seat: Seat) -> Row:
            school = school_of_student(seat, UUID(str(values["student_id"])))
            if school not in person.schools:
                raise RecordRefused(RecordsProblem.INVALID, fields=("student_id",))
            hold(seat, school, values["nurse_id"])
            book(seat, school, values, reminders)
            return the_one(seat.uow, APPOINTMENTS, values["id"])

        return self._desk.write(person, work, everywhere=True)

    def change(self, person: Person, appointment: UUID, changes: Changes, version: int) -> Row:
        """Move an appointment, or take it a step on; its pending reminders follow it.

        Raises RecordRefused: NO_RECORD, STALE, NOT_FREE, WRONG_STATE.
        """

        def work(seat: Seat) -> Row:
            school = school_of(seat, kinds.APPOINTMENT, appointment)
            present = known(seat, kinds.APPOINTMENT, appointment)
            if school not in person.schools or present is None:
                raise RecordRefused(RecordsProblem.NO_RECORD)
            # Those of a nurse who has left since can still be cancelled.
            nurse, moves = changes.get("nurse_id") or present["nurse_id"], _moves(present, changes)
            hold(seat, school, nurse, booked=moves)

            def settle(row: Mapping[str, Any]) -> Changes:
                require_appointment_step(row["status"], str(changes.get("status", row["status"])))
                if _moves(row, changes):
                    require_free(seat, appointment, {**row, **changes})
                return {}

            shape = answers.APPOINTMENT
            before = change_locked(seat, kinds.APPOINTMENT, shape, school, appointment, changes, version, settle)
            if before is not None:
                follow(seat, school, appointment, before, {**before, **changes})
            return the_one(seat.uow, APPOINTMENTS, appointment)

        return self._desk.write(person, work, everywhere=True)


def _moves(present: Mapping[str, Any], changes: Changes) -> bool:
    wanted = {name: value for name, value in changes.items() if name in _OF_TIME}
    return bool(different(kinds.APPOINTMENT, present, wanted))


def _conditions(wanted: AppointmentsAsked) -> list[str]:
    same = equal(asdict(wanted), student="student_id", nurse="nurse_id", status="status")
    return [of_schools(wanted.school), *span("scheduled_at", wanted.since, wanted.until), *same]
