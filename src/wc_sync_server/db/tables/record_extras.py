"""What the central database adds to a record: checks, uniqueness, indexes for its queries, columns of its own.

Index names beginning with idx_ are those of the old schema, so that its auditor finds them.
"""

from collections.abc import Callable, Iterator

from sqlalchemy import Boolean, Column, Computed, Index, Integer, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlalchemy.schema import SchemaItem

from wc_contract.model.kinds import (
    ALLERGY,
    CALENDAR_DAY,
    CHRONIC_CONDITION,
    DISTRICT,
    DOSE,
    EMERGENCY_CONTACT,
    INCIDENT,
    MEDICATION,
    ORDER,
    ORDER_VERSION,
    REVIEW_CASE,
    SCHOOL,
    SCHOOL_ASSIGNMENT,
    STUDENT,
    USER,
    VACCINATION,
    RecordKind,
)
from wc_sync_server.db.tables.base import check, instant, not_before, unique

_MINUTES_OF_WINDOW = 60

# Foreign keys for which a query's index below already begins with the columns of the key.
LED_BY_ANOTHER = frozenset(
    {
        ("medication_logs", "order_id"),
        ("medication_logs", "author_user_id"),
        ("incident_reports", "student_id"),
    }
)


def extras_of(kind: RecordKind) -> Iterator[SchemaItem]:
    """Yield what the kind's table has beyond its declaration."""
    yield from _EXTRAS[kind.name]()


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
    yield _search("first_name", "last_name", "email")
    yield unique("users", "email")
    yield check("users", "email", "email = lower(email)")
    yield check("users", "failed_logins", "failed_logins >= 0")
    yield check("users", "generation", "generation > 0")
    yield Index("idx_users_search", "search", postgresql_using="gin")
    yield Index("idx_users_failed_login_attempts", "district_id", "email", "failed_logins")
    yield Index(
        "idx_users_lockout_until", "district_id", "lockout_until", postgresql_where=text("lockout_until IS NOT NULL")
    )
    yield Index("idx_users_mfa_enabled", "district_id", "mfa_enabled")
    yield Index("idx_users_email_verified", "district_id", "email_verified")


def _medications() -> Iterator[SchemaItem]:
    yield _search("name", "generic_name", "brand_name")
    yield check("medications", "ndc11", "ndc11 ~ '^[0-9]{11}$'")
    yield Index("idx_medications_search", "search", postgresql_using="gin")


def _calendar_days() -> Iterator[SchemaItem]:
    # Removed days stay as rows; a school has one live meaning of a date.
    yield Index(
        "uq_calendar_days_date",
        "district_id",
        "school_id",
        "date",
        unique=True,
        postgresql_where=text("deleted_at IS NULL"),
    )


def _school_assignments() -> Iterator[SchemaItem]:
    yield not_before("school_assignments", "assigned_to", "assigned_from")


def _students() -> Iterator[SchemaItem]:
    yield _search("first_name", "last_name", "preferred_name", "student_number")
    yield unique("students", "student_number")
    yield unique("students", "sourced_id")
    yield unique("students", "medical_record_num")
    yield not_before("students", "withdrawn_on", "enrolled_on")
    yield check(
        "students",
        "date_of_birth",  # 3 to 22 years on the day of enrolment: the one day that never moves
        "enrolled_on >= date_of_birth + interval '3 years' AND enrolled_on < date_of_birth + interval '23 years'",
    )
    yield Index("idx_students_school_grade_active", "district_id", "school_id", "grade", "is_active")
    yield Index("idx_students_district_active", "district_id", "is_active")
    yield Index("idx_students_nurse", "district_id", "nurse_id", postgresql_where=text("is_active"))
    yield Index("idx_students_search", "search", postgresql_using="gin")


def _emergency_contacts() -> Iterator[SchemaItem]:
    yield check("emergency_contacts", "priority", "priority >= 1")
    yield Index(
        "idx_emergency_contacts_student_primary",
        "district_id",
        "student_id",
        unique=True,
        postgresql_where=text("is_primary AND is_active AND deleted_at IS NULL"),
    )


