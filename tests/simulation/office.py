"""What the district's office does: records that flow to the workstations, some of them changed there as well."""

from collections.abc import Callable, Mapping
from random import Random
from typing import TYPE_CHECKING, Any

from tests import factories as make
from tests.simulation import district
from tests.simulation.memory import Store
from tests.simulation.schedule import Act

from wc_contract.model.kinds import BY_NAME, EMERGENCY_CONTACT, STUDENT, Scope

if TYPE_CHECKING:
    from tests.simulation.world import World

Work = Callable[[Store, Act, Random], None]


def office(world: "World", act: Act, random: Random) -> None:
    """Do a piece of the office's work, once nobody else is writing."""
    if world.backend.busy:
        world.scheduler.after(0.1, lambda: office(world, act, random))
        return
    world.backend.change(lambda store: WORK[act.what](store, act, random))
    if world.server.up:
        world.server.tell()


def _write(store: Store, name: str, row: Mapping[str, Any]) -> None:
    kind = BY_NAME[name]
    stream = district.DISTRICT if kind.scope is Scope.DISTRICT else district.SCHOOL
    store.write(kind, stream, [district.whole(kind, dict(row))])


def _rename(store: Store, act: Act, random: Random) -> None:
    known = store.rows[STUDENT.name][str(random.choice(district.STUDENTS))].values
    _write(store, STUDENT.name, {**known, "first_name": f"Testa {act.number}"})


def _add_contact(store: Store, act: Act, random: Random) -> None:
    student, id_ = str(random.choice(district.STUDENTS)), str(make.named(f"contact {act.number}"))
    _write(
        store,
        EMERGENCY_CONTACT.name,
        make.row(EMERGENCY_CONTACT.name, id=id_, student_id=student, is_primary=False),
    )


def _ring_a_family(store: Store, act: Act, random: Random) -> None:
    known = store.rows[EMERGENCY_CONTACT.name][str(random.choice(district.CONTACTS))]
    if not known.deleted:
        _write(store, EMERGENCY_CONTACT.name, {**known.values, "phone": f"555-9{act.number:03d}"})


def _remove_contact(store: Store, _act: Act, _random: Random) -> None:
    living = sorted(row.values["id"] for row in store.living(EMERGENCY_CONTACT, district.SCHOOL))
    store.remove(EMERGENCY_CONTACT, district.SCHOOL, living[:1])


def _bring_contact_back(store: Store, _act: Act, random: Random) -> None:
    gone = [row for row in store.rows[EMERGENCY_CONTACT.name].values() if row.deleted]
    if gone:
        _write(store, EMERGENCY_CONTACT.name, random.choice(gone).values)


def _close_a_day(store: Store, act: Act, _random: Random) -> None:
    day = f"2026-12-{act.number % 28 + 1:02d}"
    _write(store, "calendar_day", make.row("calendar_day", id=str(make.named(day)), date=day))


WORK: Mapping[str, Work] = {
    "rename": _rename,
    "add contact": _add_contact,
    "ring a family": _ring_a_family,
    "remove contact": _remove_contact,
    "bring contact back": _bring_contact_back,
    "close a day": _close_a_day,
}
