"""Closed sets of values. A database CHECK, a wire schema and a screen's choices are made from each."""

from enum import StrEnum


class Role(StrEnum):
    """What a person may do (schema.md §11)."""

    NURSE = "NURSE"
    SUBSTITUTE = "SUBSTITUTE"
    UNLICENSED = "UNLICENSED"
    SUPERVISOR = "SUPERVISOR"
    ADMIN = "ADMIN"
    READ_ONLY = "READ_ONLY"


class CalendarKind(StrEnum):
    """What a school day is (rules.md T4)."""

    SCHOOL_DAY = "SCHOOL_DAY"
    HOLIDAY = "HOLIDAY"
    DELAYED_OPENING = "DELAYED_OPENING"
    EARLY_DISMISSAL = "EARLY_DISMISSAL"


class MedicationForm(StrEnum):
    """Pharmaceutical form."""

    TABLET = "TABLET"
    CHEWABLE = "CHEWABLE"
    CAPSULE = "CAPSULE"
    LIQUID = "LIQUID"
    INHALER = "INHALER"
    NASAL_SPRAY = "NASAL_SPRAY"
    INJECTION = "INJECTION"
    AUTO_INJECTOR = "AUTO_INJECTOR"
    PEN = "PEN"
    CREAM = "CREAM"
    DROPS = "DROPS"
    PATCH = "PATCH"
    RECTAL_GEL = "RECTAL_GEL"
    OTHER = "OTHER"


class Route(StrEnum):
    """How a medicine enters the body."""

    ORAL = "ORAL"
    INHALED = "INHALED"
    NASAL = "NASAL"
    SUBCUTANEOUS = "SUBCUTANEOUS"
    INTRAMUSCULAR = "INTRAMUSCULAR"
    TOPICAL = "TOPICAL"
    OPHTHALMIC = "OPHTHALMIC"
    OTIC = "OTIC"
    BUCCAL = "BUCCAL"
    SUBLINGUAL = "SUBLINGUAL"
    RECTAL = "RECTAL"
    ENTERAL_TUBE = "ENTERAL_TUBE"
    TRANSDERMAL = "TRANSDERMAL"


class OrderKind(StrEnum):
    """Given by the clock or when needed."""

    SCHEDULED = "SCHEDULED"
    PRN = "PRN"


class OrderStatus(StrEnum):
    """Life of an order (schema.md §11)."""

    DRAFT = "DRAFT"
    PENDING_VERIFICATION = "PENDING_VERIFICATION"
    ACTIVE = "ACTIVE"
    HELD = "HELD"
    SUPERSEDED = "SUPERSEDED"
    DISCONTINUED = "DISCONTINUED"
    EXPIRED = "EXPIRED"
    COMPLETED = "COMPLETED"


class DoseState(StrEnum):
    """What happened in a slot or PRN (rules.md, 'State effects')."""

    ADMINISTERED = "ADMINISTERED"
    PARTIAL = "PARTIAL"
    REFUSED = "REFUSED"
    ABSENT = "ABSENT"
    DISMISSED_EARLY = "DISMISSED_EARLY"
    HELD = "HELD"
    MISSED = "MISSED"
    NOT_AVAILABLE = "NOT_AVAILABLE"
    WASTED = "WASTED"
    SELF_ADMINISTERED = "SELF_ADMINISTERED"
    OFF_SITE = "OFF_SITE"
    VOMITED = "VOMITED"
    ENTERED_IN_ERROR = "ENTERED_IN_ERROR"

    @property
    def given(self) -> bool:
        """Whether the medicine counts as taken, for intervals and maxima (rules.md, 'State effects')."""
        return self in _TAKEN

    @property
    def needs_reason(self) -> bool:
        """Whether a nurse must say why (rules.md, 'State effects')."""
        return self in _REASONED


_TAKEN = frozenset(
    {
        DoseState.ADMINISTERED,
        DoseState.PARTIAL,
        DoseState.SELF_ADMINISTERED,
        DoseState.OFF_SITE,
        DoseState.VOMITED,
    }
)
_REASONED = frozenset(
    {
        DoseState.PARTIAL,
        DoseState.REFUSED,
        DoseState.HELD,
        DoseState.MISSED,
        DoseState.NOT_AVAILABLE,
        DoseState.WASTED,
        DoseState.VOMITED,
        DoseState.ENTERED_IN_ERROR,
    }
)


