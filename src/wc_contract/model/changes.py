"""What a nurse can author: a closed union of changes, and the entry that carries them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, time
from decimal import Decimal
from typing import TypeAlias
from uuid import UUID

from wc_contract.model.ids import (
    CaseId,
    DeviceId,
    DoseId,
    EntryId,
    IncidentId,
    MedicationId,
    OrderId,
    OrderVersionId,
    SlotId,
    StudentId,
    UserId,
)
from wc_contract.model.instants import Instant
from wc_contract.model.kinds import WireValue
from wc_contract.model.values import (
    AccessAction,
    CaseResolution,
    Disposition,
    DoseState,
    IncidentType,
    MedicationErrorType,
    Severity,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Override:
    """A finding that the nurse went on in spite of, and why."""

    code: str
    reason: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class SlotRef:
    """The slot a dose answers: school-local day and nominal wall-clock time."""

    id: SlotId
    date: date
    time: time


@dataclass(frozen=True, slots=True, kw_only=True)
class DoseLogged:
    """A dose was given, refused, held … in a slot, or as needed (slot None).

    dose_given and unit are present exactly when the state counts as taken. local_date is the school's day.
    amends_id names the dose that this one stands for from now on (A1): a correction, or with ENTERED_IN_ERROR a void;
    amend_reason then says why. The dose amended stays as it was written.
    """

    id: DoseId
    student_id: StudentId
    order_id: OrderId
    order_version_id: OrderVersionId
    medication_id: MedicationId
    slot: SlotRef | None
    status: DoseState
    administered_at: Instant
    local_date: date
    dose_given: Decimal | None = field(default=None, repr=False)
    unit: str | None = None
    reason: str | None = field(default=None, repr=False)
    site: str | None = field(default=None, repr=False)
    overrides: tuple[Override, ...] = ()
    amends_id: DoseId | None = None
    amend_reason: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Witness:
    """Someone who saw it."""

    name: str = field(repr=False)
    role: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactAttempt:
    """One try to reach a family (rules.md I6)."""

    person: str = field(repr=False)
    method: str
    at: Instant
    outcome: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentSigned:
    """An incident report was completed and signed; after this only addenda (I7)."""

    id: IncidentId
    student_id: StudentId | None
    type: IncidentType
    severity: Severity
    occurred_at: Instant
    location: str = field(repr=False)
    activity: str = field(repr=False)
    narrative: str = field(repr=False)
    body_regions: tuple[str, ...] = field(default=(), repr=False)
    injury_kind: str = field(default="", repr=False)
    witnesses: tuple[Witness, ...] = field(default=(), repr=False)
    care_given: str = field(default="", repr=False)
    disposition: Disposition = Disposition.RETURNED_TO_CLASS
    notifications: tuple[ContactAttempt, ...] = ()
    med_error_type: MedicationErrorType | None = None
    ncc_merp: str | None = None
    follow_up_due: date | None = None
    signed_at: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessRecorded:
    """Somebody looked, unlocked, printed: no record changes, the audit does (law 6)."""

    action: AccessAction
    entity_type: str
    entity_id: str
    at: Instant
    fields: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordAdded:
    """A record was made of a kind that workstations add to (model.authoring): a visit, a reading, an addendum …

    values holds what the author said, in wire form; a field left out is empty. Who wrote it, when and where follows
    from the entry.
    """

    kind: str
    id: UUID
    values: Mapping[str, WireValue] = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordChanged:
    """Fields of a record were changed that somebody else may have changed meanwhile.

    base holds what the author saw in the groups of the fields changed (in all fields, for kinds whose base must match),
    values what they say now. base_version is the row_version the author saw, 0 for a record that no replica had yet.
    """

    kind: str
    id: UUID
    base_version: int
    base: Mapping[str, WireValue] = field(repr=False)
    values: Mapping[str, WireValue] = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseAnswered:
    """A person answered a review case. subject_ids are the records the case was about when they looked."""

    case_id: CaseId
    resolution: CaseResolution
    subject_ids: tuple[UUID, ...]
    note: str = field(default="", repr=False)


Change: TypeAlias = DoseLogged | IncidentSigned | AccessRecorded | RecordAdded | RecordChanged | CaseAnswered


def is_fact(change: Change) -> bool:
    """Whether a change is a dose or a signed report: it happened, whatever else its entry says (law 1).

    A void is none: it says something of another entry.
    """
    if isinstance(change, DoseLogged):
        return change.status is not DoseState.ENTERED_IN_ERROR
    return isinstance(change, IncidentSigned)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One atomic group of changes by one author on one device.

    number is gapless per device, from 1. hlc is the hybrid logical clock '<millis>-<counter>-<device>'.
    clock_offset_ms estimates device minus server, None when never measured. replica_as_of is the instant of
    the newest complete checkpoint that the author could see. depends_on are entries without which this one means
    nothing. replaces is the refused entry that this one says again, mended. previous is the hash of the text under the
    number before, None where its device does not have that text: each signed text so stands for all before it.
    """

    number: int
    id: EntryId
    device_id: DeviceId
    author_id: UserId
    authored_at: Instant
    zone: str
    hlc: str
    clock_offset_ms: int | None
    replica_as_of: Instant | None
    depends_on: tuple[EntryId, ...]
    changes: tuple[Change, ...]
    replaces: EntryId | None = None
    previous: str | None = None

    @property
    def schema(self) -> int:
        """The lowest schema of entries that can say this: a server one step behind understands most of them."""
        if self.previous is not None or any(_is_third(change) for change in self.changes):
            return 3
        later = (RecordAdded, RecordChanged, CaseAnswered)
        amends = any(isinstance(change, DoseLogged) and change.amends_id is not None for change in self.changes)
        return 2 if self.replaces or amends or any(isinstance(change, later) for change in self.changes) else 1


_THIRD = frozenset({AccessAction.SEARCH, AccessAction.LIST, AccessAction.REBUILD})


def _is_third(change: Change) -> bool:
    return isinstance(change, AccessRecorded) and change.action in _THIRD
