"""What the tables of districts, schools and people have beyond their declaration."""

from collections.abc import Callable, Iterator

from sqlalchemy import Boolean, Column, Index, Integer, UniqueConstraint, text
from sqlalchemy.schema import SchemaItem

from wc_sync_server.db.tables.base import check, instant, not_before, npi_form, unique
from wc_sync_server.db.tables.record_extras.parts import living, search, search_index


def _districts() -> Iterator[SchemaItem]:
    # Other tables point at the district by this alone.
    yield UniqueConstraint("district_id", name="uq_districts_district_id")
    yield unique("districts", "sourced_id")
    yield check("districts", "id", "id = district_id")
    yield check("districts", "state", "state ~ '^[A-Z]{2}$'")


def _schools() -> Iterator[SchemaItem]:
    yield unique("schools", "sourced_id")


def _users() -> Iterator[SchemaItem]:
    yield Column("failed_logins", Integer, nullable=False, server_default=text("0"))
    yield instant("lockout_until")
    yield Column("generation", Integer, nullable=False, server_default=text("1"))
    yield Column("mfa_enabled", Boolean, nullable=False, server_default=text("false"))
    yield Column("email_verified", Boolean, nullable=False, server_default=text("false"))
    yield instant("revoked_at")
    yield search("first_name", "last_name", "email")
    yield unique("users", "email")
    yield unique("users", "licence_state", "licence_number")
    yield npi_form("users", "npi")
    yield check("users", "licence_state", "licence_state ~ '^[A-Z]{2}$'")
    yield check("users", "licence_number", "licence_number IS NULL OR licence_state IS NOT NULL")
    yield check("users", "email", "email = lower(email)")
    yield check("users", "failed_logins", "failed_logins >= 0")
    yield check("users", "generation", "generation > 0")
    yield search_index("users")
    yield Index("idx_users_failed_login_attempts", "district_id", "email", "failed_logins")
    yield Index(
        "idx_users_lockout_until", "district_id", "lockout_until", postgresql_where=text("lockout_until IS NOT NULL")
    )
    yield Index("idx_users_mfa_enabled", "district_id", "mfa_enabled")
    yield Index("idx_users_email_verified", "district_id", "email_verified")


def _calendar_days() -> Iterator[SchemaItem]:
    # Removed days stay as rows; a school has one live meaning of a date.
    yield living("uq_calendar_days_date", "school_id", "date", unique=True)


def _bell_schedules() -> Iterator[SchemaItem]:
    yield not_before("bell_schedules", "effective_to", "effective_from")
    yield living("ix_bell_schedules_effective", "school_id", "effective_from")


def _school_assignments() -> Iterator[SchemaItem]:
    yield not_before("school_assignments", "assigned_to", "assigned_from")


def _shifts() -> Iterator[SchemaItem]:
    yield not_before("shifts", "ended_at", "started_at")
    yield check("shifts", "handover_to", "handover_to <> user_id")
    yield living("ix_shifts_school_started", "school_id", "started_at")


EXTRAS: dict[str, Callable[[], Iterator[SchemaItem]]] = {
    "districts": _districts,
    "schools": _schools,
    "users": _users,
    "calendar_days": _calendar_days,
    "bell_schedules": _bell_schedules,
    "school_assignments": _school_assignments,
    "shifts": _shifts,
}
