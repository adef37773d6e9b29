"""A whole district, school by school: each part's rows by table, parents before children."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from wc_sync_server.seeding.charts import charts
from wc_sync_server.seeding.children import families, students
from wc_sync_server.seeding.desk import incidents, visits
from wc_sync_server.seeding.events import Recorder
from wc_sync_server.seeding.house import House, School, calendar, make_house
from wc_sync_server.seeding.medicines import doses, orders, papers
from wc_sync_server.seeding.money import compliance, looks, money
from wc_sync_server.seeding.office import appointments, cases, shelves
from wc_sync_server.seeding.plan import Id, Maker, Plan, Row


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """What belongs together. school is None for what is the district's."""

    school: Id | None
    rows: dict[str, list[Row]]


def parts_of(plan: Plan) -> Iterator[Part]:
    """Yield the district, then each of its schools, then its money. Tables come in the order they can be written in."""
    house = make_house(plan)
    yield Part(school=None, rows=house.rows)
    first = 0
    for school in house.schools:
        yield Part(school=school.id, rows=_school(house, school, first, Maker(plan, f"school/{school.number}")))
        first += plan.pupils_of(school.number)
    maker = Maker(plan, "money")
    yield Part(school=None, rows=_gathered((*money(house, maker), *compliance(house, maker))))


def _school(house: House, school: School, first: int, maker: Maker) -> dict[str, list[Row]]:
    made = list(students(school, maker, first))
    children = [child for child, _ in made]
    if not children:
        return _gathered(calendar(maker.plan, school, maker))
    recorder, ordered = Recorder(maker), orders(house, children, maker)
    return _gathered(
        (
            *calendar(maker.plan, school, maker),
            *(("students", row) for _, row in made),
            *families(house, children, maker),
            *charts(school, children, maker, recorder),
            *visits(school, children, maker, recorder),
            *papers(school, ordered, maker),
            *doses(school, ordered, maker, recorder),
            *incidents(school, children, maker, recorder),
            *appointments(school, children, maker),
            *shelves(school, maker),
            *cases(ordered, maker),
            *looks(school, children, ordered, maker),
        )
    )


def _gathered(rows: Iterable[tuple[str, Row]]) -> dict[str, list[Row]]:
    """Return rows by table, the tables in the order in which each was first written to."""
    tables: dict[str, list[Row]] = {}
    for table, row in rows:
        tables.setdefault(table, []).append(row)
    return tables
