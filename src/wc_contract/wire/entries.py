"""An entry as it is written, signed and sent: one JSON text whose bytes never change again.

The journal keeps the text itself, so that no later version of the program can alter what was signed.
"""

import hashlib
from datetime import date, time
from decimal import Decimal
from typing import Annotated, Literal, assert_never
from uuid import UUID

from pydantic import Field, ValidationError

from wc_contract.model.apply import compact
from wc_contract.model.changes import (
    AccessRecorded,
    Change,
    ContactAttempt,
    DoseLogged,
    Entry,
    IncidentSigned,
    Override,
    SlotRef,
    Witness,
)
from wc_contract.model.errors import Refused
from wc_contract.model.ids import (
    DeviceId,
    DoseId,
    EntryId,
    IncidentId,
    MedicationId,
    OrderId,
    OrderVersionId,
    SlotId,
    StudentId,
    UserId,
)
from wc_contract.model.instants import instant_to_text, whole_millis
from wc_contract.model.quantity import plain
from wc_contract.model.values import (
    AccessAction,
    Disposition,
    DoseState,
    IncidentType,
    MedicationErrorType,
    Severity,
)
from wc_contract.wire.base import Code, DecimalText, Note, Short, WireInstant, WireModel
from wc_contract.wire.versions import MAX_CHANGES, MAX_ENTRY_BYTES, MAX_NUMBER, MAX_OFFSET_MS

