"""Invented people, orders and entries that any test may use. Everything has a value; name only what matters.

Rows are in wire form, with every column of their kind. The school is in Chicago; noon of SCHOOL_DAY is NOON.
"""

import itertools
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from random import Random
from typing import Any
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

from wc_contract.model.apply import WireValue, compact
from wc_contract.model.changes import AccessRecorded, Change, ContactAttempt, DoseLogged, Entry, IncidentSigned, SlotRef
from wc_contract.model.ids import (
    DeviceId,
    DoseId,
    EntryId,
    IncidentId,
    MedicationId,
    OrderId,
    StudentId,
    UserId,
    order_version_id,
    slot_id,
)
from wc_contract.model.instants import Instant, instant_to_text
from wc_contract.model.kinds import BY_NAME, FieldType
from wc_contract.model.values import AccessAction, Disposition, DoseState, IncidentType, Severity

CHICAGO = ZoneInfo("America/Chicago")
PHOENIX = ZoneInfo("America/Phoenix")
SCHOOL_DAY = date(2026, 11, 23)  # a Monday
NOON = datetime(2026, 11, 23, 18, 0, tzinfo=UTC)  # twelve o'clock in Chicago
MARKER = "Marker-Zebulon-Quist"  # stands for a child's name; must turn up in no error and no log

_NAMES = UUID("7d6f2a9e-58f2-5a55-9a6c-6b1f0a1d5c00")
_numbers = itertools.count(1)


def named(name: str) -> UUID:
    """Return the id that this name always has."""
    return uuid5(_NAMES, name)


STUDENT = StudentId(named("student"))
ORDER = OrderId(named("order"))
MEDICATION = MedicationId(named("medication"))
NURSE = UserId(named("nurse"))
DEVICE_A = DeviceId(named("device a"))
DEVICE_B = DeviceId(named("device b"))


@dataclass(slots=True)
class SeededChance:
    """Random bytes that a seed repeats."""

    seed: int = 1
    _random: Random = field(init=False)

    def __post_init__(self) -> None:
        self._random = Random(self.seed)

    def octets(self, count: int) -> bytes:
        return self._random.randbytes(count)


@dataclass(slots=True)
class HeldClock:
    """A clock that moves only when told to."""

    at: Instant = NOON

    def now(self) -> Instant:
        return self.at

    def monotonic(self) -> float:
        return self.at.timestamp()

    def advance(self, by: timedelta) -> None:
        self.at += by


def local(clock: str, day: date = SCHOOL_DAY, zone: ZoneInfo = CHICAGO) -> Instant:
    """Return the instant at which the school's clock shows '12:30:01' on a day."""
    return datetime.combine(day, time.fromisoformat(clock), tzinfo=zone).astimezone(UTC)


def row(kind: str, /, **values: WireValue) -> dict[str, Any]:
    """Return a record in wire form: given columns, the rest empty. Raises KeyError for a column it has not."""
    columns: dict[str, Any] = dict.fromkeys(BY_NAME[kind].columns)
    columns |= {f.name: "[]" for f in BY_NAME[kind].fields if f.type is FieldType.JSON and f.required}
    columns |= {"id": str(named(f"{kind} {next(_numbers)}")), "row_version": 1}
    unknown = values.keys() - columns.keys()
    if unknown:
        raise KeyError(*unknown)
    return columns | values


def _with(defaults: Mapping[str, WireValue], values: Mapping[str, WireValue]) -> dict[str, Any]:
    return {**defaults, **values}


def student_row(**values: WireValue) -> dict[str, Any]:
    """Return a pupil of the fourth grade."""
    defaults: dict[str, WireValue] = {
        "id": str(STUDENT),
        "student_number": "100001",
        "first_name": "Testa",
        "last_name": "Invented",
        "date_of_birth": "2016-09-01",
        "grade": "4",
        "is_active": True,
        "enrolled_on": "2026-08-17",
    }
    return row("student", **_with(defaults, values))


def medication_row(**values: WireValue) -> dict[str, Any]:
    """Return a tablet with one ingredient of one class."""
    ingredients = [{"code": "6901", "name": "methylphenidate", "classes": ["stimulant"]}]
    defaults: dict[str, WireValue] = {
        "id": str(MEDICATION),
        "name": "Methylphenidate 5 mg tablet",
        "form": "TABLET",
        "ingredients": compact(ingredients),
        "is_emergency": False,
    }
    return row("medication", **_with(defaults, values))


def order_row(**values: WireValue) -> dict[str, Any]:
    """Return an active, verified, signed and authorised order by the clock."""
    defaults: dict[str, WireValue] = {
        "id": str(ORDER),
        "student_id": str(STUDENT),
        "medication_id": str(MEDICATION),
        "version": 1,
        "kind": "SCHEDULED",
        "status": "ACTIVE",
        "prescriber_name": "Dr. Invented",
        "order_signed_on": "2026-08-10",
        "parent_auth_from": "2026-08-10",
        "self_carry": False,
        "start_date": "2026-08-17",
        "verified_by": str(NURSE),
    }
    return row("order", **_with(defaults, values))


def version_row(**values: WireValue) -> dict[str, Any]:
    """Return version 1: 5 mg at noon."""
    order, number = OrderId(UUID(str(values.get("order_id", ORDER)))), int(str(values.get("version", 1)))
    defaults: dict[str, WireValue] = {
        "id": str(order_version_id(order, number)),
        "order_id": str(order),
        "student_id": str(STUDENT),
        "version": number,
        "dose": "5",
        "unit": "mg",
        "route": "ORAL",
        "times": '["12:00"]',
        "effective_from": "2026-08-17T05:00:00+00:00",
    }
    return row("order_version", **_with(defaults, values))


