"""Connections that say which statement was slow, and pools that say how many connections are out.

A slow statement is logged by its shape and fingerprint. What it was asked with is never logged: it names children.
"""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Any, Self, final

import structlog
from psycopg import Connection, Cursor, Pipeline, pq, sql
from psycopg.abc import Params
from psycopg.rows import TupleRow
from psycopg_pool import ConnectionPool

from wc_sync_server.db.fingerprint import fingerprint, shape, verb
from wc_sync_server.metrics import counts

_SHAPE_LENGTH = 240
_log = structlog.get_logger(__name__)


@final
class _Threshold:
    """From how many milliseconds on a statement is slow, in this process. None: nobody wants to know."""

    milliseconds: int | None = None


def log_slower_than(milliseconds: int) -> None:
    """Let every connection of this process tell of statements that take so long or longer; 0 tells of none."""
    _Threshold.milliseconds = milliseconds or None


class WatchedCursor(Cursor[TupleRow]):
    """A cursor that times what it sends."""

    def execute(
        self,
        query: Any,  # noqa: ANN401  # psycopg's overloads do not take together what they take one by one
        params: Params | None = None,
        *,
        prepare: bool | None = None,
        binary: bool | None = None,
    ) -> Self:
        began = time.perf_counter()
        try:
            return super().execute(query, params, prepare=prepare, binary=binary)
        finally:
            # Within a pipeline nothing was waited for: the connection tells of the pipeline as a whole.
            if self.connection.info.pipeline_status is pq.PipelineStatus.OFF:
                _tell(self, query, began)

    def executemany(self, query: Any, params_seq: Any, *, returning: bool = False) -> None:  # noqa: ANN401  # psycopg's
        began = time.perf_counter()
        try:
            super().executemany(query, params_seq, returning=returning)
        finally:
            _tell(self, query, began)


class WatchedConnection(Connection[TupleRow]):
    """A connection that times its pipelines and commits: a commit waits for the disk and for the standby.

    keeps_plans: statements may stay prepared on it. looks_again_at: when to ask again whether they may. went_wrong:
    since it was last cleaned somebody left it with an error, or with a transaction that had to be taken back.
    """

    keeps_plans = False
    looks_again_at = 0.0
    went_wrong = False

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.went_wrong |= error is not None
        super().__exit__(kind, error, traceback)

    def rollback(self) -> None:
        self.went_wrong |= self.info.transaction_status is not pq.TransactionStatus.IDLE
        super().rollback()

    def commit(self) -> None:
        began = time.perf_counter()
        try:
            super().commit()
        finally:
            _tell_if_slow("commit", began)

    @contextmanager
    def pipeline(self) -> Iterator[Pipeline]:
        began = time.perf_counter()
        try:
            with super().pipeline() as opened:
                yield opened
        finally:
            _tell_if_slow("pipeline", began)


class CountedPool(ConnectionPool[Connection[TupleRow]]):
    """A pool that counts who has a connection and who waits for one."""

    def getconn(self, timeout: float | None = None) -> Connection[TupleRow]:
        counts.POOL_WAITING.inc()
        try:
            connection = super().getconn(timeout)
        finally:
            counts.POOL_WAITING.dec()
        counts.POOL_IN_USE.inc()
        return connection

    def putconn(self, conn: Connection[TupleRow]) -> None:
        counts.POOL_IN_USE.dec()
        super().putconn(conn)


def _tell(cursor: Cursor[TupleRow], query: object, began: float) -> None:
    if _is_slow(began) is not None:
        _tell_if_slow(_text(query, cursor), began)


def _is_slow(began: float) -> float | None:
    limit = _Threshold.milliseconds
    taken = (time.perf_counter() - began) * 1000
    return taken if limit is not None and taken >= limit else None


def _tell_if_slow(statement: str, began: float) -> None:
    taken = _is_slow(began)
    if taken is None:
        return
    kind = verb(statement)
    counts.SLOW.labels(kind).inc()
    _log.warning(
        "slow_statement",
        ms=round(taken, 1),
        fingerprint=fingerprint(statement),
        verb=kind,
        shape=shape(statement)[:_SHAPE_LENGTH],
        thread=threading.current_thread().name,
    )


def _text(query: object, cursor: Cursor[TupleRow]) -> str:
    match query:
        case sql.Composable():
            return query.as_string(cursor)
        case bytes():
            return query.decode()
        case _:
            return str(query)
