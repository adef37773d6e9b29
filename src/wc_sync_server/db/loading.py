"""Loading a new district by COPY, as the owner: everything in one transaction, with its streams right, or nothing.

COPY knows no policies, so they are lifted from the owner for the length of the transaction (and nobody else sees it:
the tables stay locked until its end). What was written is counted again before the commit.
"""

# ruff: noqa: S608  # names of our own declarations; values are bound

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

import orjson
import psycopg
from psycopg import Connection
from psycopg.rows import TupleRow
from sqlalchemy import Table

from wc_contract.model.ids import DistrictId
from wc_contract.model.instants import Instant
from wc_sync_server.db.directory import District
from wc_sync_server.db.errors import RowsMalformed, RowsNotWritten
from wc_sync_server.db.grants import OWNER
from wc_sync_server.db.rebuilding import taken_down
from wc_sync_server.db.sealed_rows import RowSealer
from wc_sync_server.db.tables import METADATA, TENANT
from wc_sync_server.domain.sealing import Sealer

_NULL: Final = "\\N"
_VERSION: Final = "row_version"
_AT_ONCE = 500  # rows handed to COPY together
_TO_ESCAPE = re.compile(r"[\\\t\n\r]")
_ESCAPED = {"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"}
_LOCK_TIMEOUT = "5s"
_RECORDS = tuple(table.name for table in TENANT if "kind" in table.info)
_ENTER = """
INSERT INTO district_directory (district_id, code, name, cell, created_at, updated_at)
VALUES (%(district)s, %(code)s, %(name)s, %(cell)s, %(at)s, %(at)s)
"""

Row = Mapping[str, Any]


class Loading:
    """A district while it is loaded: rows go in with the row_version that is theirs in their stream."""

    def __init__(self, connection: Connection[TupleRow], district: DistrictId, at: Instant, sealer: Sealer) -> None:
        self._connection = connection
        self._district = district
        self._at = at
        self._sealer = RowSealer(sealer, district)
        self._heads: dict[UUID, dict[str, int]] = {district: {}}
        self.counts: Counter[str] = Counter()

    def copy(self, table: str, rows: Sequence[Row], school: UUID | None = None) -> None:
        """Write rows of a table; school is whose they are.

        Raises RowsMalformed for what is no column, or is none that a row may say; RowsNotWritten when fewer were taken.
        """
        declared = METADATA.tables[table]
        given = self._given(declared, len(rows), school)
        version = given.pop(_VERSION, None)
        numbered = () if version is None else (_VERSION,)
        columns = [
            column.name
            for column in declared.columns
            if column.computed is None and column.server_default is None and column.name not in {*given, *numbered}
        ]
        known = set(columns)
        strange = sorted({name for row in rows if not row.keys() <= known for name in row} - known)
        if strange:
            raise RowsMalformed(f"{table} takes no {', '.join(strange)}")
        same = "\t".join(map(_text, given.values()))
        command = f"COPY {table} ({', '.join((*given, *numbered, *columns))}) FROM STDIN"
        with self._connection.cursor() as cursor:
            with cursor.copy(command.encode()) as copy:
                for start in range(0, len(rows), _AT_ONCE):
                    lines = [
                        "\t".join(
                            (same, *_counted(version, start + place), *[_text(row.get(name)) for name in columns])
                        )
                        for place, row in enumerate(self._sealed(declared, rows[start : start + _AT_ONCE]))
                    ]
                    copy.write("\n".join((*lines, "")))
            if cursor.rowcount != len(rows):
                raise RowsNotWritten(table=table, given=len(rows), written=cursor.rowcount)
        self.counts[table] += len(rows)

    def open_stream(self, school: UUID) -> None:
        """Begin the stream of a school, even when nothing of it is written."""
        self._heads.setdefault(school, {})

    def write_heads(self) -> None:
        """Write the streams: how far each is, and with which kinds."""
        rows = [
            {
                "id": stream,
                "kind": "DISTRICT" if stream == self._district else "SCHOOL",
                "school_id": None if stream == self._district else stream,
                "head": max(heads.values(), default=0),
                "heads": heads,
            }
            for stream, heads in self._heads.items()
        ]
        columns = ("id", "kind", "school_id", "head", "heads")
        with self._connection.cursor() as cursor, cursor.copy(_COPY_STREAMS.encode()) as copy:
            for row in rows:
                cells = [_text(row[name]) for name in columns]
                copy.write("\t".join([_text(self._district), *cells, _text(self._at), _text(self._at)]) + "\n")
        self.counts["streams"] += len(rows)

    def count_again(self) -> None:
        """Raise RowsNotWritten unless every table holds as many rows of the district as were written."""
        for table, written in sorted(self.counts.items()):
            query = f"SELECT count(*) FROM {table} WHERE district_id = %(district)s"
            ((held,),) = self._connection.execute(query.encode(), {"district": self._district}).fetchall()
            if held != written:
                raise RowsNotWritten(table=table, given=written, written=held)

    def _given(self, table: Table, count: int, school: UUID | None) -> dict[str, Any]:
        """Return what the loader says of every row: where it belongs, when it was written, its first row_version."""
        given: dict[str, Any] = {"district_id": self._district}
        if "school_id" in table.columns:
            given["school_id"] = school
        if "created_at" in table.columns:
            given |= {"created_at": self._at, "updated_at": self._at}
        kind = table.info.get("kind")
        if kind is not None and kind.replicated and count:
            heads = self._heads.setdefault(school if "school_id" in table.columns and school else self._district, {})
            before = max(heads.values(), default=0)
            heads[kind.name] = before + count
            given[_VERSION] = before + 1
        return given

    def _sealed(self, table: Table, rows: Sequence[Row]) -> Sequence[Row]:
        names = [column.name for column in table.columns if "sealed" in column.info]
        return [{**row, **self._cells(table.name, names, row)} for row in rows] if names else rows

    def _cells(self, table: str, names: Sequence[str], row: Row) -> dict[str, bytes]:
        seal, id_ = self._sealer.seal, UUID(str(row["id"]))
        return {
            name: seal(str(row[name]), table=table, row=id_, column=name) for name in names if row.get(name) is not None
        }


