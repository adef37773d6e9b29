"""Hearing what a repository says to the database, saying it again as somebody else, and reading the plans."""

import json
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import psycopg
import pytest
from psycopg import sql
from psycopg.errors import Diagnostic

from wc_sync_server.db import unit_of_work
from wc_sync_server.db.context import Context, entering
from wc_sync_server.db.watched import WatchedCursor
from wc_sync_server.domain.context_keys import ContextKey

_EXPLAINING = (
    "LOAD 'auto_explain'",
    "SET auto_explain.log_min_duration = 0",
    "SET auto_explain.log_nested_statements = on",  # a search reaches its index within a function
    "SET auto_explain.log_format = json",
    "SET auto_explain.log_level = notice",
)


@dataclass(slots=True)
class Spoken:
    """One transaction as it was spoken: what it began with, on whose behalf, and what it then asked."""

    opening: Any = None
    context: Context | None = None
    asked: list[tuple[Any, Any]] = field(default_factory=list)


@dataclass(slots=True)
class Scans:
    """What plans said: how often each index and, read whole, each table occurred."""

    indexes: Counter[str] = field(default_factory=Counter)
    whole: Counter[str] = field(default_factory=Counter)

    def add(self, one: "Scans") -> None:
        """Count one round: what occurred in it, once."""
        self.indexes.update(one.indexes.keys())
        self.whole.update(one.whole.keys())


@contextmanager
def hearing(spoken: Spoken) -> Iterator[None]:
    """Note what is asked over any of the server's connections."""
    execute = WatchedCursor.execute

    def entered(context: Context, key: ContextKey, process: int, began: str) -> sql.Composed:
        spoken.context = context
        return entering(context, key, process, began)

    def noting(self: WatchedCursor, query: Any, params: Any = None, **more: Any) -> WatchedCursor:  # noqa: ANN401  # psycopg's
        text = query.as_string(self) if isinstance(query, sql.Composable) else query
        text = text.decode() if isinstance(text, bytes) else text
        if text.startswith("BEGIN"):
            spoken.opening = text
        elif text.lstrip().startswith(("SELECT", "WITH")):
            spoken.asked.append((text, params))
        return execute(self, query, params, **more)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(WatchedCursor, "execute", noting)
        patch.setattr(unit_of_work, "entering", entered)
        yield


def _begin(connection: psycopg.Connection[Any], spoken: Spoken, key: ContextKey) -> None:
    """Begin a transaction as it was begun, in a context that is signed for this one."""
    told = connection.execute(spoken.opening)
    while told.nextset():
        continue
    ((_, _, process, began),) = told.fetchall()
    if spoken.context is None:
        raise ValueError("nothing was heard in a context")
    connection.execute(entering(spoken.context, key, process, began))


class Again:
    """A connection that says again what was heard. As the superuser no policy is applied: the floor."""

    def __init__(self, dsn: str, key: ContextKey) -> None:
        self._key = key
        self._connection = psycopg.connect(dsn, autocommit=True, prepare_threshold=None)

    def milliseconds(self, spoken: Spoken) -> float:
        """Ask all of it in a transaction that was opened alike; return how long the asking took."""
        _begin(self._connection, spoken, self._key)
        began = time.perf_counter()
        for query, values in spoken.asked:
            self._connection.execute(query.encode(), values).fetchall()
        taken = (time.perf_counter() - began) * 1000
        self._connection.execute("ROLLBACK")
        return taken

    def close(self) -> None:
        self._connection.close()


class Explainer:
    """A superuser's connection that takes another's role, so that the policies are that role's, and reads plans."""

    def __init__(self, superuser: str, key: ContextKey) -> None:
        self._key = key
        self._connection = psycopg.connect(superuser, autocommit=True, prepare_threshold=None)
        for statement in _EXPLAINING:
            self._connection.execute(statement.encode())
        self._plans: list[Mapping[str, Any]] = []
        self._connection.add_notice_handler(self._read)

    def explain(self, spoken: Spoken, role: str) -> Scans:
        """Ask all of it as role; return what the plans said."""
        self._plans.clear()
        _begin(self._connection, spoken, self._key)
        self._connection.execute(sql.SQL("SET LOCAL ROLE {}").format(sql.Identifier(role)))
        for query, values in spoken.asked:
            self._connection.execute(query.encode(), values).fetchall()
        self._connection.execute("ROLLBACK")
        nodes = [node for plan in self._plans for node in _nodes(plan)]
        return Scans(
            indexes=Counter(node["Index Name"] for node in nodes if "Index Name" in node),
            whole=Counter(node["Relation Name"] for node in nodes if node["Node Type"] == "Seq Scan"),
        )

    def close(self) -> None:
        self._connection.close()

    def _read(self, said: Diagnostic) -> None:
        text = said.message_primary or ""
        if "plan:" in text:
            self._plans.append(json.loads(text[text.index("{") :])["Plan"])


def _nodes(plan: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield plan
    for part in plan.get("Plans", ()):
        yield from _nodes(part)
