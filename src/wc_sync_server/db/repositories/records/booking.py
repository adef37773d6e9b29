"""Booking a nurse's time: whoever does holds the streams of all of her schools, so that two bookings see each other."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from wc_contract.model import kinds
from wc_contract.model.ids import SchoolId
from wc_contract.model.instants import instant_from_text
from wc_contract.model.office_values import AppointmentStatus
from wc_contract.model.values import Role
from wc_sync_server.db.repositories.records.desk import Seat
from wc_sync_server.db.repositories.records.nurse_times import schools_of_nurse, taken
from wc_sync_server.db.repositories.records.reminding import plan
from wc_sync_server.db.repositories.records.writing import Changes, add_record, require_unmoved, require_user
from wc_sync_server.domain.records import answers
from wc_sync_server.domain.records.free_times import Span
from wc_sync_server.domain.records.refusals import RecordRefused, RecordsProblem

NURSES = (Role.NURSE.value, Role.SUBSTITUTE.value, Role.SUPERVISOR.value)
_OPEN = frozenset({AppointmentStatus.SCHEDULED.value, AppointmentStatus.IN_PROGRESS.value})


def hold(seat: Seat, school: SchoolId, nurse: object, *, booked: bool = True) -> None:
    """Lock the school's stream and those of every school at which the nurse works.

    Raises RecordRefused(INVALID: nurse_id) for somebody who takes no appointments, if time of hers is to be booked.
    """
    if booked:
        require_user(seat, str(nurse), "nurse_id", NURSES)
    # Somebody who was never assigned to a school can be booked at every one.
    seat.uow.lock_streams(school, *(schools_of_nurse(seat, UUID(str(nurse))) or seat.person.everywhere))


def book(seat: Seat, school: SchoolId, values: Changes, reminders: Sequence[Changes] = ()) -> None:
    """Add an appointment of a held nurse with what reminds of it. Raises RecordRefused: NOT_FREE, TAKEN, INVALID."""
    require_unmoved(seat, UUID(str(values["student_id"])), school)
    row = {"status": AppointmentStatus.SCHEDULED.value, **values}
    require_free(seat, UUID(str(row["id"])), row)
    add_record(seat, kinds.APPOINTMENT, answers.APPOINTMENT, school, row)
    for reminder in reminders:
        plan(seat, school, row, reminder)


def require_free(seat: Seat, appointment: UUID | None, row: Mapping[str, Any]) -> None:
    """Raise RecordRefused(NOT_FREE) when the nurse has another open appointment at that time, at whatever school."""
    if row["status"] not in _OPEN:
        return
    since = instant_from_text(str(row["scheduled_at"]))
    wanted = Span(since=since, until=since + timedelta(minutes=int(row["duration"])))
    if taken(seat, UUID(str(row["nurse_id"])), wanted, apart_from=appointment):
        raise RecordRefused(RecordsProblem.NOT_FREE, fields=("scheduled_at",))
