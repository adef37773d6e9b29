"""What the tables of medicines, orders and doses have beyond their declaration."""

from collections.abc import Callable, Iterator

from sqlalchemy import Index, text
from sqlalchemy.schema import SchemaItem

from wc_sync_server.db.tables.base import check, not_before, unique
from wc_sync_server.db.tables.record_extras.parts import entry_whole, living, search, search_index

_MINUTES_OF_WINDOW = 60


def _medications() -> Iterator[SchemaItem]:
    yield search("name", "generic_name", "brand_name")
    yield check("medications", "ndc11", "ndc11 ~ '^[0-9]{11}$'")
    yield search_index("medications")


def _orders() -> Iterator[SchemaItem]:
    table = "student_medications"
    yield check(table, "version", "version > 0")
    yield check(table, "supersedes_id", "supersedes_id <> id")
    yield not_before(table, "end_date", "start_date")
    yield not_before(table, "parent_auth_to", "parent_auth_from")
    yield living("idx_medication_schedule", "school_id", "status", "start_date", "end_date")


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
    yield check(table, "witness_id", "witness_id <> author_user_id")
    yield Index(
        "idx_medication_logs_student_administered",
        "district_id",
        "student_id",
        text("administered_at DESC"),
        "status",
        postgresql_where=text("status IN ('ADMINISTERED', 'PENDING')"),
    )
    yield Index("idx_medication_logs_student_recent", "district_id", "student_id", text("administered_at DESC"))
    yield Index("idx_medication_logs_slot", "district_id", "order_id", "slot_id")
    yield Index(
        "idx_medication_logs_amending", "district_id", "order_id", postgresql_where=text("amends_id IS NOT NULL")
    )
    yield Index("idx_medication_logs_medication_fk", "district_id", "medication_id")
    yield Index("idx_medication_logs_administered_by", "district_id", "author_user_id", "administered_at")
    yield Index("idx_medication_logs_administered_at", "district_id", "school_id", "administered_at")


def _medication_containers() -> Iterator[SchemaItem]:
    yield living("ix_medication_containers_expires", "school_id", "status", "expires_on")


def _ledger_entries() -> Iterator[SchemaItem]:
    table = "medication_ledger"
    yield check(table, "witness_id", "witness_id <> actor_id")
    yield check(table, "quantity", "CASE event WHEN 'COUNTED' THEN quantity >= 0 ELSE quantity <> 0 END")
    yield Index("idx_medication_ledger_container", "district_id", "container_id", "occurred_at")


def _trip_custody() -> Iterator[SchemaItem]:
    table = "trip_custody"
    yield check(table, "quantity_out", "quantity_out > 0")
    yield check(table, "quantity_returned", "quantity_returned BETWEEN 0 AND quantity_out")
    yield check(table, "returned", "(quantity_returned IS NULL) = (back_at IS NULL)")
    yield not_before(table, "back_at", "out_at")


def _delegations() -> Iterator[SchemaItem]:
    table = "delegations"
    yield not_before(table, "assigned_to", "assigned_from")
    yield not_before(table, "expires_on", "trained_on")
    yield check(table, "delegated_by", "delegated_by <> user_id")


def _effect_checks() -> Iterator[SchemaItem]:
    yield entry_whole("effect_checks")


EXTRAS: dict[str, Callable[[], Iterator[SchemaItem]]] = {
    "medications": _medications,
    "student_medications": _orders,
    "order_versions": _order_versions,
    "medication_containers": _medication_containers,
    "medication_logs": _doses,
    "effect_checks": _effect_checks,
    "medication_ledger": _ledger_entries,
    "trip_custody": _trip_custody,
    "delegations": _delegations,
}
