"""What was not taken from a bundle, and what was taken with a reservation. Nothing is dropped without one."""

from dataclasses import dataclass
from enum import StrEnum


class Weight(StrEnum):
    """What a finding costs."""

    NOTE = "note"
    LEFT_OUT = "left_out"
    FILE_LEFT_OUT = "file_left_out"


class Reason(StrEnum):
    """Why. None is ever renamed."""

    NOT_JSON = "not_json"
    TOO_LARGE = "too_large"
    TOO_DEEP = "too_deep"
    NOT_A_BUNDLE = "not_a_bundle"
    NO_ENTRIES = "no_entries"
    ENTRY_MALFORMED = "entry_malformed"
    RESOURCE_TYPE_UNKNOWN = "resource_type_unknown"
    RESOURCE_TYPE_NOT_IMPORTED = "resource_type_not_imported"
    PATIENT_UNKNOWN = "patient_unknown"
    PATIENT_AMBIGUOUS = "patient_ambiguous"
    PATIENT_CONTRADICTS = "patient_contradicts"
    MATCHED_BY_NAME = "matched_by_name"
    CONTACT_INCOMPLETE = "contact_incomplete"
    SUBJECT_MISSING = "subject_missing"
    SUBJECT_UNKNOWN = "subject_unknown"
    STATUS_MISSING = "status_missing"
    STATUS_INVALID = "status_invalid"
    ENTERED_IN_ERROR = "entered_in_error"
    REFUTED = "refuted"
    NOT_DONE = "not_done"
    NOT_AN_ORDER = "not_an_order"
    STATES_NO_ALLERGY = "states_no_allergy"
    CODE_MISSING = "code_missing"
    DATE_MISSING = "date_missing"
    DATE_BAD = "date_bad"
    DATE_INEXACT = "date_inexact"
    DATE_IN_FUTURE = "date_in_future"
    DATE_BEFORE_BIRTH = "date_before_birth"
    DATES_REVERSED = "dates_reversed"
    MEDICATION_NOT_IN_CATALOGUE = "medication_not_in_catalogue"
    DOSE_MISSING = "dose_missing"
    DOSE_BAD = "dose_bad"
    TEXT_UNUSABLE = "text_unusable"
    DUPLICATE = "duplicate"
    DUPLICATE_DIFFERS = "duplicate_differs"
    NEEDS_VERIFICATION = "needs_verification"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing found at one entry (index None: the file as a whole). detail never holds health text."""

    reason: Reason
    weight: Weight
    file: str
    index: int | None = None
    resource_type: str | None = None
    detail: str = ""

    def __str__(self) -> str:
        where = self.file if self.index is None else f"{self.file}#{self.index}"
        kind = f" {self.resource_type}" if self.resource_type else ""
        return f"{where}{kind} {self.reason}: {self.detail}"


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOut:
    """Answer of a mapper that cannot take a resource."""

    reason: Reason
    detail: str
