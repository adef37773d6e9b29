"""Writing down what happened at a workstation whose lease has ended: what is typed, and what was written."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum, unique
from uuid import UUID

from wc_contract.model.instants import Instant
from wc_contract.model.values import DoseState, Route

# What schools keep in stock for anybody (rules.md O1, P5). The district's own list lies in the replica.
STOCK_MEDICINES = ("Epinephrine", "Albuterol", "Glucagon", "Naloxone", "Diazepam", "Midazolam")


@unique
class Leave(Enum):
    """How the district's newest word stands to a person at this workstation."""

    HOLDS = "holds"
    ENDED = "ended"  # with the lease, for everybody
    TAKEN = "taken"  # hers alone: the lease does not name her


@dataclass(frozen=True, slots=True, kw_only=True)
class CaptureDraft:
    """The form as it stands: what was typed, possibly unfinished. id is that of the record it becomes."""

    id: UUID
    fields: Mapping[str, str] = field(repr=False)

    @property
    def is_empty(self) -> bool:
        """Whether nothing was typed."""
        return not any(value.strip() for value in self.fields.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class CaptureSaid:
    """What happened, as it is to be written down. child None: an unidentified person."""

    id: UUID
    child: str | None = field(repr=False)
    medicine: str = field(repr=False)
    amount: str | None = field(repr=False)
    route: Route | None
    status: DoseState
    happened_at: Instant
    reason: str | None = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class CaptureRow:
    """What was written down, as the list shows it. sent: the district has it."""

    said: CaptureSaid
    written_at: Instant
    sent: bool
