"""What the tables of appointments have beyond their declaration."""

from collections.abc import Callable, Iterator

from sqlalchemy import Index, text
from sqlalchemy.schema import SchemaItem

from wc_sync_server.db.tables.base import check, not_before
from wc_sync_server.db.tables.record_extras.parts import living

_SHORTEST, _LONGEST = 5, 480


def _appointments() -> Iterator[SchemaItem]:
    table = "appointments"
    yield check(table, "duration", f"duration BETWEEN {_SHORTEST} AND {_LONGEST}")
    yield Index(
        "idx_appointments_upcoming",
        "district_id",
        "nurse_id",
        "scheduled_at",
        "status",
        postgresql_where=text("status IN ('SCHEDULED', 'IN_PROGRESS')"),
    )
    yield Index("idx_appointments_student", "district_id", "student_id", text("scheduled_at DESC"), "status")
    yield Index("idx_appointment_availability", "district_id", "nurse_id", "scheduled_at", "status", "duration")


def _appointment_reminders() -> Iterator[SchemaItem]:
    table = "appointment_reminders"
    yield check(table, "sent_at", "(sent_at IS NOT NULL) = (status = 'SENT')")
    yield living("idx_appointment_reminders_due", "send_at", where="status = 'PENDING'")


def _appointment_waitlist() -> Iterator[SchemaItem]:
    table = "appointment_waitlist"
    yield check(table, "duration", f"duration BETWEEN {_SHORTEST} AND {_LONGEST}")
    yield check(table, "priority", "priority >= 1")
    yield check(table, "booked", "(appointment_id IS NOT NULL) = (status = 'BOOKED')")
    yield not_before(table, "wanted_to", "wanted_from")
    yield living(
        "idx_appointment_waitlist_waiting", "school_id", "priority", "requested_at", where="status = 'WAITING'"
    )


EXTRAS: dict[str, Callable[[], Iterator[SchemaItem]]] = {
    "appointments": _appointments,
    "appointment_reminders": _appointment_reminders,
    "appointment_waitlist": _appointment_waitlist,
}
