"""Frozen rows that screens show. Text a screen prints is made in the view models; here stand facts."""

from dataclasses import dataclass, field
from datetime import date, time
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from wc_contract.model.care_values import VitalSignKind
from wc_contract.model.changes import SlotRef
from wc_contract.model.ids import (
    CaseId,
    DoseId,
    EntryId,
    IncidentId,
    MedicationId,
    OrderId,
    OrderVersionId,
    StudentId,
    UserId,
)
from wc_contract.model.instants import Instant
from wc_contract.model.quantity import Quantity
from wc_contract.model.values import DoseState, OrderKind, OrderStatus, Role, Route, Severity
from wc_contract.model.visits import VisitReason
from wc_contract.rules.calendar import Suppression
from wc_contract.rules.findings import Finding
from wc_desktop.domain.capture import CaptureSaid
from wc_desktop.domain.documents import DocumentRow


class DueStatus(StrEnum):
    """Where a slot stands now."""

    OVERDUE = "overdue"  # its window has closed without an answer
    DUE = "due"  # its window is open
    LATER = "later"
    DONE = "done"  # an entry answers it
    DOUBLE = "double"  # possible double dose, until a person answers
    SUPPRESSED = "suppressed"  # holiday, delayed opening or early dismissal


class Confirmed(StrEnum):
    """Whether the district has an entry."""

    WAITING = "waiting"
    CONFIRMED = "confirmed"


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonRow:
    """Someone who can unlock this workstation."""

    id: UserId
    first_name: str
    last_name: str
    role: Role
    licence_type: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StudentRow:
    """A child as lists, panes and confirms must show it (ux.md, 'Habits')."""

    id: StudentId
    first_name: str = field(repr=False)
    last_name: str = field(repr=False)
    preferred_name: str | None = field(repr=False)
    student_number: str = field(repr=False)
    date_of_birth: date = field(repr=False)
    grade: str
    homeroom: str | None
    is_active: bool
    allergies: tuple[str, ...] = field(default=(), repr=False)
    name_alike: tuple[str, ...] = field(default=(), repr=False)  # 'MARTINEZ, Sofia (Gr 2, Rm 5)'


@dataclass(frozen=True, slots=True, kw_only=True)
class MedicationView:
    """A drug as it is printed: name and strength are never cut."""

    id: MedicationId
    name: str
    strength: str | None
    form: str
    dea_schedule: str | None
    is_emergency: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class DoseView:
    """One dose entry, confirmed or not."""

    id: DoseId
    entry_id: EntryId
    status: DoseState
    administered_at: Instant
    quantity: Quantity | None = field(repr=False)
    reason: str | None = field(repr=False)
    author: str
    device_is_this: bool
    confirmed: Confirmed
    flags: tuple[str, ...]
    slot_date: date | None = None
    slot_time: time | None = None
    medication_name: str = field(default="", repr=False)
    recorded_at: Instant | None = None
    replica_as_of: Instant | None = None  # how old the data was that its author saw
    amends: DoseId | None = None  # the dose that this one stands for
    amend_reason: str | None = field(default=None, repr=False)
    is_replaced: bool = False  # another entry stands for this one; it stays readable

    @property
    def stands(self) -> bool:
        """Whether the entry counts: neither replaced nor entered in error."""
        return not self.is_replaced and self.status is not DoseState.ENTERED_IN_ERROR


@dataclass(frozen=True, slots=True, kw_only=True)
class OnHand:
    """What is there for a dose: the container it comes from, before and after; codes of what is to be seen to."""

    container: UUID
    unit: str
    before: Decimal = field(repr=False)
    after: Decimal = field(repr=False)
    lot: str
    expires_on: date | None
    codes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DueRow:
    """One slot of one order today. key is the slot id as text: rows keep it when they change."""

    key: str
    student: StudentRow
    medication: MedicationView
    order_id: OrderId
    order_version_id: OrderVersionId
    slot: SlotRef
    due_at: Instant
    window_from: Instant
    window_to: Instant
    status: DueStatus
    dose: Quantity = field(repr=False)
    route: Route
    instructions: str | None = field(repr=False)
    prescriber: str = field(repr=False)
    order_until: date | None
    parent_auth_to: date | None
    last_given: DoseView | None = field(repr=False)
    answers: tuple[DoseView, ...] = field(default=(), repr=False)
    alerts: tuple[str, ...] = ()  # finding codes worth a chip before opening the confirm: allergy_match, …
    case_id: CaseId | None = None
    stock: OnHand | None = field(default=None, repr=False)  # None where no container of it is on record
    suppressed: Suppression | None = None  # why the day makes no dose of it (T4)
    period: str = ""  # the class period it is due in, by the school's bells

    @property
    def is_open(self) -> bool:
        """Whether nobody has said yet what happened in it; one that the day suppressed is open too (W4)."""
        return self.status not in {DueStatus.DONE, DueStatus.DOUBLE}


