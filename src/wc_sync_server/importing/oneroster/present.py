"""The district as it stands, read for planning."""

from collections import defaultdict
from datetime import date
from uuid import UUID

from wc_contract.model.ids import DistrictId, SchoolId, StudentId, UserId
from wc_contract.model.kinds import SCHOOL, SCHOOL_ASSIGNMENT, STUDENT, USER
from wc_contract.model.values import Role
from wc_sync_server.importing import stable_ids
from wc_sync_server.importing.oneroster.state import DistrictState, KnownSchool, KnownStudent, KnownUser
from wc_sync_server.importing.ports import ImportWork, Works
from wc_sync_server.importing.present_rows import WireRow, read_all

_MERGED = b"""
SELECT id, merged_into_id FROM students
WHERE district_id = %(district)s AND merged_into_id IS NOT NULL AND deleted_at IS NULL
"""


def read_state(works: Works, district: DistrictId, timezone: str) -> DistrictState:
    """Return schools, students and users of a district."""
    schools = school_ids(works, district)
    with works.begin(schools, read_only=True) as work:
        into = merged_into(work, district)
        return DistrictState(
            district=district,
            timezone=timezone,
            schools=tuple(_school(row) for row in read_all(work, SCHOOL, district).values()),
            students=tuple(
                _student(row, into.get(StudentId(id_))) for id_, row in read_all(work, STUDENT, district).items()
            ),
            users=tuple(_users(work, district)),
        )


def merged_into(work: ImportWork, district: DistrictId) -> dict[StudentId, StudentId]:
    """Return, of the charts that were merged into others, in which each goes on."""
    rows = work.connection.execute(_MERGED, {"district": district}).fetchall()
    return {StudentId(gone): StudentId(kept) for gone, kept in rows}


def school_ids(works: Works, district: DistrictId) -> tuple[SchoolId, ...]:
    """Return the ids of the schools of a district; a transaction must name those it wants to see into."""
    with works.begin((), read_only=True) as work:
        return tuple(SchoolId(id_) for id_ in read_all(work, SCHOOL, district))


def _school(row: WireRow) -> KnownSchool:
    return KnownSchool(
        id=SchoolId(UUID(str(row["id"]))),
        sourced_id=_optional(row, "sourced_id"),
        name=str(row["name"]),
        timezone=str(row["timezone"]),
    )


def _student(row: WireRow, into: StudentId | None) -> KnownStudent:
    return KnownStudent(
        id=StudentId(UUID(str(row["id"]))),
        sourced_id=_optional(row, "sourced_id"),
        school_id=SchoolId(UUID(str(row["school_id"]))),
        student_number=str(row["student_number"]),
        first_name=str(row["first_name"]),
        last_name=str(row["last_name"]),
        preferred_name=_optional(row, "preferred_name"),
        date_of_birth=date.fromisoformat(str(row["date_of_birth"])),
        grade=str(row["grade"]),
        homeroom=_optional(row, "homeroom"),
        gender=_optional(row, "gender"),
        is_active=row["is_active"] is True,
        merged_into=into,
    )


def _users(work: ImportWork, district: DistrictId) -> list[KnownUser]:
    schools: defaultdict[UserId, set[SchoolId]] = defaultdict(set)
    by_roster: defaultdict[UserId, set[SchoolId]] = defaultdict(set)
    for id_, row in read_all(work, SCHOOL_ASSIGNMENT, district).items():
        if row["assigned_to"] is not None:
            continue
        user, school = UserId(UUID(str(row["user_id"]))), SchoolId(UUID(str(row["school_id"])))
        schools[user].add(school)
        if id_ == stable_ids.assignment_id(user, school):
            by_roster[user].add(school)
    return [
        KnownUser(
            id=UserId(id_),
            email=str(row["email"]),
            first_name=str(row["first_name"]),
            last_name=str(row["last_name"]),
            role=Role(str(row["role"])),
            is_active=row["is_active"] is True,
            schools=frozenset(schools[UserId(id_)]),
            by_roster=frozenset(by_roster[UserId(id_)]),
        )
        for id_, row in read_all(work, USER, district).items()
    ]


def _optional(row: WireRow, name: str) -> str | None:
    value = row[name]
    return None if value is None else str(value)
