"""The schema as it is beside the schema as this version declares it: columns, indexes, policies, rights, functions.

PostgreSQL writes definitions in its own words, which differ by version. So what is declared is made once more in a
schema of its own, in a transaction that is always rolled back, and both are read back with the same words.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256

import psycopg
from psycopg import Connection
from psycopg.rows import TupleRow

from wc_sync_server.db.ddl import table_statements
from wc_sync_server.db.grants import BACKUP, OWNER, table_grants
from wc_sync_server.db.rls import context_functions, policies
from wc_sync_server.db.search_functions import search_functions
from wc_sync_server.db.tables import METADATA, TENANT, guard_of

_BESIDE = "wc_as_declared"
_LENGTH = 12
_FUNCTION = re.compile(r"CREATE (?:OR REPLACE )?FUNCTION wc_sec\.(\w+)\(.*?\$\$(.*)\$\$", re.DOTALL)
_OWNS = re.compile(r"ALTER FUNCTION wc_sec\.(\w+)\(.*\) OWNER TO (\w+)")

Thing = tuple[str, str]  # a table, or a schema of functions, and what of it

_OF_TABLES = {
    "columns": """
        SELECT c.relname, a.attname, concat_ws(' ', format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attgenerated,
          pg_get_expr(d.adbin, d.adrelid))
        FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
        LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
        WHERE a.attnum > 0 AND NOT a.attisdropped AND {ours}""",
    "constraints": """
        SELECT c.relname, k.conname, pg_get_constraintdef(k.oid) || CASE WHEN k.convalidated THEN '' ELSE ' NOT' END
        FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid WHERE k.contype <> 'n' AND {ours}""",
    "indexes": """
        SELECT c.relname, x.relname, pg_get_indexdef(x.oid) FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid
        JOIN pg_class x ON x.oid = i.indexrelid WHERE {ours}""",
    "policies": """
        SELECT c.relname, p.polname, concat_ws(' | ', p.polcmd, p.polpermissive, p.polroles,
          pg_get_expr(p.polqual, p.polrelid), pg_get_expr(p.polwithcheck, p.polrelid))
        FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid WHERE {ours}""",
    "rights": """
        SELECT c.relname, concat(coalesce(r.rolname, 'PUBLIC'), ' ', x.privilege_type), x.is_grantable
        FROM pg_class c CROSS JOIN aclexplode(c.relacl) x LEFT JOIN pg_roles r ON r.oid = x.grantee
        WHERE x.grantee <> c.relowner AND {ours}
        UNION ALL SELECT c.relname, concat(coalesce(r.rolname, 'PUBLIC'), ' ', x.privilege_type, ' of ', a.attname),
          x.is_grantable
        FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid CROSS JOIN aclexplode(a.attacl) x
        LEFT JOIN pg_roles r ON r.oid = x.grantee WHERE x.grantee <> c.relowner AND {ours}""",
}
_OURS = "c.relnamespace = %(schema)s::regnamespace AND c.relname = ANY(%(tables)s) AND c.relkind IN ('r', 'p')"
_OF_FUNCTIONS = """
SELECT p.proname, p.prosrc, pg_get_userbyid(p.proowner), p.prosecdef,
       p.proacl IS NULL OR EXISTS (SELECT FROM aclexplode(p.proacl) x WHERE x.grantee = 0)
FROM pg_proc p WHERE p.pronamespace = to_regnamespace('wc_sec')
"""
_OF_PARTITIONS = """
SELECT c.relname, p.polname, concat_ws(' | ', p.polcmd, p.polpermissive, p.polroles,
  pg_get_expr(p.polqual, p.polrelid), pg_get_expr(p.polwithcheck, p.polrelid))
FROM pg_inherits h JOIN pg_class c ON c.oid = h.inhrelid JOIN pg_class w ON w.oid = h.inhparent
JOIN pg_policy p ON p.polrelid = c.oid
WHERE c.relkind = 'r' AND w.relname = ANY(%(tables)s) AND w.relnamespace = 'public'::regnamespace
"""
_PARTITIONS = """
SELECT c.relname, w.relname FROM pg_inherits h JOIN pg_class c ON c.oid = h.inhrelid
JOIN pg_class w ON w.oid = h.inhparent
WHERE c.relkind = 'r' AND w.relname = ANY(%(tables)s) AND w.relnamespace = 'public'::regnamespace
"""
# A month is read through the whole and its policies; the backup alone reads it by name.
_STRAY_RIGHTS = """
SELECT c.relname, concat(coalesce(r.rolname, 'PUBLIC'), ' ', x.privilege_type)
FROM pg_inherits h JOIN pg_class c ON c.oid = h.inhrelid JOIN pg_class w ON w.oid = h.inhparent
CROSS JOIN aclexplode(c.relacl) x LEFT JOIN pg_roles r ON r.oid = x.grantee
WHERE c.relkind = 'r' AND w.relname = ANY(%(tables)s) AND w.relnamespace = 'public'::regnamespace
AND x.grantee <> c.relowner AND (r.rolname, x.privilege_type) IS DISTINCT FROM (%(backup)s, 'SELECT') ORDER BY 1, 2
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """What differs from the declaration, by aspect, and how; and the hash of what is there."""

    differs: Mapping[str, tuple[str, ...]]
    fingerprint: str


