"""Indexes: unused, invalid, bloated, missing."""

from collections.abc import Iterator

from psycopg import Connection
from psycopg.rows import TupleRow

from wc_sync_server.db.health.findings import MIB, Finding, Severity, mib

_ENOUGH_DAYS = 7
_BIG_ROWS = 10_000
_ROWS_A_SCAN = 1_000
_BLOAT_FROM = 8 * MIB
_DENSE_ENOUGH = 50.0  # percent of a leaf page; a fresh index has 90
_BLOATED_TIMES = 2.0

_INVALID = """
SELECT c.relname, i.indrelid::regclass::text FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
WHERE NOT i.indisvalid AND c.relkind = 'i' AND c.relnamespace = 'public'::regnamespace ORDER BY 1
"""
_UNUSED = """
SELECT s.indexrelname, s.relname, pg_relation_size(s.indexrelid),
       extract(epoch FROM now() - coalesce(d.stats_reset, pg_postmaster_start_time())) / 86400
FROM pg_stat_user_indexes s JOIN pg_index i ON i.indexrelid = s.indexrelid
JOIN pg_stat_database d ON d.datname = current_database()
LEFT JOIN pg_class t ON t.oid = s.relid
WHERE s.schemaname = 'public' AND s.idx_scan = 0 AND NOT i.indisunique AND NOT t.relispartition
AND NOT EXISTS (SELECT 1 FROM pg_constraint f WHERE f.contype = 'f' AND f.conrelid = i.indrelid
  AND f.conkey <@ (i.indkey::int2[])[0:array_length(f.conkey, 1) - 1])
ORDER BY 3 DESC, 1
"""
_SCANNED = """
SELECT relname, seq_scan, seq_tup_read / greatest(seq_scan, 1), coalesce(idx_scan, 0), n_live_tup
FROM pg_stat_user_tables
WHERE schemaname = 'public' AND n_live_tup >= %(big)s AND seq_scan > coalesce(idx_scan, 0)
AND seq_tup_read / greatest(seq_scan, 1) >= %(rows)s ORDER BY seq_tup_read DESC
"""
_KEYS_WITHOUT = """
SELECT f.conrelid::regclass::text, f.conname FROM pg_constraint f JOIN pg_class c ON c.oid = f.conrelid
WHERE f.contype = 'f' AND f.conparentid = 0 AND c.relnamespace = 'public'::regnamespace AND NOT EXISTS (
  SELECT 1 FROM pg_index i WHERE i.indrelid = f.conrelid AND i.indisvalid AND i.indpred IS NULL
  AND (i.indkey::int2[])[0:array_length(f.conkey, 1) - 1] @> f.conkey
  AND f.conkey @> (i.indkey::int2[])[0:array_length(f.conkey, 1) - 1]
) ORDER BY 1, 2
"""
_HAS_PGSTATTUPLE = (
    "SELECT n.nspname FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace WHERE e.extname = 'pgstattuple'"
)
_BTREES = """
SELECT c.relname, i.indrelid::regclass::text, pg_relation_size(c.oid), c.oid,
       greatest(c.reltuples, 0)::float8
       * (16 + (SELECT sum(CASE WHEN a.attlen > 0 THEN a.attlen ELSE 24 END)
                FROM pg_attribute a WHERE a.attrelid = c.oid)) / 0.9 AS expected
FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_am m ON m.oid = c.relam
WHERE m.amname = 'btree' AND c.relkind = 'i' AND i.indisvalid AND c.relnamespace = 'public'::regnamespace
AND pg_relation_size(c.oid) >= %(least)s ORDER BY 3 DESC LIMIT 200
"""


def invalid(connection: Connection[TupleRow]) -> Iterator[Finding]:
    """Find what CREATE INDEX CONCURRENTLY left behind when it was stopped: it costs every write and helps no read."""
    for index, table in connection.execute(_INVALID):
        yield Finding(
            check="invalid index",
            severity=Severity.BAD,
            subject=f"{index} on {table}",
            found="it is not used, but kept up to date",
            to_do=f"DROP INDEX CONCURRENTLY {index}; then run the revision that makes it again.",
        )


def unused(connection: Connection[TupleRow]) -> Iterator[Finding]:
    """Find indexes that nobody used since counting began. Those that serve a foreign key are not asked about."""
    for index, table, size, days in connection.execute(_UNUSED):
        long_enough = float(days) >= _ENOUGH_DAYS and size >= MIB
        yield Finding(
            check="unused index",
            severity=Severity.WARN if long_enough else Severity.NOTE,
            subject=f"{index} on {table}",
            found=f"no scan in {float(days):.0f} days, {mib(size)}",
            to_do="Look again after a month that has a report and a school year's end in it, on replicas too; "
            "only then drop it, CONCURRENTLY, in a contract revision."
            if long_enough
            else "Nothing yet: too small or counted too briefly to tell.",
        )


def missing(connection: Connection[TupleRow]) -> Iterator[Finding]:
    """Find big tables that are read from end to end, and foreign keys that no index begins with."""
    for table, scans, rows, by_index, live in connection.execute(_SCANNED, {"big": _BIG_ROWS, "rows": _ROWS_A_SCAN}):
        yield Finding(
            check="missing index",
            severity=Severity.WARN,
            subject=table,
            found=f"{scans:,} whole reads of {rows:,} rows each, {by_index:,} by index, {live:,} rows",
            to_do="Find the statement by its fingerprint in the log of slow statements, and EXPLAIN it.",
        )
    for table, key in connection.execute(_KEYS_WITHOUT):
        yield Finding(
            check="foreign key without index",
            severity=Severity.BAD,
            subject=f"{key} of {table}",
            found="every change of the row it points at reads the whole table",
            to_do="Make one that begins with the key's columns, CONCURRENTLY, in an expand revision.",
        )


def bloated(connection: Connection[TupleRow]) -> Iterator[Finding]:
    """Find B-trees that are mostly air: measured where the extension pgstattuple is there, else by an estimate."""
    measuring = connection.execute(_HAS_PGSTATTUPLE).fetchone()
    for index, table, size, oid, expected in connection.execute(_BTREES, {"least": _BLOAT_FROM}).fetchall():
        if measuring is not None:
            density = _density(connection, str(measuring[0]), int(oid))
            much, words = density < _DENSE_ENOUGH, f"{mib(size)}, leaves {density:.0f} % full (measured)"
        else:
            much = expected > 0 and size > _BLOATED_TIMES * float(expected)
            words = f"{mib(size)}, about {mib(int(expected))} would do (an estimate: column widths are guessed)"
        if much:
            yield Finding(
                check="bloated index",
                severity=Severity.WARN,
                subject=f"{index} on {table}",
                found=words,
                to_do=f"REINDEX INDEX CONCURRENTLY {index}; as the owner, at a quiet hour.",
            )


def _density(connection: Connection[TupleRow], schema: str, oid: int) -> float:
    statement = f'SELECT avg_leaf_density FROM "{schema}".pgstatindex({oid:d}::regclass)'  # noqa: S608  # from the catalogue
    row = connection.execute(statement.encode()).fetchone()
    density = 100.0 if row is None or row[0] is None else float(row[0])
    return 100.0 if density != density else density  # noqa: PLR0124  # NaN: an index without a leaf
