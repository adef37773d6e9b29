"""The pupils: birth dates that fit their grades, homerooms, and children easily mistaken for one another."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from random import Random

from wc_sync_server.demo.district.names import Name, NameMaker
from wc_sync_server.demo.district.school_year import SchoolYear
from wc_sync_server.demo.district.shape import DistrictShape, SchoolShape

_ROOM_SIZE = 24
_FIRST_NUMBER = 100_000
# Twins, of one grade, by school level: the girls Martinez are the ones the demonstration shows.
TWINS: tuple[tuple[str, int, str, str, str, str], ...] = (
    ("elementary", 3, "F", "Martinez", "Sofia", "Sophia"),
    ("elementary", 1, "M", "Johnson", "Jayden", "Jaylen"),
    ("elementary", 4, "F", "Nguyen", "Anh", "An"),
    ("elementary", 0, "M", "Hassan", "Ali", "Aly"),
    ("middle", 6, "F", "Williams", "Aaliyah", "Aliyah"),
    ("middle", 7, "M", "Garcia", "Mateo", "Matteo"),
    ("high", 10, "M", "Anderson", "Eric", "Erik"),
    ("high", 11, "F", "Patel", "Anika", "Annika"),
)
# Not related, born on different days, one name.
_NAMESAKES = (
    ("elementary", 2, "F", "Emma", "Smith"),
    ("elementary", 5, "F", "Emma", "Smith"),
    ("middle", 8, "M", "Liam", "Garcia"),
    ("high", 9, "M", "Liam", "Garcia"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pupil:
    """One invented child."""

    number: str
    sourced_id: str
    school: str
    level: str
    grade: int
    homeroom: str
    sex: str
    name: Name
    born: date = field(repr=False)

    @property
    def grade_code(self) -> str:
        return "KG" if self.grade == 0 else f"{self.grade:02}"


def enrol(shape: DistrictShape, year: SchoolYear, seed: int, names: NameMaker) -> tuple[Pupil, ...]:
    """Return the pupils of the district, the same for the same seed."""
    random = Random(f"pupils/{seed}")  # noqa: S311  # invented people, not secrets
    pupils: list[Pupil] = []
    for school in shape.schools:
        for grade in school.grades:
            cohort = list(_cohort(school, grade, year, random, names))
            pupils.extend(_with_namesakes(_with_twins(cohort)))
    return tuple(
        replace(pupil, number=str(_FIRST_NUMBER + place), sourced_id=f"stu-{_FIRST_NUMBER + place}")
        for place, pupil in enumerate(pupils, start=1)
    )


def _cohort(school: SchoolShape, grade: int, year: SchoolYear, random: Random, names: NameMaker) -> Iterator[Pupil]:
    last_birthday = date(year.first_day.year - 5 - grade, 9, 1)
    rooms = -(-school.pupils_a_grade // _ROOM_SIZE)
    for place in range(school.pupils_a_grade):
        sex = random.choice("FM")
        yield Pupil(
            number="",
            sourced_id="",
            school=school.sourced_id,
            level=school.level,
            grade=grade,
            homeroom=room_id(school, grade, place % rooms),
            sex=sex,
            name=names.name(sex),
            born=last_birthday - timedelta(days=random.randrange(365)),
        )


def room_id(school: SchoolShape, grade: int, room: int) -> str:
    """Return the sourcedId of a homeroom."""
    return f"{school.sourced_id.removeprefix('org-')}-{grade}-{room + 1}"


def _with_twins(cohort: list[Pupil]) -> list[Pupil]:
    for level, grade, sex, last, first, other in TWINS:
        if cohort and (cohort[0].level, cohort[0].grade) == (level, grade) and len(cohort) > 1:
            twin = replace(cohort[0], sex=sex, name=Name(first=first, last=last))
            # Schools put twins into different homerooms.
            cohort[0] = twin
            cohort[1] = replace(twin, name=Name(first=other, last=last), homeroom=cohort[1].homeroom)
    return cohort


def _with_namesakes(cohort: list[Pupil]) -> list[Pupil]:
    for level, grade, sex, first, last in _NAMESAKES:
        if cohort and (cohort[0].level, cohort[0].grade) == (level, grade) and len(cohort) > 2:  # noqa: PLR2004
            cohort[2] = replace(cohort[2], sex=sex, name=Name(first=first, last=last))
    return cohort
