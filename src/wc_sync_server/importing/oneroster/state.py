"""What the district holds now, as much of it as a roster may change."""

from dataclasses import dataclass, field
from datetime import date

from wc_contract.model.ids import DistrictId, SchoolId, StudentId, UserId
from wc_contract.model.values import Role


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownSchool:
    """A school in the database."""

    id: SchoolId
    sourced_id: str | None
    name: str
    timezone: str


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownStudent:
    """A student in the database: roster fields only. merged_into: the chart that this one goes on in, if any."""

    id: StudentId
    sourced_id: str | None
    school_id: SchoolId
    student_number: str = field(repr=False)
    first_name: str = field(repr=False)
    last_name: str = field(repr=False)
    preferred_name: str | None = field(repr=False, default=None)
    date_of_birth: date = field(repr=False)
    grade: str
    homeroom: str | None = None
    gender: str | None = field(repr=False, default=None)
    is_active: bool = True
    merged_into: StudentId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownUser:
    """A user in the database. schools: where assigned now; by_roster: those of them that a roster said."""

    id: UserId
    email: str
    first_name: str
    last_name: str
    role: Role
    is_active: bool
    schools: frozenset[SchoolId] = frozenset()
    by_roster: frozenset[SchoolId] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class DistrictState:
    """The district as it stands before an import."""

    district: DistrictId
    timezone: str
    schools: tuple[KnownSchool, ...] = ()
    students: tuple[KnownStudent, ...] = ()
    users: tuple[KnownUser, ...] = ()
