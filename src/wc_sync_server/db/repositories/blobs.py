"""Photos and documents brought and fetched, on PostgreSQL (api.ports.Blobs). Each call is one transaction."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import TypeAlias
from uuid import UUID

from wc_contract.model.ids import Chance, DistrictId, new_uuid
from wc_contract.wire.blobs import BlobHeld, BlobNamed
from wc_sync_server.audit.events import AuditEvent
from wc_sync_server.db.context import DEVICE, Context
from wc_sync_server.db.operations import BLOB, LOOK, READ_ON_RECORD
from wc_sync_server.db.repositories import blob_sql
from wc_sync_server.db.repositories.blob_store import Blob, BlobStore
from wc_sync_server.db.repositories.cells import Cells
from wc_sync_server.db.repositories.epochs import Epochs
from wc_sync_server.db.retry import run_retrying
from wc_sync_server.db.unit_of_work import UnitOfWork, scoped
from wc_sync_server.db.whole_district import whole_district
from wc_sync_server.domain.blobs import (
    BlobRefusal,
    BlobRefused,
    BlobStatus,
    Bringer,
    Part,
    Piece,
    PieceCipher,
    look_at,
    require_in_day,
    require_place,
)

Detail: TypeAlias = Mapping[str, str | int | bool | list[str] | None]


class PostgresBlobs:
    """Takes pieces in, and gives ranges to whom a record shows them."""

    def __init__(
        self, cells: Cells, epochs: Epochs, chance: Chance, cipher: PieceCipher, *, most: int, daily: int
    ) -> None:
        """Most bounds one photo or document, daily what one workstation begins in 24 hours; both in bytes."""
        self._cells = cells
        self._epochs = epochs
        self._chance = chance
        self._cipher = cipher
        self.most = most
        self._daily = daily

    def epoch(self, district: DistrictId) -> str:
        """Return the epoch in which the server holds what it says it holds."""
        return self._epochs.current(district)

    def held(self, bringer: Bringer, named: Sequence[BlobNamed]) -> tuple[BlobHeld, ...]:
        """Return how far each upload is, for the bringer's school alone."""
        return run_retrying(partial(self._held, bringer, named))

    def take(self, bringer: Bringer, piece: Piece) -> BlobHeld:
        """Take a piece that goes on where what is held ends; with the last one prove the hash.

        A piece that is held already is no mistake: an answer was lost, or somebody else uploads the same. Raises
        BlobRefused: OFFSET, PIECE, TYPE, TOO_LARGE, DAILY, DIFFERS (then the next upload begins anew).
        """
        held = run_retrying(partial(self._take, bringer, piece))
        if held is None:
            raise BlobRefused(BlobRefusal.DIFFERS)
        return held

    def fetch(self, bringer: Bringer, name: str, offset: int, length: int) -> Part:
        """Return a range of content that a record of the device's school names, or that it brought and none names yet.

        That it was given is on record. Raises BlobRefused(NOT_THERE) for all else.
        """
        return run_retrying(partial(self._fetch, bringer, name, offset, length))

    def _held(self, bringer: Bringer, named: Sequence[BlobNamed]) -> tuple[BlobHeld, ...]:
        parameters = {
            "district": bringer.district,
            "school": bringer.school,
            "names": [each.sha256 for each in named],
        }
        with scoped(self._cells.pool_for(bringer.district), _context(bringer), operation=LOOK) as uow:
            rows = uow.connection.execute(blob_sql.HELD.encode(), parameters).fetchall()
        found = {(row[0], row[1]): (row[2], row[3] == BlobStatus.COMPLETE) for row in rows}
        return tuple(_held_of(each, *found.get((each.sha256, each.size), (0, False))) for each in named)

    def _take(self, bringer: Bringer, piece: Piece) -> BlobHeld | None:
        with scoped(
            self._cells.pool_for(bringer.district), _context(bringer), operation=BLOB, chance=self._chance
        ) as uow:
            store = BlobStore(uow, self._cipher)
            blob = store.hold(bringer, piece) or self._begun(store, uow, bringer, piece)
            end = piece.offset + len(piece.content)
            if blob.status is BlobStatus.COMPLETE or end <= blob.held:
                return blob.as_held()
            require_place(piece, blob.held)
            store.add(blob, piece)
            whole = end == blob.size
            proved = whole and store.proved(blob)
            if whole:
                store.settle(blob, whole=proved)
                detail: Detail = {"bytes": blob.size, "media_type": blob.media_type}
                action = "UPLOAD" if proved else "UPLOAD_REFUSED"
                uow.audit([_event(uow, bringer, action, ("blob", blob.id), (), detail)])
            uow.commit()
        if whole and not proved:
            return None
        return BlobHeld(sha256=blob.sha256, size=blob.size, held=end, complete=whole)

    def _begun(self, store: BlobStore, uow: UnitOfWork, bringer: Bringer, piece: Piece) -> Blob:
        require_place(piece, 0)
        kind = look_at(piece, self.most)
        if bringer.device is not None:
            brought, first_at = store.brought(bringer.device)
            require_in_day(piece, brought, first_at, uow.at, self._daily)
        store.begin(bringer, piece, new_uuid(uow.at, self._chance), kind.value)
        begun = store.hold(bringer, piece)
        if begun is None:
            raise AssertionError("the row that was made, or that somebody else made, is there")
        return begun

    def _fetch(self, bringer: Bringer, name: str, offset: int, length: int) -> Part:
        pool = self._cells.pool_for(bringer.district)
        with scoped(pool, _context(bringer), operation=READ_ON_RECORD, chance=self._chance) as uow:
            store, naming = BlobStore(uow, self._cipher), _documents_naming(uow, name)
            documents = [id_ for id_, confidential in naming if bringer.confidential or not confidential]
            blob = store.whole(bringer.school, name)
            if blob is not None and (documents or (not naming and blob.device == bringer.device)):
                return self._given(uow, bringer, documents, blob, offset, length)
        if blob is not None or not documents:
            raise BlobRefused(BlobRefusal.NOT_THERE)
        # A child came from another school, with its records; their content is looked for where they were.
        everywhere = whole_district(pool, bringer.district)
        with scoped(pool, everywhere, operation=READ_ON_RECORD, chance=self._chance) as uow:
            blob = BlobStore(uow, self._cipher).left_behind(documents, name)
            if blob is None:
                raise BlobRefused(BlobRefusal.NOT_THERE)
            return self._given(uow, bringer, documents, blob, offset, length)

    def _given(
        self, uow: UnitOfWork, bringer: Bringer, documents: Sequence[UUID], blob: Blob, offset: int, length: int
    ) -> Part:
        """Return a range, its line in the audit: by the document that shows it, or by the device's own upload."""
        part = BlobStore(uow, self._cipher).part(blob, offset, length)
        shown = ("document", documents[0]) if documents else ("blob", blob.id)
        detail: Detail = {"via": "content", "offset": offset, "bytes": len(part.content)}
        uow.audit([_event(uow, bringer, "VIEW", shown, ("content",), detail)])
        uow.commit()
        return part


