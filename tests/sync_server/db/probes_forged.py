"""Contexts that nobody with the key signed for this transaction: the application's own role shows them no row."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import psycopg
from psycopg import Connection, sql
from tests.sync_server.db.central_world import ASH, CEDAR, NORTH, SOUTH
from tests.sync_server.db.contexts_of_tests import said, text
from tests.sync_server.db.probes_attempts import Finding
from tests.sync_server.db.probes_oracle import OWN, Asker, Relation, may, sees

from wc_sync_server.db.context_keys import add_key, stored_keys
from wc_sync_server.db.engine import Pool
from wc_sync_server.db.grants import APP
from wc_sync_server.db.rls import BEGAN
from wc_sync_server.db.tables.roles import SYSTEM
from wc_sync_server.domain.context_keys import ContextKey

_FIELDS = ("key", "district", "schools", "user", "role", "device", "process", "began", "mac")
_USER, _DEVICE = str(uuid4()), str(uuid4())
_JUNK = ("x", "|", "|" * 7, "|" * 8, "|" * 9, "| | | | | | | | ", "%s|%s", "\u00e9" * 70, "'; --", "9" * 5_000)
_PLAIN = (("wc.district", str(NORTH)), ("wc.schools", str(ASH.school)), ("wc.role", SYSTEM))


class Forger:
    """What gets at the application's role, and has seen genuine contexts, but no key."""

    def __init__(self, superuser: Connection[Any], connection: Connection[Any], relations: Sequence[Relation]) -> None:
        self._superuser = superuser
        self._connection = connection
        self._tables = [each for each in relations if not each.is_partition and may(APP, each, "SELECT")]
        counts = ", ".join(f"(SELECT count(*) FROM {each.name})" for each in self._tables)
        self._everything = f"SELECT {counts}".encode()
        self._key = stored_keys(superuser)[0].key

    def findings(self) -> Iterator[tuple[str, list[Finding]]]:
        """Yield each forgery with the tables that it showed a row of."""
        yield "genuine context", self._genuine()
        for name, context in self._texts():
            yield name, self._shown(name, context)
        yield "plain settings", self._plain()
        yield from self._replayed()
        yield from self._beside_the_functions()
        self._connection.rollback()

    def _genuine(self) -> list[Finding]:
        asker = Asker(login=APP, role=SYSTEM, where=OWN)
        self._connection.execute(said(self._signed(self._key)))
        found = self._counts()
        return [
            _finding(table, "genuine context", f"{count} rows of {wanted}", leak=count > wanted)
            for table, count in zip(self._tables, found, strict=True)
            if count != (wanted := sum(sees(table.guard, asker, row) for row in table.rows))
        ]

    def _texts(self) -> Iterator[tuple[str, str]]:
        genuine = self._signed(self._key)
        parts = genuine.split("|")
        other = {
            "key": "0" * 16,
            "district": str(SOUTH),
            "schools": f"{ASH.school},{CEDAR.school}",
            "user": str(uuid4()),
            "role": "NURSE",
            "device": str(uuid4()),
            "process": str(int(parts[6]) + 1),
            "began": f"{float(parts[7]) + 1:.6f}",
            "mac": parts[8][:-1] + ("0" if parts[8][-1] != "0" else "1"),
        }
        for place, name in enumerate(_FIELDS):
            yield f"tampered: {name}", "|".join([*parts[:place], other[name], *parts[place + 1 :]])
            yield f"left out: {name}", "|".join(parts[:place] + parts[place + 1 :])
            yield f"empty: {name}", "|".join([*parts[:place], "", *parts[place + 1 :]])
            yield f"twice: {name}", "|".join(parts[: place + 1] + parts[place:])
        yield "more behind it", genuine + "|"
        yield "in capitals", genuine.upper()
        yield "a blank before it", " " + genuine
        stranger = ContextKey(b"s" * 32)
        yield "wrong key", self._signed(stranger)
        yield "wrong key, known name", self._signed(stranger).replace(stranger.id, self._key.id)
        yield "retired key", self._signed(self._retired())
        yield "expired", self._signed(self._key, began=self._began() - timedelta(seconds=1))
        yield "not begun yet", self._signed(self._key, began=self._began() + timedelta(seconds=1))
        yield "of another backend", text(self._superuser, self._key, str(NORTH), str(ASH.school), SYSTEM)
        yield "of another backend, begun as here", self._signed(self._key, process=self._superuser.info.backend_pid)
        yield from (("junk", each) for each in _JUNK)

    def _replayed(self) -> Iterator[tuple[str, list[Finding]]]:
        connection = self._connection
        for name, end in (
            ("replayed after commit", "COMMIT"),
            ("replayed after rollback", "ROLLBACK"),
            ("replayed in a chained transaction", "COMMIT AND CHAIN"),
        ):
            context = self._taken()
            connection.execute(end.encode())
            yield name, self._shown(name, context)
        context = self._taken()
        again = said(context).as_string(connection)
        connection.execute("COMMIT")
        cursor = connection.execute(f"BEGIN; COMMIT; BEGIN; {again}; {self._everything.decode()}".encode())
        while cursor.nextset():
            continue
        yield "replayed in one message", self._among("replayed in one message", cursor.fetchone() or ())
        connection.rollback()
        yield "replayed within a block", self._in_a_block()
        connection.execute(said(self._signed(self._key)))
        connection.execute(b"PREPARE forged AS " + self._everything)
        assert any(connection.execute("EXECUTE forged").fetchone() or ())
        context = self._taken()
        connection.execute("COMMIT")
        connection.execute(said(context))
        yield "replayed to a kept plan", self._among("replayed to a kept plan", self._asked("EXECUTE forged"))
        connection.execute("DEALLOCATE forged")
        connection.commit()

    def _in_a_block(self) -> list[Finding]:
        name, context = "replayed within a block", sql.Literal(self._taken())
        self._connection.commit()
        block = sql.SQL(
            "DO $$ DECLARE found bigint; BEGIN COMMIT; PERFORM set_config('wc.context', {}, true);"
            " SELECT count(*) INTO found FROM students; RAISE EXCEPTION USING MESSAGE = found; END $$"
        ).format(context)
        self._connection.autocommit = True
        try:
            self._connection.execute(block)
        except psycopg.errors.RaiseException as error:
            found = error.diag.message_primary
        finally:
            self._connection.autocommit = False
        return [] if found == "0" else [_finding(None, name, f"{found} rows", leak=True)]

    def _plain(self) -> list[Finding]:
        self._connection.rollback()
        for name, value in _PLAIN:
            where = sql.SQL(".").join(map(sql.Identifier, name.split(".")))
            self._connection.execute(sql.SQL("SET LOCAL {} = {}").format(where, sql.Literal(value)))
        return self._among("plain settings", self._counts())

    def _beside_the_functions(self) -> Iterator[tuple[str, list[Finding]]]:
        """Try to read a key, to be asked by other functions than those, and to let the searches answer."""
        refused = {
            "reading the keys": "SELECT inner_pad FROM wc_keys.context_keys",
            "writing a key": "INSERT INTO wc_keys.context_keys SELECT 'x', '', '', NULL, now()",
            "locking the keys": "LOCK wc_keys.context_keys",
            "a function of one's own": "CREATE FUNCTION wc_sec.sha256(bytea) RETURNS bytea RETURN ''::bytea",
            "a function on the path": "CREATE FUNCTION public.sha256(bytea) RETURNS bytea RETURN ''::bytea",
            "a function of the session": "CREATE FUNCTION pg_temp.sha256(bytea) RETURNS bytea RETURN ''::bytea",
            "another body": "CREATE OR REPLACE FUNCTION wc_sec.current_role() RETURNS text RETURN 'SYSTEM'",
            "a path of one's own": "ALTER FUNCTION wc_sec.current_role() SET search_path = public",
            "becoming the owner": "SET LOCAL ROLE wc_owner",
        }
        for name, statement in refused.items():
            self._connection.rollback()
            try:
                self._connection.execute(statement.encode())
            except psycopg.errors.InsufficientPrivilege:
                yield name, []
            else:
                yield name, [_finding(None, name, "was let", leak=True)]
        self._connection.rollback()
        forged = self._signed(ContextKey(b"s" * 32))
        self._connection.execute("SET LOCAL search_path = pg_temp, public, wc_sec")
        self._connection.execute("SET LOCAL bytea_output = 'escape'")
        yield "another path", self._shown("another path", forged)
        found = self._asked("SELECT count(*) FROM wc_sec.search_students(to_tsquery('simple', 'a:* | b:* | c:*'), 500)")
        yield "search", [] if found == (0,) else [_finding(None, "search", "ids of a forged context", leak=True)]

    def _signed(self, key: ContextKey, *, began: datetime | None = None, process: int | None = None) -> str:
        ((pid, at),) = self._connection.execute(f"SELECT pg_backend_pid()::text, {BEGAN}".encode()).fetchall()
        since = at if began is None else f"{began.timestamp():.6f}"
        of = pid if process is None else str(process)
        return key.signed(str(NORTH), str(ASH.school), _USER, SYSTEM, _DEVICE, of, since)

    def _began(self) -> datetime:
        ((at,),) = self._connection.execute("SELECT transaction_timestamp()").fetchall()
        return at.astimezone(UTC)

    def _taken(self) -> str:
        """Return a context as a statement slipped into a genuine transaction reads it, which is still open."""
        self._connection.rollback()
        self._connection.execute(said(self._signed(self._key)))
        ((context,),) = self._connection.execute("SELECT current_setting('wc.context')").fetchall()
        assert any(self._counts())
        return str(context)

    def _retired(self) -> ContextKey:
        key = ContextKey(b"r" * 32)
        add_key(self._superuser, key)
        until = "UPDATE wc_keys.context_keys SET until = now() - interval '1 minute' WHERE id = %s"
        self._superuser.execute(until, (key.id,))
        self._superuser.commit()
        return key

    def _shown(self, name: str, context: str) -> list[Finding]:
        self._connection.execute(said(context))
        written = self._connection.execute("UPDATE students SET updated_at = updated_at").rowcount
        found = self._among(name, self._counts())
        return found + ([_finding(None, name, f"{written} rows written", leak=True)] if written else [])

    def _among(self, name: str, counts: Sequence[int]) -> list[Finding]:
        return [
            _finding(table, name, f"{count} rows", leak=True)
            for table, count in zip(self._tables, counts, strict=True)
            if count
        ]

    def _counts(self) -> Sequence[int]:
        return self._connection.execute(self._everything).fetchall()[0]

    def _asked(self, statement: str) -> Sequence[int]:
        return self._connection.execute(statement.encode()).fetchall()[0]


def forged(
    superuser: Connection[Any], pool: Pool, relations: Sequence[Relation]
) -> Iterator[tuple[str, list[Finding]]]:
    """Try every forgery over the application's way in; yield each with what it showed."""
    with pool.connection() as connection:
        yield from Forger(superuser, connection, relations).findings()


def _finding(relation: Relation | None, command: str, what: str, *, leak: bool) -> Finding:
    return Finding(relation=str(relation or "any"), command=f"forged: {command}", who=APP, leak=leak, what=what)
