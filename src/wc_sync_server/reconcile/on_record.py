"""The audit of a batch: one line for every change, refusal, flag and case. Names of fields, never what is in them."""

import re
from collections.abc import Iterator, Mapping

from wc_contract.merge.fold import Effect, RecordKey
from wc_contract.model.apply import RowWrite, WireValue
from wc_contract.model.changes import AccessRecorded, RecordChanged
from wc_contract.model.instants import Instant
from wc_contract.model.kinds import DOSE, INCIDENT, KINDS, REVIEW_CASE, RecordKind
from wc_contract.wire.codes import Waits
from wc_sync_server.audit.events import AuditEvent
from wc_sync_server.reconcile.facts import DeviceFacts
from wc_sync_server.reconcile.judge import Declined, Judged, Repeated, Taken

_FIELDS = frozenset(field.name for kind in KINDS for field in kind.fields)
_ENTITIES = frozenset(kind.name for kind in KINDS) | {kind.table for kind in KINDS}
_PLAIN_ID = re.compile(r"[0-9a-z][0-9a-z:_-]{0,63}")
_PHI = {kind.name: tuple(sorted(kind.phi_fields)) for kind in KINDS}
_EMPTY: tuple[WireValue, ...] = (None, "", "[]")
_ACTIONS = {DOSE.name: "DOSE_LOGGED", INCIDENT.name: "INCIDENT_SIGNED"}


def of_write(taken: Taken, write: RowWrite, device: DeviceFacts) -> AuditEvent:
    """Return the line about a record that an entry wrote."""
    return AuditEvent(
        action=_ACTIONS[write.kind.name],
        entity_type=write.kind.name,
        entity_id=write.id,
        at=taken.entry.authored_at,
        fields=_filled(write.kind.name, write.values),
        user_id=taken.entry.author_id,
        role=taken.role,
        device_id=device.id,
        school_id=device.school,
        entry_id=taken.entry.id,
    )


def of_effect(taken: Taken, effect: Effect, device: DeviceFacts) -> AuditEvent:
    """Return the line about a declared record that an entry added, changed or answered, or left as it was."""
    kind, record = effect.key
    merged, write = effect.merged, effect.write
    if merged is None:
        action, fields = "RECORD_ADDED", _filled(kind, {} if write is None else write.values)
    else:
        action = "CASE_ANSWERED" if kind == REVIEW_CASE.name else "RECORD_CHANGED"
        fields = tuple(name for name in _PHI[kind] if name in _changed(taken, effect.key))
    return AuditEvent(
        action=action,
        entity_type=kind,
        entity_id=record,
        at=taken.entry.authored_at,
        fields=fields,
        user_id=taken.entry.author_id,
        role=taken.role,
        device_id=device.id,
        school_id=device.school,
        entry_id=taken.entry.id,
        detail=None if merged is None else {"result": merged.result.value, "code": merged.code},
    )


def _changed(taken: Taken, key: RecordKey) -> frozenset[str]:
    changes = (one for one in taken.entry.changes if isinstance(one, RecordChanged))
    return frozenset(name for one in changes if (one.kind, str(one.id)) == key for name in one.values)


def _filled(kind: str, values: Mapping[str, WireValue]) -> tuple[str, ...]:
    return tuple(name for name in _PHI[kind] if values.get(name) not in _EMPTY)


def of_looks(taken: Taken, device: DeviceFacts) -> Iterator[AuditEvent]:
    """Yield the lines about what the author looked at, unlocked, printed (law 6).

    Each holds number and hash of its text: sealed with the line, they fix all that the device signed before.
    """
    for change in taken.entry.changes:
        if isinstance(change, AccessRecorded):
            yield AuditEvent(
                action=change.action.value,
                entity_type=change.entity_type,
                entity_id=change.entity_id if _PLAIN_ID.fullmatch(change.entity_id) else "unreadable",
                at=change.at,
                # A name that no record has might be anything; only names of fields get in.
                fields=tuple(name for name in change.fields if name in _FIELDS or name in _ENTITIES),
                user_id=taken.entry.author_id,
                role=taken.role,
                device_id=device.id,
                school_id=device.school,
                entry_id=taken.entry.id,
                detail={"number": taken.number, "hash": taken.arrival.hash},
            )


def of_outcome(judged: Judged, device: DeviceFacts, at: Instant) -> Iterator[AuditEvent]:
    """Yield the line about an entry that had no effect."""
    match judged:
        case Declined():
            action = "ENTRY_WAITS" if isinstance(judged.flaw.refusal, Waits) else "ENTRY_REFUSED"
            yield _about_entry(action, judged, device, at, judged.flaw.refusal.value)
        case Repeated():
            yield _about_entry("ENTRY_DUPLICATE", judged, device, at, "duplicate")
        case Taken():
            return


def of_record(action: str, kind: RecordKind, record: str, device: DeviceFacts, at: Instant, code: str) -> AuditEvent:
    """Return the line about what the server itself did to a record: a flag, a case."""
    return AuditEvent(
        action=action,
        entity_type=kind.name,
        entity_id=record,
        at=at,
        device_id=device.id,
        school_id=device.school,
        detail={"code": code},
    )


def of_fork(device: DeviceFacts, at: Instant, kept: int) -> AuditEvent:
    """Return the line about a device whose files exist twice."""
    return AuditEvent(
        action="DEVICE_FORKED",
        entity_type="device",
        entity_id=str(device.id),
        at=at,
        device_id=device.id,
        school_id=device.school,
        detail={"kept": kept},
    )


def _about_entry(action: str, judged: Declined | Repeated, device: DeviceFacts, at: Instant, code: str) -> AuditEvent:
    entry = judged.arrival.entry
    return AuditEvent(
        action=action,
        entity_type="entry",
        entity_id=str(judged.arrival.id),
        at=at if entry is None else entry.authored_at,
        user_id=None if entry is None else entry.author_id,
        device_id=device.id,
        school_id=device.school,
        entry_id=judged.arrival.id,
        detail={"code": code, "number": judged.number},
    )
