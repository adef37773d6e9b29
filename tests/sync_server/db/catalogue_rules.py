"""The rules C1-C10 of the scale-out study, and those of schema.md, asked of the catalogue of a migrated database."""

from collections.abc import Callable
from typing import Any

from psycopg import Connection

from wc_sync_server.db.rls import Form, policies
from wc_sync_server.db.tables import LOCAL, METADATA, REFERENCE, TENANT, guard_of

ALEMBICS = "alembic_version"
TENANT_NAMES = [table.name for table in TENANT]
REFERENCE_NAMES = [table.name for table in REFERENCE]
LOCAL_NAMES = [*(table.name for table in LOCAL), ALEMBICS]

# Rows that are a piece of another go with it, when the law says that it goes; everything else holds its parent fast.
PARTS = [
    str(key.name)
    for table in METADATA.sorted_tables
    for key in table.foreign_key_constraints
    if key.ondelete == "CASCADE"
]

# Logs, ledgers and addenda are voided by another row; what else is no record of a child keeps none of its own.
SOFT_DELETED = [table.name for table in TENANT if (kind := table.info.get("kind")) is not None and not kind.append_only]

PAIRS = (
    ("effective_from", "effective_to"),
    ("assigned_from", "assigned_to"),
    ("valid_from", "valid_to"),
    ("wanted_from", "wanted_to"),
    ("held_from", "held_to"),
    ("parent_auth_from", "parent_auth_to"),
    ("start_date", "end_date"),
    ("started_at", "ended_at"),
    ("arrived_at", "left_at"),
    ("out_at", "back_at"),
    ("enrolled_on", "withdrawn_on"),
    ("record_date", "follow_up_date"),
    ("screened_on", "follow_up_due"),
    ("signed_on", "expires_on"),
    ("signed_on", "revoked_on"),
    ("granted_on", "expires_on"),
    ("trained_on", "expires_on"),
    ("ordered_on", "received_on"),
    ("issued_at", "expires_at"),
    ("placed_at", "released_at"),
)

Rule = Callable[[Connection[Any]], list[str]]


def _found(connection: Connection[Any], query: str) -> list[str]:
    parameters = {
        "tenant": TENANT_NAMES,
        "reference": REFERENCE_NAMES,
        "local": LOCAL_NAMES,
        "parts": PARTS,
        "soft": SOFT_DELETED,
        "earlier": [early for early, _ in PAIRS],
        "later": [late for _, late in PAIRS],
    }
    return sorted(" ".join(map(str, row)) for row in connection.execute(query.encode(), parameters).fetchall())


# Every relation of ours: no system schema, no partition (they follow their parent, except in C8 and C10).
_OURS = """
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast', 'wc_keys')
      AND n.nspname NOT LIKE 'pg\\_temp%%'
"""


def c1_every_table_is_listed_and_every_tenant_has_a_district(connection: Connection[Any]) -> list[str]:
    unlisted = _found(
        connection,
        f"""SELECT c.relname, 'is in no list' {_OURS} AND c.relkind IN ('r', 'p') AND NOT c.relispartition
            AND c.relname <> ALL (%(tenant)s::text[] || %(reference)s::text[] || %(local)s::text[])""",
    )
    missing = _found(
        connection,
        """SELECT t, 'has no district_id uuid NOT NULL' FROM unnest(%(tenant)s::text[]) AS t WHERE NOT EXISTS (
             SELECT FROM pg_attribute a WHERE a.attrelid = to_regclass(t) AND a.attname = 'district_id'
             AND a.atttypid = 'uuid'::regtype AND a.attnotnull)""",
    )
    return unlisted + missing


def c2_every_unique_index_has_the_district_first(connection: Connection[Any]) -> list[str]:
    return _found(
        connection,
        """SELECT i.indexrelid::regclass, 'is unique without the district'
           FROM pg_index i WHERE i.indrelid = ANY (SELECT to_regclass(t) FROM unnest(%(tenant)s::text[]) AS t)
           AND (i.indisunique OR i.indisexclusion) AND (SELECT attname FROM pg_attribute a
             WHERE a.attrelid = i.indrelid AND a.attnum = i.indkey[0]) IS DISTINCT FROM 'district_id'""",
    )


