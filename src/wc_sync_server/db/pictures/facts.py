"""What is said about a table and its columns: keys, sensitivity, constraints, indexes, policies, rights."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from sqlalchemy import CheckConstraint, Column, Computed, Index, Table, UniqueConstraint
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateIndex
from sqlalchemy.types import TypeEngine

from wc_contract.model.kinds import Field, RecordKind
from wc_sync_server.db.grants import rights_of_app
from wc_sync_server.db.rls import policies
from wc_sync_server.db.tables.base import Home, Visible, guard_of, home_of
from wc_sync_server.db.tables.roles import CONFIDENTIAL_READERS, EVERYBODY

TENANCY = frozenset({"district_id", "school_id"})
_DIALECT = postgresql.dialect()  # type: ignore[no-untyped-call]
_WORD = re.compile(r"[a-z_0-9]+")
_SPACE = re.compile(r"\s+")
_Named = Sequence[tuple[str, str]]
_SHORT = {"TIMESTAMP WITH TIME ZONE": "timestamptz", "DOUBLE PRECISION": "double"}
_SEEN = {
    Visible.DISTRICT: "everyone in the district",
    Visible.SCHOOL: "contexts that name the row's school",
    Visible.MAYBE_SCHOOL: "contexts that name the row's school; rows of no school, everyone in the district",
    Visible.SECRET: "the district, roles SIGN_IN and SYSTEM only",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnFacts:
    """One column. references is 'table' or 'table, cascade'; constraints and indexes are names."""

    name: str
    type: str
    required: bool
    primary: bool
    references: str = ""
    phi: bool = False
    sealed: bool = False
    made: str = ""
    values: tuple[str, ...] = ()
    constraints: tuple[str, ...] = ()
    indexes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A foreign key within the district."""

    parent: str
    column: str
    required: bool
    single: bool
    cascade: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class TableFacts:
    """One table. kind is None for what is no record; texts are for people."""

    name: str
    home: Home
    kind: RecordKind | None
    seen_by: str
    written_by: str
    policies: tuple[str, ...]
    rights: str
    partitioned: str
    columns: tuple[ColumnFacts, ...]
    links: tuple[Link, ...] = ()
    constraints: tuple[tuple[str, str], ...] = field(default=())
    indexes: tuple[tuple[str, str], ...] = field(default=())


def facts_of(table: Table) -> TableFacts:
    """Return what is said about a table."""
    home = home_of(table)
    tenant = home is Home.TENANT
    links = tuple(_links(table))
    constraints = tuple(sorted(_constraints(table)))
    indexes = tuple(sorted((str(each.name), _index(each)) for each in table.indexes))
    return TableFacts(
        name=table.name,
        home=home,
        kind=table.info.get("kind"),
        seen_by=_seen_by(table) if tenant else "everyone who signs in to the database",
        written_by=_written_by(table) if tenant else "migrations" if home is Home.REFERENCE else "the server",
        policies=tuple(policy.name for policy in policies(guard_of(table))) if tenant else (),
        rights=rights_of_app(table),
        partitioned=str(table.dialect_options["postgresql"]["partition_by"] or ""),
        columns=tuple(_column(table, column, links, constraints, indexes) for column in table.columns),
        links=links,
        constraints=constraints,
        indexes=indexes,
    )


def _seen_by(table: Table) -> str:
    guard = guard_of(table)
    words = _SEEN[guard.visible]
    if guard.readers is not None and guard.visible is not Visible.SECRET:
        words += f"; of them only {', '.join(guard.readers)}"
    if guard.confidential:
        words += f"; confidential rows only {', '.join(CONFIDENTIAL_READERS)}"
    if guard.confidential_with is not None:
        words += f"; rows whose {guard.confidential_with.column} is confidential only {', '.join(CONFIDENTIAL_READERS)}"
    return words


def _written_by(table: Table) -> str:
    writers = guard_of(table).writers
    return "every role" if writers == EVERYBODY else ", ".join(writers)


