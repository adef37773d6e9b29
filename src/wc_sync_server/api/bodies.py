"""Bodies: bounded as they come, bounded as they unfold, and complete, or refused."""

import zlib
from typing import TypeVar

import zstandard
from pydantic import ValidationError
from starlette.requests import Request

from wc_contract.wire.base import WireModel
from wc_contract.wire.codes import ProblemCode
from wc_contract.wire.versions import SUPPORTED_PROTOCOLS
from wc_sync_server.api.ports import Limits
from wc_sync_server.domain.problems import ProblemRaised

T = TypeVar("T", bound=WireModel)

# The worst that a piece of zstd can unfold to before we look again is about 32,000 times its size.
_PIECE = 256
_GZIP = 31
_MAX_WINDOW = 8 * 1024 * 1024


async def read_bounded(request: Request, limits: Limits) -> bytes:
    """Return the body as sent. Raises ProblemRaised(TOO_LARGE) as soon as it is known to be."""
    declared = request.headers.get("content-length", "")
    if declared.isdigit() and int(declared) > limits.body:
        raise ProblemRaised(ProblemCode.TOO_LARGE)
    pieces, size = [], 0
    async for piece in request.stream():
        size += len(piece)
        if size > limits.body:
            raise ProblemRaised(ProblemCode.TOO_LARGE)
        pieces.append(piece)
    return b"".join(pieces)


def unfold(body: bytes, encoding: str, limit: int) -> bytes:
    """Return a body decompressed. Raises ProblemRaised: TOO_LARGE, or BAD_REQUEST for what is damaged or cut."""
    match encoding.strip().lower():
        case "" | "identity":
            content = body
        case "gzip":
            content = _gunzip(body, limit)
        case "zstd":
            content = _unzstd(body, limit)
        case _:
            raise ProblemRaised(ProblemCode.BAD_REQUEST)
    if len(content) > limit:
        raise ProblemRaised(ProblemCode.TOO_LARGE)
    return content


def read_message(kind: type[T], content: bytes) -> T:
    """Return content as a message. Raises ProblemRaised: BAD_REQUEST, UNSUPPORTED_PROTOCOL, SERVER_TOO_OLD."""
    try:
        return kind.model_validate_json(content)
    except ValidationError as error:
        raise ProblemRaised(_why_unread(error)) from None


def _why_unread(error: ValidationError) -> ProblemCode:
    found = error.errors(include_url=False, include_context=False)
    protocols = [one["input"] for one in found if one["loc"] == ("protocol",)]
    if any(isinstance(each, int) and each > max(SUPPORTED_PROTOCOLS) for each in protocols):
        return ProblemCode.SERVER_TOO_OLD
    if len(protocols) == len(found):
        return ProblemCode.UNSUPPORTED_PROTOCOL
    # Nothing is wrong but what came later than this server: a newer program wrote it.
    newer = all(one["type"] == "extra_forbidden" for one in found)
    return ProblemCode.SERVER_TOO_OLD if newer else ProblemCode.BAD_REQUEST


def _gunzip(body: bytes, limit: int) -> bytes:
    unfolding = zlib.decompressobj(_GZIP)
    try:
        content = unfolding.decompress(body, limit + 1)
    except zlib.error:
        raise ProblemRaised(ProblemCode.BAD_REQUEST) from None
    if len(content) > limit:
        raise ProblemRaised(ProblemCode.TOO_LARGE)
    if not unfolding.eof or unfolding.unused_data:
        raise ProblemRaised(ProblemCode.BAD_REQUEST)
    return content


def _unzstd(body: bytes, limit: int) -> bytes:
    unfolding = zstandard.ZstdDecompressor(max_window_size=_MAX_WINDOW).decompressobj()
    pieces, size = [], 0
    for start in range(0, len(body), _PIECE):
        if unfolding.eof:
            raise ProblemRaised(ProblemCode.BAD_REQUEST)
        try:
            piece = unfolding.decompress(body[start : start + _PIECE])
        except zstandard.ZstdError:
            raise ProblemRaised(ProblemCode.BAD_REQUEST) from None
        size += len(piece)
        if size > limit:
            raise ProblemRaised(ProblemCode.TOO_LARGE)
        pieces.append(piece)
    if not unfolding.eof or unfolding.unused_data:
        raise ProblemRaised(ProblemCode.BAD_REQUEST)
    return b"".join(pieces)
