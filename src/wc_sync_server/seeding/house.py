"""The district around its schools: schools and their calendar, people, the catalogue, forms to sign."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from wc_sync_server.seeding.names import given, surname
from wc_sync_server.seeding.plan import ZONE, Id, Maker, Medicine, Plan, Row

_BELLS = {"breakfast": "08:05", "lunch": "11:45"}
_PERIODS = [{"name": "morning", "from": "08:00", "to": "11:45"}, {"name": "afternoon", "from": "12:15", "to": "15:00"}]
_POLICY = {"school_year_ends": "06-30", "window_minutes": 30}
_FORMS = (
    ("MEDICATION", "Medication at school"),
    ("TREATMENT", "First aid and care"),
    ("SCREENING", "Vision and hearing screening"),
    ("EMERGENCY_CARE", "Care in an emergency"),
    ("RELEASE_OF_INFORMATION", "Talking to the doctor"),
)
_ROLES = ("NURSE", "SUBSTITUTE", "UNLICENSED")


@dataclass(frozen=True, slots=True, kw_only=True)
class School:
    """A school to be filled: its nurse first among its staff."""

    id: Id
    number: int
    staff: tuple[Id, ...]

    @property
    def nurse(self) -> Id:
        """Who is there every day."""
        return self.staff[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """What all schools of a district share."""

    schools: tuple[School, ...]
    office: tuple[Id, ...]
    medicines: tuple[tuple[Id, Medicine], ...]
    forms: tuple[Id, ...]
    rows: dict[str, list[Row]]


def make_house(plan: Plan) -> House:
    """Return the district, its schools and people."""
    maker = Maker(plan, "house")
    schools = tuple(
        School(id=maker.new_id(), number=number, staff=tuple(maker.new_id() for _ in _ROLES))
        for number in range(plan.schools)
    )
    office = tuple(maker.new_id() for _ in range(4))
    medicines = tuple((maker.new_id(), each) for each in plan.medicines)
    forms = tuple(maker.new_id() for _ in _FORMS)
    rows: dict[str, list[Row]] = {
        "districts": [{"id": plan.district, "name": plan.name, "state": "IL", "policy": _POLICY}],
        "schools": [_school(school, maker) for school in schools],
        "users": list(_users(schools, office, maker)),
        "medications": [{**each.row, "id": id_} for id_, each in medicines],
        "consent_forms": [
            {
                "id": id_,
                "kind": kind,
                "title": title,
                "version": 1,
                "wording": f"{title}: I agree that the school's nurse may do so.",
                "effective_from": school_year(plan.today),
            }
            for id_, (kind, title) in zip(forms, _FORMS, strict=True)
        ],
    }
    return House(schools=schools, office=office, medicines=medicines, forms=forms, rows=rows)


def calendar(plan: Plan, school: School, maker: Maker) -> Iterator[tuple[str, Row]]:
    """Yield a school's bells, days off, assignments and shifts."""
    first = school_year(plan.today)
    yield (
        "bell_schedules",
        {
            "id": maker.new_id(),
            "name": "Every day",
            "effective_from": first,
            "weekdays": [1, 2, 3, 4, 5],
            "periods": _PERIODS,
        },
    )
    for number in range(12):
        day = first + timedelta(days=28 * number + 11)
        yield "calendar_days", {"id": maker.new_id(), "date": day, "kind": "HOLIDAY"}
    for user in school.staff:
        yield "school_assignments", {"id": maker.new_id(), "user_id": user, "assigned_from": first}
    for day in plan.school_days:
        began = maker.during(day).replace(hour=13, minute=0)
        ended = began + timedelta(hours=8)
        yield "shifts", {"id": maker.new_id(), "user_id": school.nurse, "started_at": began, "ended_at": ended}


def school_year(today: date) -> date:
    """Return the first day of the school year that a day is in."""
    first = date(today.year, 8, 20)
    return first if first <= today else date(today.year - 1, 8, 20)


def _school(school: School, maker: Maker) -> Row:
    name = f"{surname(maker.chance)} School {school.number + 1}"
    return {"id": school.id, "name": name, "timezone": ZONE, "sourced_id": f"seed-{school.number}", "bells": _BELLS}


def _users(schools: tuple[School, ...], office: tuple[Id, ...], maker: Maker) -> Iterator[Row]:
    for school in schools:
        for id_, role in zip(school.staff, _ROLES, strict=True):
            yield _user(id_, role, f"{role.lower()}.{school.number + 1}", maker)
    for number, id_ in enumerate(office):
        role = ("SUPERVISOR", "ADMIN", "READ_ONLY")[min(number, 2)]
        yield _user(id_, role, f"{role.lower()}.office.{number}", maker)


def _user(id_: Id, role: str, name: str, maker: Maker) -> Row:
    licensed = role in {"NURSE", "SUBSTITUTE", "SUPERVISOR"}
    return {
        "id": id_,
        "first_name": given(maker.chance),
        "last_name": surname(maker.chance),
        "role": role,
        "licence_type": "RN" if licensed else None,
        "licence_expires": maker.plan.today + timedelta(days=maker.chance.randrange(30, 700)) if licensed else None,
        "is_active": True,
        "email": f"{name}@seeded.example",
        "licence_number": name.upper() if licensed else None,
        "licence_state": "IL" if licensed else None,
    }