def _column(
    table: Table, column: Column[object], links: Sequence[Link], constraints: _Named, indexes: _Named
) -> ColumnFacts:
    declared = _declared(table).get(column.name)
    return ColumnFacts(
        name=column.name,
        type=_type(column.type),
        required=not column.nullable,
        primary=column.primary_key,
        references=_references(links, column.name),
        phi=_is_phi(table, column),
        sealed=bool(column.info.get("sealed")),
        made=_made(column),
        values=() if declared is None else declared.values,
        constraints=tuple(name for name, text in constraints if _speaks_of(text, column.name)),
        indexes=tuple(name for name, text in indexes if _speaks_of(text, column.name)),
    )


def _declared(table: Table) -> dict[str, Field]:
    return {each.name: each for each in table.info.get("fields", ())}


def _is_phi(table: Table, column: Column[object]) -> bool:
    declared = _declared(table)
    if isinstance(column.computed, Computed):
        # What is made of names tells names.
        return any(each.phi and _speaks_of(str(column.computed.sqltext), each.name) for each in declared.values())
    field_ = declared.get(column.name)
    return bool(column.info.get("phi")) or (field_ is not None and field_.phi)


def _type(type_: TypeEngine[object]) -> str:
    text = str(type_.compile(dialect=_DIALECT))
    return _SHORT.get(text, text.lower())


def _made(column: Column[object]) -> str:
    if isinstance(column.computed, Computed):
        return f"generated: {column.computed.sqltext}"
    default = column.server_default
    return "" if default is None else f"default {getattr(default, 'arg', '')}"


def _links(table: Table) -> Iterator[Link]:
    alone = {tuple(sorted(names)) for names in _unique_sets(table)}
    for key in sorted(table.foreign_key_constraints, key=lambda each: str(each.name)):
        names = [name for name in key.column_keys if name != "district_id"] or ["district_id"]
        column = table.columns[names[0]]
        yield Link(
            parent=key.elements[0].target_fullname.split(".", maxsplit=1)[0],
            column=column.name,
            required=not column.nullable,
            single=tuple(sorted({"district_id", column.name})) in alone,
            cascade=key.ondelete == "CASCADE",
        )


def _unique_sets(table: Table) -> Iterator[list[str]]:
    yield [column.name for column in table.primary_key.columns]
    for each in table.constraints:
        if isinstance(each, UniqueConstraint):
            yield [column.name for column in each.columns]


def _references(links: Sequence[Link], column: str) -> str:
    return ", ".join(link.parent + (", cascade" if link.cascade else "") for link in links if link.column == column)


def _constraints(table: Table) -> Iterator[tuple[str, str]]:
    names = ", ".join(column.name for column in table.primary_key.columns)
    yield str(table.primary_key.name), f"PRIMARY KEY ({names})"
    for each in table.constraints:
        if isinstance(each, CheckConstraint):
            yield str(each.name), f"CHECK ({_SPACE.sub(' ', str(each.sqltext))})"
        elif isinstance(each, UniqueConstraint):
            yield str(each.name), f"UNIQUE ({', '.join(column.name for column in each.columns)})"
    for key in table.foreign_key_constraints:
        target = ", ".join(element.target_fullname.split(".")[1] for element in key.elements)
        parent = key.elements[0].target_fullname.split(".", maxsplit=1)[0]
        ends = f"REFERENCES {parent} ({target}) ON DELETE {key.ondelete}"
        yield str(key.name), f"FOREIGN KEY ({', '.join(key.column_keys)}) {ends}"


def _index(index: Index) -> str:
    text = _SPACE.sub(" ", str(CreateIndex(index).compile(dialect=_DIALECT))).strip()
    _, _, rest = text.partition(f" ON {index.table.name if index.table is not None else ''} ")
    return f"UNIQUE {rest}" if index.unique else rest


def _speaks_of(text: str, column: str) -> bool:
    return column in _WORD.findall(text)
