"""The world of central_world.py with every form of row: of no school, not confidential, in each month's partition."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

from psycopg import Connection, sql
from sqlalchemy import CheckConstraint, Column, ForeignKeyConstraint, Table, UniqueConstraint
from tests.sync_server.db.central_world import BIRCH, PLACES, Place, fill, sample
from tests.sync_server.db.probes_oracle import Relation, Row

from wc_sync_server.db.tables import METADATA, TENANT, Visible, guard_of

Values = dict[str, Any]

_PARTITIONS = """SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
    WHERE i.inhparent = to_regclass(%s) AND c.relkind = 'r' ORDER BY 1"""
_FIRST_DAY = """SELECT (regexp_match(pg_get_expr(relpartbound, oid), 'FROM \\(''([^'']+)''\\)'))[1]::timestamptz
    FROM pg_class WHERE oid = to_regclass(%s)"""
# Its id is its district's or its school's: there is one, and the other forms are in the world already.
ONE_OF_A_KIND = {"streams", "districts"}


def fill_all(connection: Connection[Any]) -> tuple[Relation, ...]:
    """Put every form of row into every tenant table; return the tables and partitions. connection: the superuser's."""
    fill(connection)
    connection.execute("SET LOCAL session_replication_role = replica")  # forms of rows, not families of them
    for table in TENANT:
        for row in _forms(connection, table):
            connection.execute(insertion(table.name, row))
    connection.execute("SET LOCAL session_replication_role = origin")
    return tuple(relations(connection))


def relations(connection: Connection[Any]) -> Iterator[Relation]:
    """Yield every tenant table and every partition there is, with the rows in it."""
    for table in TENANT:
        partitions = [name for (name,) in connection.execute(_PARTITIONS, (table.name,)).fetchall()]
        for name in (table.name, *partitions):
            relation = Relation(name=name, table=table, rows=tuple(_rows(connection, name, table)))
            assert {row.district for row in relation.rows} == {place.district for place in PLACES}, name
            yield relation


def another(table: Table, row: Values, word: str) -> Values:
    """Return row under other keys, so that it can stand beside the first."""
    changed = dict(row)
    for columns in keys_of(table):
        free = [column for column in columns if column.name in row and _is_free(column)]
        for column in free[:1]:
            changed[column.name] = _other(row[column.name], word)
    return changed


def keys_of(table: Table) -> Iterator[tuple[Column[Any], ...]]:
    """Yield the columns of each key of table."""
    yield tuple(table.primary_key.columns)
    for constraint in table.constraints:
        if isinstance(constraint, UniqueConstraint):
            yield tuple(constraint.columns)
    for index in table.indexes:
        if index.unique:
            yield tuple(index.columns)


def insertion(name: str, row: Values) -> sql.Composed:
    """Return the statement that inserts row, values and all."""
    return sql.SQL("INSERT INTO {} ({}) VALUES ({})").format(
        sql.Identifier(name),
        sql.SQL(", ").join(map(sql.Identifier, row)),
        sql.SQL(", ").join(map(sql.Literal, row.values())),
    )


def key(table: Table) -> str:
    """Return the SQL of a row's key, in one text."""
    return f"concat_ws('|', {', '.join(column.name for column in table.primary_key.columns)})"


def forms_above(table: Table, place: Place) -> dict[str, Values]:
    """Return what a row as confidential as another can name besides a confidential one, each by a word."""
    above = guard_of(table).confidential_with
    if above is None:
        return {}
    named = METADATA.tables[above.table]
    open_ = {each: another(named, sample(named, each), "not confidential")["id"] for each in (place, BIRCH)}
    return {
        "of none": {above.column: None},
        "of an open one": {above.column: open_[place]},
        "of an open one elsewhere": {above.column: open_[BIRCH]},
    }


def above_of(connection: Connection[Any], table: Table, row: Values) -> Row | None:
    """Return the row that a row of table is as confidential as. connection is the superuser's."""
    above = guard_of(table).confidential_with
    if above is None or row.get(above.column) is None:
        return None
    columns = "id::text, district_id, school_id, is_confidential"
    query = f"SELECT {columns} FROM {above.table} WHERE (district_id, id) = (%s, %s)"
    values = (row["district_id"], row[above.column])
    for text, district, school, marked in connection.execute(query.encode(), values).fetchall():
        return Row(key=text, district=district, school=school, confidential=marked)
    # Nobody who has to look at the other row finds one that is not there.
    return Row(key="", district=row["district_id"], school=None, confidential=True)


def _forms(connection: Connection[Any], table: Table) -> Iterator[Values]:
    if table.name in ONE_OF_A_KIND:
        return
    guard = guard_of(table)
    for place in PLACES:
        row = sample(table, place)
        if guard.visible is Visible.MAYBE_SCHOOL:
            yield another(table, row, "of no school") | {"school_id": None}
        if guard.confidential:
            yield another(table, row, "not confidential") | {"is_confidential": False}
        for word, change in forms_above(table, place).items():
            yield another(table, row, word) | change
        for (partition,) in connection.execute(_PARTITIONS, (table.name,)).fetchall():
            ((first_day,),) = connection.execute(_FIRST_DAY, (partition,)).fetchall()
            of_month = another(table, row, partition) | {"received_at": first_day + timedelta(days=3)}
            yield of_month
            yield another(table, of_month, "of no school") | {"school_id": None}


def _rows(connection: Connection[Any], name: str, table: Table) -> Iterator[Row]:
    school = "school_id" if "school_id" in table.columns else "NULL::uuid"
    confidential = "is_confidential" if guard_of(table).confidential else "false"
    above = guard_of(table).confidential_with
    column = "NULL" if above is None else above.column
    query = f"SELECT {key(table)}, district_id, {school}, {confidential}, {column} FROM {name} ORDER BY 1"
    for text, district, of_school, marked, named in connection.execute(query.encode()).fetchall():
        other = above_of(connection, table, {"district_id": district, column: named})
        yield Row(key=text, district=district, school=of_school, confidential=marked, above=other)


def _is_free(column: Column[Any]) -> bool:
    """Return whether another value of column passes: it is in no closed set and is not the tenant."""
    if column.name in {"district_id", "school_id", "stream_id"}:
        return False
    table = column.table
    closed = [str(check.sqltext) for check in table.constraints if isinstance(check, CheckConstraint)]
    if any(text.startswith(f"{column.name} IN ") for text in closed):
        return False
    keys = [each for each in table.constraints if isinstance(each, ForeignKeyConstraint)]
    return column.name == "id" or not any(column.name in each.column_keys for each in keys)


def _other(value: Any, word: str) -> Any:
    match value:
        case UUID():
            return uuid5(value, word)
        case str():
            return f"{value} {word}"
        case bytes():
            return value + word.encode()
        case int():
            return value + sum(word.encode())
        case datetime() | date():
            return value + timedelta(days=sum(word.encode()))
        case _:
            raise AssertionError(value)
