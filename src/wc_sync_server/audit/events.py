"""One line of the audit."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from wc_contract.model.instants import Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEvent:
    """Something that somebody did to a record.

    fields names the PHI fields touched and never holds their values; detail holds codes only. at is when it
    happened by the device's clock; when it was received is stamped as it is written.
    """

    action: str
    entity_type: str
    entity_id: str
    at: Instant
    fields: tuple[str, ...] = ()
    user_id: UUID | None = None
    role: str | None = None
    device_id: UUID | None = None
    school_id: UUID | None = None
    entry_id: UUID | None = None
    detail: Mapping[str, str | int | bool | list[str] | None] | None = None
    id: UUID | None = None
