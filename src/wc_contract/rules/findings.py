"""What a rule says: a stable code, how serious it is, and the ids, instants and numbers for the sentence.

A check notices (Noticed: code and detail); the entry point grades. The same notice blocks before giving and
opens a review case on arrival, because by then it has happened.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Code(StrEnum):
    """Stable finding codes; stored in flags, overrides and review cases. A code is never renamed."""

    WRONG_STUDENT = "wrong_student"
    WRONG_MEDICATION = "wrong_medication"
    ORDER_UNKNOWN = "order_unknown"
    VERSION_UNKNOWN = "version_unknown"
    SLOT_MISMATCH = "slot_mismatch"
    TOO_EARLY = "too_early"
    EARLY_NEEDS_NURSE = "early_needs_nurse"
    LATE = "late"
    TOO_SOON = "too_soon"
    OVER_MAXIMUM = "over_maximum"
    EFFECT_CHECK_DUE = "effect_check_due"
    ALLERGY_MATCH = "allergy_match"
    NOT_CHECKED = "not_checked"
    DUPLICATE_INGREDIENT = "duplicate_ingredient"
    ORDER_NOT_ACTIVE = "order_not_active"
    ORDER_NOT_VERIFIED = "order_not_verified"
    ORDER_NOT_STARTED = "order_not_started"
    ORDER_EXPIRED = "order_expired"
    NO_PRESCRIBER_ORDER = "no_prescriber_order"
    VERBAL_ORDER_LAPSED = "verbal_order_lapsed"
    NO_PARENT_AUTHORISATION = "no_parent_authorisation"
    PARENT_AUTHORISATION_EXPIRED = "parent_authorisation_expired"
    NO_SELF_CARRY = "no_self_carry"
    AFTER_STOP = "after_stop"
    AFTER_WITHDRAWAL = "after_withdrawal"
    SUPERSEDED_VERSION = "superseded_version"
    DOSE_DIFFERS = "dose_differs"
    DOSE_MISSING = "dose_missing"
    PARTIAL_DOSE = "partial_dose"
    POSSIBLE_DOUBLE_DOSE = "possible_double_dose"
    DOUBLE_DOSE_UNRESOLVED = "double_dose_unresolved"
    SLOT_ANSWERED_TWICE = "slot_answered_twice"
    LATE_ENTRY = "late_entry"
    LATE_ENTRY_OVER_A_DAY = "late_entry_over_a_day"
    LATE_ENTRY_OVER_LIMIT = "late_entry_over_limit"
    FUTURE_TIME = "future_time"
    REASON_MISSING = "reason_missing"
    CLOCK_DRIFT = "clock_drift"
    CLOCK_SUSPECT = "clock_suspect"
    OTHER_DEVICES_UNSEEN = "other_devices_unseen"
    CONFIRM_ALOUD = "confirm_aloud"
    FIELD_MISSING = "field_missing"
    FOLLOW_UP_BEFORE_EVENT = "follow_up_before_event"
    CONTACT_BEFORE_EVENT = "contact_before_event"
    ERROR_TYPE_MISSING = "error_type_missing"
    ERROR_TYPE_NOT_APPLICABLE = "error_type_not_applicable"
    NCC_MERP_MISSING = "ncc_merp_missing"
    NCC_MERP_NOT_APPLICABLE = "ncc_merp_not_applicable"
    NCC_MERP_UNKNOWN = "ncc_merp_unknown"
    OMISSION_NEVER_B = "omission_never_b"
    HEAD_INJURY_CHECKS_DUE = "head_injury_checks_due"
    AGE_OUT_OF_RANGE = "age_out_of_range"
    NPI_INVALID = "npi_invalid"
    FIELD_CONFLICT = "field_conflict"
    BASE_CHANGED = "base_changed"
    STOCK_NEGATIVE = "stock_negative"
    ANSWERS_DIFFER = "answers_differ"
    CASE_GREW = "case_grew"
    NOT_ENTITLED = "not_entitled"
    ANSWER_DOES_NOT_FIT = "answer_does_not_fit"
    AMENDED_TWICE = "amended_twice"
    LEFT_OUT = "left_out"
    EMERGENCY_CARD_USED = "emergency_card_used"
    LOT_EXPIRED = "lot_expired"
    LOT_RECALLED = "lot_recalled"
    LOT_EXPIRES_SOON = "lot_expires_soon"
    LOW_STOCK = "low_stock"
    COUNT_DUE = "count_due"
    COUNT_DIFFERS = "count_differs"
    COUNTERS_DIFFER = "counters_differ"
    WITNESS_MISSING = "witness_missing"
    WITNESS_PENDING = "witness_pending"
    WITNESS_OVERDUE = "witness_overdue"
    LEFT_BEFORE_ARRIVAL = "left_before_arrival"
    MEASURE_UNREADABLE = "measure_unreadable"
    MEASURE_UNUSUAL = "measure_unusual"


class Severity(StrEnum):
    """How a finding acts on the person or on the server."""

    BLOCK = "block"  # a hard stop before saving, unless overridden with a reason
    REVIEW = "review"  # on arrival: flagged, and the server opens a review case
    WARN = "warn"  # shown, flagged
    INFO = "info"  # shown, never stored


@dataclass(frozen=True, slots=True, kw_only=True)
class Noticed:
    """What a check saw, before anybody judged it. detail holds ids, instants, numbers and codes only."""

    code: Code
    detail: Mapping[str, str] = field(default_factory=dict, repr=False, hash=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What a rule says about an entry. overridable: the person may go on, giving a reason that is kept."""

    code: Code
    severity: Severity
    detail: Mapping[str, str] = field(default_factory=dict, repr=False, hash=False)
    overridable: bool = False


