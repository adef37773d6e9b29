"""Every table of the central database, on one metadata, each in exactly one list."""

from sqlalchemy import Table

from wc_sync_server.db.tables import access, audit, blobs, codes, compliance, merges, messages, money, sync
from wc_sync_server.db.tables.base import METADATA, Guard, Home, Visible, guard_of, home_of, visibility_of
from wc_sync_server.db.tables.records import (
    SERVER_FIELDS,
    make_record_tables,
    server_fields,
    written_fields,
    written_once,
)

TABLES: dict[str, Table] = make_record_tables()


def _listed(home: Home) -> tuple[Table, ...]:
    return tuple(table for table in METADATA.sorted_tables if home_of(table) is home)


TENANT: tuple[Table, ...] = _listed(Home.TENANT)
REFERENCE: tuple[Table, ...] = _listed(Home.REFERENCE)
LOCAL: tuple[Table, ...] = _listed(Home.LOCAL)

__all__ = [
    "LOCAL",
    "METADATA",
    "REFERENCE",
    "SERVER_FIELDS",
    "TABLES",
    "TENANT",
    "Guard",
    "Visible",
    "access",
    "audit",
    "blobs",
    "codes",
    "compliance",
    "guard_of",
    "merges",
    "messages",
    "money",
    "server_fields",
    "sync",
    "visibility_of",
    "written_fields",
    "written_once",
]
