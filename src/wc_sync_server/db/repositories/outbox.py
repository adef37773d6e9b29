"""The outbox as its worker and its operator see it, on PostgreSQL (delivery.ports.Outbox)."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from uuid import UUID

from wc_contract.model.ids import DistrictId
from wc_contract.model.instants import Instant
from wc_sync_server.db.operations import LOOK, OUTBOX, Operation
from wc_sync_server.db.repositories.cells import Cells
from wc_sync_server.db.retry import run_retrying
from wc_sync_server.db.unit_of_work import UnitOfWork, scoped
from wc_sync_server.db.whole_district import whole_district
from wc_sync_server.domain.messages import Channel, Delivered, Failed, Letter, LetterCount, LetterStatus, Outcome

# Whoever took a letter has this long to settle it; then it counts as tried in vain and is due again.
LEASE = timedelta(minutes=5)

# Two statements: with the lock in a sub-select of the UPDATE, a plan may lock more than it updates.
_DUE = """
SELECT id FROM outbox_messages
WHERE district_id = %(district)s AND status = 'WAITING' AND next_attempt_at <= %(at)s
ORDER BY next_attempt_at, id LIMIT %(most)s FOR UPDATE SKIP LOCKED
"""
_TAKE = """
UPDATE outbox_messages SET attempts = attempts + 1, next_attempt_at = %(until)s, updated_at = %(at)s
WHERE district_id = %(district)s AND id = ANY(%(ids)s::uuid[])
RETURNING id, kind, channel, payload, attempts, created_at
"""

_DELIVERED = """
UPDATE outbox_messages SET status = 'DELIVERED', delivered_at = %(at)s, last_error = NULL, updated_at = %(at)s
WHERE district_id = %(district)s AND id = %(id)s AND status <> 'DELIVERED'
"""
# Only as long as nobody else took it since: a slow worker's failure says nothing about the try that follows.
_FAILED = """
UPDATE outbox_messages SET status = %(status)s, next_attempt_at = %(next)s, last_error = %(code)s, updated_at = %(at)s
WHERE district_id = %(district)s AND id = %(id)s AND status = 'WAITING' AND attempts = %(attempt)s
"""

_COUNTS = """
SELECT kind, channel, status, count(*), min(created_at), max(last_error)
FROM outbox_messages WHERE district_id = %(district)s GROUP BY kind, channel, status ORDER BY kind, channel, status
"""
_AGAIN = """
UPDATE outbox_messages SET status = 'WAITING', attempts = 0, next_attempt_at = %(at)s, updated_at = %(at)s
WHERE district_id = %(district)s AND status = 'DEAD' AND (%(all)s OR id = ANY(%(ids)s::uuid[]))
"""


class PostgresOutbox:
    """Takes letters for delivery and keeps what became of them. Each call is one transaction, or two."""

    def __init__(self, cells: Cells) -> None:
        self._cells = cells

    def districts(self) -> tuple[tuple[DistrictId, str], ...]:
        """Return every district with its code."""
        return tuple((district.id, district.code) for district in self._cells.all())

    def take(self, district: DistrictId, most: int) -> tuple[Letter, ...]:
        """Return letters that are due, the longest waiting first. Each is this caller's alone for LEASE."""
        return run_retrying(partial(self._take, district, most))

    def settle(self, district: DistrictId, letter: Letter, outcome: Outcome, pause: timedelta | None) -> None:
        """Keep what became of a letter: delivered, due again after pause, or dead when there is none."""
        run_retrying(partial(self._settle, district, letter, outcome, pause))

    def retry(self, district: DistrictId, ids: Sequence[UUID] = ()) -> int:
        """Let dead letters, all or those named, be tried anew; return how many."""
        return run_retrying(partial(self._retry, district, ids))

    def counts(self, district: DistrictId) -> tuple[LetterCount, ...]:
        """Return how many letters there are by kind, channel and status, and since when the oldest one is."""
        with self._open(district, LOOK) as uow:
            rows = uow.connection.execute(_COUNTS, {"district": district}).fetchall()
        return tuple(
            LetterCount(
                kind=row[0],
                channel=row[1],
                status=LetterStatus(row[2]),
                letters=row[3],
                oldest=row[4],
                last_error=row[5],
            )
            for row in rows
        )

    def _take(self, district: DistrictId, most: int) -> tuple[Letter, ...]:
        with self._open(district, OUTBOX) as uow:
            parameters = {"district": district, "at": uow.at, "most": most, "until": uow.at + LEASE}
            ids = [row[0] for row in uow.connection.execute(_DUE, parameters)]
            if not ids:
                return ()
            rows = uow.connection.execute(_TAKE, {**parameters, "ids": ids}).fetchall()
            uow.commit()
        letters = [
            Letter(id=r[0], kind=r[1], channel=Channel(r[2]), payload=r[3], attempt=r[4], written_at=r[5]) for r in rows
        ]
        return tuple(sorted(letters, key=_age))

    def _settle(self, district: DistrictId, letter: Letter, outcome: Outcome, pause: timedelta | None) -> None:
        with self._open(district, OUTBOX) as uow:
            known: dict[str, object] = {"district": district, "id": letter.id, "at": uow.at}
            match outcome:
                case Delivered():
                    uow.connection.execute(_DELIVERED, known)
                case Failed(code=code):
                    status = LetterStatus.DEAD if pause is None else LetterStatus.WAITING
                    again = {"status": status.value, "next": uow.at + (pause or timedelta()), "code": code}
                    uow.connection.execute(_FAILED, {**known, **again, "attempt": letter.attempt})
            uow.commit()

    def _retry(self, district: DistrictId, ids: Sequence[UUID]) -> int:
        with self._open(district, OUTBOX) as uow:
            parameters = {"district": district, "at": uow.at, "all": not ids, "ids": list(ids)}
            again = uow.connection.execute(_AGAIN, parameters).rowcount
            uow.commit()
        return again

    @contextmanager
    def _open(self, district: DistrictId, operation: Operation) -> Iterator[UnitOfWork]:
        pool = self._cells.pool_for(district)
        with scoped(pool, whole_district(pool, district), operation=operation) as uow:
            yield uow


def _age(letter: Letter) -> tuple[Instant, UUID]:
    return letter.written_at, letter.id
