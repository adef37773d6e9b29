"""What stands on the shelves, and every movement of it."""

from wc_contract.model.kinds.fields import (
    DATE,
    DECIMAL,
    INSTANT,
    TEXT,
    UUID,
    MergePolicy,
    RecordKind,
    Scope,
    choice,
    column,
)
from wc_contract.model.office_values import StockMovement

INVENTORY_ITEM = RecordKind(
    name="inventory_item",
    table="inventory_items",
    scope=Scope.SCHOOL,
    merge=MergePolicy.MOVEMENTS,
    fields=(
        column("name", TEXT, "!~"),
        column("description", TEXT, "~"),
        column("category", TEXT, "~"),
        column("lot", TEXT, "~"),
        column("expires_on", DATE),
        column("unit", TEXT, "~"),
        column("location", TEXT, "~"),
        column("quantity", DECIMAL, "!"),
        column("reorder_at", DECIMAL),
    ),
)
INVENTORY_TRANSACTION = RecordKind(
    name="inventory_transaction",
    table="inventory_transactions",
    scope=Scope.SCHOOL,
    merge=MergePolicy.MOVEMENTS,
    append_only=True,
    fields=(
        column("item_id", UUID, "!", "inventory_items"),
        choice("kind", StockMovement, "!"),
        column("quantity", DECIMAL, "!"),  # what came in, or minus what went out
        column("occurred_at", INSTANT, "!"),
        column("actor_id", UUID, "", "users"),
        column("visit_id", UUID, "", "clinic_visits"),
        column("note", TEXT, "*"),
    ),
)
