"""Contexts put by hand, as whoever has the key would sign them, or as somebody else would forge them."""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from psycopg import Connection, sql

from wc_sync_server.db.context_keys import stored_keys
from wc_sync_server.db.rls import BEGAN, CONTEXT_SETTING
from wc_sync_server.domain.context_keys import ContextKey


def put(
    connection: Connection[Any],
    district: UUID | None,
    schools: Iterable[UUID],
    role: str | None,
    key: ContextKey | None = None,
) -> None:
    """Put a context into the transaction under way; one of no district and no role shows nothing.

    Without a key connection must be able to read one: a superuser's, before it becomes somebody else.
    """
    connection.execute(setting(connection, district, schools, role, key))


def setting(
    connection: Connection[Any],
    district: UUID | None,
    schools: Iterable[UUID],
    role: str | None,
    key: ContextKey | None = None,
) -> sql.Composed:
    """Return the statement that puts a context into the transaction under way."""
    of_schools = ",".join(map(str, schools))
    of_district = "" if district is None else str(district)
    if key is None and connection.execute("SELECT to_regclass('wc_keys.context_keys')").fetchall() == [(None,)]:
        return _before_signatures({"wc.district": of_district, "wc.schools": of_schools, "wc.role": role or ""})
    return said(text(connection, key or stored_keys(connection)[0].key, of_district, of_schools, role or ""))


def text(connection: Connection[Any], key: ContextKey, district: str, schools: str, role: str) -> str:
    """Return a context of the transaction under way, signed."""
    ((process, began),) = connection.execute(f"SELECT pg_backend_pid()::text, {BEGAN}".encode()).fetchall()
    return key.signed(district, schools, "", role, "", process, began)


def said(context: str, scope: str = "LOCAL") -> sql.Composed:
    """Return the statement that puts a text in the place of the context."""
    return _set(CONTEXT_SETTING, context, scope)


def _before_signatures(plain: Mapping[str, str]) -> sql.Composed:
    return sql.SQL("; ").join(_set(name, value) for name, value in plain.items())


def _set(name: str, value: str, scope: str = "LOCAL") -> sql.Composed:
    where = sql.SQL(".").join(map(sql.Identifier, name.split(".")))
    return sql.SQL("SET {} {} = {}").format(sql.SQL(scope), where, sql.Literal(value))
