"""The audit: partitioned by month of receipt from the first migration, and a place for what has no month yet."""

from sqlalchemy import Column, Index, Table, Text, text
from sqlalchemy.dialects.postgresql import JSONB

from wc_sync_server.db.tables.base import Visible, identity, instant, primary_key, tenant_table


def _columns() -> tuple[Column[object], ...]:
    return (
        identity("school_id"),
        identity("id", required=True),
        identity("user_id"),
        Column("role", Text),
        identity("device_id"),
        identity("entry_id"),
        Column("action", Text, nullable=False),
        Column("entity_type", Text, nullable=False),
        Column("entity_id", Text, nullable=False),
        Column("fields", JSONB, nullable=False),  # names, never values
        Column("detail", JSONB),  # codes, never values
        instant("at", required=True),  # the author's clock
        instant("received_at", required=True),  # the server's
    )


# No foreign keys: the record of a look outlives what was looked at. No default partition: it blocks making and
# detaching the real ones.
AUDIT_LOGS = tenant_table(
    "audit_logs",
    Visible.MAYBE_SCHOOL,
    *_columns(),
    primary_key("audit_logs", "id", "received_at"),
    Index("idx_audit_logs_user", "district_id", "user_id", text("at DESC")),
    Index("idx_audit_logs_entity", "district_id", "entity_type", "entity_id", "action", text("at DESC")),
    Index("idx_audit_logs_at", "district_id", text("at DESC"), "action", "entity_type"),
    Index("idx_audit_logs_export", "district_id", text("at DESC"), postgresql_where=text("action = 'EXPORT'")),
    partition_by="RANGE (received_at)",
)
AUDIT_COLUMNS = tuple(column.name for column in AUDIT_LOGS.columns)

# A month nobody made must not stop a dose from being recorded; ensure_partitions empties this into its month.
AUDIT_OVERFLOW: Table = tenant_table(
    "audit_overflow",
    Visible.MAYBE_SCHOOL,
    *_columns(),
    primary_key("audit_overflow", "id"),
)
