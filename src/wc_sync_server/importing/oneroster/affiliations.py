"""Who is what where: users.csv says it in 1.1, roles.csv in 1.2."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from wc_sync_server.importing.oneroster.manifest import Mode, Version
from wc_sync_server.importing.oneroster.problems import Code, Problem, Weight
from wc_sync_server.importing.oneroster.rows import Row
from wc_sync_server.importing.oneroster.schools import Schools
from wc_sync_server.importing.oneroster.tables import Tables


@dataclass(frozen=True, slots=True, kw_only=True)
class Affiliation:
    """One role of one person at one organisation."""

    role: str
    org: str
    primary: bool


def read_affiliations(
    tables: Tables, schools: Schools, today: date, problems: list[Problem]
) -> Mapping[str, Sequence[Affiliation]]:
    """Return the present roles by person; organisations that nobody knows are added to problems."""
    if tables.version is Version.V1_1:
        return _from_users(tables, schools, problems)
    return _from_roles(tables, schools, today, problems)


def _from_users(tables: Tables, schools: Schools, problems: list[Problem]) -> dict[str, list[Affiliation]]:
    found: dict[str, list[Affiliation]] = {}
    for row in tables.living("users.csv"):
        found[row.sourced_id] = [
            Affiliation(role=row.text("role"), org=org, primary=False)
            for org in row.parts("orgSourcedIds")
            if _is_known(row, org, "orgSourcedIds", Weight.NOTE, schools, problems)
        ] or [Affiliation(role=row.text("role"), org="", primary=False)]
    return found


def _from_roles(tables: Tables, schools: Schools, today: date, problems: list[Problem]) -> dict[str, list[Affiliation]]:
    people = {row.sourced_id: row for row in tables.living("users.csv")}
    found: defaultdict[str, list[Affiliation]] = defaultdict(list)
    for row in tables.living("roles.csv"):
        person = people.get(row.text("userSourcedId"))
        if person is None and tables.mode("users.csv") is Mode.BULK:
            detail = f"userSourcedId {row.text('userSourcedId')[:60]!r} is not in users.csv"
            problems.append(row.problem(Code.ORPHAN, Weight.ROW_LEFT_OUT, detail, "userSourcedId"))
            continue
        if not _is_known(row, row.text("orgSourcedId"), "orgSourcedId", Weight.ROW_LEFT_OUT, schools, problems):
            continue
        if not holds_on(row, today):
            continue
        named = person.text("primaryOrgSourcedId") if person else ""
        primary = row.text("orgSourcedId") == named if named else row.text("roleType") == "primary"
        found[row.text("userSourcedId")].append(
            Affiliation(role=row.text("role"), org=row.text("orgSourcedId"), primary=primary)
        )
    return found


def holds_on(row: Row, today: date) -> bool:
    """Say whether a role or enrolment holds on a day; one that begins later counts already."""
    end = row.day("endDate")
    return end is None or end >= today


def _is_known(row: Row, org: str, column: str, weight: Weight, schools: Schools, problems: list[Problem]) -> bool:
    if org in schools.org_ids:
        return True
    problems.append(row.problem(Code.ORPHAN, weight, f"{column} {org[:60]!r} is not in orgs.csv", column))
    return False
