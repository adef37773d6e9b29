"""Students: roster, one of them, the dashboard of one, and changes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from wc_contract.model import kinds
from wc_contract.model.ids import SchoolId
from wc_sync_server.db.repositories.records import doses, incidents, joins, orders
from wc_sync_server.db.repositories.records.charts import of_child
from wc_sync_server.db.repositories.records.desk import Desk, Seat
from wc_sync_server.db.repositories.records.lists import Listing, all_of, of_schools, the_one
from wc_sync_server.db.repositories.records.seen import seen_one, seen_page
from wc_sync_server.db.repositories.records.writing import Changes, add_record, change_record, require_user
from wc_sync_server.domain.records import answers
from wc_sync_server.domain.records.areas import MAY_SIGN_IN
from wc_sync_server.domain.records.pages import Page, Row, Window
from wc_sync_server.domain.records.person import Person
from wc_sync_server.domain.records.questions import RosterAsked
from wc_sync_server.domain.records.refusals import RecordRefused, RecordsProblem
from wc_sync_server.domain.records.shapes import Shape
from wc_sync_server.domain.records.whole import Whole

_NURSE = joins.person("nurse_id", "nurse_name")
ROSTER = Listing(
    kind=kinds.STUDENT,
    shape=answers.STUDENT_LISTED,
    order=("last_name", "first_name", "id"),
    joined=_NURSE,
)
ONE = Listing(kind=kinds.STUDENT, shape=answers.STUDENT, order=("id",), joined=_NURSE)
CONTACTS = Listing(kind=kinds.EMERGENCY_CONTACT, shape=answers.CONTACT, order=("priority", "id"))
ALLERGIES = Listing(kind=kinds.ALLERGY, shape=answers.ALLERGY, order=("allergen", "id"))
CONDITIONS = Listing(kind=kinds.CHRONIC_CONDITION, shape=answers.CONDITION, order=("name", "id"))

_RECENT = timedelta(days=30)
_SOME = 50  # of each part of a dashboard; the lists have the rest


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A part of a dashboard: what it shows and which records; happened: by whichever of the child's charts."""

    listing: Listing
    condition: str
    most: int = _SOME
    happened: bool = False


_OF_STUDENT = "t.student_id = %(student)s"
PARTS: dict[str, Part] = {
    "contacts": Part(listing=CONTACTS, condition="t.is_active"),
    "allergies": Part(listing=ALLERGIES, condition="t.is_active"),
    "conditions": Part(listing=CONDITIONS, condition="t.status = 'ACTIVE'"),
    "orders": Part(listing=orders.ORDERS, condition="t.status IN ('ACTIVE', 'HELD')"),
    "doses": Part(listing=doses.RECENT, condition="t.administered_at >= %(since)s", most=20, happened=True),
    "incidents": Part(listing=incidents.LISTED, condition="t.status <> 'CLOSED'", happened=True),
}


class PostgresStudents:
    """Students of the person's schools (api.records_ports.Students)."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def roster(self, person: Person, wanted: RosterAsked, window: Window) -> Page:
        """Return a page of students by name."""
        return self._desk.read(
            person, seen_page(ROSTER, _roster_conditions(wanted), _values(wanted), window), school=wanted.school
        )

    def one(self, person: Person, student: UUID) -> Row:
        """Return a student. Raises RecordRefused(NO_RECORD)."""
        return self._desk.read(person, seen_one(ONE, student))

    def dashboard(self, person: Person, student: UUID) -> Whole:
        """Return a student with contacts, allergies, conditions, orders, doses and open incidents."""

        def look(seat: Seat) -> Whole:
            row = the_one(seat.uow, ONE, student)
            own, named = of_child(seat.uow, student)
            values = {"student": student, "since": seat.uow.at - _RECENT}
            parts = {
                name: all_of(
                    seat.uow,
                    part.listing,
                    [part.condition, *(own if part.happened else [_OF_STUDENT])],
                    {**values, **named},
                    most=part.most,
                )
                for name, part in PARTS.items()
            }
            _saw_whole_chart(seat, row, [part.listing.shape for part in PARTS.values()])
            return Whole(record=row, parts=parts)

        return self._desk.read(person, look)

    def add(self, person: Person, school: SchoolId, values: Changes) -> Row:
        """Enrol a student at a school. Raises RecordRefused: NO_RECORD (the school), INVALID, TAKEN."""
        if school not in person.schools:
            raise RecordRefused(RecordsProblem.NO_RECORD)

        def work(seat: Seat) -> Row:
            seat.uow.lock_streams(school)
            _check_nurse(seat, values)
            add_record(seat, kinds.STUDENT, answers.STUDENT, school, values)
            return the_one(seat.uow, ONE, values["id"])

        return self._desk.write(person, work)

    def change(self, person: Person, student: UUID, changes: Changes, version: int) -> Row:
        """Change a student. Raises RecordRefused: NO_RECORD, STALE, INVALID, TAKEN."""

        def work(seat: Seat) -> Row:
            _check_nurse(seat, changes)
            change_record(seat, kinds.STUDENT, answers.STUDENT, student, changes, version)
            return the_one(seat.uow, ONE, student)

        return self._desk.write(person, work)


def _roster_conditions(wanted: RosterAsked) -> list[str]:
    conditions = [of_schools(wanted.school)]
    if wanted.grade is not None:
        conditions.append("t.grade = %(grade)s")
    if wanted.active is not None:
        conditions.append("t.is_active = %(active)s")
    if wanted.nurse is not None:
        conditions.append("t.nurse_id = %(nurse)s")
    return conditions


def _values(wanted: RosterAsked) -> dict[str, Any]:
    return {"school": wanted.school, "grade": wanted.grade, "active": wanted.active, "nurse": wanted.nurse}


def _check_nurse(seat: Seat, values: Changes) -> None:
    nurse = values.get("nurse_id")
    require_user(seat, None if nurse is None else str(nurse), "nurse_id", MAY_SIGN_IN)


def _saw_whole_chart(seat: Seat, row: Row, shapes: Sequence[Shape]) -> None:
    # One look at one child: every field that was shown, under the child's own name.
    fields = {*answers.STUDENT.phi, *(f"{shape.entity}.{name}" for shape in shapes for name in shape.phi)}
    seat.saw_fields(answers.STUDENT, row, tuple(sorted(fields)), via="dashboard")
