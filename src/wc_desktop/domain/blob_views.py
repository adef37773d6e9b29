"""Photos and documents as the workstation speaks of them. No content is in any of these but where it says so."""

from dataclasses import dataclass, field
from enum import StrEnum

from wc_contract.model.blobs import HEAD_BYTES, MediaType, hash_of, media_type_of
from wc_contract.model.errors import Refused


class KindNotTaken(Refused):
    """What was chosen is no picture and no PDF, whatever it is called."""

    code = "blob_type"


class DocumentTooLarge(Refused):
    """What was chosen is larger than a photo or document may be."""

    code = "blob_too_large"


class DocumentEmpty(Refused):
    """What was chosen has no content."""

    code = "blob_empty"


@dataclass(frozen=True, slots=True, kw_only=True)
class ContentFacts:
    """What names content: its hash, its size, and what it is by its first bytes."""

    sha256: str
    size: int
    media_type: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Uploading:
    """Content of this workstation's own that the district does not have for certain. refused: why it never will."""

    facts: ContentFacts
    refused: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Content that is to be fetched. held: how much is here; asked: a person waits for it."""

    facts: ContentFacts
    held: int
    asked: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class BlobCounts:
    """How much there is: waiting to be sent, refused for good, wanted, and the bytes that may be evicted."""

    waiting: int
    refused: int
    wanted: int
    bytes: int


class ContentPlace(StrEnum):
    """Where content is, as far as this workstation knows."""

    HERE = "here"
    SENDING = "sending"  # here; the district does not have it yet
    REFUSED = "refused"  # here; the district will not have it
    FETCHING = "fetching"  # on its way, or asked for
    LATER = "later"  # asked for in vain: it has not come to the district yet
    AWAY = "away"  # at the district; nobody asked for it


@dataclass(frozen=True, slots=True, kw_only=True)
class ContentState:
    """Where content is, how much of it is here, and why it was refused."""

    place: ContentPlace
    held: int = 0
    refused: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """A photo or document, whole."""

    facts: ContentFacts
    octets: bytes = field(repr=False)


def facts_of(content: bytes, most: int) -> ContentFacts:
    """Return what names content that somebody chose. Raises DocumentEmpty, DocumentTooLarge, KindNotTaken.

    Hashing takes a while: never on the thread that doses wait for.
    """
    if not content:
        raise DocumentEmpty("no content")
    if len(content) > most:
        raise DocumentTooLarge(f"{len(content)} bytes, {most} at most")
    kind: MediaType | None = media_type_of(content[:HEAD_BYTES])
    if kind is None:
        raise KindNotTaken("neither a picture nor a PDF")
    return ContentFacts(sha256=hash_of(content), size=len(content), media_type=kind.value)
