"""The shapes of buying, whose tables only the central database declares; a test holds the two together."""

from wc_contract.model.kinds import Field, FieldType
from wc_contract.model.office_values import PurchaseStatus
from wc_sync_server.domain.records.shapes import ID, ROW_VERSION, Shape

SUPPLIER = Shape(
    name="Supplier",
    entity="supplier",
    own=(
        ID,
        ROW_VERSION,
        Field(name="name", type=FieldType.TEXT, required=True, plain=True),
        Field(name="account_number", type=FieldType.TEXT, plain=True),
        Field(name="email", type=FieldType.TEXT, plain=True),
        Field(name="phone", type=FieldType.TEXT, plain=True),
        Field(name="is_active", type=FieldType.BOOLEAN, required=True),
    ),
)
PURCHASE_ORDER = Shape(
    name="PurchaseOrder",
    entity="purchase_order",
    own=(
        ID,
        ROW_VERSION,
        Field(name="number", type=FieldType.TEXT, required=True, plain=True),
        Field(name="supplier_id", type=FieldType.UUID, required=True, references="suppliers"),
        Field(name="deliver_to", type=FieldType.UUID, references="schools"),
        Field(name="budget_category_id", type=FieldType.UUID, references="budget_categories"),
        Field(
            name="status", type=FieldType.TEXT, required=True, values=tuple(status.value for status in PurchaseStatus)
        ),
        Field(name="ordered_on", type=FieldType.DATE),
        Field(name="expected_on", type=FieldType.DATE),
        Field(name="received_on", type=FieldType.DATE),
        Field(name="ordered_by", type=FieldType.UUID, references="users"),
        Field(name="note", type=FieldType.TEXT, plain=True),
    ),
    joined=(
        Field(name="supplier_name", type=FieldType.TEXT),
        Field(name="deliver_to_name", type=FieldType.TEXT),
        Field(name="ordered_by_name", type=FieldType.TEXT),
        Field(name="total", type=FieldType.DECIMAL, required=True),
        Field(name="set_aside", type=FieldType.DECIMAL, required=True),
    ),
)
PURCHASE_LINE = Shape(
    name="PurchaseLine",
    entity="purchase_order_item",
    own=(
        ID,
        ROW_VERSION,
        Field(name="line", type=FieldType.INTEGER, required=True),
        Field(name="name", type=FieldType.TEXT, required=True, plain=True),
        Field(name="quantity", type=FieldType.DECIMAL, required=True),
        Field(name="received_quantity", type=FieldType.DECIMAL, required=True),
        Field(name="unit_price", type=FieldType.DECIMAL, required=True),
    ),
)
