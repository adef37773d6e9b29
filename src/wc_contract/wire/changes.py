"""A change put into the shape that it has in an entry's text, and read back from it."""

from datetime import time
from decimal import Decimal
from typing import assert_never

from wc_contract.model.changes import (
    AccessRecorded,
    CaseAnswered,
    Change,
    ContactAttempt,
    DoseLogged,
    IncidentSigned,
    Override,
    RecordAdded,
    RecordChanged,
    SlotRef,
    Witness,
)
from wc_contract.model.ids import (
    CaseId,
    DoseId,
    IncidentId,
    MedicationId,
    OrderId,
    OrderVersionId,
    SlotId,
    StudentId,
)
from wc_contract.model.instants import instant_to_text, whole_millis
from wc_contract.model.quantity import plain
from wc_contract.wire.change_shapes import (
    FIRST,
    SECOND,
    WireAccess,
    WireAdded,
    WireAmendingDose,
    WireAnswer,
    WireChanged,
    WireDose,
    WireIncident,
)


def change_to_wire(change: Change) -> dict[str, object]:
    """Return a change as JSON values."""
    match change:
        case DoseLogged():
            return _dose_to_wire(change)
        case IncidentSigned():
            return _incident_to_wire(change)
        case AccessRecorded():
            return {
                "verb": "access.record",
                "action": change.action.value,
                "entity_type": change.entity_type,
                "entity_id": change.entity_id,
                "at": instant_to_text(change.at),
                "fields": list(change.fields),
            }
        case RecordAdded():
            return {"verb": "record.add", "kind": change.kind, "id": str(change.id), "values": dict(change.values)}
        case RecordChanged():
            return {
                "verb": "record.change",
                "kind": change.kind,
                "id": str(change.id),
                "base_version": change.base_version,
                "base": dict(change.base),
                "values": dict(change.values),
            }
        case CaseAnswered():
            return {
                "verb": "case.answer",
                "case_id": str(change.case_id),
                "resolution": change.resolution.value,
                "subject_ids": [str(subject) for subject in change.subject_ids],
                "note": change.note,
            }
        case _:
            assert_never(change)


def _dose_to_wire(dose: DoseLogged) -> dict[str, object]:
    slot = dose.slot
    amends = {} if dose.amends_id is None else {"amends_id": str(dose.amends_id), "amend_reason": dose.amend_reason}
    return {
        **amends,
        "verb": "dose.log",
        "id": str(dose.id),
        "student_id": str(dose.student_id),
        "order_id": str(dose.order_id),
        "order_version_id": str(dose.order_version_id),
        "medication_id": str(dose.medication_id),
        "slot": None
        if slot is None
        else {"id": str(slot.id), "date": slot.date.isoformat(), "time": slot.time.strftime("%H:%M")},
        "status": dose.status.value,
        "administered_at": instant_to_text(dose.administered_at),
        "local_date": dose.local_date.isoformat(),
        "dose_given": None if dose.dose_given is None else plain(dose.dose_given),
        "unit": dose.unit,
        "reason": dose.reason,
        "site": dose.site,
        "overrides": [{"code": o.code, "reason": o.reason} for o in dose.overrides],
    }


def _incident_to_wire(report: IncidentSigned) -> dict[str, object]:
    return {
        "verb": "incident.sign",
        "id": str(report.id),
        "student_id": None if report.student_id is None else str(report.student_id),
        "type": report.type.value,
        "severity": report.severity.value,
        "occurred_at": instant_to_text(report.occurred_at),
        "location": report.location,
        "activity": report.activity,
        "narrative": report.narrative,
        "body_regions": list(report.body_regions),
        "injury_kind": report.injury_kind,
        "witnesses": [{"name": w.name, "role": w.role} for w in report.witnesses],
        "care_given": report.care_given,
        "disposition": report.disposition.value,
        "notifications": [
            {"person": n.person, "method": n.method, "at": instant_to_text(n.at), "outcome": n.outcome}
            for n in report.notifications
        ],
        "med_error_type": None if report.med_error_type is None else report.med_error_type.value,
        "ncc_merp": report.ncc_merp,
        "follow_up_due": None if report.follow_up_due is None else report.follow_up_due.isoformat(),
        "signed_at": instant_to_text(report.signed_at),
    }


def change_from_wire(wire: FIRST | SECOND) -> Change:
    """Return what a change on the wire says."""
    match wire:
        case WireDose():
            return _dose_from_wire(wire)
        case WireIncident():
            return _incident_from_wire(wire)
        case WireAccess():
            return AccessRecorded(
                action=wire.action,
                entity_type=wire.entity_type,
                entity_id=wire.entity_id,
                at=whole_millis(wire.at),
                fields=wire.fields,
            )
        case WireAdded():
            return RecordAdded(kind=wire.kind, id=wire.id, values=wire.values)
        case WireChanged():
            return RecordChanged(
                kind=wire.kind, id=wire.id, base_version=wire.base_version, base=wire.base, values=wire.values
            )
        case WireAnswer():
            return CaseAnswered(
                case_id=CaseId(wire.case_id), resolution=wire.resolution, subject_ids=wire.subject_ids, note=wire.note
            )
        case _:
            assert_never(wire)


def _dose_from_wire(wire: WireDose) -> DoseLogged:
    amends = wire if isinstance(wire, WireAmendingDose) and wire.amends_id is not None else None
    slot = wire.slot
    return DoseLogged(
        id=DoseId(wire.id),
        student_id=StudentId(wire.student_id),
        order_id=OrderId(wire.order_id),
        order_version_id=OrderVersionId(wire.order_version_id),
        medication_id=MedicationId(wire.medication_id),
        slot=None if slot is None else SlotRef(id=SlotId(slot.id), date=slot.date, time=time.fromisoformat(slot.time)),
        status=wire.status,
        administered_at=whole_millis(wire.administered_at),
        local_date=wire.local_date,
        dose_given=None if wire.dose_given is None else Decimal(wire.dose_given),
        unit=wire.unit,
        reason=wire.reason,
        site=wire.site,
        overrides=tuple(Override(code=o.code, reason=o.reason) for o in wire.overrides),
        amends_id=None if amends is None or amends.amends_id is None else DoseId(amends.amends_id),
        amend_reason=None if amends is None else amends.amend_reason,
    )


def _incident_from_wire(wire: WireIncident) -> IncidentSigned:
    return IncidentSigned(
        id=IncidentId(wire.id),
        student_id=None if wire.student_id is None else StudentId(wire.student_id),
        type=wire.type,
        severity=wire.severity,
        occurred_at=whole_millis(wire.occurred_at),
        location=wire.location,
        activity=wire.activity,
        narrative=wire.narrative,
        body_regions=wire.body_regions,
        injury_kind=wire.injury_kind,
        witnesses=tuple(Witness(name=w.name, role=w.role) for w in wire.witnesses),
        care_given=wire.care_given,
        disposition=wire.disposition,
        notifications=tuple(
            ContactAttempt(person=n.person, method=n.method, at=whole_millis(n.at), outcome=n.outcome)
            for n in wire.notifications
        ),
        med_error_type=wire.med_error_type,
        ncc_merp=wire.ncc_merp,
        follow_up_due=wire.follow_up_due,
        signed_at=whole_millis(wire.signed_at),
    )
