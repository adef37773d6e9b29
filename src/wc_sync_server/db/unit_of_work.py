"""The one way to read and write the central database: a transaction with a context, a commit that is spoken."""

import os
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC
from functools import partial
from uuid import UUID

import orjson
import psycopg
from psycopg import Connection, Cursor, pq
from psycopg.errors import Diagnostic
from psycopg.rows import TupleRow
from psycopg_pool import PoolTimeout

from wc_contract.model.apply import WireValue
from wc_contract.model.ids import Chance
from wc_contract.model.instants import Instant
from wc_contract.model.kinds import RecordKind, Scope
from wc_sync_server.audit.events import AuditEvent
from wc_sync_server.db import statements
from wc_sync_server.db.audit_writer import write_audit
from wc_sync_server.db.context import Context, Isolation, Timeouts, entering, opening
from wc_sync_server.db.engine import Pool
from wc_sync_server.db.errors import (
    ContextNotBelieved,
    LocksOutOfOrder,
    LockUndeclared,
    PoolBusy,
    RowsMalformed,
    RowsNotWritten,
    TryAgain,
)
from wc_sync_server.db.locks import LockedRows
from wc_sync_server.db.operations import LOOK, WRITE, Operation
from wc_sync_server.db.outbox_writer import write_messages
from wc_sync_server.db.sealed_rows import NO_KEYS, RowSealer
from wc_sync_server.db.streams import LockedStreams, StreamHead
from wc_sync_server.db.tables import server_fields, written_fields
from wc_sync_server.db.translate import translated
from wc_sync_server.db.watched import WatchedConnection
from wc_sync_server.domain.messages import Channel, Message
from wc_sync_server.domain.sealing import Sealer

REMOVAL = "removal"
_PREPARED_AFTER = 1  # uses of a statement on its connection
# "Cached plan must not change result type", after a migration; a prepared statement that somebody took away.
_OUTDATED = frozenset({"0A000", "26000"})


class OsChance:
    """Chance from the operating system."""

    def octets(self, count: int) -> bytes:
        return os.urandom(count)


