"""The budget: categories with what is left of them, postings under the ceiling, and their reversal."""

from uuid import UUID

from wc_sync_server.db.operations import BUDGET
from wc_sync_server.db.repositories import budget
from wc_sync_server.db.repositories.records import joins
from wc_sync_server.db.repositories.records.desk import Desk, Seat
from wc_sync_server.db.repositories.records.keeping import add_row, change_row
from wc_sync_server.db.repositories.records.lists import Listing, the_one
from wc_sync_server.db.repositories.records.seen import seen_one, seen_page
from wc_sync_server.db.repositories.records.writing import Changes
from wc_sync_server.db.tables.money import BUDGET_CATEGORY, BUDGET_TRANSACTION
from wc_sync_server.domain.budget import BudgetCode, BudgetOutcome, Posting, Reversal
from wc_sync_server.domain.records import money_answers as answers
from wc_sync_server.domain.records.pages import Page, Row, Window
from wc_sync_server.domain.records.person import Person
from wc_sync_server.domain.records.refusals import RecordRefused, RecordsProblem

_POSTER_NAME = joins.person("posted_by", "posted_by_name")
CATEGORIES = Listing(
    kind=BUDGET_CATEGORY, shape=answers.BUDGET_CATEGORY, order=("fiscal_year", "name", "id"), descending=True
)
TRANSACTIONS = Listing(
    kind=BUDGET_TRANSACTION,
    shape=answers.BUDGET_TRANSACTION,
    order=("occurred_on", "id"),
    descending=True,
    joined=_POSTER_NAME,
)

_REFUSED: dict[BudgetCode, tuple[RecordsProblem, str]] = {
    BudgetCode.OVER_CEILING: (RecordsProblem.OVER_BUDGET, "amount"),
    BudgetCode.BELOW_ZERO: (RecordsProblem.INVALID, "amount"),
    BudgetCode.NO_AMOUNT: (RecordsProblem.INVALID, "amount"),
    BudgetCode.ID_TAKEN: (RecordsProblem.TAKEN, "id"),
    BudgetCode.ALREADY_REVERSED: (RecordsProblem.WRONG_STATE, "reverses_id"),
    BudgetCode.OF_AN_ORDER: (RecordsProblem.WRONG_STATE, "purchase_order_id"),
}


class PostgresBudget:
    """The district's budget (api.records_ports.Budget)."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def categories(self, person: Person, year: int | None, window: Window) -> Page:
        """Return a page of categories, the newest year first."""
        conditions = [] if year is None else ["t.fiscal_year = %(year)s"]
        return self._page(person, CATEGORIES, conditions, {"year": year}, window)

    def transactions(self, person: Person, category: UUID | None, window: Window) -> Page:
        """Return a page of postings, the newest first."""
        conditions = [] if category is None else ["t.category_id = %(category)s"]
        return self._page(person, TRANSACTIONS, conditions, {"category": category}, window)

    def category(self, person: Person, category: UUID) -> Row:
        """Return a category. Raises RecordRefused(NO_RECORD)."""
        return self._desk.read(person, seen_one(CATEGORIES, category))

    def add(self, person: Person, values: Changes) -> Row:
        """Add a category. Raises RecordRefused(TAKEN) when the year has one of that name."""

        def work(seat: Seat) -> Row:
            return add_row(seat, CATEGORIES, values, {"spent_amount": "0"})

        return self._desk.write(person, work)

    def change(self, person: Person, category: UUID, changes: Changes, version: int) -> Row:
        """Rename a category, or allocate otherwise. Raises RecordRefused: NO_RECORD, STALE, INVALID.

        INVALID for less than was spent: the CHECK of the table says so.
        """

        def work(seat: Seat) -> Row:
            return change_row(seat, CATEGORIES, category, changes, version)

        return self._desk.write(person, work)

    def post(self, person: Person, posting: Posting) -> Row:
        """Post to a category unless that breaks its ceiling. Raises RecordRefused: NO_RECORD, OVER_BUDGET, TAKEN."""

        def work(seat: Seat) -> Row:
            return _settled(seat, posting.id, budget.post(seat.uow, posting))

        return self._desk.write(person, work, operation=BUDGET)

    def reverse(self, person: Person, reversal: Reversal) -> Row:
        """Take a posting back by another.

        Raises RecordRefused: NO_RECORD, WRONG_STATE (it is already, or is a purchase order's), TAKEN.
        """

        def work(seat: Seat) -> Row:
            return _settled(seat, reversal.id, budget.reverse(seat.uow, reversal))

        return self._desk.write(person, work, operation=BUDGET)

    def _page(
        self, person: Person, listing: Listing, conditions: list[str], values: dict[str, object], window: Window
    ) -> Page:
        return self._desk.report(person, seen_page(listing, conditions, values, window))


def _settled(seat: Seat, posting: UUID, outcome: BudgetOutcome) -> Row:
    if not outcome.stands:
        problem, field = _REFUSED.get(outcome.code, (RecordsProblem.NO_RECORD, ""))
        raise RecordRefused(problem, fields=(field,) if field else ())
    row = the_one(seat.uow, TRANSACTIONS, posting)
    if outcome.code is BudgetCode.POSTED:
        seat.did("CREATE", answers.BUDGET_TRANSACTION, row, ("amount", "category_id", "occurred_on"))
    return row
