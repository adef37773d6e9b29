"""Audit lines of an import: who was touched and which fields, never what they hold."""

from collections.abc import Iterable
from uuid import UUID

from wc_contract.model.ids import SchoolId
from wc_contract.model.instants import Instant
from wc_contract.model.kinds import RecordKind
from wc_sync_server.audit.events import AuditEvent

CREATE, UPDATE, DEACTIVATE, MOVE = "CREATE", "UPDATE", "DEACTIVATE", "MOVE"
_SYSTEM = "SYSTEM"


def recorded(
    action: str,
    kind: RecordKind,
    record: UUID | str,
    at: Instant,
    *,
    source: str,
    touched: Iterable[str] | None = None,
    school: SchoolId | None = None,
) -> AuditEvent:
    """Return the audit line of one record that an import wrote; touched defaults to every PHI field."""
    phi = kind.phi_fields if touched is None else kind.phi_fields.intersection(touched)
    return AuditEvent(
        action=action,
        entity_type=kind.name,
        entity_id=str(record),
        at=at,
        fields=tuple(sorted(phi)),
        role=_SYSTEM,
        school_id=school,
        detail={"import": source},
    )
