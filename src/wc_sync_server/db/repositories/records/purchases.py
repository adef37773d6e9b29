"""Purchase orders over the desk: lists, drafts with their lines, and what was said of one under way."""

from collections.abc import Sequence
from uuid import UUID

from wc_contract.model.ids import Chance
from wc_contract.model.office_values import PurchaseStatus
from wc_sync_server.db.operations import PURCHASE
from wc_sync_server.db.repositories.records.desk import Desk, Seat
from wc_sync_server.db.repositories.records.keeping import Values, add_row, otherwise, update_row
from wc_sync_server.db.repositories.records.lists import one_of, page_of, the_one
from wc_sync_server.db.repositories.records.money import CATEGORIES
from wc_sync_server.db.repositories.records.purchase_lines import are_lines, lines_of, put_lines
from wc_sync_server.db.repositories.records.purchase_receipts import receive
from wc_sync_server.db.repositories.records.purchase_rows import ORDERS, conditions_of, whole_order
from wc_sync_server.db.repositories.records.purchase_steps import take_step
from wc_sync_server.db.repositories.records.suppliers import require_supplier
from wc_sync_server.domain.records import purchasing as law
from wc_sync_server.domain.records import purchasing_answers as answers
from wc_sync_server.domain.records.pages import Page, Window
from wc_sync_server.domain.records.person import Person
from wc_sync_server.domain.records.purchasing import PurchasesAsked, Receipt, StepAsked
from wc_sync_server.domain.records.refusals import RecordRefused, RecordsProblem
from wc_sync_server.domain.records.whole import Whole

_DRAFT = PurchaseStatus.DRAFT.value


class PostgresPurchases:
    """The district's purchase orders (api.records_ports.Purchases)."""

    def __init__(self, desk: Desk, chance: Chance) -> None:
        self._desk = desk
        self._chance = chance

    def listed(self, person: Person, wanted: PurchasesAsked, window: Window) -> Page:
        """Return a page of orders, the newest first."""

        def look(seat: Seat) -> Page:
            page = page_of(seat.uow, ORDERS, *conditions_of(wanted), window)
            seat.saw(answers.PURCHASE_ORDER, page.rows, via="list")
            return page

        return self._desk.report(person, look)

    def one(self, person: Person, order: UUID) -> Whole:
        """Return an order with its lines and postings. Raises RecordRefused(NO_RECORD)."""

        def look(seat: Seat) -> Whole:
            whole = whole_order(seat, order)
            seat.saw(answers.PURCHASE_ORDER, [whole.record], via="record")
            return whole

        return self._desk.read(person, look)

    def add(self, person: Person, values: Values, lines: Sequence[Values]) -> Whole:
        """Draw up a draft. Raises RecordRefused: INVALID (supplier, category or school there is not), TAKEN."""

        def work(seat: Seat) -> Whole:
            order = UUID(str(values["id"]))
            present = one_of(seat.uow, ORDERS, order)
            if present is None:
                _require_known(seat, values)
            derived = {"status": _DRAFT, "ordered_by": person.user}
            row = add_row(seat, ORDERS, values, derived)
            if present is None:
                put_lines(seat, order, lines, self._chance)
                return whole_order(seat, order)
            if not are_lines(lines_of(seat, order), lines):
                raise RecordRefused(RecordsProblem.TAKEN, fields=("id",))
            return whole_order(seat, order, row)

        return self._desk.write(person, work, operation=PURCHASE)

    def change(
        self, person: Person, order: UUID, changes: Values, lines: Sequence[Values] | None, version: int
    ) -> Whole:
        """Change a draft; of an order under way, when it is expected and what was noted.

        Whoever changes a draft is the one who drew it up. Raises RecordRefused: NO_RECORD, STALE, WRONG_STATE, INVALID.
        """

        def work(seat: Seat) -> Whole:
            the_one(seat.uow, ORDERS, order)
            seat.uow.lock_rows(ORDERS.kind.table, [order])
            present = the_one(seat.uow, ORDERS, order)
            changed = {name: changes[name] for name in otherwise(present, changes)}
            parts = [] if lines is None or are_lines(lines_of(seat, order), lines) else ["lines"]
            if not changed and not parts:
                return whole_order(seat, order, present)
            law.require_changeable(present["status"], [*changed, *parts])
            _require_known(seat, changed)
            author = {"ordered_by": person.user} if present["status"] == _DRAFT else {}
            update_row(seat, ORDERS, present, changed | author, version, parts=parts)
            if parts and lines is not None:
                put_lines(seat, order, lines, self._chance)
            return whole_order(seat, order)

        return self._desk.write(person, work, operation=PURCHASE)

    def step(self, person: Person, order: UUID, asked: StepAsked, version: int) -> Whole:
        """Approve, order, close or cancel.

        Raises RecordRefused: NO_RECORD, STALE, WRONG_STATE, ANOTHER_PERSON, OVER_BUDGET, INVALID.
        """

        def work(seat: Seat) -> Whole:
            take_step(seat, order, asked, version, self._chance)
            return whole_order(seat, order)

        return self._desk.write(person, work, operation=PURCHASE)

    def receive(self, person: Person, order: UUID, receipt: Receipt, version: int) -> Whole:
        """Take what came onto the shelves of the school it was delivered to, all of it or nothing.

        The same receipt again (the answer was lost) is no other, as far as its movements tell. Raises RecordRefused:
        NO_RECORD, STALE, WRONG_STATE, OVER_DELIVERED, TAKEN, INVALID.
        """

        def work(seat: Seat) -> Whole:
            receive(seat, order, receipt, version)
            return whole_order(seat, order)

        return self._desk.write(person, work, operation=PURCHASE)


def _require_known(seat: Seat, values: Values) -> None:
    """Raise RecordRefused(INVALID) naming what is named but not there, or not the person's."""
    if "supplier_id" in values:
        require_supplier(seat, values["supplier_id"])
    category = values.get("budget_category_id")
    if category is not None and one_of(seat.uow, CATEGORIES, category) is None:
        raise RecordRefused(RecordsProblem.INVALID, fields=("budget_category_id",))
    school = values.get("deliver_to")
    if school is not None and UUID(str(school)) not in seat.person.schools:
        raise RecordRefused(RecordsProblem.INVALID, fields=("deliver_to",))