class UnitOfWork:
    """One transaction of one district. Leaving without commit rolls back.

    at is the server's time of this transaction: created_at, updated_at and received_at of all it writes. operation
    says which locks it may take: streams first, then rows (docs/isolation.md). channels are those on which the
    district is told of what happens in it.
    """

    def __init__(
        self,
        connection: Connection[TupleRow],
        context: Context,
        at: Instant,
        chance: Chance,
        *,
        month_ready: bool,
        operation: Operation = WRITE,
        sealer: Sealer = NO_KEYS,
        channels: Collection[Channel] = (),
    ) -> None:
        self.connection = connection
        self.context = context
        self.at = at
        self.operation = operation
        self.sealing = RowSealer(sealer, context.district)
        self._channels = channels
        self._chance = chance
        self._month_ready = month_ready
        self._streams = LockedStreams(connection, context.district, at)
        self._rows = LockedRows(connection, context.district, operation)
        self._checks: list[Callable[[], None]] | None = None

    @contextmanager
    def together(self) -> Iterator[None]:
        """Send what is written within without waiting for each answer; the answers are looked at as it ends.

        PostgreSQL writes one statement while the next is being made. What goes wrong is raised at the latest here.
        """
        checks: list[Callable[[], None]] = []
        self._checks = checks
        try:
            with self.connection.pipeline():
                yield
        finally:
            self._checks = None
        for check in checks:
            check()

    def afterwards(self, check: Callable[[], None]) -> None:
        """Do a check of an answer: now, or within together() once the answers are there."""
        if self._checks is None:
            check()
        else:
            self._checks.append(check)

    def lock_streams(self, *stream_ids: UUID) -> dict[UUID, StreamHead]:
        """Lock the streams that will be written, all at once and first; return their heads.

        The district's stream has the district's id, a school's the school's. Raises StreamUnknown, LocksOutOfOrder
        after a row was locked, LockUndeclared when the operation names no streams.
        """
        self._may_lock_streams(stream_ids)
        return self._streams.lock(stream_ids)

    def lock_rows(self, table: str, ids: Iterable[UUID]) -> None:
        """Lock rows against every other writer until the end, in the order of table and id, after the streams.

        Raises LocksOutOfOrder, LockUndeclared, RowUnknown.
        """
        self._rows.lock(table, ids)

    def open_streams(self, *stream_ids: UUID) -> dict[UUID, StreamHead]:
        """Make the streams of a new district or of new schools, whose rows exist already, and lock them.

        Raises as lock_streams does; the order of ids counts for streams that were there.
        """
        self._may_lock_streams(stream_ids)
        return self._streams.open(stream_ids)

    def write_rows(self, kind: RecordKind, stream_id: UUID, rows: Sequence[Mapping[str, WireValue]]) -> tuple[int, int]:
        """Write whole records in wire form; return the first and the last row_version given to them, in order.

        What is written once (law 2) is added, other records added or replaced; a field left out becomes NULL, but for
        those that only the central database has: they stay as they are when no row says anything. Sealed fields are
        given in the clear. Raises RowsNotWritten when the database took fewer than were given, RowsMalformed for
        unknown fields and for one of the central database that only some rows name, KeyUnavailable.
        """
        self._check_stream(kind, stream_id)
        _check_fields(kind, rows)
        given = self.sealing.sealed(kind, rows)
        parameters = self._anchor(stream_id) | {"rows": orjson.dumps(given, default=dict).decode()}
        if rows:
            self._count(kind.table, statements.upsert(kind.name, _left(kind, rows)), parameters, len(rows))
        return self._streams.use(stream_id, kind.name, len(rows))

    def remove_rows(self, kind: RecordKind, stream_id: UUID, ids: Sequence[UUID], reason: str) -> tuple[int, int]:
        """Take records out of a stream, and say so to its readers; return the row_versions of the removals.

        reason 'deleted' marks the records as deleted; 'moved' and 'scope' leave them as they are.
        """
        self._check_stream(kind, stream_id)
        if kind.append_only and reason == "deleted":
            raise RowsMalformed(f"{kind.table} is append-only")
        parameters = self._anchor(stream_id) | {"ids": list(ids), "kind": kind.name, "reason": reason}
        if ids and reason == "deleted":
            self._count(kind.table, statements.soft_delete(kind.name), parameters, len(ids))
        if ids:
            self._count("removals", statements.REMOVE, parameters, len(ids))
        return self._streams.use(stream_id, REMOVAL, len(ids))

    def return_rows(self, kind: RecordKind, stream_id: UUID, ids: Sequence[UUID]) -> tuple[int, int]:
        """Bring records that a stream's readers were told to drop back to them, as they stand; return new versions."""
        self._check_stream(kind, stream_id)
        if ids:
            parameters = self._anchor(stream_id) | {"ids": list(ids)}
            self._count(kind.table, statements.bring_back(kind.name), parameters, len(ids))
        return self._streams.use(stream_id, kind.name, len(ids))

    def write_flags(self, kind: RecordKind, stream_id: UUID, flags: Sequence[tuple[UUID, str]]) -> tuple[int, int]:
        """Give known facts other flags (id, JSON text): a rule saw a neighbour arrive. Returns their new versions."""
        self._check_stream(kind, stream_id)
        rows = [{"id": str(id_), "flags": text} for id_, text in flags]
        if rows:
            parameters = self._anchor(stream_id) | {"rows": orjson.dumps(rows).decode()}
            self._count(kind.table, statements.set_flags(kind.name), parameters, len(rows))
        return self._streams.use(stream_id, kind.name, len(rows))

    def move_rows(self, kind: RecordKind, left: UUID, entered: UUID, ids: Sequence[UUID]) -> tuple[int, int]:
        """Take records of a child from one school's stream into another's, and tell the readers of the first.

        Both streams are locked and both schools are the context's. Returns the versions in the stream entered. Raises
        RowsNotWritten for one that is not in the first school, RowsMalformed for facts: what happened stays with the
        school where it happened, which answers for it.
        """
        self._check_stream(kind, left)
        self._check_stream(kind, entered)
        if kind.append_only:
            raise RowsMalformed(f"{kind.table} is append-only")
        if ids:
            parameters = self._anchor(entered) | {"ids": list(ids), "left": left}
            self._count(kind.table, statements.move(kind.name), parameters, len(ids))
        moved = self._streams.use(entered, kind.name, len(ids))
        self.remove_rows(kind, left, ids, "moved")
        return moved

    def audit(self, events: Sequence[AuditEvent]) -> None:
        """Put events on record, in one statement, in this transaction."""
        write_audit(
            self.connection,
            events,
            district=self.context.district,
            received_at=self.at,
            chance=self._chance,
            month_ready=self._month_ready,
            expect=self._expect,
        )

    def post(self, messages: Sequence[Message]) -> None:
        """Put a letter for each message and channel into the outbox, in this transaction; one written before stays.

        Delivering them is a worker's work: none of it can undo what this transaction does.
        """
        write_messages(
            self.connection,
            messages,
            self._channels,
            district=self.context.district,
            at=self.at,
            chance=self._chance,
            afterwards=self.afterwards,
        )

    def advance_streams(self) -> None:
        """Write the heads of the streams moved so far, for a reader within this transaction. commit does it too."""
        self._streams.advance(self._expect)

    def commit(self) -> None:
        """Make it so. Raises TryAgain when it is unknown whether it was: the same work must then be done again."""
        self._streams.advance(self._expect)
        doubts: list[str] = []

        def listen(notice: Diagnostic) -> None:
            # The commit is on this machine only; after a failover it may be gone.
            if "synchronous replication" in (notice.message_primary or ""):
                doubts.append(notice.sqlstate or "")

        self.connection.add_notice_handler(listen)
        try:
            self.connection.commit()
        finally:
            self.connection.remove_notice_handler(listen)
        if doubts:
            raise TryAgain(doubts[0])

    def _may_lock_streams(self, stream_ids: Sequence[UUID]) -> None:
        if not self.operation.streams:
            raise LockUndeclared(f"{self.operation.name!r} locks no streams")
        if self._rows.any and not self._streams.holds(stream_ids):
            raise LocksOutOfOrder("streams are locked before rows")

    def _anchor(self, stream_id: UUID) -> dict[str, object]:
        return {
            "district": self.context.district,
            "stream": stream_id,
            "offset": self._streams.offset(stream_id),
            "at": self.at,
        }

    def _check_stream(self, kind: RecordKind, stream_id: UUID) -> None:
        of_school = self._streams.held(stream_id).school_id is not None
        if of_school is not (kind.scope is Scope.SCHOOL):
            raise RowsMalformed(f"{kind.table} does not belong into that stream")

    def _count(self, table: str, statement: str, parameters: Mapping[str, object], given: int) -> None:
        # psycopg wants a literal; these come from the declaration of records and nothing else.
        self._expect(self.connection.execute(statement.encode(), parameters), table, given)

    def _expect(self, cursor: Cursor[TupleRow], table: str, given: int) -> None:
        self.afterwards(partial(_check_written, cursor, table, given))