def c3_foreign_keys_stay_in_their_district(connection: Connection[Any]) -> list[str]:
    return _found(
        connection,
        """SELECT k.conname, 'pairs no district, or points at a local table'
           FROM pg_constraint k JOIN pg_class f ON f.oid = k.conrelid JOIN pg_class t ON t.oid = k.confrelid
           WHERE k.contype = 'f' AND f.relname <> ALL (%(local)s::text[]) AND NOT (
             t.relname = ANY (%(reference)s::text[]) AND f.relname = ANY (%(tenant)s::text[])
             OR t.relname = ANY (%(tenant)s::text[]) AND f.relname = ANY (%(tenant)s::text[])
             AND EXISTS (SELECT FROM pg_attribute own JOIN pg_attribute other ON other.attname = own.attname
               WHERE own.attname = 'district_id' AND own.attrelid = f.oid AND own.attnum = k.conkey[1]
               AND other.attrelid = t.oid AND other.attnum = k.confkey[1]))""",
    )


def c4_foreign_keys_restrict_and_nothing_is_deferrable(connection: Connection[Any]) -> list[str]:
    return _found(
        connection,
        """SELECT k.conname, 'is deferrable, or neither restricts nor joins a part to its whole' FROM pg_constraint k
           JOIN pg_namespace n ON n.oid = k.connamespace WHERE n.nspname = 'public'
           AND (k.condeferrable OR k.contype = 'f' AND k.confupdtype <> 'a' OR k.contype = 'f'
             AND k.confdeltype <> CASE WHEN k.conname = ANY (%(parts)s::text[]) THEN 'c' ELSE 'r' END::"char")""",
    )


def c5_no_triggers_and_no_rules(connection: Connection[Any]) -> list[str]:
    triggers = _found(connection, "SELECT tgname, 'is a trigger' FROM pg_trigger WHERE NOT tgisinternal")
    rules = _found(connection, "SELECT rulename, 'is a rule' FROM pg_rules WHERE schemaname NOT IN ('pg_catalog')")
    return triggers + rules


def c6_no_materialised_views_and_no_inheritance(connection: Connection[Any]) -> list[str]:
    views = _found(connection, f"SELECT c.relname, 'is a materialised view' {_OURS} AND c.relkind = 'm'")
    heirs = _found(
        connection,
        f"""SELECT c.relname, 'inherits' {_OURS} AND c.relkind = 'r' AND NOT c.relispartition
            AND EXISTS (SELECT FROM pg_inherits i WHERE i.inhrelid = c.oid)""",
    )
    return views + heirs


def c7_no_volatile_defaults(connection: Connection[Any]) -> list[str]:
    volatile = _found(
        connection,
        """SELECT d.adrelid::regclass, a.attname, 'has a volatile default' FROM pg_attrdef d
           JOIN pg_attribute a ON a.attrelid = d.adrelid AND a.attnum = d.adnum
           JOIN pg_class c ON c.oid = d.adrelid JOIN pg_namespace n ON n.oid = c.relnamespace
           WHERE n.nspname = 'public' AND a.attgenerated = ''
           AND pg_get_expr(d.adbin, d.adrelid) ~ '\\('  -- ours are constants: no call at all""",
    )
    identities = _found(
        connection,
        """SELECT a.attrelid::regclass, a.attname, 'is a small identity' FROM pg_attribute a
           WHERE a.attidentity <> '' AND a.atttypid <> 'bigint'::regtype""",
    )
    return volatile + identities


def c8_row_level_security_is_forced_and_the_application_owns_nothing(connection: Connection[Any]) -> list[str]:
    bare = _found(
        connection,
        f"""SELECT c.relname, 'is not under forced row-level security' {_OURS} AND c.relkind IN ('r', 'p')
            AND (c.relname = ANY (%(tenant)s::text[]) OR c.relispartition)
            AND NOT (c.relrowsecurity AND c.relforcerowsecurity)""",
    )
    owned = _found(
        connection, f"SELECT c.relname, 'is not the owner''s' {_OURS} AND pg_get_userbyid(c.relowner) <> 'wc_owner'"
    )
    strong = _found(
        connection,
        """SELECT rolname, 'is too strong' FROM pg_roles WHERE rolname IN ('wc_app', 'wc_audit_reader', 'wc_owner',
             'wc_migrate') AND (rolsuper OR rolbypassrls OR rolcreaterole OR rolcreatedb OR rolreplication)""",
    )
    member = _found(
        connection,
        """SELECT m.rolname, 'is a member of', r.rolname FROM pg_auth_members a JOIN pg_roles m ON m.oid = a.member
           JOIN pg_roles r ON r.oid = a.roleid WHERE m.rolname IN ('wc_app', 'wc_audit_reader', 'wc_backup')""",
    )
    return bare + owned + strong + member


