"""One small invented school: who is there, what they take, and the server's records of it."""

from datetime import date, time
from functools import cache
from zoneinfo import ZoneInfo

from nacl.public import PrivateKey
from tests import factories as make
from tests.simulation.machine import Identity
from tests.simulation.memory import Registered, Store, author

from wc_contract.model.ids import (
    DeviceId,
    DistrictId,
    MedicationId,
    OrderId,
    SchoolId,
    StudentId,
    UserId,
    order_version_id,
)
from wc_contract.model.kinds import BY_NAME, FieldType, RecordKind, Scope
from wc_contract.model.values import Role
from wc_desktop.security.device_keys import new_device_keys

DISTRICT = DistrictId(make.named("simulated district"))
SCHOOL = SchoolId(make.named("simulated school"))
STUDENTS = tuple(StudentId(make.named(f"simulated student {number}")) for number in range(10))
SCHEDULED = tuple(OrderId(make.named(f"simulated order {number}")) for number in range(len(STUDENTS)))
AS_NEEDED = tuple(OrderId(make.named(f"simulated order as needed {number}")) for number in range(3))
TIMES = (time(11, 30), time(12, 0), time(12, 30), time(13, 0))
MEDICATION = MedicationId(make.named("simulated medication"))
RELIEVER = MedicationId(make.named("simulated reliever"))
# What several hands write: whom to call, what a child does not bear, what is on the shelf.
CONTACTS = tuple(make.named(f"simulated contact {number}") for number in range(3))
ALLERGIES = tuple(make.named(f"simulated allergy {number}") for number in range(2))
SHELF = make.named("simulated shelf")
SUPERVISORS = tuple(UserId(make.named(f"simulated supervisor {number}")) for number in range(2))
FIRST_DAY = date(2026, 8, 1)
_DISTRICT_SEAL = bytes(PrivateKey(b"d" * 32).public_key)


@cache
def user_of(number: int) -> UserId:
    """Return the nurse at a machine."""
    return UserId(make.named(f"nurse {number}"))


@cache
def identity_of(number: int) -> Identity:
    """Return a device of the school; the same number has the same keys for ever."""
    keys = new_device_keys(make.SeededChance(1_000 + number))
    return Identity(
        device=DeviceId(make.named(f"simulated device {number}")),
        school=SCHOOL,
        keys=type(keys)(sign_seed=keys.sign_seed, seal_private=keys.seal_private, district_seal=_DISTRICT_SEAL),
    )


def opening_store(devices: int) -> Store:
    """Return the district on the morning of the day."""
    return _morning(devices).copy()


@cache
def _morning(devices: int) -> Store:
    store = Store(district=DISTRICT, zones={SCHOOL: ZoneInfo("America/Chicago")}, epoch="epoch-1")
    for kind, row in rows(devices):
        stream = DISTRICT if BY_NAME[kind].scope is Scope.DISTRICT else SCHOOL
        store.write(BY_NAME[kind], stream, [whole(BY_NAME[kind], row)])
    for number in range(devices):
        identity = identity_of(number)
        store.devices[identity.device] = Registered(school=SCHOOL, sign_key=identity.keys.sign_public)
        store.authors[user_of(number)] = author(user_of(number), Role.NURSE, (SCHOOL,), FIRST_DAY)
    for person in SUPERVISORS:
        store.authors[person] = author(person, Role.SUPERVISOR, (SCHOOL,), FIRST_DAY)
    return store


def whole(kind: RecordKind, row: dict[str, object]) -> dict[str, object]:
    """Return a record in which every field that must say something says something, without its version."""
    said = {
        field.name: field.values[0] if field.values else _EMPTY[field.type]
        for field in kind.fields
        if field.required and row[field.name] is None
    }
    return {name: value for name, value in (row | said).items() if name != "row_version"}


_EMPTY: dict[FieldType, object] = {
    FieldType.UUID: str(SCHOOL),
    FieldType.TEXT: "",
    FieldType.INTEGER: 1,
    FieldType.BOOLEAN: True,
    FieldType.DATE: "2026-08-17",
    FieldType.INSTANT: "2026-08-17T05:00:00+00:00",
    FieldType.DECIMAL: "1",
    FieldType.JSON: "[]",
}


def rows(devices: int) -> list[tuple[str, dict[str, object]]]:
    """Return the records, parents first."""
    made: list[tuple[str, dict[str, object]]] = [
        ("district", make.row("district", id=str(DISTRICT), name="Simulated", state="MN", policy="{}")),
        ("school", make.row("school", id=str(SCHOOL), name="Simulated", timezone="America/Chicago")),
        ("medication", make.medication_row(id=str(MEDICATION))),
        ("medication", make.medication_row(id=str(RELIEVER), name="Reliever", ingredients="[]", is_emergency=True)),
    ]
    staff = [(user_of(number), Role.NURSE) for number in range(devices)]
    staff += [(person, Role.SUPERVISOR) for person in SUPERVISORS]
    made += [
        ("user", make.row("user", id=str(user), first_name="Ann", last_name=f"N{number}", role=role.value))
        for number, (user, role) in enumerate(staff)
    ]
    made += [
        ("school_assignment", make.row("school_assignment", user_id=str(user), assigned_from=str(FIRST_DAY)))
        for user, _ in staff
    ]
    for number, student in enumerate(STUDENTS):
        made.append(("student", make.student_row(id=str(student), student_number=str(number))))
        made += _order(SCHEDULED[number], student, MEDICATION, times=_times())
    for number, order in enumerate(AS_NEEDED):
        made += _order(order, STUDENTS[number], RELIEVER, min_interval_minutes=10, max_doses=3, max_period_minutes=60)
    made += [
        ("emergency_contact", make.row("emergency_contact", id=str(contact), student_id=str(STUDENTS[number])))
        for number, contact in enumerate(CONTACTS)
    ]
    made += [
        ("allergy", make.allergy_row(id=str(allergy), student_id=str(STUDENTS[number]), criticality="low"))
        for number, allergy in enumerate(ALLERGIES)
    ]
    made.append(("inventory_item", make.row("inventory_item", id=str(SHELF), name="Ice packs", quantity="4")))
    return made


def _times() -> str:
    return "[" + ",".join(f'"{at:%H:%M}"' for at in TIMES) + "]"


def _order(
    order: OrderId, student: StudentId, medication: MedicationId, **version: object
) -> list[tuple[str, dict[str, object]]]:
    kind = "PRN" if "max_doses" in version else "SCHEDULED"
    given = {"id": str(order), "student_id": str(student), "medication_id": str(medication), "kind": kind}
    given["verified_by"] = str(user_of(0))
    first = {"id": str(order_version_id(order, 1)), "order_id": str(order), "student_id": str(student), "times": "[]"}
    return [("order", make.order_row(**given)), ("order_version", make.version_row(**(first | version)))]
