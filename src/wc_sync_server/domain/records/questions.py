"""What a list is asked for: every filter is optional and they add up."""

from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from wc_contract.model.ids import SchoolId
from wc_contract.model.instants import Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class RosterAsked:
    """Students."""

    school: SchoolId | None = None
    grade: str | None = None
    active: bool | None = None
    nurse: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OrdersAsked:
    """Orders."""

    school: SchoolId | None = None
    student: UUID | None = None
    status: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentsAsked:
    """Documents and photos."""

    school: SchoolId | None = None
    student: UUID | None = None
    kind: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DosesAsked:
    """Doses, from an instant (included) to another (not included)."""

    school: SchoolId | None = None
    student: UUID | None = None
    status: str | None = None
    since: Instant | None = None
    until: Instant | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentsAsked:
    """Incidents that happened from an instant (included) to another (not included)."""

    school: SchoolId | None = None
    student: UUID | None = None
    severity: str | None = None
    status: str | None = None
    since: Instant | None = None
    until: Instant | None = None
    due_by: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AppointmentsAsked:
    """Appointments that begin from an instant (included) to another (not included)."""

    school: SchoolId | None = None
    student: UUID | None = None
    nurse: UUID | None = None
    status: str | None = None
    since: Instant | None = None
    until: Instant | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitlistAsked:
    """Who waits for an appointment. nurse: for her, or for whoever is free first; day and minutes: whom it suits."""

    school: SchoolId | None = None
    student: UUID | None = None
    nurse: UUID | None = None
    kind: str | None = None
    priority: int | None = None
    day: date | None = None
    minutes: int | None = None
    status: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RemindersAsked:
    """Reminders that are to go out from an instant (included) to another (not included)."""

    school: SchoolId | None = None
    status: str | None = None
    since: Instant | None = None
    until: Instant | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionsAsked:
    """What is to be done after incidents; due_by: by that day; unassigned: what nobody has taken."""

    school: SchoolId | None = None
    incident: UUID | None = None
    assigned_to: UUID | None = None
    status: str | None = None
    due_by: date | None = None
    unassigned: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class FreeAsked:
    """Times of a nurse, for a school, long enough for duration."""

    nurse: UUID
    school: SchoolId
    since: Instant
    until: Instant
    duration: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class HealthRecordsAsked:
    """Health records of a day (included) to another (included)."""

    school: SchoolId | None = None
    student: UUID | None = None
    type: str | None = None
    first: date | None = None
    last: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemsAsked:
    """What stands on shelves; low: at or below what it is to be reordered at; expiring: by that day."""

    school: SchoolId | None = None
    category: str | None = None
    low: bool = False
    expiring: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ComplianceAsked:
    """Children who should be vaccinated, on a day (today without one)."""

    school: SchoolId | None = None
    grade: str | None = None
    on: date | None = None
