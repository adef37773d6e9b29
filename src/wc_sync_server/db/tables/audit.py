"""The audit: partitioned by month of receipt from the first migration, and a place for what has no month yet.

Beside it the seals that make changes to it show, and the record of months that were taken into an archive.
"""

from sqlalchemy import BigInteger, Column, Date, Index, Integer, LargeBinary, Table, Text, text
from sqlalchemy.dialects.postgresql import JSONB

from wc_sync_server.db.tables.base import Visible, check, identity, instant, primary_key, tenant_table, unique
from wc_sync_server.db.tables.roles import EVERYBODY, SYSTEM


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
    # Lines come in the order of their receipt: the sealer finds the newest by a few bytes for every 32 pages.
    Index(
        "ix_audit_logs_received_at",
        "received_at",
        postgresql_using="brin",
        postgresql_with={"pages_per_range": 32, "autosummarize": "on"},
    ),
    writers=EVERYBODY,
    partition_by="RANGE (received_at)",
)
AUDIT_COLUMNS = tuple(column.name for column in AUDIT_LOGS.columns)

# A month nobody made must not stop a dose from being recorded; ensure_partitions empties this into its month.
AUDIT_OVERFLOW: Table = tenant_table(
    "audit_overflow",
    Visible.MAYBE_SCHOOL,
    *_columns(),
    primary_key("audit_overflow", "id"),
    writers=EVERYBODY,
)

# Never changed, never removed: what was sealed can be asked for when its lines are in an archive or gone.
AUDIT_SEALS: Table = tenant_table(
    "audit_seals",
    Visible.DISTRICT,
    Column("number", BigInteger, nullable=False),
    instant("from_at", required=True),
    instant("to_at", required=True),
    Column("line_count", Integer, nullable=False),
    Column("contents", LargeBinary, nullable=False),  # id and digest of each line, in order
    Column("prev_hash", LargeBinary, nullable=False),
    Column("hash", LargeBinary, nullable=False),
    Column("key_id", Text, nullable=False),
    Column("signature", LargeBinary, nullable=False),
    instant("sealed_at", required=True),
    primary_key("audit_seals", "number"),
    # The writer of the audit looks here that it dates nothing into what is sealed.
    unique("audit_seals", "to_at"),
    check("audit_seals", "number", "number > 0"),
    check("audit_seals", "line_count", "line_count >= 0"),
    writers=(SYSTEM,),
)

AUDIT_ARCHIVES: Table = tenant_table(
    "audit_archives",
    Visible.DISTRICT,
    identity("id", required=True),
    Column("month", Date, nullable=False),  # its first day
    Column("line_count", BigInteger, nullable=False),
    Column("first_seal", BigInteger, nullable=False),
    Column("last_seal", BigInteger, nullable=False),
    Column("manifest_hash", LargeBinary, nullable=False),
    Column("keep_until", Date, nullable=False),
    Column("key_id", Text, nullable=False),
    Column("signature", LargeBinary, nullable=False),
    instant("archived_at", required=True),
    primary_key("audit_archives", "id"),
    unique("audit_archives", "month"),
    check("audit_archives", "line_count", "line_count >= 0"),
    writers=(SYSTEM,),
)
