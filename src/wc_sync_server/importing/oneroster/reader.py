"""Folder or zip to roster. Reads every file first, so that everything wrong is told at once."""

from dataclasses import replace
from datetime import date
from pathlib import Path

from wc_sync_server.importing.oneroster.columns import SHAPES
from wc_sync_server.importing.oneroster.manifest import Manifest, Mode, read_manifest
from wc_sync_server.importing.oneroster.people import gone, read_staff, read_students
from wc_sync_server.importing.oneroster.problems import Code, Problem, Weight
from wc_sync_server.importing.oneroster.records import Roster, SchoolYear
from wc_sync_server.importing.oneroster.rows import FileReading, read_file
from wc_sync_server.importing.oneroster.schools import read_schools
from wc_sync_server.importing.oneroster.source import Bounds, SourceFiles, open_source
from wc_sync_server.importing.oneroster.state import DistrictState
from wc_sync_server.importing.oneroster.tables import Tables
from wc_sync_server.importing.refusals import SourceRefused

_NEEDED = ("orgs.csv", "users.csv")


def read_roster(path: Path, known: DistrictState, *, today: date, bounds: Bounds | None = None) -> Roster:
    """Read the roster at path. known fills in what a delta leaves unsaid.

    Raises SourceRefused when it cannot be read as a OneRoster export at all.
    """
    source = open_source(path, bounds)
    manifest = read_manifest(source)
    _must_hold_people(source, manifest)
    tables = _read_tables(source, manifest)
    problems = [*manifest.problems, *tables.problems]
    if any(problem.weight is Weight.FILE_UNUSABLE for problem in problems):
        # Against a file that cannot be read every other row would seem to point nowhere.
        tables = replace(tables, files={})
    schools = read_schools(tables, known, problems)
    students = read_students(tables, schools, known, today, problems)
    staff = read_staff(tables, schools, today, problems)
    return Roster(
        version=manifest.version,
        mode=manifest.mode("users.csv"),
        schools=schools.told,
        students=students,
        users=staff.users,
        year=_year(tables, today),
        present_users=tables.file("users.csv").present,
        gone_users=gone(tables.file("users.csv").rows),
        gone_schools=gone(tables.file("orgs.csv").rows),
        staff_without_account=staff.without_account,
        problems=tuple(sorted(problems, key=_place)),
    )


def _must_hold_people(source: SourceFiles, manifest: Manifest) -> None:
    if all(manifest.mode(name) is Mode.ABSENT for name in _NEEDED):
        raise SourceRefused(
            f"manifest.csv of {source.name!r} says that orgs.csv and users.csv are absent; "
            "export them as bulk or delta."
        )


def _read_tables(source: SourceFiles, manifest: Manifest) -> Tables:
    files: dict[str, FileReading] = {}
    problems: list[Problem] = []
    for name, shape in SHAPES[manifest.version].items():
        data = source.get(name)
        if manifest.mode(name) is Mode.ABSENT:
            if data is not None:
                problems.append(_file_problem(Code.FILE_NOT_DECLARED, Weight.NOTE, name, _UNDECLARED))
            continue
        if data is None:
            problems.append(_file_problem(Code.FILE_MISSING, Weight.FILE_UNUSABLE, name, _MISSING))
            continue
        files[name] = read_file(shape, data)
        problems.extend(files[name].problems)
    problems.extend(_mixed(manifest))
    return Tables(version=manifest.version, modes=manifest.modes, files=files, problems=tuple(problems))


_UNDECLARED = "manifest.csv says that this file is absent; it is not read"
_MISSING = "manifest.csv names this file, but it is not there; export it, or say absent in manifest.csv"


def _mixed(manifest: Manifest) -> list[Problem]:
    users, roles = manifest.mode("users.csv"), manifest.mode("roles.csv")
    if Mode.ABSENT in {users, roles} or users is roles:
        return []
    detail = "users.csv and roles.csv must both be bulk or both be delta; export them together"
    return [_file_problem(Code.FILES_OF_MIXED_MODE, Weight.FILE_UNUSABLE, "roles.csv", detail)]


def _file_problem(code: Code, weight: Weight, name: str, detail: str) -> Problem:
    return Problem(code=code, weight=weight, file=name, line=0, detail=detail)


def _year(tables: Tables, today: date) -> SchoolYear | None:
    years = [
        SchoolYear(first_day=first, last_day=last)
        for row in tables.file("academicSessions.csv").rows
        if not row.to_be_deleted and row.text("type") == "schoolYear"
        if (first := row.day("startDate")) is not None and (last := row.day("endDate")) is not None
        if first <= today <= last
    ]
    return min(years, key=_first_day, default=None)


def _first_day(year: SchoolYear) -> date:
    return year.first_day


def _place(problem: Problem) -> tuple[str, int, str]:
    return (problem.file, problem.line, problem.code)