def prn_version_row(**values: WireValue) -> dict[str, Any]:
    """Return a version given as needed: at least four hours apart, at most three in a day."""
    defaults: dict[str, WireValue] = {
        "times": "[]",
        "min_interval_minutes": 240,
        "max_doses": 3,
        "max_period_minutes": 1440,
    }
    return version_row(**_with(defaults, values))


def allergy_row(**values: WireValue) -> dict[str, Any]:
    """Return an active allergy to penicillins, by class."""
    defaults: dict[str, WireValue] = {
        "student_id": str(STUDENT),
        "allergen": "Penicillin",
        "ingredient_codes": '["penicillins"]',
        "criticality": "high",
        "is_active": True,
    }
    return row("allergy", **_with(defaults, values))


def dose_row(**values: WireValue) -> dict[str, Any]:
    """Return a dose given at noon in the noon slot."""
    defaults: dict[str, WireValue] = {
        "student_id": str(STUDENT),
        "order_id": str(ORDER),
        "order_version_id": str(order_version_id(ORDER, 1)),
        "medication_id": str(MEDICATION),
        "slot_id": str(slot_id(ORDER, SCHOOL_DAY, time(12, 0))),
        "slot_date": SCHOOL_DAY.isoformat(),
        "slot_time": "12:00",
        "status": "ADMINISTERED",
        "administered_at": instant_to_text(NOON),
        "local_date": SCHOOL_DAY.isoformat(),
        "dose_given": "5",
        "unit": "mg",
        "entry_id": str(named(f"entry {next(_numbers)}")),
        "device_id": str(DEVICE_A),
        "device_seq": next(_numbers),
        "recorded_at": instant_to_text(NOON),
        "recorded_tz": "America/Chicago",
        "author_user_id": str(NURSE),
        "replica_as_of": instant_to_text(NOON - timedelta(minutes=1)),
    }
    return row("dose", **_with(defaults, values))


def noon_slot(order: OrderId = ORDER, day: date = SCHOOL_DAY, nominal: time = time(12, 0)) -> SlotRef:
    """Return the slot of an order at a time of a day."""
    return SlotRef(id=slot_id(order, day, nominal), date=day, time=nominal)


def dose_logged(**values: Any) -> DoseLogged:
    """Return 5 mg given on time in the noon slot."""
    order = values.get("order_id", ORDER)
    defaults: dict[str, Any] = {
        "id": DoseId(named(f"dose {next(_numbers)}")),
        "student_id": STUDENT,
        "order_id": order,
        "order_version_id": order_version_id(order, 1),
        "medication_id": MEDICATION,
        "slot": noon_slot(order),
        "status": DoseState.ADMINISTERED,
        "administered_at": NOON,
        "local_date": SCHOOL_DAY,
        "dose_given": Decimal(5),
        "unit": "mg",
    }
    dose = defaults | values
    if not DoseState(dose["status"]).given:
        dose |= {"dose_given": values.get("dose_given"), "unit": values.get("unit")}
    return DoseLogged(**dose)


def incident_signed(**values: Any) -> IncidentSigned:
    """Return a complete report of a scraped knee."""
    defaults: dict[str, Any] = {
        "id": IncidentId(named(f"incident {next(_numbers)}")),
        "student_id": STUDENT,
        "type": IncidentType.INJURY,
        "severity": Severity.LOW,
        "occurred_at": NOON,
        "location": "Playground",
        "activity": "Running",
        "narrative": "Fell while running.",
        "body_regions": ("knee_left",),
        "injury_kind": "abrasion",
        "care_given": "Cleaned, covered.",
        "disposition": Disposition.RETURNED_TO_CLASS,
        "notifications": (
            ContactAttempt(person="Parent", method="phone", at=NOON + timedelta(minutes=5), outcome="reached"),
        ),
        "signed_at": NOON + timedelta(minutes=10),
    }
    return IncidentSigned(**(defaults | values))


def access_recorded(**values: Any) -> AccessRecorded:
    """Return a look at a chart."""
    defaults: dict[str, Any] = {
        "action": AccessAction.VIEW,
        "entity_type": "student",
        "entity_id": str(STUDENT),
        "at": NOON,
        "fields": ("first_name", "last_name"),
    }
    return AccessRecorded(**(defaults | values))


def entry_of(*changes: Change, **values: Any) -> Entry:
    """Return an entry of these changes, written at once: a minute before, the replica was complete."""
    number = values.get("number", next(_numbers))
    authored = values.get("authored_at", _moment_of(changes))
    defaults: dict[str, Any] = {
        "number": number,
        "id": EntryId(named(f"entry {next(_numbers)}")),
        "device_id": DEVICE_A,
        "author_id": NURSE,
        "authored_at": authored,
        "zone": "America/Chicago",
        "hlc": f"{int(authored.timestamp() * 1000)}-0-a",
        "clock_offset_ms": 0,
        "replica_as_of": authored - timedelta(minutes=1),
        "depends_on": (),
        "changes": changes,
    }
    return Entry(**(defaults | values))


def _moment_of(changes: tuple[Change, ...]) -> Instant:
    for change in changes:
        if isinstance(change, DoseLogged):
            return change.administered_at
        if isinstance(change, IncidentSigned):
            return change.signed_at
    return NOON
