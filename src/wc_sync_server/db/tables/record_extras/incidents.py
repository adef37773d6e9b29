"""What the tables of incidents and reviews have beyond their declaration.

That only a medication error has a type and a category of error is rule I3: a report that a nurse signed is kept and
flagged, so no CHECK refuses it.
"""

from collections.abc import Callable, Iterator

from sqlalchemy import Index, text
from sqlalchemy.schema import SchemaItem

from wc_sync_server.db.tables.base import check
from wc_sync_server.db.tables.record_extras.parts import entry_whole, living


def _incidents() -> Iterator[SchemaItem]:
    table = "incident_reports"
    yield check(table, "ncc_merp", "ncc_merp IN ('A', 'B', 'C', 'D', 'E', 'F', 'G', 'H', 'I')")
    yield check(table, "closed_at", "closed_at IS NULL OR status = 'CLOSED'")
    yield Index("idx_incident_reports_student", "district_id", "student_id", text("occurred_at DESC"), "severity")
    yield Index(
        "idx_incident_reports_critical",
        "district_id",
        "severity",
        text("occurred_at DESC"),
        postgresql_where=text("severity IN ('HIGH', 'CRITICAL')"),
    )
    yield Index("idx_incident_reports_follow_up", "district_id", "status", "follow_up_due")


def _incident_addenda() -> Iterator[SchemaItem]:
    yield entry_whole("incident_addenda")


def _witness_statements() -> Iterator[SchemaItem]:
    yield entry_whole("witness_statements")


def _head_injury_checks() -> Iterator[SchemaItem]:
    yield entry_whole("head_injury_checks")


def _follow_up_actions() -> Iterator[SchemaItem]:
    table = "follow_up_actions"
    yield check(table, "completed_at", "(completed_at IS NOT NULL) = (status = 'DONE')")
    yield check(table, "completed_by", "completed_by IS NULL OR completed_at IS NOT NULL")
    yield living("idx_follow_up_actions_due", "school_id", "due_on", where="status = 'OPEN'")


def _notifications() -> Iterator[SchemaItem]:
    yield check("notifications", "about", "num_nonnulls(incident_id, log_id) = 1")


def _captures() -> Iterator[SchemaItem]:
    yield entry_whole("captures")


def _review_cases() -> Iterator[SchemaItem]:
    yield Index("idx_review_cases_open", "district_id", "school_id", "status", "opened_at")
    yield Index("ix_review_cases_slot_id", "district_id", "slot_id")


EXTRAS: dict[str, Callable[[], Iterator[SchemaItem]]] = {
    "incident_reports": _incidents,
    "incident_addenda": _incident_addenda,
    "witness_statements": _witness_statements,
    "head_injury_checks": _head_injury_checks,
    "follow_up_actions": _follow_up_actions,
    "notifications": _notifications,
    "captures": _captures,
    "review_cases": _review_cases,
}
