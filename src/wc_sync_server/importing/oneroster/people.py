"""users.csv (and roles.csv, demographics.csv, homerooms) to students and staff."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from wc_contract.model.validity import OLDEST, YOUNGEST, is_pupils_age
from wc_contract.model.values import Role
from wc_sync_server.importing.oneroster.affiliations import Affiliation, read_affiliations
from wc_sync_server.importing.oneroster.grades import UNGRADED, highest_grade
from wc_sync_server.importing.oneroster.homerooms import Homeroom, read_homerooms
from wc_sync_server.importing.oneroster.manifest import Mode
from wc_sync_server.importing.oneroster.problems import Code, Problem, Weight
from wc_sync_server.importing.oneroster.records import RosterStudent, RosterUser
from wc_sync_server.importing.oneroster.rows import Row
from wc_sync_server.importing.oneroster.schools import Schools
from wc_sync_server.importing.oneroster.state import DistrictState, KnownStudent
from wc_sync_server.importing.oneroster.tables import Tables

STUDENT = "student"
# A roster has no word for "school nurse" (1.1) and must not open a door by accident: who becomes a user of
# White Cross says so in a column of the district's own, or in an extended role of 1.2.
ROLE_COLUMN = "metadata.whiteCrossRole"
_ROLE_PREFIX = "ext:whitecross:"


@dataclass(frozen=True, slots=True, kw_only=True)
class Staff:
    """Staff with an account, and how many have none."""

    users: tuple[RosterUser, ...]
    without_account: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _Context:
    tables: Tables
    schools: Schools
    affiliations: Mapping[str, Sequence[Affiliation]]
    demographics: Mapping[str, Row]
    homerooms: Mapping[str, Homeroom]
    known: Mapping[str, KnownStudent]
    school_of_known: Mapping[str, str]
    today: date


def gone(rows: Iterable[Row]) -> frozenset[str]:
    """Return the ids of the rows that say "delete this"."""
    return frozenset(row.sourced_id for row in rows if row.to_be_deleted)


def read_students(
    tables: Tables, schools: Schools, known: DistrictState, today: date, problems: list[Problem]
) -> tuple[RosterStudent, ...]:
    """Return the students that can be taken; what is wrong with the others is added to problems."""
    context = _context(tables, schools, known, today, problems)
    taken: list[RosterStudent] = []
    numbers: dict[str, int] = {}
    for row in _student_rows(context):
        student = _student(row, context, problems)
        if student is None:
            continue
        first = numbers.setdefault(student.student_number, row.line)
        if first != row.line:
            detail = f"the student number stands on line {first} already; numbers are unique in a district"
            problems.append(row.problem(Code.DUPLICATE_NUMBER, Weight.ROW_LEFT_OUT, detail, "identifier"))
            continue
        taken.append(student)
    return tuple(taken)


def _context(tables: Tables, schools: Schools, known: DistrictState, today: date, problems: list[Problem]) -> _Context:
    affiliations = read_affiliations(tables, schools, today, problems)
    by_id = {school.id: school.sourced_id for school in known.schools}
    students = {student.sourced_id: student for student in known.students if student.sourced_id is not None}
    people = tables.file("users.csv").present | students.keys()
    problems.extend(_demographics_orphans(tables, people))
    return _Context(
        tables=tables,
        schools=schools,
        affiliations=affiliations,
        demographics={row.sourced_id: row for row in tables.living("demographics.csv")},
        homerooms=read_homerooms(tables, schools, people, today, problems),
        known=students,
        school_of_known={
            sourced: school for sourced, student in students.items() if (school := by_id.get(student.school_id))
        },
        today=today,
    )


def _demographics_orphans(tables: Tables, people: frozenset[str]) -> Iterator[Problem]:
    for row in tables.living("demographics.csv"):
        if row.sourced_id not in people:
            detail = f"{row.sourced_id!r} is not in users.csv"
            yield row.problem(Code.ORPHAN, Weight.ROW_LEFT_OUT, detail, "sourcedId")


def _student_rows(context: _Context) -> Iterator[Row]:
    """Yield a row for each student that the files speak of; a delta may speak of one in demographics only."""
    spoken: set[str] = set()
    for row in context.tables.living("users.csv"):
        roles = context.affiliations.get(row.sourced_id, ())
        is_known = row.sourced_id in context.known
        if any(each.role == STUDENT for each in roles) or (is_known and not roles):
            spoken.add(row.sourced_id)
            yield row
    if context.tables.mode("users.csv") is Mode.BULK:
        return
    deleted = gone(context.tables.file("users.csv").rows)
    for sourced_id, row in context.demographics.items():
        if sourced_id in context.known and sourced_id not in spoken and sourced_id not in deleted:
            yield Row(file=row.file, line=row.line, cells={"sourcedId": sourced_id})


def _student(row: Row, context: _Context, problems: list[Problem]) -> RosterStudent | None:
    known = context.known.get(row.sourced_id)
    school = _school(row, context, problems)
    born = _birth_date(row, context, known, problems)
    if school is None or born is None:
        return None
    demographics = context.demographics.get(row.sourced_id)
    homeroom = context.homerooms.get(row.sourced_id)
    return RosterStudent(
        line=row.line,
        sourced_id=row.sourced_id,
        school=school,
        student_number=row.text("identifier") or (known.student_number if known else row.sourced_id),
        first_name=row.text("givenName") or (known.first_name if known else ""),
        last_name=row.text("familyName") or (known.last_name if known else ""),
        preferred_name=row.text("preferredGivenName") or (known.preferred_name if known else None),
        date_of_birth=born,
        grade=_grade(row, known, problems),
        homeroom=homeroom.title if homeroom else _kept_homeroom(context, known),
        gender=(demographics.text("sex") if demographics else "") or (known.gender if known else None),
    )


def _kept_homeroom(context: _Context, known: KnownStudent | None) -> str | None:
    """Return the homeroom that stays: none when whole files name none, the old one when they are silent."""
    told = context.tables.mode("enrollments.csv") is Mode.BULK and context.tables.mode("classes.csv") is Mode.BULK
    return None if told or known is None else known.homeroom


def _school(row: Row, context: _Context, problems: list[Problem]) -> str | None:
    at = [each for each in context.affiliations.get(row.sourced_id, ()) if each.role == STUDENT]
    schools = list(dict.fromkeys(each.org for each in at if each.org in context.schools.school_ids))
    if len(schools) == 1:
        return schools[0]
    if schools:
        return _one_of(row, schools, at, context, problems)
    if not at and (known := context.school_of_known.get(row.sourced_id)) is not None:
        return known
    detail = "none of the organisations of this student is a school in orgs.csv"
    problems.append(row.problem(Code.NO_SCHOOL, Weight.ROW_LEFT_OUT, detail))
    return None


def _one_of(row: Row, schools: list[str], at: list[Affiliation], context: _Context, problems: list[Problem]) -> str:
    """Return the one school of several: the primary one, else that of the homeroom, else the first."""
    primary = [each.org for each in at if each.primary and each.org in schools]
    homeroom = context.homerooms.get(row.sourced_id)
    if len(set(primary)) == 1:
        return primary[0]
    if homeroom is not None and homeroom.school in schools:
        return homeroom.school
    detail = f"the student is at {len(schools)} schools and none is marked as primary; the first one is taken"
    problems.append(row.problem(Code.SEVERAL_SCHOOLS, Weight.NOTE, detail))
    return schools[0]


def _birth_date(row: Row, context: _Context, known: KnownStudent | None, problems: list[Problem]) -> date | None:
    demographics = context.demographics.get(row.sourced_id)
    born = demographics.day("birthDate") if demographics else None
    if born is None and known is not None:
        born = known.date_of_birth
    if born is None:
        detail = "no birth date in demographics.csv; a child cannot be told apart safely without one"
        problems.append(row.problem(Code.NO_BIRTH_DATE, Weight.ROW_LEFT_OUT, detail))
        return None
    if not is_pupils_age(born, context.today):
        at = demographics or row
        detail = f"the birth date makes the student younger than {YOUNGEST} or older than {OLDEST}"
        problems.append(at.problem(Code.AGE_OUT_OF_RANGE, Weight.ROW_LEFT_OUT, detail, "birthDate"))
        return None
    return born


def _grade(row: Row, known: KnownStudent | None, problems: list[Problem]) -> str:
    texts = row.parts("grades")
    grade = highest_grade(texts)
    if grade is not None:
        return grade
    if known is not None:
        return known.grade
    said = f"{row.text('grades')[:40]!r} is no grade" if texts else "no grade is given"
    detail = f"{said}; write it as KG, 01 … 12. The student is taken as ungraded"
    problems.append(row.problem(Code.GRADE_UNKNOWN, Weight.NOTE, detail, "grades"))
    return UNGRADED


def read_staff(tables: Tables, schools: Schools, today: date, problems: list[Problem]) -> Staff:
    """Return the staff whom the district marked as users of White Cross."""
    # Read again without telling twice: what is wrong with affiliations was told with the students.
    affiliations = read_affiliations(tables, schools, today, [])
    users: dict[str, RosterUser] = {}
    without = 0
    for row in tables.living("users.csv"):
        at = affiliations.get(row.sourced_id, ())
        if not at or all(each.role == STUDENT for each in at):
            continue
        user = _user(row, at, schools, problems)
        if user is None:
            without += 1
        elif user.email in users:
            detail = "another member of staff has this e-mail address"
            problems.append(row.problem(Code.DUPLICATE_EMAIL, Weight.ROW_LEFT_OUT, detail, "email"))
        else:
            users[user.email] = user
    return Staff(users=tuple(users.values()), without_account=without)


def _user(row: Row, at: Sequence[Affiliation], schools: Schools, problems: list[Problem]) -> RosterUser | None:
    said = row.text(ROLE_COLUMN) or next(
        (each.role.removeprefix(_ROLE_PREFIX) for each in at if each.role.startswith(_ROLE_PREFIX)), ""
    )
    if not said:
        return None
    if said.upper() not in Role.__members__:
        detail = f"{said[:40]!r} is none of {', '.join(Role.__members__)}; no account is made"
        problems.append(row.problem(Code.STAFF_ROLE_UNKNOWN, Weight.ROW_LEFT_OUT, detail, ROLE_COLUMN))
        return None
    email = row.text("email").lower()
    if "@" not in email:
        detail = "a user signs in with an e-mail address and this row has none; no account is made"
        problems.append(row.problem(Code.STAFF_WITHOUT_EMAIL, Weight.ROW_LEFT_OUT, detail, "email"))
        return None
    return RosterUser(
        line=row.line,
        sourced_id=row.sourced_id,
        email=email,
        first_name=row.text("givenName"),
        last_name=row.text("familyName"),
        role=Role[said.upper()],
        schools=tuple(dict.fromkeys(each.org for each in at if each.org in schools.school_ids)),
    )
