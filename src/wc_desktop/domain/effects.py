"""What medicine given as needed did: which doses wait to be looked at, and what somebody saw (rules.md P4)."""

from dataclasses import dataclass, field

from wc_contract.model.care_values import Effect
from wc_contract.model.ids import DoseId
from wc_contract.model.instants import Instant
from wc_desktop.domain.screens import MedicationView, StudentRow


@dataclass(frozen=True, slots=True, kw_only=True)
class EffectDue:
    """A dose whose effect somebody has to look at, between two instants."""

    dose: DoseId
    student: StudentRow
    medication: MedicationView
    given_at: Instant
    due_from: Instant
    due_to: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class EffectSeen:
    """What somebody saw."""

    dose: DoseId
    at: Instant
    effect: Effect = field(repr=False)
    note: str = field(default="", repr=False)
