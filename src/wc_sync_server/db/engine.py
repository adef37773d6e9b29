"""The pool of connections: checked settings, and nothing left on a connection that is handed on."""

import logging
import select
import time

import psycopg
from psycopg import Connection
from psycopg.rows import TupleRow
from psycopg_pool import PoolTimeout

from wc_sync_server.db.errors import DatabaseUnavailable
from wc_sync_server.db.sealed_rows import NO_KEYS
from wc_sync_server.db.watched import CountedPool, WatchedConnection, WatchedCursor
from wc_sync_server.domain.sealing import Sealer


class Pool(CountedPool):
    """A way to a cluster, and what seals and opens the cells that are kept there encrypted."""

    sealer: Sealer = NO_KEYS

    def getconn(self, timeout: float | None = None) -> Connection[TupleRow]:
        """Return a connection that did not die while it lay here; one that did is replaced.

        The library's own check waits a second after the first dead one and longer after each: when the server was
        started anew all are dead, and that is more than anybody's patience.
        """
        deadline = time.monotonic() + (self.timeout if timeout is None else timeout)
        connection = super().getconn(timeout)
        while not _still_there(connection):
            connection.close()
            self.putconn(connection)
            connection = super().getconn(max(0.0, deadline - time.monotonic()))
        return connection


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
    sealer: Sealer = NO_KEYS,
    wait: bool = True,
) -> Pool:
    """Return an open pool of at most size connections. Without a sealer nothing sealed is written or read over it.

    patience is how many seconds a borrower waits for a connection. Raises DatabaseUnavailable when the first
    connection cannot be made in that time; with wait off it is made later, and whoever borrows then finds out.
    """
    if size < 1:
        raise ValueError("a pool has at least one connection")
    logging.getLogger("psycopg").addFilter(_says_something_new)
    pool = Pool(
        dsn,
        connection_class=WatchedConnection,
        min_size=1,
        max_size=size,
        timeout=patience,
        kwargs={
            "autocommit": False,
            "application_name": application_name,
            "cursor_factory": WatchedCursor,
            # DISCARD ALL forgets prepared statements and psycopg does not notice: the next use would fail (26000).
            # It also lets a PgBouncer of any version stand in between.
            "prepare_threshold": None,
            **_KEEPALIVES,
        },
        reset=_forget,
        name=application_name,
        open=False,
    )
    pool.sealer = sealer
    try:
        pool.open(wait=wait, timeout=patience)
    except PoolTimeout:
        pool.close()
        raise DatabaseUnavailable("PostgreSQL cannot be reached with the address given") from None
    return pool


def _says_something_new(record: logging.LogRecord) -> bool:
    # A pipeline that an error has ended says on its way out that it has ended; the error itself is raised to us.
    return not str(record.msg).startswith("error ignored terminating")


def _still_there(connection: Connection[TupleRow]) -> bool:
    # A server that went away left its last word, or the end, in the socket: a look at it costs no round trip. Only
    # where something waits is the connection asked.
    waiting = select.poll()
    waiting.register(connection.pgconn.socket, select.POLLIN | select.POLLERR | select.POLLHUP)
    if not waiting.poll(0):
        return True
    try:
        Pool.check_connection(connection)
    except psycopg.Error:
        return False
    return True


def _forget(connection: Connection[TupleRow]) -> None:
    # A cursor WITH HOLD, a session SET or a temporary table would show the next borrower another school.
    connection.autocommit = True
    connection.execute("DISCARD ALL")
    connection.autocommit = False
