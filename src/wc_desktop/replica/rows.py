"""Reading records: tuples of the database to rows in wire form."""

import json
from collections.abc import Collection, Iterable, Iterator, Sequence
from enum import IntEnum
from functools import cache
from itertools import islice
from typing import Any

from wc_contract.model.kinds import FieldType, RecordKind
from wc_desktop.cipher.engine import Connection
from wc_desktop.ports import Row
from wc_desktop.replica.tables import CHANGED, OVERLAID

_MOST_MARKS = 900


class Laid(IntEnum):
    """What this device's own entries did to the records of a kind; reading costs no more than that."""

    NOTHING = 0
    ADDED = 1
    CHANGED = 2


@cache
def select_sql(kind: RecordKind, where: str, laid: Laid = Laid.NOTHING) -> str:
    """Return the SELECT of a kind, own entries included where there are any; where holds the condition.

    A record that an own entry added is left out once the confirmed one is there: it would stand twice. One that an
    own entry changed stands instead of the confirmed one.
    """
    names = ", ".join(f'r."{name}"' for name in kind.columns)
    table, over = f"main.{kind.table}", f"temp.over_{kind.table}"
    if kind.name not in OVERLAID:
        return f"SELECT {names} FROM {table} AS r WHERE {where}"  # noqa: S608  # names of our own, values bound
    confirmed = f"SELECT {names}, 0 FROM {table} AS r WHERE ({where})"  # noqa: S608
    if laid is Laid.NOTHING:
        return confirmed
    own = f"SELECT {names}, 1 FROM {over} AS r WHERE ({where})"  # noqa: S608
    new = f"NOT EXISTS (SELECT 1 FROM {table} AS known WHERE known.id = r.id)"  # noqa: S608
    if laid is Laid.ADDED:
        return f"{confirmed} UNION ALL {own} AND {new}"
    hidden = f"EXISTS (SELECT 1 FROM {over} AS o WHERE o.id = r.id AND o.{CHANGED})"  # noqa: S608
    return f"{confirmed} AND NOT {hidden} UNION ALL {own} AND (r.{CHANGED} OR {new})"


@cache
def _reader(kind: RecordKind) -> tuple[tuple[str, ...], tuple[int, ...]]:
    columns = (*kind.columns, "waiting") if kind.name in OVERLAID else kind.columns
    flags = {field.name for field in kind.fields if field.type is FieldType.BOOLEAN} | {"waiting"}
    return columns, tuple(place for place, name in enumerate(columns) if name in flags)


def read_rows(
    connection: Connection,
    kind: RecordKind,
    where: str,
    values: Sequence[object] = (),
    *,
    laid: Laid = Laid.NOTHING,
) -> list[Row]:
    """Return the records of a kind that meet a condition on r."""
    columns, flags = _reader(kind)
    cursor = connection.execute(select_sql(kind, where, laid), _bound(values, laid))
    return [_row(columns, flags, found) for found in cursor]


def _bound(values: Sequence[object], laid: Laid) -> tuple[object, ...]:
    return tuple(values) if laid is Laid.NOTHING else (*values, *values)


def _row(columns: tuple[str, ...], flags: tuple[int, ...], found: Sequence[Any]) -> Row:
    row = dict(zip(columns, found, strict=True))
    for place in flags:
        row[columns[place]] = bool(found[place])
    return row


def read_newest(
    connection: Connection,
    kind: RecordKind,
    where: str,
    values: Sequence[object],
    *,
    by: str,
    limit: int | None,
    laid: Laid = Laid.NOTHING,
) -> list[Row]:
    """Return the records that meet a condition on r, highest in by first, at most limit."""
    columns, flags = _reader(kind)
    sql = f'SELECT * FROM ({select_sql(kind, where, laid)}) ORDER BY "{by}" DESC LIMIT ?'  # noqa: S608
    cursor = connection.execute(sql, (*_bound(values, laid), -1 if limit is None else limit))
    return [_row(columns, flags, found) for found in cursor]


def read_newest_each(
    connection: Connection,
    kind: RecordKind,
    column: str,
    values: Collection[str],
    *,
    by: str,
    where: str,
    laid: Laid = Laid.NOTHING,
) -> list[Row]:
    """Return, for each value of column, the confirmed and the own record highest in by that meet where.

    column and by must be the two columns of an index; where speaks of d. For kinds that are added to only.
    """
    columns, flags = _reader(kind)
    names = ", ".join(f'r."{name}"' for name in kind.columns)
    main, over = f"main.{kind.table}", f"temp.over_{kind.table}"
    new = f" AND NOT EXISTS (SELECT 1 FROM {main} AS known WHERE known.id = d.id)"  # noqa: S608
    asked = [(main, "")] if laid is Laid.NOTHING else [(main, ""), (over, new)]
    found: list[Row] = []
    for waiting, (table, only) in enumerate(asked):
        newest = (
            f'SELECT d.rowid FROM {table} AS d WHERE d."{column}" = wanted.value AND {where}{only}'  # noqa: S608
            f' ORDER BY d."{by}" DESC LIMIT 1'
        )
        sql = (
            f"SELECT {names}, {waiting} FROM json_each(?) AS wanted"  # noqa: S608
            f" JOIN {table} AS r ON r.rowid = ({newest})"
        )
        found += [_row(columns, flags, row) for row in connection.execute(sql, (json.dumps(list(values)),))]
    return found


def read_where(
    connection: Connection, kind: RecordKind, column: str, values: Collection[str], *, laid: Laid = Laid.NOTHING
) -> list[Row]:
    """Return the records whose column holds one of values. Raises KeyError for a column the kind has not."""
    if column != "id":
        kind.field(column)
    found: list[Row] = []
    for group in _groups(values):
        marks = ", ".join("?" for _ in group)
        found += read_rows(connection, kind, f'r."{column}" IN ({marks})', group, laid=laid)
    return found


def tally(
    connection: Connection, kind: RecordKind, column: str, *, laid: Laid = Laid.NOTHING
) -> dict[str, tuple[int, str]]:
    """Return, by value of a column, how many records have it and the highest id among them."""
    kind.field(column)
    sql = f'SELECT "{column}", count(*), max(id) FROM ({select_sql(kind, "1", laid)}) GROUP BY 1'  # noqa: S608
    return {str(value): (int(count), str(newest)) for value, count, newest in connection.execute(sql)}


def _groups(values: Iterable[str]) -> Iterator[tuple[str, ...]]:
    left = iter(values)
    while group := tuple(islice(left, _MOST_MARKS)):
        # A few sizes only, so that the statements stay prepared; a repeated value finds nothing more.
        size = next((size for size in (1, 8, 64, 256) if size >= len(group)), len(group))
        yield group + group[-1:] * (size - len(group))
