"""What goes on just now: who waits, who holds up, what lags, what is slow."""

from collections.abc import Iterator

from psycopg import Connection
from psycopg.rows import TupleRow

from wc_sync_server.db.fingerprint import fingerprint, shape
from wc_sync_server.db.health.findings import MIB, Finding, Severity, mib, span

_WAITING_BAD = 30.0
_LONG, _TOO_LONG = 5 * 60.0, 60 * 60.0
_IDLE = 60.0
_LAG_WARN, _LAG_BAD = 30.0, 5 * 60.0
_SLOT_WARN, _SLOT_BAD = 1024 * MIB, 16 * 1024 * MIB
_PREPARED_HOLDS = 0  # what pg_blocking_pids says of a prepared transaction
_SLOW_MS = 100.0
_SHAPE = 60

_SEES_ALL = "SELECT pg_has_role(current_user, 'pg_read_all_stats', 'MEMBER')"  # a superuser is a member of all
_WAITING = """
SELECT a.pid, a.usename, coalesce(extract(epoch FROM clock_timestamp() - l.waitstart), 0)::float8,
       coalesce(l.relation::regclass::text, l.locktype), l.mode, pg_blocking_pids(a.pid)
FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid
WHERE NOT l.granted AND a.datname = current_database() AND cardinality(pg_blocking_pids(a.pid)) > 0 ORDER BY 3 DESC
"""
_TRANSACTIONS = """
SELECT pid, usename, application_name, state, extract(epoch FROM clock_timestamp() - xact_start)::float8,
       extract(epoch FROM clock_timestamp() - state_change)::float8
FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND xact_start IS NOT NULL
AND backend_type = 'client backend' ORDER BY xact_start
"""
_PREPARED = """
SELECT gid, extract(epoch FROM now() - prepared)::float8 FROM pg_prepared_xacts WHERE database = current_database()
"""
_STANDBYS = """
SELECT coalesce(nullif(application_name, ''), client_addr::text, pid::text), state, sync_state,
       coalesce(extract(epoch FROM replay_lag), 0)::float8,
       coalesce(pg_wal_lsn_diff(pg_current_wal_lsn(), replay_lsn), 0)::bigint
FROM pg_stat_replication
"""
_RECOVERY = """
SELECT pg_is_in_recovery(), CASE WHEN pg_last_wal_receive_lsn() = pg_last_wal_replay_lsn() THEN 0
  ELSE extract(epoch FROM now() - pg_last_xact_replay_timestamp()) END::float8
"""
_SLOTS = """
SELECT slot_name, active, coalesce(pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn), 0)::bigint
FROM pg_replication_slots WHERE NOT pg_is_in_recovery()
"""
_HAS_STATEMENTS = """
SELECT n.nspname FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace
WHERE e.extname = 'pg_stat_statements'
"""


def visibility(connection: Connection[TupleRow]) -> Iterator[Finding]:
    """Find that this role may not see other sessions: then their silence says nothing."""
    row = connection.execute(_SEES_ALL).fetchone()
    if row is None or not row[0]:
        yield Finding(
            check="what can be seen",
            severity=Severity.WARN,
            subject="this role",
            found="it sees neither the sessions of others nor replication",
            to_do="As a superuser: GRANT pg_monitor TO wc_migrate; `db provision` does so.",
        )


def locks(connection: Connection[TupleRow]) -> Iterator[Finding]:
    """Find who waits for whom."""
    for pid, user, seconds, what, mode, blockers in connection.execute(_WAITING):
        sessions = sorted(set(blockers) - {_PREPARED_HOLDS})  # the same one again for each of its parallel workers
        who = [*map(str, sessions), *(["a prepared transaction"] if _PREPARED_HOLDS in blockers else [])]
        yield Finding(
            check="lock",
            severity=Severity.BAD if seconds >= _WAITING_BAD else Severity.WARN,
            subject=f"session {pid} ({user})",
            found=f"waits {span(seconds)} for {mode} on {what}, held by {', '.join(who)}",
            to_do=" ".join(
                [
                    f"See what {', '.join(who)} does below; end it only if nobody needs it.",
                    *(f"SELECT pg_terminate_backend({session});" for session in sessions),
                ]
            ),
        )


