"""The emergency cards as an unlocked desk keeps them current, and looks at them put on record."""

import json
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from uuid import UUID

from wc_contract.model.care_values import CarePlanStatus
from wc_contract.model.changes import RecordAdded
from wc_contract.model.instants import instant_to_text, whole_millis
from wc_contract.model.kinds import (
    ALLERGY,
    CARE_PLAN,
    DISTRICT,
    EMERGENCY_CONTACT,
    EMERGENCY_LOOK,
    ORDER,
    ORDER_VERSION,
    STUDENT,
    WireValue,
)
from wc_contract.model.values import AccessAction, OrderStatus
from wc_contract.rules.rows import json_of
from wc_desktop.actions.access import record
from wc_desktop.actions.desk import Desk
from wc_desktop.actions.reading import charts_of, medications
from wc_desktop.domain.emergency import MAKES_EMERGENCY_CODE, CardName, EmergencyCard, EmergencyLook, Lines
from wc_desktop.domain.failures import EmergencyCardOff, EmergencyCodeNotYours
from wc_desktop.domain.views import Row, text

_TAKEN_UP = "emergency_looks_taken_up"
_IN_FORCE = {OrderStatus.ACTIVE.value, OrderStatus.PENDING_VERIFICATION.value, OrderStatus.HELD.value}
# The order in which texts of a criticality stand on a card; what is not known stands with the worst.
_MILD = "low"


def cards_wanted(desk: Desk) -> bool:
    """Return whether the district lets workstations keep emergency cards: its policy says nothing, or not false."""
    districts = desk.records.every(DISTRICT)
    policy = json_of(text(districts[0], "policy")) if districts else None
    return not (isinstance(policy, dict) and policy.get("emergency_card") is False)


def children_with_cards(desk: Desk) -> tuple[str, ...]:
    """Return the ids of the school's children, by name."""
    rows = [row for row in desk.records.every(STUDENT) if row["is_active"]]
    return tuple(text(row, "id") for row in sorted(rows, key=_by_name))


def cards_of(desk: Desk, children: Sequence[str]) -> tuple[EmergencyCard, ...]:
    """Return the cards of some children, as the projection stands; of one that is gone meanwhile, none."""
    rows = (desk.records.find(STUDENT, child) for child in children)
    return tuple(_card(desk, row) for row in rows if row is not None)


def make_code(desk: Desk) -> Callable[[], str]:
    """Put on record that a code is made, and return what makes it, writes the cards for it and returns it.

    What it returns takes its time, and touches neither journal nor replica. Raises EmergencyCardOff,
    EmergencyCodeNotYours.
    """
    if desk.person.role not in MAKES_EMERGENCY_CODE:
        raise EmergencyCodeNotYours("a role without charts")
    if not cards_wanted(desk):
        raise EmergencyCardOff("the district's policy")
    record(desk, AccessAction.EXPORT, EMERGENCY_LOOK.name, str(desk.device_id))
    as_of = desk.records.data_as_of
    cards = cards_of(desk, children_with_cards(desk))
    return partial(desk.station.parts.make_emergency_code, desk.station, cards, as_of)


def take_up_looks(desk: Desk, looks: Sequence[EmergencyLook]) -> int:
    """Write looks that were made without a password into the journal; return how many. Doing it again changes nothing.

    Each is an entry of its own, and its record has the look's id: the district takes it once.
    """
    upto = int(desk.journal.recall(_TAKEN_UP) or 0)
    new = sorted((look for look in looks if look.number > upto), key=lambda look: look.number)
    for look in new:
        desk.author((_added(desk, look),), whole_millis(desk.clock.now()))
        desk.journal.remember(_TAKEN_UP, str(look.number))
    return len(new)


def _added(desk: Desk, look: EmergencyLook) -> RecordAdded:
    values: dict[str, WireValue] = {
        "use_id": look.use,
        "workstation_id": str(desk.device_id),
        "number": look.number,
        "student_id": look.student,
        "looked_at": instant_to_text(look.at),
        "asked_by": look.ask.asked_by,
        "reason": look.ask.reason.value,
        "note": look.ask.note or None,
    }
    return RecordAdded(kind=EMERGENCY_LOOK.name, id=UUID(look.id), values=values)


def _card(desk: Desk, row: Row) -> EmergencyCard:
    key = charts_of(desk, text(row, "id"))
    records = desk.records
    allergies = [one for one in records.where(ALLERGY, "student_id", key) if one["is_active"]]
    plans = [one for one in records.where(CARE_PLAN, "student_id", key) if one["status"] == CarePlanStatus.ACTIVE.value]
    contacts = [one for one in records.where(EMERGENCY_CONTACT, "student_id", key) if one["is_active"]]
    return EmergencyCard(
        name=CardName(
            student=text(row, "id"),
            first_name=text(row, "first_name"),
            last_name=text(row, "last_name"),
            preferred_name=text(row, "preferred_name"),
            date_of_birth=text(row, "date_of_birth"),
            grade=text(row, "grade"),
        ),
        allergies=_said(sorted(allergies, key=_worst_first), "allergen", "reaction", "criticality"),
        plans=tuple((text(one, "title"), *_plan_lines(text(one, "content"))) for one in plans),
        medicines=_medicines(desk, key),
        contacts=_said(sorted(contacts, key=_to_call), "name", "relationship", "phone", "custody_note"),
    )


def _medicines(desk: Desk, key: Sequence[str]) -> Lines:
    catalogue = medications(desk)
    orders = [
        one
        for one in desk.records.where(ORDER, "student_id", key)
        if one["status"] in _IN_FORCE and _is_emergency(catalogue, one)
    ]
    versions = desk.records.where(ORDER_VERSION, "order_id", [text(one, "id") for one in orders])
    present = {(one["order_id"], one["version"]): one for one in versions}
    return tuple(
        _medicine(catalogue[text(one, "medication_id")], one, present.get((one["id"], one["version"])))
        for one in orders
    )


def _is_emergency(catalogue: Mapping[str, Row], order: Row) -> bool:
    medication = catalogue.get(text(order, "medication_id"))
    return medication is not None and bool(medication["is_emergency"])


def _medicine(medication: Row, order: Row, version: Row | None) -> tuple[str, ...]:
    said = (text(medication, "name"), text(medication, "strength"), text(order, "status"))
    if version is None:
        return *said, "", "", ""
    dose = f"{text(version, 'dose')} {text(version, 'unit')}"
    return *said, dose, text(version, "route"), text(version, "instructions")


def _plan_lines(content: str) -> tuple[str, ...]:
    """Return what a plan says, a line for each text in it, in its order."""
    try:
        return tuple(_lines_in(json.loads(content), ""))
    except ValueError:
        return (content,)


def _lines_in(said: object, name: str) -> list[str]:
    match said:
        case dict():
            return [line for key, one in said.items() for line in _lines_in(one, str(key).replace("_", " "))]
        case list():
            return [line for one in said for line in _lines_in(one, name)]
        case None | "":
            return []
        case _:
            return [f"{name}: {said}" if name else str(said)]


def _said(rows: Sequence[Row], *names: str) -> Lines:
    return tuple(tuple(text(row, name) for name in names) for row in rows)


def _by_name(row: Row) -> tuple[str, str, str]:
    return text(row, "last_name").casefold(), text(row, "first_name").casefold(), text(row, "id")


def _worst_first(row: Row) -> tuple[bool, str]:
    return text(row, "criticality") == _MILD, text(row, "allergen").casefold()


def _to_call(row: Row) -> tuple[bool, int]:
    return not row["is_primary"], int(row["priority"] or 0)
