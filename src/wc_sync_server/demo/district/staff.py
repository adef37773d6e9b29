"""The staff: nurses and those who work with them, principals, and a teacher for every homeroom."""

import unicodedata
from dataclasses import dataclass
from random import Random

from wc_contract.model.values import Role
from wc_sync_server.demo.district.names import Name, NameMaker
from wc_sync_server.demo.district.pupils import Pupil
from wc_sync_server.demo.district.shape import DistrictShape

DOMAIN = "prairieridge.example"


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A member of staff; role is None for those without an account in White Cross."""

    sourced_id: str
    title: str
    first_name: str
    last_name: str
    email: str
    role: Role | None
    schools: tuple[str, ...]
    homeroom: str | None = None


# title, role, where: an index into the schools, or all of them.
_ACCOUNTS: tuple[tuple[str, Role, int | None], ...] = (
    ("School Nurse, RN", Role.NURSE, 0),
    ("School Nurse, RN", Role.NURSE, 1),
    ("School Nurse, RN", Role.NURSE, 2),
    ("School Nurse, RN", Role.NURSE, 0),
    ("Health Services Supervisor, RN", Role.SUPERVISOR, None),
    ("Substitute Nurse, RN", Role.SUBSTITUTE, None),
    ("Health Aide", Role.UNLICENSED, 0),
    ("District Systems Administrator", Role.ADMIN, None),
)


def hire(shape: DistrictShape, pupils: tuple[Pupil, ...], seed: int, names: NameMaker) -> tuple[Person, ...]:
    """Return the staff of the district: accounts first, then principals and teachers."""
    random = Random(f"staff/{seed}")  # noqa: S311  # invented people, not secrets
    taken: set[str] = set()
    schools = [school.sourced_id for school in shape.schools]
    people: list[Person] = []
    for title, role, where in _ACCOUNTS:
        at = schools if where is None else schools[where : where + 1]
        if at:
            people.append(_person(len(people), title, role, tuple(at), None, _name(random, names), taken))
    for school in schools:
        people.append(_person(len(people), "Principal", None, (school,), None, _name(random, names), taken))
    rooms = dict.fromkeys((pupil.homeroom, pupil.school) for pupil in pupils)
    for homeroom, school in rooms:
        name = _name(random, names)
        people.append(_person(len(people), "Teacher", None, (school,), homeroom, name, taken))
    return tuple(people)


def _name(random: Random, names: NameMaker) -> Name:
    return names.name("F" if random.random() < 0.75 else "M")  # noqa: PLR2004  # as schools are


def _person(
    place: int,
    title: str,
    role: Role | None,
    schools: tuple[str, ...],
    homeroom: str | None,
    name: Name,
    taken: set[str],
) -> Person:
    return Person(
        sourced_id=f"staff-{place + 1:03}",
        title=title,
        first_name=name.first,
        last_name=name.last,
        email=_address(name, taken),
        role=role,
        schools=schools,
        homeroom=homeroom,
    )


def _address(name: Name, taken: set[str]) -> str:
    plain = unicodedata.normalize("NFKD", f"{name.first[0]}.{name.last}").encode("ascii", "ignore").decode()
    base = "".join(char for char in plain.lower() if char.isalnum() or char == ".")
    address, number = f"{base}@{DOMAIN}", 2
    while address in taken:
        address, number = f"{base}{number}@{DOMAIN}", number + 1
    taken.add(address)
    return address
