"""The columns of each file in each version, and how a cell of each is read."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from wc_sync_server.importing.oneroster.manifest import Version


class Cell(StrEnum):
    """How a cell is read."""

    TEXT = "text"
    BOOLEAN = "boolean"
    DATE = "date"
    STATUS = "status"
    LIST = "list"


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column; a required one must be there and filled."""

    name: str
    cell: Cell = Cell.TEXT
    required: bool = False
    values: frozenset[str] = frozenset()
    phi: bool = False  # the value is never shown in a problem


@dataclass(frozen=True, slots=True, kw_only=True)
class FileShape:
    """The columns of one file in one version. foreign: columns by which another version is told."""

    name: str
    columns: tuple[Column, ...]
    foreign: frozenset[str] = frozenset()


def _c(name: str, cell: Cell = Cell.TEXT, *, req: bool = False, phi: bool = False, values: str = "") -> Column:
    return Column(name=name, cell=cell, required=req, values=frozenset(values.split()), phi=phi)


_HEAD = (_c("sourcedId", req=True), _c("status", Cell.STATUS), _c("dateLastModified"))
_ORG_TYPES_1 = "district school local state national"
_ORG_TYPES_2 = f"{_ORG_TYPES_1} department"
ROLES_1 = "administrator aide guardian parent proctor relative student teacher"
ROLES_2 = (
    "aide counselor districtAdministrator guardian parent principal proctor relative siteAdministrator "
    "student systemAdministrator teacher"
)
_NAMES = (
    _c("username"),
    _c("userIds", Cell.LIST),
    _c("givenName", req=True, phi=True),
    _c("familyName", req=True, phi=True),
    _c("middleName", phi=True),
    _c("identifier"),
    _c("email"),
    _c("sms"),
    _c("phone"),
    _c("agentSourcedIds", Cell.LIST),
    _c("grades", Cell.LIST),
    _c("password", phi=True),
)
_USERS_1 = ("orgSourcedIds", "role")
_USERS_2 = ("userMasterIdentifier", "primaryOrgSourcedId", "preferredGivenName", "preferredFamilyName")


def _orgs(types: str) -> FileShape:
    return FileShape(
        name="orgs.csv",
        columns=(
            *_HEAD,
            _c("name", req=True),
            _c("type", req=True, values=types),
            _c("identifier"),
            _c("parentSourcedId"),
        ),
    )


_USERS_V1 = FileShape(
    name="users.csv",
    columns=(
        *_HEAD,
        _c("enabledUser", Cell.BOOLEAN, req=True),
        _c("orgSourcedIds", Cell.LIST, req=True),
        _c("role", req=True, values=ROLES_1),
        *_NAMES,
    ),
    foreign=frozenset(_USERS_2),
)
_USERS_V2 = FileShape(
    name="users.csv",
    columns=(
        *_HEAD,
        _c("enabledUser", Cell.BOOLEAN, req=True),
        *_NAMES,
        _c("userMasterIdentifier"),
        _c("resourceSourcedIds", Cell.LIST),
        _c("preferredGivenName", phi=True),
        _c("preferredMiddleName", phi=True),
        _c("preferredFamilyName", phi=True),
        _c("primaryOrgSourcedId"),
        _c("pronouns", phi=True),
    ),
    foreign=frozenset(_USERS_1),
)
_ROLES = FileShape(
    name="roles.csv",
    columns=(
        *_HEAD,
        _c("userSourcedId", req=True),
        _c("roleType", req=True, values="primary secondary"),
        _c("role", req=True, values=ROLES_2),
        _c("beginDate", Cell.DATE),
        _c("endDate", Cell.DATE),
        _c("orgSourcedId", req=True),
        _c("userProfileSourcedId"),
    ),
)
_RACES = tuple(
    _c(name, Cell.BOOLEAN, phi=True)
    for name in (
        "americanIndianOrAlaskaNative",
        "asian",
        "blackOrAfricanAmerican",
        "nativeHawaiianOrOtherPacificIslander",
        "white",
        "demographicRaceTwoOrMoreRaces",
        "hispanicOrLatinoEthnicity",
    )
)


def _demographics(sexes: str) -> FileShape:
    return FileShape(
        name="demographics.csv",
        columns=(
            *_HEAD,
            _c("birthDate", Cell.DATE, phi=True),
            _c("sex", values=sexes, phi=True),
            *_RACES,
            _c("countryOfBirthCode", phi=True),
            _c("stateOfBirthAbbreviation", phi=True),
            _c("cityOfBirth", phi=True),
            _c("publicSchoolResidenceStatus", phi=True),
        ),
    )


_SESSIONS = FileShape(
    name="academicSessions.csv",
    columns=(
        *_HEAD,
        _c("title", req=True),
        _c("type", req=True, values="gradingPeriod semester schoolYear term"),
        _c("startDate", Cell.DATE, req=True),
        _c("endDate", Cell.DATE, req=True),
        _c("parentSourcedId"),
        _c("schoolYear", req=True),
    ),
)
_CLASSES = FileShape(
    name="classes.csv",
    columns=(
        *_HEAD,
        _c("title", req=True),
        _c("grades", Cell.LIST),
        _c("courseSourcedId", req=True),
        _c("classCode"),
        _c("classType", req=True, values="homeroom scheduled"),
        _c("location"),
        _c("schoolSourcedId", req=True),
        _c("termSourcedIds", Cell.LIST, req=True),
        _c("subjects", Cell.LIST),
        _c("subjectCodes", Cell.LIST),
        _c("periods", Cell.LIST),
    ),
)


def _enrollments(roles: str) -> FileShape:
    return FileShape(
        name="enrollments.csv",
        columns=(
            *_HEAD,
            _c("classSourcedId", req=True),
            _c("schoolSourcedId", req=True),
            _c("userSourcedId", req=True),
            _c("role", req=True, values=roles),
            _c("primary", Cell.BOOLEAN),
            _c("beginDate", Cell.DATE),
            _c("endDate", Cell.DATE),
        ),
    )


def _by_name(*shapes: FileShape) -> Mapping[str, FileShape]:
    return {shape.name: shape for shape in shapes}


# In the order of reading: each file after those it points to.
SHAPES: Mapping[Version, Mapping[str, FileShape]] = {
    Version.V1_1: _by_name(
        _orgs(_ORG_TYPES_1),
        _SESSIONS,
        _USERS_V1,
        _demographics("male female"),
        _CLASSES,
        _enrollments(f"{ROLES_1}"),
    ),
    Version.V1_2: _by_name(
        _orgs(_ORG_TYPES_2),
        _SESSIONS,
        _USERS_V2,
        _ROLES,
        _demographics("male female unspecified other"),
        _CLASSES,
        _enrollments("administrator proctor student teacher"),
    ),
}
