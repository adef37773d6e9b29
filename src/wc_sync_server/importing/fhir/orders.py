"""MedicationRequest to a school's order. Only what a nurse verified and that lacks nothing becomes ACTIVE."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from wc_contract.model.ids import OrderId, UserId
from wc_contract.model.instants import Instant, whole_millis
from wc_contract.model.values import OrderKind, OrderStatus
from wc_sync_server.importing import stable_ids
from wc_sync_server.importing.catalogue import CatalogueMedication
from wc_sync_server.importing.fhir.bundles import BundleEntry
from wc_sync_server.importing.fhir.dosage import Dosage, read_dosage
from wc_sync_server.importing.fhir.findings import LeftOut, Reason
from wc_sync_server.importing.fhir.records import ChartOrder, OrderTerms
from wc_sync_server.importing.fhir.subject import Subject
from wc_sync_server.importing.fhir.systems import (
    CATALOGUE,
    NURSE_VERIFICATION,
    PARENT_AUTHORISATION,
    RXNORM,
    SELF_CARRY,
    STOP_EFFECTIVE_AT,
    USER_SOURCED_ID,
    VERBAL_UNTIL,
)
from wc_sync_server.importing.fhir.values import (
    codings,
    dated,
    extension,
    instant,
    name_of,
    text,
    thing,
    things,
)

_ORDERING = frozenset({"order", "original-order", "reflex-order", "filler-order", "instance-order"})
_INTENTS = _ORDERING | {"proposal", "plan", "option"}
_STATUS = {
    "active": OrderStatus.ACTIVE,
    "on-hold": OrderStatus.HELD,
    "cancelled": OrderStatus.DISCONTINUED,
    "stopped": OrderStatus.DISCONTINUED,
    "completed": OrderStatus.COMPLETED,
    "draft": OrderStatus.DRAFT,
}
NOT_STATED = "not stated"


@dataclass(frozen=True, slots=True, kw_only=True)
class MappedOrder:
    """An order, and what keeps it from being active."""

    order: ChartOrder
    lacking: tuple[str, ...]


def map_order(entry: BundleEntry, subject: Subject) -> MappedOrder | LeftOut:
    """Return the order of a MedicationRequest."""
    resource = entry.resource
    status = _status(resource)
    if isinstance(status, LeftOut):
        return status
    medication = _medication(resource, subject)
    if isinstance(medication, LeftOut):
        return medication
    dosage = read_dosage(resource, medication.usual_route, is_emergency=medication.is_emergency)
    if isinstance(dosage, LeftOut):
        return dosage
    dates = _dates(resource, subject)
    if isinstance(dates, LeftOut):
        return dates
    return _order(entry, subject, status, medication, dosage, dates)


def _status(resource: Mapping[str, Any]) -> OrderStatus | LeftOut:
    said, intent = text(resource, "status"), text(resource, "intent")
    if said == "entered-in-error":
        return LeftOut(reason=Reason.ENTERED_IN_ERROR, detail="its source says that it was entered in error")
    status = _STATUS.get(said)
    if status is None:
        return LeftOut(reason=Reason.STATUS_INVALID, detail="status is missing, unknown or none of FHIR R4's")
    if intent not in _INTENTS:
        return LeftOut(reason=Reason.STATUS_INVALID, detail="intent is missing or none of FHIR R4's")
    if intent not in _ORDERING:
        return LeftOut(reason=Reason.NOT_AN_ORDER, detail="it is a proposal or plan, not an order")
    if resource.get("doNotPerform") is True:
        return LeftOut(reason=Reason.NOT_AN_ORDER, detail="it asks not to give the medicine; tell the nurse")
    return status


def _medication(resource: Mapping[str, Any], subject: Subject) -> CatalogueMedication | LeftOut:
    concept = thing(resource, "medicationCodeableConcept") or thing(
        subject.resolve(text(thing(resource, "medicationReference"), "reference")), "code"
    )
    catalogue = subject.district.catalogue
    for coding in codings(concept):
        found = None
        if coding.system == CATALOGUE:
            found = catalogue.by_key.get(coding.code)
        elif coding.system == RXNORM:
            found = catalogue.by_rxcui.get(coding.code)
        if found is not None:
            return found
    if not name_of(concept) and not codings(concept):
        return LeftOut(reason=Reason.CODE_MISSING, detail="the medicine has neither a code nor a name")
    by_name = catalogue.by_name.get(name_of(concept).casefold())
    if by_name is not None:
        return by_name
    codes = ", ".join(f"RxNorm {coding.code}" for coding in codings(concept) if coding.system == RXNORM)
    return LeftOut(
        reason=Reason.MEDICATION_NOT_IN_CATALOGUE,
        detail=f"{codes or 'the medicine'} is not in the catalogue; add it there and import again",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Dates:
    start: date | None
    end: date | None
    signed: date | None
    verbal_until: date | None
    parent_from: date | None
    parent_to: date | None


def _dates(resource: Mapping[str, Any], subject: Subject) -> _Dates | LeftOut:
    dosages = things(resource, "dosageInstruction")
    bounds = thing(thing(thing(dosages[0], "timing"), "repeat"), "boundsPeriod") if dosages else {}
    validity = thing(thing(resource, "dispenseRequest"), "validityPeriod")
    parent = thing(extension(resource, PARENT_AUTHORISATION), "valuePeriod")
    said = {
        "authoredOn": resource.get("authoredOn"),
        "start": bounds.get("start", validity.get("start")),
        "end": bounds.get("end", validity.get("end")),
        "verbal-until": extension(resource, VERBAL_UNTIL).get("valueDate"),
        "parent-authorisation.start": parent.get("start"),
        "parent-authorisation.end": parent.get("end"),
    }
    read = {name: dated(value) for name, value in said.items()}
    for name, value in read.items():
        if value is not None and value.bad:
            return LeftOut(reason=Reason.DATE_BAD, detail=f"{name} is no date")
    days = {name: value.day if value is not None else None for name, value in read.items()}
    signed, start, end = days["authoredOn"], days["start"], days["end"]
    if signed is not None and signed > subject.district.today:
        return LeftOut(reason=Reason.DATE_IN_FUTURE, detail="authoredOn lies in the future")
    if signed is not None and signed < subject.student.date_of_birth:
        return LeftOut(reason=Reason.DATE_BEFORE_BIRTH, detail="authoredOn lies before the student's birth")
    begins = start or signed
    if begins is not None and end is not None and end < begins:
        return LeftOut(reason=Reason.DATES_REVERSED, detail="the order ends before it begins")
    return _Dates(
        start=begins,
        end=end,
        # A spoken order is not signed until it is written (rules.md O2).
        signed=signed if days["verbal-until"] is None else None,
        verbal_until=days["verbal-until"],
        parent_from=days["parent-authorisation.start"],
        parent_to=days["parent-authorisation.end"],
    )


def _order(
    entry: BundleEntry,
    subject: Subject,
    status: OrderStatus,
    medication: CatalogueMedication,
    dosage: Dosage,
    dates: _Dates,
) -> MappedOrder:
    resource = entry.resource
    prescriber = text(thing(resource, "requester"), "display")
    verified_by = _verified_by(resource, subject)
    lacking = list(dosage.lacking)
    lacking += [
        what
        for what, there in (
            ("prescriber", prescriber),
            ("prescriber's signature or a spoken order's limit", dates.signed or dates.verbal_until),
            ("parent authorisation", dates.parent_from and dates.parent_to),
            ("verification by a nurse of this district", verified_by),
            ("start date", dates.start),
        )
        if not there
    ]
    start = dates.start or subject.district.today
    order = ChartOrder(
        id=OrderId(subject.record_id(entry)),
        school_id=subject.student.school_id,
        student_id=subject.student.id,
        medication_id=stable_ids.medication_id(subject.district.id, medication.key),
        kind=OrderKind.PRN if dosage.as_needed else OrderKind.SCHEDULED,
        status=_effective(status, dates.end, subject.district.today, verified=not lacking),
        indication=next((name for each in things(resource, "reasonCode") if (name := name_of(each))), None),
        prescriber_name=prescriber or NOT_STATED,
        order_signed_on=dates.signed,
        verbal_until=dates.verbal_until,
        parent_auth_from=dates.parent_from,
        parent_auth_to=dates.parent_to,
        self_carry=extension(resource, SELF_CARRY).get("valueBoolean") is True,
        start_date=start,
        end_date=dates.end,
        stop_effective_at=instant(extension(resource, STOP_EFFECTIVE_AT).get("valueDateTime")),
        verified_by=verified_by,
        terms=_terms(dosage, start, subject.student.zone),
    )
    return MappedOrder(order=order, lacking=tuple(lacking))


def _effective(said: OrderStatus, end: date | None, today: date, *, verified: bool) -> OrderStatus:
    if said is not OrderStatus.ACTIVE:
        return said
    if end is not None and end < today:
        return OrderStatus.EXPIRED
    return OrderStatus.ACTIVE if verified else OrderStatus.PENDING_VERIFICATION


def _verified_by(resource: Mapping[str, Any], subject: Subject) -> UserId | None:
    """Return the nurse who verified, when this district knows them: a stranger's word opens nothing."""
    reference = thing(extension(resource, NURSE_VERIFICATION), "valueReference")
    identifier = thing(reference, "identifier")
    if text(identifier, "system") != USER_SOURCED_ID:
        return None
    user = stable_ids.user_id(subject.district.id, text(identifier, "value"))
    return user if user in subject.district.verifiers else None


def _terms(dosage: Dosage, start: date, zone: str) -> OrderTerms:
    return OrderTerms(
        dose=dosage.dose,
        unit=dosage.unit,
        route=dosage.route,
        times=dosage.times,
        window_minutes=dosage.window_minutes,
        min_interval_minutes=dosage.min_interval_minutes,
        max_doses=dosage.max_doses,
        max_period_minutes=dosage.max_period_minutes,
        instructions=dosage.instructions,
        effective_from=_midnight(start, zone),
    )


def _midnight(day: date, zone: str) -> Instant:
    return whole_millis(datetime.combine(day, time(), ZoneInfo(zone)))
