"""Reading the audit and its seals, as its reader: lines in canonical text, months and overflow alike.

The canonical text of a line is a JSON array of its columns in the order of their declaration: ids and texts as
strings, JSON as PostgreSQL prints jsonb (which depends on its value alone), instants as whole microseconds since 1970.
No setting of a session changes it. It is what is hashed, and what an archive keeps.
"""

# ruff: noqa: S608  (names of tables and columns are our own declarations; values are bound)

from collections.abc import Iterator, Sequence
from datetime import UTC
from typing import Any
from uuid import UUID

from psycopg import Connection
from psycopg.rows import TupleRow
from sqlalchemy import Column, DateTime
from sqlalchemy.dialects.postgresql import JSONB

from wc_contract.model.ids import DistrictId
from wc_contract.model.instants import Instant
from wc_sync_server.audit.checking import StoredLine
from wc_sync_server.audit.seals import Seal, digest_of
from wc_sync_server.db.tables.audit import AUDIT_LOGS, AUDIT_OVERFLOW

PAGE = 10_000  # lines read at once
_SEALS_AT_ONCE = 200
_IN = "l.district_id = %(district)s"
# Beyond these years Python has no dates; nobody honest received anything then.
_FIRST_DAY, _LAST_DAY = "'0001-01-02T00:00:00+00:00'", "'9999-12-30T00:00:00+00:00'"
_DATED = f"l.received_at >= {_FIRST_DAY} AND l.received_at < {_LAST_DAY}"


def _canonical(column: Column[Any]) -> str:
    match column.type:
        case JSONB():
            return f"l.{column.name}::text"
        case DateTime():
            return f"trunc(extract(epoch FROM l.{column.name}) * 1000000)::text"
        case _:
            return f"l.{column.name}"


CANONICAL = f"json_build_array({', '.join(map(_canonical, AUDIT_LOGS.columns))})::text"


def _lines(condition: str) -> str:
    made = " UNION ALL ".join(
        f"SELECT l.received_at, l.id, {CANONICAL} AS line FROM {table.name} AS l WHERE {_IN} AND {condition}"
        for table in (AUDIT_LOGS, AUDIT_OVERFLOW)
    )
    return f"{made} ORDER BY received_at, id"


def _either(selected: str, condition: str) -> str:
    return " UNION ALL ".join(
        f"SELECT {selected} FROM {table.name} AS l WHERE {_IN} AND {condition}"
        for table in (AUDIT_LOGS, AUDIT_OVERFLOW)
    )


_SPAN = _lines("l.received_at >= %(first)s AND l.received_at < %(end)s")
_BETWEEN = _either("l.received_at", "l.received_at >= %(first)s AND l.received_at < %(end)s")
_NTH = f"{_BETWEEN} ORDER BY received_at OFFSET %(number)s LIMIT 1"
_OLDEST = f"SELECT min(o.at) FROM ({_either('min(l.received_at) AS at', _DATED)}) AS o"
_AFTER = (
    "SELECT count(*), min(o.received_at) FROM ("
    f"{_either('l.received_at', f'l.received_at >= %(end)s AND l.received_at < {_LAST_DAY}')}) AS o"
)
_BEFORE = _lines(f"l.received_at < %(first)s AND l.received_at >= {_FIRST_DAY}")
_TIMELESS = f"{_either('l.id', f'NOT ({_DATED})')} ORDER BY 1"


def _dated(column: str) -> str:
    return f"CASE WHEN x.{column} >= {_FIRST_DAY} AND x.{column} < {_LAST_DAY} THEN x.{column} ELSE {_FIRST_DAY} END"


_SEAL = f"""
SELECT x.district_id, x.number, {_dated("from_at")}, {_dated("to_at")}, x.line_count, x.contents, x.prev_hash,
       {_dated("sealed_at")}, x.key_id, x.hash, x.signature
FROM audit_seals AS x WHERE x.district_id = %(district)s
"""
_SEALS_OF = f"{_SEAL} AND x.from_at >= %(first)s AND x.from_at < %(end)s ORDER BY x.number"
_SEALED_LINES = """
SELECT coalesce(sum(x.line_count), 0) FROM audit_seals AS x WHERE x.district_id = %(district)s
"""
_HASHES = """
SELECT x.number, x.hash FROM audit_seals AS x WHERE x.district_id = %(district)s AND x.number > %(after)s
ORDER BY x.number
"""
_TELLS = _either("1", "l.action = %(action)s AND l.entity_type = %(entity)s AND l.entity_id = %(record)s") + " LIMIT 1"
_LAST_SEAL = f"{_SEAL} ORDER BY x.number DESC LIMIT 1"
_NEXT_SEALS = f"{_SEAL} AND x.number > %(after)s ORDER BY x.number LIMIT %(most)s"
_ADD_SEAL = """
INSERT INTO audit_seals (district_id, number, from_at, to_at, line_count, contents, prev_hash, sealed_at, key_id, hash,
                         signature)
VALUES (%(district)s, %(number)s, %(starts_at)s, %(ends_at)s, %(lines)s, %(contents)s, %(previous)s, %(sealed_at)s,
        %(key_id)s, %(hash)s, %(signature)s)
"""


