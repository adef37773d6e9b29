"""The pool of connections: checked settings, and nothing left on a connection that is handed on."""

import logging
import select
import time
from functools import partial

import psycopg
from psycopg import Connection
from psycopg.rows import TupleRow
from psycopg_pool import PoolTimeout

from wc_sync_server.db.errors import ContextUnsigned, DatabaseUnavailable
from wc_sync_server.db.sealed_rows import NO_KEYS
from wc_sync_server.db.watched import CountedPool, WatchedConnection, WatchedCursor
from wc_sync_server.domain.context_keys import ContextKey, ContextSigner
from wc_sync_server.domain.sealing import Sealer

FILLED = 1_000  # rows of which statistics know


class _Unsigned:
    def key(self) -> ContextKey:
        raise ContextUnsigned("nothing to sign with was given to this pool")


UNSIGNED: ContextSigner = _Unsigned()


class Pool(CountedPool):
    """A way to a cluster, what signs the contexts, and what seals and opens the cells that are kept there encrypted."""

    sealer: Sealer = NO_KEYS
    signer: ContextSigner = UNSIGNED
    plans_from: int | None = None

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
    signer: ContextSigner = UNSIGNED,
    wait: bool = True,
    plans_from: int | None = FILLED,
) -> Pool:
    """Return an open pool of at most size connections.

    Without a signer no context is opened over it, without a sealer nothing sealed is written or read. patience is how
    many seconds a borrower waits for a connection. plans_from: from how many doses and receipts on, by PostgreSQL's
    statistics, operations that may keep their plans do; None: never. Raises DatabaseUnavailable when the first
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
            # A unit of work whose operation keeps plans says otherwise, for itself.
            "prepare_threshold": None,
            **_KEEPALIVES,
        },
        configure=None if plans_from is None else partial(_look_for_plans, plans_from),
        reset=partial(_forget, plans_from),
        name=application_name,
        open=False,
    )
    pool.sealer, pool.signer = sealer, signer
    pool.plans_from = plans_from
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


# All that DISCARD ALL does, but for DEALLOCATE ALL and DISCARD PLANS; portals first, for closing one may run something.
_FORGET = (
    "CLOSE ALL; SET SESSION AUTHORIZATION DEFAULT; RESET ALL; UNLISTEN *; SELECT pg_advisory_unlock_all();"
    " DISCARD TEMP; DISCARD SEQUENCES"
)
# A pooler in between says a number of its own for the process: what is prepared there may be asked of another one.
MAY_KEEP = """
SELECT count(*) = 2 FROM pg_class c WHERE c.oid IN (to_regclass('receipts'), to_regclass('medication_logs'))
AND c.reltuples >= %(rows)s AND pg_backend_pid() = %(process)s
"""
_LOOK_AGAIN = 10.0  # seconds


def _look_for_plans(rows: int, connection: WatchedConnection) -> None:
    """Let a connection keep plans from now on if PostgreSQL itself answers and knows that the tables are filled.

    A plan made for empty tables reads every receipt of a school for each entry, until statistics are taken.
    """
    if time.monotonic() >= connection.looks_again_at:
        connection.autocommit = True
        asked = {"rows": rows, "process": connection.info.backend_pid}
        ((connection.keeps_plans,),) = connection.execute(MAY_KEEP, asked).fetchall()
        connection.autocommit = False
        connection.looks_again_at = time.monotonic() + _LOOK_AGAIN


def _forget(plans_from: int | None, connection: WatchedConnection) -> None:
    # A cursor WITH HOLD, a session SET or a temporary table would show the next borrower another school.
    connection.prepare_threshold = None
    connection.autocommit = True
    if connection.keeps_plans and not connection.went_wrong:
        connection.execute(_FORGET)
    else:
        if connection.keeps_plans:
            # psycopg forgets what it prepared at a rollback, and not because PostgreSQL does: it would ask for it.
            with connection.transaction(force_rollback=True):
                pass
        connection.execute("DISCARD ALL")
    connection.autocommit = False
    connection.went_wrong = False
    if plans_from is not None and not connection.keeps_plans:
        _look_for_plans(plans_from, connection)
