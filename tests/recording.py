"""Every statement the application's role sends during a test, seen where psycopg sends it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from weakref import WeakSet

import psycopg
import pytest
from psycopg import pq, sql
from tests.statement_rules import Statement, broken_rules

from wc_sync_server.db.engine import MAY_KEEP
from wc_sync_server.db.grants import APP
from wc_sync_server.db.rls import CONTEXT_SETTING


class Recorder:
    """What wc_app said, in order."""

    def __init__(self) -> None:
        self.statements: list[Statement] = []
        self._in_context: WeakSet[psycopg.Connection[Any]] = WeakSet()

    def note(self, connection: psycopg.Connection[Any], query: object) -> None:
        # The pool asks for itself whether plans may be kept, in a thread of its own and whenever it comes to it.
        if connection.info.user != APP or query == MAY_KEEP:
            return
        open_already = connection.info.transaction_status is not pq.TransactionStatus.IDLE
        if not open_already:
            self._in_context.discard(connection)
        text = _text(query, connection)
        in_context = connection in self._in_context
        self.statements.append(Statement(text=text, in_transaction=open_already, in_context=in_context))
        if CONTEXT_SETTING in text.replace('"', ""):
            self._in_context.add(connection)

    def broken(self) -> list[str]:
        """Return every rule broken so far, with the statement's beginning."""
        return [f"{rule} — {each.text[:200]}" for each in self.statements for rule in broken_rules(each)]


def _text(query: object, connection: psycopg.Connection[Any]) -> str:
    if isinstance(query, sql.Composable):
        return query.as_string(connection)
    return query.decode() if isinstance(query, bytes) else str(query)


@contextmanager
def recording() -> Iterator[Recorder]:
    """Record what every cursor of psycopg is given, until the end of the block."""
    recorder = Recorder()
    with pytest.MonkeyPatch.context() as patch:
        for owner, name in (
            (psycopg.Cursor, "execute"),
            (psycopg.Cursor, "executemany"),
            (psycopg.Cursor, "stream"),
            (psycopg.Cursor, "copy"),
            (psycopg.ServerCursor, "execute"),
        ):
            patch.setattr(owner, name, _noting(recorder, getattr(owner, name)))
        yield recorder


def _noting(recorder: Recorder, call: Callable[..., Any]) -> Callable[..., Any]:
    def noted(self: psycopg.Cursor[Any], query: object, *arguments: Any, **named: Any) -> Any:
        recorder.note(self.connection, query)
        return call(self, query, *arguments, **named)

    return noted
