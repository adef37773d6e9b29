"""The form of a clinic visit as text, what it means, and the record that it makes.

It is kept as every unfinished form is (docs/adr/0005). Fields: form (always 'visit'), arrived_at and left_at (ISO
instants), reason and disposition (values of their enums), said, care_given, fetched_by (text), one per VitalSignKind
under its value (as typed), confidential ('yes' or empty); of a correction also amends (the id of the entry that it
stands for) and amend_reason.
"""

from collections.abc import Mapping
from typing import Final
from uuid import UUID

from wc_contract.model.apply import WireValue
from wc_contract.model.care_values import VitalSignKind
from wc_contract.model.instants import Instant, instant_from_text, instant_to_text, whole_millis
from wc_contract.model.values import Disposition
from wc_contract.model.visits import (
    VisitReason,
    care_text,
    complaint_text,
    read_care,
    read_complaint,
    read_vitals,
    vitals_json,
)
from wc_contract.rules.visit import SCALES, VisitFacts
from wc_desktop.domain.failures import Unfinished
from wc_desktop.domain.screens import IncidentDraft, VisitView

FORM: Final = "visit"
VITALS: Final = tuple(SCALES)
_YES: Final = "yes"


def is_visit(draft: IncidentDraft) -> bool:
    """Return whether an unfinished form is that of a visit."""
    return draft.fields.get("form") == FORM


def facts_of(draft: IncidentDraft) -> VisitFacts:
    """Return what the form says so far; what does not read counts as not filled in."""
    reason, disposition = _text(draft, "reason"), _text(draft, "disposition")
    return VisitFacts(
        student_id=draft.student_id,
        arrived_at=_instant(_text(draft, "arrived_at")),
        reason=VisitReason(reason) if reason in {known.value for known in VisitReason} else None,
        said=_text(draft, "said"),
        left_at=_instant(_text(draft, "left_at")),
        disposition=Disposition(disposition) if disposition in {known.value for known in Disposition} else None,
        fetched_by=_text(draft, "fetched_by"),
        vitals={kind: typed for kind in VITALS if (typed := _text(draft, kind.value).strip())},
        amends=amended(draft) is not None,
        amend_reason=_text(draft, "amend_reason"),
    )


def is_hidden(draft: IncidentDraft) -> bool:
    """Return whether the form is of a confidential visit."""
    return _text(draft, "confidential") == _YES


def amended(draft: IncidentDraft) -> UUID | None:
    """Return the entry that this form corrects or goes on with, None for a new visit."""
    target = _text(draft, "amends")
    return UUID(target) if target else None


def record_of(draft: IncidentDraft) -> dict[str, WireValue]:
    """Return the record that the form makes, in wire form. Raises Unfinished without child, time or reason."""
    facts = facts_of(draft)
    if facts.student_id is None or facts.arrived_at is None or facts.reason is None:
        raise Unfinished(("field_missing",))
    values: dict[str, WireValue] = {
        "student_id": str(facts.student_id),
        "arrived_at": instant_to_text(facts.arrived_at),
        "left_at": None if facts.left_at is None else instant_to_text(facts.left_at),
        "complaint": complaint_text(facts.reason, facts.said),
        "vitals": vitals_json(facts.vitals),
        "care_given": care_text(_text(draft, "care_given"), facts.fetched_by) or None,
        "disposition": None if facts.disposition is None else facts.disposition.value,
        "is_confidential": is_hidden(draft),
    }
    target = amended(draft)
    if target is not None:
        values |= {"amends_id": str(target), "amend_reason": facts.amend_reason.strip()}
    return values


def begun_fields(at: Instant) -> dict[str, str | tuple[str, ...]]:
    """Return a new form's fields: the child has just come."""
    return {"form": FORM, "arrived_at": instant_to_text(at)}


def fields_of(visit: VisitView, why: str) -> dict[str, str | tuple[str, ...]]:
    """Return the form that goes on with a visit, or corrects it: what `record_of` reads back."""
    return {
        "form": FORM,
        "amends": str(visit.id),
        "amend_reason": why,
        "arrived_at": instant_to_text(visit.arrived_at),
        "left_at": "" if visit.left_at is None else instant_to_text(visit.left_at),
        "reason": "" if visit.reason is None else visit.reason.value,
        "said": visit.said,
        "care_given": visit.care,
        "fetched_by": visit.fetched_by,
        "disposition": visit.disposition,
        "confidential": _YES if visit.is_confidential else "",
        **{kind.value: typed for kind, typed in visit.vitals},
    }


def view_fields(row: Mapping[str, WireValue]) -> tuple[VisitReason | None, str, str, str]:
    """Return reason, words, care and who fetched the child, of a record in wire form."""
    reason, said = read_complaint(str(row["complaint"] or ""))
    care, fetched_by = read_care(str(row["care_given"] or ""))
    return reason, said, care, fetched_by


def measured(row: Mapping[str, WireValue]) -> tuple[tuple[VitalSignKind, str], ...]:
    """Return what was measured, of a record in wire form, in the order of the form."""
    held = read_vitals(None if row["vitals"] is None else str(row["vitals"]))
    return tuple((kind, held[kind]) for kind in VITALS if kind in held)


def _text(draft: IncidentDraft, name: str) -> str:
    value = draft.fields.get(name, "")
    return value if isinstance(value, str) else ""


def _instant(value: str) -> Instant | None:
    try:
        return whole_millis(instant_from_text(value))
    except ValueError:
        return None
