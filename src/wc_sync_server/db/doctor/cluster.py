"""The cluster: its version, whether it keeps what it was given, what it writes into its log, how many it lets in."""

from psycopg import Connection
from psycopg.rows import TupleRow

from wc_sync_server.db.doctor.verdicts import Verdict, Verdicts, do, note, several, well

# Below these, hidden rows show through statistics and cached plans (CVE-2024-10976, CVE-2025-8713).
_LEAST_MINOR = {15: 14, 16: 10, 17: 6, 18: 0}
_ON = {
    "data_checksums": "a damaged page passes for a whole one: stop PostgreSQL, `pg_checksums --enable`, start it.",
    "fsync": "a power cut can take everything: fsync = on, then reload PostgreSQL.",
    "full_page_writes": "a power cut can tear pages: full_page_writes = on, then reload PostgreSQL.",
}
_WORDY = """
SELECT current_setting('log_statement'), current_setting('log_min_duration_statement')::int,
       current_setting('log_min_duration_sample')::int, current_setting('log_transaction_sample_rate')::float8,
       current_setting('log_parameter_max_length')::int
"""
_SETTING = "SELECT current_setting(%s)"
_ROOM = """
SELECT current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int
         - coalesce(nullif(current_setting('reserved_connections', true), '')::int, 0),
       d.datconnlimit, r.rolconnlimit
FROM pg_database d, pg_roles r WHERE d.datname = current_database() AND r.rolname = current_user
"""
_FAILING = """
SELECT current_setting('archive_mode'), extract(epoch FROM now() - last_archived_time)::float8,
       coalesce(last_failed_time > coalesce(last_archived_time, '-infinity'), false)
FROM pg_stat_archiver
"""


def version(number: int) -> Verdict:
    """Say whether a version of PostgreSQL is one that this program is made for."""
    major, minor = divmod(number, 10_000)
    least = _LEAST_MINOR.get(major)
    if major < min(_LEAST_MINOR):
        return do(f"PostgreSQL {major}.{minor} is too old", "Move to PostgreSQL 15 or later.")
    if least is None:
        return note(f"PostgreSQL {major}.{minor} is newer than what this version was tried with")
    if minor < least:
        return do(
            f"PostgreSQL {major}.{minor} has known holes in row-level security",
            f"Update it to {major}.{least} or later.",
        )
    return well(f"PostgreSQL {major}.{minor}")


def durability(connection: Connection[TupleRow]) -> Verdicts:
    """Find settings under which an entry that was acknowledged can be lost. connection is the application's."""
    for name, why in _ON.items():
        if _setting(connection, name) != "on":
            yield do(f"{name} is off", f"{why[0].upper()}{why[1:]}")
    commit, standbys = _setting(connection, "synchronous_commit"), _setting(connection, "synchronous_standby_names")
    if commit == "off" or (standbys and commit == "local"):
        yield do(
            f"synchronous_commit is {commit}: what was acknowledged may be gone after a crash",
            "Set it to on, for the cluster, the database and the role, then reload PostgreSQL.",
        )
    if not standbys:
        yield note(
            "no synchronous standby: what was acknowledged since the last backup stands on one machine",
            "Where a machine may burn, set synchronous_standby_names. Workstations keep 35 days to send again.",
        )


def logging(connection: Connection[TupleRow]) -> Verdicts:
    """Find settings that put what statements were asked with into PostgreSQL's log: names and notes of children."""
    statement, duration, sample, rate, most = connection.execute(_WORDY).fetchall()[0]
    loud = [
        *([f"log_statement = {statement}"] if statement in {"mod", "all"} else []),
        *(["log_min_duration_statement"] if duration >= 0 else []),
        *(["log_min_duration_sample"] if sample >= 0 else []),
        *(["log_transaction_sample_rate"] if rate > 0 else []),
    ]
    if loud and most != 0:
        yield do(
            f"{several(loud)} with log_parameter_max_length other than 0 writes values of rows into the log",
            "Set log_parameter_max_length = 0 and reload PostgreSQL; then see what stands in the logs there are.",
        )


def connections(connection: Connection[TupleRow], needed: int, *, which: str) -> Verdict:
    """Say whether so many connections of this role are let in. -1 in a limit is no limit."""
    free, of_database, of_role = connection.execute(_ROOM).fetchall()[0]
    room = min(free, *(limit for limit in (of_database, of_role) if limit >= 0), free)
    if needed > room:
        return do(
            f"{which} may want {needed} connections, and {room} are let in",
            "Raise max_connections, or lower WC_WORKERS or WC_POOL_SIZE; or put a pooler between.",
        )
    return well(f"{which} wants {needed} connections at most, {room} are let in")


def archiving(connection: Connection[TupleRow]) -> Verdicts:
    """Say whether the write-ahead log leaves this machine, as point-in-time recovery needs."""
    mode, seconds, failing = connection.execute(_FAILING).fetchall()[0]
    if failing:
        yield do(
            "archiving the write-ahead log fails: nothing since can be restored, and the disk fills",
            "See PostgreSQL's log for what archive_command says.",
        )
    elif mode == "off":
        yield note(
            "the write-ahead log is not archived: a restore goes back to the last backup",
            "Set archive_mode and archive_command, or stream it, to lose minutes at most.",
        )
    elif seconds is not None:
        yield note(f"the write-ahead log was archived {seconds / 60:.0f} minutes ago")


def data_directory(connection: Connection[TupleRow]) -> str:
    """Return where the cluster's files are; only a role that monitors is told."""
    return _setting(connection, "data_directory")


def _setting(connection: Connection[TupleRow], name: str) -> str:
    return str(connection.execute(_SETTING, (name,)).fetchall()[0][0])
