"""A student goes to another school (rules.md S1): the chart goes along, orders stop and begin again unverified.

Doses, visits, incidents and versions of orders stay with the school where they happened: that school answers for
them. Its workstations drop them with the student; the district still holds them. When the student comes back, they
come back to its workstations. Cases go along, open ones with the block on a drug, answered ones because what they are
about may conflict again. Containers stay on the shelf, and on its workstations, until the family fetches them.
"""

from collections.abc import Mapping, Sequence
from uuid import UUID, uuid5

from wc_contract.model.ids import DistrictId, OrderId, SchoolId, order_version_id
from wc_contract.model.instants import Instant, instant_to_text
from wc_contract.model.kinds import (
    ALLERGY,
    APPOINTMENT,
    APPOINTMENT_REMINDER,
    APPOINTMENT_WAITLIST,
    CAPTURE,
    CARE_PLAN,
    CASE_SIDE,
    CHRONIC_CONDITION,
    CLINIC_VISIT,
    CONSENT_SIGNATURE,
    DELEGATION,
    DOCUMENT,
    DOSE,
    EFFECT_CHECK,
    EMERGENCY_CONTACT,
    EMERGENCY_LOOK,
    FOLLOW_UP_ACTION,
    HEAD_INJURY_CHECK,
    HEALTH_RECORD,
    INCIDENT,
    INCIDENT_ADDENDUM,
    NOTIFICATION,
    ORDER,
    ORDER_VERSION,
    REVIEW_CASE,
    SCREENING,
    STUDENT,
    STUDENT_ALIAS,
    TRIP_CUSTODY,
    VACCINATION,
    VACCINATION_EXEMPTION,
    VITAL_SIGN,
    WITNESS_STATEMENT,
    RecordKind,
)
from wc_contract.model.values import OrderStatus
from wc_sync_server.importing.oneroster.plan import MoveStudent
from wc_sync_server.importing.oneroster.student_rows import updated_row
from wc_sync_server.importing.ports import ImportWork, Works
from wc_sync_server.importing.present_rows import WireRow, read_by_id, read_of, read_of_students, whole
from wc_sync_server.importing.recording import CREATE, MOVE, recorded

_MOVED = "moved"
_MERGED = b"""
SELECT id FROM students WHERE district_id = %(district)s AND merged_into_id = ANY(%(ids)s::uuid[])
AND school_id = %(school)s ORDER BY id
"""
_CHART = (
    STUDENT_ALIAS,
    EMERGENCY_CONTACT,
    DOCUMENT,
    ALLERGY,
    CHRONIC_CONDITION,
    CARE_PLAN,
    HEALTH_RECORD,
    SCREENING,
    VACCINATION,
    VACCINATION_EXEMPTION,
    CONSENT_SIGNATURE,
    REVIEW_CASE,
)
_STAYS = (
    ORDER,
    ORDER_VERSION,
    DOSE,
    EFFECT_CHECK,
    CLINIC_VISIT,
    VITAL_SIGN,
    INCIDENT,
    HEAD_INJURY_CHECK,
    TRIP_CUSTODY,
    DELEGATION,
    APPOINTMENT,
    APPOINTMENT_WAITLIST,
    EMERGENCY_LOOK,
    CAPTURE,
)
# What names a record that stays, and not the student.
_PARTS: dict[str, tuple[tuple[RecordKind, str], ...]] = {
    INCIDENT.name: (
        (INCIDENT_ADDENDUM, "incident_id"),
        (WITNESS_STATEMENT, "incident_id"),
        (FOLLOW_UP_ACTION, "incident_id"),
        (NOTIFICATION, "incident_id"),
    ),
    DOSE.name: ((NOTIFICATION, "log_id"),),
    APPOINTMENT.name: ((APPOINTMENT_REMINDER, "appointment_id"),),
}
_GOING_ON = {OrderStatus.ACTIVE, OrderStatus.HELD, OrderStatus.PENDING_VERIFICATION, OrderStatus.DRAFT}


def transfer(
    works: Works, district: DistrictId, schools: tuple[SchoolId, SchoolId], steps: Sequence[MoveStudent]
) -> None:
    """Move students from the first school to the second, in one transaction that holds both streams."""
    _, new = schools
    with works.begin(schools) as work:
        work.lock_streams(*schools)
        ids = [step.id for step in steps]
        work.lock_rows(STUDENT.table, ids)
        students = read_by_id(work, STUDENT, district, ids)
        facts = {step.id: step.facts for step in steps}
        move_charts(work, district, schools, ids, source="oneroster")
        work.write_rows(STUDENT, new, [updated_row(students[id_], facts[id_]) for id_ in ids])
        work.commit()


