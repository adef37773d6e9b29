"""From a declared kind of record to its table: columns, keys, references, CHECKs of closed sets."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    Integer,
    LargeBinary,
    Numeric,
    Table,
    Text,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.schema import SchemaItem
from sqlalchemy.types import TypeEngine

from wc_contract.model.kinds import Field, FieldType, RecordKind, Scope
from wc_sync_server.db.tables.base import (
    Above,
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
from wc_sync_server.db.tables.record_extras import LED_BY_ANOTHER
from wc_sync_server.db.tables.roles import Roles

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
_ROOT = "districts"


def kind_table(
    kind: RecordKind,
    fields: tuple[Field, ...],
    *extras: SchemaItem,
    writers: Roles | None = None,
    readers: Roles | None = None,
    confidential_with: str | None = None,
) -> Table:
    """Declare the table of a kind with these fields: its own, and what the central database has beside them.

    confidential_with names the field whose record says how confidential a row is.
    """
    visible = Visible.SCHOOL if kind.scope is Scope.SCHOOL else Visible.DISTRICT
    table = tenant_table(
        kind.table,
        visible,
        *_columns(kind, fields),
        *_constraints(kind, fields),
        *extras,
        writers=writers,
        readers=readers,
        confidential_with=_above(fields, confidential_with),
    )
    table.info["kind"] = kind
    table.info["fields"] = fields
    return table


def server_table(
    kind: RecordKind, *extras: SchemaItem, writers: Roles | None = None, readers: Roles | None = None
) -> Table:
    """Declare the table of a kind that stays in the central database; row_version counts a row's own changes."""
    return kind_table(kind, kind.fields, *extras, writers=writers, readers=readers)


def column_type(field: Field) -> TypeEngine[Any]:
    """Return the PostgreSQL type of a field."""
    return LargeBinary() if field.sealed else _TYPES[field.type]


def _above(fields: tuple[Field, ...], name: str | None) -> Above | None:
    """Return the record that the field of that name names. Raises ValueError for a name that names none."""
    if name is None:
        return None
    (above,) = (
        Above(column=name, table=field.references) for field in fields if field.name == name and field.references
    )
    return above


def _columns(kind: RecordKind, fields: tuple[Field, ...]) -> Iterator[Column[object]]:
    if kind.scope is Scope.SCHOOL:
        yield identity("school_id", required=True)
    yield identity("id", required=True)
    yield Column("row_version", BigInteger, nullable=False, server_default=None if kind.replicated else text("1"))
    for field in fields:
        info = {"sealed": True} if field.sealed else {}
        yield Column(field.name, column_type(field), nullable=not field.required, info=info)
    yield from timestamps()
    if not kind.append_only:
        yield instant("deleted_at")


def _constraints(kind: RecordKind, fields: tuple[Field, ...]) -> Iterator[SchemaItem]:
    table = kind.table
    yield primary_key(table, "id")
    yield from _tenancy(kind)
    for field in fields:
        if field.references is not None:
            yield reference(table, field.name, field.references, part=field.owner)
            if (table, field.name) not in LED_BY_ANOTHER:
                yield index(table, field.name)
        if field.values:
            yield one_of(table, field.name, field.values)


def _tenancy(kind: RecordKind) -> Iterator[SchemaItem]:
    """Tie a record to its school, or to its district, and index the feed of its stream."""
    of_school = kind.scope is Scope.SCHOOL
    if of_school:
        yield reference(kind.table, "school_id", "schools")
    elif kind.table != _ROOT:
        yield district_reference(kind.table)
    if kind.replicated:
        yield index(kind.table, "school_id", "row_version") if of_school else index(kind.table, "row_version")
    elif of_school:
        yield index(kind.table, "school_id")
