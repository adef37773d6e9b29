"""What a statement alone cannot try: COPY, what a session keeps, and what keys and errors tell of other rows."""

from collections.abc import Iterable, Iterator
from typing import Any

import psycopg
from psycopg import Connection, sql
from tests.sync_server.db.central_world import ASH, BIRCH, CEDAR, NORTH
from tests.sync_server.db.probes_attempts import Finding, entering
from tests.sync_server.db.probes_oracle import OWN, Asker, Relation, may, sees
from tests.sync_server.db.probes_world import ONE_OF_A_KIND, key, keys_of

from wc_sync_server.db.engine import Pool
from wc_sync_server.db.grants import OWNER
from wc_sync_server.domain.context_keys import ContextKey

_FREE = {"23505"}


def copied(connection: Connection[Any], relation: Relation, asker: Asker) -> Iterator[tuple[str, list[Finding]]]:
    """COPY TO as asker, both of the table and of a query; yield each command with what it found."""
    columns = sql.SQL(", ").join(sql.Identifier(column.name) for column in relation.table.primary_key.columns)
    name = sql.Identifier(relation.name)
    forms = {"copy of a query": sql.SQL("COPY (SELECT {} FROM {}) TO STDOUT").format(columns, name)}
    if relation.table.dialect_options["postgresql"]["partition_by"] is None or relation.is_partition:
        forms["copy"] = sql.SQL("COPY {} ({}) TO STDOUT").format(name, columns)
    allowed = may(asker.login, relation, "SELECT")
    expected = {row.key for row in relation.rows if allowed and sees(relation.guard, asker, row)}
    enter = f"SAVEPOINT copying; {entering(connection, asker).as_string(connection)}".encode()
    leave = "ROLLBACK TO SAVEPOINT copying; RELEASE SAVEPOINT copying"
    connection.execute(enter)
    for command, statement in forms.items():
        found = []
        try:
            with connection.cursor().copy(statement) as copy:
                came = {bytes(line).decode().strip("\n").replace("\t", "|") for line in copy}
        except psycopg.errors.InsufficientPrivilege:
            connection.execute(leave)
            connection.execute(enter)
            if allowed:
                found = [_finding(relation, command, str(asker), "refused", leak=False)]
        else:
            if came != expected or not allowed:
                what = f"{len(came)} rows instead of {len(expected)}"
                leak = bool(came - expected) or not allowed
                found = [_finding(relation, command, str(asker), what, leak=leak)]
        yield command, found
    connection.execute(leave)


def left_behind(pool: Pool, relation: Relation, login: str, signing: ContextKey) -> Iterator[Finding]:
    """Look for what a transaction, and a borrower of the only connection of a pool, leaves to the next."""
    asker = Asker(login=login, role="SYSTEM", where=OWN)
    expected = {row.key for row in relation.rows if sees(relation.guard, asker, row)}
    query = f"SELECT {key(relation.table)} FROM {relation.name}".encode()
    held = b"DECLARE kept CURSOR WITH HOLD FOR " + query
    with pool.connection() as connection:
        connection.execute(held)  # before any context
        connection.commit()
        for end in (connection.commit, connection.rollback):
            connection.execute(entering(connection, asker, signing))
            if {text for (text,) in connection.execute(query).fetchall()} != expected:
                yield _finding(relation, "own rows", str(asker), "not all there", leak=False)
            end()
            if connection.execute(query).fetchall():
                yield _finding(relation, f"after {end.__name__}", login, "rows without a context", leak=True)
            connection.rollback()
        connection.execute(entering(connection, asker, signing))
        if connection.execute("FETCH ALL FROM kept").fetchall():
            yield _finding(relation, "cursor with hold", login, "rows of no context", leak=True)
        connection.execute("CLOSE kept")
        connection.execute(held)
        connection.commit()
        connection.execute(
            entering(connection, asker, signing).as_string(connection).replace("LOCAL", "SESSION").encode()
        )
        connection.commit()
    with pool.connection() as connection:
        if connection.execute(query).fetchall():
            yield _finding(relation, "pooled connection", login, "rows of the borrower before", leak=True)
        try:
            connection.execute("FETCH ALL FROM kept")
        except psycopg.errors.InvalidCursorName:
            connection.rollback()
        else:
            yield _finding(relation, "cursor with hold", login, "a borrower's cursor is still open", leak=True)


