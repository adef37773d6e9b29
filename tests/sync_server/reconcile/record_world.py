"""A record of every kind that workstations add, and what two of them may change in it; for tests on a real database."""

import itertools
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

import orjson
from tests import factories as make
from tests.sync_server.house import House
from tests.sync_server.in_house import Office

from wc_contract.model.apply import WireValue
from wc_contract.model.authoring import ADDABLE, authored_fields, base_fields
from wc_contract.model.changes import RecordAdded, RecordChanged
from wc_contract.model.kinds import (
    BY_NAME,
    CONSENT_FORM,
    INVENTORY_ITEM,
    KINDS,
    Field,
    FieldType,
    RecordKind,
)
from wc_contract.wire.messages import Pull
from wc_sync_server.api.pull import pull_lines
from wc_sync_server.cli.records import system
from wc_sync_server.db.repositories.epochs import Epochs
from wc_sync_server.db.repositories.feed import PostgresFeeds
from wc_sync_server.domain.access import Principal
from wc_sync_server.domain.checkpoints import Checkpoints

Values = dict[str, WireValue]
Key = tuple[str, str]

_BY_TYPE: dict[FieldType, WireValue] = {
    FieldType.TEXT: "Invented words",
    FieldType.INTEGER: 30,
    FieldType.BOOLEAN: False,
    FieldType.DATE: "2026-11-20",
    FieldType.INSTANT: "2026-11-20T18:00:00+00:00",
    FieldType.DECIMAL: "2.5",
    FieldType.JSON: "[]",
}
# What a CHECK of the table or the sense of a field asks for beyond its type.
_FITTING: dict[str, Values] = {
    "allergy": {"criticality": "unable-to-assess"},
    "capture": {"route": "INTRAMUSCULAR", "status": "ADMINISTERED"},
    "care_plan": {"status": "DRAFT", "signed_by": None, "signed_on": None},
    "document": {"sha256": "0" * 64},
    "health_record": {"provider_npi": "1234567893"},
    "emergency_contact": {"is_active": True, "priority": 2},
    "order": {"version": 1, "status": "ACTIVE", "kind": "SCHEDULED"},
    "order_version": {"version": 7, "times": '["12:00"]'},
    "ledger_entry": {"event": "RECEIVED", "witness_id": None, "log_id": None},
    "trip_custody": {"quantity_returned": None, "back_at": None},
    "follow_up_action": {"status": "OPEN", "completed_at": None, "completed_by": None},
    "notification": {"log_id": None},
    "emergency_look": {"use_id": str(make.named("use")), "workstation_id": str(make.named("office"))},
    "appointment_waitlist": {"status": "WAITING", "appointment_id": None, "priority": 1},
    "shift": {"handover_to": None, "ended_at": None},
    "inventory_transaction": {"kind": "RECEIVED"},
}
_COUNT = itertools.count(1)
_NEVER_SAID = ("amends_id", "amend_reason")


@dataclass(frozen=True, slots=True, kw_only=True)
class Changing:
    """Two changes that do not meet, and two that do. stands: what the record says after the two that meet."""

    apart: tuple[Values, Values]
    meeting: tuple[Values, Values]
    stands: Values = field(default_factory=dict)


def _one(left: Values, right: Values) -> Changing:
    return Changing(apart=(left, right), meeting=(left, right))


CHANGING: Mapping[str, Changing] = {
    "allergy": Changing(
        apart=({"reaction": "Hives"}, {"verified_on": "2026-11-01"}),
        meeting=({"criticality": "low"}, {"criticality": "high"}),
        stands={"criticality": "high"},
    ),
    "care_plan": Changing(
        apart=({"review_due": "2027-01-31"}, {"title": "Seizures"}),
        meeting=({"status": "ENDED"}, {"status": "ACTIVE"}),
        stands={"status": "ACTIVE"},
    ),
    "emergency_contact": Changing(
        apart=({"phone": "555-0101"}, {"may_pick_up": True}),
        meeting=({"name": "A Grandmother"}, {"relationship": "aunt"}),
    ),
    "chronic_condition": _one({"icd10": "J45"}, {"onset": "2020-01-31"}),
    "order": _one({"indication": "Attention"}, {"prescriber_name": "Dr. Other"}),
    "consent_signature": _one({"relationship": "mother"}, {"expires_on": "2027-06-30"}),
    "medication_container": _one({"location": "Safe"}, {"lot": "L-2"}),
    "trip_custody": _one({"trip": "Zoo"}, {"quantity_out": "3"}),
    "follow_up_action": _one({"note": "Swing mended"}, {"due_on": "2026-12-24"}),
    "appointment": _one({"note": "Bring the inhaler"}, {"reason": "Asthma"}),
    "appointment_waitlist": _one({"reason": "Asthma"}, {"priority": 2}),
    "shift": _one({"note": "Quiet"}, {"ended_at": "2026-11-20T21:00:00+00:00"}),
}


