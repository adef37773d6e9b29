"""Attempts to see or touch another school's rows. Each returns what leaked; nothing leaked is an empty list."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID, uuid5

import psycopg
from psycopg import Connection, sql
from sqlalchemy import Table
from tests.sync_server.db.central_world import ASH, BIRCH, CEDAR, NORTH, Place, sample
from tests.sync_server.db.contexts_of_tests import put

from wc_sync_server.db.grants import APP, AUDIT_READER, rights_of_app
from wc_sync_server.db.tables import Visible, visibility_of

BY_SCHOOL = {Visible.SCHOOL, Visible.MAYBE_SCHOOL}


def stranger(table: Table) -> Place:
    """Return the place whose rows a nurse of ASH must not see: the next school, or the next district."""
    return BIRCH if visibility_of(table) in BY_SCHOOL else CEDAR


@contextmanager
def acting(connection: Connection[Any], role: str, place: Place | None, who: str = "SYSTEM") -> Iterator[None]:
    """Act as a database role, in the context of one school or of none, and undo everything."""
    with connection.transaction(force_rollback=True):
        if place is not None:
            put(connection, place.district, (place.school,), who)
        connection.execute(sql.SQL("SET LOCAL ROLE {}").format(sql.Identifier(role)))
        yield


def reader_of(table: Table) -> str:
    """Return the role that may read table."""
    return APP if "SELECT" in rights_of_app(table) else AUDIT_READER


def writer_of(table: Table) -> str:
    """Return the role that may add to table."""
    return APP if "INSERT" in rights_of_app(table) else AUDIT_READER


def leaks(connection: Connection[Any], table: Table) -> list[str]:
    """Try everything on one table, as a nurse's workstation in ASH; return what got through."""
    return [found for probe in PROBES for found in probe(connection, table)]


def by_list(connection: Connection[Any], table: Table) -> Iterator[str]:
    with acting(connection, reader_of(table), ASH):
        for row in connection.execute(_select(table)).fetchall():
            if row[0] != NORTH:
                yield "list: a row of another district"
            elif visibility_of(table) in BY_SCHOOL and row[1] not in {ASH.school, None}:
                yield "list: a row of another school"


def by_key(connection: Connection[Any], table: Table) -> Iterator[str]:
    row = sample(table, stranger(table))
    keys = [column.name for column in table.primary_key.columns]
    where = sql.SQL(" AND ").join(sql.SQL("{} = {}").format(sql.Identifier(key), sql.Placeholder(key)) for key in keys)
    with acting(connection, reader_of(table), ASH):
        query = sql.SQL("SELECT 1 FROM {} WHERE {}").format(sql.Identifier(table.name), where)
        if connection.execute(query, {key: row[key] for key in keys}).fetchall():
            yield "by key: found"


def by_aggregate(connection: Connection[Any], table: Table) -> Iterator[str]:
    with acting(connection, reader_of(table), ASH):
        seen = len(connection.execute(_select(table)).fetchall())
        query = sql.SQL("SELECT count(*), count(DISTINCT district_id) FROM {}").format(sql.Identifier(table.name))
        ((count, districts),) = connection.execute(query).fetchall()
        if count != seen or districts > 1:
            yield "aggregate: counts what it does not show"


def by_copy(connection: Connection[Any], table: Table) -> Iterator[str]:
    columns = sql.SQL("district_id, ") + sql.SQL("school_id" if "school_id" in table.columns else "district_id")
    query = sql.SQL("COPY (SELECT {} FROM {}) TO STDOUT").format(columns, sql.Identifier(table.name))
    with acting(connection, reader_of(table), ASH), connection.cursor().copy(query) as copy:
        lines = [bytes(line).decode().split() for line in copy]
    by_school = visibility_of(table) in BY_SCHOOL
    for district, school in lines:
        if district != str(NORTH) or (by_school and school not in {str(ASH.school), "\\N"}):
            yield "copy: a row of a stranger"


def by_insert(connection: Connection[Any], table: Table) -> Iterator[str]:
    row = sample(table, stranger(table))
    for key in ("id", "entry_id", "record_id"):
        if key in table.primary_key.columns and table.name != "districts":
            row[key] = uuid5(row[key], "again")
            break
    names = sql.SQL(", ").join(map(sql.Identifier, row))
    values = sql.SQL(", ").join(map(sql.Placeholder, row))
    statement = sql.SQL("INSERT INTO {} ({}) VALUES ({})").format(sql.Identifier(table.name), names, values)
    with acting(connection, writer_of(table), ASH):
        yield from _passes_policy(connection, statement, row, "insert: a row into a stranger's place")


def by_moving(connection: Connection[Any], table: Table) -> Iterator[str]:
    if "UPDATE" not in rights_of_app(table):
        return
    column = "school_id" if visibility_of(table) in BY_SCHOOL else "district_id"
    target = stranger(table).school if column == "school_id" else stranger(table).district
    statement = sql.SQL("UPDATE {} SET {} = %(target)s").format(sql.Identifier(table.name), sql.Identifier(column))
    with acting(connection, APP, ASH):
        yield from _passes_policy(connection, statement, {"target": target}, "move: a row to a stranger")


def without_context(connection: Connection[Any], table: Table) -> Iterator[str]:
    with acting(connection, reader_of(table), None):
        if connection.execute(_select(table)).fetchall():
            yield "no context: rows"


def _passes_policy(
    connection: Connection[Any], statement: sql.Composed, parameters: dict[str, Any], leak: str
) -> Iterator[str]:
    """Yield leak unless row-level security refused. That another constraint refused first tells nothing."""
    try:
        with connection.transaction():
            connection.execute(statement, parameters)
    except psycopg.errors.InsufficientPrivilege:
        return
    except psycopg.errors.IntegrityError:
        pass
    yield leak


def _select(table: Table) -> sql.Composed:
    school = sql.SQL("school_id" if "school_id" in table.columns else "NULL::uuid")
    return sql.SQL("SELECT district_id, {} FROM {}").format(school, sql.Identifier(table.name))


PROBES: tuple[Callable[[Connection[Any], Table], Iterator[str]], ...] = (
    by_list,
    by_key,
    by_aggregate,
    by_copy,
    by_insert,
    by_moving,
    without_context,
)


def own_rows(connection: Connection[Any], table: Table, place: Place) -> list[tuple[UUID, UUID | None]]:
    """Return what a place sees of a table."""
    with acting(connection, reader_of(table), place):
        return connection.execute(_select(table)).fetchall()
