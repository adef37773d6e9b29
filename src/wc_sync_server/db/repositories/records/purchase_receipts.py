"""Deliveries: what came of an order goes onto the shelves and onto its lines, in one transaction."""

# ruff: noqa: S608  # names of our own declaration; values are bound

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from uuid import UUID
from zoneinfo import ZoneInfo

from wc_contract.model.ids import SchoolId
from wc_contract.model.instants import Instant
from wc_contract.model.kinds import INVENTORY_TRANSACTION
from wc_contract.model.office_values import PurchaseStatus, StockMovement
from wc_sync_server.db.repositories import stock
from wc_sync_server.db.repositories.records.desk import Seat
from wc_sync_server.db.repositories.records.keeping import update_row
from wc_sync_server.db.repositories.records.lists import asked, the_one
from wc_sync_server.db.repositories.records.living import living
from wc_sync_server.db.repositories.records.purchase_lines import lines_of, write_received
from wc_sync_server.db.repositories.records.purchase_rows import ORDERS
from wc_sync_server.db.repositories.records.writing import zone_of
from wc_sync_server.domain.records import answers, purchasing_answers
from wc_sync_server.domain.records import purchasing as law
from wc_sync_server.domain.records.pages import Row
from wc_sync_server.domain.records.purchasing import Receipt
from wc_sync_server.domain.records.refusals import RecordRefused, RecordsProblem
from wc_sync_server.domain.stock import StockCode, StockMove, StockOutcome

_REFUSED: dict[StockCode, tuple[RecordsProblem, str]] = {
    StockCode.ITEM_UNKNOWN: (RecordsProblem.INVALID, "item_id"),
    StockCode.NO_QUANTITY: (RecordsProblem.INVALID, "quantity"),
    StockCode.ID_TAKEN: (RecordsProblem.TAKEN, "id"),
    StockCode.ALREADY_MOVED: (RecordsProblem.TAKEN, "id"),  # a part of this receipt was received with another one
}

_NOTES = (
    f"SELECT t.id, t.note FROM {living(INVENTORY_TRANSACTION, 't')}"
    " WHERE t.district_id = %(district)s AND t.id = ANY(%(ids)s::uuid[])"
)


def receive(seat: Seat, order: UUID, receipt: Receipt, version: int) -> None:
    """Take a receipt in; where all of its movements stand already (the answer was lost), change nothing."""
    before = the_one(seat.uow, ORDERS, order)
    at = receipt.at or seat.uow.at
    moves = _moves(seat, before, receipt, at)
    # The shelves first, the order afterwards: whatever is refused below undoes both.
    outcomes = stock.move_all(seat.uow, SchoolId(before["deliver_to"]), moves) if moves else []
    seat.uow.lock_rows(ORDERS.kind.table, [order])
    present = the_one(seat.uow, ORDERS, order)
    if outcomes and all(outcome.code is StockCode.ALREADY_MOVED for outcome in outcomes):
        _require_same(seat, moves)
        return
    law.require_ordered(present["status"])
    if present["row_version"] != version or present["deliver_to"] != before["deliver_to"]:
        raise RecordRefused(RecordsProblem.STALE, row_version=present["row_version"])
    _require_moved(outcomes)
    _write(seat, present, receipt, _day(seat, present, at))
    for move in moves:
        seat.did(
            "CREATE",
            answers.INVENTORY_TRANSACTION,
            {"id": move.id, "school_id": move.school},
            ("item_id", "kind", "quantity"),
        )


def _moves(seat: Seat, order: Row, receipt: Receipt, at: Instant) -> list[StockMove]:
    school = order["deliver_to"]
    shelved = [(came, came.shelf) for came in receipt.came if came.shelf is not None]
    if shelved and school not in seat.person.schools:
        # No shelf to put it on, or none of the person's.
        raise RecordRefused(RecordsProblem.INVALID, fields=("deliver_to",))
    return [
        StockMove(
            id=shelf.movement,
            school=school,
            item=shelf.item,
            kind=StockMovement.RECEIVED,
            quantity=came.quantity,
            occurred_at=at,
            actor=seat.person.user,
            note=f"{order['number']}, {came.line}",
        )
        for came, shelf in shelved
    ]


def _require_moved(outcomes: Sequence[StockOutcome]) -> None:
    for outcome in outcomes:
        if outcome.code is not StockCode.MOVED:
            problem, field = _REFUSED.get(outcome.code, (RecordsProblem.INVALID, "quantity"))
            raise RecordRefused(problem, fields=(field,))


def _require_same(seat: Seat, moves: Sequence[StockMove]) -> None:
    """Raise RecordRefused(TAKEN) unless each movement that stands was made for this line of this order."""
    values = {"district": seat.uow.context.district, "ids": [move.id for move in moves]}
    notes = {row["id"]: row["note"] for row in asked(seat.uow, _NOTES, values)}
    if any(notes.get(move.id) != move.note for move in moves):
        raise RecordRefused(RecordsProblem.TAKEN, fields=("id",))


def _write(seat: Seat, order: Row, receipt: Receipt, day: date) -> None:
    lines = lines_of(seat, order["id"])
    have = law.received(lines, receipt)
    if order["ordered_on"] is not None and day < order["ordered_on"]:
        raise RecordRefused(RecordsProblem.INVALID, fields=("received_at",))
    complete = law.is_complete(lines, have)
    done = {"status": PurchaseStatus.RECEIVED.value, "received_on": day} if complete else {}
    write_received(seat, order["id"], _changed(lines, have))
    update_row(seat, ORDERS, order, done, order["row_version"], parts=["lines"])
    for line in lines:
        if have[line["line"]] != line["received_quantity"]:
            seat.did("UPDATE", purchasing_answers.PURCHASE_LINE, line, ("received_quantity",))


def _changed(lines: Sequence[Row], have: dict[int, Decimal]) -> dict[int, Decimal]:
    return {line["line"]: have[line["line"]] for line in lines if have[line["line"]] != line["received_quantity"]}


def _day(seat: Seat, order: Row, at: Instant) -> date:
    zone = "UTC" if order["deliver_to"] is None else zone_of(seat, order["deliver_to"])
    return at.astimezone(ZoneInfo(zone)).date()
