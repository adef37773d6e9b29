"""Chart records as a bundle gives them. Field names are those of wc_contract.model.kinds; a test holds them so."""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import TypeAlias
from uuid import UUID

from wc_contract.model.ids import MedicationId, OrderId, SchoolId, StudentId, UserId
from wc_contract.model.instants import Instant
from wc_contract.model.values import AllergyCriticality, ConditionStatus, OrderKind, OrderStatus, Route


@dataclass(frozen=True, slots=True, kw_only=True)
class ChartContact:
    """A row of emergency_contacts; custody is the nurse's to note."""

    id: UUID
    school_id: SchoolId
    student_id: StudentId
    name: str = field(repr=False)
    relationship: str
    phone: str = field(repr=False)
    priority: int
    is_primary: bool
    may_pick_up: bool
    is_active: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ChartAllergy:
    """A row of allergies."""

    id: UUID
    school_id: SchoolId
    student_id: StudentId
    allergen: str = field(repr=False)
    code: str | None = field(repr=False)
    code_system: str | None
    ingredient_codes: tuple[str, ...] = field(repr=False)
    reaction: str | None = field(repr=False)
    criticality: AllergyCriticality
    verified_on: date | None
    is_active: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ChartCondition:
    """A row of chronic_conditions; care plans and review dates are the nurse's and not read here."""

    id: UUID
    school_id: SchoolId
    student_id: StudentId
    name: str = field(repr=False)
    icd10: str | None = field(repr=False)
    snomed: str | None = field(repr=False)
    onset: date | None = field(repr=False)
    status: ConditionStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class ChartVaccination:
    """A row of vaccinations."""

    id: UUID
    school_id: SchoolId
    student_id: StudentId
    cvx: str = field(repr=False)
    vaccine_name: str | None = field(repr=False)
    mvx: str | None
    lot: str | None
    administered_on: date = field(repr=False)
    dose_number: int | None
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderTerms:
    """What is given, how much and when: the immutable part of an order, one version of it."""

    dose: Decimal = field(repr=False)
    unit: str
    route: Route
    times: tuple[str, ...] = field(repr=False)
    window_minutes: int | None
    min_interval_minutes: int | None
    max_doses: int | None
    max_period_minutes: int | None
    instructions: str | None = field(repr=False)
    effective_from: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class ChartOrder:
    """A row of student_medications with its version."""

    id: OrderId
    school_id: SchoolId
    student_id: StudentId
    medication_id: MedicationId
    kind: OrderKind
    status: OrderStatus
    indication: str | None = field(repr=False)
    prescriber_name: str = field(repr=False)
    order_signed_on: date | None
    verbal_until: date | None
    parent_auth_from: date | None
    parent_auth_to: date | None
    self_carry: bool
    start_date: date
    end_date: date | None
    stop_effective_at: Instant | None
    verified_by: UserId | None
    terms: OrderTerms


ChartRecord: TypeAlias = ChartContact | ChartAllergy | ChartCondition | ChartVaccination | ChartOrder
