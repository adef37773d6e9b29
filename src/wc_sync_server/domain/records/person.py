"""Somebody at the records API: signed in without a workstation, for minutes."""

from dataclasses import dataclass, field
from uuid import UUID

from wc_contract.model.ids import DeviceId, DistrictId, SchoolId, UserId
from wc_contract.model.instants import Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonSession:
    """What a token of the records API names: ids, and no right. Rights are looked up at each use."""

    district: DistrictId
    user: UserId
    session: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A person with the rights they have now.

    schools are those whose records they may see; everywhere is every school of the district, for questions whose
    answer tells nothing of a child (is a nurse free?).
    """

    district: DistrictId
    user: UserId
    session: UUID
    role: str
    schools: tuple[SchoolId, ...]
    everywhere: tuple[SchoolId, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Where a session and its person stand at this moment."""

    role: str
    is_active: bool
    ended: bool
    expires_at: Instant
    used_at: Instant | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenSession:
    """A session that goes on: somebody's own, or that of the workstation they enrolled.

    used_at is its last use to a minute; of a workstation its last contact.
    """

    id: UUID
    device: DeviceId | None
    workstation: str | None
    since: Instant
    until: Instant
    used_at: Instant | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedIn:
    """A token, for how many seconds it is good, and who it is for."""

    token: str = field(repr=False)
    seconds: int
    person: Person