@contextmanager
def scoped(
    pool: Pool,
    context: Context,
    *,
    operation: Operation | None = None,
    read_only: bool = False,
    isolation: Isolation | None = None,
    timeouts: Timeouts | None = None,
    at: Instant | None = None,
    chance: Chance | None = None,
    channels: Collection[Channel] = (),
) -> Iterator[UnitOfWork]:
    """Begin a transaction that sees what context may see.

    operation gives isolation, timeouts and which locks may be taken; WRITE if nothing is said, LOOK when read_only.
    at defaults to the database's own time of the transaction: one clock for all server processes. Errors of
    PostgreSQL leave as TryAgain, RowsRejected or StatementFailed, without a word of any row. Raises ContextNotBelieved.
    """
    kind = operation or (LOOK if read_only else WRITE)
    only_read = read_only or kind.read_only
    keeps = False
    try:
        with pool.connection() as connection:
            try:
                # BEGIN travels with the context; psycopg would send its own before it.
                connection.autocommit = True
                keeps = kind.keeps_plans and isinstance(connection, WatchedConnection) and connection.keeps_plans
                connection.prepare_threshold = _PREPARED_AFTER if keeps else None
                statement = opening(
                    timeouts or kind.timeouts,
                    isolation or kind.isolation,
                    read_only=only_read,
                    at=at,
                    keeps_plans=keeps,
                )
                time, month_ready, process, began = _told(connection, statement)
                # No other transaction has this process and this beginning, also behind a pooler.
                (believed,) = _told(connection, entering(context, pool.signer.key(), process, began))
                if not believed:
                    raise ContextNotBelieved(
                        "The database does not know context.key of the key folder, so it shows this server no row. "
                        "`wc-sync-server doctor keys` says what to do."
                    )
                yield UnitOfWork(
                    connection,
                    context,
                    time.astimezone(UTC),
                    chance or OsChance(),
                    month_ready=month_ready,
                    operation=kind,
                    sealer=pool.sealer,
                    channels=channels,
                )
                _leave(connection)
            finally:
                if not connection.closed:
                    connection.rollback()
    except PoolTimeout:
        raise PoolBusy from None
    except psycopg.Error as error:
        if keeps and error.sqlstate in _OUTDATED:
            pool.drain()
            raise TryAgain(error.sqlstate) from None
        raise translated(error) from None


def _leave(connection: Connection[TupleRow]) -> None:
    # psycopg's own rollback forgets what is prepared, for the case that tables were made and are gone again.
    if connection.info.transaction_status is pq.TransactionStatus.INTRANS:
        connection.prepare_threshold = None
        connection.execute("ROLLBACK")


def _check_written(cursor: Cursor[TupleRow], table: str, given: int) -> None:
    if cursor.rowcount != given:
        raise RowsNotWritten(table=table, given=given, written=cursor.rowcount)


def _told(connection: Connection[TupleRow], statements: psycopg.sql.Composed) -> TupleRow:
    cursor = connection.execute(statements, prepare=False)
    while cursor.nextset():
        continue
    (row,) = cursor.fetchall()
    return row


def _left(kind: RecordKind, rows: Sequence[Mapping[str, WireValue]]) -> frozenset[str]:
    """Return the fields of the central database that none of the rows names.

    Raises RowsMalformed for one that only some name: one statement writes all, and would empty it in the others.
    """
    optional = [field.name for field in server_fields(kind) if not field.required]
    named = {name: sum(name in row for row in rows) for name in optional}
    mixed = [name for name, count in named.items() if 0 < count < len(rows)]
    if mixed:
        raise RowsMalformed(f"{kind.table}: only some rows name {', '.join(mixed)}")
    return frozenset(name for name, count in named.items() if not count)


def _check_fields(kind: RecordKind, rows: Sequence[Mapping[str, WireValue]]) -> None:
    known = {"id", "row_version", *(field.name for field in written_fields(kind))}
    strange = sorted({name for row in rows if not row.keys() <= known for name in row} - known)
    if strange:
        raise RowsMalformed(f"{kind.table} has no {', '.join(strange)}")