@dataclass(frozen=True, slots=True, kw_only=True)
class DueList:
    """Today's medication pass. ends_at: when the last window has closed or school is out; None without a dose.

    periods: the class periods of the day by their names, in order; none where the school keeps no bells.
    """

    day: date
    at: Instant
    rows: tuple[DueRow, ...]
    day_kind: str  # CalendarKind value
    ends_at: Instant | None = None
    periods: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DosePlan:
    """What the confirm shows before a dose is written: the rights and what the rules say."""

    row: DueRow
    status: DoseState
    at: Instant
    findings: tuple[Finding, ...] = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class DoseDraft:
    """What a nurse confirmed. override_reason answers every overridable hard stop of the plan."""

    key: str
    status: DoseState
    administered_at: Instant
    quantity: Quantity | None = field(default=None, repr=False)
    reason: str | None = field(default=None, repr=False)
    override_reason: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class DoseSaved:
    """A dose is durable on this device; row is its slot as it now stands."""

    entry_number: int
    row: DueRow


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderView:
    """An order on the chart."""

    id: OrderId
    medication: MedicationView
    kind: OrderKind
    status: OrderStatus
    dose: Quantity = field(repr=False)
    route: Route
    times: tuple[str, ...]
    instructions: str | None = field(repr=False)
    indication: str | None = field(repr=False)
    prescriber: str = field(repr=False)
    start_date: date
    end_date: date | None
    parent_auth_to: date | None
    version: int
    findings: tuple[str, ...]  # codes: order_expired, parent_authorisation_expired, allergy_match, …


@dataclass(frozen=True, slots=True, kw_only=True)
class AllergyView:
    """An allergy on the chart."""

    allergen: str = field(repr=False)
    reaction: str | None = field(repr=False)
    criticality: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ConditionView:
    """A chronic condition on the chart."""

    name: str = field(repr=False)
    icd10: str | None = field(repr=False)
    status: str


@dataclass(frozen=True, slots=True, kw_only=True)
class VaccinationView:
    """A vaccination on the chart."""

    name: str = field(repr=False)
    cvx: str = field(repr=False)
    administered_on: date = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactView:
    """An emergency contact."""

    name: str = field(repr=False)
    relationship: str
    phone: str = field(repr=False)
    is_primary: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentRow:
    """An incident report in a list: a draft of this device or a signed one."""

    id: IncidentId
    student: StudentRow | None
    type: str
    severity: Severity
    occurred_at: Instant | None
    location: str
    status: str
    author: str
    confirmed: Confirmed
    saved_at: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitView:
    """One visit in a list: what stands of it, or an unfinished form of this workstation.

    disposition is a Disposition value, '' while the child is here. reason is None where a record has no known code.
    said_twice: two entries were written for it that know nothing of one another.
    """

    id: UUID
    student: StudentRow | None
    arrived_at: Instant
    left_at: Instant | None = None
    reason: VisitReason | None = None
    said: str = field(default="", repr=False)
    vitals: tuple[tuple[VitalSignKind, str], ...] = field(default=(), repr=False)
    care: str = field(default="", repr=False)
    fetched_by: str = field(default="", repr=False)
    disposition: str = ""
    is_confidential: bool = False
    author: str = ""
    saved_at: Instant
    confirmed: Confirmed = Confirmed.WAITING
    is_draft: bool = False
    amend_reason: str | None = field(default=None, repr=False)
    said_twice: bool = False

    @property
    def is_open(self) -> bool:
        """Whether the child is still in the clinic."""
        return self.left_at is None and not self.disposition


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """Everything the replica holds about one child. Opening it is on record (law 6)."""

    student: StudentRow
    allergies: tuple[AllergyView, ...]
    conditions: tuple[ConditionView, ...]
    orders: tuple[OrderView, ...]
    doses: tuple[DoseView, ...]
    incidents: tuple[IncidentRow, ...]
    vaccinations: tuple[VaccinationView, ...]
    contacts: tuple[ContactView, ...]
    visits: tuple[VisitView, ...] = ()
    captures: tuple[CaptureSaid, ...] = field(default=(), repr=False)
    documents: tuple[DocumentRow, ...] = ()
    photo: bytes | None = field(default=None, repr=False)  # None also while it is on its way


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentDraft:
    """The incident form as it stands; every value is what the nurse typed or chose, possibly unfinished.

    fields maps a form field's name to its text or chosen values, so that a half-typed form survives a crash.
    """

    id: IncidentId
    student_id: StudentId | None
    fields: dict[str, str | tuple[str, ...]] = field(repr=False)
    saved_at: Instant | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DoseCorrection:
    """What a dose should have said. why is kept with it; the entry it corrects stays readable."""

    status: DoseState
    administered_at: Instant
    quantity: Quantity | None = field(default=None, repr=False)
    reason: str | None = field(default=None, repr=False)
    why: str = field(default="", repr=False)


class Obstacle(StrEnum):
    """Why a refused entry cannot be edited and sent again."""

    CASE = "case"  # it answers a review case, which is open again
    GONE = "gone"  # the record that it changes is not here any more
    OTHER = "other"
