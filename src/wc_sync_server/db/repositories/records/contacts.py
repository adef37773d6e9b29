"""Whom to call for a child; the primary one is chosen under the lock on the child."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from wc_contract.model import kinds
from wc_contract.model.ids import StudentId
from wc_sync_server.db.operations import PRIMARY_CONTACT
from wc_sync_server.db.repositories.contacts import PrimaryCode, make_primary
from wc_sync_server.db.repositories.records.desk import Desk, Seat
from wc_sync_server.db.repositories.records.lists import all_of, the_one
from wc_sync_server.db.repositories.records.students import CONTACTS
from wc_sync_server.db.repositories.records.writing import (
    Changes,
    add_record,
    change_record,
    hold_school_of_student,
    school_of,
)
from wc_sync_server.domain.records import answers
from wc_sync_server.domain.records.pages import Row
from wc_sync_server.domain.records.person import Person
from wc_sync_server.domain.records.refusals import RecordRefused, RecordsProblem

_SOME = 200


class PostgresContacts:
    """Emergency contacts of the children of the person's schools (api.records_ports.EmergencyContacts)."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def of_student(self, person: Person, student: UUID) -> list[Row]:
        """Return a child's contacts, those not active too, in the order to call. Raises RecordRefused(NO_RECORD)."""

        def look(seat: Seat) -> list[Row]:
            school_of(seat, kinds.STUDENT, student)
            rows = all_of(seat.uow, CONTACTS, ["t.student_id = %(student)s"], {"student": student}, most=_SOME)
            seat.saw(answers.CONTACT, rows, via="list")
            return rows

        return self._desk.read(person, look)

    def add(self, person: Person, student: UUID, values: Changes) -> Row:
        """Add a contact, not yet the primary one. Raises RecordRefused: NO_RECORD, TAKEN."""

        def work(seat: Seat) -> Row:
            school_of(seat, kinds.STUDENT, student)  # what is not there to be seen is no invalid field here
            school = hold_school_of_student(seat, student)
            row = {"is_active": True, **values, "student_id": str(student)}
            add_record(seat, kinds.EMERGENCY_CONTACT, answers.CONTACT, school, row, {"is_primary": False})
            return the_one(seat.uow, CONTACTS, values["id"])

        return self._desk.write(person, work)

    def change(self, person: Person, contact: UUID, changes: Changes, version: int) -> Row:
        """Change a contact; one that is no longer active is no longer the primary one. Raises RecordRefused."""

        def settle(present: Mapping[str, Any]) -> Changes:
            ends = changes.get("is_active") is False and present["is_primary"]
            return {"is_primary": False} if ends else {}

        def work(seat: Seat) -> Row:
            change_record(seat, kinds.EMERGENCY_CONTACT, answers.CONTACT, contact, changes, version, settle)
            return the_one(seat.uow, CONTACTS, contact)

        return self._desk.write(person, work)

    def choose(self, person: Person, contact: UUID) -> Row:
        """Make an active contact the primary one, and nobody else. Raises RecordRefused: NO_RECORD, WRONG_STATE."""

        def work(seat: Seat) -> Row:
            school = school_of(seat, kinds.EMERGENCY_CONTACT, contact)
            row = the_one(seat.uow, CONTACTS, contact)
            choice = make_primary(seat.uow, school, StudentId(row["student_id"]), contact)
            if choice.code not in {PrimaryCode.CHOSEN, PrimaryCode.ALREADY_PRIMARY}:
                raise RecordRefused(RecordsProblem.WRONG_STATE, fields=("is_active",))
            for former in choice.stepped_back:
                seat.did("UPDATE", answers.CONTACT, {"id": former, "school_id": school}, ("is_primary",))
            if choice.code is PrimaryCode.CHOSEN:
                seat.did("UPDATE", answers.CONTACT, row, ("is_primary",))
            return the_one(seat.uow, CONTACTS, contact)

        return self._desk.write(person, work, operation=PRIMARY_CONTACT)
