"""orgs.csv: which organisations are schools."""

from collections.abc import Iterator
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from wc_sync_server.importing.oneroster.manifest import Mode
from wc_sync_server.importing.oneroster.problems import Code, Problem, Weight
from wc_sync_server.importing.oneroster.records import RosterSchool
from wc_sync_server.importing.oneroster.rows import Row
from wc_sync_server.importing.oneroster.state import DistrictState
from wc_sync_server.importing.oneroster.tables import Tables

_SCHOOL = "school"
TIMEZONE_COLUMN = "metadata.timezone"


@dataclass(frozen=True, slots=True, kw_only=True)
class Schools:
    """told: the schools in the files; school_ids and org_ids: those and, unless orgs is bulk, the known ones."""

    told: tuple[RosterSchool, ...]
    school_ids: frozenset[str]
    org_ids: frozenset[str]


def read_schools(tables: Tables, known: DistrictState, problems: list[Problem]) -> Schools:
    """Read orgs.csv; what is wrong is added to problems."""
    rows = tables.living("orgs.csv")
    orgs = {row.sourced_id for row in rows}
    schools = [row for row in rows if row.text("type") == _SCHOOL]
    already: set[str] = set()
    if tables.mode("orgs.csv") is not Mode.BULK:
        already = {school.sourced_id for school in known.schools if school.sourced_id is not None}
    problems.extend(_orphans(rows, orgs | already, tables))
    problems.extend(_bad_zones(schools))
    return Schools(
        told=tuple(_school(row) for row in schools),
        school_ids=frozenset({row.sourced_id for row in schools} | already),
        org_ids=frozenset(orgs | already),
    )


def _school(row: Row) -> RosterSchool:
    zone = row.text(TIMEZONE_COLUMN)
    return RosterSchool(
        sourced_id=row.sourced_id, name=row.text("name"), timezone=zone if zone and is_timezone(zone) else None
    )


def _orphans(rows: tuple[Row, ...], orgs: set[str], tables: Tables) -> Iterator[Problem]:
    if tables.mode("orgs.csv") is not Mode.BULK:
        return
    for row in rows:
        parent = row.text("parentSourcedId")
        if parent and parent not in orgs:
            detail = f"parentSourcedId {parent!r} is not in orgs.csv"
            yield row.problem(Code.ORPHAN, Weight.NOTE, detail, "parentSourcedId")


def _bad_zones(rows: list[Row]) -> Iterator[Problem]:
    for row in rows:
        zone = row.text(TIMEZONE_COLUMN)
        if zone and not is_timezone(zone):
            detail = f"{zone[:40]!r} is no time zone; write it as America/Chicago. The district's is used"
            yield row.problem(Code.TIMEZONE_UNKNOWN, Weight.NOTE, detail, TIMEZONE_COLUMN)


def is_timezone(name: str) -> bool:
    """Say whether name is a time zone of the IANA database."""
    try:
        ZoneInfo(name)
    except (KeyError, OSError, ValueError):
        return False
    return True
