"""Reading a school's feed from one snapshot, on PostgreSQL (api.ports.Feeds)."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from typing import Any
from uuid import UUID

from psycopg import Cursor
from psycopg.abc import Buffer
from psycopg.adapt import Loader

from wc_contract.model.ids import DistrictId, SchoolId
from wc_contract.model.kinds import RecordKind
from wc_contract.model.values import Role
from wc_contract.wire.codes import ProblemCode
from wc_contract.wire.digests import DIGEST_MODULUS
from wc_sync_server.audit.events import AuditEvent
from wc_sync_server.db.context import DEVICE, SYSTEM, Context
from wc_sync_server.db.operations import PULL
from wc_sync_server.db.repositories import access_sql, feed_sql
from wc_sync_server.db.repositories.cells import Cells
from wc_sync_server.db.repositories.epochs import Epochs
from wc_sync_server.db.retry import run_retrying
from wc_sync_server.db.sealed_rows import sealed_fields
from wc_sync_server.db.unit_of_work import UnitOfWork, scoped
from wc_sync_server.domain.access import Principal
from wc_sync_server.domain.feed import PAGE_ROWS, FeedHead, Page
from wc_sync_server.domain.problems import ProblemRaised


class _AsItCame(Loader):
    """Hands JSON on as PostgreSQL wrote it: nobody here reads it."""

    def load(self, data: Buffer) -> bytes:
        return bytes(data)


class PostgresFeeds:
    """Opens snapshots for devices."""

    def __init__(self, cells: Cells, epochs: Epochs) -> None:
        self._cells = cells
        self._epochs = epochs

    @contextmanager
    def snapshot(self, principal: Principal) -> Iterator["PostgresSnapshot"]:
        epoch = self._epochs.current(principal.district)
        with scoped(self._cells.pool_for(principal.district), _as_reader(principal), operation=PULL) as uow:
            yield PostgresSnapshot(uow, principal, epoch)

    def hand_out(self, principal: Principal, via: str) -> None:
        """Put on record that a workstation gets records of its school, before it gets the first."""
        run_retrying(partial(self._hand_out, principal, via))

    def _hand_out(self, principal: Principal, via: str) -> None:
        with scoped(self._cells.pool_for(principal.district), _on_behalf_of(principal)) as uow:
            event = AuditEvent(
                action="EXPORT",
                entity_type="school",
                entity_id=str(principal.school),
                at=uow.at,
                user_id=principal.user,
                role=DEVICE,
                device_id=principal.device,
                school_id=principal.school,
                detail={"via": via},
            )
            uow.audit([event])
            uow.commit()

    def heads(self, district: DistrictId, schools: tuple[SchoolId, ...]) -> Mapping[UUID, int]:
        context = Context(district=district, role=SYSTEM, schools=schools)
        with scoped(self._cells.pool_for(district), context, read_only=True) as uow:
            rows = uow.connection.execute(
                access_sql.HEADS.encode(), {"district": district, "streams": [district, *schools]}
            ).fetchall()
        return {row[0]: row[1] for row in rows}


def _as_reader(principal: Principal) -> Context:
    """Return the context in which a device reads: where none of its people may see confidential records, as theirs."""
    context = _on_behalf_of(principal)
    return context if principal.confidential else replace(context, role=Role.UNLICENSED)


def _on_behalf_of(principal: Principal) -> Context:
    return Context(
        district=principal.district,
        role=DEVICE,
        schools=(principal.school,),
        user=principal.user,
        device=principal.device,
    )


class PostgresSnapshot:
    """One read-only transaction: all it answers belongs to one instant."""

    def __init__(self, uow: UnitOfWork, principal: Principal, epoch: str) -> None:
        self._uow = uow
        self._epoch = epoch
        self._scope = principal.scope
        self._parameters = {
            "district": principal.district,
            "school": principal.school,
            "device": principal.device,
        }
        self._pages: Cursor[tuple[Any, ...]] = uow.connection.cursor()
        self._pages.adapters.register_loader("json", _AsItCame)
        self._head: FeedHead | None = None

    def head(self) -> FeedHead:
        if self._head is None:
            self._head = self._read_head()
        return self._head

    def _read_head(self) -> FeedHead:
        row = self._uow.connection.execute(feed_sql.HEAD, self._parameters).fetchone()
        if row is None:
            raise ProblemRaised(ProblemCode.NOT_FOUND)
        return FeedHead(
            epoch=self._epoch,
            district=self._parameters["district"],
            school=self._parameters["school"],
            district_head=row[0],
            district_heads=row[1],
            school_head=row[2],
            school_heads=row[3],
            at=self._uow.at,
            acknowledged=row[4] or 0,
            scope=self._scope,
        )

    def any(self, kind: RecordKind) -> bool:
        row = self._uow.connection.execute(feed_sql.any_of(kind.name).encode(), self._parameters).fetchone()
        return row is not None and bool(row[0])

    def about(self, after: Mapping[str, int]) -> int:
        row = self._uow.connection.execute(feed_sql.about(after).encode(), self._parameters).fetchone()
        return 0 if row is None else int(row[0])

    def pages(self, kind: RecordKind, after: int, *, digest: bool, added: bool = True) -> Iterator[Page]:
        for page in self._follow(feed_sql.page(kind.name, digest=digest, added=added), {}, after):
            yield self._opened(kind, page, added=added)

    def removals(self, stream: UUID, after: int) -> Iterator[Page]:
        yield from self._follow(feed_sql.REMOVALS, {"stream": stream}, after)

    def digest(self, kind: RecordKind) -> tuple[int, int]:
        row = self._uow.connection.execute(feed_sql.digest(kind.name).encode(), self._parameters).fetchone()
        return (0, 0) if row is None else (int(row[0]), int(row[1]))

    def slices(self, kind: RecordKind) -> Mapping[int, tuple[int, int]]:
        rows = self._uow.connection.execute(feed_sql.slices(kind.name).encode(), self._parameters).fetchall()
        return {row[0]: (int(row[1]), int(row[2]) % DIGEST_MODULUS) for row in rows}

    def versions(self, kind: RecordKind, slices: Sequence[int]) -> Mapping[UUID, int]:
        parameters = {**self._parameters, "slices": list(slices)}
        return dict(self._uow.connection.execute(feed_sql.versions(kind.name).encode(), parameters).fetchall())

    def named(self, kind: RecordKind, ids: Sequence[UUID], *, added: bool = True) -> Iterator[Page]:
        for start in range(0, len(ids), PAGE_ROWS):
            parameters = {**self._parameters, "ids": list(ids[start : start + PAGE_ROWS])}
            row = self._pages.execute(feed_sql.named(kind.name, added=added).encode(), parameters).fetchone()
            if row is not None and row[1]:
                page = Page(rows=row[0], count=row[1], upto=0, sum=0)
                yield self._opened(kind, page, added=added)

    def _opened(self, kind: RecordKind, page: Page, *, added: bool) -> Page:
        # Only kinds with sealed fields are read by the server; the others go out as PostgreSQL wrote them.
        if not sealed_fields(kind):
            return page
        columns = kind.columns if added else kind.first_columns
        return replace(page, rows=self._uow.sealing.opened_page(kind, page.rows, columns))

    def _follow(self, statement: str, more: Mapping[str, object], after: int) -> Iterator[Page]:
        full = True
        while full:
            row = self._pages.execute(statement.encode(), {**self._parameters, **more, "after": after}).fetchone()
            if row is None or not row[1]:
                return
            page = Page(rows=row[0], count=row[1], upto=row[2], sum=int(row[3]))
            yield page
            after = page.upto
            full = page.count == PAGE_ROWS
