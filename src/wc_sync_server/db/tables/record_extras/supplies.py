"""What the tables of the store room have beyond their declaration."""

from collections.abc import Callable, Iterator

from sqlalchemy import Index
from sqlalchemy.schema import SchemaItem

from wc_sync_server.db.tables.base import check
from wc_sync_server.db.tables.record_extras.parts import living, search, search_index


def _inventory_items() -> Iterator[SchemaItem]:
    table = "inventory_items"
    yield search("name", "description", "category")
    # What is on a shelf may be below nothing: a workstation's movement happened, and is flagged (sync.md).
    yield check(table, "reorder_at", "reorder_at >= 0")
    yield search_index(table)
    yield living("idx_inventory_items_reorder", "school_id", where="quantity <= reorder_at")
    yield living("idx_inventory_items_expires_on", "school_id", "expires_on", where="expires_on IS NOT NULL")


def _inventory_transactions() -> Iterator[SchemaItem]:
    yield check("inventory_transactions", "quantity", "quantity <> 0")
    yield Index("idx_inventory_transactions_item", "district_id", "item_id", "occurred_at")


EXTRAS: dict[str, Callable[[], Iterator[SchemaItem]]] = {
    "inventory_items": _inventory_items,
    "inventory_transactions": _inventory_transactions,
}