def never_set(connection: Connection[Any], relation: Relation, logins: Iterable[str]) -> Iterator[Finding]:
    """Read and delete over a connection on which no context was ever put."""
    for login in logins:
        with connection.transaction(force_rollback=True):
            connection.execute("SET LOCAL session_replication_role = replica")
            connection.execute(sql.SQL("SET LOCAL ROLE {}").format(sql.Identifier(login)))
            for right, statement in (("SELECT", "SELECT 1 FROM {}"), ("DELETE", "DELETE FROM {}")):
                if not may(login, relation, right):
                    continue
                rows = connection.execute(sql.SQL(statement).format(sql.Identifier(relation.name))).rowcount
                if rows:
                    yield _finding(relation, f"{right} never set", login, f"{rows} rows", leak=True)


def clashes(connection: Connection[Any], relation: Relation) -> Iterator[tuple[str, list[Finding]]]:
    """Give a row of ASH the keys of others, and references to others; yield each command with what it found."""
    asker = Asker(login=OWNER, role="SYSTEM", where=OWN)
    own = next((row.key for row in relation.rows if row.school == ASH.school), None)
    own = own or next(row.key for row in relation.rows if row.district == NORTH)
    where = sql.SQL(" WHERE {} = {}").format(sql.SQL(key(relation.table)), sql.Literal(own))
    for reference in relation.table.foreign_key_constraints:
        column, target = reference.column_keys[-1], reference.referred_table.name
        if column in {"district_id", "school_id"} or len(reference.column_keys) == 1:
            continue
        told = [
            _error(connection, asker, _set(relation, {column: id_}) + where)
            for id_ in (CEDAR.id_of(target), ASH.id_of(f"{target} that never was"))
        ]
        found = []
        # It must look as if the other district's row were not there at all.
        if told[0] != told[1] or told[0] is None or told[0].detail:
            what = f"{column} of another district: {told[0]}, of nobody: {told[1]}"
            found = [_finding(relation, "foreign key", str(asker), what, leak=True)]
        yield "foreign key", found
    for columns in keys_of(relation.table) if relation.table.name not in ONE_OF_A_KIND else ():
        names = [column.name for column in columns if column.name not in {"district_id", "school_id", "stream_id"}]
        for place, free in ((CEDAR, True), (BIRCH, False)):
            values = _values(connection, relation, names, place)
            if not values:
                continue  # the two schools share the district's one row
            clash = _error(connection, asker, _set(relation, values) + where, replica=True)
            taken = clash is not None and clash.state in _FREE
            found = []
            if (free and taken) or (clash is not None and clash.detail):
                what = f"{', '.join(names)} of {'another district' if free else 'another school'}: {clash}"
                found = [_finding(relation, "unique", str(asker), what, leak=True)]
            yield "unique", found


class Told:
    """What an error said: its code, and whether it said more."""

    def __init__(self, error: psycopg.Error) -> None:
        self.state, self.message = error.sqlstate, error.diag.message_primary
        self.detail = "(" in (error.diag.message_detail or "")

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Told) and (self.state, self.message) == (other.state, other.message)

    def __hash__(self) -> int:
        return hash((self.state, self.message))

    def __str__(self) -> str:
        return f"{self.state} {self.message}{' and a row' if self.detail else ''}"


def _error(connection: Connection[Any], asker: Asker, statement: sql.Composed, *, replica: bool = False) -> Told | None:
    with connection.transaction(force_rollback=True):
        if replica:
            connection.execute("SET LOCAL session_replication_role = replica")
        connection.execute(entering(connection, asker))
        try:
            with connection.transaction():
                changed = connection.execute(statement).rowcount
        except psycopg.Error as error:
            return Told(error)
        assert changed == 1, statement
        return None


def _set(relation: Relation, values: dict[str, Any]) -> sql.Composed:
    changes = sql.SQL(", ").join(
        sql.SQL("{} = {}").format(sql.Identifier(column), sql.Literal(value)) for column, value in values.items()
    )
    return sql.SQL("UPDATE {} SET {}").format(sql.Identifier(relation.name), changes)


def _values(connection: Connection[Any], relation: Relation, names: list[str], place: Any) -> dict[str, Any]:
    of_school = "school_id" in relation.table.columns and relation.name not in ONE_OF_A_KIND
    mine = f"district_id = '{place.district}'" + (f" AND school_id = '{place.school}'" if of_school else "")
    if not of_school:
        mine += f" AND {key(relation.table)} <> concat_ws('|', '{NORTH}', '{ASH.id_of(relation.name)}')"
    query = f"SELECT {', '.join(names)} FROM {relation.name} WHERE {mine} LIMIT 1"
    rows = connection.execute(query.encode()).fetchall()
    return dict(zip(names, rows[0], strict=True)) if rows else {}


def _finding(relation: Relation, command: str, who: str, what: str, *, leak: bool) -> Finding:
    return Finding(relation=str(relation), command=command, who=who, leak=leak, what=what)
