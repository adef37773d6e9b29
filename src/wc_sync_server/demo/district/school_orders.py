"""Which pupils take what at school, with the hard cases that a nurse meets."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from random import Random

from wc_sync_server.demo.district.pupils import Pupil
from wc_sync_server.demo.district.regimens import REGIMENS, Regimen
from wc_sync_server.demo.district.school_year import SchoolYear
from wc_sync_server.demo.district.shape import SchoolShape

_PRESCRIBERS = (
    "Dr. Helen Marsh",
    "Dr. Omar Haddad",
    "Dr. Priya Raman",
    "Dr. Daniel Kessler",
    "Dr. Lucía Ferrer",
    "Dr. Naomi Brandt",
    "Dr. Samuel Adeyemi",
    "Jill Torvald, NP",
)
_TWINS_OF_NOTE = (("Sofia", "methylphenidate-10"), ("Sophia", "guanfacine-1"))
_TWINS_TIME = "11:45"


@dataclass(frozen=True, slots=True, kw_only=True)
class SchoolOrder:
    """One order of one pupil, as prescribed, permitted by a parent and verified by a nurse."""

    id: str
    pupil: Pupil
    regimen: Regimen
    time: str | None
    prescriber: str
    signed: date
    verbal_until: date | None
    start: date
    end: date
    parent_from: date
    parent_to: date
    nurse: str
    self_carry: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SchoolOrders:
    """The orders of a school, and the pupils whose allergy clashes with one."""

    orders: tuple[SchoolOrder, ...]
    clashes: frozenset[str] = field(repr=False)


def write_orders(
    school: SchoolShape, pupils: tuple[Pupil, ...], nurse: str, year: SchoolYear, today: date, seed: int
) -> SchoolOrders:
    """Return the orders of one school, the same for the same seed and day."""
    random = Random(f"orders/{school.sourced_id}/{seed}")  # noqa: S311  # invented people, not secrets
    taken = list(_twin_regimens(school, pupils))
    spoken_for = {pupil.number for pupil, _ in taken}
    others = iter(random.sample([each for each in pupils if each.number not in spoken_for], k=len(pupils) - len(taken)))
    wanted = [key for key, count in school.orders.items() for _ in range(count)]
    for _, regimen in taken:
        wanted.remove(regimen.key)
    taken += [(next(others), REGIMENS[key]) for key in wanted]
    orders = [order for pupil, regimen in taken for order in _orders(pupil, regimen, nurse, year, today, random)]
    hard = list(_with_hard_cases(orders, year, today))
    return SchoolOrders(orders=tuple(hard), clashes=frozenset(_clashes(hard)))


def _twin_regimens(school: SchoolShape, pupils: tuple[Pupil, ...]) -> Iterator[tuple[Pupil, Regimen]]:
    """Yield the regimens of the twins who queue at the same minute for different tablets."""
    for first, key in _TWINS_OF_NOTE:
        for pupil in pupils:
            if pupil.name.first == first and pupil.name.last == "Martinez" and key in school.orders:
                yield pupil, REGIMENS[key]
                break


def _orders(
    pupil: Pupil, regimen: Regimen, nurse: str, year: SchoolYear, today: date, random: Random
) -> Iterator[SchoolOrder]:
    prescriber = random.choice(_PRESCRIBERS)
    time = random.choice(regimen.times) if regimen.times else None
    if pupil.name.last == "Martinez" and any(pupil.name.first == first for first, _ in _TWINS_OF_NOTE):
        time = _TWINS_TIME
    signed = year.first_day - timedelta(days=random.randrange(2, 24))
    start, end = year.first_day, year.last_day
    if regimen.days is not None:
        start = max(year.first_day, today - timedelta(days=random.randrange(1, regimen.days - 3)))
        signed, end = start - timedelta(days=1), start + timedelta(days=regimen.days - 1)
    each = [regimen] if regimen.also is None else [regimen, REGIMENS[regimen.also]]
    for item in each:
        yield SchoolOrder(
            id=f"order-{pupil.number}-{item.key}",
            pupil=pupil,
            regimen=item,
            time=time if item.times else None,
            prescriber=prescriber,
            signed=signed,
            verbal_until=None,
            start=start,
            end=end,
            parent_from=start,
            parent_to=end,
            nurse=nurse,
            self_carry=pupil.level in item.self_carry,
        )


def _with_hard_cases(orders: list[SchoolOrder], year: SchoolYear, today: date) -> Iterator[SchoolOrder]:
    """Let authorisations run out, an order end, and a spoken one be about to lapse."""
    yesterday = today - timedelta(days=1)
    plain = [order.id for order in orders if order.time and order.regimen.days is None and not _is_twin(order)]
    cases = dict(zip(plain[2:], ("parent", "order", "verbal", "parent"), strict=False))
    for order in orders:
        match cases.get(order.id):
            case "parent":
                yield replace(order, parent_to=max(order.parent_from, yesterday))
            case "order":
                yield replace(order, end=max(order.start, today - timedelta(days=3)))
            case "verbal":
                spoken = max(order.start, today - timedelta(days=3))
                yield replace(
                    order, signed=spoken, start=spoken, parent_from=spoken, verbal_until=year.next_school_day(today)
                )
            case _:
                yield order


def _is_twin(order: SchoolOrder) -> bool:
    return order.pupil.name.last == "Martinez"


def _clashes(orders: list[SchoolOrder]) -> Iterator[str]:
    antibiotic = [order.pupil.number for order in orders if order.regimen.key.startswith("amoxicillin")]
    yield from antibiotic[:1]
