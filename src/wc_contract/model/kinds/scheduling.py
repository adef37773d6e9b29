"""Appointments, what reminds of them, and who waits for one."""

from wc_contract.model.care_values import NotificationMethod
from wc_contract.model.kinds.fields import (
    DATE,
    INSTANT,
    INTEGER,
    TEXT,
    UUID,
    MergePolicy,
    RecordKind,
    Scope,
    choice,
    column,
)
from wc_contract.model.office_values import AppointmentKind, AppointmentStatus, ReminderStatus, WaitlistStatus

APPOINTMENT = RecordKind(
    name="appointment",
    table="appointments",
    scope=Scope.SCHOOL,
    merge=MergePolicy.BASE_MUST_MATCH,
    fields=(
        column("student_id", UUID, "!", "students"),
        column("nurse_id", UUID, "!", "users"),
        choice("kind", AppointmentKind, "!"),
        column("scheduled_at", INSTANT, "!"),
        column("duration", INTEGER, "!"),  # minutes
        choice("status", AppointmentStatus, "!"),
        column("reason", TEXT, "*"),
        column("note", TEXT, "*"),
        column("visit_id", UUID, "", "clinic_visits"),
    ),
)
APPOINTMENT_REMINDER = RecordKind(
    name="appointment_reminder",
    table="appointment_reminders",
    scope=Scope.SCHOOL,
    merge=MergePolicy.SERVER_ONLY,
    fields=(
        column("appointment_id", UUID, "!^", "appointments"),
        column("contact_id", UUID, "", "emergency_contacts"),
        choice("method", NotificationMethod, "!"),
        choice("status", ReminderStatus, "!"),
        column("send_at", INSTANT, "!"),
        column("sent_at", INSTANT),
    ),
)
APPOINTMENT_WAITLIST = RecordKind(
    name="appointment_waitlist",
    table="appointment_waitlist",
    scope=Scope.SCHOOL,
    merge=MergePolicy.BASE_MUST_MATCH,
    fields=(
        column("student_id", UUID, "!", "students"),
        column("nurse_id", UUID, "", "users"),
        choice("kind", AppointmentKind, "!"),
        choice("status", WaitlistStatus, "!"),
        column("priority", INTEGER, "!"),
        column("duration", INTEGER, "!"),  # minutes
        column("requested_at", INSTANT, "!"),
        column("wanted_from", DATE),
        column("wanted_to", DATE),
        column("reason", TEXT, "*"),
        column("appointment_id", UUID, "", "appointments"),
    ),
)
