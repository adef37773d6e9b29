"""classes.csv and enrollments.csv: in whose homeroom a student is. Both files are optional."""

from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date

from wc_sync_server.importing.oneroster.affiliations import holds_on
from wc_sync_server.importing.oneroster.manifest import Mode
from wc_sync_server.importing.oneroster.problems import Code, Problem, Weight
from wc_sync_server.importing.oneroster.rows import Row
from wc_sync_server.importing.oneroster.schools import Schools
from wc_sync_server.importing.oneroster.tables import Tables


@dataclass(frozen=True, slots=True, kw_only=True)
class Homeroom:
    """The class a student reports to, and its school."""

    title: str
    school: str


def read_homerooms(
    tables: Tables, schools: Schools, people: AbstractSet[str], today: date, problems: list[Problem]
) -> Mapping[str, Homeroom]:
    """Return the homeroom by student; enrolments that point nowhere are added to problems."""
    problems.extend(_reversed_dates(tables))
    classes = {row.sourced_id: row for row in tables.living("classes.csv")}
    found: dict[str, Homeroom] = {}
    for row in tables.living("enrollments.csv"):
        orphan = _orphan(row, tables, schools, people, classes)
        if orphan is not None:
            problems.append(orphan)
            continue
        room = classes.get(row.text("classSourcedId"))
        if room is None or room.text("classType") != "homeroom" or row.text("role") != "student":
            continue
        if holds_on(row, today):
            found[row.text("userSourcedId")] = Homeroom(title=room.text("title"), school=row.text("schoolSourcedId"))
    return found


def _reversed_dates(tables: Tables) -> Iterator[Problem]:
    for file, first, last in (
        ("academicSessions.csv", "startDate", "endDate"),
        ("enrollments.csv", "beginDate", "endDate"),
        ("roles.csv", "beginDate", "endDate"),
    ):
        for row in tables.living(file):
            begin, end = row.day(first), row.day(last)
            if begin is not None and end is not None and end < begin:
                yield row.problem(Code.DATES_REVERSED, Weight.NOTE, f"{last} is before {first}", last)


def _orphan(
    row: Row, tables: Tables, schools: Schools, people: AbstractSet[str], classes: Mapping[str, Row]
) -> Problem | None:
    """Return what an enrolment points to in vain, if anything."""
    targets = (
        ("userSourcedId", "users.csv", row.text("userSourcedId") in people or not _whole(tables, "users.csv")),
        ("schoolSourcedId", "orgs.csv", row.text("schoolSourcedId") in schools.school_ids),
        ("classSourcedId", "classes.csv", row.text("classSourcedId") in classes or not _whole(tables, "classes.csv")),
    )
    for column, file, there in targets:
        if not there:
            detail = f"{column} {row.text(column)[:60]!r} is not in {file}"
            return row.problem(Code.ORPHAN, Weight.ROW_LEFT_OUT, detail, column)
    return None


def _whole(tables: Tables, file: str) -> bool:
    return tables.mode(file) is Mode.BULK
