"""Giving rows a value that a later revision will demand: in batches, while everybody works, to be gone on with.

The owner sees nothing under forced row-level security, and lifting that locks the whole table. So each district is
filled in its own context, as the system, under the policies. What a context did not show would be found by the
contract revision: validating a CHECK looks at every row, policies or not. Validating a foreign key does not
(docs/migrations.md).
"""

# ruff: noqa: S608  (table, column and condition come from a revision of ours; values are bound)

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from threading import Event
from uuid import UUID

import psycopg
from psycopg.conninfo import make_conninfo
from psycopg.rows import TupleRow
from sqlalchemy import Connection, text

from wc_contract.model.errors import Refused
from wc_contract.model.ids import DistrictId
from wc_sync_server.db.context import SYSTEM, Context, Timeouts
from wc_sync_server.db.context_keys import enter_as_owner, signer_of
from wc_sync_server.db.directory import all_districts
from wc_sync_server.db.engine import Pool, connect_pool
from wc_sync_server.db.errors import RowsNotWritten
from wc_sync_server.db.grants import OWNER, let_backup_read
from wc_sync_server.db.retry import FAILOVER, run_retrying
from wc_sync_server.db.unit_of_work import UnitOfWork, scoped
from wc_sync_server.db.whole_district import whole_district

BATCH = 500
_NO_ID = UUID(int=0)
_ROUNDS_IN_VAIN, _ROUND_SECONDS = 20, 0.5
# A batch waits for no row (SKIP LOCKED), so it cannot be part of a deadlock; the table itself may be locked briefly.
_BRIEF = Timeouts(statement=60_000, lock=2_000, idle=60_000)

_LEDGER = """
CREATE SCHEMA IF NOT EXISTS wc_ops;
CREATE TABLE IF NOT EXISTS wc_ops.backfills (
    name text NOT NULL,
    district_id uuid NOT NULL,
    last_id uuid NOT NULL,
    filled bigint NOT NULL,
    updated_at timestamptz NOT NULL,
    CONSTRAINT pk_backfills PRIMARY KEY (name, district_id)
);
"""
_POSITION = (
    "SELECT last_id, filled FROM wc_ops.backfills WHERE name = %(name)s AND district_id = %(district)s FOR UPDATE"
)
_ADVANCE = """
INSERT INTO wc_ops.backfills AS b (name, district_id, last_id, filled, updated_at)
VALUES (%(name)s, %(district)s, %(last)s, %(filled)s, %(at)s)
ON CONFLICT (name, district_id) DO UPDATE SET last_id = excluded.last_id, filled = excluded.filled,
updated_at = excluded.updated_at
"""


class BackfillUnfinished(Refused):
    """A revision needs rows that are not filled yet. The sentence names the command."""

    code = "backfill_unfinished"


@dataclass(frozen=True, slots=True, kw_only=True)
class Backfill:
    """What to fill: the rows of table for which missing holds get change.

    Both are SQL; the table is called t in missing, and a per cent sign is written twice. row_version stays: a column
    that travels to workstations is filled through the unit of work instead.
    """

    name: str
    table: str
    missing: str
    change: str

    @property
    def batch(self) -> str:
        """The statement of one batch: how many were found, how many written, and the last id."""
        return (
            f'WITH batch AS MATERIALIZED (SELECT t.id FROM "{self.table}" AS t'
            f" WHERE t.district_id = %(district)s AND t.id > %(last)s AND ({self.missing})"
            " ORDER BY t.id LIMIT %(size)s FOR NO KEY UPDATE SKIP LOCKED),"
            f' written AS (UPDATE "{self.table}" AS t SET {self.change} FROM batch AS b'
            " WHERE t.district_id = %(district)s AND t.id = b.id RETURNING t.id)"
            " SELECT (SELECT count(*) FROM batch), (SELECT count(*) FROM written),"
            " (SELECT b.id FROM batch AS b ORDER BY b.id DESC LIMIT 1)"
        )

    @property
    def left(self) -> str:
        """The statement that counts what is still missing in a district."""
        return f'SELECT count(*) FROM "{self.table}" AS t WHERE t.district_id = %(district)s AND ({self.missing})'


@dataclass(frozen=True, slots=True, kw_only=True)
class Filled:
    """How far one district is: rows filled so far, by this run and those before it, and rows that are left."""

    district: str
    filled: int
    left: int


