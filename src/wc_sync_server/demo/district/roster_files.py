"""The district as a OneRoster 1.1 zip, as its student information system would export it."""

import csv
import io
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from wc_sync_server.demo.district.pupils import Pupil
from wc_sync_server.demo.district.school_year import SchoolYear
from wc_sync_server.demo.district.shape import ZONE, DistrictShape
from wc_sync_server.demo.district.staff import Person

_BULK = ("academicSessions", "classes", "courses", "demographics", "enrollments", "orgs", "users")
_ABSENT = ("categories", "classResources", "courseResources", "lineItems", "resources", "results")
# The zip of the same district must be the same octets: no clock goes into it.
_ZIP_DATE = (1980, 1, 1, 0, 0, 0)
_HEAD = ("sourcedId", "status", "dateLastModified")


@dataclass(frozen=True, slots=True, kw_only=True)
class DistrictPeople:
    """Everyone in the district."""

    shape: DistrictShape
    year: SchoolYear
    pupils: tuple[Pupil, ...]
    staff: tuple[Person, ...]


def write_roster(path: Path, people: DistrictPeople) -> None:
    """Write the OneRoster zip."""
    files = {
        "manifest.csv": _manifest(),
        "orgs.csv": _orgs(people.shape),
        "academicSessions.csv": _sessions(people.year),
        "users.csv": _users(people),
        "demographics.csv": _demographics(people.pupils),
        "courses.csv": _courses(people.shape),
        "classes.csv": _classes(people),
        "enrollments.csv": _enrollments(people),
    }
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        for name, text in files.items():
            info = zipfile.ZipInfo(name, _ZIP_DATE)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = 0o644 << 16
            archive.writestr(info, text.encode("utf-8"))


def _table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(header)
    writer.writerows(rows)
    return out.getvalue()


def _manifest() -> str:
    rows = [("manifest.version", "1.0"), ("oneroster.version", "1.1")]
    rows += [(f"file.{name}", "bulk") for name in _BULK]
    rows += [(f"file.{name}", "absent") for name in _ABSENT]
    rows += [("source.systemName", "Prairie SIS (invented)"), ("source.systemCode", "prairie-sis")]
    return _table(("propertyName", "value"), rows)


def _orgs(shape: DistrictShape) -> str:
    header = (*_HEAD, "name", "type", "identifier", "parentSourcedId", "metadata.timezone")
    rows = [(shape.sourced_id, "", "", shape.name, "district", "", "", "")]
    rows += [
        (school.sourced_id, "", "", school.name, "school", f"{number:04}", shape.sourced_id, ZONE)
        for number, school in enumerate(shape.schools, start=1)
    ]
    return _table(header, rows)


def _sessions(year: SchoolYear) -> str:
    header = (*_HEAD, "title", "type", "startDate", "endDate", "parentSourcedId", "schoolYear")
    ends = str(year.last_day.year)
    first, last = year.first_day.isoformat(), year.last_day.isoformat()
    middle_end, middle_start = f"{year.first_day.year}-12-18", f"{year.last_day.year}-01-04"
    rows = [
        (year_id(year), "", "", year.title, "schoolYear", first, last, "", ends),
        ("fall", "", "", f"Fall {year.title}", "semester", first, middle_end, year_id(year), ends),
        ("spring", "", "", f"Spring {year.title}", "semester", middle_start, last, year_id(year), ends),
    ]
    return _table(header, rows)


def year_id(year: SchoolYear) -> str:
    """Return the sourcedId of the school year."""
    return f"year-{year.title}"


def _users(people: DistrictPeople) -> str:
    header = (
        *_HEAD,
        *("enabledUser", "orgSourcedIds", "role", "username", "userIds", "givenName", "familyName"),
        *("middleName", "identifier", "email", "sms", "phone", "agentSourcedIds", "grades", "password"),
        *("metadata.title", "metadata.whiteCrossRole"),
    )
    rows = [_staff_row(person) for person in people.staff]
    rows += [_pupil_row(pupil) for pupil in people.pupils]
    return _table(header, rows)


def _staff_row(person: Person) -> tuple[str, ...]:
    kinds = {"Teacher": "teacher", "Principal": "administrator"}
    role = kinds.get(person.title, "aide")
    return (
        *(person.sourced_id, "", "", "true", ",".join(person.schools), role, person.email.split("@")[0], ""),
        *(person.first_name, person.last_name, "", "", person.email, "", "", "", "", ""),
        *(person.title, person.role.value if person.role is not None else ""),
    )


def _pupil_row(pupil: Pupil) -> tuple[str, ...]:
    return (
        *(pupil.sourced_id, "", "", "true", pupil.school, "student", f"s{pupil.number}", ""),
        *(pupil.name.first, pupil.name.last, "", pupil.number, "", "", "", "", pupil.grade_code, ""),
        *("", ""),
    )


def _demographics(pupils: tuple[Pupil, ...]) -> str:
    header = (*_HEAD, "birthDate", "sex")
    sexes = {"F": "female", "M": "male"}
    return _table(header, [(pupil.sourced_id, "", "", pupil.born.isoformat(), sexes[pupil.sex]) for pupil in pupils])


def _courses(shape: DistrictShape) -> str:
    header = (
        *_HEAD,
        "schoolYearSourcedId",
        "title",
        "courseCode",
        "grades",
        "orgSourcedId",
        "subjects",
        "subjectCodes",
    )
    rows = [
        (f"course-{school.level}", "", "", "", "Homeroom", "HR", "", school.sourced_id, "", "")
        for school in shape.schools
    ]
    return _table(header, rows)


def _classes(people: DistrictPeople) -> str:
    header = (
        *_HEAD,
        *("title", "grades", "courseSourcedId", "classCode", "classType", "location", "schoolSourcedId"),
        *("termSourcedIds", "subjects", "subjectCodes", "periods"),
    )
    levels = {school.sourced_id: school.level for school in people.shape.schools}
    grades = {pupil.homeroom: pupil.grade_code for pupil in people.pupils}
    rows = [
        (
            *(teacher.homeroom, "", "", f"{_short(grades[teacher.homeroom])} {teacher.last_name}"),
            *(grades[teacher.homeroom], f"course-{levels[teacher.schools[0]]}", "", "homeroom", f"Room {100 + place}"),
            *(teacher.schools[0], year_id(people.year), "", "", ""),
        )
        for place, teacher in enumerate(people.staff)
        if teacher.homeroom is not None
    ]
    return _table(header, rows)


def _short(grade: str) -> str:
    return "K" if grade == "KG" else str(int(grade))


def _enrollments(people: DistrictPeople) -> str:
    header = (
        *_HEAD,
        *("classSourcedId", "schoolSourcedId", "userSourcedId", "role", "primary", "beginDate", "endDate"),
    )
    begin, end = people.year.first_day.isoformat(), people.year.last_day.isoformat()
    rows = [
        (
            f"enr-{teacher.sourced_id}",
            "",
            "",
            teacher.homeroom,
            teacher.schools[0],
            teacher.sourced_id,
            "teacher",
            "true",
            begin,
            end,
        )
        for teacher in people.staff
        if teacher.homeroom is not None
    ]
    rows += [
        (f"enr-{pupil.number}", "", "", pupil.homeroom, pupil.school, pupil.sourced_id, "student", "false", begin, end)
        for pupil in people.pupils
    ]
    return _table(header, rows)