ClockText = Annotated[str, Field(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")]


class EntryMalformed(Refused):
    """The text is no entry of a schema we know. Carries where, never what."""

    code = "malformed"

    def __init__(self, where: tuple[str, ...]) -> None:
        super().__init__("entry does not read: " + ", ".join(where))
        self.where = where


class WireOverride(WireModel):
    """Override on the wire."""

    code: Code
    reason: Note


class WireSlot(WireModel):
    """SlotRef on the wire."""

    id: UUID
    date: date
    time: ClockText


class WireDose(WireModel):
    """DoseLogged on the wire."""

    verb: Literal["dose.log"]
    id: UUID
    student_id: UUID
    order_id: UUID
    order_version_id: UUID
    medication_id: UUID
    slot: WireSlot | None
    status: DoseState
    administered_at: WireInstant
    local_date: date
    dose_given: DecimalText | None
    unit: Short | None
    reason: Note | None
    site: Short | None
    overrides: tuple[WireOverride, ...] = Field(max_length=20)


class WireWitness(WireModel):
    """Witness on the wire."""

    name: Short
    role: Short


class WireContactAttempt(WireModel):
    """ContactAttempt on the wire."""

    person: Short
    method: Short
    at: WireInstant
    outcome: Short


class WireIncident(WireModel):
    """IncidentSigned on the wire."""

    verb: Literal["incident.sign"]
    id: UUID
    student_id: UUID | None
    type: IncidentType
    severity: Severity
    occurred_at: WireInstant
    location: Short
    activity: Short
    narrative: Note
    body_regions: tuple[Short, ...] = Field(max_length=40)
    injury_kind: Short
    witnesses: tuple[WireWitness, ...] = Field(max_length=20)
    care_given: Note
    disposition: Disposition
    notifications: tuple[WireContactAttempt, ...] = Field(max_length=40)
    med_error_type: MedicationErrorType | None
    ncc_merp: Annotated[str, Field(pattern="^[A-I]$")] | None
    follow_up_due: date | None
    signed_at: WireInstant


class WireAccess(WireModel):
    """AccessRecorded on the wire."""

    verb: Literal["access.record"]
    action: AccessAction
    entity_type: Code
    entity_id: Short
    at: WireInstant
    fields: tuple[Code, ...] = Field(max_length=100)


_MOST_PLACES = 20
_VERBS = ("dose.log", "incident.sign", "access.record")

WireChange = Annotated[WireDose | WireIncident | WireAccess, Field(discriminator="verb")]


class WireEntry(WireModel):
    """Entry on the wire, schema 1."""

    schema_: Literal[1] = Field(alias="schema")
    number: int = Field(ge=1, le=MAX_NUMBER)
    id: UUID
    device_id: UUID
    author_id: UUID
    authored_at: WireInstant
    zone: Short
    hlc: Short
    clock_offset_ms: Annotated[int, Field(ge=-MAX_OFFSET_MS, le=MAX_OFFSET_MS)] | None
    replica_as_of: WireInstant | None
    depends_on: tuple[UUID, ...] = Field(max_length=50)
    changes: tuple[WireChange, ...] = Field(min_length=1, max_length=MAX_CHANGES)


_KNOWN_NAMES = frozenset(
    {
        "schema",
        *_VERBS,
        *(
            name
            for model in (
                WireEntry,
                WireDose,
                WireIncident,
                WireAccess,
                WireOverride,
                WireSlot,
                WireWitness,
                WireContactAttempt,
            )
            for name in model.model_fields
        ),
    }
)


def body_hash(body: str) -> str:
    """Return the SHA-256 of an entry's text, 64 hex digits: what the device signs and the receipt names."""
    return hashlib.sha256(body.encode()).hexdigest()


def entry_to_body(entry: Entry) -> str:
    """Return the text of an entry: compact JSON, keys sorted.

    Raises EntryMalformed for an entry that entry_from_body would refuse: better on the screen that wrote it than
    on the server, where it could never be mended.
    """
    body = compact(
        {
            "schema": entry.schema,
            "number": entry.number,
            "id": str(entry.id),
            "device_id": str(entry.device_id),
            "author_id": str(entry.author_id),
            "authored_at": instant_to_text(entry.authored_at),
            "zone": entry.zone,
            "hlc": entry.hlc,
            "clock_offset_ms": entry.clock_offset_ms,
            "replica_as_of": None if entry.replica_as_of is None else instant_to_text(entry.replica_as_of),
            "depends_on": [str(e) for e in entry.depends_on],
            "changes": [_change_to_wire(change) for change in entry.changes],
        }
    )
    _read(body)
    return body


def entry_from_body(body: str) -> Entry:
    """Read an entry's text.

    Raises EntryMalformed, naming the fields that do not read and never their content.
    """
    wire = _read(body)
    return Entry(
        number=wire.number,
        id=EntryId(wire.id),
        device_id=DeviceId(wire.device_id),
        author_id=UserId(wire.author_id),
        authored_at=whole_millis(wire.authored_at),
        zone=wire.zone,
        hlc=wire.hlc,
        clock_offset_ms=wire.clock_offset_ms,
        replica_as_of=None if wire.replica_as_of is None else whole_millis(wire.replica_as_of),
        depends_on=tuple(EntryId(e) for e in wire.depends_on),
        changes=tuple(_change_from_wire(change) for change in wire.changes),
        schema=wire.schema_,
    )


def _read(body: str) -> WireEntry:
    try:
        octets = body.encode()
        if len(octets) <= MAX_ENTRY_BYTES:
            return WireEntry.model_validate_json(octets)
        where = {"too_large"}
    except UnicodeEncodeError:
        where = {"body"}  # half of a surrogate pair: no text
    except ValidationError as error:
        where = {_place(e["loc"]) for e in error.errors(include_url=False, include_context=False, include_input=False)}
    # Raised here and not above: an error raised while another is handled keeps it, input and all, as its context.
    raise EntryMalformed(tuple(sorted(_deepest(where))[:_MOST_PLACES]))


def _deepest(places: set[str]) -> set[str]:
    # A list whose only member does not read is also reported as too short: one mistake, one place.
    outer = {place[:dot] for place in places for dot, sign in enumerate(place) if sign == "."}
    return places - outer


def _place(steps: tuple[int | str, ...]) -> str:
    # The name of an unknown field is content, whoever chose it.
    named = (str(step) if isinstance(step, int) or step in _KNOWN_NAMES else "unknown" for step in steps)
    return ".".join(named) or "body"


def _change_to_wire(change: Change) -> dict[str, object]:
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
        case _:
            assert_never(change)


def _dose_to_wire(dose: DoseLogged) -> dict[str, object]:
    slot = dose.slot
    return {
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


def _change_from_wire(wire: WireDose | WireIncident | WireAccess) -> Change:
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
        case _:
            assert_never(wire)


def _dose_from_wire(wire: WireDose) -> DoseLogged:
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