class AllergyCriticality(StrEnum):
    """FHIR AllergyIntolerance.criticality."""

    LOW = "low"
    HIGH = "high"
    UNABLE_TO_ASSESS = "unable-to-assess"


class ConditionStatus(StrEnum):
    """Whether a condition is present."""

    ACTIVE = "ACTIVE"
    RESOLVED = "RESOLVED"


class IncidentType(StrEnum):
    """rules.md I1."""

    INJURY = "INJURY"
    HEAD_INJURY = "HEAD_INJURY"
    BITE = "BITE"
    MEDICATION_ERROR = "MEDICATION_ERROR"
    BEHAVIOURAL = "BEHAVIOURAL"
    EXPOSURE = "EXPOSURE"
    NEAR_MISS = "NEAR_MISS"


class Severity(StrEnum):
    """How bad an incident is."""

    LOW = "LOW"
    MEDIUM = "MEDIUM"
    HIGH = "HIGH"
    CRITICAL = "CRITICAL"


class Disposition(StrEnum):
    """Where the child went after care."""

    RETURNED_TO_CLASS = "RETURNED_TO_CLASS"
    RESTED_IN_CLINIC = "RESTED_IN_CLINIC"
    SENT_HOME = "SENT_HOME"
    MEDICAL_CARE = "MEDICAL_CARE"
    EMS = "EMS"


class IncidentStatus(StrEnum):
    """Life of a report; a signed one changes only by addenda (I7)."""

    DRAFT = "DRAFT"
    SIGNED = "SIGNED"
    FOLLOW_UP = "FOLLOW_UP"
    CLOSED = "CLOSED"


class MedicationErrorType(StrEnum):
    """schema.md §11."""

    WRONG_STUDENT = "WRONG_STUDENT"
    WRONG_DRUG = "WRONG_DRUG"
    WRONG_DOSE = "WRONG_DOSE"
    WRONG_TIME = "WRONG_TIME"
    WRONG_ROUTE = "WRONG_ROUTE"
    OMISSION = "OMISSION"
    DUPLICATE = "DUPLICATE"
    NO_AUTHORISATION = "NO_AUTHORISATION"
    EXPIRED = "EXPIRED"
    DOCUMENTATION = "DOCUMENTATION"


class CaseStatus(StrEnum):
    """A review case is open until a person answers it."""

    OPEN = "OPEN"
    RESOLVED = "RESOLVED"


class CaseResolution(StrEnum):
    """What a person decided about a review case (X3); which fit a case, rules.answering says."""

    BOTH_GIVEN = "BOTH_GIVEN"  # the child had the medicine twice: an error that reached the child
    DUPLICATE_RECORD = "DUPLICATE_RECORD"  # one dose, written down twice: one of the entries is in error
    DIFFERENT_SLOTS = "DIFFERENT_SLOTS"  # two doses that belong to two times of the day
    REVIEWED = "REVIEWED"  # looked at; the record stands as it is
    KEPT_STANDING = "KEPT_STANDING"  # of two sides, the one that stands
    TOOK_OTHER = "TOOK_OTHER"  # of two sides, the other one; the same entry writes it
    COUNTED = "COUNTED"  # the shelf was counted; the same entry writes the count


class AccessAction(StrEnum):
    """What a person did without changing anything; law 6: every look is on record."""

    VIEW = "VIEW"
    UNLOCK = "UNLOCK"
    LOCK = "LOCK"
    UNLOCK_FAILED = "UNLOCK_FAILED"
    PRINT = "PRINT"
    EXPORT = "EXPORT"
    SEARCH = "SEARCH"  # names were looked for; never the words
    LIST = "LIST"  # a list of children, reports or cases was shown
    REBUILD = "REBUILD"  # the journal was made anew from its sealed copy


class EmergencyReason(StrEnum):
    """Why somebody without a password opened the emergency cards."""

    ALLERGIC_REACTION = "ALLERGIC_REACTION"
    BREATHING = "BREATHING"
    SEIZURE = "SEIZURE"
    INJURY = "INJURY"
    REACH_FAMILY = "REACH_FAMILY"
    OTHER = "OTHER"