def _documents_naming(uow: UnitOfWork, name: str) -> list[tuple[UUID, bool]]:
    """Return the documents in sight whose content has that name, and whether each is confidential."""
    parameters = {"district": uow.context.district, "sha256": name}
    return uow.connection.execute(blob_sql.NAMED_BY.encode(), parameters).fetchall()


def _held_of(named: BlobNamed, held: int, complete: bool) -> BlobHeld:  # noqa: FBT001  # as it stands in the row
    return BlobHeld(sha256=named.sha256, size=named.size, held=held, complete=complete)


def _context(bringer: Bringer) -> Context:
    return Context(
        district=bringer.district,
        role=bringer.role or DEVICE,
        schools=(bringer.school,),
        user=bringer.user,
        device=bringer.device,
    )


def _event(
    uow: UnitOfWork,
    bringer: Bringer,
    action: str,
    what: tuple[str, UUID],
    fields: tuple[str, ...],
    detail: Detail,
) -> AuditEvent:
    return AuditEvent(
        action=action,
        entity_type=what[0],
        entity_id=str(what[1]),
        fields=fields,
        at=uow.at,
        user_id=bringer.user,
        role=bringer.role or DEVICE,
        device_id=bringer.device,
        school_id=bringer.school,
        detail=detail,
    )
