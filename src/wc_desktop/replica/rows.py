"""Reading records: tuples of the database to rows in wire form."""

import json
from collections.abc import Collection, Iterable, Iterator, Sequence
from functools import cache
from itertools import islice
from typing import Any

from wc_contract.model.kinds import FieldType, RecordKind
from wc_desktop.cipher.engine import Connection
from wc_desktop.ports import Row
from wc_desktop.replica.overlay import OVERLAID

_MOST_MARKS = 900


@cache
def select_sql(kind: RecordKind, where: str) -> str:
    """Return the SELECT of a kind, own entries included where there can be any; where holds the condition.

    An own entry whose record has arrived from the server is left out: it would stand twice.
    """
    names = ", ".join(f'r."{name}"' for name in kind.columns)
    sql = f"SELECT {names} FROM main.{kind.table} AS r WHERE {where}"  # noqa: S608  # names of our own, values bound
    if kind.name not in OVERLAID:
        return sql
    own = (
        f"SELECT {names}, 1 FROM temp.over_{kind.table} AS r WHERE ({where})"  # noqa: S608
        f" AND NOT EXISTS (SELECT 1 FROM main.{kind.table} AS known WHERE known.id = r.id)"
    )
    return f"{sql.replace(' FROM main.', ', 0 FROM main.', 1)} UNION ALL {own}"


@cache
def _reader(kind: RecordKind) -> tuple[tuple[str, ...], tuple[int, ...]]:
    columns = (*kind.columns, "waiting") if kind.name in OVERLAID else kind.columns
    flags = {field.name for field in kind.fields if field.type is FieldType.BOOLEAN} | {"waiting"}
    return columns, tuple(place for place, name in enumerate(columns) if name in flags)


def read_rows(connection: Connection, kind: RecordKind, where: str, values: Sequence[object] = ()) -> list[Row]:
    """Return the records of a kind that meet a condition on r."""
    columns, flags = _reader(kind)
    bound = (*values, *values) if kind.name in OVERLAID else tuple(values)
    cursor = connection.execute(select_sql(kind, where), bound)
    return [_row(columns, flags, found) for found in cursor]


def _row(columns: tuple[str, ...], flags: tuple[int, ...], found: Sequence[Any]) -> Row:
    row = dict(zip(columns, found, strict=True))
    for place in flags:
        row[columns[place]] = bool(found[place])
    return row


def read_newest(
    connection: Connection, kind: RecordKind, where: str, values: Sequence[object], *, by: str, limit: int | None
) -> list[Row]:
    """Return the records that meet a condition on r, highest in by first, at most limit."""
    columns, flags = _reader(kind)
    bound = (*values, *values) if kind.name in OVERLAID else tuple(values)
    sql = f'SELECT * FROM ({select_sql(kind, where)}) ORDER BY "{by}" DESC LIMIT ?'  # noqa: S608
    cursor = connection.execute(sql, (*bound, -1 if limit is None else limit))
    return [_row(columns, flags, found) for found in cursor]


def read_newest_each(
    connection: Connection, kind: RecordKind, column: str, values: Collection[str], *, by: str, where: str
) -> list[Row]:
    """Return, for each value of column, the confirmed and the own record highest in by that meet where.

    column and by must be the two columns of an index; where speaks of d.
    """
    columns, flags = _reader(kind)
    names = ", ".join(f'r."{name}"' for name in kind.columns)
    found: list[Row] = []
    for waiting, table in enumerate((f"main.{kind.table}", f"temp.over_{kind.table}")):
        newest = (
            f'SELECT d.rowid FROM {table} AS d WHERE d."{column}" = wanted.value AND {where}'  # noqa: S608
            f' ORDER BY d."{by}" DESC LIMIT 1'
        )
        sql = (
            f"SELECT {names}, {waiting} FROM json_each(?) AS wanted"  # noqa: S608
            f" JOIN {table} AS r ON r.rowid = ({newest})"
        )
        found += [_row(columns, flags, row) for row in connection.execute(sql, (json.dumps(list(values)),))]
    return found


def read_where(connection: Connection, kind: RecordKind, column: str, values: Collection[str]) -> list[Row]:
    """Return the records whose column holds one of values. Raises KeyError for a column the kind has not."""
    if column != "id":
        kind.field(column)
    found: list[Row] = []
    for group in _groups(values):
        marks = ", ".join("?" for _ in group)
        found += read_rows(connection, kind, f'r."{column}" IN ({marks})', group)
    return found


def _groups(values: Iterable[str]) -> Iterator[tuple[str, ...]]:
    left = iter(values)
    while group := tuple(islice(left, _MOST_MARKS)):
        # A few sizes only, so that the statements stay prepared; a repeated value finds nothing more.
        size = next((size for size in (1, 8, 64, 256) if size >= len(group)), len(group))
        yield group + group[-1:] * (size - len(group))
