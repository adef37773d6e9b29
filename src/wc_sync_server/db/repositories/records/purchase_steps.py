"""The steps of a purchase order: approved, ordered, closed, cancelled, each with its money in the same transaction."""

from decimal import Decimal
from uuid import UUID

from wc_contract.model.ids import Chance, new_uuid
from wc_sync_server.db.repositories import budget
from wc_sync_server.db.repositories.records.desk import Seat
from wc_sync_server.db.repositories.records.district_policy import said_by_district
from wc_sync_server.db.repositories.records.keeping import Values, update_row
from wc_sync_server.db.repositories.records.lists import the_one
from wc_sync_server.db.repositories.records.purchase_lines import lines_of
from wc_sync_server.db.repositories.records.purchase_rows import ORDERS
from wc_sync_server.db.repositories.records.suppliers import require_supplier
from wc_sync_server.domain.budget import BudgetCode, Posting
from wc_sync_server.domain.records import money_answers
from wc_sync_server.domain.records import purchasing as law
from wc_sync_server.domain.records.pages import Row
from wc_sync_server.domain.records.purchasing import REACHED, Approval, Step, StepAsked
from wc_sync_server.domain.records.refusals import RecordRefused, RecordsProblem

APPROVAL = "purchase_approval"  # the key in districts.policy

_REFUSED: dict[BudgetCode, tuple[RecordsProblem, str]] = {
    BudgetCode.OVER_CEILING: (RecordsProblem.OVER_BUDGET, "total"),
    # Somebody gave money back by hand that this order still holds.
    BudgetCode.BELOW_ZERO: (RecordsProblem.WRONG_STATE, "set_aside"),
}


def take_step(seat: Seat, order: UUID, asked: StepAsked, version: int, chance: Chance) -> None:
    """Take an order a step on; where it is there already (the answer was lost), change nothing."""
    present = held(seat, order)
    if present["status"] == REACHED[asked.step].value:
        return
    law.require_step(present["status"], asked.step)
    if present["row_version"] != version:
        raise RecordRefused(RecordsProblem.STALE, row_version=present["row_version"])
    following, amount = _following(seat, present, asked)
    if amount:
        _post(seat, present, amount, asked, new_uuid(seat.uow.at, chance))
    update_row(seat, ORDERS, present, {"status": REACHED[asked.step].value, **following}, version)


def held(seat: Seat, order: UUID) -> Row:
    """Return an order with its category and itself locked, in this order. Raises RecordRefused: NO_RECORD, STALE."""
    before = the_one(seat.uow, ORDERS, order)
    if before["budget_category_id"] is not None:
        seat.uow.lock_rows(budget.CATEGORIES, [before["budget_category_id"]])
    seat.uow.lock_rows(ORDERS.kind.table, [order])
    present = the_one(seat.uow, ORDERS, order)
    if present["budget_category_id"] != before["budget_category_id"]:
        raise RecordRefused(RecordsProblem.STALE, row_version=present["row_version"])
    return present


def _following(seat: Seat, order: Row, asked: StepAsked) -> tuple[Values, Decimal]:
    """Return what follows from a step: fields of the order, and what it takes from its category or gives back."""
    match asked.step:
        case Step.APPROVE:
            return {}, _approved(seat, order)
        case Step.PLACE:
            expected = {} if asked.expected_on is None else {"expected_on": asked.expected_on}
            return {"ordered_on": asked.on, **expected}, Decimal(0)
        case Step.CLOSE:
            lines = lines_of(seat, order["id"])
            law.require_something_came(lines)
            return {"received_on": asked.on}, min(law.received_sum(lines) - order["set_aside"], Decimal(0))
        case Step.CANCEL:
            law.require_nothing_came(lines_of(seat, order["id"]))
            return {}, -order["set_aside"]


def _approved(seat: Seat, order: Row) -> Decimal:
    lines = lines_of(seat, order["id"])
    law.require_approvable(order, lines)
    require_supplier(seat, order["supplier_id"])
    by_second = law.approval_of(said_by_district(seat, APPROVAL)) is Approval.SECOND_PERSON
    if by_second and order["ordered_by"] == seat.person.user:
        raise RecordRefused(RecordsProblem.ANOTHER_PERSON, fields=("ordered_by",))
    return law.ordered_sum(lines)


def _post(seat: Seat, order: Row, amount: Decimal, asked: StepAsked, id_: UUID) -> None:
    posting = Posting(
        id=id_,
        category=order["budget_category_id"],
        amount=amount,
        occurred_on=asked.on,
        posted_by=seat.person.user,
        description=order["number"],
        purchase_order=order["id"],
    )
    outcome = budget.post(seat.uow, posting)
    if not outcome.stands:
        problem, field = _REFUSED.get(outcome.code, (RecordsProblem.WRONG_STATE, "budget_category_id"))
        raise RecordRefused(problem, fields=(field,))
    names = ("amount", "category_id", "occurred_on", "purchase_order_id")
    seat.did("CREATE", money_answers.BUDGET_TRANSACTION, {"id": id_}, names)
