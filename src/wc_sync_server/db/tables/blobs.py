"""Photos and documents: what each is and how far it has come, and its encrypted pieces. They travel by no stream."""

from sqlalchemy import BigInteger, Column, Index, LargeBinary, Text, text

from wc_contract.model.blobs import MediaType
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
)
from wc_sync_server.db.tables.roles import CHART
from wc_sync_server.domain.blobs import BlobStatus

# One row a school and content: what another school has is neither seen nor told. data_key opens the pieces; it is
# sealed like a note, so that a rotation of the ring seals it anew and never touches a piece.
BLOBS = tenant_table(
    "blobs",
    Visible.SCHOOL,
    identity("school_id", required=True),
    identity("id", required=True),
    Column("sha256", Text, nullable=False),
    Column("size_bytes", BigInteger, nullable=False),
    Column("held_bytes", BigInteger, nullable=False, server_default=text("0")),
    Column("media_type", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("data_key", LargeBinary, nullable=False, info={"sealed": True}),
    identity("device_id"),
    identity("uploaded_by", required=True),
    instant("completed_at"),
    *timestamps(),
    primary_key("blobs", "id"),
    reference("blobs", "school_id", "schools"),
    reference("blobs", "device_id", "devices"),
    reference("blobs", "uploaded_by", "users"),
    index("blobs", "school_id", "sha256"),
    index("blobs", "device_id"),
    index("blobs", "uploaded_by"),
    # Two that upload the same at once go on with one row; what turned out to be something else is out of the way.
    Index(
        "uq_blobs_living",
        "district_id",
        "school_id",
        "size_bytes",
        "sha256",
        unique=True,
        postgresql_where=text("status <> 'REFUSED'"),
    ),
    Index("ix_blobs_unfinished", "district_id", "updated_at", postgresql_where=text("status <> 'COMPLETE'")),
    one_of("blobs", "status", [status.value for status in BlobStatus]),
    one_of("blobs", "media_type", [kind.value for kind in MediaType]),
    check("blobs", "sha256", "sha256 ~ '^[0-9a-f]{64}$'"),
    check("blobs", "held_bytes", "held_bytes >= 0 AND held_bytes <= size_bytes AND size_bytes > 0"),
    check("blobs", "complete", "(status = 'COMPLETE') = (completed_at IS NOT NULL)"),
    writers=CHART,
)

BLOB_PIECES = tenant_table(
    "blob_pieces",
    Visible.SCHOOL,
    identity("school_id", required=True),
    identity("blob_id", required=True),
    Column("start_byte", BigInteger, nullable=False),
    Column("byte_count", BigInteger, nullable=False),
    Column("content", LargeBinary, nullable=False, info={"phi": True}),
    instant("created_at", required=True),
    primary_key("blob_pieces", "blob_id", "start_byte"),
    reference("blob_pieces", "blob_id", "blobs", part=True),
    reference("blob_pieces", "school_id", "schools"),
    index("blob_pieces", "school_id"),
    check("blob_pieces", "start_byte", "start_byte >= 0 AND byte_count > 0"),
    writers=CHART,
)
