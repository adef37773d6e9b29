"""What several tables have alike beyond their declaration."""

from sqlalchemy import CheckConstraint, Column, Computed, Index, TextClause, text
from sqlalchemy.dialects.postgresql import TSVECTOR

from wc_sync_server.db.tables.base import check


def search(*columns: str) -> Column[object]:
    """Return a full-text column over names. Never over notes: it would be a second copy of them."""
    joined = " || ' ' || ".join(f"coalesce({column}, '')" for column in columns)
    return Column("search", TSVECTOR, Computed(f"to_tsvector('simple'::regconfig, {joined})", persisted=True))


def search_index(table: str) -> Index:
    """Return the index of the full-text column."""
    return Index(f"idx_{table}_search", "search", postgresql_using="gin")


def entry_whole(table: str) -> CheckConstraint:
    """Return the CHECK of an event's origin: from a workstation's entry, with all of it, or from the office."""
    return check(table, "entry", "num_nonnulls(entry_id, device_id, device_seq) IN (0, 3)")


def living(name: str, *columns: str | TextClause, where: str = "", unique: bool = False) -> Index:
    """Return an index of the rows that are not deleted."""
    condition = f"{where} AND deleted_at IS NULL" if where else "deleted_at IS NULL"
    return Index(name, "district_id", *columns, unique=unique, postgresql_where=text(condition))
