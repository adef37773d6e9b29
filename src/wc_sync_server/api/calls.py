"""One call: the request as it was signed, and its content once it is wanted."""

from dataclasses import dataclass, field
from typing import TypeVar

from starlette.requests import Request

from wc_contract.wire.base import WireModel
from wc_contract.wire.proof import DEVICE_HEADER, NONCE_HEADER, PROOF_HEADER
from wc_sync_server.api.bodies import read_bounded, read_message, unfold
from wc_sync_server.api.ports import Limits
from wc_sync_server.domain.requests import SignedRequest

T = TypeVar("T", bound=WireModel)

_BEARER = "bearer "


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A request, read but not yet believed."""

    signed: SignedRequest
    encoding: str
    accepts: str
    limits: Limits = field(repr=False)

    def message(self, kind: type[T]) -> T:
        """Return the content as a message. Raises ProblemRaised: TOO_LARGE and what read_message raises."""
        return read_message(kind, unfold(self.signed.body, self.encoding, self.limits.content))


async def read_call(request: Request, limits: Limits) -> Call:
    """Return the call that request makes. Raises ProblemRaised(TOO_LARGE)."""
    headers = request.headers
    authorization = headers.get("authorization", "")
    bearer = authorization[: len(_BEARER)].lower() == _BEARER
    return Call(
        signed=SignedRequest(
            method=request.method,
            path=_path(request),
            body=await read_bounded(request, limits),
            nonce=headers.get(NONCE_HEADER, ""),
            proof=headers.get(PROOF_HEADER, ""),
            token=authorization[len(_BEARER) :].strip() if bearer else "",
            device=headers.get(DEVICE_HEADER),
            address=None if request.client is None else request.client.host,
        ),
        encoding=headers.get("content-encoding", ""),
        accepts=headers.get("accept-encoding", ""),
        limits=limits,
    )


def _path(request: Request) -> str:
    raw: bytes = request.scope.get("raw_path") or request.scope["path"].encode()
    query: bytes = request.scope.get("query_string", b"")
    return (raw.split(b"?", 1)[0] + (b"?" + query if query else b"")).decode("latin-1")
