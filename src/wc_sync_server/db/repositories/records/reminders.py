"""Reminders of appointments: an appointment's, and those that are to go out."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any
from uuid import UUID

from wc_contract.model import kinds
from wc_contract.model.instants import instant_to_text
from wc_contract.model.office_values import ReminderStatus
from wc_sync_server.db.repositories.records import joins
from wc_sync_server.db.repositories.records.desk import Desk, Seat
from wc_sync_server.db.repositories.records.doses import span
from wc_sync_server.db.repositories.records.lists import Listing, all_of, equal, of_schools, the_one
from wc_sync_server.db.repositories.records.living import living
from wc_sync_server.db.repositories.records.reminding import plan, require_true
from wc_sync_server.db.repositories.records.seen import seen_page
from wc_sync_server.db.repositories.records.writing import Changes, change_record, known, school_of
from wc_sync_server.domain.records import answers
from wc_sync_server.domain.records.pages import Page, Row, Window
from wc_sync_server.domain.records.person import Person
from wc_sync_server.domain.records.questions import RemindersAsked
from wc_sync_server.domain.records.refusals import RecordRefused, RecordsProblem
from wc_sync_server.domain.records.steps import require_reminder_step

_APPOINTMENT = (
    f"LEFT JOIN {living(kinds.APPOINTMENT, 'a')} ON a.district_id = t.district_id AND a.id = t.appointment_id"
)
_CONTACT = f"LEFT JOIN {living(kinds.EMERGENCY_CONTACT, 'c')} ON c.district_id = t.district_id AND c.id = t.contact_id"
REMINDERS = Listing(
    kind=kinds.APPOINTMENT_REMINDER,
    shape=answers.REMINDER,
    order=("send_at", "id"),
    joins=f"{_APPOINTMENT} {joins.student('a.student_id')} {_CONTACT}",
    joined={
        "scheduled_at": "a.scheduled_at",
        "student_id": "a.student_id",
        **joins.STUDENT_NAMES,
        "contact_name": "c.name",
        "contact_phone": "c.phone",
    },
)
_SOME = 200
_PENDING = ReminderStatus.PENDING.value


class PostgresReminders:
    """Reminders of the appointments of the person's schools (api.records_ports.Reminders)."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def listed(self, person: Person, wanted: RemindersAsked, window: Window) -> Page:
        """Return a page of reminders, in the order in which they are to go out."""
        values = asdict(wanted)
        conditions = [of_schools(wanted.school), *span("send_at", wanted.since, wanted.until)]
        return self._desk.read(
            person,
            seen_page(REMINDERS, [*conditions, *equal(values, status="status")], values, window),
            school=wanted.school,
        )

    def of_appointment(self, person: Person, appointment: UUID) -> list[Row]:
        """Return an appointment's reminders, in the order in which they go out. Raises RecordRefused(NO_RECORD)."""

        def look(seat: Seat) -> list[Row]:
            school_of(seat, kinds.APPOINTMENT, appointment)
            condition = ["t.appointment_id = %(appointment)s"]
            rows = all_of(seat.uow, REMINDERS, condition, {"appointment": appointment}, most=_SOME)
            seat.saw(answers.REMINDER, rows, via="record")
            return rows

        return self._desk.read(person, look)

    def add(self, person: Person, appointment: UUID, values: Changes) -> Row:
        """Plan a reminder. Raises RecordRefused: NO_RECORD, INVALID, TAKEN, WRONG_STATE (nothing to remind of)."""

        def work(seat: Seat) -> Row:
            school = school_of(seat, kinds.APPOINTMENT, appointment)
            seat.uow.lock_streams(school)
            plan(seat, school, _appointment(seat, appointment), values)
            return the_one(seat.uow, REMINDERS, values["id"])

        return self._desk.write(person, work)

    def change(self, person: Person, reminder: UUID, changes: Changes, version: int) -> Row:
        """Plan a reminder otherwise, or say what became of it.

        Raises RecordRefused: NO_RECORD, STALE, INVALID, WRONG_STATE (it went out, or was cancelled).
        """

        def work(seat: Seat) -> Row:
            def settle(present: Mapping[str, Any]) -> Changes:
                status = str(changes.get("status", present["status"]))
                require_reminder_step(present["status"], status)
                if status == _PENDING:
                    wanted = {**present, **changes}
                    require_true(seat, _appointment(seat, UUID(present["appointment_id"])), wanted)
                elif changes.keys() - {"status"}:
                    # What goes out no more is planned no more.
                    raise RecordRefused(RecordsProblem.WRONG_STATE, fields=("status",))
                return {"sent_at": instant_to_text(seat.uow.at)} if status == ReminderStatus.SENT.value else {}

            change_record(seat, kinds.APPOINTMENT_REMINDER, answers.REMINDER, reminder, changes, version, settle)
            return the_one(seat.uow, REMINDERS, reminder)

        return self._desk.write(person, work)


def _appointment(seat: Seat, appointment: UUID) -> Mapping[str, Any]:
    row = known(seat, kinds.APPOINTMENT, appointment)
    if row is None:
        raise RecordRefused(RecordsProblem.NO_RECORD)
    return row
