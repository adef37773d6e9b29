"""Taking down what slows a load, and putting back exactly what was there, within the transaction that loads.

A foreign key checked row by row costs more than the row; one join checks it for all of them. An index grown row by row
costs several times one that is sorted at once. Primary keys and unique constraints stay.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import LiteralString

from psycopg import Connection, sql
from psycopg.rows import TupleRow

_KEYS = """
SELECT c.relname, k.conname, pg_get_constraintdef(k.oid) FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid
WHERE k.contype = 'f' AND k.connamespace = 'public'::regnamespace AND c.relname = ANY(%(tables)s) ORDER BY 1, 2
"""
_INDEXES = """
SELECT x.relname, pg_get_indexdef(i.indexrelid) FROM pg_index i JOIN pg_class x ON x.oid = i.indexrelid
JOIN pg_class c ON c.oid = i.indrelid
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND c.relname = ANY(%(tables)s)
  AND NOT EXISTS (SELECT 1 FROM pg_constraint k WHERE k.conindid = i.indexrelid) ORDER BY 1
"""
_MEMORY = "SET LOCAL maintenance_work_mem = '256MB'"


@contextmanager
def taken_down(connection: Connection[TupleRow], tables: Sequence[str]) -> Iterator[None]:
    """Be without foreign keys and plain indexes of these tables; an error leaves all of it to the rollback."""
    named = {"tables": list(tables)}
    keys = connection.execute(_KEYS, named).fetchall()
    indexes = connection.execute(_INDEXES, named).fetchall()
    for table, name, _ in keys:
        _say(connection, "ALTER TABLE {} DROP CONSTRAINT {}", table, name)
    for name, _ in indexes:
        _say(connection, "DROP INDEX {}", name)
    yield
    connection.execute(_MEMORY)
    # PostgreSQL's own words, as it gave them.
    for _, definition in indexes:
        connection.execute(definition.encode())
    for table, name, definition in keys:
        statement = sql.SQL("ALTER TABLE {} ADD CONSTRAINT {} ").format(sql.Identifier(table), sql.Identifier(name))
        connection.execute(statement + sql.SQL(definition))


def _say(connection: Connection[TupleRow], statement: LiteralString, *names: str) -> None:
    connection.execute(sql.SQL(statement).format(*(sql.Identifier(name) for name in names)))
