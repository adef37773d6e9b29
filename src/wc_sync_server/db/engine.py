"""The pool of connections: checked settings, and nothing left on a connection that is handed on."""

import logging

from psycopg import Connection
from psycopg.rows import TupleRow
from psycopg_pool import ConnectionPool, PoolTimeout

from wc_sync_server.db.errors import DatabaseUnavailable

Pool = ConnectionPool[Connection[TupleRow]]

_KEEPALIVES = {
    "keepalives": 1,
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    "connect_timeout": 10,
}


def connect_pool(
    dsn: str,
    *,
    size: int = 10,
    application_name: str = "wc-sync-server",
    patience: float = 10.0,
) -> Pool:
    """Return an open pool of at most size connections.

    patience is how many seconds a borrower waits for a connection. Raises DatabaseUnavailable when the first
    connection cannot be made in that time.
    """
    if size < 1:
        raise ValueError("a pool has at least one connection")
    logging.getLogger("psycopg").addFilter(_says_something_new)
    pool = ConnectionPool(
        dsn,
        min_size=1,
        max_size=size,
        timeout=patience,
        kwargs={
            "autocommit": False,
            "application_name": application_name,
            # DISCARD ALL forgets prepared statements and psycopg does not notice: the next use would fail (26000).
            # It also lets a PgBouncer of any version stand in between.
            "prepare_threshold": None,
            **_KEEPALIVES,
        },
        reset=_forget,
        name=application_name,
        open=False,
    )
    try:
        pool.open(wait=True, timeout=patience)
    except PoolTimeout:
        pool.close()
        raise DatabaseUnavailable("PostgreSQL cannot be reached with the address given") from None
    return pool


def _says_something_new(record: logging.LogRecord) -> bool:
    # A pipeline that an error has ended says on its way out that it has ended; the error itself is raised to us.
    return not str(record.msg).startswith("error ignored terminating")


def _forget(connection: Connection[TupleRow]) -> None:
    # A cursor WITH HOLD, a session SET or a temporary table would show the next borrower another school.
    connection.autocommit = True
    connection.execute("DISCARD ALL")
    connection.autocommit = False
