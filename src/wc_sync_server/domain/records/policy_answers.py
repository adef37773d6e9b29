"""The shapes of policies and of who has read them; a test holds them to the tables, which the server alone declares."""

from wc_contract.model.kinds import USER, Field, FieldType
from wc_sync_server.domain.records.policies import DocumentStatus
from wc_sync_server.domain.records.shapes import ID, ROW_VERSION, Shape, shape_of

_LISTED = (
    ID,
    ROW_VERSION,
    Field(name="code", type=FieldType.TEXT, required=True, plain=True),
    Field(name="version", type=FieldType.INTEGER, required=True),
    Field(name="title", type=FieldType.TEXT, required=True, plain=True),
    Field(name="status", type=FieldType.TEXT, required=True, values=tuple(each.value for each in DocumentStatus)),
    Field(name="effective_on", type=FieldType.DATE, required=True),
    Field(name="review_due", type=FieldType.DATE),
    Field(name="published_by", type=FieldType.UUID, references="users"),
)
_JOINED = (
    Field(name="published_by_name", type=FieldType.TEXT),
    # The day from which a later version holds instead.
    Field(name="superseded_on", type=FieldType.DATE),
)

POLICY_LISTED = Shape(name="PolicyListed", entity="policy_document", own=_LISTED, joined=_JOINED)
POLICY = Shape(
    name="Policy",
    entity="policy_document",
    own=(*_LISTED, Field(name="body", type=FieldType.TEXT, required=True, plain=True)),
    joined=_JOINED,
)
ACKNOWLEDGMENT = Shape(
    name="PolicyAcknowledgment",
    entity="policy_acknowledgment",
    own=(
        ID,
        ROW_VERSION,
        Field(name="document_id", type=FieldType.UUID, required=True, references="policy_documents"),
        Field(name="user_id", type=FieldType.UUID, required=True, references="users"),
        Field(name="acknowledged_at", type=FieldType.INSTANT, required=True),
    ),
    joined=(Field(name="user_name", type=FieldType.TEXT),),
)
# Who has yet to read a policy, and where they work: none for people of the office.
UNREAD = shape_of(
    "PolicyUnread",
    USER,
    "first_name last_name role",
    Field(name="schools", type=FieldType.JSON, required=True, plain=True),
)
