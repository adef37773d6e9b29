"""A roster as it was read: only what a roster may say. No clinical field exists here, so none can be touched."""

from dataclasses import dataclass, field
from datetime import date

from wc_contract.model.values import Role
from wc_sync_server.importing.oneroster.manifest import Mode, Version
from wc_sync_server.importing.oneroster.problems import Problem, Weight


@dataclass(frozen=True, slots=True, kw_only=True)
class RosterSchool:
    """A school of the district. timezone is None unless the roster says it (metadata.timezone)."""

    sourced_id: str
    name: str
    timezone: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RosterStudent:
    """A pupil enrolled at one school."""

    line: int
    sourced_id: str
    school: str
    student_number: str = field(repr=False)
    first_name: str = field(repr=False)
    last_name: str = field(repr=False)
    preferred_name: str | None = field(repr=False)
    date_of_birth: date = field(repr=False)
    grade: str
    homeroom: str | None
    gender: str | None = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class RosterUser:
    """A member of staff whom the district marked as a user of White Cross, and the schools they work at."""

    line: int
    sourced_id: str
    email: str
    first_name: str
    last_name: str
    role: Role
    schools: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SchoolYear:
    """First and last day of the school year, when the roster has it."""

    first_day: date
    last_day: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Roster:
    """A roster that was read, with what is wrong with it.

    present_* name everything that stands in the files, also rows that were left out: those are not missing.
    gone_* are those that a row says to delete.
    """

    version: Version
    mode: Mode
    schools: tuple[RosterSchool, ...]
    students: tuple[RosterStudent, ...]
    users: tuple[RosterUser, ...]
    year: SchoolYear | None
    present_users: frozenset[str]
    gone_users: frozenset[str]
    gone_schools: frozenset[str]
    staff_without_account: int
    problems: tuple[Problem, ...]

    @property
    def usable(self) -> bool:
        """Whether anything may be imported: a file that could not be read stops the whole import."""
        return all(problem.weight is not Weight.FILE_UNUSABLE for problem in self.problems)
