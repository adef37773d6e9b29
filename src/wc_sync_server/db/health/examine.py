"""All looks, one after the other, by a role that reads catalogues and statistics and no row."""

from collections.abc import Iterator
from contextlib import contextmanager

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

_STATEMENT_SECONDS, _LOCK_SECONDS = 30.0, 2.0
_ORDER = {severity: at for at, severity in enumerate(Severity)}


def examine(dsn: str) -> tuple[Finding, ...]:
    """Return what was found, the worst first. dsn is the migrating role's: it may see statistics, and no row.

    A look that is refused, or meets the limits set here, is a finding of its own; what the others saw stands.
    """
    with looking(dsn) as connection:
        found = [finding for name, look in LOOKS.items() for finding in _look(connection, name, look)]
    return tuple(sorted(found, key=_rank))


@contextmanager
def looking(dsn: str) -> Iterator[Connection[TupleRow]]:
    """Give a connection that writes nothing and waits for nobody for long."""
    with psycopg.connect(dsn, autocommit=True, application_name="wc-health") as connection:
        connection.execute(_limits().encode())
        yield connection


def _limits() -> str:
    return (
        f"SET statement_timeout = '{_STATEMENT_SECONDS}s'; SET lock_timeout = '{_LOCK_SECONDS}s';"
        " SET default_transaction_read_only = on"
    )


def _look(connection: Connection[TupleRow], name: str, look: Looker) -> list[Finding]:
    found: list[Finding] = []
    try:
        found.extend(look(connection))
    except (psycopg.errors.InsufficientPrivilege, psycopg.errors.ObjectNotInPrerequisiteState) as error:
        # One look that is not allowed, or not set up here, must not hide what the others see.
        grant = "As a superuser: GRANT pg_monitor TO wc_migrate; `db provision` does so."
        found.append(_unseen(name, f"PostgreSQL refused it ({error.sqlstate})", grant))
    except psycopg.errors.QueryCanceled:
        found.append(
            _unseen(name, f"not seen: it took longer than {_STATEMENT_SECONDS:g} s", "Look at a quieter hour.")
        )
    except psycopg.errors.LockNotAvailable:
        why = f"not seen: what it looks at stayed locked for {_LOCK_SECONDS:g} s"
        found.append(_unseen(name, why, "See who holds what among the long transactions; then look again."))
    return found


def _unseen(name: str, found: str, to_do: str) -> Finding:
    return Finding(check=name, severity=Severity.WARN, subject="this look", found=found, to_do=to_do)


def _rank(finding: Finding) -> tuple[int, str, str]:
    return _ORDER[finding.severity], finding.check, finding.subject
