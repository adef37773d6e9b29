"""Records with sealed fields on their way into the database and out of it."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, Final, NoReturn
from uuid import UUID

import orjson
import structlog

from wc_contract.model.apply import WireValue
from wc_contract.model.errors import Defect
from wc_contract.model.ids import DistrictId
from wc_contract.model.kinds import RecordKind
from wc_sync_server.db.tables import written_fields
from wc_sync_server.domain.sealing import Cell, CellUnreadable, Sealer

# What a workstation shows in the place of a text that the district's database has lost.
UNREADABLE: Final = "(This text was damaged in the district's database and cannot be read. Tell the district's office.)"
_HEX: Final = "\\x"  # how PostgreSQL writes bytes as text
_log = structlog.get_logger(__name__)


class KeysMissing(Defect):
    """Something sealed was to be written or read over a pool that was given no keys."""

    code = "keys_missing"


class _NoKeys:
    """Stands where no keys were given: it writes nothing in the clear."""

    def seal(self, text: str, cell: Cell) -> bytes:  # noqa: ARG002  # the shape of every sealer
        self._refuse(cell)

    def open(self, sealed: bytes, cell: Cell) -> str:  # noqa: ARG002
        self._refuse(cell)

    def current(self) -> bytes:
        raise KeysMissing("this pool was given no keys")

    @staticmethod
    def _refuse(cell: Cell) -> NoReturn:
        raise KeysMissing(f"{cell.table}.{cell.column} is sealed, and this pool was given no keys")


NO_KEYS: Final = _NoKeys()


@cache
def sealed_fields(kind: RecordKind) -> tuple[str, ...]:
    """Return the names of the fields of a kind that the central database keeps sealed."""
    return tuple(field.name for field in written_fields(kind) if field.sealed)


class RowSealer:
    """Seals and opens the records of one district."""

    def __init__(self, sealer: Sealer, district: DistrictId) -> None:
        self._sealer = sealer
        self._district = district

    def seal(self, text: str, *, table: str, row: UUID, column: str) -> bytes:
        """Return text as the column of that row keeps it, for statements beside write_rows."""
        return self._sealer.seal(text, Cell(district=self._district, table=table, row=row, column=column))

    def open(self, sealed: bytes, *, table: str, row: UUID, column: str) -> str:
        """Return the text that a column of a row keeps. Raises CellUnreadable, KeyUnavailable."""
        return self._sealer.open(sealed, Cell(district=self._district, table=table, row=row, column=column))

    def sealed(self, kind: RecordKind, rows: Sequence[Mapping[str, WireValue]]) -> Sequence[Mapping[str, WireValue]]:
        """Return records in wire form with their sealed fields as PostgreSQL reads bytes. Raises KeyUnavailable."""
        fields = sealed_fields(kind)
        if not fields:
            return list(rows)
        return [self._sealed_row(kind, fields, row) for row in rows]

    def opened(self, kind: RecordKind, rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
        """Return records, read with their id, with their sealed fields in the clear.

        A sealed field may come as bytes or as the text that PostgreSQL's JSON makes of them. Raises CellUnreadable,
        KeyUnavailable.
        """
        fields = sealed_fields(kind)
        return [
            {**row, **{name: self._opened(kind, row["id"], name, row[name]) for name in fields if name in row}}
            for row in rows
        ]

    def opened_page(self, kind: RecordKind, page: bytes, columns: Sequence[str] = ()) -> bytes:
        """Return a page of the feed (a JSON array of records as arrays of columns) with its sealed fields in the clear.

        columns are those of the records when not all of the kind's.

        A cell that was damaged says so instead of its text, and the log names it: one such cell must not keep a whole
        school from its records. Raises KeyUnavailable.
        """
        places = [(at, name) for at, name in enumerate(columns or kind.columns) if name in sealed_fields(kind)]
        if not places:
            return page
        records = orjson.loads(page)
        for record in records:
            for at, name in places:
                try:
                    record[at] = self._opened(kind, record[0], name, record[at])
                except CellUnreadable:
                    _log.error("cell unreadable", column=f"{kind.table}.{name}", row=record[0])
                    record[at] = UNREADABLE
        return orjson.dumps(records)

    def _sealed_row(
        self, kind: RecordKind, fields: Sequence[str], row: Mapping[str, WireValue]
    ) -> Mapping[str, WireValue]:
        cells = {
            name: _HEX + self.seal(str(value), table=kind.table, row=UUID(str(row["id"])), column=name).hex()
            for name in fields
            if (value := row.get(name)) is not None
        }
        return {**row, **cells}

    def _opened(self, kind: RecordKind, row: object, column: str, value: object) -> str | None:
        if value is None:
            return None
        return self.open(_octets(value, kind, column), table=kind.table, row=UUID(str(row)), column=column)


def _octets(value: object, kind: RecordKind, column: str) -> bytes:
    if isinstance(value, bytes | bytearray | memoryview):
        return bytes(value)
    if isinstance(value, str) and value.startswith(_HEX):
        return bytes.fromhex(value.removeprefix(_HEX))
    raise CellUnreadable(f"{kind.table}.{column} came as something that is not sealed")
