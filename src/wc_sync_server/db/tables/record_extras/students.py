"""What the tables of children and their families have beyond their declaration."""

from collections.abc import Callable, Iterator

from sqlalchemy import Index, text
from sqlalchemy.schema import SchemaItem

from wc_sync_server.db.tables.base import check, not_before, pupils_age, unique
from wc_sync_server.db.tables.record_extras.parts import living, search, search_index


def _students() -> Iterator[SchemaItem]:
    yield search("first_name", "last_name", "preferred_name", "student_number")
    yield unique("students", "student_number")
    yield unique("students", "sourced_id")
    yield unique("students", "medical_record_num")
    yield not_before("students", "withdrawn_on", "enrolled_on")
    yield pupils_age("students", "date_of_birth", "enrolled_on")
    yield check("students", "merged_into_id", "merged_into_id <> id")
    yield Index("idx_students_school_grade_active", "district_id", "school_id", "grade", "is_active")
    yield Index("idx_students_district_active", "district_id", "is_active")
    # The roster's own order, of one school and of all: a page is read, not sorted (2 ms of 100,000, not 100).
    yield Index("idx_students_names", "district_id", "last_name", "first_name", "id")
    yield Index("idx_students_school_names", "district_id", "school_id", "last_name", "first_name", "id")
    yield Index("idx_students_nurse", "district_id", "nurse_id", postgresql_where=text("is_active"))
    yield search_index("students")


def _student_aliases() -> Iterator[SchemaItem]:
    yield not_before("student_aliases", "valid_to", "valid_from")
    yield living("ix_student_aliases_value", "kind", "value")


def _emergency_contacts() -> Iterator[SchemaItem]:
    yield check("emergency_contacts", "priority", "priority >= 1")
    yield living(
        "idx_emergency_contacts_student_primary",
        "student_id",
        where="is_primary AND is_active",
        unique=True,
    )


def _consent_forms() -> Iterator[SchemaItem]:
    yield unique("consent_forms", "kind", "title", "version")
    yield check("consent_forms", "version", "version > 0")
    yield not_before("consent_forms", "effective_to", "effective_from")


def _consent_signatures() -> Iterator[SchemaItem]:
    yield not_before("consent_signatures", "expires_on", "signed_on")
    yield not_before("consent_signatures", "revoked_on", "signed_on")


EXTRAS: dict[str, Callable[[], Iterator[SchemaItem]]] = {
    "students": _students,
    "student_aliases": _student_aliases,
    "emergency_contacts": _emergency_contacts,
    "consent_forms": _consent_forms,
    "consent_signatures": _consent_signatures,
}
