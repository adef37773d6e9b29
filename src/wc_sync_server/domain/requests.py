"""A request as it is proved, and whom it was found to come from."""

from dataclasses import dataclass, field

from wc_sync_server.domain.access import Admission, Principal


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedRequest:
    """A request as it came over the wire.

    path includes the query; body is still compressed; device is the id that the request itself names, if any.
    """

    method: str
    path: str
    body: bytes = field(repr=False)
    nonce: str
    proof: str = field(repr=False)
    token: str = field(repr=False)
    device: str | None = None
    address: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Admitted:
    """A request whose device proved itself."""

    principal: Principal
    admission: Admission