def transactions(connection: Connection[TupleRow]) -> Iterator[Finding]:
    """Find transactions that are open too long: they hold locks and keep vacuum from its work."""
    for pid, user, program, state, seconds, idle in connection.execute(_TRANSACTIONS):
        sleeping = str(state).startswith("idle in transaction") and idle >= _IDLE
        if seconds < _LONG and not sleeping:
            continue
        yield Finding(
            check="long transaction",
            severity=Severity.BAD if seconds >= _TOO_LONG or sleeping else Severity.WARN,
            subject=f"session {pid} ({user}, {program})",
            found=f"open for {span(seconds)}, {state}",
            to_do=f"If nobody needs it: SELECT pg_terminate_backend({pid}).",
        )
    for name, seconds in connection.execute(_PREPARED):
        if seconds >= _LONG:
            yield Finding(
                check="prepared transaction",
                severity=Severity.BAD,
                subject=str(name),
                found=f"neither committed nor rolled back for {span(seconds)}",
                to_do=f"Ask its coordinator; then COMMIT PREPARED or ROLLBACK PREPARED '{name}'.",
            )


def replication(connection: Connection[TupleRow]) -> Iterator[Finding]:
    """Find standbys that are behind, and slots that keep the log of somebody who is gone."""
    recovery = connection.execute(_RECOVERY).fetchone()
    if recovery is not None and recovery[0]:
        yield from _behind("this standby", float(recovery[1] or 0.0), "")
        return
    for name, state, sync, seconds, octets in connection.execute(_STANDBYS):
        yield from _behind(f"standby {name} ({sync}, {state})", float(seconds), f", {mib(octets)} of log")
    for name, active, octets in connection.execute(_SLOTS):
        if octets >= _SLOT_WARN and not active:
            yield Finding(
                check="replication slot",
                severity=Severity.BAD if octets >= _SLOT_BAD else Severity.WARN,
                subject=str(name),
                found=f"nobody reads it; it keeps {mib(octets)} of log from being deleted",
                to_do="Bring its standby back, or drop it: SELECT pg_drop_replication_slot(…).",
            )


def slow_statements(connection: Connection[TupleRow]) -> Iterator[Finding]:
    """Tell what pg_stat_statements, where it is there, knows of slow statements: shapes, no values."""
    there = connection.execute(_HAS_STATEMENTS).fetchone()
    if there is None:
        return
    statement = (
        f'SELECT query, calls, mean_exec_time, total_exec_time FROM "{there[0]}".pg_stat_statements s'  # noqa: S608
        " JOIN pg_database d ON d.oid = s.dbid AND d.datname = current_database()"
        " WHERE mean_exec_time >= %(slow)s ORDER BY total_exec_time DESC LIMIT 10"
    )
    for query, calls, mean, total in connection.execute(statement.encode(), {"slow": _SLOW_MS}).fetchall():
        yield Finding(
            check="slow statement",
            severity=Severity.NOTE,
            subject=fingerprint(query),
            found=f"{calls:,} calls, {mean:,.0f} ms each, {span(total / 1000)} in all: {shape(query)[:_SHAPE]}",
            to_do="EXPLAIN it; the log of slow statements has the same fingerprint.",
        )


def _behind(who: str, seconds: float, more: str) -> Iterator[Finding]:
    if seconds >= _LAG_WARN:
        yield Finding(
            check="replication lag",
            severity=Severity.BAD if seconds >= _LAG_BAD else Severity.WARN,
            subject=who,
            found=f"{span(seconds)} behind{more}",
            to_do="See whether a report on the standby holds replay up, or the network; a failover now would lose it.",
        )