def c9_policies_are_the_templates(connection: Connection[Any]) -> list[str]:
    """The stored text equals the template's: make the template's policies beside the real ones and compare."""
    wanted = set()
    query = "SELECT polname, polcmd, pg_get_expr(polqual, polrelid), pg_get_expr(polwithcheck, polrelid), polpermissive"
    with connection.transaction(force_rollback=True):
        connection.execute("CREATE SCHEMA beside")
        for table in TENANT:
            connection.execute(f"CREATE TABLE beside.{table.name} (LIKE public.{table.name})".encode())
            for policy in policies(guard_of(table), Form.PLAIN):
                connection.execute(policy.create(f"beside.{table.name}").encode())
            rows = connection.execute(
                f"{query} FROM pg_policy WHERE polrelid = 'beside.{table.name}'::regclass".encode()
            ).fetchall()
            wanted |= {(table.name, *row) for row in rows}
    stored = connection.execute(
        f"SELECT c.relname, {query[7:]} FROM pg_policy JOIN pg_class c ON c.oid = polrelid"
        " WHERE NOT c.relispartition".encode()
    ).fetchall()
    return sorted(f"{row[0]} {row[1]} is not the template's" for row in set(stored) ^ wanted)


def c10_no_right_on_a_partition(connection: Connection[Any]) -> list[str]:
    return _found(
        connection,
        f"""SELECT c.relname, r.rolname, 'has a right on a partition' {_OURS.replace("WHERE", ", pg_roles r WHERE")}
            AND c.relispartition AND c.relkind = 'r' AND r.rolname IN ('wc_app', 'wc_audit_reader') AND (
              has_table_privilege(r.oid, c.oid, 'SELECT, INSERT, UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER')
              OR has_any_column_privilege(r.oid, c.oid, 'SELECT, INSERT, UPDATE'))""",
    )


def every_foreign_key_has_an_index(connection: Connection[Any]) -> list[str]:
    return _found(
        connection,
        """SELECT k.conname, 'has no index led by its columns' FROM pg_constraint k WHERE k.contype = 'f'
           AND k.conparentid = 0 AND NOT EXISTS (SELECT FROM pg_index i WHERE i.indrelid = k.conrelid
             AND i.indpred IS NULL AND (i.indkey::int2[])[0:array_length(k.conkey, 1) - 1] = k.conkey)""",
    )


def names_are_short_and_ours(connection: Connection[Any]) -> list[str]:
    return _found(
        connection,
        """SELECT k.conname, 'is named by nobody or too long' FROM pg_constraint k
           JOIN pg_namespace n ON n.oid = k.connamespace JOIN pg_class c ON c.oid = k.conrelid
           WHERE n.nspname = 'public' AND k.contype <> 'n' AND NOT c.relispartition
           AND c.relname <> 'alembic_version'
           AND (length(k.conname) > 50 OR k.conname !~ '^(pk|fk|uq|ck)_')
           UNION ALL SELECT c.relname, 'is an index with too long a name' FROM pg_class c
           JOIN pg_namespace n ON n.oid = c.relnamespace
           WHERE n.nspname = 'public' AND c.relkind IN ('i', 'I') AND NOT c.relispartition
           AND (length(c.relname) > 50 OR c.relname !~ '^(pk|uq|ix|idx)_|^alembic')""",
    )


def timestamps_know_their_zone(connection: Connection[Any]) -> list[str]:
    return _found(
        connection,
        """SELECT a.attrelid::regclass, a.attname, 'is a loose type' FROM pg_attribute a
           JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
           WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p') AND c.relname <> 'alembic_version' AND a.attnum > 0
           AND a.atttypid IN ('timestamp'::regtype, 'float4'::regtype, 'float8'::regtype, 'money'::regtype,
             'varchar'::regtype, 'json'::regtype, 'time'::regtype, 'timetz'::regtype)""",
    )


