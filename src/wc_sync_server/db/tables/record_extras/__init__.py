"""What the central database adds to a record: checks, uniqueness, indexes for its queries, columns of its own.

Index names beginning with idx_ are those of the old schema, so that its auditor finds them.
"""

from collections.abc import Iterator

from sqlalchemy.schema import SchemaItem

from wc_contract.model.kinds import RecordKind
from wc_sync_server.db.tables.record_extras import (
    health,
    incidents,
    medication,
    scheduling,
    students,
    supplies,
    tenancy,
)

# Foreign keys for which a query's index already begins with the columns of the key.
LED_BY_ANOTHER = frozenset(
    {
        ("medication_logs", "order_id"),
        ("medication_logs", "author_user_id"),
        ("medication_logs", "medication_id"),
        ("medication_ledger", "container_id"),
        ("incident_reports", "student_id"),
        ("health_records", "student_id"),
        ("clinic_visits", "student_id"),
        ("vital_signs", "student_id"),
        ("screenings", "student_id"),
        ("vaccinations", "student_id"),
        ("appointments", "student_id"),
        ("appointments", "nurse_id"),
        ("inventory_transactions", "item_id"),
    }
)


_EXTRAS = {
    table: extras
    for domain in (tenancy, students, health, medication, incidents, scheduling, supplies)
    for table, extras in domain.EXTRAS.items()
}


def extras_of(kind: RecordKind) -> Iterator[SchemaItem]:
    """Yield what the kind's table has beyond its declaration."""
    if kind.table in _EXTRAS:
        yield from _EXTRAS[kind.table]()
