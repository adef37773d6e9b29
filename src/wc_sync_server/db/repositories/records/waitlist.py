"""Who waits for an appointment: asked for, offered a time, booked into one, or no longer waiting."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from wc_contract.model import kinds
from wc_contract.model.apply import WireValue
from wc_contract.model.ids import SchoolId
from wc_contract.model.instants import instant_from_text, instant_to_text
from wc_contract.model.office_values import AppointmentStatus, WaitlistStatus
from wc_sync_server.db.repositories.records import joins
from wc_sync_server.db.repositories.records.appointments import APPOINTMENTS
from wc_sync_server.db.repositories.records.booking import NURSES, book, hold, require_free
from wc_sync_server.db.repositories.records.desk import Desk, Seat
from wc_sync_server.db.repositories.records.lists import Listing, equal, of_schools, the_one
from wc_sync_server.db.repositories.records.seen import seen_one, seen_page
from wc_sync_server.db.repositories.records.writing import (
    Changes,
    add_record,
    change_locked,
    change_record,
    known,
    known_of,
    require_user,
    school_of,
    school_of_student,
    zone_of,
)
from wc_sync_server.domain.records import answers
from wc_sync_server.domain.records.pages import Page, Row, Window
from wc_sync_server.domain.records.person import Person
from wc_sync_server.domain.records.questions import WaitlistAsked
from wc_sync_server.domain.records.refusals import RecordRefused, RecordsProblem
from wc_sync_server.domain.records.steps import require_waitlist_step

_NURSE_NAME = joins.person("nurse_id", "nurse_name")
WAITLIST = Listing(
    kind=kinds.APPOINTMENT_WAITLIST,
    shape=answers.WAITLIST_ENTRY,
    order=("priority", "requested_at", "id"),
    joins=joins.STUDENT,
    joined={**joins.STUDENT_NAMES, **_NURSE_NAME},
)
_STILL = (WaitlistStatus.WAITING.value, WaitlistStatus.OFFERED.value)
_FELL_THROUGH = (AppointmentStatus.CANCELLED.value, AppointmentStatus.NO_SHOW.value)


class PostgresWaitlist:
    """Who waits, of the person's schools (api.records_ports.Waitlist)."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def listed(self, person: Person, wanted: WaitlistAsked, window: Window) -> Page:
        """Return a page of who waits: the most urgent first, and of those who waits longest."""
        return self._desk.read(
            person, seen_page(WAITLIST, _conditions(wanted), asdict(wanted), window), school=wanted.school
        )

    def one(self, person: Person, entry: UUID) -> Row:
        """Return who waits. Raises RecordRefused(NO_RECORD)."""
        return self._desk.read(person, seen_one(WAITLIST, entry))

    def ask(self, person: Person, values: Changes) -> Row:
        """Put a child on the list. Raises RecordRefused: INVALID, TAKEN (also for one who waits for that already)."""

        def work(seat: Seat) -> Row:
            school = school_of_student(seat, UUID(str(values["student_id"])))
            require_user(seat, _text(values.get("nurse_id")), "nurse_id", NURSES)
            seat.uow.lock_streams(school)
            now = instant_to_text(seat.uow.at)
            if known(seat, kinds.APPOINTMENT_WAITLIST, UUID(str(values["id"]))) is None:
                _require_possible(seat, school, values)
                _require_only(seat, values)
                if str(values.get("requested_at", now)) > now:
                    raise RecordRefused(RecordsProblem.INVALID, fields=("requested_at",))
            derived: dict[str, WireValue] = {"status": WaitlistStatus.WAITING.value}
            derived |= {} if "requested_at" in values else {"requested_at": now}
            add_record(seat, kinds.APPOINTMENT_WAITLIST, answers.WAITLIST_ENTRY, school, values, derived)
            return the_one(seat.uow, WAITLIST, values["id"])

        return self._desk.write(person, work)

    def change(self, person: Person, entry: UUID, changes: Changes, version: int) -> Row:
        """Change what is waited for; withdraw, or wait again after an offer that came to nothing.

        Raises RecordRefused: NO_RECORD, STALE, INVALID, TAKEN, WRONG_STATE.
        """

        def work(seat: Seat) -> Row:
            require_user(seat, _text(changes.get("nurse_id")), "nurse_id", NURSES)
            school = school_of(seat, kinds.APPOINTMENT_WAITLIST, entry)

            def settle(present: Mapping[str, Any]) -> Changes:
                return _settle(seat, school, present, changes)

            shape = answers.WAITLIST_ENTRY
            change_record(seat, kinds.APPOINTMENT_WAITLIST, shape, entry, changes, version, settle)
            return the_one(seat.uow, WAITLIST, entry)

        return self._desk.write(person, work)

    def offer(self, person: Person, entry: UUID, values: Changes, version: int) -> Row:
        """Note that a time was offered, which is free now; nobody holds it.

        Raises RecordRefused: NO_RECORD, STALE, NOT_FREE, INVALID, WRONG_STATE.
        """

        def work(seat: Seat) -> Row:
            school, present = self._held(seat, person, entry, values)
            status = WaitlistStatus.OFFERED.value
            require_waitlist_step(present["status"], status)
            require_free(seat, None, _appointment(seat, school, present, values))
            shape = answers.WAITLIST_ENTRY
            change_locked(seat, kinds.APPOINTMENT_WAITLIST, shape, school, entry, {"status": status}, version)
            return the_one(seat.uow, WAITLIST, entry)

        return self._desk.write(person, work, everywhere=True)

    def book(self, person: Person, entry: UUID, values: Changes, reminders: Sequence[Changes], version: int) -> Row:
        """Book who waits into an appointment, and return it. Asked again with its id, it is one appointment.

        Raises RecordRefused: NO_RECORD, STALE, NOT_FREE, TAKEN, INVALID, WRONG_STATE.
        """

        def work(seat: Seat) -> Row:
            school, present = self._held(seat, person, entry, values)
            booked = {"status": WaitlistStatus.BOOKED.value, "appointment_id": str(values["id"])}
            appointment = _appointment(seat, school, present, values)

            def settle(row: Mapping[str, Any]) -> Changes:
                if row["status"] == booked["status"]:
                    raise RecordRefused(RecordsProblem.WRONG_STATE, fields=("status",))
                require_waitlist_step(row["status"], booked["status"])
                book(seat, school, appointment, reminders)
                return {}

            shape = answers.WAITLIST_ENTRY
            if change_locked(seat, kinds.APPOINTMENT_WAITLIST, shape, school, entry, booked, version, settle) is None:
                # The answer was lost: it has to be the same appointment, and no other of its id.
                book(seat, school, appointment, reminders)
            return the_one(seat.uow, APPOINTMENTS, values["id"])

        return self._desk.write(person, work, everywhere=True)

    def _held(self, seat: Seat, person: Person, entry: UUID, values: Changes) -> tuple[SchoolId, Mapping[str, Any]]:
        """Hold the nurse whom a time is asked of; return the school and who waits, as they are from now on."""
        school = school_of(seat, kinds.APPOINTMENT_WAITLIST, entry)
        before = known(seat, kinds.APPOINTMENT_WAITLIST, entry)
        if school not in person.schools or before is None:
            raise RecordRefused(RecordsProblem.NO_RECORD)
        nurse = values.get("nurse_id") or before["nurse_id"]
        if nurse is None:
            raise RecordRefused(RecordsProblem.INVALID, fields=("nurse_id",))
        hold(seat, school, nurse)
        present = known(seat, kinds.APPOINTMENT_WAITLIST, entry)
        if present is None:
            raise RecordRefused(RecordsProblem.NO_RECORD)
        return school, {**present, "nurse_id": nurse}


