"""Planning reminders, and keeping the pending ones true when their appointment changes."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from wc_contract.model import kinds
from wc_contract.model.apply import WireValue
from wc_contract.model.ids import SchoolId
from wc_contract.model.instants import instant_to_text
from wc_contract.model.office_values import ReminderStatus
from wc_sync_server.db.repositories.records.desk import Seat
from wc_sync_server.db.repositories.records.writing import Changes, add_record, known, known_of
from wc_sync_server.domain.records import answers
from wc_sync_server.domain.records.refusals import RecordRefused, RecordsProblem
from wc_sync_server.domain.records.reminding import kept_true, require_ahead

_PENDING = ReminderStatus.PENDING.value


def plan(seat: Seat, school: SchoolId, appointment: Mapping[str, Any], values: Changes) -> None:
    """Plan a reminder of an appointment (in wire form) whose stream is held; at once when nothing is said.

    Raises RecordRefused: INVALID, WRONG_STATE, TAKEN.
    """
    row: dict[str, WireValue] = {**values, "appointment_id": str(appointment["id"])}
    derived: dict[str, WireValue] = {"status": _PENDING}
    if "send_at" not in values:
        derived["send_at"] = instant_to_text(seat.uow.at)
    if known(seat, kinds.APPOINTMENT_REMINDER, UUID(str(row["id"]))) is None:
        require_true(seat, appointment, row | derived)
    add_record(seat, kinds.APPOINTMENT_REMINDER, answers.REMINDER, school, row, derived)


def require_true(seat: Seat, appointment: Mapping[str, Any], reminder: Mapping[str, Any]) -> None:
    """Raise RecordRefused unless a reminder goes out before an appointment that stands, to somebody of that child."""
    require_ahead(str(reminder["send_at"]), appointment, seat.uow.at)
    if reminder.get("contact_id") is None:
        return
    contact = known(seat, kinds.EMERGENCY_CONTACT, UUID(str(reminder["contact_id"])))
    if contact is None or contact["student_id"] != appointment["student_id"] or not contact["is_active"]:
        raise RecordRefused(RecordsProblem.INVALID, fields=("contact_id",))


def follow(
    seat: Seat, school: SchoolId, appointment: UUID, before: Mapping[str, Any], after: Mapping[str, Any]
) -> None:
    """Let the pending reminders of an appointment follow what was changed of it. Its stream is held."""
    if all(before[name] == after[name] for name in ("scheduled_at", "status")):
        return
    written = []
    for row in known_of(seat, kinds.APPOINTMENT_REMINDER, appointment_id=appointment, status=_PENDING):
        changes = kept_true(row, before, after, seat.uow.at)
        if changes:
            written.append({name: value for name, value in {**row, **changes}.items() if name != "row_version"})
            seat.did("UPDATE", answers.REMINDER, {"id": row["id"], "school_id": school}, changes)
    if written:
        seat.uow.write_rows(kinds.APPOINTMENT_REMINDER, school, written)
