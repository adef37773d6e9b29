"""The synced tables, made from the one declaration of every record (wc_contract.model.kinds)."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import BigInteger, Boolean, Column, Date, DateTime, Integer, Numeric, Table, Text, Uuid
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.schema import SchemaItem
from sqlalchemy.types import TypeEngine

from wc_contract.model.kinds import DISTRICT, KINDS, USER, Field, FieldType, RecordKind, Scope
from wc_sync_server.db.tables.base import (
    Visible,
    district_reference,
    identity,
    index,
    instant,
    one_of,
    primary_key,
    reference,
    tenant_table,
    timestamps,
)
from wc_sync_server.db.tables.record_extras import LED_BY_ANOTHER, extras_of

# Fields that the central table has and no workstation gets; the writer of a record gives them too.
SERVER_FIELDS: dict[str, tuple[Field, ...]] = {
    USER.name: (Field(name="email", type=FieldType.TEXT, required=True),),
}

_TYPES: dict[FieldType, TypeEngine[Any]] = {
    FieldType.UUID: Uuid(),
    FieldType.TEXT: Text(),
    FieldType.INTEGER: Integer(),
    FieldType.BOOLEAN: Boolean(),
    FieldType.DATE: Date(),
    FieldType.INSTANT: DateTime(timezone=True),
    FieldType.DECIMAL: Numeric(),
    FieldType.JSON: JSONB(),
}


def written_fields(kind: RecordKind) -> tuple[Field, ...]:
    """Return every field that whoever writes a record of this kind gives, besides id."""
    return (*kind.fields, *SERVER_FIELDS.get(kind.name, ()))


def make_record_tables() -> dict[str, Table]:
    """Declare one table a kind, parents before children, and return them by the kind's name."""
    return {kind.name: _table(kind) for kind in KINDS}


def _table(kind: RecordKind) -> Table:
    visible = Visible.SCHOOL if kind.scope is Scope.SCHOOL else Visible.DISTRICT
    return tenant_table(kind.table, visible, *_columns(kind), *_constraints(kind), *extras_of(kind))


def _columns(kind: RecordKind) -> Iterator[Column[object]]:
    if kind.scope is Scope.SCHOOL:
        yield identity("school_id", required=True)
    yield identity("id", required=True)
    yield Column("row_version", BigInteger, nullable=False)
    for field in written_fields(kind):
        yield Column(field.name, column_type(field), nullable=not field.required)
    yield from timestamps()
    if not kind.append_only:
        yield instant("deleted_at")


def column_type(field: Field) -> TypeEngine[Any]:
    """Return the PostgreSQL type of a field."""
    return _TYPES[field.type]


def _constraints(kind: RecordKind) -> Iterator[SchemaItem]:
    table = kind.table
    yield primary_key(table, "id")
    yield from _tenancy(kind)
    for field in kind.fields:
        if field.references is not None:
            yield reference(table, field.name, field.references)
            if (table, field.name) not in LED_BY_ANOTHER:
                yield index(table, field.name)
        if field.values:
            yield one_of(table, field.name, field.values)


def _tenancy(kind: RecordKind) -> Iterator[SchemaItem]:
    """Tie a record to its school, or to its district, and index the feed of its stream."""
    if kind.scope is Scope.SCHOOL:
        yield reference(kind.table, "school_id", "schools")
        yield index(kind.table, "school_id", "row_version")
        return
    yield index(kind.table, "row_version")
    if kind is not DISTRICT:
        yield district_reference(kind.table)
