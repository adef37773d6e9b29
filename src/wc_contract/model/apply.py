"""What an entry makes of the records by itself. Device and server run this same code.

What depends on what a record said before, a change of it or the answer to a case, is folded in by merge.fold.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, assert_never

from wc_contract.model.changes import (
    AccessRecorded,
    CaseAnswered,
    Change,
    DoseLogged,
    Entry,
    IncidentSigned,
    RecordAdded,
    RecordChanged,
)
from wc_contract.model.ids import id_text
from wc_contract.model.instants import instant_to_text
from wc_contract.model.kinds import BY_NAME, DOSE, INCIDENT, RecordKind
from wc_contract.model.kinds import WireValue as WireValue  # noqa: PLC0414  # others take it from here
from wc_contract.model.quantity import plain
from wc_contract.model.values import IncidentStatus

# What the author says of an amendment; the rest of an event follows from the entry.
AMENDMENT = frozenset({"amends_id", "amend_reason"})
# Who did it is who wrote it, whatever else an entry says.
SIGNED_BY_AUTHOR: Mapping[str, tuple[str, ...]] = {
    "notification": ("made_by",),
    "inventory_transaction": ("actor_id",),
    "ledger_entry": ("actor_id",),
    "document": ("added_by",),
}
# When it was done is when it was written.
DATED_BY_ENTRY: Mapping[str, tuple[str, ...]] = {"document": ("added_at",)}

# Made once: json.dumps makes an encoder for each call.
_encode = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode


@dataclass(frozen=True, slots=True, kw_only=True)
class RowWrite:
    """One record in wire form, as the entry leaves it: every column of its kind except row_version."""

    kind: RecordKind
    id: str
    values: Mapping[str, WireValue] = field(repr=False)


def compact(value: Any) -> str:  # noqa: ANN401  # JSON is whatever JSON is
    """Return JSON text in the one form both sides write: sorted keys, no spaces, no escapes beyond need."""
    return _encode(value)


def apply_entry(entry: Entry, flags: Mapping[str, tuple[str, ...]] | None = None) -> Iterator[RowWrite]:
    """Yield the records that an entry writes, in order.

    flags gives, by record id, the finding codes to stand on the record; the device passes what its own rules
    said, the server what its rules said on arrival.
    """
    for change in entry.changes:
        yield from _apply(entry, change, flags or {})


def _apply(entry: Entry, change: Change, flags: Mapping[str, tuple[str, ...]]) -> Iterator[RowWrite]:
    match change:
        case DoseLogged():
            yield _dose(entry, change, flags.get(id_text(change.id), ()))
        case IncidentSigned():
            yield _incident(entry, change, flags.get(id_text(change.id), ()))
        case RecordAdded():
            yield _added(entry, change, flags.get(id_text(change.id), ()))
        case AccessRecorded() | RecordChanged() | CaseAnswered():
            return
        case _:
            assert_never(change)


def _event(entry: Entry, flags: tuple[str, ...]) -> dict[str, WireValue]:
    return {
        "entry_id": id_text(entry.id),
        "device_id": id_text(entry.device_id),
        "device_seq": entry.number,
        "recorded_at": instant_to_text(entry.authored_at),
        "recorded_tz": entry.zone,
        "author_user_id": id_text(entry.author_id),
        "replica_as_of": None if entry.replica_as_of is None else instant_to_text(entry.replica_as_of),
        "flags": compact(sorted(flags)) if flags else "[]",
        "amends_id": None,
        "amend_reason": None,
    }


def _added(entry: Entry, added: RecordAdded, flags: tuple[str, ...]) -> RowWrite:
    kind = BY_NAME[added.kind]
    event = _event(entry, flags)
    values: dict[str, WireValue] = {"id": id_text(added.id)}
    for one in kind.fields:
        said = added.values.get(one.name)
        if one.name in SIGNED_BY_AUTHOR.get(kind.name, ()):
            values[one.name] = id_text(entry.author_id)
        elif one.name in DATED_BY_ENTRY.get(kind.name, ()):
            values[one.name] = instant_to_text(entry.authored_at)
        elif one.name in AMENDMENT or one.name not in event:
            values[one.name] = said
        else:
            values[one.name] = event[one.name]
    return RowWrite(kind=kind, id=id_text(added.id), values=values)


def _dose(entry: Entry, dose: DoseLogged, flags: tuple[str, ...]) -> RowWrite:
    slot, own = dose.slot, id_text(dose.id)
    return RowWrite(
        kind=DOSE,
        id=own,
        values={
            "id": own,
            "student_id": id_text(dose.student_id),
            "order_id": id_text(dose.order_id),
            "order_version_id": id_text(dose.order_version_id),
            "medication_id": id_text(dose.medication_id),
            "slot_id": None if slot is None else id_text(slot.id),
            "slot_date": None if slot is None else slot.date.isoformat(),
            "slot_time": None if slot is None else slot.time.strftime("%H:%M"),
            "status": dose.status.value,
            "administered_at": instant_to_text(dose.administered_at),
            "local_date": dose.local_date.isoformat(),
            "dose_given": None if dose.dose_given is None else plain(dose.dose_given),
            "unit": dose.unit,
            "reason": dose.reason,
            "site": dose.site,
            "overrides": compact([{"code": o.code, "reason": o.reason} for o in dose.overrides])
            if dose.overrides
            else "[]",
            **_event(entry, flags),
            "amends_id": None if dose.amends_id is None else id_text(dose.amends_id),
            "amend_reason": dose.amend_reason,
        },
    )


def _incident(entry: Entry, report: IncidentSigned, flags: tuple[str, ...]) -> RowWrite:
    return RowWrite(
        kind=INCIDENT,
        id=str(report.id),
        values={
            "id": str(report.id),
            "student_id": None if report.student_id is None else str(report.student_id),
            "type": report.type.value,
            "severity": report.severity.value,
            "occurred_at": instant_to_text(report.occurred_at),
            "location": report.location,
            "activity": report.activity,
            "narrative": report.narrative,
            "body_regions": compact(list(report.body_regions)),
            "injury_kind": report.injury_kind,
            "witnesses": compact([{"name": w.name, "role": w.role} for w in report.witnesses]),
            "care_given": report.care_given,
            "disposition": report.disposition.value,
            "checks": "[]",
            "notifications": compact(
                [
                    {
                        "person": n.person,
                        "method": n.method,
                        "at": instant_to_text(n.at),
                        "outcome": n.outcome,
                    }
                    for n in report.notifications
                ]
            ),
            "med_error_type": None if report.med_error_type is None else report.med_error_type.value,
            "ncc_merp": report.ncc_merp,
            "follow_up_due": None if report.follow_up_due is None else report.follow_up_due.isoformat(),
            "status": IncidentStatus.SIGNED.value,
            "signed_at": instant_to_text(report.signed_at),
            **_event(entry, flags),
        },
    )
