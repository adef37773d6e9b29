"""The words of an incident report: kinds, harm, parts of the body. English here; translation on the way out."""

from collections.abc import Mapping, Sequence
from typing import Final

from PySide6.QtCore import QCoreApplication

from wc_contract.model.values import Disposition, IncidentStatus, IncidentType, MedicationErrorType, Severity

_CONTEXT: Final = "IncidentWords"

TYPES: Final[Mapping[str, str]] = {
    IncidentType.INJURY.value: "Injury",
    IncidentType.HEAD_INJURY.value: "Head injury",
    IncidentType.BITE.value: "Bite",
    IncidentType.MEDICATION_ERROR.value: "Medication error",
    IncidentType.BEHAVIOURAL.value: "Behaviour",
    IncidentType.EXPOSURE.value: "Exposure",
    IncidentType.NEAR_MISS.value: "Near miss",
}
SEVERITIES: Final[Mapping[str, str]] = {
    Severity.LOW.value: "Low: first aid, back to class",
    Severity.MEDIUM.value: "Medium: watched, or sent home",
    Severity.HIGH.value: "High: needs medical care",
    Severity.CRITICAL.value: "Critical: life or limb, 911",
}
SHORT_SEVERITIES: Final[Mapping[str, str]] = {
    Severity.LOW.value: "Low",
    Severity.MEDIUM.value: "Medium",
    Severity.HIGH.value: "High",
    Severity.CRITICAL.value: "Critical",
}
DISPOSITIONS: Final[Mapping[str, str]] = {
    Disposition.RETURNED_TO_CLASS.value: "Back to class",
    Disposition.RESTED_IN_CLINIC.value: "Rested in the clinic",
    Disposition.SENT_HOME.value: "Sent home",
    Disposition.MEDICAL_CARE.value: "To a doctor or hospital",
    Disposition.EMS.value: "Taken by EMS (911)",
}
STATUSES: Final[Mapping[str, str]] = {
    IncidentStatus.DRAFT.value: "Draft",
    IncidentStatus.SIGNED.value: "Signed",
    IncidentStatus.FOLLOW_UP.value: "Follow-up",
    IncidentStatus.CLOSED.value: "Closed",
}
ERROR_TYPES: Final[Mapping[str, str]] = {
    MedicationErrorType.WRONG_STUDENT.value: "Wrong child",
    MedicationErrorType.WRONG_DRUG.value: "Wrong medicine",
    MedicationErrorType.WRONG_DOSE.value: "Wrong dose",
    MedicationErrorType.WRONG_TIME.value: "Wrong time",
    MedicationErrorType.WRONG_ROUTE.value: "Wrong route",
    MedicationErrorType.OMISSION.value: "Left out",
    MedicationErrorType.DUPLICATE.value: "Given twice",
    MedicationErrorType.NO_AUTHORISATION.value: "No authorisation",
    MedicationErrorType.EXPIRED.value: "Expired medicine",
    MedicationErrorType.DOCUMENTATION.value: "Wrongly written down",
}
# NCC MERP index, in our own short words; the letter is what counts.
HARM_CATEGORIES: Final[Mapping[str, str]] = {
    "A": "A: could have led to an error",
    "B": "B: error, did not reach the child",
    "C": "C: reached the child, no harm",
    "D": "D: reached the child, watched to be sure of no harm",
    "E": "E: passing harm, needed treatment",
    "F": "F: passing harm, needed hospital",
    "G": "G: lasting harm",
    "H": "H: needed life-saving care",
    "I": "I: death",
}
BODY_REGIONS: Final[Mapping[str, str]] = {
    "HEAD": "Head",
    "FOREHEAD": "Forehead",
    "FACE": "Face",
    "EYE_LEFT": "Left eye",
    "EYE_RIGHT": "Right eye",
    "EAR_LEFT": "Left ear",
    "EAR_RIGHT": "Right ear",
    "NOSE": "Nose",
    "MOUTH": "Mouth or lip",
    "TOOTH": "Tooth",
    "NECK": "Neck",
    "SHOULDER_LEFT": "Left shoulder",
    "SHOULDER_RIGHT": "Right shoulder",
    "ARM_LEFT": "Left arm",
    "ARM_RIGHT": "Right arm",
    "ELBOW_LEFT": "Left elbow",
    "ELBOW_RIGHT": "Right elbow",
    "WRIST_LEFT": "Left wrist",
    "WRIST_RIGHT": "Right wrist",
    "HAND_LEFT": "Left hand or fingers",
    "HAND_RIGHT": "Right hand or fingers",
    "CHEST": "Chest",
    "BACK": "Back",
    "ABDOMEN": "Belly",
    "HIP_LEFT": "Left hip",
    "HIP_RIGHT": "Right hip",
    "GROIN": "Groin or buttocks",
    "LEG_LEFT": "Left leg",
    "LEG_RIGHT": "Right leg",
    "KNEE_LEFT": "Left knee",
    "KNEE_RIGHT": "Right knee",
    "ANKLE_LEFT": "Left ankle",
    "ANKLE_RIGHT": "Right ankle",
    "FOOT_LEFT": "Left foot or toes",
    "FOOT_RIGHT": "Right foot or toes",
}
INJURY_KINDS: Final[Mapping[str, str]] = {
    "SCRAPE": "Scrape",
    "CUT": "Cut",
    "BRUISE": "Bruise or bump",
    "SPRAIN": "Sprain or strain",
    "FRACTURE": "Fracture suspected",
    "DISLOCATION": "Dislocation suspected",
    "BURN": "Burn",
    "PUNCTURE": "Puncture or splinter",
    "BITE_SKIN_BROKEN": "Bite, skin broken",
    "BITE_SKIN_WHOLE": "Bite, skin whole",
    "DENTAL": "Tooth injury",
    "EYE": "Eye injury",
    "NOSEBLEED": "Nosebleed",
    "STING": "Sting",
    "CONCUSSION": "Concussion suspected",
    "OTHER": "Other, see what happened",
}


def said(words: Mapping[str, str], code: str) -> str:
    """Return the words of a code in the language of the screen; a code from a newer program stands as it is."""
    known = words.get(code)
    return code if known is None else QCoreApplication.translate(_CONTEXT, known)


def all_said(words: Mapping[str, str], codes: Sequence[str]) -> str:
    """Return the words of several codes in one line."""
    return ", ".join(said(words, code) for code in codes)
