"""All looks, one after the other, by a role that reads catalogues and statistics and no row."""

import psycopg
from psycopg import Connection
from psycopg.rows import TupleRow

from wc_sync_server.db.health import activity, indexes, tables
from wc_sync_server.db.health.findings import Finding, Looker, Severity

LOOKS: dict[str, Looker] = {
    "what can be seen": activity.visibility,
    "row-level security": tables.unprotected,
    "invalid indexes": indexes.invalid,
    "missing indexes": indexes.missing,
    "unused indexes": indexes.unused,
    "bloated indexes": indexes.bloated,
    "dead rows": tables.dead_rows,
    "constraints": tables.unvalidated,
    "partitions": tables.partitions,
    "transaction numbers": tables.wraparound,
    "locks": activity.locks,
    "transactions": activity.transactions,
    "replication": activity.replication,
    "slow statements": activity.slow_statements,
}

_ORDER = {severity: at for at, severity in enumerate(Severity)}
_LIMITS = "SET statement_timeout = '30s'; SET lock_timeout = '2s'; SET default_transaction_read_only = on"


def examine(dsn: str) -> tuple[Finding, ...]:
    """Return what was found, the worst first. dsn is the migrating role's: it may see statistics, and no row."""
    with psycopg.connect(dsn, autocommit=True, application_name="wc-health") as connection:
        connection.execute(_LIMITS)
        found = [finding for name, look in LOOKS.items() for finding in _look(connection, name, look)]
    return tuple(sorted(found, key=_rank))


def _look(connection: Connection[TupleRow], name: str, look: Looker) -> list[Finding]:
    try:
        return list(look(connection))
    except (psycopg.errors.InsufficientPrivilege, psycopg.errors.ObjectNotInPrerequisiteState) as error:
        # One look that is not allowed, or not set up here, must not hide what the others see.
        return [
            Finding(
                check=name,
                severity=Severity.WARN,
                subject="this look",
                found=f"PostgreSQL refused it ({error.sqlstate})",
                to_do="As a superuser: GRANT pg_monitor TO wc_migrate; `db provision` does so.",
            )
        ]


def _rank(finding: Finding) -> tuple[int, str, str]:
    return _ORDER[finding.severity], finding.check, finding.subject
