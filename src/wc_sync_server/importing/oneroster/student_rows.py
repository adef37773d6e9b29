"""Rows of students: roster fields laid over what is there, so that nothing else a row holds is ever lost."""

from datetime import date

from wc_contract.model.kinds import STUDENT
from wc_sync_server.importing.oneroster.plan import CreateStudent
from wc_sync_server.importing.oneroster.records import RosterStudent
from wc_sync_server.importing.present_rows import WireRow, whole


def created_row(step: CreateStudent) -> WireRow:
    """Return the row of a new student."""
    new: WireRow = {
        "id": str(step.id),
        **_told(step.facts),
        "is_active": True,
        "enrolled_on": step.enrolled_on.isoformat(),
    }
    return whole(new, STUDENT)


def updated_row(present: WireRow, facts: RosterStudent) -> WireRow:
    """Return the row of a student with what the roster says; one who had left is back."""
    return whole({**present, **_told(facts), "is_active": True, "withdrawn_on": None}, STUDENT)


def left_row(present: WireRow, today: date) -> WireRow:
    """Return the row of a student who has left."""
    return gone_row(present, max(today, date.fromisoformat(str(present["enrolled_on"]))))


def gone_row(present: WireRow, last_day: date) -> WireRow:
    """Return the row of a student whose last day that was."""
    return whole({**present, "is_active": False, "withdrawn_on": last_day.isoformat()}, STUDENT)


def _told(facts: RosterStudent) -> WireRow:
    return {
        "student_number": facts.student_number,
        "sourced_id": facts.sourced_id,
        "first_name": facts.first_name,
        "last_name": facts.last_name,
        "preferred_name": facts.preferred_name,
        "date_of_birth": facts.date_of_birth.isoformat(),
        "grade": facts.grade,
        "homeroom": facts.homeroom,
        "gender": facts.gender,
    }
