"""Photos and documents: content that is named by its hash, of the few kinds that are known by their first bytes."""

from enum import StrEnum
from hashlib import sha256
from typing import Final

# A piece of content on the wire: at most so much at once, and only the last one may be smaller than the least.
MAX_PIECE: Final = 1_048_576
MIN_PIECE: Final = 65_536
# No setting allows more: a page of the file of a phone, a scan of a thick chart.
MOST_BYTES: Final = 1_073_741_824
MOST_ASKED: Final = 200
# So much of the beginning tells what something is.
HEAD_BYTES: Final = 16


class MediaType(StrEnum):
    """What a photo or a document may be."""

    JPEG = "image/jpeg"
    PNG = "image/png"
    WEBP = "image/webp"
    HEIC = "image/heic"
    TIFF = "image/tiff"
    PDF = "application/pdf"


_BEGINNINGS: Final = (
    (b"\xff\xd8\xff", MediaType.JPEG),
    (b"\x89PNG\r\n\x1a\n", MediaType.PNG),
    (b"II*\x00", MediaType.TIFF),
    (b"MM\x00*", MediaType.TIFF),
    (b"%PDF-", MediaType.PDF),
)
_HEIC_BRANDS: Final = frozenset({b"heic", b"heix", b"heim", b"heis", b"mif1"})


def media_type_of(head: bytes) -> MediaType | None:
    """Return what content is that begins with head (HEAD_BYTES or more), None for what is not taken.

    A name or a header that says something else counts for nothing.
    """
    for beginning, kind in _BEGINNINGS:
        if head.startswith(beginning):
            return kind
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return MediaType.WEBP
    if head[4:8] == b"ftyp" and head[8:12] in _HEIC_BRANDS:
        return MediaType.HEIC
    return None


def hash_of(content: bytes) -> str:
    """Return the name of content: its SHA-256 in hex."""
    return sha256(content).hexdigest()


def place_of(name: str) -> str:
    """Return what a document's record says of where its content is: by hash, wherever that is held."""
    return f"sha256:{name}"
