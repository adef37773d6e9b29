"""What is written when somebody signs in or a workstation is registered."""

from dataclasses import dataclass, field
from enum import StrEnum
from uuid import UUID

from wc_contract.model.ids import DeviceId, SchoolId, UserId
from wc_contract.model.instants import Instant


class Attempt(StrEnum):
    """How a try to sign in ended."""

    SUCCEEDED = "succeeded"
    WRONG_PASSWORD = "wrong_password"  # noqa: S105  # an outcome, not a secret
    WRONG_CODE = "wrong_code"
    UNKNOWN = "unknown"
    LOCKED_OUT = "locked_out"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptMade:
    """A try to sign in. account_key is the address signed in with, or its hash when no such account exists."""

    id: UUID
    account_key: str = field(repr=False)
    user: UserId | None
    device: DeviceId | None
    address: str | None = field(repr=False)
    outcome: Attempt
    at: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class Failures:
    """Failed tries since an instant."""

    of_account: int
    from_address: int


@dataclass(frozen=True, slots=True, kw_only=True)
class NewDevice:
    """A workstation to be registered."""

    id: DeviceId
    school: SchoolId
    name: str
    sign_key: bytes = field(repr=False)
    seal_key: bytes = field(repr=False)
    app_version: str
    enrolled_by: UserId
    at: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class NewSession:
    """A refresh token's row to be written."""

    id: UUID
    user: UserId
    device: DeviceId
    token_hash: bytes = field(repr=False)
    generation: int
    at: Instant
    expires_at: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class Greeting:
    """What a device says of itself at each contact. clock_offset_ms is its clock less ours.

    unstored: how many records of the district it could not take.
    """

    at: Instant
    app_version: str
    waiting: int
    oldest_waiting: Instant | None
    clock_offset_ms: int
    unstored: int
