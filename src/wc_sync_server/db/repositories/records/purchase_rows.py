"""Purchase orders as they are read: lists, and one whole with its lines and the postings behind it."""

# ruff: noqa: S608  # names of our own declaration; values are bound

from collections.abc import Mapping
from uuid import UUID

from wc_contract.model import kinds
from wc_sync_server.db.repositories.records import joins
from wc_sync_server.db.repositories.records.desk import Seat
from wc_sync_server.db.repositories.records.lists import Listing, all_of, equal, the_one
from wc_sync_server.db.repositories.records.living import living
from wc_sync_server.db.repositories.records.money import TRANSACTIONS
from wc_sync_server.db.repositories.records.purchase_lines import lines_of
from wc_sync_server.db.tables.money import BUDGET_TRANSACTION, PURCHASE_ORDER, PURCHASE_ORDER_ITEM, SUPPLIER
from wc_sync_server.domain.records import purchasing_answers as answers
from wc_sync_server.domain.records.pages import Row
from wc_sync_server.domain.records.purchasing import PurchasesAsked
from wc_sync_server.domain.records.whole import Whole

_MOST_POSTINGS = 200
_ORDERER_NAME = joins.person("ordered_by", "ordered_by_name")
ORDERS = Listing(
    kind=PURCHASE_ORDER,
    shape=answers.PURCHASE_ORDER,
    order=("created_at", "id"),
    descending=True,
    joins=(
        f"LEFT JOIN {living(SUPPLIER, 's')} ON s.district_id = t.district_id AND s.id = t.supplier_id"
        f" LEFT JOIN {living(kinds.SCHOOL, 'c')} ON c.district_id = t.district_id AND c.id = t.deliver_to"
    ),
    joined={
        "supplier_name": "s.name",
        "deliver_to_name": "c.name",
        **_ORDERER_NAME,
        "total": (
            f"(SELECT coalesce(sum(round(i.quantity * i.unit_price, 2)), 0) FROM {living(PURCHASE_ORDER_ITEM, 'i')}"
            " WHERE i.district_id = t.district_id AND i.purchase_order_id = t.id)"
        ),
        "set_aside": (
            f"(SELECT coalesce(sum(b.amount), 0) FROM {living(BUDGET_TRANSACTION, 'b')}"
            " WHERE b.district_id = t.district_id AND b.purchase_order_id = t.id)"
        ),
    },
)


def conditions_of(wanted: PurchasesAsked) -> tuple[list[str], Mapping[str, object]]:
    """Return the conditions of a list, and their values."""
    values: dict[str, object] = {
        "status": wanted.status,
        "supplier": wanted.supplier,
        "school": wanted.school,
        "category": wanted.category,
        "late": wanted.late,
    }
    conditions = equal(
        values, status="status", supplier="supplier_id", school="deliver_to", category="budget_category_id"
    )
    if wanted.late is not None:
        conditions.append("t.status = 'ORDERED' AND t.expected_on < %(late)s")
    return conditions, values


def whole_order(seat: Seat, order: UUID, row: Row | None = None) -> Whole:
    """Return an order with its lines and its postings. Raises RecordRefused(NO_RECORD)."""
    record = row or the_one(seat.uow, ORDERS, order)
    postings = all_of(
        seat.uow, TRANSACTIONS, ["t.purchase_order_id = %(order)s"], {"order": order}, most=_MOST_POSTINGS
    )
    return Whole(record=record, parts={"lines": lines_of(seat, order), "postings": postings})
