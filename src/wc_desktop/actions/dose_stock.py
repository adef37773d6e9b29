"""What a dose takes from the shelf, and gives back when it is corrected (state table, A2). One entry holds both."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from decimal import Decimal
from uuid import UUID

from wc_contract.model.apply import WireValue
from wc_contract.model.changes import DoseLogged, RecordAdded
from wc_contract.model.ids import new_uuid
from wc_contract.model.instants import Instant, instant_to_text
from wc_contract.model.kinds import LEDGER_ENTRY, MEDICATION, MEDICATION_CONTAINER, ORDER_VERSION
from wc_contract.model.office_values import LedgerEvent
from wc_contract.model.quantity import Quantity, decimal_from_text, plain
from wc_contract.rules.findings import Code
from wc_contract.rules.policy import Policy
from wc_contract.rules.stock import ContainerFacts, LedgerLine, check_stock, container_for, moved_by, signed
from wc_desktop.actions.desk import Desk
from wc_desktop.actions.stock_book import balance_in_book, containers, facts_of, policy_of, with_balances
from wc_desktop.domain.screens import DueRow, OnHand
from wc_desktop.domain.views import text
from wc_desktop.ports import Row

Stocked = tuple[tuple[ContainerFacts, Decimal], ...]


def stock_for(desk: Desk, student: str, order: str, medication: str) -> Stocked:
    """Return the containers that a dose of an order can come from, and what each holds.

    They are the child's own of this order, or of this medicine when the bottle names no order; of an emergency
    medicine the school's own too.
    """
    rows = [
        row
        for row in desk.records.where(MEDICATION_CONTAINER, "student_id", [student])
        if row["order_id"] == order or (row["order_id"] is None and row["medication_id"] == medication)
    ]
    if not rows and _is_emergency(desk, medication):
        rows = [
            row
            for row in desk.records.where(MEDICATION_CONTAINER, "medication_id", [medication])
            if row["student_id"] is None
        ]
    return with_balances(desk, rows)


def on_hand(desk: Desk, rows: Iterable[DueRow], day: date) -> Mapping[str, OnHand]:
    """Return, by order, what is there for a dose of it; orders whose medicine is in no container here are left out."""
    shelf = _Shelf(desk)
    asked = {str(row.order_id): row for row in rows}
    made = {order: _on_hand(shelf.stock_of(row), row.dose, day, policy_of(desk)) for order, row in asked.items()}
    return {order: one for order, one in made.items() if one is not None}


class _Shelf:
    """The school's containers by child, for many questions at once."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._by_child: dict[str, list[ContainerFacts]] = {}
        for row in containers(desk).values():
            self._by_child.setdefault(text(row, "student_id"), []).append(facts_of(desk, row))

    def stock_of(self, row: DueRow) -> Stocked:
        medicine = row.medication
        own = [
            one
            for one in self._by_child.get(str(row.student.id), ())
            if one.order == row.order_id or (one.order is None and one.medication == medicine.id)
        ]
        if not own and medicine.is_emergency:
            own = [one for one in self._by_child.get("", ()) if one.medication == medicine.id]
        return tuple((one, balance_in_book(self._desk, one)) for one in own)


def _on_hand(stock: Stocked, dose: Quantity, day: date, policy: Policy) -> OnHand | None:
    chosen = container_for(stock, dose.unit, dose.amount, day, policy)
    if chosen is None:
        return None
    balance = next(held for one, held in stock if one.id == chosen.id)
    needed = chosen.amount_in(dose.amount, dose.unit) or Decimal(0)
    noticed = check_stock(chosen, balance, needed, day, policy)
    return OnHand(
        container=chosen.id,
        unit=chosen.unit,
        before=balance,
        after=balance - needed,
        lot=chosen.lot or "",
        expires_on=chosen.expires_on,
        codes=tuple(one.code.value for one in noticed if one.code is not Code.LOT_EXPIRES_SOON),
    )


def moved_with(desk: Desk, dose: DoseLogged, at: Instant) -> tuple[RecordAdded, ...]:
    """Return the ledger lines that belong into a dose's entry: what it takes, and what the dose it amends gives back.

    Nothing for a dose that moves no stock, or whose medicine is in no container here.
    """
    return (*_given_back(desk, dose, at), *_taken(desk, dose, at))


def _taken(desk: Desk, dose: DoseLogged, at: Instant) -> Iterator[RecordAdded]:
    event = moved_by(dose.status)
    amount, unit = _amount(desk, dose)
    if event is None or amount is None or unit is None:
        return
    stock = stock_for(desk, str(dose.student_id), str(dose.order_id), str(dose.medication_id))
    container = container_for(stock, unit, amount, dose.local_date, policy_of(desk))
    taken = None if container is None else container.amount_in(amount, unit)
    if container is not None and taken:
        yield _line(
            desk, container.id, event, signed(event, taken), dose.administered_at, str(dose.id), dose.reason, at
        )


def _given_back(desk: Desk, dose: DoseLogged, at: Instant) -> Iterator[RecordAdded]:
    """Yield what the amended dose moved, taken back at the moment that it moved it: no count between is disturbed."""
    if dose.amends_id is None:
        return
    amended = str(dose.amends_id)
    for row in _lines_of(desk, dose):
        line = LedgerLine.from_row(row)
        if row["log_id"] == amended and line.quantity < 0:
            container, reason = UUID(text(row, "container_id")), dose.amend_reason
            yield _line(desk, container, line.event, -line.quantity, line.occurred_at, amended, reason, at)


def _lines_of(desk: Desk, dose: DoseLogged) -> list[Row]:
    """Return the lines of every container that a dose of this child or medicine may have come from."""
    containers = [
        *desk.records.where(MEDICATION_CONTAINER, "student_id", [str(dose.student_id)]),
        *desk.records.where(MEDICATION_CONTAINER, "medication_id", [str(dose.medication_id)]),
    ]
    ids = sorted({text(row, "id") for row in containers})
    return list(desk.records.where(LEDGER_ENTRY, "container_id", ids))


def _amount(desk: Desk, dose: DoseLogged) -> tuple[Decimal | None, str | None]:
    if dose.dose_given is not None:
        return dose.dose_given, dose.unit
    # What was dropped is a dose as it was ordered.
    version = desk.records.find(ORDER_VERSION, str(dose.order_version_id))
    return (None, None) if version is None else (decimal_from_text(text(version, "dose")), text(version, "unit"))


def _is_emergency(desk: Desk, medication: str) -> bool:
    drug = desk.records.find(MEDICATION, medication)
    return drug is not None and bool(drug["is_emergency"])


def _line(
    desk: Desk,
    container: UUID,
    event: LedgerEvent,
    quantity: Decimal,
    when: Instant,
    dose: str,
    reason: str | None,
    at: Instant,
) -> RecordAdded:
    values: dict[str, WireValue] = {
        "container_id": str(container),
        "event": event.value,
        "quantity": plain(quantity),
        "occurred_at": instant_to_text(when),
        "log_id": dose,
    }
    if reason:
        values["reason"] = reason
    return RecordAdded(kind=LEDGER_ENTRY.name, id=new_uuid(at, desk.chance), values=values)
