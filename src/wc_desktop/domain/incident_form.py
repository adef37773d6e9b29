"""The incident form as text, and what it means: half-typed values are kept, and read only when they make sense.

A draft's fields: type, severity, disposition, med_error_type (values of their enums), ncc_merp (A to I),
occurred_at (ISO instant), follow_up_due (ISO date), location, activity, narrative, injury_kind, care_given (text),
replaces (the id of the refused entry that signing says again), body_regions (tuple of codes), witnesses (tuple of
'name<TAB>role'), notifications (tuple of 'person<TAB>method<TAB>ISO instant<TAB>outcome').
"""

from datetime import date
from enum import StrEnum
from typing import TypeVar
from uuid import UUID

from wc_contract.model.changes import ContactAttempt, IncidentSigned, Witness
from wc_contract.model.ids import EntryId
from wc_contract.model.instants import Instant, instant_from_text, instant_to_text, whole_millis
from wc_contract.model.values import Disposition, IncidentType, MedicationErrorType, Severity
from wc_contract.rules.incident import IncidentFacts
from wc_desktop.domain.failures import Unfinished
from wc_desktop.domain.screens import IncidentDraft

FIELDS = (
    "type",
    "severity",
    "occurred_at",
    "location",
    "activity",
    "narrative",
    "body_regions",
    "injury_kind",
    "witnesses",
    "care_given",
    "disposition",
    "notifications",
    "med_error_type",
    "ncc_merp",
    "follow_up_due",
)
_CONTACT_PARTS = 4
_Choice = TypeVar("_Choice", bound=StrEnum)


def facts_of(draft: IncidentDraft) -> IncidentFacts:
    """Return what the form says so far; what does not read counts as not filled in."""
    return IncidentFacts(
        type=_choice(draft, "type", IncidentType),
        student_id=draft.student_id,
        occurred_at=_instant(_text(draft, "occurred_at")),
        location=_text(draft, "location"),
        narrative=_text(draft, "narrative"),
        body_regions=_many(draft, "body_regions"),
        care_given=_text(draft, "care_given"),
        disposition=_choice(draft, "disposition", Disposition),
        notifications=_contacts(draft),
        med_error_type=_choice(draft, "med_error_type", MedicationErrorType),
        ncc_merp=_text(draft, "ncc_merp") or None,
        follow_up_due=_date(_text(draft, "follow_up_due")),
    )


def signed(draft: IncidentDraft, at: Instant) -> IncidentSigned:
    """Return the report that the form makes. Raises Unfinished while type, time or disposition do not read."""
    facts = facts_of(draft)
    if facts.type is None or facts.occurred_at is None or facts.disposition is None:
        raise Unfinished(("field_missing",))
    return IncidentSigned(
        id=draft.id,
        student_id=draft.student_id,
        type=facts.type,
        severity=_choice(draft, "severity", Severity) or Severity.LOW,
        occurred_at=facts.occurred_at,
        location=facts.location.strip(),
        activity=_text(draft, "activity").strip(),
        narrative=facts.narrative.strip(),
        body_regions=facts.body_regions,
        injury_kind=_text(draft, "injury_kind").strip(),
        witnesses=_witnesses(draft),
        care_given=facts.care_given.strip(),
        disposition=facts.disposition,
        notifications=facts.notifications,
        med_error_type=facts.med_error_type,
        ncc_merp=facts.ncc_merp,
        follow_up_due=facts.follow_up_due,
        signed_at=at,
    )


def draft_fields(report: IncidentSigned) -> dict[str, str | tuple[str, ...]]:
    """Return the form that makes this report: what `signed` reads back."""
    contacts = ((n.person, n.method, instant_to_text(n.at), n.outcome) for n in report.notifications)
    return {
        "type": report.type.value,
        "severity": report.severity.value,
        "occurred_at": instant_to_text(report.occurred_at),
        "location": report.location,
        "activity": report.activity,
        "narrative": report.narrative,
        "body_regions": report.body_regions,
        "injury_kind": report.injury_kind,
        "witnesses": tuple(f"{w.name}\t{w.role}" for w in report.witnesses),
        "care_given": report.care_given,
        "disposition": report.disposition.value,
        "notifications": tuple("\t".join(parts) for parts in contacts),
        "med_error_type": "" if report.med_error_type is None else report.med_error_type.value,
        "ncc_merp": report.ncc_merp or "",
        "follow_up_due": "" if report.follow_up_due is None else report.follow_up_due.isoformat(),
    }


def replaced_entry(draft: IncidentDraft) -> EntryId | None:
    """Return the refused entry that signing this form says again."""
    entry = _text(draft, "replaces")
    return EntryId(UUID(entry)) if entry else None


def draft_severity(draft: IncidentDraft) -> Severity:
    """Return the severity chosen so far."""
    return _choice(draft, "severity", Severity) or Severity.LOW


def draft_text(draft: IncidentDraft, name: str) -> str:
    """Return one text field as it stands."""
    return _text(draft, name)


def _text(draft: IncidentDraft, name: str) -> str:
    value = draft.fields.get(name, "")
    return value if isinstance(value, str) else ""


def _many(draft: IncidentDraft, name: str) -> tuple[str, ...]:
    value = draft.fields.get(name, ())
    return tuple(part for part in value if part.strip()) if isinstance(value, tuple) else ()


def _choice(draft: IncidentDraft, name: str, choices: type[_Choice]) -> _Choice | None:
    value = _text(draft, name)
    return choices(value) if value in {choice.value for choice in choices} else None


def _instant(value: str) -> Instant | None:
    try:
        return whole_millis(instant_from_text(value))
    except ValueError:
        return None


def _date(value: str) -> date | None:
    try:
        return date.fromisoformat(value)
    except ValueError:
        return None


def _witnesses(draft: IncidentDraft) -> tuple[Witness, ...]:
    parts = (line.split("\t") for line in _many(draft, "witnesses"))
    return tuple(Witness(name=p[0].strip(), role=p[1].strip() if len(p) > 1 else "") for p in parts)


def _contacts(draft: IncidentDraft) -> tuple[ContactAttempt, ...]:
    found: list[ContactAttempt] = []
    for line in _many(draft, "notifications"):
        parts = [part.strip() for part in line.split("\t")]
        at = _instant(parts[2]) if len(parts) >= _CONTACT_PARTS else None
        if at is not None:
            found.append(ContactAttempt(person=parts[0], method=parts[1], at=at, outcome=parts[3]))
    return tuple(found)