def functions_are_not_definers(connection: Connection[Any]) -> list[str]:
    """Only the searches and what reads the keys of contexts run as somebody else, with a pinned path.

    The searches are one's who signs in nowhere, and answer ids alone.
    """
    return _found(
        connection,
        """SELECT p.proname, 'runs as its definer, or is everybody''s' FROM pg_proc p
           JOIN pg_namespace n ON n.oid = p.pronamespace WHERE n.nspname IN ('public', 'wc_sec')
           AND (p.proacl IS NULL OR EXISTS (SELECT FROM aclexplode(p.proacl) WHERE grantee = 0)
             OR p.prosecdef AND (n.nspname <> 'wc_sec'
               OR p.proconfig IS DISTINCT FROM ARRAY['search_path=pg_catalog, pg_temp']
               OR (p.proname LIKE 'search\\_%%') <> (pg_get_userbyid(p.proowner) = 'wc_search')
               OR p.proname LIKE 'search\\_%%' AND pg_get_function_result(p.oid) <> 'TABLE(id uuid, rank real)'
               OR p.proname NOT LIKE 'search\\_%%' AND (p.pronargs > 0 OR pg_get_userbyid(p.proowner) <> 'wc_owner')))
           UNION ALL SELECT r.rolname, 'passes the policies and can sign in, or is somebody''s' FROM pg_roles r
           WHERE r.rolname = 'wc_search' AND (r.rolcanlogin OR r.rolsuper OR EXISTS (
             SELECT FROM pg_auth_members a WHERE a.roleid = r.oid AND pg_get_userbyid(a.member) <> 'wc_owner'))""",
    )


def records_are_deleted_softly(connection: Connection[Any]) -> list[str]:
    return _found(
        connection,
        """SELECT t, 'has no deleted_at' FROM unnest(%(soft)s::text[]) AS t WHERE NOT EXISTS (
             SELECT FROM pg_attribute a WHERE a.attrelid = to_regclass(t) AND a.attname = 'deleted_at'
             AND a.atttypid = 'timestamptz'::regtype AND NOT a.attnotnull)""",
    )


def checks_are_valid_and_mean_the_same_in_every_session(connection: Connection[Any]) -> list[str]:
    unproved = _found(
        connection,
        """SELECT k.conname, 'was never validated' FROM pg_constraint k JOIN pg_namespace n ON n.oid = k.connamespace
           WHERE n.nspname = 'public' AND NOT k.convalidated""",
    )
    moving = _found(
        connection,
        """SELECT k.conname, 'asks the clock, the session or another row' FROM pg_constraint k
           JOIN pg_namespace n ON n.oid = k.connamespace WHERE n.nspname = 'public' AND k.contype = 'c'
           AND pg_get_constraintdef(k.oid) ~* ('\\m(now|current_date|current_timestamp|current_setting|clock_timestamp'
             || '|statement_timestamp|transaction_timestamp|localtimestamp|session_user|current_user)\\M')""",
    )
    return unproved + moving


def pairs_of_dates_are_checked(connection: Connection[Any]) -> list[str]:
    """A column that ends what another begins has a CHECK that names both."""
    return _found(
        connection,
        """SELECT a.attrelid::regclass, b.attname, a.attname, 'is an unchecked pair'
           FROM pg_attribute a JOIN pg_attribute b ON b.attrelid = a.attrelid
           JOIN unnest(%(earlier)s::text[], %(later)s::text[]) AS pair(early, late)
             ON (b.attname, a.attname) = (pair.early, pair.late)
           WHERE a.attrelid = ANY (SELECT to_regclass(t) FROM unnest(%(tenant)s::text[]) AS t)
           AND NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conrelid = a.attrelid AND k.contype = 'c'
             AND ARRAY[a.attnum, b.attnum] <@ k.conkey)""",
    )


RULES: tuple[Rule, ...] = (
    c1_every_table_is_listed_and_every_tenant_has_a_district,
    c2_every_unique_index_has_the_district_first,
    c3_foreign_keys_stay_in_their_district,
    c4_foreign_keys_restrict_and_nothing_is_deferrable,
    c5_no_triggers_and_no_rules,
    c6_no_materialised_views_and_no_inheritance,
    c7_no_volatile_defaults,
    c8_row_level_security_is_forced_and_the_application_owns_nothing,
    c9_policies_are_the_templates,
    c10_no_right_on_a_partition,
    every_foreign_key_has_an_index,
    names_are_short_and_ours,
    timestamps_know_their_zone,
    functions_are_not_definers,
    records_are_deleted_softly,
    checks_are_valid_and_mean_the_same_in_every_session,
    pairs_of_dates_are_checked,
)
