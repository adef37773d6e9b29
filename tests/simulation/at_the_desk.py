"""What people at a workstation write besides doses and incidents, by the product's own actions.

Whom and what they write of they see on their screens; nothing of it there, or a rule against it, and they leave it.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from decimal import Decimal
from random import Random
from typing import TYPE_CHECKING
from uuid import UUID

from tests import factories as make
from tests.simulation import district
from tests.simulation.schedule import Act

from wc_contract.model.changes import Change, IncidentSigned, RecordAdded
from wc_contract.model.ids import DoseId, IncidentId, SlotId, UserId, slot_case_id, slot_id
from wc_contract.model.instants import instant_from_text, instant_to_text
from wc_contract.model.kinds import (
    ALLERGY,
    CLINIC_VISIT,
    DOSE,
    EMERGENCY_CONTACT,
    INCIDENT,
    INCIDENT_ADDENDUM,
    INVENTORY_TRANSACTION,
    ORDER,
    RecordKind,
    WireValue,
)
from wc_contract.model.office_values import StockMovement
from wc_contract.model.quantity import Quantity
from wc_contract.model.values import AllergyCriticality, CaseResolution, DoseState, OrderStatus, Role
from wc_desktop.actions.corrections import correct_dose
from wc_desktop.actions.desk import Desk
from wc_desktop.actions.records import add_record, change_record
from wc_desktop.actions.refused import still_refused
from wc_desktop.actions.review import answer_case, open_cases
from wc_desktop.domain.case_views import CaseDecision, CaseRow
from wc_desktop.domain.screens import DoseCorrection, PersonRow

if TYPE_CHECKING:
    from tests.simulation.world import World


# Records are added.


def visit(world: "World", act: Act, random: Random) -> None:
    """Let a child be seen in the clinic; a poisoned visit is one that the database will not take."""
    machine = world.machine_of(act)
    values: dict[str, WireValue] = {
        "student_id": str(random.choice(district.STUDENTS)),
        "arrived_at": instant_to_text(machine.clock.now()),
        "complaint": f"Headache {act.number}",
        "is_confidential": False,
    }
    _add(world, act, CLINIC_VISIT, values)


def new_contact(world: "World", act: Act, random: Random) -> None:
    """Note a further person to call."""
    values: dict[str, WireValue] = {
        "student_id": str(random.choice(district.STUDENTS)),
        "name": f"Invented {act.number}",
        "relationship": "aunt",
        "phone": f"555-{act.number:04d}",
        "priority": random.randint(2, 5),
        "is_primary": False,
        "may_pick_up": False,
        "is_active": True,
    }
    _add(world, act, EMERGENCY_CONTACT, values)


def addendum(world: "World", act: Act, random: Random) -> None:
    """Add to a signed report, whoever signed it."""
    machine = world.machine_of(act)

    def write(desk: Desk) -> None:
        reports = sorted(str(row["id"]) for row in desk.records.every(INCIDENT))
        if reports:
            values = {
                "incident_id": random.choice(reports),
                "text": f"Later {act.number}",
                "signed_at": instant_to_text(machine.clock.now()),
            }
            add_record(desk, INCIDENT_ADDENDUM, values)

    world.nurse(machine, write)


def take_from_shelf(world: "World", act: Act, random: Random) -> None:
    """Take one or two from the shelf."""
    machine = world.machine_of(act)
    values: dict[str, WireValue] = {
        "item_id": str(district.SHELF),
        "kind": StockMovement.USED.value,
        "quantity": str(-random.randint(1, 2)),
        "occurred_at": instant_to_text(machine.clock.now()),
    }
    world.nurse(machine, lambda desk: add_record(desk, INVENTORY_TRANSACTION, values))


def _add(world: "World", act: Act, kind: RecordKind, values: dict[str, WireValue]) -> None:
    record = contact_id(world.schedule.seed, str(act.values[1])) if len(act.values) > 1 else None
    added = RecordAdded(
        kind=kind.name, id=record or make.named(f"{world.schedule.seed} {act.what} {act.number}"), values=values
    )
    if act.values and act.values[0] == "poison":
        world.poison(added.id)
    world.author(world.machine_of(act), [added])


def contact_id(seed: int, tag: str) -> UUID:
    """Return the id of a contact that a schedule names, so that another act of it can change that one."""
    return make.named(f"{seed} contact {tag}")


# Records are changed.


def change_contact(world: "World", act: Act, random: Random) -> None:
    """Change one group of a contact's fields, or two."""
    which = act.values[0]
    contact = contact_id(world.schedule.seed, which) if isinstance(which, str) else district.CONTACTS[int(which)]
    groups: tuple[dict[str, WireValue], ...] = (
        {"phone": f"555-{act.number:04d}"},
        {"name": f"Renamed {act.number}"},
        {"relationship": f"uncle {act.number}"},
        {"priority": act.number + 10, "is_primary": random.random() < 0.5},
        {"may_pick_up": True, "custody_note": f"Note {act.number}"},
    )
    named = groups[int(act.values[1])] if len(act.values) > 1 else random.choice(groups)
    values = named | (random.choice(groups) if random.random() < 0.3 else {})
    _change(world, act, EMERGENCY_CONTACT, contact, values)


def change_allergy(world: "World", act: Act, random: Random) -> None:
    """Say more of what a child does not bear; of two who differ the more cautious stands."""
    groups: tuple[dict[str, WireValue], ...] = (
        {"criticality": random.choice(tuple(AllergyCriticality)).value},
        {"reaction": f"Rash {act.number}"},
        {"is_active": random.random() < 0.5},
    )
    values = random.choice(groups) | random.choice(groups)
    _change(world, act, ALLERGY, district.ALLERGIES[int(act.values[0])], values)


