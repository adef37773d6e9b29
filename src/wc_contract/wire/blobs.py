"""The messages about photos and documents (sync.md, 'blob'). The content itself travels as it is, piece by piece.

PUT /v1/blob/{sha256}?offset=&size= carries a piece and is answered with BlobTaken.
GET /v1/blob/{sha256}?offset=&length= is answered with the bytes of that range, SIZE_HEADER saying how many there are.
"""

from typing import Final, Literal

from pydantic import Field

from wc_contract.model.blobs import MOST_ASKED
from wc_contract.wire.base import Hex64, Short, WireModel

SIZE_HEADER: Final = "WC-Blob-Size"


class BlobNamed(WireModel):
    """A photo or document by its hash, and how large it is."""

    sha256: Hex64
    size: int = Field(ge=1)


class BlobAsk(WireModel):
    """Ask which of these the server has for this school, and how far each upload has come."""

    protocol: Literal[1]
    blobs: tuple[BlobNamed, ...] = Field(min_length=1, max_length=MOST_ASKED)


class BlobHeld(WireModel):
    """How many bytes the server holds of one; complete: all are there and their hash is the name."""

    sha256: Hex64
    size: int
    held: int
    complete: bool


class BlobsHeld(WireModel):
    """The answer to BlobAsk, one each, in order. max_bytes is how large one may be."""

    protocol: Literal[1]
    epoch: Short
    max_bytes: int
    blobs: tuple[BlobHeld, ...]


class BlobTaken(WireModel):
    """The answer to a piece: how far it is now. held is where the next piece begins."""

    protocol: Literal[1]
    epoch: Short
    blob: BlobHeld
