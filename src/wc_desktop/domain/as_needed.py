"""A dose as needed: what may be given to a child now, what the nurse wrote, what the rules say. Facts only."""

from dataclasses import dataclass, field
from datetime import timedelta

from wc_contract.model.ids import OrderId, OrderVersionId, StudentId
from wc_contract.model.instants import Instant
from wc_contract.model.quantity import Quantity
from wc_contract.model.values import Route
from wc_contract.rules.findings import Finding
from wc_desktop.domain.screens import DoseView, MedicationView, StudentRow


@dataclass(frozen=True, slots=True, kw_only=True)
class PrnOrder:
    """One order as needed, as its limits stand now.

    again_from: None when it may be given now. given counts what was taken within period; maximum is None without one.
    """

    id: OrderId
    version_id: OrderVersionId
    student_id: StudentId
    medication: MedicationView
    dose: Quantity = field(repr=False)
    route: Route
    instructions: str | None = field(repr=False)
    indication: str | None = field(repr=False)
    prescriber: str = field(repr=False)
    last: DoseView | None = field(repr=False)
    again_from: Instant | None
    given: int
    maximum: int | None
    period: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class PrnList:
    """A child's orders as needed, by name of the medicine."""

    student: StudentRow
    orders: tuple[PrnOrder, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PrnDraft:
    """What a nurse confirmed. asked_aloud: whom she asked, when other workstations are out of sight (P3)."""

    student: StudentId
    order: OrderId
    administered_at: Instant
    quantity: Quantity = field(repr=False)
    reason: str = field(default="", repr=False)
    asked_aloud: str = field(default="", repr=False)
    override_reason: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class PrnPlan:
    """What the rules say of a draft, before anything is written. asks_aloud: spoken confirmation is required (P3)."""

    draft: PrnDraft
    findings: tuple[Finding, ...] = field(repr=False)
    asks_aloud: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PrnSaved:
    """The dose is durable on this workstation. order: how its limits stand now."""

    entry_number: int
    student: StudentRow
    order: PrnOrder
    check_from: Instant
    check_to: Instant
