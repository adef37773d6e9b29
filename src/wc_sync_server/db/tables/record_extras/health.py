"""What the tables of the chart have beyond their declaration."""

from collections.abc import Callable, Iterator

from sqlalchemy import Index, text
from sqlalchemy.schema import SchemaItem

from wc_sync_server.db.tables.base import check, not_after_writing, not_before, npi_form
from wc_sync_server.db.tables.record_extras.parts import entry_whole, living


def _documents() -> Iterator[SchemaItem]:
    yield check("documents", "sha256", "sha256 ~ '^[0-9a-f]{64}$'")
    yield check("documents", "size_bytes", "size_bytes > 0")
    yield living("ix_documents_expires_on", "school_id", "expires_on", where="expires_on IS NOT NULL")
    yield living("ix_documents_sha256", "sha256")


def _chronic_conditions() -> Iterator[SchemaItem]:
    yield living("ix_chronic_conditions_review_due", "school_id", "status", "review_due")


def _care_plans() -> Iterator[SchemaItem]:
    table = "care_plans"
    yield not_before(table, "effective_to", "effective_from")
    yield check(table, "signed", "(signed_on IS NULL) = (signed_by IS NULL)")
    yield living("ix_care_plans_review_due", "school_id", "status", "review_due")


def _health_records() -> Iterator[SchemaItem]:
    table = "health_records"
    yield not_before(table, "follow_up_date", "record_date")
    yield not_after_writing(table, "record_date")
    yield npi_form(table, "provider_npi")
    yield entry_whole(table)
    yield Index("idx_health_records_student_date", "district_id", "student_id", text("record_date DESC"), "record_type")
    yield Index(
        "idx_health_records_student_type",
        "district_id",
        "student_id",
        "record_type",
        "is_confidential",
        text("record_date DESC"),
    )
    yield Index(
        "idx_health_records_confidential",
        "district_id",
        "is_confidential",
        "student_id",
        postgresql_where=text("is_confidential"),
    )
    yield Index(
        "idx_health_records_provider",
        "district_id",
        "provider_npi",
        text("record_date DESC"),
        postgresql_where=text("provider_npi IS NOT NULL"),
    )
    yield Index(
        "idx_health_records_metadata_diagnosis", text("(metadata -> 'diagnosis'::text)"), postgresql_using="gin"
    )
    yield living("idx_health_records_follow_up", "school_id", "follow_up_date", where="follow_up_date IS NOT NULL")


def _clinic_visits() -> Iterator[SchemaItem]:
    table = "clinic_visits"
    yield not_before(table, "left_at", "arrived_at")
    yield entry_whole(table)
    yield Index("idx_clinic_visits_student", "district_id", "student_id", text("arrived_at DESC"))
    yield living("idx_clinic_visits_school_arrived", "school_id", text("arrived_at DESC"))


def _vital_signs() -> Iterator[SchemaItem]:
    yield check("vital_signs", "value", "value >= 0")
    yield entry_whole("vital_signs")
    yield Index("idx_vital_signs_student", "district_id", "student_id", "kind", text("measured_at DESC"))


def _screenings() -> Iterator[SchemaItem]:
    yield not_before("screenings", "follow_up_due", "screened_on")
    yield not_after_writing("screenings", "screened_on")
    yield entry_whole("screenings")
    yield Index("idx_screenings_student", "district_id", "student_id", "kind", text("screened_on DESC"))


def _vaccinations() -> Iterator[SchemaItem]:
    yield check("vaccinations", "dose_number", "dose_number > 0")
    yield not_after_writing("vaccinations", "administered_on")
    yield Index("idx_vaccinations_student", "district_id", "student_id", "cvx", text("administered_on DESC"))


def _vaccination_exemptions() -> Iterator[SchemaItem]:
    yield not_before("vaccination_exemptions", "expires_on", "granted_on")


EXTRAS: dict[str, Callable[[], Iterator[SchemaItem]]] = {
    "documents": _documents,
    "chronic_conditions": _chronic_conditions,
    "care_plans": _care_plans,
    "health_records": _health_records,
    "clinic_visits": _clinic_visits,
    "vital_signs": _vital_signs,
    "screenings": _screenings,
    "vaccinations": _vaccinations,
    "vaccination_exemptions": _vaccination_exemptions,
}
