"""One transaction's dealings with the content of photos and documents: pieces in, ranges out, hashes proved."""

import base64
from collections.abc import Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Final
from uuid import UUID

from wc_contract.model.blobs import MAX_PIECE
from wc_contract.model.ids import DeviceId
from wc_contract.model.instants import Instant
from wc_contract.wire.blobs import BlobHeld
from wc_sync_server.db.repositories import blob_sql
from wc_sync_server.db.unit_of_work import UnitOfWork
from wc_sync_server.domain.blobs import (
    DAY,
    BlobStatus,
    Bringer,
    Part,
    Piece,
    PieceCipher,
    PieceDamaged,
    PiecePlace,
)

_TABLE, _COLUMN = "blobs", "data_key"
# Read at once while a hash is proved: so much of a large document is in memory, whatever its size.
_AT_ONCE: Final = 4 * MAX_PIECE


@dataclass(frozen=True, slots=True, kw_only=True)
class Blob:
    """A row of blobs."""

    id: UUID
    school: UUID
    sha256: str
    size: int
    held: int
    media_type: str
    status: BlobStatus
    sealed_key: bytes = field(repr=False)
    device: UUID | None

    def as_held(self) -> BlobHeld:
        """Return how far it is."""
        whole = self.status is BlobStatus.COMPLETE
        return BlobHeld(sha256=self.sha256, size=self.size, held=self.held, complete=whole)


class BlobStore:
    """Reads and writes content within a unit of work."""

    def __init__(self, uow: UnitOfWork, cipher: PieceCipher) -> None:
        self._uow = uow
        self._cipher = cipher

    def hold(self, bringer: Bringer, piece: Piece) -> Blob | None:
        """Return the upload that a piece belongs to, held until the end; None when there is none yet."""
        return self._one(blob_sql.HOLD, school=bringer.school, sha256=piece.sha256, size=piece.size)

    def brought(self, device: DeviceId) -> tuple[int, Instant | None]:
        """Return how many bytes a device began to send in the last day, and when the first of them."""
        parameters = {"district": self._uow.context.district, "device": device, "since": self._uow.at - DAY}
        row = self._uow.connection.execute(blob_sql.BROUGHT.encode(), parameters).fetchone()
        return (0, None) if row is None else (row[0], row[1])

    def begin(self, bringer: Bringer, piece: Piece, id_: UUID, media_type: str) -> None:
        """Make the row of an upload; who makes it at the same time makes it once."""
        key = base64.b64encode(self._cipher.fresh_key()).decode()
        self._do(
            blob_sql.BEGIN,
            school=bringer.school,
            id=id_,
            sha256=piece.sha256,
            size=piece.size,
            media_type=media_type,
            key=self._uow.sealing.seal(key, table=_TABLE, row=id_, column=_COLUMN),
            device=bringer.device,
            user=bringer.user,
            at=self._uow.at,
        )

    def add(self, blob: Blob, piece: Piece) -> None:
        """Keep a piece, encrypted, and move the upload on."""
        place = PiecePlace(district=self._uow.context.district, blob=blob.id, start=piece.offset)
        self._do(
            blob_sql.ADD,
            school=blob.school,
            id=blob.id,
            start=piece.offset,
            count=len(piece.content),
            content=self._cipher.close(piece.content, self._key(blob), place),
            at=self._uow.at,
        )
        self._do(blob_sql.MOVE_ON, id=blob.id, held=piece.offset + len(piece.content), at=self._uow.at)

    def proved(self, blob: Blob) -> bool:
        """Return whether all pieces are there and their hash is the name. Raises KeyUnavailable."""
        digest, end = sha256(), 0
        try:
            for start, plain in self._all_pieces(blob):
                if start != end:
                    return False
                digest.update(plain)
                end += len(plain)
        except PieceDamaged:
            return False
        return end == blob.size and digest.hexdigest() == blob.sha256

    def settle(self, blob: Blob, *, whole: bool) -> None:
        """Let content be seen from now on, or refuse it for good."""
        self._do(blob_sql.COMPLETE if whole else blob_sql.REFUSE, id=blob.id, at=self._uow.at)

    def whole(self, school: UUID, name: str) -> Blob | None:
        """Return content that a school has, None when it has none of that name."""
        return self._one(blob_sql.WHOLE, school=school, sha256=name)

    def left_behind(self, documents: list[UUID], name: str) -> Blob | None:
        """Return the content of documents in a school that they were taken from with their child."""
        return self._one(blob_sql.LEFT_BEHIND, documents=documents, sha256=name)

    def part(self, blob: Blob, offset: int, length: int) -> Part:
        """Return a range of content, cut at its end. Raises PieceDamaged, KeyUnavailable."""
        end = min(offset + length, blob.size)
        found = bytearray()
        for start, plain in self._pieces(blob, offset - MAX_PIECE, end):
            found += plain[max(offset - start, 0) : max(end - start, 0)]
        if len(found) != max(end - offset, 0):
            raise PieceDamaged(f"pieces of blob {blob.id} are missing")
        return Part(size=blob.size, media_type=blob.media_type, content=bytes(found))

    def next_to_verify(self, after: UUID) -> Blob | None:
        """Return the next whole content in the order of ids."""
        return self._one(blob_sql.TO_VERIFY, after=after)

    def _all_pieces(self, blob: Blob) -> Iterator[tuple[int, bytes]]:
        after = -1
        while after < blob.size:
            before = after + 1 + _AT_ONCE
            yield from self._pieces(blob, after, before)
            after = before - 1

    def _pieces(self, blob: Blob, after: int, before: int) -> Iterator[tuple[int, bytes]]:
        district, key = self._uow.context.district, self._key(blob)
        parameters = {"district": district, "id": blob.id, "after": after, "before": before}
        rows = self._uow.connection.execute(blob_sql.PIECES.encode(), parameters, binary=True)
        for start, closed in rows:
            yield start, self._cipher.open(bytes(closed), key, PiecePlace(district=district, blob=blob.id, start=start))

    def _key(self, blob: Blob) -> bytes:
        opened = self._uow.sealing.open(blob.sealed_key, table=_TABLE, row=blob.id, column=_COLUMN)
        return base64.b64decode(opened)

    def _one(self, statement: str, **values: object) -> Blob | None:
        parameters = {"district": self._uow.context.district, **values}
        row = self._uow.connection.execute(statement.encode(), parameters).fetchone()
        return None if row is None else _blob(row)

    def _do(self, statement: str, **values: object) -> None:
        self._uow.connection.execute(statement.encode(), {"district": self._uow.context.district, **values})


def _blob(row: tuple[object, ...]) -> Blob:
    id_, school, name, size, held, media_type, status, key, device = row
    return Blob(
        id=UUID(str(id_)),
        school=UUID(str(school)),
        sha256=str(name),
        size=int(str(size)),
        held=int(str(held)),
        media_type=str(media_type),
        status=BlobStatus(str(status)),
        sealed_key=bytes(key),  # type: ignore[call-overload]  # a bytea
        device=None if device is None else UUID(str(device)),
    )
