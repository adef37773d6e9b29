"""Records of any kind in words: what a kind is called, what a field is called, how a value reads."""

import json
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Final
from zoneinfo import ZoneInfo

from PySide6.QtCore import QCoreApplication

from wc_contract.model.apply import WireValue
from wc_contract.model.instants import instant_from_text
from wc_contract.model.kinds import BY_NAME, FieldType
from wc_contract.model.values import CaseResolution, DoseState
from wc_desktop.ui.viewmodels.words import DOSE_STATES, JOINT, clock_words, day_words
from wc_desktop.ui.viewmodels.words import say as say_word

_CONTEXT: Final = "RecordWords"

KINDS: Final[Mapping[str, str]] = {
    "allergy": "Allergy",
    "appointment": "Appointment",
    "appointment_waitlist": "Place on the waiting list",
    "capture": "Written down without a lease",
    "care_plan": "Care plan",
    "chronic_condition": "Condition",
    "clinic_visit": "Clinic visit",
    "consent_signature": "Consent",
    "document": "Document",
    "dose": "Dose",
    "effect_check": "Effect of a medicine",
    "emergency_contact": "Emergency contact",
    "emergency_look": "Look at the emergency cards",
    "follow_up_action": "Follow-up",
    "head_injury_check": "Head injury check",
    "health_record": "Health record",
    "incident": "Incident report",
    "incident_addendum": "Addendum",
    "inventory_transaction": "Stock movement",
    "ledger_entry": "Medicine count or movement",
    "medication_container": "Medicine container",
    "notification": "Contact with the family",
    "order": "Order",
    "order_version": "Version of an order",
    "review_case": "Review case",
    "screening": "Screening",
    "shift": "Shift",
    "trip_custody": "Medicine for a trip",
    "vaccination": "Vaccination",
    "vital_sign": "Measurement",
    "witness_statement": "Witness statement",
}
_VERBS: Final[Mapping[str, str]] = {
    "dose.log": "Dose",
    "dose.amend": "Correction of a dose",
    "incident.sign": "Incident report",
    "access.record": "Look at a record",
    "case.answer": "Answer to a review case",
    "entry.lost": "Entry lost with a damaged journal",
    "entry.unreadable": "Entry of a newer version",
}
_FIELDS: Final[Mapping[str, str]] = {
    "administered_at": "When",
    "dose_given": "Amount",
    "amend_reason": "Why it corrects an entry",
    "narrative": "What happened",
    "occurred_at": "When",
    "is_active": "Still applies",
    "looked_at": "When",
    "happened_at": "When",
    "child": "Called, by who wrote it",
    "lease_ended_at": "The lease had ended",
    "asked_by": "Asked by",
    "is_confidential": "Confidential",
    "is_primary": "Called first",
    "may_pick_up": "May pick up the child",
    "ncc_merp": "Harm category",
    "icd10": "Diagnosis code (ICD-10)",
    "snomed": "Code (SNOMED)",
    "cvx": "Vaccine code (CVX)",
    "med_error_type": "Kind of error",
    "self_carry": "Carried by the child",
    "stop_effective_at": "Stopped from",
    "parent_auth_from": "Parent's authorisation from",
    "parent_auth_to": "Parent's authorisation to",
}
ANSWERS: Final[Mapping[CaseResolution, str]] = {
    CaseResolution.BOTH_GIVEN: "Both were given",
    CaseResolution.DUPLICATE_RECORD: "One dose, written down twice",
    CaseResolution.DIFFERENT_SLOTS: "Two doses, for two times of the day",
    CaseResolution.REVIEWED: "Looked at; the record stands",
    CaseResolution.KEPT_STANDING: "What stands was kept",
    CaseResolution.TOOK_OTHER: "The other version was taken",
    CaseResolution.COUNTED: "Counted",
}
# What the program keeps for itself; ids of other records tell a nurse nothing.
_UNSAID: Final = frozenset({"id", "slot", "local_date", "base_version", "overrides", "flags"})


def tr(text: str) -> str:
    """Translate one of the words of this module."""
    return QCoreApplication.translate(_CONTEXT, text)


def kind_words(kind: str) -> str:
    """Return what a kind of record is called."""
    return tr(KINDS[kind]) if kind in KINDS else kind.replace("_", " ").capitalize()


def verb_words(verb: str) -> str:
    """Return what an entry is, by the verb that the journal keeps."""
    what, _, kind = verb.partition(":")
    if what == "record.add":
        return tr("{kind}, new").format(kind=kind_words(kind))
    if what == "record.change":
        return tr("{kind}, changed").format(kind=kind_words(kind))
    return tr(_VERBS[verb]) if verb in _VERBS else verb


def field_words(name: str) -> str:
    """Return what a field is called."""
    return tr(_FIELDS[name]) if name in _FIELDS else tr(name.replace("_", " ").capitalize())


def value_words(kind: str, name: str, value: WireValue, zone: ZoneInfo) -> str:
    """Return how a value reads; 'empty' for none."""
    if value is None or value == "":
        return tr("empty")
    field = next((one for one in BY_NAME[kind].fields if one.name == name), None) if kind in BY_NAME else None
    if isinstance(value, bool) or (field is not None and field.type is FieldType.BOOLEAN):
        return tr("yes") if value else tr("no")
    if name == "status" and value in set(DoseState):
        return say_word(DOSE_STATES[DoseState(str(value))])
    if name == "resolution" and value in set(CaseResolution):
        return tr(ANSWERS[CaseResolution(str(value))])
    if field is not None and field.values:
        return tr(str(value).replace("_", " ").replace("-", " ").capitalize())
    return _text_words(str(value), zone)


def _text_words(text: str, zone: ZoneInfo) -> str:
    if text[:1] in {"[", "{"}:
        return _listed(text)
    try:
        if "T" in text and len(text) >= len("2026-11-23T17:45"):
            at = instant_from_text(text)
            return f"{day_words(at.astimezone(zone).date())} {clock_words(at, zone)}"
        return day_words(date.fromisoformat(text)) if len(text) == len("2026-11-23") else text
    except ValueError:
        return text


def _listed(text: str) -> str:
    try:
        found = json.loads(text)
    except ValueError:
        return text
    return "; ".join(_flat(found)) or tr("empty")


def _flat(found: object) -> Iterator[str]:
    match found:
        case dict():
            yield JOINT.join(part for value in found.values() for part in _flat(value))
        case list():
            for one in found:
                yield from _flat(one)
        case None:
            return
        case _:
            if str(found):
                yield str(found)


def said_fields(
    kind: str, values: Mapping[str, WireValue], zone: ZoneInfo, *, empty: bool = False
) -> tuple[tuple[str, str], ...]:
    """Return label and value of what a record says, without what only the program needs."""
    return tuple(
        (field_words(name), value_words(kind, name, value, zone))
        for name, value in values.items()
        if not _is_ours(kind, name) and (empty or value not in {None, ""})
    )


def _is_ours(kind: str, name: str) -> bool:
    """Whether a field tells a nurse nothing: ids, and what the program keeps for itself."""
    fields = BY_NAME[kind].fields if kind in BY_NAME else ()
    names_another = any(one.name == name and one.type is FieldType.UUID for one in fields)
    return names_another or name in _UNSAID or name.endswith(("_id", "_ids"))
