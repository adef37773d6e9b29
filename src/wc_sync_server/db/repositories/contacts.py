"""The one primary contact of a student, chosen under the lock on the student."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from uuid import UUID

from wc_contract.model.ids import SchoolId, StudentId
from wc_contract.model.kinds import EMERGENCY_CONTACT, STUDENT
from wc_sync_server.db.errors import RowUnknown
from wc_sync_server.db.repositories.wire_sql import wire_object
from wc_sync_server.db.unit_of_work import UnitOfWork

_ACTIVE = f"""
SELECT {wire_object(EMERGENCY_CONTACT.name, "t")} FROM emergency_contacts t
WHERE t.district_id = %(district)s AND t.school_id = %(school)s AND t.student_id = %(student)s
  AND t.is_active AND t.deleted_at IS NULL ORDER BY t.id
"""  # noqa: S608  # our own declaration


class PrimaryCode(StrEnum):
    """What became of the choice."""

    CHOSEN = "chosen"
    ALREADY_PRIMARY = "already_primary"
    STUDENT_UNKNOWN = "student_unknown"
    CONTACT_UNKNOWN = "contact_unknown"  # or no active contact of this student


@dataclass(frozen=True, slots=True, kw_only=True)
class PrimaryChoice:
    """What became of the choice, and which contacts stepped back for it."""

    code: PrimaryCode
    stepped_back: tuple[UUID, ...] = ()


def make_primary(uow: UnitOfWork, school: SchoolId, student: StudentId, contact: UUID) -> PrimaryChoice:
    """Make one active contact of a student the primary one and nobody else; the caller puts it on record, commits."""
    uow.lock_streams(school)
    try:
        uow.lock_rows(STUDENT.table, [student])
    except RowUnknown:
        return PrimaryChoice(code=PrimaryCode.STUDENT_UNKNOWN)
    parameters = {"district": uow.context.district, "school": school, "student": student}
    rows: list[dict[str, Any]] = [row[0] for row in uow.connection.execute(_ACTIVE.encode(), parameters)]
    chosen = next((row for row in rows if row["id"] == str(contact)), None)
    if chosen is None:
        return PrimaryChoice(code=PrimaryCode.CONTACT_UNKNOWN)
    if chosen["is_primary"]:
        return PrimaryChoice(code=PrimaryCode.ALREADY_PRIMARY)
    # The one before steps back first: at no moment are there two.
    before = [{**row, "is_primary": False} for row in rows if row["is_primary"]]
    uow.write_rows(EMERGENCY_CONTACT, school, before)
    uow.write_rows(EMERGENCY_CONTACT, school, [{**chosen, "is_primary": True}])
    return PrimaryChoice(code=PrimaryCode.CHOSEN, stepped_back=tuple(UUID(row["id"]) for row in before))
