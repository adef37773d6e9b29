"""The statements that write records: set-wise, one a table, anchored on the locked stream row.

District, school and row_version come from that row. That is the fastest way on plain PostgreSQL, stays one
statement of one shard on a distributed one, and cannot stamp a row with a school the context does not hold.
"""

# ruff: noqa: S608  (names of tables and columns are our own declarations; values are bound)

from functools import cache

from wc_contract.model.kinds import BY_NAME, Field, FieldType, RecordKind, Scope
from wc_sync_server.db.tables import written_fields, written_once

_TYPES = {
    FieldType.UUID: "uuid",
    FieldType.TEXT: "text",
    FieldType.INTEGER: "integer",
    FieldType.BOOLEAN: "boolean",
    FieldType.DATE: "date",
    FieldType.INSTANT: "timestamptz",
    FieldType.DECIMAL: "numeric",
    FieldType.JSON: "text",  # JSON travels as text within JSON
}

_ANCHOR = "s.district_id = %(district)s AND s.id = %(stream)s"


@cache
def upsert(kind_name: str, left: frozenset[str] = frozenset()) -> str:
    """Return the statement that writes rows (JSON text) of a kind: what is written once is added, others are replaced.

    left names fields that only the central database has and that the rows say nothing about: they stay.
    """
    kind = BY_NAME[kind_name]
    fields = tuple(field for field in written_fields(kind) if field.name not in left)
    owner = ("district_id", "school_id") if kind.scope is Scope.SCHOOL else ("district_id",)
    columns = [*owner, "id", *(field.name for field in fields), "row_version", "created_at", "updated_at"]
    values = [
        *(f"s.{name}" for name in owner),
        "r.id",
        *(_value(field) for field in fields),
        "s.head + %(offset)s + r.n",
        "%(at)s",
        "%(at)s",
    ]
    shape = ", ".join(["id uuid", *(f'"{field.name}" {_type(field)}' for field in fields)])
    names = ", ".join(["id", *(f'"{field.name}"' for field in fields), "n"])
    return (
        f'INSERT INTO "{kind.table}" AS t ({_listed(columns)}) SELECT {", ".join(values)} FROM streams AS s'
        f" CROSS JOIN ROWS FROM (json_to_recordset(%(rows)s::json) AS ({shape})) WITH ORDINALITY AS r({names})"
        f" WHERE {_ANCHOR} ON CONFLICT (district_id, id) {_on_conflict(kind, fields)}"
    )


@cache
def soft_delete(kind_name: str) -> str:
    """Return the statement that marks rows (ids) of a kind as deleted."""
    kind = BY_NAME[kind_name]
    same_school = " AND t.school_id = s.school_id" if kind.scope is Scope.SCHOOL else ""
    return (
        f'UPDATE "{kind.table}" AS t SET deleted_at = %(at)s, updated_at = %(at)s,'
        " row_version = s.head + %(offset)s + r.n"
        " FROM streams AS s CROSS JOIN unnest(%(ids)s::uuid[]) WITH ORDINALITY AS r(id, n)"
        f" WHERE {_ANCHOR} AND t.district_id = %(district)s AND t.district_id = s.district_id{same_school}"
        " AND t.id = r.id AND t.deleted_at IS NULL"
    )


@cache
def set_flags(kind_name: str) -> str:
    """Return the statement that gives rows (JSON text: id, flags) of a kind of fact other flags, and nothing else."""
    kind = BY_NAME[kind_name]
    return (
        f'UPDATE "{kind.table}" AS t SET flags = r.flags::jsonb, updated_at = %(at)s,'
        " row_version = s.head + %(offset)s + r.n FROM streams AS s CROSS JOIN"
        " ROWS FROM (json_to_recordset(%(rows)s::json) AS (id uuid, flags text)) WITH ORDINALITY AS r(id, flags, n)"
        f" WHERE {_ANCHOR} AND t.district_id = %(district)s AND t.school_id = s.school_id AND t.id = r.id"
    )


@cache
def move(kind_name: str) -> str:
    """Return the statement that takes rows (ids) of a kind from school %(left)s into the stream's school."""
    kind = BY_NAME[kind_name]
    return (
        f'UPDATE "{kind.table}" AS t SET school_id = s.school_id, updated_at = %(at)s,'
        " row_version = s.head + %(offset)s + r.n"
        " FROM streams AS s CROSS JOIN unnest(%(ids)s::uuid[]) WITH ORDINALITY AS r(id, n)"
        f" WHERE {_ANCHOR} AND t.district_id = %(district)s AND t.school_id = %(left)s AND t.id = r.id"
    )


@cache
def bring_back(kind_name: str) -> str:
    """Return the statement that gives rows (ids) of a kind a new row_version in their own stream, and nothing else."""
    kind = BY_NAME[kind_name]
    return (
        f'UPDATE "{kind.table}" AS t SET updated_at = %(at)s, row_version = s.head + %(offset)s + r.n'
        " FROM streams AS s CROSS JOIN unnest(%(ids)s::uuid[]) WITH ORDINALITY AS r(id, n)"
        f" WHERE {_ANCHOR} AND t.district_id = %(district)s AND t.school_id = s.school_id AND t.id = r.id"
    )


REMOVE = (
    "INSERT INTO removals AS t"
    " (district_id, school_id, stream_id, kind, record_id, row_version, reason, created_at, updated_at)"
    " SELECT s.district_id, s.school_id, s.id, %(kind)s, r.id, s.head + %(offset)s + r.n, %(reason)s, %(at)s, %(at)s"
    " FROM streams AS s CROSS JOIN unnest(%(ids)s::uuid[]) WITH ORDINALITY AS r(id, n)"
    f" WHERE {_ANCHOR} ON CONFLICT (district_id, stream_id, kind, record_id) DO UPDATE"
    " SET row_version = excluded.row_version, reason = excluded.reason, updated_at = excluded.updated_at"
)


def _type(field: Field) -> str:
    return "bytea" if field.sealed else _TYPES[field.type]


def _value(field: Field) -> str:
    as_json = field.type is FieldType.JSON and not field.sealed
    return f'r."{field.name}"' + ("::jsonb" if as_json else "")


def _on_conflict(kind: RecordKind, fields: tuple[Field, ...]) -> str:
    if written_once(kind):
        return "DO NOTHING"
    replaced = [*(field.name for field in fields), "row_version", "updated_at", "deleted_at"]
    settings = ", ".join(f'"{name}" = excluded."{name}"' for name in replaced)
    # A record never changes school by being written: it would stay in the other school's replicas.
    stays = " WHERE t.school_id = excluded.school_id" if kind.scope is Scope.SCHOOL else ""
    return f"DO UPDATE SET {settings}{stays}"


def _listed(columns: list[str]) -> str:
    return ", ".join(f'"{column}"' for column in columns)
