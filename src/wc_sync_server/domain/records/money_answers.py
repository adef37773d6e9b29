"""The shapes of the budget, whose tables only the central database declares; a test holds the two together."""

from wc_contract.model.kinds import Field, FieldType
from wc_sync_server.domain.records.shapes import ID, ROW_VERSION, Shape

BUDGET_CATEGORY = Shape(
    name="BudgetCategory",
    entity="budget_category",
    own=(
        ID,
        ROW_VERSION,
        Field(name="fiscal_year", type=FieldType.INTEGER, required=True),
        Field(name="name", type=FieldType.TEXT, required=True, plain=True),
        Field(name="allocated", type=FieldType.DECIMAL, required=True),
        Field(name="spent_amount", type=FieldType.DECIMAL, required=True),
    ),
)
BUDGET_TRANSACTION = Shape(
    name="BudgetTransaction",
    entity="budget_transaction",
    own=(
        ID,
        ROW_VERSION,
        Field(name="category_id", type=FieldType.UUID, required=True, references="budget_categories"),
        Field(name="amount", type=FieldType.DECIMAL, required=True),
        Field(name="occurred_on", type=FieldType.DATE, required=True),
        Field(name="description", type=FieldType.TEXT, plain=True),
        Field(name="purchase_order_id", type=FieldType.UUID, references="purchase_orders"),
        Field(name="reverses_id", type=FieldType.UUID, references="budget_transactions"),
        Field(name="posted_by", type=FieldType.UUID, references="users"),
    ),
    joined=(Field(name="posted_by_name", type=FieldType.TEXT),),
)
