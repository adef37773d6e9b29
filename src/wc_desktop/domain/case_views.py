"""Review cases as the workstation shows and answers them. Facts; words are made in the view models."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from wc_contract.model.apply import WireValue
from wc_contract.model.ids import (
    CaseId,
    DoseId,
    StudentId,
    UserId,
)
from wc_contract.model.instants import Instant
from wc_contract.model.values import CaseResolution
from wc_desktop.domain.screens import DoseView, PersonRow, StudentRow


@dataclass(frozen=True, slots=True, kw_only=True)
class SideRow:
    """What one hand says of a record that two hands wrote. author is '' for what the record said before."""

    record_kind: str
    record_id: UUID
    values: Mapping[str, WireValue] = field(repr=False)
    stands: bool  # whether it is what the record says now
    author: str
    authored_at: Instant | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SubjectRow:
    """A record that a case is about, as it stands: neither a dose nor one of two sides.

    child: of whom it is, where the case itself is of no child.
    """

    record_kind: str
    values: Mapping[str, WireValue] = field(repr=False)
    author: str
    at: Instant | None
    child: StudentRow | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MovementRow:
    """What came to a shelf or left it. quantity is None where the balance stays hidden until it was counted (C2)."""

    event: str
    quantity: Decimal | None
    at: Instant
    author: str
    note: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ShelfRow:
    """What a case about stock is about: an item of the shelf or a container of a medicine.

    on_record is None where it stays hidden until it was counted. witnesses: of whom one counts as well, where two must.
    """

    record_kind: str
    record_id: UUID
    name: str
    where: str
    lot: str
    unit: str
    on_record: Decimal | None
    needs_two: bool
    movements: tuple[MovementRow, ...] = ()
    witnesses: tuple[PersonRow, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """What was found on a shelf; of what two must count, what each found, and the second person's password."""

    found: Decimal
    witness: UserId | None = None
    witness_found: Decimal | None = None
    witness_password: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseRow:
    """A review case as the workstation shows it.

    answers are those that fit it; hindrance says why the person at the desk may give none of them.
    """

    id: CaseId
    kind: str
    student: StudentRow | None
    medication_name: str | None = field(repr=False)
    opened_at: Instant
    status: str
    doses: tuple[DoseView, ...] = field(default=(), repr=False)
    sides: tuple[SideRow, ...] = field(default=(), repr=False)
    shelf: ShelfRow | None = None
    others: tuple[SubjectRow, ...] = ()
    subject_ids: tuple[UUID, ...] = ()
    answers: tuple[CaseResolution, ...] = ()
    asks_child: bool = False  # whether something in it names no child yet, and a person may
    hindrance: "Hindrance | None" = None


class Hindrance(StrEnum):
    """Why somebody may not answer a case (X3)."""

    AUTHOR = "author"  # wrote one of the entries
    ROLE = "role"


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseDecision:
    """What a person decided. keep: of a dose written down twice, the entry that stands; count: of a shelf counted.

    child: who it was, of what was written down without a lease.
    """

    case_id: CaseId
    resolution: CaseResolution
    note: str = field(default="", repr=False)
    keep: DoseId | None = None
    count: Count | None = None
    child: StudentId | None = None
