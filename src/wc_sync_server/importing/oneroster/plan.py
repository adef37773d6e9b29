"""What an import would do. Pure: roster and present state in, steps out; nothing here touches a database."""

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import TypeAlias

from wc_contract.model.ids import SchoolId, StudentId, UserId
from wc_sync_server.importing.oneroster.problems import Problem
from wc_sync_server.importing.oneroster.records import RosterStudent, RosterUser


class Why(StrEnum):
    """Why a student is no longer on the roster."""

    ABSENT_FROM_BULK = "absent_from_bulk"
    TO_BE_DELETED = "to_be_deleted"


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateSchool:
    """A school that the district does not have yet."""

    id: SchoolId
    sourced_id: str
    name: str
    timezone: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateSchool:
    """Name or time zone of a school change."""

    id: SchoolId
    sourced_id: str
    name: str
    timezone: str
    changed: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateStudent:
    """A student who is new to the district."""

    id: StudentId
    school_id: SchoolId
    facts: RosterStudent
    enrolled_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateStudent:
    """Roster fields of a student change; a student who had left is active again."""

    id: StudentId
    school_id: SchoolId
    facts: RosterStudent
    changed: tuple[str, ...]
    returns: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveStudent:
    """A student goes to another school of the district, with everything in the chart (rules.md S1)."""

    id: StudentId
    from_school: SchoolId
    school_id: SchoolId
    facts: RosterStudent
    changed: tuple[str, ...]
    returns: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class DeactivateStudent:
    """A student leaves the district; nothing is deleted (rules.md S2, S3)."""

    id: StudentId
    school_id: SchoolId
    why: Why


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateUser:
    """An account that nobody can sign in to until an administrator enrols its owner."""

    id: UserId
    facts: RosterUser
    schools: tuple[SchoolId, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateUser:
    """Name, role, activity or schools of a user change."""

    id: UserId
    facts: RosterUser
    changed: tuple[str, ...]
    joins: tuple[SchoolId, ...]
    leaves: tuple[SchoolId, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DeactivateUser:
    """The roster says to delete a user: the account is closed, its history stays."""

    id: UserId


Step: TypeAlias = (
    CreateSchool
    | UpdateSchool
    | CreateStudent
    | UpdateStudent
    | MoveStudent
    | DeactivateStudent
    | CreateUser
    | UpdateUser
    | DeactivateUser
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Halt:
    """The brake of rules.md S3: too many students would leave at once."""

    disappearing: int
    active: int

    def __str__(self) -> str:
        return (
            f"{self.disappearing} of {self.active} active students would disappear, more than 2 %; nothing was "
            "imported. Check that the export is complete. If they have really left, run the import again with "
            f"--allow-disappearing {self.disappearing}."
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Steps in the order in which they can be taken, and what stays as it is."""

    steps: tuple[Step, ...] = field(repr=False)
    unchanged: int
    disappearing: int
    users_absent: int
    halt: Halt | None
    problems: tuple[Problem, ...]
