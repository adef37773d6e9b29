"""Sealing anew: every cell that was not made with the present key and form, batch by batch, beside the writers.

What is left to do is told by the cells themselves (a sealed value begins with its form and key), so a rotation that
was killed is simply begun again. It changes the sealed column and nothing else: no row_version, no updated_at, no
stream, so no workstation hears of it.
"""

# ruff: noqa: S608  # put together from names of our own declaration; values are parameters

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from wc_contract.model.ids import DistrictId, SchoolId
from wc_sync_server.db.context import SYSTEM, Context
from wc_sync_server.db.engine import Pool
from wc_sync_server.db.operations import REPORT, RESEAL
from wc_sync_server.db.retry import FAILOVER, run_retrying
from wc_sync_server.db.sealed_columns import SealedColumn
from wc_sync_server.db.unit_of_work import UnitOfWork, scoped
from wc_sync_server.domain.sealing import CellUnreadable

_BEGINNING: Final = 5  # form and key
_FIRST: Final = UUID(int=0)

Found = list[tuple[UUID, bytes]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Resealed:
    """What one batch did. damaged are rows whose cell does not open: they stay as they are."""

    column: SealedColumn
    sealed: int
    outrun: int
    damaged: tuple[UUID, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How many cells a transaction takes, and what is done between two (waiting, to spare the database)."""

    batch: int
    between: Callable[[], object]


class Rotation:
    """Seals the cells of one district anew, except those that name a key which is lost."""

    def __init__(
        self, pool: Pool, district: DistrictId, schools: Sequence[SchoolId], lost: Collection[bytes] = ()
    ) -> None:
        self._pool = pool
        self._lost = list(lost)
        self._context = Context(district=district, role=SYSTEM, schools=tuple(schools))

    def counts(self, column: SealedColumn) -> dict[bytes, int]:
        """Return how many cells begin how: with which form and key."""
        statement = (
            f"SELECT substring(t.{column.column} FROM 1 FOR {_BEGINNING}), count(*) FROM {column.table} t"
            f" WHERE t.district_id = %(district)s AND t.{column.column} IS NOT NULL GROUP BY 1"
        )
        with scoped(self._pool, self._context, operation=REPORT) as uow:
            rows = uow.connection.execute(statement.encode(), {"district": self._context.district}).fetchall()
        return {bytes(beginning): count for beginning, count in rows}

    def reseal(self, column: SealedColumn, pace: Pace) -> Iterator[Resealed]:
        """Seal a column's cells anew, once through in the order of their rows; yield after each batch.

        Rows that a writer holds at that moment are passed over: who asks again afterwards finds them, if need be.
        Raises KeyUnavailable.
        """
        after: UUID | None = _FIRST
        while after is not None:
            done, after = run_retrying(self._batch_after(column, after, pace.batch), patience=FAILOVER)
            if done.sealed or done.outrun or done.damaged:
                yield done
            if after is not None:
                pace.between()

    def check(self, column: SealedColumn, pace: Pace) -> Iterator[Resealed]:
        """Open every cell of a column that would be sealed anew, and write nothing; sealed counts those that open."""
        after: UUID | None = _FIRST
        while after is not None:
            with scoped(self._pool, self._context, operation=REPORT) as uow:
                found = self._find(uow, column, after, pace.batch, lock="")
                opened, damaged = self._open(uow, column, found)
            yield Resealed(column=column, sealed=len(opened), outrun=0, damaged=damaged)
            after = found[-1][0] if len(found) == pace.batch else None

    def _batch_after(self, column: SealedColumn, after: UUID, batch: int) -> Callable[[], tuple[Resealed, UUID | None]]:
        def one_batch() -> tuple[Resealed, UUID | None]:
            with scoped(self._pool, self._context, operation=RESEAL) as uow:
                # Held rows are skipped, so that this transaction waits for nobody and cannot be part of a deadlock.
                found = self._find(uow, column, after, batch, lock=" FOR NO KEY UPDATE OF t SKIP LOCKED")
                opened, damaged = self._open(uow, column, found)
                written = self._write(uow, column, opened)
                uow.commit()
            done = Resealed(column=column, sealed=written, outrun=len(opened) - written, damaged=damaged)
            return done, found[-1][0] if len(found) == batch else None

        return one_batch

    def _find(self, uow: UnitOfWork, column: SealedColumn, after: UUID, batch: int, *, lock: str) -> Found:
        name = column.column
        statement = (
            f"SELECT t.id, t.{name} FROM {column.table} t WHERE t.district_id = %(district)s AND t.id > %(after)s"
            f" AND t.{name} IS NOT NULL AND substring(t.{name} FROM 1 FOR {_BEGINNING}) <> %(current)s"
            f" AND substring(t.{name} FROM 2 FOR {_BEGINNING - 1}) <> ALL(%(lost)s::bytea[])"
            f" ORDER BY t.id LIMIT %(batch)s{lock}"
        )
        parameters = {
            "district": self._context.district,
            "after": after,
            "batch": batch,
            "current": self._pool.sealer.current(),
            "lost": self._lost,
        }
        return [(row[0], bytes(row[1])) for row in uow.connection.execute(statement.encode(), parameters)]

    @staticmethod
    def _open(
        uow: UnitOfWork, column: SealedColumn, found: Found
    ) -> tuple[list[tuple[UUID, bytes, str]], tuple[UUID, ...]]:
        opened: list[tuple[UUID, bytes, str]] = []
        damaged: list[UUID] = []
        for row, sealed in found:
            try:
                text = uow.sealing.open(sealed, table=column.table, row=row, column=column.column)
            except CellUnreadable:
                damaged.append(row)
            else:
                opened.append((row, sealed, text))
        return opened, tuple(damaged)

    def _write(self, uow: UnitOfWork, column: SealedColumn, opened: Sequence[tuple[UUID, bytes, str]]) -> int:
        if not opened:
            return 0
        name = column.column
        # Compared with what was read: a value that a writer changed in between is the writer's.
        statement = (
            f"UPDATE {column.table} AS t SET {name} = n.fresh"
            " FROM unnest(%(rows)s::uuid[], %(before)s::bytea[], %(fresh)s::bytea[]) AS n(id, before, fresh)"
            f" WHERE t.district_id = %(district)s AND t.id = n.id AND t.{name} = n.before"
        )
        parameters = {
            "district": self._context.district,
            "rows": [row for row, _, _ in opened],
            "before": [sealed for _, sealed, _ in opened],
            "fresh": [uow.sealing.seal(text, table=column.table, row=row, column=name) for row, _, text in opened],
        }
        return uow.connection.execute(statement.encode(), parameters).rowcount
