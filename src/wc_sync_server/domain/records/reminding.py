"""When a reminder of an appointment is true: it goes out before the appointment, and only while that stands."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from wc_contract.model.apply import WireValue
from wc_contract.model.instants import instant_from_text, instant_to_text, whole_millis
from wc_contract.model.office_values import AppointmentStatus, ReminderStatus
from wc_sync_server.domain.records.refusals import RecordRefused, RecordsProblem

_CANCELLED: Mapping[str, WireValue] = {"status": ReminderStatus.CANCELLED.value}


def require_ahead(send_at: str, appointment: Mapping[str, Any], now: datetime) -> None:
    """Raise RecordRefused unless the appointment stands (WRONG_STATE) and send_at is ahead, and before it (INVALID)."""
    if appointment["status"] != AppointmentStatus.SCHEDULED.value:
        raise RecordRefused(RecordsProblem.WRONG_STATE, fields=("appointment_id",))
    if not whole_millis(now) <= instant_from_text(send_at) < instant_from_text(appointment["scheduled_at"]):
        raise RecordRefused(RecordsProblem.INVALID, fields=("send_at",))


def kept_true(
    reminder: Mapping[str, Any], before: Mapping[str, Any], after: Mapping[str, Any], now: datetime
) -> Mapping[str, WireValue]:
    """Return what becomes of a pending reminder when its appointment becomes after what it was before.

    It goes along with an appointment that is moved, as long ahead of it as before, at once when that is past. One of
    an appointment that is over, or no more to be, is cancelled.
    """
    begins = instant_from_text(after["scheduled_at"])
    if after["status"] != AppointmentStatus.SCHEDULED.value or begins <= now:
        return _CANCELLED
    moved = begins - instant_from_text(before["scheduled_at"])
    if not moved:
        return {}
    return {"send_at": instant_to_text(max(instant_from_text(reminder["send_at"]) + moved, now))}
