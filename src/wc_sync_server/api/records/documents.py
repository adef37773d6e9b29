"""Documents and photos of children over HTTP: content goes up in pieces, then the record that names it."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response

from wc_contract.model.blobs import MOST_BYTES
from wc_contract.model.care_values import DocumentKind
from wc_contract.model.ids import SchoolId
from wc_contract.wire.base import Hex64, Short, WireModel
from wc_contract.wire.blobs import SIZE_HEADER, BlobHeld
from wc_sync_server.api.blobs import OCTETS, PIECE_BODY, RANGE_ANSWER, Name, Offset, Size
from wc_sync_server.api.documents import content_of as body_of
from wc_sync_server.api.records.answering import ListAsked, record_answer
from wc_sync_server.api.records.asking import Asked, CallMade, Records, allowed, content_of, given
from wc_sync_server.api.records.fields import Day
from wc_sync_server.api.records.models import model_of, page_model
from wc_sync_server.api.records.problems import PROBLEMS
from wc_sync_server.api.records.security import BEARER
from wc_sync_server.api.session import Server, reply
from wc_sync_server.domain.blobs import BlobRefusal, BlobRefused, Piece
from wc_sync_server.domain.records import answers
from wc_sync_server.domain.records.areas import Access, Area
from wc_sync_server.domain.records.person import Person
from wc_sync_server.domain.records.questions import DocumentsAsked
from wc_sync_server.domain.records.refusals import RecordRefused, RecordsProblem

router = APIRouter(prefix="/v1/records/documents", tags=["documents"], responses=PROBLEMS, dependencies=BEARER)
Reader = Annotated[Person, Depends(allowed(Area.HEALTH_RECORDS, Access.READ))]
Writer = Annotated[Person, Depends(allowed(Area.HEALTH_RECORDS, Access.WRITE))]

_FIELD_OF = {
    BlobRefusal.OFFSET: "offset",
    BlobRefusal.PIECE: "size",
    BlobRefusal.TOO_LARGE: "size",
    BlobRefusal.TYPE: "content",
    BlobRefusal.DIFFERS: "sha256",
    BlobRefusal.NOT_THERE: "sha256",
    BlobRefusal.DAILY: "size",
}


class NewDocument(WireModel):
    """A document or photo whose content is there. The id is the author's own (UUIDv7): sent twice, it is one record."""

    id: UUID
    student_id: UUID
    kind: DocumentKind
    sha256: Hex64
    title: Short | None = None
    expires_on: Day | None = None
    is_confidential: bool = False


@router.get("", response_model=page_model(answers.DOCUMENT), summary="Documents, the newest first")
def listed(
    person: Reader,
    records: Records,
    asked: Asked,
    school: UUID | None = None,
    student: UUID | None = None,
    kind: DocumentKind | None = None,
) -> Response:
    """Return what is known of documents, without their content."""
    wanted = DocumentsAsked(
        school=None if school is None else SchoolId(school),
        student=student,
        kind=None if kind is None else kind.value,
    )
    found = ListAsked(records, person, "documents", {"school": school, "student": student, "kind": kind}, asked)
    return found.answer(answers.DOCUMENT, records.documents.listed(person, wanted, found.window()))


@router.post(
    "",
    status_code=201,
    response_model=model_of(answers.DOCUMENT),
    openapi_extra=body_of(NewDocument),
    summary="A new document",
)
def add(person: Writer, call: CallMade, records: Records) -> Response:
    """Add a document to the chart of a student of yours. Its content was sent before; sha256 says which."""
    values = given(content_of(call, NewDocument))
    row = records.documents.add(person, {"is_confidential": False, **values})
    return record_answer(answers.DOCUMENT, row, status=201)


@router.put(
    "/content/{sha256}",
    response_model=BlobHeld,
    openapi_extra=PIECE_BODY,
    summary="Send a piece of content",
)
def put(
    sha256: Name, offset: Offset, size: Size, student: UUID, person: Writer, call: CallMade, server: Server
) -> Response:
    """Take a piece of what will be a document of a student: 64 KiB to 1 MiB, the last one as small as it is.

    The answer says how far it is; the next piece begins there. With the last one the hash is proved.
    """
    bringer = server.records.documents.bringer(person, student)
    piece = Piece(sha256=sha256, size=size, offset=offset, content=call.signed.body)
    try:
        return reply(server.blobs.take(bringer, piece))
    except BlobRefused as error:
        raise RecordRefused(
            RecordsProblem.INVALID, fields=(_FIELD_OF[error.why],), row_version=error.expected
        ) from None


@router.get("/{document}", response_model=model_of(answers.DOCUMENT), summary="One document")
def one(document: UUID, person: Reader, records: Records) -> Response:
    """Return what is known of a document, with row_version in ETag."""
    return record_answer(answers.DOCUMENT, records.documents.one(person, document))


@router.get("/{document}/content", response_class=Response, responses=RANGE_ANSWER, summary="The content of a document")
def content(
    document: UUID,
    person: Reader,
    server: Server,
    offset: Offset = 0,
    length: Annotated[int | None, Query(ge=1, le=MOST_BYTES, description="All of it if not given")] = None,
) -> Response:
    """Return a document's content or a range of it; that it was looked at is on record."""
    part = server.records.documents.content(person, document, offset, length or MOST_BYTES)
    # Never shown by a browser in our name: it is what somebody else sent us.
    headers = {
        SIZE_HEADER: str(part.size),
        "WC-Blob-Type": part.media_type,
        "X-Content-Type-Options": "nosniff",
        "Content-Disposition": "attachment",
    }
    return Response(part.content, media_type=OCTETS, headers=headers)
