"""Moving stock on PostgreSQL: the shelf is read and written under its lock, with the movement beside it."""

from decimal import Decimal
from typing import Any

from wc_contract.model.instants import instant_to_text
from wc_contract.model.kinds import INVENTORY_ITEM, INVENTORY_TRANSACTION
from wc_sync_server.db.errors import RowUnknown
from wc_sync_server.db.repositories.wire_sql import wire_object
from wc_sync_server.db.unit_of_work import UnitOfWork
from wc_sync_server.domain.stock import StockCode, StockMove, StockOutcome, judge_move

_SAME = "district_id = %(district)s AND t.school_id = %(school)s"
_ITEM = f"""
SELECT {wire_object(INVENTORY_ITEM.name, "t")} FROM inventory_items t
WHERE t.{_SAME} AND t.id = %(item)s AND t.deleted_at IS NULL
"""  # noqa: S608  # our own declaration
_MOVED = """
SELECT item_id, quantity, kind FROM inventory_transactions WHERE district_id = %(district)s AND id = %(id)s
"""


def move(uow: UnitOfWork, move_: StockMove) -> StockOutcome:
    """Take a movement into the ledger unless the shelf would go below zero; the caller puts it on record and commits.

    The same movement again answers ALREADY_MOVED and changes nothing.
    """
    uow.lock_streams(move_.school)
    try:
        uow.lock_rows(INVENTORY_ITEM.table, [move_.item])
    except RowUnknown:
        return StockOutcome(code=StockCode.ITEM_UNKNOWN)
    item = _one(uow, _ITEM, school=move_.school, item=move_.item)
    if item is None:
        return StockOutcome(code=StockCode.ITEM_UNKNOWN)
    on_shelf = Decimal(item[0]["quantity"])
    known = _one(uow, _MOVED, id=move_.id)
    if known is not None:
        same = known == (move_.item, move_.quantity, move_.kind.value)
        return StockOutcome(code=StockCode.ALREADY_MOVED if same else StockCode.ID_TAKEN, quantity=on_shelf)
    outcome = judge_move(on_shelf, move_.quantity)
    if outcome.code is StockCode.MOVED:
        _write(uow, move_, {**item[0], "quantity": str(outcome.quantity)})
    return outcome


def _write(uow: UnitOfWork, move_: StockMove, item: dict[str, Any]) -> None:
    movement = {
        "id": str(move_.id),
        "item_id": str(move_.item),
        "kind": move_.kind.value,
        "quantity": str(move_.quantity),
        "occurred_at": instant_to_text(move_.occurred_at),
        "actor_id": None if move_.actor is None else str(move_.actor),
        "visit_id": None if move_.visit is None else str(move_.visit),
        "note": move_.note,
    }
    with uow.together():
        uow.write_rows(INVENTORY_ITEM, move_.school, [item])
        uow.write_rows(INVENTORY_TRANSACTION, move_.school, [movement])


def _one(uow: UnitOfWork, statement: str, **values: object) -> tuple[Any, ...] | None:
    parameters = {"district": uow.context.district, **values}
    return uow.connection.execute(statement.encode(), parameters).fetchone()
