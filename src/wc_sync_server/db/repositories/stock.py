"""Moving stock on PostgreSQL: the shelf is read and written under its lock, with the movement beside it."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from wc_contract.model.apply import WireValue
from wc_contract.model.ids import SchoolId
from wc_contract.model.instants import instant_to_text
from wc_contract.model.kinds import INVENTORY_ITEM, INVENTORY_TRANSACTION
from wc_sync_server.db.errors import RowUnknown
from wc_sync_server.db.repositories.wire_sql import wire_object
from wc_sync_server.db.unit_of_work import UnitOfWork
from wc_sync_server.domain.stock import StockCode, StockMove, StockOutcome, judge_move

_ITEMS = f"""
SELECT {wire_object(INVENTORY_ITEM.name, "t")} FROM inventory_items t
WHERE t.district_id = %(district)s AND t.school_id = %(school)s AND t.id = ANY(%(items)s::uuid[])
  AND t.deleted_at IS NULL
"""  # noqa: S608  # our own declaration
_MOVED = """
SELECT id, item_id, quantity, kind FROM inventory_transactions
WHERE district_id = %(district)s AND id = ANY(%(ids)s::uuid[])
"""


def move(uow: UnitOfWork, move_: StockMove) -> StockOutcome:
    """Take a movement into the ledger unless the shelf would go below zero; the caller puts it on record and commits.

    The same movement again answers ALREADY_MOVED and changes nothing.
    """
    (outcome,) = move_all(uow, move_.school, [move_])
    return outcome


def move_all(uow: UnitOfWork, school: SchoolId, moves: Sequence[StockMove]) -> list[StockOutcome]:
    """Take the movements of a school into the ledger, all of them or, when one cannot be, none; as move does one.

    Whatever their number, it costs the same statements.
    """
    uow.lock_streams(school)
    try:
        uow.lock_rows(INVENTORY_ITEM.table, {each.item for each in moves})
    except RowUnknown:
        return [StockOutcome(code=StockCode.ITEM_UNKNOWN) for _ in moves]
    items = {UUID(row[0]["id"]): row[0] for row in _all(uow, _ITEMS, school=school, items=[m.item for m in moves])}
    known: dict[UUID, tuple[Any, ...]] = {row[0]: row[1:] for row in _all(uow, _MOVED, ids=[each.id for each in moves])}
    on_shelf = {id_: Decimal(item["quantity"]) for id_, item in items.items()}
    outcomes = [_judged(each, on_shelf, known) for each in moves]
    if all(outcome.code is StockCode.MOVED for outcome in outcomes):
        _write(uow, school, moves, [{**items[id_], "quantity": str(left)} for id_, left in on_shelf.items()])
    return outcomes


def _judged(move_: StockMove, on_shelf: dict[UUID, Decimal], known: dict[UUID, tuple[Any, ...]]) -> StockOutcome:
    """Return what a movement comes to after those before it, and remember it with what is then on the shelf."""
    present = on_shelf.get(move_.item)
    if present is None:
        return StockOutcome(code=StockCode.ITEM_UNKNOWN)
    if move_.id in known:
        same = known[move_.id] == _said(move_)
        return StockOutcome(code=StockCode.ALREADY_MOVED if same else StockCode.ID_TAKEN, quantity=present)
    outcome = judge_move(present, move_.quantity)
    if outcome.code is StockCode.MOVED and outcome.quantity is not None:
        on_shelf[move_.item] = outcome.quantity
        known[move_.id] = _said(move_)
    return outcome


def _said(move_: StockMove) -> tuple[UUID, Decimal, str]:
    return move_.item, move_.quantity, move_.kind.value


def _write(uow: UnitOfWork, school: SchoolId, moves: Sequence[StockMove], items: Sequence[dict[str, Any]]) -> None:
    with uow.together():
        uow.write_rows(INVENTORY_ITEM, school, items)
        uow.write_rows(INVENTORY_TRANSACTION, school, [_movement(each) for each in moves])


def _movement(move_: StockMove) -> dict[str, WireValue]:
    return {
        "id": str(move_.id),
        "item_id": str(move_.item),
        "kind": move_.kind.value,
        "quantity": str(move_.quantity),
        "occurred_at": instant_to_text(move_.occurred_at),
        "actor_id": None if move_.actor is None else str(move_.actor),
        "visit_id": None if move_.visit is None else str(move_.visit),
        "note": move_.note,
    }


def _all(uow: UnitOfWork, statement: str, **values: object) -> list[tuple[Any, ...]]:
    parameters = {"district": uow.context.district, **values}
    return uow.connection.execute(statement.encode(), parameters).fetchall()