def _vaccinations() -> Iterator[SchemaItem]:
    yield check("vaccinations", "dose_number", "dose_number > 0")


def _orders() -> Iterator[SchemaItem]:
    table = "student_medications"
    yield check(table, "version", "version > 0")
    yield not_before(table, "end_date", "start_date")
    yield not_before(table, "parent_auth_to", "parent_auth_from")
    yield Index(
        "idx_medication_schedule",
        "district_id",
        "school_id",
        "status",
        "start_date",
        "end_date",
        postgresql_where=text("deleted_at IS NULL"),
    )


def _order_versions() -> Iterator[SchemaItem]:
    table = "order_versions"
    yield unique(table, "order_id", "version")
    yield check(table, "version", "version > 0")
    yield check(table, "dose", "dose > 0")
    yield check(table, "window_minutes", f"window_minutes BETWEEN 0 AND {_MINUTES_OF_WINDOW}")
    yield check(table, "min_interval_minutes", "min_interval_minutes > 0")
    yield check(table, "max_doses", "max_doses > 0")
    yield check(table, "max_period_minutes", "max_period_minutes > 0")
    yield check(table, "max_pair", "(max_doses IS NULL) = (max_period_minutes IS NULL)")


def _doses() -> Iterator[SchemaItem]:
    table = "medication_logs"
    yield check(table, "dose_given", "dose_given >= 0")
    yield check(table, "slot", "(slot_id IS NULL) = (slot_date IS NULL) AND (slot_id IS NULL) = (slot_time IS NULL)")
    yield Index(
        "idx_medication_logs_student_administered",
        "district_id",
        "student_id",
        text("administered_at DESC"),
        "status",
        postgresql_where=text("status IN ('ADMINISTERED', 'PENDING')"),
    )
    yield Index("idx_medication_logs_slot", "district_id", "order_id", "slot_id")
    yield Index("idx_medication_logs_administered_by", "district_id", "author_user_id", "administered_at")
    yield Index("idx_medication_logs_administered_at", "district_id", "school_id", "administered_at")


def _incidents() -> Iterator[SchemaItem]:
    table = "incident_reports"
    yield check(table, "ncc_merp", "ncc_merp IN ('A', 'B', 'C', 'D', 'E', 'F', 'G', 'H', 'I')")
    yield Index("idx_incident_reports_student", "district_id", "student_id", text("occurred_at DESC"), "severity")
    yield Index(
        "idx_incident_reports_critical",
        "district_id",
        "severity",
        text("occurred_at DESC"),
        postgresql_where=text("severity IN ('HIGH', 'CRITICAL')"),
    )
    yield Index("idx_incident_reports_follow_up", "district_id", "status", "follow_up_due")


def _review_cases() -> Iterator[SchemaItem]:
    yield Index("idx_review_cases_open", "district_id", "school_id", "status", "opened_at")
    yield Index("ix_review_cases_slot_id", "district_id", "slot_id")


def _nothing() -> Iterator[SchemaItem]:
    return iter(())


def _search(*columns: str) -> Column[object]:
    """Return a full-text column over names. Never over notes: it would be a second copy of them."""
    joined = " || ' ' || ".join(f"coalesce({column}, '')" for column in columns)
    return Column("search", TSVECTOR, Computed(f"to_tsvector('simple'::regconfig, {joined})", persisted=True))


_EXTRAS: dict[str, Callable[[], Iterator[SchemaItem]]] = {
    DISTRICT.name: _districts,
    SCHOOL.name: _schools,
    USER.name: _users,
    MEDICATION.name: _medications,
    CALENDAR_DAY.name: _calendar_days,
    SCHOOL_ASSIGNMENT.name: _school_assignments,
    STUDENT.name: _students,
    EMERGENCY_CONTACT.name: _emergency_contacts,
    ALLERGY.name: _nothing,
    CHRONIC_CONDITION.name: _nothing,
    VACCINATION.name: _vaccinations,
    ORDER.name: _orders,
    ORDER_VERSION.name: _order_versions,
    DOSE.name: _doses,
    INCIDENT.name: _incidents,
    REVIEW_CASE.name: _review_cases,
}
