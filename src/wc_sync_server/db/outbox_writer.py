"""Writing letters into the outbox: in the transaction of what they tell, in one statement."""

from collections.abc import Callable, Collection, Sequence
from functools import partial

import orjson
from psycopg import Connection, Cursor
from psycopg.rows import TupleRow

from wc_contract.model.ids import Chance, DistrictId, new_uuid
from wc_contract.model.instants import Instant
from wc_sync_server.db.errors import RowsNotWritten
from wc_sync_server.domain.messages import Channel, Message

# In the order of their keys, so that two writers of the same happenings wait for each other in one order. Anchored on
# the district's stream row, as all that is written set-wise; it is not locked for this.
_INSERT = """
INSERT INTO outbox_messages (district_id, school_id, id, kind, channel, dedupe_key, payload, next_attempt_at,
                             created_at, updated_at)
SELECT s.district_id, r.school_id, r.id, r.kind, r.channel, r.dedupe_key, r.payload::jsonb, %(at)s, %(at)s, %(at)s
FROM streams AS s CROSS JOIN json_to_recordset(%(rows)s::json) AS r(
    school_id uuid, id uuid, kind text, channel text, dedupe_key text, payload text)
WHERE s.district_id = %(district)s AND s.id = %(district)s
ON CONFLICT (district_id, channel, dedupe_key) DO NOTHING
"""
_THERE = """
SELECT count(*) FROM outbox_messages
WHERE district_id = %(district)s AND channel = ANY(%(channels)s::text[]) AND dedupe_key = ANY(%(keys)s::text[])
"""


def write_messages(
    connection: Connection[TupleRow],
    messages: Sequence[Message],
    channels: Collection[Channel],
    *,
    district: DistrictId,
    at: Instant,
    chance: Chance,
    afterwards: Callable[[Callable[[], None]], None],
) -> None:
    """Write a letter for each message and channel; one whose key was written before stays as it is.

    Raises RowsNotWritten when a letter is neither new nor there already.
    """
    by_key = {message.key: message for message in messages}
    if not by_key or not channels:
        return
    rows = [
        {
            "school_id": message.school,
            "id": new_uuid(at, chance),
            "kind": message.kind.value,
            "channel": channel.value,
            "dedupe_key": key,
            "payload": orjson.dumps(message.payload()).decode(),
        }
        for key, message in sorted(by_key.items())
        for channel in sorted(channels)
    ]
    parameters = {"district": district, "at": at, "rows": orjson.dumps(rows).decode()}
    cursor = connection.execute(_INSERT, parameters)
    asked = {"district": district, "channels": [channel.value for channel in channels], "keys": list(by_key)}
    afterwards(partial(_check_there, connection, cursor, asked, len(rows)))


def _check_there(
    connection: Connection[TupleRow], cursor: Cursor[TupleRow], asked: dict[str, object], given: int
) -> None:
    if cursor.rowcount == given:
        return
    row = connection.execute(_THERE, asked).fetchone()
    there = 0 if row is None else int(row[0])
    if there != given:
        raise RowsNotWritten(table="outbox_messages", given=given, written=there)