def compare(dsn: str) -> Compared:
    """Compare a database at this version's revision. dsn is the migrating role's. Nothing of it stays."""
    with psycopg.connect(dsn, application_name="wc-doctor") as connection:
        connection.execute(f"SET LOCAL lock_timeout = '2s'; SET LOCAL ROLE {OWNER}".encode())
        stored = {**_read(connection, "public"), "functions": _functions(connection)}
        partitions, stray = _partitions(connection), _stray_rights(connection)
        for statement in _declaration():
            connection.execute(statement.encode())
        declared = {**_read(connection, _BESIDE), "functions": _declared_functions()}
        of_partitions = _of_partitions(connection, declared["policies"])
        connection.rollback()
    differs = {name: _differences(stored[name], declared[name]) for name in declared}
    differs["policies"] += _differences(partitions, of_partitions)
    differs["rights"] += _differences(stray, {})
    return Compared(differs=differs, fingerprint=_hash(stored))


def _declaration() -> Iterator[str]:
    yield f"CREATE SCHEMA {_BESIDE}"
    yield f"SET LOCAL search_path = {_BESIDE}"
    yield from table_statements()
    for table in TENANT:
        yield from (policy.create(table.name) for policy in policies(guard_of(table)))
    yield from table_grants()
    # What the searches may read is said where they are made.
    yield from (each for each in search_functions() if each.startswith("GRANT SELECT"))


def _read(connection: Connection[TupleRow], schema: str) -> dict[str, dict[Thing, str]]:
    # With no schema in sight every name is written with its schema, which is taken off again.
    connection.execute("SET LOCAL search_path = pg_catalog")
    parameters = {"schema": schema, "tables": list(METADATA.tables)}
    return {
        name: {
            (row[0], row[1]): str(row[2]).replace(f"{schema}.", "")
            for row in connection.execute(query.replace("{ours}", _OURS).encode(), parameters)
        }
        for name, query in _OF_TABLES.items()
    }


def _functions(connection: Connection[TupleRow]) -> dict[Thing, str]:
    rows = connection.execute(_OF_FUNCTIONS).fetchall()
    return {("wc_sec", row[0]): _function(row[1], row[2], definer=row[3], everybodys=row[4]) for row in rows}


def _declared_functions() -> dict[Thing, str]:
    statements = [*context_functions(), *search_functions()]
    owners = {match[1]: match[2] for each in statements if (match := _OWNS.match(each))}
    found = ((match, each) for each in statements if (match := _FUNCTION.match(each)))
    return {
        ("wc_sec", match[1]): _function(
            match[2], owners.get(match[1], OWNER), definer="SECURITY DEFINER" in each, everybodys=False
        )
        for match, each in found
    }


def _function(body: str, owner: str, *, definer: bool, everybodys: bool) -> str:
    return f"{body} | {owner} | {definer} | {everybodys}"


def _partitions(connection: Connection[TupleRow]) -> dict[Thing, str]:
    rows = connection.execute(_OF_PARTITIONS, {"tables": list(METADATA.tables)})
    return {(row[0], row[1]): row[2] for row in rows}


def _of_partitions(connection: Connection[TupleRow], policies_of: Mapping[Thing, str]) -> dict[Thing, str]:
    """Return the policies that each partition has to have: those of the whole."""
    rows = connection.execute(_PARTITIONS, {"tables": list(METADATA.tables)}).fetchall()
    return {
        (partition, policy): text
        for partition, whole in rows
        for (table, policy), text in policies_of.items()
        if table == whole
    }


def _stray_rights(connection: Connection[TupleRow]) -> dict[Thing, str]:
    parameters = {"tables": list(METADATA.tables), "backup": BACKUP}
    return {(row[0], row[1]): "" for row in connection.execute(_STRAY_RIGHTS, parameters)}


def _differences(stored: Mapping[Thing, str], declared: Mapping[Thing, str]) -> tuple[str, ...]:
    differing = sorted({thing for thing, _ in stored.items() ^ declared.items()})
    return tuple(f"{thing[0]} ({thing[1]}: {_how(thing, stored, declared)})" for thing in differing)


def _how(thing: Thing, stored: Mapping[Thing, str], declared: Mapping[Thing, str]) -> str:
    if thing not in stored:
        return "missing"
    return "changed" if thing in declared else "not declared"


def _hash(aspects: Mapping[str, Mapping[Thing, str]]) -> str:
    lines = sorted(
        f"{name} {table} {what} {text}" for name, of in aspects.items() for (table, what), text in of.items()
    )
    return sha256("\n".join(lines).encode()).hexdigest()[:_LENGTH]
