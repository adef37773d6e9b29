"""What the district already knows about what a batch touches: loaded set-wise, before anything is decided."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID
from zoneinfo import ZoneInfo

from wc_contract.model.ids import DeviceId, DoseId, EntryId, MedicationId, OrderId, SchoolId, SlotId, StudentId, UserId
from wc_contract.model.instants import Instant
from wc_contract.rules.charts import Charts
from wc_contract.rules.facts import AllergyFacts, MedicationFacts, OrderFacts, OrderVersionFacts
from wc_contract.wire.messages import Receipt
from wc_sync_server.domain.acceptance import AuthorFacts
from wc_sync_server.reconcile.arrivals import Arrival, doses_of, incidents_of, number_beside
from wc_sync_server.reconcile.touched import Held, Touched, TouchedFacts, is_plain, students_of, touched_by


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What to load for a batch."""

    device: DeviceId
    entries: tuple[EntryId, ...]
    numbers: tuple[int, ...]
    hashes: tuple[str, ...]
    authors: tuple[UserId, ...]
    students: tuple[StudentId, ...]
    orders: tuple[OrderId, ...]
    medications: tuple[MedicationId, ...]
    slots: tuple[SlotId, ...]
    doses: tuple[DoseId, ...]
    incidents: tuple[UUID, ...]
    amended: tuple[DoseId, ...]
    touched: Touched
    earliest: Instant | None
    latest: Instant | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceFacts:
    """The sending device. revoked_at is None while it is trusted."""

    id: DeviceId
    school: SchoolId
    last_number: int
    forked: bool
    revoked_at: Instant | None


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchFacts:
    """Everything that deciding about a batch needs.

    since is when the epoch took the place of another, of which the database may lack the newest entries; None for the
    first. receipts are those of the batch's entries, numbers or texts. kept are the hashes of its entries that are in
    quarantine already. left are students who once were at the device's school. withdrawn: the last day of those who
    left the district. charts: those of the batch's students that were made one with others; beside are the doses that
    all of these charts hold near the batch's, which are looked at across the charts only.
    """

    epoch: str
    device: DeviceFacts
    policy: str | None = field(repr=False)
    zones: Mapping[SchoolId, ZoneInfo]
    receipts: tuple[Receipt, ...]
    kept: frozenset[str]
    authors: Mapping[UserId, AuthorFacts]
    students: Mapping[StudentId, SchoolId]
    left: frozenset[StudentId]
    orders: tuple[OrderFacts, ...] = field(repr=False)
    versions: tuple[OrderVersionFacts, ...] = field(repr=False)
    medications: tuple[MedicationFacts, ...] = field(repr=False)
    allergies: tuple[AllergyFacts, ...] = field(repr=False)
    doses: tuple[Held, ...] = field(repr=False)
    incidents: Mapping[UUID, EntryId]
    cases: tuple[Held, ...] = field(repr=False)
    since: Instant | None = None
    withdrawn: Mapping[StudentId, date] = field(default_factory=dict)
    charts: Charts = field(default_factory=Charts)
    beside: tuple[Held, ...] = field(default=(), repr=False)
    touched: TouchedFacts = field(default_factory=TouchedFacts, repr=False)


def wanted(arrivals: Iterable[Arrival], device: DeviceId) -> Wanted:
    """Return what to load for arrivals."""
    arrivals = list(arrivals)
    entries = [arrival.entry for arrival in arrivals if arrival.entry is not None]
    doses = [dose for entry in entries for dose in doses_of(entry)]
    incidents = [report for entry in entries for report in incidents_of(entry)]
    students = {dose.student_id for dose in doses} | {r.student_id for r in incidents if r.student_id is not None}
    students |= {student for entry in entries if not is_plain(entry) for student in students_of(entry)}
    times = [dose.administered_at for dose in doses]
    touched = touched_by(entries)
    return Wanted(
        device=device,
        entries=tuple(arrival.id for arrival in arrivals),
        numbers=tuple(_numbers_of(arrivals)),
        hashes=tuple(arrival.hash for arrival in arrivals),
        authors=tuple({entry.author_id for entry in entries}),
        students=tuple(students),
        orders=tuple({dose.order_id for dose in doses} | set(map(OrderId, touched.orders))),
        medications=tuple({dose.medication_id for dose in doses}),
        slots=tuple({dose.slot.id for dose in doses if dose.slot is not None}),
        doses=tuple({dose.id for dose in doses}),
        incidents=tuple({report.id for report in incidents}),
        amended=tuple({dose.amends_id for dose in doses if dose.amends_id is not None}),
        touched=touched,
        earliest=min(times, default=None),
        latest=max(times, default=None),
    )


def _numbers_of(arrivals: Sequence[Arrival]) -> set[int]:
    """Return theirs and those of the texts before them, which they name; one that was settled stands beside."""
    named = {arrival.entry.previous for arrival in arrivals if arrival.entry is not None}
    named -= {None, *(arrival.hash for arrival in arrivals)}
    found = {number_beside(text_hash) for text_hash in named if text_hash is not None}
    for arrival in arrivals:
        if arrival.number is not None:
            found |= {arrival.number - 1, arrival.number}
    return found


__all__ = ["BatchFacts", "DeviceFacts", "Held", "Wanted", "wanted"]
