"""Which role may do what. The application owns nothing and deletes nothing."""

from collections.abc import Iterator

from psycopg import Connection, sql
from psycopg.rows import TupleRow
from sqlalchemy import Table

from wc_contract.model.kinds import KINDS, RecordKind
from wc_sync_server.db.tables import (
    METADATA,
    REFERENCE,
    access,
    audit,
    blobs,
    compliance,
    merges,
    messages,
    money,
    sync,
    written_once,
)

OWNER = "wc_owner"
MIGRATE = "wc_migrate"
APP = "wc_app"
AUDIT_READER = "wc_audit_reader"
BACKUP = "wc_backup"

_READ_ADD = "SELECT, INSERT"
_READ_ADD_CHANGE = "SELECT, INSERT, UPDATE"

_OF_APP: dict[str, str] = {
    **{kind.table: _READ_ADD if written_once(kind) else _READ_ADD_CHANGE for kind in KINDS},
    **{table.name: "SELECT" for table in REFERENCE},
    **{
        table.name: _READ_ADD if table.info["kind"].append_only else _READ_ADD_CHANGE
        for table in (
            money.SUPPLIERS,
            money.PURCHASE_ORDERS,
            money.PURCHASE_ORDER_ITEMS,
            money.BUDGET_CATEGORIES,
            money.BUDGET_TRANSACTIONS,
            compliance.POLICY_DOCUMENTS,
            compliance.POLICY_ACKNOWLEDGMENTS,
            compliance.PHI_DISCLOSURES,
            compliance.RETENTION_POLICIES,
            compliance.LEGAL_HOLDS,
            merges.STUDENT_MERGES,
        )
    },
    access.USER_CREDENTIALS.name: _READ_ADD_CHANGE,
    access.RECOVERY_CODES.name: _READ_ADD_CHANGE,
    access.DEVICES.name: _READ_ADD_CHANGE,
    access.ENROLMENT_CODES.name: _READ_ADD_CHANGE,
    access.SESSIONS.name: _READ_ADD_CHANGE,
    access.LOGIN_ATTEMPTS.name: _READ_ADD,
    access.LEASES.name: _READ_ADD,
    sync.STREAMS.name: _READ_ADD_CHANGE,
    sync.REMOVALS.name: _READ_ADD_CHANGE,
    sync.RECEIPTS.name: _READ_ADD,
    sync.LATER_ANSWERS.name: _READ_ADD,
    sync.REFUSED_ENTRIES.name: _READ_ADD_CHANGE,
    sync.SERVER_EPOCHS.name: _READ_ADD,
    sync.DISTRICT_DIRECTORY.name: _READ_ADD,
    audit.AUDIT_LOGS.name: "INSERT",
    audit.AUDIT_OVERFLOW.name: "INSERT",
    audit.AUDIT_SEALS.name: "SELECT",
    audit.AUDIT_ARCHIVES.name: "SELECT",
    messages.OUTBOX_MESSAGES.name: _READ_ADD_CHANGE,
    blobs.BLOBS.name: _READ_ADD,
    blobs.BLOB_PIECES.name: _READ_ADD,
}


def _changing(kind: RecordKind) -> str:
    """Of what is written once, only what the server says about it may change, never what somebody put down.

    A fact stays with the school where it happened; another record goes along with its child, is deleted softly, and its
    sealed fields are sealed anew under the next key.
    """
    if kind.append_only:
        said = [field.name for field in kind.fields if field.name == "flags"]
    else:
        said = ["school_id", "deleted_at", *(field.name for field in kind.fields if field.sealed)]
    return ", ".join(["row_version", "updated_at", *said])


_COLUMNS_OF_APP = {
    **{kind.table: _changing(kind) for kind in KINDS if written_once(kind)},
    # How far an upload is, and its key when it is sealed anew; what it is never changes, nor does a piece.
    blobs.BLOBS.name: "held_bytes, status, completed_at, data_key, updated_at",
}

# Two programs that give the same right at once: one of them would fail. The same number in every release.
_ONE_AT_A_TIME = 7_402_115_265
_HIDDEN_SCHEMAS = """
SELECT n.nspname FROM pg_namespace n WHERE n.nspowner = %(owner)s::regrole
AND NOT has_schema_privilege(%(backup)s, n.oid, 'USAGE')
AND EXISTS (SELECT 1 FROM pg_class c WHERE c.relnamespace = n.oid AND c.relkind IN ('r', 'p'))
"""
_HIDDEN_TABLES = """
SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p') AND c.relowner = %(owner)s::regrole AND n.nspname NOT LIKE 'pg\\_%%'
AND NOT has_table_privilege(%(backup)s, c.oid, 'SELECT')
"""


def rights_of_app(table: Table) -> str:
    """Return what the application may do with table. Raises KeyError for a table nobody decided about."""
    return _OF_APP[table.name]


def grant_statements() -> Iterator[str]:
    """Yield the statements that give each role its rights."""
    for role in (APP, AUDIT_READER):
        yield f"GRANT USAGE ON SCHEMA wc_sec TO {role}"
        yield f"GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA wc_sec TO {role}"
    yield from table_grants()


def table_grants() -> Iterator[str]:
    """Yield the statements that give each role its rights to tables."""
    for table in METADATA.sorted_tables:
        yield f"GRANT {rights_of_app(table)} ON {table.name} TO {APP}"
        yield f"GRANT SELECT ON {table.name} TO {BACKUP}"
    for name, columns in _COLUMNS_OF_APP.items():
        yield f"GRANT UPDATE ({columns}) ON {name} TO {APP}"
    for table in (audit.AUDIT_LOGS, audit.AUDIT_OVERFLOW, sync.DISTRICT_DIRECTORY):
        yield f"GRANT SELECT ON {table.name} TO {AUDIT_READER}"
    # Who reads the lines seals them; a seal counts for nothing without the server's signature.
    for table in (audit.AUDIT_SEALS, audit.AUDIT_ARCHIVES):
        yield f"GRANT SELECT, INSERT ON {table.name} TO {AUDIT_READER}"


def let_backup_read(connection: Connection[TupleRow]) -> None:
    """Let the backup read what programs made beside the revisions: Alembic's own table, the place of each backfill.

    connection acts as the owner. pg_dump locks every table first, so one that it may not read is no backup at all.
    """
    who = {"owner": OWNER, "backup": BACKUP}
    backup = sql.Identifier(BACKUP)
    with connection.transaction():
        connection.execute("SELECT pg_advisory_xact_lock(%s)", (_ONE_AT_A_TIME,))
        for (schema,) in connection.execute(_HIDDEN_SCHEMAS, who).fetchall():
            connection.execute(sql.SQL("GRANT USAGE ON SCHEMA {} TO {}").format(sql.Identifier(schema), backup))
        for schema, table in connection.execute(_HIDDEN_TABLES, who).fetchall():
            connection.execute(sql.SQL("GRANT SELECT ON {} TO {}").format(sql.Identifier(schema, table), backup))
