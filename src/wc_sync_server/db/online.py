"""What a revision does to a table in use besides plain statements: indexes made while everybody goes on writing."""

from alembic.runtime.migration import MigrationContext
from sqlalchemy import text

_INVALID = """
SELECT 1 FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
WHERE c.relname = :name AND c.relnamespace = 'public'::regnamespace AND NOT i.indisvalid
"""


def create_index(
    context: MigrationContext, name: str, on: str, *, unique: bool = False, where: str | None = None
) -> None:
    """Make an index CONCURRENTLY, outside any transaction: `create_index(op.get_context(), "ix_a_b", "a (b)")`.

    One that an earlier try left invalid is dropped first. It waits for transactions that are open, however long they
    take, because giving up leaves an invalid index; nobody else waits for it meanwhile.
    """
    with context.autocommit_block():
        connection = context.connection
        if connection is None:
            return
        before = connection.execute(text("SHOW lock_timeout")).scalar()
        connection.execute(text("SET lock_timeout = 0"))
        if connection.execute(text(_INVALID), {"name": name}).scalar():
            connection.execute(text(f"DROP INDEX CONCURRENTLY {name}"))
        kind, rows = "UNIQUE INDEX" if unique else "INDEX", f" WHERE {where}" if where else ""
        connection.execute(text(f"CREATE {kind} CONCURRENTLY IF NOT EXISTS {name} ON {on}{rows}"))
        connection.execute(text(f"SET lock_timeout = '{before}'"))


def drop_index(context: MigrationContext, name: str) -> None:
    """Drop an index CONCURRENTLY: nobody waits for it."""
    with context.autocommit_block():
        if context.connection is not None:
            context.connection.execute(text(f"DROP INDEX CONCURRENTLY IF EXISTS {name}"))
