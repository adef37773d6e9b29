"""People, devices and sessions, as far as deciding about access needs them."""

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from uuid import UUID

from wc_contract.model.ids import DeviceId, DistrictId, SchoolId, UserId
from wc_contract.model.instants import Instant
from wc_sync_server.domain.checkpoints import scope_of


class DeviceStatus(StrEnum):
    """Life of a workstation's registration."""

    ACTIVE = "ACTIVE"
    FORKED = "FORKED"
    REVOKED = "REVOKED"
    WIPED = "WIPED"


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """Somebody who can sign in. Secrets are never shown."""

    id: UserId
    email: str = field(repr=False)
    first_name: str = field(repr=False)
    last_name: str = field(repr=False)
    role: str
    licence_type: str | None
    is_active: bool
    password_hash: str | None = field(repr=False)
    mfa_secret: bytes | None = field(repr=False)
    mfa_last_step: int
    sign_on_used: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    """An enrolled workstation. last_number is the number of the newest entry the server holds of it.

    settled: up to this number, two texts under one number are both taken (a fork that was settled). app_version is
    what its program last said of itself.
    """

    id: DeviceId
    school: SchoolId
    sign_key: bytes = field(repr=False)
    status: DeviceStatus
    last_number: int
    settled: int = 0
    app_version: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionRow:
    """One refresh token of a device: it names its one successor once that was made."""

    id: UUID
    device: DeviceId
    user: UserId
    school: SchoolId
    sign_key: bytes = field(repr=False)
    generation: int
    token_hash: bytes = field(repr=False)
    expires_at: Instant
    ended: bool
    successor: UUID | None
    successor_used: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class EnrolmentCode:
    """A one-time code; only its hash is ever stored. used_by_key is the key of the device that used it."""

    id: UUID
    school: SchoolId
    expires_at: Instant
    used_by: DeviceId | None
    used_by_key: bytes | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class School:
    """A school, as an answer to enrolment names it."""

    id: SchoolId
    name: str
    timezone: str


@dataclass(frozen=True, slots=True, kw_only=True)
class District:
    """A district, as an answer to enrolment names it."""

    id: DistrictId
    name: str
    policy_version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaseHolder:
    """Somebody with a slot on a workstation; a higher generation retires older slots."""

    id: UserId
    generation: int


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuedLease:
    """The newest lease of a device, as it was sent."""

    body: str
    signature: bytes = field(repr=False)
    users: tuple[LeaseHolder, ...]
    issued_at: Instant
    expires_at: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class Admission:
    """What is known about the bearer of an access token at this moment.

    confidential: somebody who may use the device may see confidential records, and the district lets them there.
    """

    device: Device
    session_ended: bool
    anyone_valid: bool
    confidential: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Principal:
    """Who makes a request: a device of a school, in the session that a person began.

    confidential is the device's present right, as the gate found it.
    """

    district: DistrictId
    school: SchoolId
    device: DeviceId
    user: UserId
    session: UUID
    confidential: bool = True

    @property
    def scope(self) -> str:
        """The fingerprint of what decides which records the device may see."""
        return scope_of(self.school, confidential=self.confidential)


@dataclass(frozen=True, slots=True, kw_only=True)
class Assignment:
    """A person's work at a school, first and last day included."""

    user: UserId
    school: SchoolId
    first: date
    last: date | None

    def covers(self, day: date) -> bool:
        """Return whether day is within the assignment."""
        return self.first <= day and (self.last is None or day <= self.last)
