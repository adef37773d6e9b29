"""Somebody at the records API: signed in without a workstation, for minutes."""

from dataclasses import dataclass, field
from uuid import UUID

from wc_contract.model.ids import DistrictId, SchoolId, UserId
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


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedIn:
    """A token, for how many seconds it is good, and who it is for."""

    token: str = field(repr=False)
    seconds: int
    person: Person
