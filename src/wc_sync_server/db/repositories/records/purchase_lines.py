"""The lines of a purchase order: numbered from one, replaced as a whole in a draft, received in parts."""

# ruff: noqa: S608  # names of our own declaration; values are bound

from collections.abc import Mapping, Sequence
from decimal import Decimal
from uuid import UUID

import orjson

from wc_contract.model.ids import Chance, new_uuid
from wc_sync_server.db.errors import RowsNotWritten
from wc_sync_server.db.repositories.records.desk import Seat
from wc_sync_server.db.repositories.records.keeping import Values, otherwise
from wc_sync_server.db.repositories.records.lists import Listing, all_of
from wc_sync_server.db.repositories.records.living import living
from wc_sync_server.db.tables.money import PURCHASE_ORDER, PURCHASE_ORDER_ITEM
from wc_sync_server.domain.records import purchasing_answers as answers
from wc_sync_server.domain.records.pages import Row

LINES = Listing(kind=PURCHASE_ORDER_ITEM, shape=answers.PURCHASE_LINE, order=("line", "id"))
MOST_LINES = 200

_TABLE = PURCHASE_ORDER_ITEM.table
# The row of a line that was taken out is used again: a number stands once in an order.
_PUT = (
    f"INSERT INTO {_TABLE} AS t (district_id, id, purchase_order_id, line, name, quantity, received_quantity,"
    " unit_price, created_at, updated_at)"
    " SELECT o.district_id, r.id, o.id, r.line, r.name, r.quantity, 0, r.unit_price, %(at)s, %(at)s"
    f" FROM {living(PURCHASE_ORDER, 'o')} CROSS JOIN json_to_recordset(%(rows)s::json)"
    " AS r(id uuid, line integer, name text, quantity numeric, unit_price numeric)"
    " WHERE o.district_id = %(district)s AND o.id = %(order)s"
    " ON CONFLICT (district_id, purchase_order_id, line) DO UPDATE SET name = excluded.name,"
    " quantity = excluded.quantity, unit_price = excluded.unit_price, row_version = t.row_version + 1,"
    " updated_at = excluded.updated_at, deleted_at = NULL"
)
_TAKE_OUT = (
    f"UPDATE {_TABLE} SET deleted_at = %(at)s, updated_at = %(at)s, row_version = row_version + 1"
    " WHERE district_id = %(district)s AND purchase_order_id = %(order)s AND line > %(last)s AND deleted_at IS NULL"
)
_RECEIVE = (
    f"UPDATE {_TABLE} AS t SET received_quantity = r.have, row_version = t.row_version + 1, updated_at = %(at)s"
    " FROM json_to_recordset(%(rows)s::json) AS r(line integer, have numeric)"
    " WHERE t.district_id = %(district)s AND t.purchase_order_id = %(order)s AND t.line = r.line"
)


def lines_of(seat: Seat, order: UUID) -> list[Row]:
    """Return the lines of an order by their number."""
    return all_of(seat.uow, LINES, ["t.purchase_order_id = %(order)s"], {"order": order}, most=MOST_LINES)


def are_lines(present: Sequence[Row], wanted: Sequence[Values]) -> bool:
    """Whether an order has these lines and no others."""
    return len(present) == len(wanted) and not any(map(otherwise, present, wanted))


def put_lines(seat: Seat, order: UUID, wanted: Sequence[Values], chance: Chance) -> None:
    """Give a draft these lines, in this order, and no others."""
    rows = [{**line, "line": number, "id": str(new_uuid(seat.uow.at, chance))} for number, line in enumerate(wanted, 1)]
    values = {"order": order, "rows": orjson.dumps(rows).decode(), "last": len(rows)}
    if rows:
        _do(seat, _PUT, values, len(rows))
    _do(seat, _TAKE_OUT, values)


def write_received(seat: Seat, order: UUID, have: Mapping[int, Decimal]) -> None:
    """Write what each line has received."""
    rows = [{"line": number, "have": str(quantity)} for number, quantity in have.items()]
    _do(seat, _RECEIVE, {"order": order, "rows": orjson.dumps(rows).decode()}, len(rows))


def _do(seat: Seat, statement: str, values: Values, expected: int | None = None) -> None:
    parameters = {**values, "district": seat.uow.context.district, "at": seat.uow.at}
    written = seat.uow.connection.execute(statement.encode(), parameters).rowcount
    if expected is not None and written != expected:
        raise RowsNotWritten(table=_TABLE, given=expected, written=written)