_COPY_STREAMS = "COPY streams (district_id, id, kind, school_id, head, heads, created_at, updated_at) FROM STDIN"


@contextmanager
def loading(dsn: str, district: District, at: Instant, sealer: Sealer) -> Iterator[Loading]:
    """Give a new district to be loaded. At the end it is counted, entered in the directory, committed and analysed.

    dsn is the migrating role's. An error leaves nothing behind.
    """
    with psycopg.connect(dsn, application_name="wc-seed", autocommit=True) as connection:
        connection.execute(f"SET ROLE {OWNER}".encode())
        connection.execute(f"SET lock_timeout = '{_LOCK_TIMEOUT}'".encode())
        with connection.transaction():
            _force(connection, lifted=True)
            made = Loading(connection, district.id, at, sealer)
            with taken_down(connection, _RECORDS):
                yield made
                made.write_heads()
            made.count_again()
            entry = {"district": district.id, "code": district.code, "name": district.name, "cell": district.cell}
            connection.execute(_ENTER, {**entry, "at": at})
            _force(connection, lifted=False)
        for table in sorted(made.counts):
            connection.execute(f"ANALYZE {table}".encode())


def _force(connection: Connection[TupleRow], *, lifted: bool) -> None:
    for table in TENANT:
        how = "NO FORCE" if lifted else "FORCE"
        connection.execute(f"ALTER TABLE {table.name} {how} ROW LEVEL SECURITY".encode())


def _counted(first: int | None, place: int) -> tuple[str, ...]:
    return () if first is None else (str(first + place),)


def _text(value: object) -> str:
    """Return a value as COPY reads it."""
    return _NULL if value is None else _TEXTS[type(value)](value)


def _plain(value: Any) -> str:  # noqa: ANN401  # a text: ids, which need no second look, are most of them
    return value if value.isalnum() else _TO_ESCAPE.sub(_escape, value)


def _json(value: object) -> str:
    return _TO_ESCAPE.sub(_escape, orjson.dumps(value).decode())


def _bytes(value: Any) -> str:  # noqa: ANN401
    return f"\\\\x{value.hex()}"


def _day(value: Any) -> str:  # noqa: ANN401
    return str(value.isoformat())


def _truth(value: object) -> str:
    return "t" if value else "f"


def _escape(found: re.Match[str]) -> str:
    return _ESCAPED[found[0]]


_TEXTS: Mapping[type, Callable[[Any], str]] = {
    str: _plain,
    int: str,
    bool: _truth,
    Decimal: str,
    UUID: str,
    date: _day,
    datetime: _day,
    bytes: _bytes,
    dict: _json,
    list: _json,
}
