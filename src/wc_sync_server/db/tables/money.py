"""Suppliers, purchase orders and budgets: the district's money. None of it goes to a workstation."""

from sqlalchemy import Index, text

from wc_contract.model.kinds import MergePolicy, RecordKind, Scope
from wc_contract.model.kinds.fields import BOOLEAN, DATE, DECIMAL, INTEGER, TEXT, UUID, choice, column
from wc_contract.model.office_values import PurchaseStatus
from wc_sync_server.db.tables.base import check, not_before, unique
from wc_sync_server.db.tables.kind_tables import server_table
from wc_sync_server.db.tables.roles import MONEY_READERS, OFFICE

SUPPLIER = RecordKind(
    name="supplier",
    table="suppliers",
    scope=Scope.DISTRICT,
    merge=MergePolicy.SERVER_ONLY,
    replicated=False,
    fields=(
        column("name", TEXT, "!~"),
        column("account_number", TEXT, "~"),
        column("email", TEXT, "~"),
        column("phone", TEXT, "~"),
        column("is_active", BOOLEAN, "!"),
    ),
)
BUDGET_CATEGORY = RecordKind(
    name="budget_category",
    table="budget_categories",
    scope=Scope.DISTRICT,
    merge=MergePolicy.SERVER_ONLY,
    replicated=False,
    fields=(
        column("fiscal_year", INTEGER, "!"),
        column("name", TEXT, "!~"),
        column("allocated", DECIMAL, "!"),
        column("spent_amount", DECIMAL, "!"),
    ),
)
PURCHASE_ORDER = RecordKind(
    name="purchase_order",
    table="purchase_orders",
    scope=Scope.DISTRICT,
    merge=MergePolicy.SERVER_ONLY,
    replicated=False,
    fields=(
        column("number", TEXT, "!~"),
        column("supplier_id", UUID, "!", "suppliers"),
        column("deliver_to", UUID, "", "schools"),
        column("budget_category_id", UUID, "", "budget_categories"),
        choice("status", PurchaseStatus, "!"),
        column("ordered_on", DATE),
        column("expected_on", DATE),
        column("received_on", DATE),
        column("ordered_by", UUID, "", "users"),
        column("note", TEXT, "~"),
    ),
)
PURCHASE_ORDER_ITEM = RecordKind(
    name="purchase_order_item",
    table="purchase_order_items",
    scope=Scope.DISTRICT,
    merge=MergePolicy.SERVER_ONLY,
    replicated=False,
    fields=(
        column("purchase_order_id", UUID, "!^", "purchase_orders"),
        column("line", INTEGER, "!"),
        column("name", TEXT, "!~"),
        column("quantity", DECIMAL, "!"),
        column("received_quantity", DECIMAL, "!"),
        column("unit_price", DECIMAL, "!"),
    ),
)
BUDGET_TRANSACTION = RecordKind(
    name="budget_transaction",
    table="budget_transactions",
    scope=Scope.DISTRICT,
    merge=MergePolicy.SERVER_ONLY,
    append_only=True,
    replicated=False,
    fields=(
        column("category_id", UUID, "!", "budget_categories"),
        column("amount", DECIMAL, "!"),
        column("occurred_on", DATE, "!"),
        column("description", TEXT, "~"),
        column("purchase_order_id", UUID, "", "purchase_orders"),
        column("reverses_id", UUID, "", "budget_transactions"),
        column("posted_by", UUID, "", "users"),
    ),
)

SUPPLIERS = server_table(SUPPLIER, unique("suppliers", "name"), writers=OFFICE, readers=MONEY_READERS)
BUDGET_CATEGORIES = server_table(
    BUDGET_CATEGORY,
    unique("budget_categories", "fiscal_year", "name"),
    check("budget_categories", "allocated", "allocated >= 0"),
    # The ceiling, once more below whoever posts: no way to write leads past it.
    check("budget_categories", "ceiling", "spent_amount >= 0 AND spent_amount <= allocated"),
    writers=OFFICE,
    readers=MONEY_READERS,
)
PURCHASE_ORDERS = server_table(
    PURCHASE_ORDER,
    unique("purchase_orders", "number"),
    not_before("purchase_orders", "expected_on", "ordered_on"),
    not_before("purchase_orders", "received_on", "ordered_on"),
    writers=OFFICE,
    readers=MONEY_READERS,
)
PURCHASE_ORDER_ITEMS = server_table(
    PURCHASE_ORDER_ITEM,
    unique("purchase_order_items", "purchase_order_id", "line"),
    check("purchase_order_items", "quantity", "quantity > 0"),
    check("purchase_order_items", "unit_price", "unit_price >= 0"),
    check("purchase_order_items", "received_quantity", "received_quantity BETWEEN 0 AND quantity"),
    writers=OFFICE,
    readers=MONEY_READERS,
)
BUDGET_TRANSACTIONS = server_table(
    BUDGET_TRANSACTION,
    # A posting is reversed at most once.
    unique("budget_transactions", "reverses_id"),
    check("budget_transactions", "amount", "amount <> 0"),
    check("budget_transactions", "reverses_id", "reverses_id <> id"),
    Index("idx_budget_transactions_occurred", "district_id", "category_id", text("occurred_on DESC")),
    writers=OFFICE,
    readers=MONEY_READERS,
)
