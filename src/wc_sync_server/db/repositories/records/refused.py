"""What a constraint or a policy refuses, as the records API says it."""

from wc_sync_server.db.errors import RowsRejected
from wc_sync_server.db.tables import TENANT
from wc_sync_server.domain.records.refusals import RecordRefused, RecordsProblem


def refusal_for(error: RowsRejected) -> RecordRefused:
    """Return what to answer, with the name of the field where the constraint's name tells it."""
    match error.sqlstate:
        case "42501":
            return RecordRefused(RecordsProblem.NOT_ALLOWED)
        case "23505" | "23P01":
            return RecordRefused(RecordsProblem.TAKEN, fields=_fields(error.constraint))
        case _:
            return RecordRefused(RecordsProblem.INVALID, fields=_fields(error.constraint))


def _fields(constraint: str | None) -> tuple[str, ...]:
    """Read uq_students_student_number as student_number; nothing when it names no column."""
    for table in TENANT:
        for prefix in (f"uq_{table.name}_", f"ck_{table.name}_", f"fk_{table.name}_"):
            if constraint is not None and constraint.startswith(prefix):
                name = constraint.removeprefix(prefix)
                return (name,) if name in table.columns else ()
    return ()