def _appointment(seat: Seat, school: SchoolId, waiting: Mapping[str, Any], values: Changes) -> dict[str, WireValue]:
    """Return the appointment in question: what is not said is as it was asked for."""
    if school_of_student(seat, UUID(waiting["student_id"])) != school:
        raise RecordRefused(RecordsProblem.WRONG_STATE, fields=("student_id",))
    if instant_from_text(str(values["scheduled_at"])) < seat.uow.at:
        raise RecordRefused(RecordsProblem.INVALID, fields=("scheduled_at",))
    asked = {name: waiting[name] for name in ("student_id", "nurse_id", "kind", "duration", "reason")}
    said = {name: value for name, value in values.items() if name not in asked or value is not None}
    return {"status": AppointmentStatus.SCHEDULED.value, **asked, **said}


def _settle(seat: Seat, school: SchoolId, present: Mapping[str, Any], changes: Changes) -> Changes:
    status = str(changes.get("status", present["status"]))
    require_waitlist_step(present["status"], status)
    if status not in _STILL:
        if changes.keys() - {"status"}:
            raise RecordRefused(RecordsProblem.WRONG_STATE, fields=("status",))
        return {}
    wanted = {**present, **changes}
    if changes.keys() & {"wanted_from", "wanted_to"}:
        _require_possible(seat, school, wanted)
    if "kind" in changes or present["status"] not in _STILL:
        _require_only(seat, wanted)
    if present["appointment_id"] is None:
        return {}
    appointment = known(seat, kinds.APPOINTMENT, UUID(present["appointment_id"]))
    if appointment is not None and appointment["status"] not in _FELL_THROUGH:
        raise RecordRefused(RecordsProblem.WRONG_STATE, fields=("appointment_id",))
    return {"appointment_id": None}


def _require_possible(seat: Seat, school: SchoolId, wanted: Mapping[str, Any]) -> None:
    """Raise RecordRefused(INVALID: wanted_to) for days that end before they begin, or are over."""
    last, first = wanted.get("wanted_to"), wanted.get("wanted_from")
    if last is None:
        return
    today = seat.uow.at.astimezone(ZoneInfo(zone_of(seat, school))).date().isoformat()
    if str(last) < max(str(first or today), today):
        raise RecordRefused(RecordsProblem.INVALID, fields=("wanted_to",))


def _require_only(seat: Seat, wanted: Mapping[str, Any]) -> None:
    """Raise RecordRefused(TAKEN) when the child waits for an appointment of that kind already."""
    rows = known_of(seat, kinds.APPOINTMENT_WAITLIST, student_id=wanted["student_id"], kind=wanted["kind"])
    if any(row["status"] in _STILL and row["id"] != str(wanted["id"]).lower() for row in rows):
        raise RecordRefused(RecordsProblem.TAKEN, fields=("kind", "student_id"))


def _conditions(wanted: WaitlistAsked) -> list[str]:
    values = asdict(wanted)
    conditions = [
        of_schools(wanted.school),
        *equal(values, student="student_id", kind="kind", priority="priority", status="status"),
    ]
    if wanted.nurse is not None:
        conditions.append("(t.nurse_id = %(nurse)s OR t.nurse_id IS NULL)")
    if wanted.day is not None:
        conditions.append("(t.wanted_from IS NULL OR t.wanted_from <= %(day)s)")
        conditions.append("(t.wanted_to IS NULL OR t.wanted_to >= %(day)s)")
    if wanted.minutes is not None:
        conditions.append("t.duration <= %(minutes)s")
    return conditions


def _text(value: WireValue) -> str | None:
    return None if value is None else str(value)