_BLOCK, _REVIEW, _WARN, _INFO = Severity.BLOCK, Severity.REVIEW, Severity.WARN, Severity.INFO

# code: (before saving, whether a reason lets the person go on, on arrival)
_GRADES: dict[Code, tuple[Severity, bool, Severity]] = {
    # The wrong child or drug is no judgment call: nothing overrides it (rules.md W5, the rights).
    Code.WRONG_STUDENT: (_BLOCK, False, _REVIEW),
    Code.WRONG_MEDICATION: (_BLOCK, False, _REVIEW),
    Code.ORDER_UNKNOWN: (_BLOCK, False, _REVIEW),
    Code.VERSION_UNKNOWN: (_WARN, False, _REVIEW),
    Code.SLOT_MISMATCH: (_BLOCK, False, _REVIEW),
    Code.TOO_EARLY: (_BLOCK, True, _WARN),
    Code.EARLY_NEEDS_NURSE: (_BLOCK, False, _REVIEW),
    Code.LATE: (_WARN, False, _WARN),
    Code.TOO_SOON: (_BLOCK, True, _REVIEW),
    Code.OVER_MAXIMUM: (_BLOCK, True, _REVIEW),
    Code.EFFECT_CHECK_DUE: (_INFO, False, _INFO),
    Code.ALLERGY_MATCH: (_BLOCK, True, _REVIEW),
    Code.NOT_CHECKED: (_INFO, False, _INFO),
    Code.DUPLICATE_INGREDIENT: (_WARN, False, _INFO),
    Code.ORDER_NOT_ACTIVE: (_BLOCK, True, _REVIEW),
    Code.ORDER_NOT_VERIFIED: (_BLOCK, True, _REVIEW),
    Code.ORDER_NOT_STARTED: (_BLOCK, True, _REVIEW),
    Code.ORDER_EXPIRED: (_BLOCK, True, _REVIEW),
    Code.NO_PRESCRIBER_ORDER: (_BLOCK, True, _REVIEW),
    Code.VERBAL_ORDER_LAPSED: (_BLOCK, True, _REVIEW),
    Code.NO_PARENT_AUTHORISATION: (_BLOCK, True, _REVIEW),
    Code.PARENT_AUTHORISATION_EXPIRED: (_BLOCK, True, _REVIEW),
    Code.NO_SELF_CARRY: (_BLOCK, True, _REVIEW),
    Code.AFTER_STOP: (_BLOCK, True, _REVIEW),
    Code.AFTER_WITHDRAWAL: (_BLOCK, True, _REVIEW),
    Code.SUPERSEDED_VERSION: (_WARN, False, _WARN),
    Code.DOSE_DIFFERS: (_BLOCK, True, _REVIEW),
    Code.DOSE_MISSING: (_BLOCK, False, _WARN),
    Code.PARTIAL_DOSE: (_WARN, False, _WARN),
    Code.POSSIBLE_DOUBLE_DOSE: (_BLOCK, True, _REVIEW),
    Code.DOUBLE_DOSE_UNRESOLVED: (_BLOCK, True, _WARN),
    Code.SLOT_ANSWERED_TWICE: (_BLOCK, True, _INFO),
    Code.LATE_ENTRY: (_BLOCK, True, _WARN),
    Code.LATE_ENTRY_OVER_A_DAY: (_BLOCK, True, _WARN),
    Code.LATE_ENTRY_OVER_LIMIT: (_BLOCK, True, _REVIEW),
    Code.FUTURE_TIME: (_BLOCK, False, _WARN),
    Code.REASON_MISSING: (_BLOCK, False, _WARN),
    Code.CLOCK_DRIFT: (_INFO, False, _INFO),
    Code.CLOCK_SUSPECT: (_WARN, False, _WARN),
    Code.OTHER_DEVICES_UNSEEN: (_INFO, False, _INFO),
    Code.CONFIRM_ALOUD: (_WARN, False, _INFO),
    Code.FIELD_MISSING: (_BLOCK, False, _WARN),
    Code.FOLLOW_UP_BEFORE_EVENT: (_BLOCK, False, _WARN),
    Code.CONTACT_BEFORE_EVENT: (_WARN, False, _WARN),
    Code.ERROR_TYPE_MISSING: (_BLOCK, False, _WARN),
    Code.ERROR_TYPE_NOT_APPLICABLE: (_BLOCK, False, _WARN),
    Code.NCC_MERP_MISSING: (_BLOCK, False, _WARN),
    Code.NCC_MERP_NOT_APPLICABLE: (_BLOCK, False, _WARN),
    Code.NCC_MERP_UNKNOWN: (_BLOCK, False, _WARN),
    Code.OMISSION_NEVER_B: (_BLOCK, False, _REVIEW),
    Code.HEAD_INJURY_CHECKS_DUE: (_INFO, False, _INFO),
    Code.AGE_OUT_OF_RANGE: (_BLOCK, False, _WARN),
    Code.NPI_INVALID: (_BLOCK, False, _WARN),
    Code.FIELD_CONFLICT: (_INFO, False, _REVIEW),
    Code.BASE_CHANGED: (_INFO, False, _REVIEW),
    Code.STOCK_NEGATIVE: (_WARN, False, _REVIEW),
    Code.ANSWERS_DIFFER: (_INFO, False, _REVIEW),
    Code.CASE_GREW: (_INFO, False, _INFO),
    Code.NOT_ENTITLED: (_BLOCK, False, _REVIEW),
    Code.ANSWER_DOES_NOT_FIT: (_BLOCK, False, _REVIEW),
    Code.AMENDED_TWICE: (_WARN, False, _REVIEW),
    Code.LEFT_OUT: (_INFO, False, _REVIEW),
    Code.EMERGENCY_CARD_USED: (_INFO, False, _REVIEW),
    Code.LOT_EXPIRED: (_BLOCK, True, _REVIEW),
    Code.LOT_RECALLED: (_BLOCK, True, _REVIEW),
    Code.LOT_EXPIRES_SOON: (_INFO, False, _INFO),
    Code.LOW_STOCK: (_WARN, False, _INFO),
    Code.COUNT_DUE: (_INFO, False, _INFO),
    Code.COUNT_DIFFERS: (_WARN, False, _REVIEW),
    Code.COUNTERS_DIFFER: (_BLOCK, False, _WARN),
    Code.WITNESS_MISSING: (_BLOCK, False, _WARN),
    Code.WITNESS_PENDING: (_WARN, False, _WARN),
    Code.WITNESS_OVERDUE: (_WARN, False, _REVIEW),
    Code.LEFT_BEFORE_ARRIVAL: (_BLOCK, False, _WARN),
    Code.MEASURE_UNREADABLE: (_BLOCK, False, _WARN),
    Code.MEASURE_UNUSUAL: (_WARN, False, _INFO),
}

