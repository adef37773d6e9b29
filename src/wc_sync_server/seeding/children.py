"""Children of a school, whom to call for them, and what their families signed."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from wc_sync_server.seeding.house import House, School, school_year
from wc_sync_server.seeding.names import given, phone, surname
from wc_sync_server.seeding.plan import Id, Maker, Row

_GRADES = ("K", *(str(number) for number in range(1, 13)))
_YOUNGEST = 5
_RELATIONS = ("mother", "father", "grandmother", "aunt", "guardian")


@dataclass(frozen=True, slots=True, kw_only=True)
class Child:
    """A student, with what other rows say of them."""

    id: Id
    last_name: str
    born: date
    contact: Id


def students(school: School, maker: Maker, first: int) -> Iterator[tuple[Child, Row]]:
    """Yield the children of a school; first is the number of the first of them in the district."""
    plan, chance = maker.plan, maker.chance
    year = school_year(plan.today)
    grades = _GRADES[:6] if school.number % 3 else _GRADES[6:]  # every third is for the older ones
    for number in range(first, first + plan.pupils_of(school.number)):
        grade = chance.choice(grades)
        age_days = 365 * (_YOUNGEST + _GRADES.index(grade)) + chance.randrange(30, 360)
        born = year - timedelta(days=age_days)
        left = maker.happens(0.02)
        child = Child(id=maker.new_id(), last_name=surname(chance), born=born, contact=maker.new_id())
        yield (
            child,
            {
                "id": child.id,
                "student_number": str(100_000 + number),
                "sourced_id": f"seed-{number}",
                "first_name": given(chance),
                "last_name": child.last_name,
                "preferred_name": given(chance) if maker.happens(0.1) else None,
                "date_of_birth": born,
                "grade": grade,
                "homeroom": f"{grade}-{chance.randrange(1, 5)}",
                "gender": chance.choice("FM"),
                "medical_record_num": f"M{number:08d}",
                "nurse_id": school.nurse if maker.happens(0.3) else None,
                "is_active": not left,
                "enrolled_on": year,
                "withdrawn_on": plan.today - timedelta(days=1) if left else None,
            },
        )


def families(house: House, children: list[Child], maker: Maker) -> Iterator[tuple[str, Row]]:
    """Yield contacts, aliases and signatures."""
    plan, chance = maker.plan, maker.chance
    for child in children:
        for priority in (1, 2):
            yield (
                "emergency_contacts",
                {
                    "id": child.contact if priority == 1 else maker.new_id(),
                    "student_id": child.id,
                    "name": f"{given(chance)} {child.last_name}",
                    "relationship": chance.choice(_RELATIONS),
                    "phone": phone(chance),
                    "priority": priority,
                    "is_primary": priority == 1,
                    "may_pick_up": True,
                    "is_active": True,
                },
            )
        if maker.happens(0.03):
            alias = {"id": maker.new_id(), "student_id": child.id, "kind": "KNOWN_AS", "value": given(chance)}
            yield "student_aliases", alias
        for _ in maker.some(0.5):
            yield (
                "consent_signatures",
                {
                    "id": maker.new_id(),
                    "consent_form_id": chance.choice(house.forms),
                    "student_id": child.id,
                    "decision": "GRANTED" if maker.happens(0.95) else "DECLINED",
                    "method": chance.choice(("PAPER", "ELECTRONIC")),
                    "signer_name": f"{given(chance)} {child.last_name}",
                    "relationship": chance.choice(_RELATIONS),
                    "signed_on": max(school_year(plan.today), maker.day_before(60)),
                },
            )
