"""How records travel: streams and removals, receipts and refusals, epochs, and which cell holds a district."""

from sqlalchemy import BigInteger, Column, Index, PrimaryKeyConstraint, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB

from wc_contract.wire.codes import Outcome
from wc_sync_server.db.tables.base import (
    Visible,
    check,
    identity,
    index,
    instant,
    local_table,
    one_of,
    primary_key,
    reference,
    tenant_table,
    timestamps,
)

REMOVAL_REASONS = ("deleted", "moved", "scope")

# id is the district's own for the district's stream and the school's for a school's. It points at no district:
# the district's row is itself stamped from this stream.
STREAMS = tenant_table(
    "streams",
    Visible.MAYBE_SCHOOL,
    identity("id", required=True),
    Column("kind", Text, nullable=False),
    identity("school_id"),
    Column("head", BigInteger, nullable=False, server_default=text("0")),
    Column("heads", JSONB, nullable=False, server_default=text("'{}'::jsonb")),  # newest row_version by kind
    *timestamps(),
    primary_key("streams", "id"),
    reference("streams", "school_id", "schools"),
    index("streams", "school_id"),
    one_of("streams", "kind", ("SCHOOL", "DISTRICT")),
    check(
        "streams",
        "id",
        "CASE kind WHEN 'DISTRICT' THEN school_id IS NULL AND id = district_id ELSE school_id = id END",
    ),
    check("streams", "head", "head >= 0"),
)

REMOVALS = tenant_table(
    "removals",
    Visible.MAYBE_SCHOOL,
    identity("school_id"),
    identity("stream_id", required=True),
    Column("kind", Text, nullable=False),
    identity("record_id", required=True),
    Column("row_version", BigInteger, nullable=False),
    Column("reason", Text, nullable=False),
    *timestamps(),
    primary_key("removals", "stream_id", "kind", "record_id"),
    reference("removals", "stream_id", "streams"),
    reference("removals", "school_id", "schools"),
    index("removals", "school_id"),
    index("removals", "stream_id", "row_version"),
    one_of("removals", "reason", REMOVAL_REASONS),
)

# Never expire: a laptop returns after the summer and asks again. What was sent (body, signature) is taken out after 400
# days; what was answered stays, and with it numbers, forks and repeats are known for ever.
RECEIPTS = tenant_table(
    "receipts",
    Visible.SCHOOL,
    identity("school_id", required=True),
    identity("entry_id", required=True),
    identity("device_id", required=True),
    Column("number", BigInteger, nullable=False),
    Column("hash", Text, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("code", Text),
    Column("fields", JSONB, nullable=False, server_default=text("'[]'::jsonb")),
    Column("findings", JSONB, nullable=False, server_default=text("'[]'::jsonb")),
    Column("cases", JSONB, nullable=False, server_default=text("'[]'::jsonb")),
    Column("body", Text, nullable=False, info={"phi": True}),
    Column("signature", Text, nullable=False),
    instant("received_at", required=True),
    *timestamps(),
    primary_key("receipts", "entry_id"),
    UniqueConstraint("district_id", "device_id", "number", name="uq_receipts_device_id_number"),
    reference("receipts", "school_id", "schools"),
    reference("receipts", "device_id", "devices"),
    index("receipts", "school_id", "received_at"),
    one_of("receipts", "outcome", [outcome.value for outcome in Outcome]),
    check("receipts", "number", "number > 0"),
    check("receipts", "hash", "hash ~ '^[0-9a-f]{64}$'"),
)

# The final answer to an entry that waited: its receipt stays as it was first given.
LATER_ANSWERS = tenant_table(
    "later_answers",
    Visible.SCHOOL,
    identity("school_id", required=True),
    identity("entry_id", required=True),
    Column("outcome", Text, nullable=False),
    Column("code", Text),
    Column("fields", JSONB, nullable=False, server_default=text("'[]'::jsonb")),
    Column("findings", JSONB, nullable=False, server_default=text("'[]'::jsonb")),
    Column("cases", JSONB, nullable=False, server_default=text("'[]'::jsonb")),
    instant("received_at", required=True),
    *timestamps(),
    primary_key("later_answers", "entry_id"),
    reference("later_answers", "school_id", "schools"),
    index("later_answers", "school_id"),
    one_of("later_answers", "outcome", [outcome.value for outcome in Outcome if outcome is not Outcome.WAITING]),
)

# What was refused is kept whole until a person answers it (law 1).
REFUSED_ENTRIES = tenant_table(
    "refused_entries",
    Visible.SCHOOL,
    identity("school_id", required=True),
    identity("id", required=True),
    identity("entry_id"),  # unknown when the body does not even read
    identity("device_id", required=True),
    Column("number", BigInteger),
    Column("hash", Text, nullable=False),
    Column("code", Text, nullable=False),
    Column("fields", JSONB, nullable=False, server_default=text("'[]'::jsonb")),
    Column("body", Text, nullable=False, info={"phi": True}),
    Column("signature", Text, nullable=False),
    instant("received_at", required=True),
    instant("answered_at"),
    identity("answered_by"),
    identity("answered_entry_id"),  # the entry that says it again, mended
    *timestamps(),
    primary_key("refused_entries", "id"),
    reference("refused_entries", "school_id", "schools"),
    reference("refused_entries", "device_id", "devices"),
    reference("refused_entries", "answered_by", "users"),
    index("refused_entries", "school_id", "received_at"),
    index("refused_entries", "device_id"),
    index("refused_entries", "answered_by"),
)

SERVER_EPOCHS = local_table(
    "server_epochs",
    identity("id", required=True),
    Column("reason", Text, nullable=False),
    instant("minted_at", required=True),
    PrimaryKeyConstraint("id", name="pk_server_epochs"),
    Index("ix_server_epochs_minted_at", "minted_at"),
)

DISTRICT_DIRECTORY = local_table(
    "district_directory",
    identity("district_id", required=True),
    Column("code", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("cell", Text, nullable=False, server_default=text("'main'")),
    *timestamps(),
    PrimaryKeyConstraint("district_id", name="pk_district_directory"),
    UniqueConstraint("code", name="uq_district_directory_code"),
    check("district_directory", "code", "code ~ '^[a-z0-9][a-z0-9-]{1,62}$'"),
)
