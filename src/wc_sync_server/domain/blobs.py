"""Photos and documents as the server deals with them: who brings or fetches one, how far it is, what can be wrong."""

from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from math import ceil
from typing import Final, Protocol
from uuid import UUID

from wc_contract.model.blobs import HEAD_BYTES, MAX_PIECE, MIN_PIECE, MediaType, media_type_of
from wc_contract.model.errors import Defect, Refused
from wc_contract.model.ids import DeviceId, DistrictId, SchoolId, UserId
from wc_contract.model.instants import Instant

DAY: Final = timedelta(hours=24)
_SOONEST: Final = 60


class BlobStatus(StrEnum):
    """Life of an upload. What is refused stays until it is purged; the next upload begins anew beside it."""

    UPLOADING = "UPLOADING"
    COMPLETE = "COMPLETE"
    REFUSED = "REFUSED"


@dataclass(frozen=True, slots=True, kw_only=True)
class Bringer:
    """Who brings or fetches content, for which school: a workstation, or a person of the office in a role.

    confidential: a workstation may be given what confidential documents name.
    """

    district: DistrictId
    school: SchoolId
    user: UserId
    role: str | None = None
    device: DeviceId | None = None
    confidential: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A piece of content on its way in."""

    sha256: str
    size: int
    offset: int
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A range of content on its way out."""

    size: int
    media_type: str
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class PiecePlace:
    """Where a piece stands: it opens nowhere else."""

    district: UUID
    blob: UUID
    start: int


class PieceCipher(Protocol):
    """Encrypts pieces under the key of their content."""

    def fresh_key(self) -> bytes: ...
    def close(self, plain: bytes, key: bytes, place: PiecePlace) -> bytes: ...
    def open(self, closed: bytes, key: bytes, place: PiecePlace) -> bytes:
        """Return what close was given. Raises PieceDamaged."""
        ...


class PieceDamaged(Defect):
    """A piece of a photo or document was changed, cut off or put elsewhere. Names the blob's id, never content."""

    code = "piece_damaged"


class BlobRefusal(StrEnum):
    """Why a piece is not taken, or content is not given."""

    NOT_THERE = "not_there"
    OFFSET = "offset"  # another offset than what is held
    PIECE = "piece"  # too small, too large, or beyond the end
    TYPE = "type"
    TOO_LARGE = "too_large"
    DIFFERS = "differs"  # all is here, and its hash is another one
    DAILY = "daily"  # the workstation brought as much as it may in a day


class BlobRefused(Refused):
    """A piece is not taken, or content is not given.

    expected goes with OFFSET: where the next piece begins. retry_after goes with DAILY, in seconds.
    """

    def __init__(self, why: BlobRefusal, *, expected: int | None = None, retry_after: int | None = None) -> None:
        super().__init__(why.value)
        self.code = f"blob_{why.value}"
        self.why = why
        self.expected = expected
        self.retry_after = retry_after


def look_at(piece: Piece, most: int) -> MediaType:
    """Return what content is whose first piece this is. Raises BlobRefused: TOO_LARGE, TYPE."""
    if piece.size > most:
        raise BlobRefused(BlobRefusal.TOO_LARGE)
    kind = media_type_of(piece.content[:HEAD_BYTES])
    if kind is None:
        raise BlobRefused(BlobRefusal.TYPE)
    return kind


def require_in_day(piece: Piece, brought: int, first_at: Instant | None, at: Instant, daily: int) -> None:
    """Raise BlobRefused(DAILY) when a piece begins what goes beyond what a workstation may bring in a day.

    brought is the size of all that it began since at - DAY, first_at when it began the first of that.
    """
    if brought + piece.size > daily:
        left = DAY if first_at is None else first_at + DAY - at
        raise BlobRefused(BlobRefusal.DAILY, retry_after=max(_SOONEST, ceil(left.total_seconds())))


def require_place(piece: Piece, held: int) -> None:
    """Raise BlobRefused unless a piece goes on exactly where held ends, and is of a size that is taken."""
    if piece.offset != held:
        raise BlobRefused(BlobRefusal.OFFSET, expected=held)
    end = piece.offset + len(piece.content)
    if end > piece.size or len(piece.content) > MAX_PIECE or (len(piece.content) < MIN_PIECE and end != piece.size):
        raise BlobRefused(BlobRefusal.PIECE)
