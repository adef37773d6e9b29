"""A school of 60,000 rows, invented and repeatable: what the figures of docs/benchmarks.md are measured on.

1,200 students, 40,000 doses, 2,000 incidents, and the allergies, contacts, orders and vaccinations that go with them.
It is always noon of one autumn Tuesday there: every program of a run is told so (WC_DEMO_CLOCK_OFFSET), so the same
seed gives the same rows on whatever day it is measured.
"""

import json
import random
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from wc_contract.model.apply import WireValue
from wc_contract.model.ids import OrderId, new_uuid, order_version_id, slot_id
from wc_contract.model.kinds import BY_NAME, KINDS, RecordKind, Scope

Row = Mapping[str, WireValue]

ZONE = "America/Chicago"
NOON = datetime(2026, 10, 6, 16, 58, tzinfo=UTC)  # 11:58 there
FIRST_DAY = date(2026, 8, 3)
NOMINAL = time(12, 0)
_YESTERDAY = date(2026, 10, 5)
_YEAR_ENDS = date(2027, 6, 11)
_MEDICATIONS = 40
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SYLLABLES = "ba dor el fin gra har is jon ka lom mer nov o pet qui ros sta tun ul vas wen yar zim".split()  # noqa: SIM905
_WORDS = (  # noqa: SIM905  # words read better in a row
    "child reported feeling better after rest and water returned to class with a note family informed by phone ice "
    "applied for ten minutes no further complaint walked unaided observed for thirty minutes small graze cleaned and "
    "covered playground during second recess teacher present took medicine with food calm and cooperative"
).split()


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """How many of what. due: orders with a slot today; the other orders ended yesterday."""

    students: int
    orders: int
    due: int
    doses: int
    incidents: int
    vaccinations: int

    @property
    def rows(self) -> int:
        """How many rows of the school that makes, its district's few aside."""
        # An allergy and two contacts a child; an order is two rows.
        return 4 * self.students + 2 * self.orders + self.doses + self.incidents + self.vaccinations