def change_order(world: "World", act: Act, random: Random) -> None:
    """Write another prescriber or indication on an order, on the base of the whole order as it is seen."""
    values: tuple[dict[str, WireValue], ...] = (
        {"prescriber_name": f"Dr. Invented {act.number}"},
        {"indication": f"For {act.number}"},
    )
    _change(world, act, ORDER, district.SCHEDULED[int(act.values[0])], random.choice(values))


def stop_order(world: "World", act: Act, random: Random) -> None:
    """Stop an order; some who stop it write a line on it as well."""
    machine = world.machine_of(act)
    values: dict[str, WireValue] = {
        "status": OrderStatus.DISCONTINUED.value,
        "stop_effective_at": instant_to_text(machine.clock.now()),
    }
    if random.random() < 0.3:
        values["indication"] = f"Stopped {act.number}"
    _change(world, act, ORDER, district.SCHEDULED[int(act.values[0])], values)


def _change(world: "World", act: Act, kind: RecordKind, record: UUID, values: dict[str, WireValue]) -> None:
    world.nurse(world.machine_of(act), lambda desk: change_record(desk, kind, record, values))


# Doses are corrected.


def correct(world: "World", act: Act, random: Random) -> None:
    """Correct a dose in a slot, or void it: the one of a slot, or any that is to be seen."""
    machine = world.machine_of(act)
    status = DoseState(random.choice(("ENTERED_IN_ERROR", "PARTIAL", "ADMINISTERED", "REFUSED")))
    slot = str(slot_of(act)) if act.values else None

    def write(desk: Desk) -> None:
        rows = {str(row["id"]): row for row in desk.records.every(DOSE) if row["slot_id"] is not None}
        doses = sorted(id_ for id_, row in rows.items() if slot in {None, row["slot_id"]})
        if doses:
            dose = random.choice(doses)
            correction = DoseCorrection(
                status=status,
                administered_at=instant_from_text(str(rows[dose]["administered_at"])),
                quantity=Quantity(amount=Decimal(5), unit="mg"),
                reason="said so" if status.needs_reason else None,
                why=f"slip {act.number}",
            )
            correct_dose(desk, DoseId(UUID(dose)), correction)

    world.nurse(machine, write)


def slot_of(act: Act) -> SlotId:
    """Return the slot that the first two values of an act name."""
    order, at = int(act.values[0]), int(act.values[1])
    return slot_id(district.SCHEDULED[order], make.SCHOOL_DAY, district.TIMES[at])


# Cases are answered.


def answer(world: "World", act: Act, random: Random) -> None:
    """Let a supervisor answer a case, the one of a slot or any that is open; at times the nurse herself tries."""
    machine = world.machine_of(act)
    case = str(slot_case_id(slot_of(act))) if act.values else None
    herself = random.random() < 0.2

    def write(desk: Desk) -> None:
        found = sorted((one for one in open_cases(desk) if case in {None, str(one.id)}), key=_case_id)
        if not found:
            return
        chosen = random.choice(found)
        person = desk.person if herself else supervisor(district.SUPERVISORS[act.machine % 2])
        with seated(desk, person):
            answer_case(desk, _decision(chosen, act, random))

    world.nurse(machine, write)


def _decision(case: CaseRow, act: Act, random: Random) -> CaseDecision:
    standing = sorted(dose.id for dose in case.doses if dose.status != DoseState.ENTERED_IN_ERROR)
    answers = [one for one in case.answers if one is not CaseResolution.DUPLICATE_RECORD or standing]
    return CaseDecision(
        case_id=case.id,
        resolution=random.choice(sorted(answers)),
        note=f"Looked {act.number}",
        keep=random.choice(standing) if standing else None,
    )


def _case_id(case: CaseRow) -> str:
    return str(case.id)


def supervisor(person: UserId) -> PersonRow:
    """Return a supervisor, as who unlocks a workstation."""
    return PersonRow(id=person, first_name="Sue", last_name="Invented", role=Role.SUPERVISOR, licence_type="RN")


@contextmanager
def seated(desk: Desk, person: PersonRow) -> Iterator[None]:
    """Let somebody else sit at a desk for a while."""
    before = desk.person
    desk.person = person
    try:
        yield
    finally:
        desk.person = before


# What was refused is said again.


def say_again(world: "World", act: Act, _random: Random) -> None:
    """Say the oldest refused entry again that can be, under other ids: the database would not take the first."""

    def write(desk: Desk) -> None:
        refused = [record for record in reversed(desk.journal.unsettled()) if still_refused(desk, record.id)]
        for record in refused:
            entry = desk.journal.entry(record.id)
            changes = () if entry is None else tuple(_mended(entry.changes, f"{world.schedule.seed} {act.number}"))
            if entry is not None and changes:
                desk.author(changes, desk.clock.now(), depends_on=entry.depends_on, replaces=entry.id)
                return

    world.nurse(world.machine_of(act), write)


def _mended(changes: Sequence[Change], name: str) -> Iterator[Change]:
    for number, change in enumerate(changes):
        match change:
            case IncidentSigned():
                yield replace(change, id=IncidentId(make.named(f"again {name} {number}")))
            case RecordAdded():
                yield replace(change, id=make.named(f"again {name} {number}"))
            case _:
                return
