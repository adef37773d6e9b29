"""Medicine on the shelves as the workstation shows and moves it. Facts; words are made in the view models."""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from uuid import UUID

from wc_contract.model.ids import IncidentId, MedicationId, OrderId, StudentId, UserId
from wc_contract.model.instants import Instant
from wc_contract.model.office_values import ContainerStatus, LedgerEvent
from wc_contract.rules.controlled import CountStep
from wc_desktop.domain.screens import MedicationView, PersonRow, StudentRow


@dataclass(frozen=True, slots=True, kw_only=True)
class StockMark:
    """What a rule says of a container: its code, and the details for the sentence."""

    code: str
    detail: dict[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class TripOut:
    """What is out on a trip: how much of a container, with whom, since when."""

    id: UUID
    trip: str
    carrier: str
    quantity: Decimal = field(repr=False)
    since: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class StockRow:
    """One container. dose is one dose where it is known.

    of_child: it is a child's, not the school's own; student is None then for a child who has left.
    """

    id: UUID
    student: StudentRow | None
    of_child: bool
    medication: MedicationView
    order_id: OrderId | None
    status: ContainerStatus
    is_controlled: bool
    unit: str
    balance: Decimal = field(repr=False)
    dose: Decimal | None = field(repr=False)
    lot: str
    label: str
    location: str
    received_on: date
    expires_on: date | None
    counted_at: Instant | None
    marks: tuple[StockMark, ...] = ()
    waiting: bool = False  # the district does not have all that this balance says
    pending: tuple[UUID, ...] = ()  # lines of waste that wait for a witness
    trips: tuple[TripOut, ...] = ()

    @property
    def is_kept(self) -> bool:
        """Whether the container is on the shelf still."""
        return self.status in {ContainerStatus.IN_USE, ContainerStatus.EMPTY}

    def has(self, code: str) -> bool:
        """Whether a rule says this of the container."""
        return any(mark.code == code for mark in self.marks)


@dataclass(frozen=True, slots=True, kw_only=True)
class StockList:
    """The school's medicine; witnesses are those who can be the second person at this workstation.

    carriers: the district's staff, of whom one takes medicine on a trip.
    """

    rows: tuple[StockRow, ...]
    witnesses: tuple[PersonRow, ...]
    carriers: tuple[PersonRow, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerRow:
    """One line of a container's ledger and the balance after it."""

    id: UUID
    event: LedgerEvent
    moved: Decimal = field(repr=False)
    balance: Decimal = field(repr=False)
    found: Decimal | None = field(default=None, repr=False)  # what a count found
    difference: Decimal | None = field(default=None, repr=False)
    at: Instant
    author: str
    witness: str
    reason: str = field(repr=False)
    takes_back: bool = False
    is_pending: bool = False
    waiting: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Ledger:
    """A container and its lines, the newest first."""

    row: StockRow
    lines: tuple[LedgerRow, ...] = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Receivable:
    """What a container can be received for: a child's order, or a medicine of the school's own stock."""

    order_id: OrderId | None
    medication: MedicationView
    unit: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What came in, counted with who brought it (C2)."""

    student: StudentId | None
    order_id: OrderId | None
    medication: MedicationId
    unit: str
    amount: Decimal = field(repr=False)
    counted_by_them: Decimal | None = field(repr=False)
    brought_by: str = field(repr=False)
    lot: str
    expires_on: date | None
    location: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SecondPerson:
    """Who sees it too, with the password that proves it."""

    id: UserId
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Movement:
    """What leaves a container, or by how much a supervisor adjusts it."""

    container: UUID
    event: LedgerEvent
    amount: Decimal = field(repr=False)
    reason: str = field(repr=False)
    second: SecondPerson | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TwoCounts:
    """What two people found, each by themselves. is_recount: an earlier count of them differed from the record."""

    container: UUID
    found: Decimal = field(repr=False)
    witness_found: Decimal = field(repr=False)
    second: SecondPerson | None
    reason: str = field(default="", repr=False)
    is_recount: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CountOutcome:
    """What came of a count. expected and found are told once both have entered; nothing was written at RECOUNT.

    incident: the draft that was begun because the count differed twice.
    """

    step: CountStep
    expected: Decimal = field(repr=False)
    found: Decimal = field(repr=False)
    row: StockRow
    incident: IncidentId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TripDraft:
    """What is sealed and signed out for a trip; the bottle stays (C8)."""

    container: UUID
    carrier: UserId
    trip: str
    amount: Decimal = field(repr=False)
    second: SecondPerson | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TripReturn:
    """What came back of a trip's envelope."""

    trip: UUID
    amount: Decimal = field(repr=False)
    second: SecondPerson | None = None
