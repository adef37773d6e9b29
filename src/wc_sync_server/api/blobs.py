"""Photos and documents over HTTP: what is held, pieces in, ranges out. Signed by the device like every request."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any, Final

from fastapi import APIRouter, Path, Query, Response

from wc_contract.model.blobs import MAX_PIECE, MOST_BYTES
from wc_contract.wire.blobs import SIZE_HEADER, BlobAsk, BlobsHeld, BlobTaken
from wc_contract.wire.codes import ProblemCode
from wc_sync_server.api.documents import PROBLEMS, PROOF_HEADERS, body_of
from wc_sync_server.api.session import CallMade, Server, reply
from wc_sync_server.domain.access import Principal
from wc_sync_server.domain.blobs import BlobRefusal, BlobRefused, Bringer, Piece
from wc_sync_server.domain.problems import ProblemRaised

router = APIRouter(prefix="/v1/blob", tags=["photos and documents"], responses=PROBLEMS)

OCTETS: Final = "application/octet-stream"
RANGE_ANSWER: Final[dict[int | str, dict[str, Any]]] = {
    200: {
        "description": "The bytes of the range",
        "content": {OCTETS: {"schema": {"type": "string", "format": "binary"}}},
        "headers": {SIZE_HEADER: {"description": "How many bytes there are in all", "schema": {"type": "integer"}}},
    }
}
PIECE_BODY: Final[dict[str, Any]] = {
    "requestBody": {"required": True, "content": {OCTETS: {"schema": {"type": "string", "format": "binary"}}}}
}
Name = Annotated[str, Path(pattern="^[0-9a-f]{64}$", description="SHA-256 of the content, in hex")]
Offset = Annotated[int, Query(ge=0, lt=MOST_BYTES, description="Where the piece begins: what is held ends there")]
Size = Annotated[int, Query(ge=1, le=MOST_BYTES, description="How many bytes there are in all")]
Length = Annotated[int, Query(ge=1, le=MAX_PIECE, description="How many bytes are wanted")]

_PROBLEM_OF: Final = {
    BlobRefusal.NOT_THERE: ProblemCode.NOT_FOUND,
    BlobRefusal.OFFSET: ProblemCode.BLOB_OFFSET,
    BlobRefusal.PIECE: ProblemCode.BAD_REQUEST,
    BlobRefusal.TYPE: ProblemCode.BLOB_TYPE,
    BlobRefusal.TOO_LARGE: ProblemCode.BLOB_TOO_LARGE,
    BlobRefusal.DIFFERS: ProblemCode.BLOB_DIFFERS,
    BlobRefusal.DAILY: ProblemCode.BLOB_DAILY,
}


@router.post("/ask", response_model=BlobsHeld, openapi_extra=body_of(BlobAsk), summary="What is held of these")
def ask(call: CallMade, server: Server) -> Response:
    """Say how far each upload is, for the device's school alone. A device that was revoked may finish its own."""
    principal = server.gate.admit(call.signed).principal
    message = call.message(BlobAsk)
    held = server.blobs.held(_bringer(principal), message.blobs)
    epoch = server.blobs.epoch(principal.district)
    return reply(BlobsHeld(protocol=1, epoch=epoch, max_bytes=server.blobs.most, blobs=held))


@router.put(
    "/{sha256}",
    response_model=BlobTaken,
    openapi_extra={"parameters": PROOF_HEADERS, **PIECE_BODY},
    summary="Send a piece",
)
def put(sha256: Name, offset: Offset, size: Size, call: CallMade, server: Server) -> Response:
    """Take a piece that goes on where what is held ends: 64 KiB to 1 MiB, the last one as small as it is.

    A piece that is held already changes nothing and is answered like the first time. With the last one the hash is
    proved; before that nobody can fetch a byte. What a workstation begins in 24 hours is bounded (429, blob_daily).
    """
    principal = server.gate.admit(call.signed).principal
    piece = Piece(sha256=sha256, size=size, offset=offset, content=call.signed.body)
    with _refusals():
        held = server.blobs.take(_bringer(principal), piece)
    return reply(BlobTaken(protocol=1, epoch=server.blobs.epoch(principal.district), blob=held))


@router.get(
    "/{sha256}",
    response_class=Response,
    responses=RANGE_ANSWER,
    openapi_extra={"parameters": PROOF_HEADERS},
    summary="Fetch a range",
)
def get(sha256: Name, offset: Offset, length: Length, call: CallMade, server: Server) -> Response:
    """Send a range of what a record of the device's school names, or what the device sent itself; it is on record."""
    principal = server.gate.admit_reader(call.signed).principal
    with _refusals():
        part = server.blobs.fetch(_bringer(principal), sha256, offset, length)
    return Response(part.content, media_type=OCTETS, headers={SIZE_HEADER: str(part.size)})


@contextmanager
def _refusals() -> Iterator[None]:
    try:
        yield
    except BlobRefused as error:
        raise ProblemRaised(_PROBLEM_OF[error.why], expected=error.expected, retry_after=error.retry_after) from None


def _bringer(principal: Principal) -> Bringer:
    return Bringer(
        district=principal.district,
        school=principal.school,
        user=principal.user,
        device=principal.device,
        confidential=principal.confidential,
    )
