"""Photos and documents as the operator keeps them: what there is, whether it opens, and what may go."""

from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from uuid import UUID

from wc_contract.model.ids import Chance, SchoolId
from wc_contract.model.instants import Instant
from wc_sync_server.audit.events import AuditEvent
from wc_sync_server.db.context import SYSTEM, Context
from wc_sync_server.db.engine import Pool
from wc_sync_server.db.operations import BLOB_PURGE, REPORT
from wc_sync_server.db.repositories import blob_sql
from wc_sync_server.db.repositories.blob_store import BlobStore
from wc_sync_server.db.retry import run_retrying
from wc_sync_server.db.unit_of_work import UnitOfWork, scoped
from wc_sync_server.domain.blobs import BlobStatus, PieceCipher

_FIRST = UUID(int=0)
_PAGE = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """One photo or document. named: some document's record names it."""

    id: UUID
    school: str
    sha256: str
    size: int
    held: int
    media_type: str
    status: BlobStatus
    touched_at: Instant
    named: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """Whether the pieces of one open and have the hash that they are known by."""

    id: UUID
    size: int
    sound: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Gone:
    """What was begun and left. school: whose it was."""

    id: UUID
    school: SchoolId
    status: BlobStatus
    held: int


class BlobKeeping:
    """The blobs of one district, with every school in sight."""

    def __init__(self, pool: Pool, context: Context, chance: Chance) -> None:
        self._pool = pool
        self._context = context
        self._chance = chance

    def each(self) -> Iterator[Kept]:
        """Yield every photo and document in the order of ids, page by page."""
        after = _FIRST
        while page := self._page(after):
            yield from page
            after = page[-1].id

    def verify(self, cipher: PieceCipher) -> Iterator[Verified]:
        """Open every piece of every complete one and prove its hash; each in a transaction of its own."""
        after = _FIRST
        while True:
            with self._scoped() as uow:
                store = BlobStore(uow, cipher)
                blob = store.next_to_verify(after)
                if blob is None:
                    return
                sound = store.proved(blob)
            yield Verified(id=blob.id, size=blob.size, sound=sound)
            after = blob.id

    def old(self, age: timedelta) -> list[Gone]:
        """Return what was begun, or refused, and not touched for so long."""
        with self._scoped() as uow:
            return _gone(uow, blob_sql.OLD, {"before": uow.at - age})

    def purge(self, migrating: Pool, age: timedelta) -> list[Gone]:
        """Delete what old returns, with its pieces; return it. The application itself may delete nothing."""
        found = [each.id for each in self.old(age)]
        return run_retrying(partial(self._purge, migrating, found, age)) if found else []

    def _purge(self, migrating: Pool, ids: list[UUID], age: timedelta) -> list[Gone]:
        with scoped(migrating, self._context, operation=BLOB_PURGE, chance=self._chance) as uow:
            gone = _gone(uow, blob_sql.PURGE, {"before": uow.at - age, "ids": ids})
            uow.audit([_purged(uow, each) for each in gone])
            uow.commit()
        return gone

    def _page(self, after: UUID) -> list[Kept]:
        parameters = {"district": self._context.district, "after": after, "most": _PAGE}
        with self._scoped() as uow:
            rows = uow.connection.execute(blob_sql.LISTED.encode(), parameters).fetchall()
        return [
            Kept(
                id=row[0],
                school=row[1],
                sha256=row[2],
                size=row[3],
                held=row[4],
                media_type=row[5],
                status=BlobStatus(row[6]),
                touched_at=row[7],
                named=row[8],
            )
            for row in rows
        ]

    def _scoped(self) -> AbstractContextManager[UnitOfWork]:
        return scoped(self._pool, self._context, operation=REPORT)


def _gone(uow: UnitOfWork, statement: str, values: dict[str, object]) -> list[Gone]:
    rows = uow.connection.execute(statement.encode(), {"district": uow.context.district, **values}).fetchall()
    return [Gone(id=row[0], school=SchoolId(row[1]), status=BlobStatus(row[2]), held=row[3]) for row in rows]


def _purged(uow: UnitOfWork, gone: Gone) -> AuditEvent:
    return AuditEvent(
        action="PURGE",
        entity_type="blob",
        entity_id=str(gone.id),
        at=uow.at,
        role=SYSTEM,
        school_id=gone.school,
        detail={"status": gone.status.value, "bytes": gone.held},
    )
