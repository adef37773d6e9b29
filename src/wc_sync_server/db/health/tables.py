"""Tables: dead rows, constraints nobody looked at, row-level security left open, partitions."""

from collections.abc import Iterator

from psycopg import Connection
from psycopg.rows import TupleRow

from wc_sync_server.db.health.findings import Finding, Severity
from wc_sync_server.db.months import PARTITION_NAME
from wc_sync_server.db.tables import LOCAL, REFERENCE, TENANT

_DEAD_FROM = 10_000
_DEAD_SHARE = 0.2
_DEAD_BADLY = 0.5
_MONTHS_WISHED = 2
_WRAPAROUND_WARN, _WRAPAROUND_BAD = 400_000_000, 1_000_000_000

_DEAD = """
SELECT relname, n_dead_tup, n_live_tup,
       extract(epoch FROM now() - greatest(last_vacuum, last_autovacuum)) / 3600
FROM pg_stat_user_tables WHERE schemaname = 'public' AND n_dead_tup >= %(least)s
AND n_dead_tup > %(share)s * greatest(n_live_tup, 1) ORDER BY n_dead_tup DESC
"""
_UNVALIDATED = """
SELECT k.conrelid::regclass::text, k.conname FROM pg_constraint k
WHERE NOT k.convalidated AND k.connamespace = 'public'::regnamespace AND k.contype IN ('c', 'f') ORDER BY 1, 2
"""
_OPEN = """
SELECT c.relname FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')
AND c.relname = ANY(%(tenant)s) AND NOT (c.relrowsecurity AND c.relforcerowsecurity)
UNION ALL
SELECT c.relname FROM pg_inherits h JOIN pg_class c ON c.oid = h.inhrelid JOIN pg_class p ON p.oid = h.inhparent
WHERE c.relkind IN ('r', 'p') AND p.relname = ANY(%(tenant)s) AND NOT (c.relrowsecurity AND c.relforcerowsecurity)
ORDER BY 1
"""
_UNKNOWN = """
SELECT c.relname FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')
AND NOT c.relispartition AND c.relname <> ALL(%(known)s) AND c.relname NOT LIKE 'alembic%%' ORDER BY 1
"""
_MONTHS = """
SELECT count(*) FILTER (WHERE c.relname > %(name)s || to_char(transaction_timestamp() AT TIME ZONE 'UTC', 'YYYY_MM')),
       bool_or(c.relname = %(name)s || to_char(transaction_timestamp() AT TIME ZONE 'UTC', 'YYYY_MM'))
FROM pg_inherits h JOIN pg_class c ON c.oid = h.inhrelid JOIN pg_class p ON p.oid = h.inhparent
WHERE p.relname = 'audit_logs' AND c.relkind = 'r'
"""
_OVERFLOW = """
SELECT greatest(s.n_live_tup, CASE WHEN pg_relation_size(s.relid) > 0 THEN c.reltuples ELSE 0 END)::bigint
FROM pg_stat_user_tables s JOIN pg_class c ON c.oid = s.relid WHERE s.relname = 'audit_overflow'
"""
_AGE = "SELECT age(datfrozenxid) FROM pg_database WHERE datname = current_database()"


def dead_rows(connection: Connection[TupleRow]) -> Iterator[Finding]:
    """Find tables that vacuum does not keep up with."""
    for table, dead, live, hours in connection.execute(_DEAD, {"least": _DEAD_FROM, "share": _DEAD_SHARE}):
        badly = dead > _DEAD_BADLY * max(live, 1)
        since = "never vacuumed" if hours is None else f"vacuumed {float(hours):.0f} h ago"
        yield Finding(
            check="dead rows",
            severity=Severity.BAD if badly else Severity.WARN,
            subject=table,
            found=f"{dead:,} dead beside {live:,} living rows, {since}",
            to_do="Look for a long transaction below; without one, VACUUM (ANALYZE) it as the owner.",
        )


def unvalidated(connection: Connection[TupleRow]) -> Iterator[Finding]:
    """Find constraints that a half-done change left NOT VALID."""
    for table, name in connection.execute(_UNVALIDATED):
        yield Finding(
            check="constraint not validated",
            severity=Severity.WARN,
            subject=f"{name} of {table}",
            found="older rows were never looked at",
            to_do="Finish the change: `wc-sync-server db upgrade --to contract`.",
        )


def unprotected(connection: Connection[TupleRow]) -> Iterator[Finding]:
    """Find tenant tables, or their partitions, without forced row-level security."""
    for (table,) in connection.execute(_OPEN, {"tenant": [table.name for table in TENANT]}):
        yield Finding(
            check="row-level security",
            severity=Severity.BAD,
            subject=table,
            found="it is not enabled and forced",
            to_do=f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY; ALTER TABLE {table} FORCE ROW LEVEL SECURITY; "
            "and find out who lifted it.",
        )
    known = [table.name for table in (*TENANT, *REFERENCE, *LOCAL)]
    for (table,) in connection.execute(_UNKNOWN, {"known": known}):
        yield Finding(
            check="unknown table",
            severity=Severity.WARN,
            subject=table,
            found="this version does not know it",
            to_do="If a newer version made it, nothing. Else it is somebody's copy of data: see what is in it.",
        )


def partitions(connection: Connection[TupleRow]) -> Iterator[Finding]:
    """Find that the audit runs out of months, or wrote beside them."""
    row = connection.execute(_MONTHS, {"name": PARTITION_NAME}).fetchone()
    ahead, this = (0, False) if row is None else (int(row[0]), bool(row[1]))
    to_do = "`wc-sync-server db upgrade` makes them; a serving process does so every six hours, see why it did not."
    if not this:
        yield Finding(
            check="partitions", severity=Severity.BAD, subject="audit_logs", found="this month is missing", to_do=to_do
        )
    elif ahead < _MONTHS_WISHED:
        yield Finding(
            check="partitions",
            severity=Severity.WARN if ahead else Severity.BAD,
            subject="audit_logs",
            found=f"{ahead} months ahead",
            to_do=to_do,
        )
    overflow = connection.execute(_OVERFLOW).fetchone()
    if overflow is not None and overflow[0]:
        yield Finding(
            check="partitions",
            severity=Severity.BAD,
            subject="audit_overflow",
            found=f"about {overflow[0]:,} rows came while their month was missing",
            to_do="`wc-sync-server db upgrade` puts them where they belong.",
        )


def wraparound(connection: Connection[TupleRow]) -> Iterator[Finding]:
    """Find that transaction numbers run out because vacuum cannot freeze."""
    row = connection.execute(_AGE).fetchone()
    age = 0 if row is None else int(row[0])
    if age >= _WRAPAROUND_WARN:
        yield Finding(
            check="transaction numbers",
            severity=Severity.BAD if age >= _WRAPAROUND_BAD else Severity.WARN,
            subject="the database",
            found=f"the oldest row not frozen is {age:,} transactions old; writes stop near 2,100,000,000",
            to_do="End long transactions and unused replication slots, then VACUUM (FREEZE) as the owner.",
        )