class AuditRecord:
    """One district's audit, in the transaction of a reader who sees all of it."""

    def __init__(self, connection: Connection[TupleRow], district: DistrictId) -> None:
        self.connection = connection
        self._district = district

    def last_seal(self) -> Seal | None:
        """Return the newest seal."""
        row = self.connection.execute(_LAST_SEAL.encode(), self._with()).fetchone()
        return None if row is None else _as_seal(row)

    def seals(self) -> Iterator[Seal]:
        """Yield every seal, the first first."""
        after, full = -(2**63), True
        while full:
            parameters = self._with(after=after, most=_SEALS_AT_ONCE)
            rows = self.connection.execute(_NEXT_SEALS.encode(), parameters).fetchall()
            for row in rows:
                yield _as_seal(row)
            full = len(rows) == _SEALS_AT_ONCE
            after = rows[-1][1] if rows else after

    def seals_between(self, first: Instant, end: Instant) -> list[Seal]:
        """Return the seals that begin at first or later and before end."""
        rows = self.connection.execute(_SEALS_OF.encode(), self._with(first=first, end=end)).fetchall()
        return [_as_seal(row) for row in rows]

    def sealed_lines(self) -> int:
        """Return how many lines the seals say that they cover."""
        ((lines,),) = self.connection.execute(_SEALED_LINES, self._with()).fetchall()
        return int(lines)

    def hashes(self, after: int) -> list[tuple[int, bytes]]:
        """Return number and hash of every seal after that number."""
        rows = self.connection.execute(_HASHES, self._with(after=after)).fetchall()
        return [(row[0], bytes(row[1])) for row in rows]

    def tells_of(self, action: str, entity: str, record: UUID) -> bool:
        """Whether a line says that this was done to a record."""
        parameters = self._with(action=action, entity=entity, record=str(record))
        return self.connection.execute(_TELLS.encode(), parameters).fetchone() is not None

    def add_seal(self, seal: Seal) -> None:
        """Put a seal on record. A second one of the same number or time is refused by the database."""
        parameters = {
            "district": seal.district,
            "number": seal.number,
            "starts_at": seal.starts_at,
            "ends_at": seal.ends_at,
            "lines": seal.lines,
            "contents": seal.contents,
            "previous": seal.previous,
            "sealed_at": seal.sealed_at,
            "key_id": seal.key_id,
            "hash": seal.hash,
            "signature": seal.signature,
        }
        self.connection.execute(_ADD_SEAL, parameters)

    def oldest(self) -> Instant | None:
        """Return when the first line of all was received."""
        ((at,),) = self.connection.execute(_OLDEST.encode(), self._with()).fetchall()
        return None if at is None else at.astimezone(UTC)

    def lines(self, first: Instant, end: Instant) -> list[StoredLine]:
        """Return the lines received from first until before end, in their order."""
        return _as_lines(self.connection.execute(_SPAN.encode(), self._with(first=first, end=end)).fetchall())

    def received(self, first: Instant, end: Instant, number: int) -> Instant | None:
        """Return when the line of that number (0, 1, …) was received, of those from first until before end."""
        rows = self.connection.execute(_NTH.encode(), self._with(first=first, end=end, number=number)).fetchall()
        return rows[0][0].astimezone(UTC) if rows else None

    def texts(self, first: Instant, end: Instant) -> list[str]:
        """Return the canonical texts of the lines received from first until before end, in their order."""
        return [row[2] for row in self.connection.execute(_SPAN.encode(), self._with(first=first, end=end)).fetchall()]

    def lines_before(self, first: Instant) -> list[StoredLine]:
        """Return the lines received before first."""
        return _as_lines(self.connection.execute(_BEFORE.encode(), self._with(first=first)).fetchall())

    def count_after(self, end: Instant) -> tuple[int, Instant | None]:
        """Return how many lines were received at end or later, and when the first of them was."""
        ((count, at),) = self.connection.execute(_AFTER.encode(), self._with(end=end)).fetchall()
        return int(count), None if at is None else at.astimezone(UTC)

    def timeless(self) -> list[Any]:
        """Return the ids of lines that were received at no time at all."""
        return [row[0] for row in self.connection.execute(_TIMELESS.encode(), self._with()).fetchall()]

    def _with(self, **more: object) -> dict[str, object]:
        return {"district": self._district, **more}


def _as_lines(rows: Sequence[TupleRow]) -> list[StoredLine]:
    return [StoredLine(row[1], row[0], digest_of(row[2])) for row in rows]


def _as_seal(row: TupleRow) -> Seal:
    return Seal(
        district=row[0],
        number=row[1],
        starts_at=row[2].astimezone(UTC),
        ends_at=row[3].astimezone(UTC),
        lines=row[4],
        contents=bytes(row[5]),
        previous=bytes(row[6]),
        sealed_at=row[7].astimezone(UTC),
        key_id=row[8],
        hash=bytes(row[9]),
        signature=bytes(row[10]),
    )
