"""The outbox: letters written in the transaction of what they tell, delivered afterwards by a worker."""

from sqlalchemy import Column, Index, Integer, Text, text
from sqlalchemy.dialects.postgresql import JSONB

from wc_sync_server.db.tables.base import (
    Visible,
    check,
    identity,
    index,
    instant,
    one_of,
    primary_key,
    reference,
    tenant_table,
    timestamps,
    unique,
)
from wc_sync_server.domain.messages import Channel, LetterStatus, MessageKind

# One row a message and channel. The payload is codes and ids (domain.messages.Message sees to it).
OUTBOX_MESSAGES = tenant_table(
    "outbox_messages",
    Visible.MAYBE_SCHOOL,
    identity("school_id"),
    identity("id", required=True),  # the idempotency key the other side sees
    Column("kind", Text, nullable=False),
    Column("channel", Text, nullable=False),
    Column("dedupe_key", Text, nullable=False),
    Column("payload", JSONB, nullable=False),
    Column("status", Text, nullable=False, server_default=text("'WAITING'")),
    Column("attempts", Integer, nullable=False, server_default=text("0")),
    instant("next_attempt_at", required=True),
    Column("last_error", Text),  # a code of ours
    instant("delivered_at"),
    *timestamps(),
    primary_key("outbox_messages", "id"),
    unique("outbox_messages", "channel", "dedupe_key"),
    reference("outbox_messages", "school_id", "schools"),
    index("outbox_messages", "school_id"),
    one_of("outbox_messages", "kind", [kind.value for kind in MessageKind]),
    one_of("outbox_messages", "channel", [channel.value for channel in Channel]),
    one_of("outbox_messages", "status", [status.value for status in LetterStatus]),
    check("outbox_messages", "attempts", "attempts >= 0"),
    check("outbox_messages", "delivered", "(status = 'DELIVERED') = (delivered_at IS NOT NULL)"),
    check("outbox_messages", "payload", "octet_length(payload::text) <= 2000"),
    Index(
        "ix_outbox_messages_due",
        "district_id",
        "next_attempt_at",
        "id",
        postgresql_where=text("status = 'WAITING'"),
    ),
    Index(
        "ix_outbox_messages_dead",
        "district_id",
        "updated_at",
        postgresql_where=text("status = 'DEAD'"),
    ),
)