@dataclass(slots=True)
class World:
    """What records may name. Ids are of this run, so that one database serves several tests."""

    house: House
    ids: dict[str, UUID] = field(default_factory=dict)

    def furnish(self, office: Office) -> None:
        """Put in place what records name: some of it no workstation adds."""
        house, ned = self.house, self.house.pupils["ned"]
        self.ids |= {
            "students": ned.id,
            "users": house.nurses["bea"].id,
            "medications": make.MEDICATION,
            "student_medications": ned.order,
            "consent_forms": make.named("a form"),
            "inventory_items": make.named("gauze"),
        }
        form = _values(CONSENT_FORM, self) | {"id": str(self.ids["consent_forms"]), "version": 1, "effective_to": None}
        item = {"id": str(self.ids["inventory_items"]), "name": "Gauze", "quantity": "10"}
        with system(house.parts, house.district, (house.north,)) as uow:
            uow.lock_streams(house.district, house.north)
            uow.write_rows(CONSENT_FORM, house.district, [form])
            uow.write_rows(INVENTORY_ITEM, house.north, [item])
            uow.commit()
        report = make.incident_signed(student_id=ned.id)
        # Each in an hour of its own: two in one slot would open a case.
        at = make.NOON - timedelta(hours=next(_COUNT))
        dose = make.dose_logged(student_id=ned.id, order_id=ned.order, slot=None, administered_at=at)
        contact, container = self.added("emergency_contact"), self.added("medication_container")
        office.push(*(office.entry(change) for change in (report, dose, contact, container)))
        self.ids |= {"incident_reports": report.id, "emergency_contacts": contact.id}
        self.ids |= {"medication_containers": container.id, "medication_logs": dose.id}

    def added(self, kind: str, /, **more: WireValue) -> RecordAdded:
        """Return a new record of a kind."""
        declared = BY_NAME[kind]
        values = _values(declared, self) | _FITTING.get(kind, {}) | more
        said = {name: value for name, value in values.items() if name in authored_fields(kind)}
        return RecordAdded(kind=kind, id=make.named(f"{kind} {next(_COUNT)}"), values=said)


def addable_in_order() -> list[RecordKind]:
    """Return the kinds that workstations add, parents first."""
    return [kind for kind in KINDS if kind.name in ADDABLE]


def change_of(key: Key, seen: Mapping[str, Any], values: Values) -> RecordChanged:
    """Return a change by somebody who saw the record like that."""
    kind = BY_NAME[key[0]]
    base = {name: seen[name] for name in base_fields(kind.name, values)}
    return RecordChanged(kind=kind.name, id=UUID(key[1]), base_version=seen["row_version"], base=base, values=values)


def pulled(office: Office) -> dict[Key, dict[str, Any]]:
    """Return every record that a workstation of the school is sent."""
    house = office.house
    principal = Principal(
        district=house.district,
        school=house.north,
        device=office.device,
        user=house.nurses["ann"].id,
        session=make.named("session"),
    )
    message = Pull(protocol=1, epoch=office.epoch, since={}, digest=False, shape=2)
    records: dict[Key, dict[str, Any]] = {}
    with PostgresFeeds(house.parts.cells, Epochs(house.parts.cells, house.parts.clock)).snapshot(principal) as snapshot:
        for line in pull_lines(snapshot, message, Checkpoints(b"k" * 32)):
            frame = orjson.loads(line)
            if frame["frame"] == "rows":
                columns = BY_NAME[frame["kind"]].columns
                rows = (dict(zip(columns, row, strict=True)) for row in frame["rows"])
                records |= {(frame["kind"], row["id"]): row for row in rows}
    return records


def _values(kind: RecordKind, world: World) -> Values:
    return {one.name: _value(one, world) for one in kind.fields if one.name not in _NEVER_SAID}


def _value(one: Field, world: World) -> WireValue:
    if one.references is not None:
        known = world.ids.get(one.references)
        return None if known is None else str(known)
    if one.values:
        return one.values[0]
    return None if one.type is FieldType.UUID else _BY_TYPE[one.type]
