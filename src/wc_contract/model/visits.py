"""What a clinic visit says in its text fields: why the child came by code, who fetched it, and what was measured."""

import json
from collections.abc import Mapping
from enum import StrEnum

from wc_contract.model.apply import compact
from wc_contract.model.care_values import VitalSignKind

_AFTER_CODE = ": "
_FETCHED = "Left with: "


class VisitReason(StrEnum):
    """Why a child comes to the clinic; reports count by these. A code is never renamed."""

    HEADACHE = "HEADACHE"
    STOMACH_ACHE = "STOMACH_ACHE"
    VOMITING = "VOMITING"
    FEVER = "FEVER"
    COUGH_OR_COLD = "COUGH_OR_COLD"
    SORE_THROAT = "SORE_THROAT"
    BREATHING = "BREATHING"
    ALLERGIC_REACTION = "ALLERGIC_REACTION"
    INJURY = "INJURY"
    NOSEBLEED = "NOSEBLEED"
    SKIN = "SKIN"
    EYE = "EYE"
    EAR = "EAR"
    TOOTH = "TOOTH"
    DIABETES_CARE = "DIABETES_CARE"
    SEIZURE = "SEIZURE"
    MENSTRUAL = "MENSTRUAL"
    TOILET = "TOILET"
    LICE = "LICE"
    TIRED = "TIRED"
    WORRIED = "WORRIED"
    PROCEDURE = "PROCEDURE"
    OTHER = "OTHER"


def complaint_text(reason: VisitReason, said: str) -> str:
    """Return a complaint as a record holds it: the code, and after it what the child or the teacher said."""
    words = said.strip()
    return f"{reason.value}{_AFTER_CODE}{words}" if words else reason.value


def read_complaint(text: str) -> tuple[VisitReason | None, str]:
    """Return reason and words of a complaint; one without a known code, from elsewhere, is words alone."""
    code, _, said = text.partition(_AFTER_CODE)
    if code in {reason.value for reason in VisitReason}:
        return VisitReason(code), said
    return None, text


def care_text(care: str, fetched_by: str) -> str:
    """Return the care given as a record holds it; who fetched the child is its last line."""
    who = " ".join(fetched_by.split())
    return "\n".join(part for part in (care.strip(), f"{_FETCHED}{who}" if who else "") if part)


def read_care(text: str) -> tuple[str, str]:
    """Return the care given, and who fetched the child."""
    before, _, last = text.rpartition("\n")
    return (before, last.removeprefix(_FETCHED)) if last.startswith(_FETCHED) else (text, "")


def vitals_json(readings: Mapping[VitalSignKind, str]) -> str | None:
    """Return what was measured as a record holds it, by kind, each as it was typed; None for nothing."""
    return compact({kind.value: typed for kind, typed in readings.items()}) if readings else None


def read_vitals(text: str | None) -> dict[VitalSignKind, str]:
    """Return what was measured, by kind; what this program does not know is left out."""
    try:
        held = json.loads(text or "{}")
    except ValueError:
        return {}
    if not isinstance(held, dict):
        return {}
    return {kind: held[kind.value] for kind in VitalSignKind if isinstance(held.get(kind.value), str)}
