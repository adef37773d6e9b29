"""Records as the database holds them, in wire form: read whole, so that writing them back loses no field."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any
from uuid import UUID

from wc_contract.model.apply import WireValue, compact
from wc_contract.model.ids import DistrictId
from wc_contract.model.instants import instant_to_text
from wc_contract.model.kinds import USER, FieldType, RecordKind, Scope
from wc_contract.model.quantity import plain
from wc_sync_server.importing.ports import ImportWork

# What the central table of users has beside the fields that travel.
_EMAIL = "email"

WireRow = dict[str, WireValue]


def fields_of(kind: RecordKind) -> tuple[str, ...]:
    """Return the names of the fields that a writer of this kind gives, besides id."""
    names = tuple(field.name for field in kind.fields)
    return (*names, _EMAIL) if kind is USER else names


def read_by_id(work: ImportWork, kind: RecordKind, district: DistrictId, ids: Sequence[UUID]) -> dict[UUID, WireRow]:
    """Return the records with these ids that the transaction may see and that are not deleted."""
    return _read(work, kind, district, "id", ids)


def read_of_students(
    work: ImportWork, kind: RecordKind, district: DistrictId, students: Sequence[UUID]
) -> dict[UUID, WireRow]:
    """Return the records of these students."""
    return read_of(work, kind, district, "student_id", students)


def read_of(
    work: ImportWork, kind: RecordKind, district: DistrictId, column: str, ids: Sequence[UUID]
) -> dict[UUID, WireRow]:
    """Return the records that name these ids in a column."""
    return _read(work, kind, district, column, ids)


def read_all(work: ImportWork, kind: RecordKind, district: DistrictId) -> dict[UUID, WireRow]:
    """Return every record of a kind that the transaction may see."""
    return _rows(work, kind, _select(kind), {"district": district})


def _read(
    work: ImportWork, kind: RecordKind, district: DistrictId, column: str, ids: Sequence[UUID]
) -> dict[UUID, WireRow]:
    if not ids:
        return {}
    query = f"{_select(kind)} AND {column} = ANY(%(ids)s::uuid[])"
    return _rows(work, kind, query, {"district": district, "ids": list(ids)})


def _select(kind: RecordKind) -> str:
    # Tables and columns are our own declarations; values are bound.
    owner = ["school_id"] if kind.scope is Scope.SCHOOL else []
    columns = ", ".join(f'"{name}"' for name in ("id", *owner, *fields_of(kind)))
    alive = "" if kind.append_only else " AND deleted_at IS NULL"
    return f'SELECT {columns} FROM "{kind.table}" WHERE district_id = %(district)s{alive}'  # noqa: S608


def _rows(work: ImportWork, kind: RecordKind, query: str, parameters: Mapping[str, object]) -> dict[UUID, WireRow]:
    owner = ("school_id",) if kind.scope is Scope.SCHOOL else ()
    names = ("id", *owner, *fields_of(kind))
    json_fields = {field.name for field in kind.fields if field.type is FieldType.JSON}
    found: dict[UUID, WireRow] = {}
    answers = work.connection.execute(query.encode(), parameters).fetchall()
    for row in work.sealing.opened(kind, [dict(zip(names, values, strict=True)) for values in answers]):
        found[row["id"]] = {name: wire(value, is_json=name in json_fields) for name, value in row.items()}
    return found


def wire(value: Any, *, is_json: bool = False) -> WireValue:  # noqa: ANN401, PLR0911  # one answer a type
    """Return a value as records carry it."""
    match value:
        case None:
            return None
        case tuple():
            return compact(list(value))
        case _ if is_json or isinstance(value, list | dict):
            return compact(value)
        case Enum():
            return str(value.value)
        case bool() | int() | str():
            return value
        case datetime():
            return instant_to_text(value)
        case date():
            return value.isoformat()
        case Decimal():
            return plain(value)
        case _:
            return str(value)


def wire_row(record: object, kind: RecordKind) -> WireRow:
    """Return the fields of a kind that a frozen record has, in wire form, with its id."""
    names = [name for name in ("id", *fields_of(kind)) if hasattr(record, name)]
    return {name: wire(getattr(record, name)) for name in names}


def whole(row: Mapping[str, WireValue], kind: RecordKind) -> WireRow:
    """Return row with id and the fields of its kind only, as the unit of work takes it."""
    return {name: row.get(name) for name in ("id", *fields_of(kind))}