FULL = Size(students=1_200, orders=1_500, due=300, doses=40_000, incidents=2_000, vaccinations=10_200)
TINY = Size(students=30, orders=40, due=24, doses=200, incidents=10, vaccinations=60)


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """An order that doses can be given on."""

    id: OrderId
    student: uuid.UUID
    medication: uuid.UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class School:
    """Ids and rows of one generated school, by kind name, parents before children."""

    district: uuid.UUID
    school: uuid.UUID
    nurse: uuid.UUID
    device: uuid.UUID
    size: Size
    orders: Sequence[Order]
    rows: Mapping[str, list[Row]]

    @property
    def days_used(self) -> int:
        """How many days from FIRST_DAY have doses already."""
        return -(-self.size.doses // self.size.orders)


def make_school(size: Size = FULL, seed: int = 1) -> School:
    """Return the school. The same size and seed give the same rows."""
    return _Maker(size, random.Random(seed)).school()  # noqa: S311  # repeatable, not secret


class _Maker:
    def __init__(self, size: Size, chance: random.Random) -> None:
        self._size = size
        self._chance = chance
        self._millis = int(given_at(0, 1).timestamp() * 1000)
        self._district, self._school, self._nurse, self._device = (self._id() for _ in range(4))
        self._medications = [self._id() for _ in range(_MEDICATIONS)]
        self._students = [self._id() for _ in range(size.students)]
        self._orders = [
            Order(
                id=OrderId(self._id()),
                student=self._students[number % size.students],
                medication=self._medications[number % _MEDICATIONS],
            )
            for number in range(size.orders)
        ]

    def school(self) -> School:
        made: dict[str, list[Row]] = {
            "district": [{"id": str(self._district), "name": "Bench District", "state": "KS", "policy": "{}"}],
            "school": [{"id": str(self._school), "name": "Bench School", "timezone": ZONE, "bells": "{}"}],
            "user": [self._person()],
            "medication": [self._medication(number) for number in range(_MEDICATIONS)],
            "student": [self._student(number) for number in range(self._size.students)],
            "emergency_contact": [self._contact(number) for number in range(2 * self._size.students)],
            "allergy": [self._allergy(number) for number in range(self._size.students)],
            "vaccination": [self._vaccination(number) for number in range(self._size.vaccinations)],
            "order": [self._order(number) for number in range(self._size.orders)],
            "order_version": [self._version(order) for order in self._orders],
            "dose": [self._dose(number) for number in range(self._size.doses)],
            "incident": [self._incident(number) for number in range(self._size.incidents)],
        }
        return School(
            district=self._district,
            school=self._school,
            nurse=self._nurse,
            device=self._device,
            size=self._size,
            orders=self._orders,
            # In the order of the declaration: parents first.
            rows={kind.name: made.get(kind.name, []) for kind in KINDS},
        )

    def _id(self) -> uuid.UUID:
        # UUIDv7, as the product makes them: a table's keys grow, and their beginnings compress.
        self._millis += 1
        return new_uuid(_EPOCH + timedelta(milliseconds=self._millis), self)

    def octets(self, count: int) -> bytes:
        """Be the Chance of new_uuid."""
        return self._chance.randbytes(count)

    def _text(self, words: int) -> str:
        return " ".join(self._chance.choice(_WORDS) for _ in range(words))

    def _name(self, syllables: int) -> str:
        return "".join(self._chance.choice(_SYLLABLES) for _ in range(syllables)).title()

    def _person(self) -> Row:
        return {"id": str(self._nurse), "first_name": "Bench", "last_name": "Nurse", "role": "NURSE", "is_active": True}

    def _medication(self, number: int) -> Row:
        return {
            "id": str(self._medications[number]),
            "name": f"medicine {number}",
            "form": "TABLET",
            "strength": "10 mg",
            "ingredients": json.dumps([{"code": str(number), "name": f"medicine {number}", "classes": []}]),
            "is_emergency": False,
        }

    def _student(self, number: int) -> Row:
        return {
            "id": str(self._students[number]),
            "student_number": f"{100_000 + number}",
            "first_name": self._name(2),
            "last_name": self._name(3),
            "date_of_birth": (date(2012, 1, 1) + timedelta(days=number)).isoformat(),
            "grade": str(number % 8 + 1),
            "homeroom": str(number % 30 + 1),
            "is_active": True,
            "enrolled_on": FIRST_DAY.isoformat(),
        }

    def _contact(self, number: int) -> Row:
        return {
            "id": str(self._id()),
            "student_id": str(self._students[number // 2]),
            "name": f"{self._name(2)} {self._name(3)}",
            "relationship": "parent",
            "phone": f"555-01{number:06d}",
            "priority": number % 2 + 1,
            "is_primary": number % 2 == 0,
            "may_pick_up": True,
            "is_active": True,
        }

    def _allergy(self, number: int) -> Row:
        return {
            "id": str(self._id()),
            "student_id": str(self._students[number]),
            "allergen": self._chance.choice(("Peanut", "Penicillin", "Latex", "Bee venom")),
            "ingredient_codes": "[]",
            "reaction": self._text(4),
            "criticality": "high",
            "is_active": True,
        }

    def _vaccination(self, number: int) -> Row:
        return {
            "id": str(self._id()),
            "student_id": str(self._students[number % self._size.students]),
            "cvx": str(10 + number % 90),
            "vaccine_name": f"vaccine {number % 90}",
            "administered_on": (date(2013, 1, 1) + timedelta(days=number % 4000)).isoformat(),
            "source": "record",
        }

    def _order(self, number: int) -> Row:
        order = self._orders[number]
        return {
            "id": str(order.id),
            "student_id": str(order.student),
            "medication_id": str(order.medication),
            "version": 1,
            "kind": "SCHEDULED",
            "status": "ACTIVE",
            "prescriber_name": "Dr Bench",
            "order_signed_on": "2026-08-01",
            "parent_auth_from": "2026-08-01",
            "parent_auth_to": _YEAR_ENDS.isoformat(),
            "self_carry": False,
            "start_date": FIRST_DAY.isoformat(),
            "end_date": (_YEAR_ENDS if number < self._size.due else _YESTERDAY).isoformat(),
            "verified_by": str(self._nurse),
        }

    def _version(self, order: Order) -> Row:
        return {
            "id": str(order_version_id(order.id, 1)),
            "order_id": str(order.id),
            "student_id": str(order.student),
            "version": 1,
            "dose": "10",
            "unit": "mg",
            "route": "ORAL",
            "times": json.dumps([f"{NOMINAL:%H:%M}"]),
            "window_minutes": 30,
            "instructions": self._text(5),
            "effective_from": "2026-08-03T12:00:00+00:00",
        }

    def _dose(self, number: int) -> Row:
        order, at = self._orders[number % self._size.orders], given_at(number, self._size.orders)
        return {
            "id": str(self._id()),
            "student_id": str(order.student),
            "order_id": str(order.id),
            "order_version_id": str(order_version_id(order.id, 1)),
            "medication_id": str(order.medication),
            "slot_id": str(slot_id(order.id, at.date(), NOMINAL)),
            "slot_date": at.date().isoformat(),
            "slot_time": f"{NOMINAL:%H:%M}",
            "status": "ADMINISTERED",
            "administered_at": at.isoformat(),
            "local_date": at.date().isoformat(),
            "dose_given": "10",
            "unit": "mg",
            "reason": self._text(6) if number % 4 == 0 else None,
            "overrides": "[]",
            **self._event(number + 1, at),
        }

    def _incident(self, number: int) -> Row:
        at = given_at(0, 1) + timedelta(minutes=number)
        return {
            "id": str(self._id()),
            "student_id": str(self._students[number % self._size.students]),
            "type": "INJURY",
            "severity": "LOW",
            "occurred_at": at.isoformat(),
            "location": "Playground",
            "activity": "Recess",
            "narrative": self._text(60),
            "body_regions": '["knee"]',
            "injury_kind": "graze",
            "witnesses": "[]",
            "care_given": self._text(20),
            "disposition": "RETURNED_TO_CLASS",
            "checks": "[]",
            "notifications": "[]",
            "status": "SIGNED",
            "signed_at": at.isoformat(),
            **self._event(self._size.doses + number + 1, at),
        }

    def _event(self, number: int, at: datetime) -> Row:
        return {
            "entry_id": str(self._id()),
            "device_id": str(self._device),
            "device_seq": number,
            "recorded_at": at.isoformat(),
            "recorded_tz": ZONE,
            "author_user_id": str(self._nurse),
            "replica_as_of": at.isoformat(),
            "flags": "[]",
        }


def given_at(number: int, orders: int) -> datetime:
    """Return when the numbered dose is given: one a day on each order, within its window."""
    start = datetime.combine(FIRST_DAY, time(17, 0), UTC)
    return start + timedelta(days=number // orders, minutes=number % 20)


def stream_of(school: School, kind: RecordKind) -> uuid.UUID:
    """Return the id of the stream that carries a kind's records."""
    return school.school if kind.scope is Scope.SCHOOL else school.district


def wire_rows(school: School) -> Iterator[tuple[RecordKind, list[list[WireValue]]]]:
    """Yield each kind with its rows as a pull carries them; versions count up per stream from 1."""
    versions = {school.school: 0, school.district: 0}
    for name, rows in school.rows.items():
        kind = BY_NAME[name]
        stream = stream_of(school, kind)
        out: list[list[WireValue]] = []
        for row in rows:
            versions[stream] += 1
            out.append([*(row.get(column) for column in kind.columns[:-1]), versions[stream]])
        yield kind, out