def fill(
    dsn: str,
    backfill: Backfill,
    *,
    size: int = BATCH,
    between: Callable[[], None] | None = None,
    told: Callable[[Filled], None] | None = None,
) -> tuple[Filled, ...]:
    """Fill what is missing, district by district, from where an earlier run stopped; return how far each is.

    between is called after each batch, told when a batch is committed. dsn is the migrating role's. Returns when
    nothing is left in any district. Raises RowsNotWritten when a batch wrote fewer rows than it found,
    BackfillUnfinished when round after round leaves as many rows as before.
    """
    pool = connect_pool(
        make_conninfo(dsn, options=f"-c role={OWNER}"),
        size=1,
        application_name="wc-backfill",
        signer=signer_of(dsn),
    )
    try:
        with pool.connection() as connection:
            connection.execute(_LEDGER.encode())
            let_backup_read(connection)
        return tuple(
            _District(pool=pool, backfill=backfill, size=size, id=district.id, code=district.code).fill(
                between or _nothing, told or _unheard
            )
            for district in all_districts(pool)
        )
    finally:
        pool.close()


def require_filled(connection: Connection, backfill: Backfill) -> None:
    """Raise BackfillUnfinished unless nothing is missing in any district: what a backfill revision does."""
    for (district,) in connection.execute(text("SELECT district_id FROM district_directory")).fetchall():
        # Within the revision's own transaction: the unit of work would begin another.
        enter_as_owner(_driver(connection), Context(district=district, role=SYSTEM))
        statement = "SELECT id FROM schools WHERE district_id = :district"
        schools = tuple(connection.execute(text(statement), {"district": district}).scalars())
        enter_as_owner(_driver(connection), Context(district=district, role=SYSTEM, schools=schools))
        if connection.exec_driver_sql(backfill.left, {"district": district}).scalar():
            raise BackfillUnfinished(
                f"Rows of {backfill.table} are not filled yet. Run `wc-sync-server db backfill {backfill.name}` first."
            )


def _driver(connection: Connection) -> psycopg.Connection[TupleRow]:
    driver = connection.connection.driver_connection
    if not isinstance(driver, psycopg.Connection):
        raise TypeError("revisions are run over psycopg")
    return driver


@dataclass(frozen=True, slots=True, kw_only=True)
class _District:
    """The backfill of one district."""

    pool: Pool = field(repr=False)
    backfill: Backfill
    size: int
    id: DistrictId
    code: str

    def fill(self, between: Callable[[], None], told: Callable[[Filled], None]) -> Filled:
        now, in_vain = self._progress(), 0
        while now.left:
            before = left = now.left
            while found := run_retrying(self._one_batch, patience=FAILOVER):
                left = max(left - found, 0)
                now = Filled(district=self.code, filled=now.filled + found, left=left)
                told(now)
                between()
            # At the end; rows that somebody held, or added behind the position, are taken in another round.
            run_retrying(partial(self._stand_at, _NO_ID), patience=FAILOVER)
            now = self._progress()
            in_vain = in_vain + 1 if now.left >= before else 0
            self._come_back_later(in_vain)
        return now

    def _come_back_later(self, in_vain: int) -> None:
        if in_vain >= _ROUNDS_IN_VAIN:
            raise BackfillUnfinished(
                f"Rows of {self.backfill.table} in district {self.code} stay as they are: somebody holds them, or what "
                "the backfill writes leaves them missing. `wc-sync-server db health` shows who holds what."
            )
        if in_vain:
            Event().wait(_ROUND_SECONDS)

    def _one_batch(self) -> int:
        with scoped(self.pool, self._context(), timeouts=_BRIEF) as uow:
            last, filled = self._position(uow)
            parameters = {"district": self.id, "last": last, "size": self.size}
            ((found, written, end),) = uow.connection.execute(self.backfill.batch.encode(), parameters).fetchall()
            if found != written:
                raise RowsNotWritten(table=self.backfill.table, given=found, written=written)
            if found:
                self._write(uow, end, filled + written)
                uow.commit()
        return int(found)

    def _stand_at(self, last: UUID) -> None:
        with scoped(self.pool, self._context(), timeouts=_BRIEF) as uow:
            self._write(uow, last, self._position(uow)[1])
            uow.commit()

    def _progress(self) -> Filled:
        return run_retrying(self._count, patience=FAILOVER)

    def _count(self) -> Filled:
        with scoped(self.pool, self._context(), timeouts=_BRIEF) as uow:
            _, filled = self._position(uow)
            ((left,),) = uow.connection.execute(self.backfill.left.encode(), {"district": self.id}).fetchall()
        return Filled(district=self.code, filled=filled, left=left)

    def _position(self, uow: UnitOfWork) -> tuple[UUID, int]:
        row = uow.connection.execute(_POSITION, {"name": self.backfill.name, "district": self.id}).fetchone()
        return (_NO_ID, 0) if row is None else (row[0], row[1])

    def _write(self, uow: UnitOfWork, last: UUID, filled: int) -> None:
        parameters = {
            "name": self.backfill.name,
            "district": self.id,
            "last": last,
            "filled": filled,
            "at": uow.at,
        }
        uow.connection.execute(_ADVANCE, parameters)

    def _context(self) -> Context:
        return whole_district(self.pool, self.id, timeouts=_BRIEF)


def _nothing() -> None:
    """Go on at once."""


def _unheard(_now: Filled) -> None:
    """Nobody listens."""
