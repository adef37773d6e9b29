"""Closed sets of values of health records, consents and what follows an incident."""

from enum import StrEnum


class AliasKind(StrEnum):
    """What else a child is or was known by."""

    FORMER_NAME = "FORMER_NAME"
    KNOWN_AS = "KNOWN_AS"
    FORMER_NUMBER = "FORMER_NUMBER"
    MERGED_NUMBER = "MERGED_NUMBER"  # the number of a chart that was found to be this child's too
    OTHER_SYSTEM = "OTHER_SYSTEM"


class ConsentKind(StrEnum):
    """What a family is asked to agree to."""

    MEDICATION = "MEDICATION"
    TREATMENT = "TREATMENT"
    SCREENING = "SCREENING"
    EMERGENCY_CARE = "EMERGENCY_CARE"
    RELEASE_OF_INFORMATION = "RELEASE_OF_INFORMATION"
    FIELD_TRIP = "FIELD_TRIP"
    OTHER = "OTHER"


class ConsentDecision(StrEnum):
    """What the family answered."""

    GRANTED = "GRANTED"
    DECLINED = "DECLINED"


class SignatureMethod(StrEnum):
    """How it was signed."""

    PAPER = "PAPER"
    ELECTRONIC = "ELECTRONIC"
    VERBAL = "VERBAL"


class HealthRecordType(StrEnum):
    """What an entry of the chart is about."""

    NOTE = "NOTE"
    ASSESSMENT = "ASSESSMENT"
    PHYSICAL_EXAM = "PHYSICAL_EXAM"
    DIAGNOSIS = "DIAGNOSIS"
    PROCEDURE = "PROCEDURE"
    LAB = "LAB"
    ILLNESS = "ILLNESS"
    INJURY = "INJURY"
    MENTAL_HEALTH = "MENTAL_HEALTH"
    CARE_COORDINATION = "CARE_COORDINATION"
    OTHER = "OTHER"


class VitalSignKind(StrEnum):
    """What was measured."""

    TEMPERATURE = "TEMPERATURE"
    PULSE = "PULSE"
    RESPIRATION = "RESPIRATION"
    SYSTOLIC = "SYSTOLIC"
    DIASTOLIC = "DIASTOLIC"
    OXYGEN_SATURATION = "OXYGEN_SATURATION"
    BLOOD_GLUCOSE = "BLOOD_GLUCOSE"
    PEAK_FLOW = "PEAK_FLOW"
    HEIGHT = "HEIGHT"
    WEIGHT = "WEIGHT"
    PAIN = "PAIN"


class ScreeningKind(StrEnum):
    """What children are screened for."""

    VISION = "VISION"
    HEARING = "HEARING"
    SCOLIOSIS = "SCOLIOSIS"
    DENTAL = "DENTAL"
    BMI = "BMI"
    BLOOD_PRESSURE = "BLOOD_PRESSURE"
    OTHER = "OTHER"


class ScreeningResult(StrEnum):
    """How a screening ended."""

    PASSED = "PASSED"
    REFERRED = "REFERRED"
    RESCREEN = "RESCREEN"
    UNABLE_TO_SCREEN = "UNABLE_TO_SCREEN"
    DECLINED = "DECLINED"


class ExemptionKind(StrEnum):
    """On what ground a vaccination is not required."""

    MEDICAL = "MEDICAL"
    RELIGIOUS = "RELIGIOUS"
    PERSONAL = "PERSONAL"
    PROVISIONAL = "PROVISIONAL"  # admitted while the series goes on


class CarePlanKind(StrEnum):
    """What a plan is for."""

    INDIVIDUAL_HEALTH = "INDIVIDUAL_HEALTH"
    EMERGENCY_ACTION = "EMERGENCY_ACTION"
    ANAPHYLAXIS = "ANAPHYLAXIS"
    ASTHMA = "ASTHMA"
    DIABETES = "DIABETES"
    SEIZURE = "SEIZURE"
    SECTION_504 = "SECTION_504"


class CarePlanStatus(StrEnum):
    """Life of a plan."""

    DRAFT = "DRAFT"
    ACTIVE = "ACTIVE"
    SUPERSEDED = "SUPERSEDED"
    ENDED = "ENDED"


class DocumentKind(StrEnum):
    """What a file is."""

    MEDICATION_ORDER = "MEDICATION_ORDER"
    PARENT_AUTHORISATION = "PARENT_AUTHORISATION"
    CONSENT = "CONSENT"
    IMMUNIZATION_RECORD = "IMMUNIZATION_RECORD"
    EXEMPTION = "EXEMPTION"
    CARE_PLAN = "CARE_PLAN"
    PHYSICAL_EXAM = "PHYSICAL_EXAM"
    PHOTO = "PHOTO"
    OTHER = "OTHER"


class ActionStatus(StrEnum):
    """Whether something to do is done."""

    OPEN = "OPEN"
    DONE = "DONE"
    CANCELLED = "CANCELLED"


class Effect(StrEnum):
    """What a medicine given as needed did, when it was looked at (rules.md P4)."""

    HELPED = "HELPED"
    HELPED_SOMEWHAT = "HELPED_SOMEWHAT"
    NO_CHANGE = "NO_CHANGE"
    WORSE = "WORSE"
    NOT_SEEN = "NOT_SEEN"


class NotificationMethod(StrEnum):
    """How a family was reached for."""

    PHONE = "PHONE"
    SMS = "SMS"
    EMAIL = "EMAIL"
    IN_PERSON = "IN_PERSON"
    LETTER = "LETTER"


class NotificationOutcome(StrEnum):
    """What came of it."""

    REACHED = "REACHED"
    LEFT_MESSAGE = "LEFT_MESSAGE"
    NO_ANSWER = "NO_ANSWER"
    WRONG_NUMBER = "WRONG_NUMBER"
    SENT = "SENT"
    FAILED = "FAILED"
