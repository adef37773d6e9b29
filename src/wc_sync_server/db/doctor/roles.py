"""The roles: each as `db provision` makes it, and none of those who serve can do more."""

from psycopg import Connection
from psycopg.rows import TupleRow

from wc_sync_server.db.doctor.verdicts import Verdicts, do, several
from wc_sync_server.db.grants import APP, AUDIT_READER, BACKUP, MIGRATE, OWNER
from wc_sync_server.db.provision import QUIET
from wc_sync_server.db.search_functions import SEARCHERS

_SIGN_IN = frozenset({MIGRATE, APP, AUDIT_READER, BACKUP})
_PASS_POLICIES = frozenset({BACKUP, SEARCHERS})
_OURS = [OWNER, MIGRATE, APP, AUDIT_READER, BACKUP, SEARCHERS]
_SERVING = [APP, AUDIT_READER, BACKUP]
_MEMBERS = frozenset({(MIGRATE, OWNER), (OWNER, SEARCHERS), (MIGRATE, "pg_monitor")})
_WHO = "as a superuser. Find out who did this."

_ROLES = """
SELECT rolname, rolcanlogin, rolbypassrls,
       concat_ws(', ', CASE WHEN rolsuper THEN 'SUPERUSER' END, CASE WHEN rolcreatedb THEN 'CREATEDB' END,
         CASE WHEN rolcreaterole THEN 'CREATEROLE' END, CASE WHEN rolreplication THEN 'REPLICATION' END),
       coalesce(rolconfig, '{}')
FROM pg_roles WHERE rolname = ANY(%(ours)s)
"""
_MEMBERSHIPS = """
SELECT m.rolname, r.rolname FROM pg_auth_members a JOIN pg_roles m ON m.oid = a.member
JOIN pg_roles r ON r.oid = a.roleid
WHERE (m.rolname = ANY(%(ours)s) OR r.rolname = ANY(%(ours)s)) AND NOT m.rolsuper ORDER BY 1, 2
"""
_OWNED = """
SELECT pg_get_userbyid(c.relowner), n.nspname || '.' || c.relname FROM pg_class c
JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE pg_get_userbyid(c.relowner) = ANY(%(serving)s) AND n.nspname NOT LIKE 'pg\\_%%'
UNION ALL SELECT pg_get_userbyid(proowner), proname || '()' FROM pg_proc
WHERE pg_get_userbyid(proowner) = ANY(%(serving)s)
UNION ALL SELECT pg_get_userbyid(nspowner), 'schema ' || nspname FROM pg_namespace
WHERE pg_get_userbyid(nspowner) = ANY(%(serving)s) AND nspname NOT LIKE 'pg\\_%%' ORDER BY 1, 2
"""
_MAKES = """
SELECT r.rolname, has_database_privilege(r.oid, d.oid, 'CREATE'), has_database_privilege(r.oid, d.oid, 'TEMP'),
       coalesce((SELECT string_agg(n.nspname, ', ' ORDER BY n.nspname) FROM pg_namespace n
         WHERE n.nspname NOT LIKE 'pg\\_%%' AND has_schema_privilege(r.oid, n.oid, 'CREATE')), '')
FROM pg_roles r, pg_database d WHERE r.rolname = ANY(%(serving)s) AND d.datname = current_database() ORDER BY 1
"""


def attributes(connection: Connection[TupleRow]) -> Verdicts:
    """Find roles that are missing, too strong, or not quiet: a row in an error would stand in PostgreSQL's log."""
    seen = {row[0]: row[1:] for row in connection.execute(_ROLES, {"ours": _OURS})}
    for role in _OURS:
        if role not in seen:
            yield do(f"the role {role} is not there", "`wc-sync-server db provision` makes it.")
            continue
        signs_in, passes, strong, settings = seen[role]
        if strong:
            less = " ".join(f"NO{each}" for each in strong.split(", "))
            yield do(f"{role} has {strong}", f"ALTER ROLE {role} {less}; {_WHO}")
        if passes and role not in _PASS_POLICIES:
            yield do(f"{role} passes row-level security (BYPASSRLS)", f"ALTER ROLE {role} NOBYPASSRLS; {_WHO}")
        if role == BACKUP and not passes:
            yield do(
                f"{role} has no BYPASSRLS: its backups are empty, without an error",
                f"ALTER ROLE {role} BYPASSRLS; {_WHO}",
            )
        if signs_in != (role in _SIGN_IN):
            can, should = ("can", "NOLOGIN") if signs_in else ("cannot", "LOGIN")
            yield do(f"{role} {can} sign in", f"ALTER ROLE {role} {should}; {_WHO}")
        loud = sorted(name for name, value in QUIET.items() if f"{name}={value}" not in settings)
        if role in _SIGN_IN and loud:
            quiet = "; ".join(f"ALTER ROLE {role} SET {name} = '{QUIET[name]}'" for name in loud)
            yield do(f"{role} lacks {several(loud)}: errors may put rows into PostgreSQL's log", f"{quiet}; {_WHO}")


def memberships(connection: Connection[TupleRow]) -> Verdicts:
    """Find roles that may become others, superusers left aside: they are all."""
    seen = {(member, role) for member, role in connection.execute(_MEMBERSHIPS, {"ours": _OURS})}
    for member, role in sorted(seen - _MEMBERS):
        yield do(f"{member} is a member of {role}", f"REVOKE {role} FROM {member}; {_WHO}")
    for member, role in sorted(_MEMBERS - seen):
        yield do(f"{member} is no member of {role}", f"GRANT {role} TO {member}; {_WHO}")


def belongings(connection: Connection[TupleRow]) -> Verdicts:
    """Find what the serving roles own or may make: owners lift policies, a temporary table outlives its context."""
    for role, what in connection.execute(_OWNED, {"serving": _SERVING}):
        yield do(f"{role} owns {what}", f"Give it to {OWNER} or drop it; {_WHO}")
    for role, create, temporary, schemas in connection.execute(_MAKES, {"serving": _SERVING}):
        may = [*(["schemas"] if create else []), *(["temporary tables"] if temporary else [])]
        may += [f"tables in {schemas}"] if schemas else []
        if may:
            yield do(f"{role} may make {several(may)}", f"REVOKE that from {role} and from PUBLIC; {_WHO}")