def move_charts(
    work: ImportWork, district: DistrictId, schools: tuple[SchoolId, SchoolId], ids: Sequence[UUID], *, source: str
) -> None:
    """Take students and what goes along from the first school to the second, and put it on record.

    The caller holds both streams and the students, and commits.
    """
    old, new = schools
    # A chart that was merged into one of these goes where that goes: its doses are read through it.
    ids = [*ids, *_charts_within(work, district, old, ids)]
    work.move_rows(STUDENT, old, new, ids)
    for kind in _CHART:
        work.move_rows(kind, old, new, list(_at(read_of_students(work, kind, district, ids), old)))
    _bring_back(work, district, new, ids)
    _say_sides_again(work, district, schools, ids)
    begun = _begin_orders_again(work, district, schools, ids)
    for kind in _STAYS:
        left = list(_at(read_of_students(work, kind, district, ids), old))
        work.remove_rows(kind, old, left, _MOVED)
        for part, column in _PARTS.get(kind.name, ()):
            pieces = list(_at(read_of(work, part, district, column, left), old))
            work.remove_rows(part, old, pieces, _MOVED)
    work.audit([recorded(MOVE, STUDENT, id_, work.at, source=source, school=new) for id_ in ids])
    work.audit([recorded(CREATE, ORDER, id_, work.at, source=source, school=new) for id_ in begun])


def _say_sides_again(
    work: ImportWork, district: DistrictId, schools: tuple[SchoolId, SchoolId], ids: Sequence[UUID]
) -> None:
    """Take the sides of cases along that moved. They were written once, where they arose: they are said again."""
    old, new = schools
    cases = _at(read_of_students(work, REVIEW_CASE, district, ids), new)
    sides = _at(read_of(work, CASE_SIDE, district, "case_id", list(cases)), old)
    again = [{**row, "id": str(uuid5(id_, f"transfer/{new}/{instant_to_text(work.at)}"))} for id_, row in sides.items()]
    work.write_rows(CASE_SIDE, new, [whole(row, CASE_SIDE) for row in again])
    work.remove_rows(CASE_SIDE, old, list(sides), _MOVED)


def _charts_within(work: ImportWork, district: DistrictId, school: SchoolId, ids: Sequence[UUID]) -> list[UUID]:
    parameters = {"district": district, "school": school, "ids": list(ids)}
    found = work.connection.execute(_MERGED, parameters).fetchall()
    return [row[0] for row in found]


def _bring_back(work: ImportWork, district: DistrictId, school: SchoolId, ids: Sequence[UUID]) -> None:
    """Give the school's workstations what stayed there when one of these students left it before."""
    for kind in _STAYS:
        kept = list(_at(read_of_students(work, kind, district, ids), school))
        work.return_rows(kind, school, kept)
        for part, column in _PARTS.get(kind.name, ()):
            pieces = list(_at(read_of(work, part, district, column, kept), school))
            work.return_rows(part, school, pieces)


def _at(rows: Mapping[UUID, WireRow], school: SchoolId) -> dict[UUID, WireRow]:
    return {id_: row for id_, row in rows.items() if row["school_id"] == str(school)}


def _begin_orders_again(
    work: ImportWork, district: DistrictId, schools: tuple[SchoolId, SchoolId], students: Sequence[UUID]
) -> list[OrderId]:
    """Stop the orders in force at the first school, and return those that wait at the second to be verified."""
    old, new = schools
    orders = _at(read_of_students(work, ORDER, district, students), old)
    going_on = {id_: row for id_, row in orders.items() if row["status"] in _GOING_ON}
    current = {id_: order_version_id(OrderId(id_), _version(row)) for id_, row in going_on.items()}
    versions = read_by_id(work, ORDER_VERSION, district, list(current.values()))
    stopped: WireRow = {"status": OrderStatus.DISCONTINUED.value, "stop_effective_at": instant_to_text(work.at)}
    work.write_rows(ORDER, old, [whole({**row, **stopped}, ORDER) for row in going_on.values()])
    again = {id_: OrderId(uuid5(id_, f"transfer/{new}/{instant_to_text(work.at)}")) for id_ in going_on}
    work.write_rows(ORDER, new, [_unverified(row, again[id_]) for id_, row in going_on.items()])
    terms = [_first_version(versions[current[id_]], again[id_], work.at) for id_ in going_on]
    work.write_rows(ORDER_VERSION, new, terms)
    return list(again.values())


def _version(row: WireRow) -> int:
    return int(str(row["version"]))


def _unverified(row: WireRow, id_: OrderId) -> WireRow:
    fresh: WireRow = {
        "id": str(id_),
        "version": 1,
        "status": OrderStatus.PENDING_VERIFICATION.value,
        "verified_by": None,
        "stop_effective_at": None,
    }
    return whole({**row, **fresh}, ORDER)


def _first_version(row: WireRow, order: OrderId, at: Instant) -> WireRow:
    fresh: WireRow = {
        "id": str(order_version_id(order, 1)),
        "order_id": str(order),
        "version": 1,
        "effective_from": instant_to_text(at),
    }
    return whole({**row, **fresh}, ORDER_VERSION)