_NEVER_EVEN_FOR_RESCUE = frozenset({Code.WRONG_STUDENT, Code.WRONG_MEDICATION})


def grade_before(noticed: Iterable[Noticed], *, rescue: bool = False) -> tuple[Finding, ...]:
    """Return findings as they stand before saving, each code and detail once, the most serious first.

    rescue: nothing but a wrong child or drug stops an emergency medicine (P5). P5 names interval, duplicate,
    window, lot and lease; allergy and authority only warn here too, because a child who cannot breathe waits
    longer for a typed reason than any of them is worth, and the server reviews every one of them afterwards.
    """
    found = [_before(notice, rescue=rescue) for notice in noticed]
    return tuple(sorted(found, key=_seriousness))


def grade_on_arrival(noticed: Iterable[Noticed]) -> tuple[Finding, ...]:
    """Return findings as they stand on arrival: flags, and cases where the severity is REVIEW. Nothing blocks."""
    return tuple(
        Finding(code=notice.code, severity=_GRADES[notice.code][2], detail=notice.detail) for notice in noticed
    )


def codes_to_store(findings: Iterable[Finding]) -> tuple[str, ...]:
    """Return the codes that stand on a record, sorted, each once; what is only information is not stored."""
    return tuple(sorted({f.code.value for f in findings if f.severity is not Severity.INFO}))


def blocking(findings: Iterable[Finding]) -> Iterator[Finding]:
    """Yield what stops the person until a reason is given or the draft is changed."""
    return (f for f in findings if f.severity is Severity.BLOCK)


def _before(notice: Noticed, *, rescue: bool) -> Finding:
    severity, overridable, _ = _GRADES[notice.code]
    if rescue and severity is Severity.BLOCK and notice.code not in _NEVER_EVEN_FOR_RESCUE:
        severity, overridable = Severity.WARN, False
    return Finding(code=notice.code, severity=severity, detail=notice.detail, overridable=overridable)


_ORDER = {Severity.BLOCK: 0, Severity.REVIEW: 1, Severity.WARN: 2, Severity.INFO: 3}


def _seriousness(finding: Finding) -> tuple[int, bool]:
    return _ORDER[finding.severity], finding.overridable
