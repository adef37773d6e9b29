"""What the rules know of orders, doses, medicines and allergies: frozen, read from rows in wire form.

The replica (SQLite) and the server (PostgreSQL, rows in wire form) build the same facts with the same from_row.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

from wc_contract.model.changes import DoseLogged, Entry
from wc_contract.model.ids import (
    AllergyId,
    DeviceId,
    DoseId,
    EntryId,
    MedicationId,
    OrderId,
    OrderVersionId,
    SlotId,
    StudentId,
)
from wc_contract.model.instants import Instant, instant_from_text
from wc_contract.model.quantity import decimal_from_text
from wc_contract.model.values import CaseStatus, DoseState, OrderKind, OrderStatus
from wc_contract.rules.rows import (
    Row,
    date_or_none,
    instant_or_none,
    json_of,
    texts,
    uuid_or_none,
)


def _minutes(value: int | None) -> timedelta | None:
    return None if value is None else timedelta(minutes=value)


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderFacts:
    """A student's order: whose, of what, and the authority behind it.

    changed_at is when the order's status, stop or authorisation last changed on the server; None when nobody
    told. It decides what the nurse could have known (O5).
    """

    id: OrderId
    student_id: StudentId
    medication_id: MedicationId
    kind: OrderKind
    status: OrderStatus
    order_signed_on: date | None
    verbal_until: date | None
    parent_auth_from: date | None
    parent_auth_to: date | None
    self_carry: bool
    start_date: date
    end_date: date | None
    stop_effective_at: Instant | None
    verified: bool
    changed_at: Instant | None = None

    @staticmethod
    def from_row(row: Row, *, changed_at: Instant | None = None) -> "OrderFacts":
        """Read a student_medications row in wire form."""
        return OrderFacts(
            id=OrderId(UUID(row["id"])),
            student_id=StudentId(UUID(row["student_id"])),
            medication_id=MedicationId(UUID(row["medication_id"])),
            kind=OrderKind(row["kind"]),
            status=OrderStatus(row["status"]),
            order_signed_on=date_or_none(row["order_signed_on"]),
            verbal_until=date_or_none(row["verbal_until"]),
            parent_auth_from=date_or_none(row["parent_auth_from"]),
            parent_auth_to=date_or_none(row["parent_auth_to"]),
            self_carry=bool(row["self_carry"]),
            start_date=date.fromisoformat(row["start_date"]),
            end_date=date_or_none(row["end_date"]),
            stop_effective_at=instant_or_none(row["stop_effective_at"]),
            verified=row["verified_by"] is not None,
            changed_at=changed_at,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderVersionFacts:
    """One immutable version of an order: how much, how, when (O3)."""

    id: OrderVersionId
    order_id: OrderId
    version: int
    dose: Decimal = field(repr=False)
    unit: str
    times: tuple[str, ...] = field(repr=False)
    window_minutes: int | None
    min_interval: timedelta | None
    max_doses: int | None
    max_period: timedelta | None
    effective_from: Instant

    @staticmethod
    def from_row(row: Row) -> "OrderVersionFacts":
        """Read an order_versions row in wire form."""
        return OrderVersionFacts(
            id=OrderVersionId(UUID(row["id"])),
            order_id=OrderId(UUID(row["order_id"])),
            version=row["version"],
            dose=decimal_from_text(row["dose"]),
            unit=row["unit"],
            times=texts(json_of(row["times"])),
            window_minutes=row["window_minutes"],
            min_interval=_minutes(row["min_interval_minutes"]),
            max_doses=row["max_doses"],
            max_period=_minutes(row["max_period_minutes"]),
            effective_from=instant_from_text(row["effective_from"]),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class MedicationFacts:
    """A medicine: its ingredients, the classes they belong to, whether it rescues (P5)."""

    id: MedicationId
    ingredients: frozenset[str]
    classes: frozenset[str]
    is_rescue: bool
    is_controlled: bool

    @staticmethod
    def from_row(row: Row) -> "MedicationFacts":
        """Read a medications row in wire form; ingredients is [{"code","name","classes":[…]}]."""
        items = json_of(row["ingredients"])
        parts = [item for item in items if isinstance(item, dict)] if isinstance(items, list) else []
        return MedicationFacts(
            id=MedicationId(UUID(row["id"])),
            ingredients=_codes(item.get("code") for item in parts),
            classes=_codes(code for item in parts for code in texts(item.get("classes"))),
            is_rescue=bool(row["is_emergency"]),
            is_controlled=bool(row["dea_schedule"]),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class AllergyFacts:
    """An allergy and the ingredient and class codes it forbids."""

    id: AllergyId
    student_id: StudentId
    codes: frozenset[str] = field(repr=False)
    is_active: bool

    @staticmethod
    def from_row(row: Row) -> "AllergyFacts":
        """Read an allergies row in wire form."""
        return AllergyFacts(
            id=AllergyId(UUID(row["id"])),
            student_id=StudentId(UUID(row["student_id"])),
            codes=_codes(texts(json_of(row["ingredient_codes"]))),
            is_active=bool(row["is_active"]),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class DoseFacts:
    """One dose entry, as far as other doses are judged by it.

    device_seq orders the entries of one device; clocks of two devices order nothing (T3). acknowledged holds the
    codes its author went on in spite of.
    """

    id: DoseId
    entry_id: EntryId
    student_id: StudentId
    order_id: OrderId
    order_version_id: OrderVersionId
    medication_id: MedicationId
    slot_id: SlotId | None
    status: DoseState
    administered_at: Instant
    device_id: DeviceId
    device_seq: int
    amends_id: DoseId | None = None
    acknowledged: frozenset[str] = frozenset()
    flags: tuple[str, ...] = ()

    @staticmethod
    def from_row(row: Row) -> "DoseFacts":
        """Read a medication_logs row in wire form."""
        slot, amends = uuid_or_none(row["slot_id"]), uuid_or_none(row["amends_id"])
        overrides = json_of(row["overrides"]) or []
        return DoseFacts(
            id=DoseId(UUID(row["id"])),
            entry_id=EntryId(UUID(row["entry_id"])),
            student_id=StudentId(UUID(row["student_id"])),
            order_id=OrderId(UUID(row["order_id"])),
            order_version_id=OrderVersionId(UUID(row["order_version_id"])),
            medication_id=MedicationId(UUID(row["medication_id"])),
            slot_id=None if slot is None else SlotId(slot),
            status=DoseState(row["status"]),
            administered_at=instant_from_text(row["administered_at"]),
            device_id=DeviceId(UUID(row["device_id"])),
            device_seq=row["device_seq"],
            amends_id=None if amends is None else DoseId(amends),
            acknowledged=frozenset(item["code"] for item in overrides),
            flags=texts(json_of(row["flags"])),
        )

    @staticmethod
    def from_change(entry: Entry, dose: DoseLogged) -> "DoseFacts":
        """Read a dose from the entry that brings it."""
        return DoseFacts(
            id=dose.id,
            entry_id=entry.id,
            student_id=dose.student_id,
            order_id=dose.order_id,
            order_version_id=dose.order_version_id,
            medication_id=dose.medication_id,
            slot_id=None if dose.slot is None else dose.slot.id,
            status=dose.status,
            administered_at=dose.administered_at,
            device_id=entry.device_id,
            device_seq=entry.number,
            amends_id=dose.amends_id,
            acknowledged=frozenset(o.code for o in dose.overrides) if dose.overrides else _NONE,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseFacts:
    """A review case, as far as it blocks a drug (X2)."""

    kind: str
    student_id: StudentId | None
    medication_id: MedicationId | None
    is_open: bool

    @staticmethod
    def from_row(row: Row) -> "CaseFacts":
        """Read a review_cases row in wire form."""
        student, medication = uuid_or_none(row["student_id"]), uuid_or_none(row["medication_id"])
        return CaseFacts(
            kind=row["kind"],
            student_id=None if student is None else StudentId(student),
            medication_id=None if medication is None else MedicationId(medication),
            is_open=row["status"] == CaseStatus.OPEN,
        )


_NONE: frozenset[str] = frozenset()


def _codes(found: Iterable[object]) -> frozenset[str]:
    # Codes come from several vocabularies and hands; case and blanks must not hide an allergy.
    return frozenset(code.strip().casefold() for code in found if isinstance(code, str) and code.strip())
