"""What stands on shelves: lists, items, and movements, by which alone a quantity changes."""

from uuid import UUID

from wc_contract.model import kinds
from wc_contract.model.ids import SchoolId
from wc_sync_server.db.operations import STOCK
from wc_sync_server.db.repositories import stock
from wc_sync_server.db.repositories.records import joins
from wc_sync_server.db.repositories.records.desk import Desk, Seat
from wc_sync_server.db.repositories.records.lists import Listing, of_schools, page_of, the_one
from wc_sync_server.db.repositories.records.seen import seen_one, seen_page
from wc_sync_server.db.repositories.records.writing import Changes, add_record, change_record, school_of
from wc_sync_server.domain.records import answers
from wc_sync_server.domain.records.movements import MoveAsked
from wc_sync_server.domain.records.pages import Page, Row, Window
from wc_sync_server.domain.records.person import Person
from wc_sync_server.domain.records.questions import ItemsAsked
from wc_sync_server.domain.records.refusals import RecordRefused, RecordsProblem
from wc_sync_server.domain.stock import StockCode, StockMove

_ACTOR_NAME = joins.person("actor_id", "actor_name")
ITEMS = Listing(kind=kinds.INVENTORY_ITEM, shape=answers.INVENTORY_ITEM, order=("name", "id"))
MOVEMENTS = Listing(
    kind=kinds.INVENTORY_TRANSACTION,
    shape=answers.INVENTORY_TRANSACTION,
    order=("occurred_at", "id"),
    descending=True,
    joined=_ACTOR_NAME,
)
_REFUSED: dict[StockCode, tuple[RecordsProblem, str]] = {
    StockCode.BELOW_ZERO: (RecordsProblem.NOT_IN_STOCK, "quantity"),
    StockCode.NO_QUANTITY: (RecordsProblem.INVALID, "quantity"),
    StockCode.ID_TAKEN: (RecordsProblem.TAKEN, "id"),
}


class PostgresInventory:
    """Stock of the person's schools (api.records_ports.Inventory)."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def listed(self, person: Person, wanted: ItemsAsked, window: Window) -> Page:
        """Return a page of items by name."""
        values = {"school": wanted.school, "category": wanted.category, "expiring": wanted.expiring}
        return self._desk.read(person, seen_page(ITEMS, _conditions(wanted), values, window), school=wanted.school)

    def one(self, person: Person, item: UUID) -> Row:
        """Return an item. Raises RecordRefused(NO_RECORD)."""
        return self._desk.read(person, seen_one(ITEMS, item))

    def movements(self, person: Person, item: UUID, window: Window) -> Page:
        """Return a page of an item's movements, the newest first. Raises RecordRefused(NO_RECORD)."""

        def look(seat: Seat) -> Page:
            the_one(seat.uow, ITEMS, item)
            page = page_of(seat.uow, MOVEMENTS, ["t.item_id = %(item)s"], {"item": item}, window)
            seat.saw(answers.INVENTORY_TRANSACTION, page.rows, via="list")
            return page

        return self._desk.read(person, look)

    def add(self, person: Person, school: SchoolId, values: Changes) -> Row:
        """Put a new item on a school's shelf, none of it yet. Raises RecordRefused: NO_RECORD (the school), TAKEN."""
        if school not in person.schools:
            raise RecordRefused(RecordsProblem.NO_RECORD)

        def work(seat: Seat) -> Row:
            seat.uow.lock_streams(school)
            add_record(seat, kinds.INVENTORY_ITEM, answers.INVENTORY_ITEM, school, values, {"quantity": "0"})
            return the_one(seat.uow, ITEMS, values["id"])

        return self._desk.write(person, work)

    def change(self, person: Person, item: UUID, changes: Changes, version: int) -> Row:
        """Change what is said of an item, not how much there is. Raises RecordRefused: NO_RECORD, STALE."""

        def work(seat: Seat) -> Row:
            change_record(seat, kinds.INVENTORY_ITEM, answers.INVENTORY_ITEM, item, changes, version)
            return the_one(seat.uow, ITEMS, item)

        return self._desk.write(person, work)

    def move(self, person: Person, item: UUID, asked: MoveAsked) -> Row:
        """Take something in or out. Raises RecordRefused: NO_RECORD, NOT_IN_STOCK, TAKEN."""

        def work(seat: Seat) -> Row:
            school = school_of(seat, kinds.INVENTORY_ITEM, item)
            move = StockMove(
                id=asked.id,
                school=school,
                item=item,
                kind=asked.kind,
                quantity=asked.quantity,
                occurred_at=asked.occurred_at or seat.uow.at,
                actor=person.user,
            )
            outcome = stock.move(seat.uow, move)
            if not outcome.stands:
                problem, field = _REFUSED.get(outcome.code, (RecordsProblem.NO_RECORD, ""))
                raise RecordRefused(problem, fields=(field,) if field else ())
            if outcome.code is StockCode.MOVED:
                row = {"id": asked.id, "school_id": school}
                seat.did("CREATE", answers.INVENTORY_TRANSACTION, row, ("item_id", "kind", "quantity"))
            return the_one(seat.uow, ITEMS, item)

        return self._desk.write(person, work, operation=STOCK)


def _conditions(wanted: ItemsAsked) -> list[str]:
    conditions = [of_schools(wanted.school)]
    if wanted.category is not None:
        conditions.append("t.category = %(category)s")
    if wanted.low:
        conditions.append("t.quantity <= t.reorder_at")
    if wanted.expiring is not None:
        conditions.append("t.expires_on <= %(expiring)s")
    return conditions
