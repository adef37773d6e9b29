"""The words of a clinic visit: reasons, ends, measures with their units. English here; translation on the way out."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Final

from PySide6.QtCore import QCoreApplication

from wc_contract.model.care_values import VitalSignKind
from wc_contract.model.values import Disposition
from wc_contract.model.visits import VisitReason
from wc_contract.rules.visit import Scale, read_measure

_CONTEXT: Final = "VisitWords"

REASONS: Final[Mapping[str, str]] = {
    VisitReason.HEADACHE.value: "Headache",
    VisitReason.STOMACH_ACHE.value: "Stomach ache",
    VisitReason.VOMITING.value: "Nausea or vomiting",
    VisitReason.FEVER.value: "Fever, feels ill",
    VisitReason.COUGH_OR_COLD.value: "Cough or cold",
    VisitReason.SORE_THROAT.value: "Sore throat",
    VisitReason.BREATHING.value: "Short of breath, asthma",
    VisitReason.ALLERGIC_REACTION.value: "Allergic reaction",
    VisitReason.INJURY.value: "Injury",
    VisitReason.NOSEBLEED.value: "Nosebleed",
    VisitReason.SKIN.value: "Skin: rash, bite, sting",
    VisitReason.EYE.value: "Eye",
    VisitReason.EAR.value: "Ear",
    VisitReason.TOOTH.value: "Tooth or mouth",
    VisitReason.DIABETES_CARE.value: "Diabetes care",
    VisitReason.SEIZURE.value: "Seizure",
    VisitReason.MENSTRUAL.value: "Period",
    VisitReason.TOILET.value: "Toilet, change of clothes",
    VisitReason.LICE.value: "Head lice check",
    VisitReason.TIRED.value: "Tired, needs rest",
    VisitReason.WORRIED.value: "Worried or upset",
    VisitReason.PROCEDURE.value: "Planned procedure",
    VisitReason.OTHER.value: "Other, see what was said",
}
ENDS: Final[Mapping[str, str]] = {
    "": "Still in the clinic",
    Disposition.RETURNED_TO_CLASS.value: "Back to class",
    Disposition.RESTED_IN_CLINIC.value: "Rested, then back",
    Disposition.SENT_HOME.value: "Sent home",
    Disposition.MEDICAL_CARE.value: "To a doctor or hospital",
    Disposition.EMS.value: "Taken by EMS (911)",
}
# Of these ends it matters who went with the child.
FETCHED: Final = frozenset({Disposition.SENT_HOME.value, Disposition.MEDICAL_CARE.value, Disposition.EMS.value})
MEASURES: Final[Mapping[VitalSignKind, str]] = {
    VitalSignKind.TEMPERATURE: "Temperature",
    VitalSignKind.PULSE: "Pulse",
    VitalSignKind.RESPIRATION: "Breaths",
    VitalSignKind.SYSTOLIC: "Blood pressure, upper",
    VitalSignKind.DIASTOLIC: "Blood pressure, lower",
    VitalSignKind.OXYGEN_SATURATION: "Oxygen",
    VitalSignKind.BLOOD_GLUCOSE: "Blood sugar",
    VitalSignKind.PEAK_FLOW: "Peak flow",
    VitalSignKind.PAIN: "Pain",
}
_UNITS: Final[Mapping[str, str]] = {
    "[degF]": "°F",
    "Cel": "°C",
    "/min": "a minute",
    "mm[Hg]": "mmHg",
    "%": "%",
    "mg/dL": "mg/dL",
    "L/min": "L/min",
    "{score}": "",
}


def tr(text: str) -> str:
    """Translate one of the words of this module."""
    return QCoreApplication.translate(_CONTEXT, text)


def said(words: Mapping[str, str], code: str) -> str:
    """Return the words of a code in the language of the screen; a code from a newer program stands as it is."""
    known = words.get(code)
    return code if known is None else tr(known)


def reason_words(reason: VisitReason | None, told: str) -> str:
    """Return why a child came: 'Headache: since breakfast'; what has no code stands as it was written."""
    if reason is None:
        return told or tr("No reason yet")
    return f"{said(REASONS, reason.value)}: {told}" if told else said(REASONS, reason.value)


def measure_words(kind: VitalSignKind, typed: str) -> str:
    """Return a measure as it was understood, '' when it does not read: '101.2 °F'."""
    reading = read_measure(kind, typed)
    return "" if reading is None else f"{_plain(reading.value)} {unit_words(reading.scale)}".rstrip()


def measures_words(vitals: Iterable[tuple[VitalSignKind, str]]) -> str:
    """Return all that was measured in one line, the blood pressure as one."""
    held = dict(vitals)
    upper = held.pop(VitalSignKind.SYSTOLIC, "")
    lower = held.pop(VitalSignKind.DIASTOLIC, "")
    parts = [f"{tr(MEASURES[kind])} {measure_words(kind, typed) or typed}" for kind, typed in held.items()]
    if upper or lower:
        parts.append(tr("Blood pressure {upper}/{lower} mmHg").format(upper=upper or "?", lower=lower or "?"))
    return ", ".join(parts)


def measure_hint(kind: VitalSignKind, typed: str, scales: Iterable[Scale]) -> str:
    """Return what the field understood, or in which unit and between which bounds to type."""
    if understood := measure_words(kind, typed):
        reading = read_measure(kind, typed)
        usual = reading is None or reading.is_usual
        return understood if usual else tr("{measure}: unusual, check it").format(measure=understood)
    bounds = (
        tr("{least} to {most} {unit}")
        .format(least=_plain(scale.least), most=_plain(scale.most), unit=unit_words(scale))
        .rstrip()
        for scale in scales
    )
    return tr(" or ").join(bounds)


def unit_words(scale: Scale) -> str:
    """Return a unit, spelled."""
    words = _UNITS[scale.unit]
    return tr(words) if words else ""


def _plain(value: Decimal) -> str:
    return f"{value.normalize():f}"
