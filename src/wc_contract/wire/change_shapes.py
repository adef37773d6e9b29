"""The shapes that changes have in an entry's text: what is read, and what is refused."""

from datetime import date
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from wc_contract.model.authoring import LONGEST_TEXT, flaws_of_addition, flaws_of_change
from wc_contract.model.values import (
    AccessAction,
    CaseResolution,
    Disposition,
    DoseState,
    IncidentType,
    MedicationErrorType,
    Severity,
)
from wc_contract.wire.base import Code, DecimalText, Note, Short, WireInstant, WireModel
from wc_contract.wire.versions import MAX_FIELDS

ClockText = Annotated[str, Field(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")]
# Any declared field of any kind; which ones fit, and how they are written, the declaration says.
WireText = Annotated[str, Field(max_length=LONGEST_TEXT, pattern=r"^[^\x00]*$")]
WireValues = Annotated[dict[Code, WireText | bool | int | None], Field(max_length=MAX_FIELDS)]


class WireOverride(WireModel):
    """Override on the wire."""

    code: Code
    reason: Note


class WireSlot(WireModel):
    """SlotRef on the wire."""

    id: UUID
    date: date
    time: ClockText


class WireDose(WireModel):
    """DoseLogged on the wire."""

    verb: Literal["dose.log"]
    id: UUID
    student_id: UUID
    order_id: UUID
    order_version_id: UUID
    medication_id: UUID
    slot: WireSlot | None
    status: DoseState
    administered_at: WireInstant
    local_date: date
    dose_given: DecimalText | None
    unit: Short | None
    reason: Note | None
    site: Short | None
    overrides: tuple[WireOverride, ...] = Field(max_length=20)


class WireAmendingDose(WireDose):
    """DoseLogged on the wire from schema 2 on. A dose that amends none is written as in schema 1."""

    amends_id: UUID | None = None
    amend_reason: Note | None = None

    @model_validator(mode="after")
    def _says_why(self) -> Self:
        if (self.amends_id is None) is not (self.amend_reason is None):
            raise PydanticCustomError("amend_reason", "an amendment names its dose and its reason")
        return self


class WireWitness(WireModel):
    """Witness on the wire."""

    name: Short
    role: Short


class WireContactAttempt(WireModel):
    """ContactAttempt on the wire."""

    person: Short
    method: Short
    at: WireInstant
    outcome: Short


class WireIncident(WireModel):
    """IncidentSigned on the wire."""

    verb: Literal["incident.sign"]
    id: UUID
    student_id: UUID | None
    type: IncidentType
    severity: Severity
    occurred_at: WireInstant
    location: Short
    activity: Short
    narrative: Note
    body_regions: tuple[Short, ...] = Field(max_length=40)
    injury_kind: Short
    witnesses: tuple[WireWitness, ...] = Field(max_length=20)
    care_given: Note
    disposition: Disposition
    notifications: tuple[WireContactAttempt, ...] = Field(max_length=40)
    med_error_type: MedicationErrorType | None
    ncc_merp: Annotated[str, Field(pattern="^[A-I]$")] | None
    follow_up_due: date | None
    signed_at: WireInstant


class WireAccess(WireModel):
    """AccessRecorded on the wire."""

    verb: Literal["access.record"]
    action: AccessAction
    entity_type: Code
    entity_id: Short
    at: WireInstant
    fields: tuple[Code, ...] = Field(max_length=100)


class WireAdded(WireModel):
    """RecordAdded on the wire."""

    verb: Literal["record.add"]
    kind: Code
    id: UUID
    values: WireValues


class WireChanged(WireModel):
    """RecordChanged on the wire."""

    verb: Literal["record.change"]
    kind: Code
    id: UUID
    base_version: int = Field(ge=0)
    base: WireValues
    values: WireValues


class WireAnswer(WireModel):
    """CaseAnswered on the wire."""

    verb: Literal["case.answer"]
    case_id: UUID
    resolution: CaseResolution
    subject_ids: tuple[UUID, ...] = Field(max_length=200)
    note: Note


FIRST = WireDose | WireIncident | WireAccess
SECOND = WireAmendingDose | WireIncident | WireAccess | WireAdded | WireChanged | WireAnswer
VERBS = ("dose.log", "incident.sign", "access.record", "record.add", "record.change", "case.answer")
MODELS = (
    WireDose,
    WireAmendingDose,
    WireIncident,
    WireAccess,
    WireOverride,
    WireSlot,
    WireWitness,
    WireContactAttempt,
    WireAdded,
    WireChanged,
    WireAnswer,
)


def ill_fields(wire: FIRST | SECOND) -> tuple[str, ...]:
    """Return where a change of a declared record does not fit its declaration; names of fields, no content."""
    match wire:
        case WireAdded():
            return flaws_of_addition(wire.kind, wire.values)
        case WireChanged():
            return flaws_of_change(wire.kind, wire.base, wire.values)
        case _:
            return ()
