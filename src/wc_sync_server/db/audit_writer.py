"""Writing the audit: in the transaction it describes, in one statement, and never in the way of a dose."""

from collections.abc import Sequence

import orjson
import structlog
from psycopg import Connection
from psycopg.rows import TupleRow

from wc_contract.model.ids import Chance, DistrictId, new_uuid
from wc_contract.model.instants import Instant
from wc_sync_server.audit.events import AuditEvent
from wc_sync_server.db.streams import Expect

_log = structlog.get_logger(__name__)

_INSERT = """
INSERT INTO {table} (district_id, school_id, id, user_id, role, device_id, entry_id, action, entity_type, entity_id,
                     fields, detail, at, received_at)
SELECT s.district_id, r.school_id, r.id, r.user_id, r.role, r.device_id, r.entry_id, r.action, r.entity_type,
       r.entity_id, r.fields::jsonb, r.detail::jsonb, r.at, coalesce((
    SELECT max(x.to_at) FROM audit_seals AS x WHERE x.district_id = %(district)s AND x.to_at > %(at)s{month}), %(at)s)
FROM streams AS s CROSS JOIN json_to_recordset(%(rows)s::json) AS r(
    school_id uuid, id uuid, user_id uuid, role text, device_id uuid, entry_id uuid, action text, entity_type text,
    entity_id text, fields text, detail text, at timestamptz)
WHERE s.district_id = %(district)s AND s.id = %(district)s
"""
# What is sealed has a date before which nothing is received any more. A clock that was set back would date new lines
# into it, where they would look slipped in; they get the date of the last seal instead, if that has its month.
_HAS_MONTH = " AND to_regclass('audit_logs_' || to_char(x.to_at AT TIME ZONE 'UTC', 'YYYY_MM')) IS NOT NULL"
_INTO_MONTH = _INSERT.format(table="audit_logs", month=_HAS_MONTH)
_INTO_OVERFLOW = _INSERT.format(table="audit_overflow", month="")


def write_audit(
    connection: Connection[TupleRow],
    events: Sequence[AuditEvent],
    *,
    district: DistrictId,
    received_at: Instant,
    chance: Chance,
    month_ready: bool,
    expect: Expect,
) -> None:
    """Put events on record, in one statement.

    When nobody made the month's partition they go to the overflow table, from which ensure_partitions fetches
    them: an audit without a place must not undo a dose.
    """
    if not events:
        return
    rows = [_row(event, received_at, chance) for event in events]
    # orjson writes ids and instants itself, in the form that PostgreSQL reads; aware instants with their offset.
    parameters = {"district": district, "at": received_at, "rows": orjson.dumps(rows).decode()}
    if not month_ready:
        _log.warning("audit.month_missing", district=str(district), events=len(events))
    expect(connection.execute(_INTO_MONTH if month_ready else _INTO_OVERFLOW, parameters), "audit_logs", len(events))


def _row(event: AuditEvent, received_at: Instant, chance: Chance) -> dict[str, object]:
    return {
        "id": event.id or new_uuid(received_at, chance),
        "school_id": event.school_id,
        "user_id": event.user_id,
        "role": event.role,
        "device_id": event.device_id,
        "entry_id": event.entry_id,
        "action": event.action,
        "entity_type": event.entity_type,
        "entity_id": str(event.entity_id),
        "fields": event.fields,
        "detail": event.detail,
        "at": event.at,
    }
