"""Charts of one child that were made one, read together (rules.md S4)."""

# ruff: noqa: S608  # names of our own declaration

from uuid import UUID

from wc_contract.model.kinds import STUDENT
from wc_sync_server.db.repositories.records.living import living
from wc_sync_server.db.unit_of_work import UnitOfWork

_MERGED = (
    f"SELECT s.id FROM {living(STUDENT, 's')}"
    " WHERE s.district_id = %(district)s AND s.merged_into_id = %(student)s ORDER BY s.id"
)
_KEPT = f"SELECT s.merged_into_id FROM {living(STUDENT, 's')} WHERE s.district_id = %(district)s AND s.id = %(student)s"


def charts_of_record(uow: UnitOfWork, student: str) -> frozenset[str]:
    """Return the chart that a record names, and the one that it goes on in where they were made one."""
    row = uow.connection.execute(_KEPT.encode(), {"district": uow.context.district, "student": student}).fetchone()
    return frozenset({student} if row is None or row[0] is None else {student, str(row[0])})


def of_child(uow: UnitOfWork, student: UUID | None) -> tuple[list[str], dict[str, object]]:
    """Return the condition that a record is a child's, and what it is asked with; no condition without a child.

    What happened keeps the chart that it was recorded under: it is the child's by whichever of its charts.
    """
    if student is None:
        return [], {}
    merged = uow.connection.execute(_MERGED.encode(), {"district": uow.context.district, "student": student}).fetchall()
    if not merged:
        return ["t.student_id = %(student)s"], {"student": student}
    return ["t.student_id = ANY(%(charts)s::uuid[])"], {"charts": [student, *(row[0] for row in merged)]}
