"""Moving medicine: receiving, returning, wasting, destroying, adjusting, counting by two people (C1-C7)."""

from collections.abc import Mapping
from decimal import Decimal
from uuid import UUID

from wc_contract.model.apply import WireValue
from wc_contract.model.changes import Change
from wc_contract.model.ids import IncidentId, UserId, new_uuid, witnessed_ids
from wc_contract.model.instants import Instant, instant_to_text, whole_millis
from wc_contract.model.kinds import LEDGER_ENTRY, MEDICATION, MEDICATION_CONTAINER
from wc_contract.model.office_values import ContainerStatus, LedgerEvent
from wc_contract.model.quantity import Quantity
from wc_contract.model.values import Severity
from wc_contract.rules.controlled import KEEPERS, CountStep, check_two_counts, count_step, needs_two
from wc_contract.rules.findings import Code
from wc_contract.rules.stock import ContainerFacts, signed, without_witness
from wc_desktop.actions.desk import Desk
from wc_desktop.actions.ledger_lines import added, balance_now, ledger_line, line_of, prove, stop, witness_text
from wc_desktop.actions.records import builds_on, changed, found
from wc_desktop.actions.stock import stock_row
from wc_desktop.actions.stock_book import lines_by_container
from wc_desktop.domain.failures import CountsDiffer, FieldsWrong, NotAllowed, NotFound, SecondPersonMissing
from wc_desktop.domain.screens import IncidentDraft
from wc_desktop.domain.stock_views import CountOutcome, Movement, Receipt, SecondPerson, StockRow, TwoCounts
from wc_desktop.domain.views import text_or_none

# What ends a container when nothing is left in it.
_ENDS: Mapping[LedgerEvent, ContainerStatus] = {
    LedgerEvent.RETURNED: ContainerStatus.RETURNED,
    LedgerEvent.DESTROYED: ContainerStatus.DESTROYED,
}


def receive(desk: Desk, receipt: Receipt) -> StockRow:
    """Write a new container and what is in it, counted with who brought it (C2).

    Raises NotAllowed, CountsDiffer, FieldsWrong, DiskFull, DiskFailed; then nothing was written.
    """
    now = whole_millis(desk.clock.now())
    controlled = bool(text_or_none(found(desk, MEDICATION, receipt.medication), "dea_schedule"))
    if desk.person.role not in KEEPERS:
        raise NotAllowed((Code.NOT_ENTITLED.value,))
    if receipt.amount <= 0 or (controlled and receipt.counted_by_them is None):
        raise FieldsWrong(("quantity",))
    if not receipt.brought_by.strip():
        raise FieldsWrong(("received_from",))
    if receipt.counted_by_them is not None and receipt.counted_by_them != receipt.amount:
        raise CountsDiffer(str(receipt.medication))
    container = new_uuid(now, desk.chance)
    bottle: dict[str, WireValue] = {
        "student_id": None if receipt.student is None else str(receipt.student),
        "medication_id": str(receipt.medication),
        "order_id": None if receipt.order_id is None else str(receipt.order_id),
        "status": ContainerStatus.IN_USE.value,
        "label": None,
        "lot": receipt.lot.strip() or None,
        "location": receipt.location.strip() or None,
        "unit": receipt.unit,
        "is_controlled": controlled,
        "received_on": now.astimezone(desk.zone).date().isoformat(),
        "received_by": str(desk.user),
        "received_from": receipt.brought_by.strip(),
        "expires_on": None if receipt.expires_on is None else receipt.expires_on.isoformat(),
    }
    line = line_of(container, LedgerEvent.RECEIVED, receipt.amount, now)
    desk.author((added(container, MEDICATION_CONTAINER, bottle), ledger_line(desk, line, now)), now)
    return stock_row(desk, container, now)


def move(desk: Desk, movement: Movement) -> StockRow:
    """Write what left a container, or by how much a supervisor adjusts it; returning or destroying all of it ends it.

    Waste of a controlled medicine may be written without a second person: it then waits for one (C5).
    Raises NotAllowed, SecondPersonMissing, FieldsWrong, NotFound, SendAgainFirst, DiskFull, DiskFailed, and what
    Workstation.prove raises; then nothing was written.
    """
    now = whole_millis(desk.clock.now())
    row = found(desk, MEDICATION_CONTAINER, movement.container)
    facts, balance = balance_now(desk, row)
    adjusts = movement.event is LedgerEvent.ADJUSTED
    if not movement.amount or (movement.amount < 0 and not adjusts):
        raise FieldsWrong(("quantity",))
    if not movement.reason.strip():
        raise FieldsWrong(("reason",))
    stop(desk, facts, movement, balance, now.astimezone(desk.zone).date())
    prove(desk, movement.second)
    line = line_of(movement.container, movement.event, signed(movement.event, movement.amount), now)
    changes: list[Change] = [
        ledger_line(desk, {**line, "witness_id": witness_text(movement.second), "reason": movement.reason.strip()}, now)
    ]
    ending = _ENDS.get(movement.event)
    depends_on = builds_on(desk, MEDICATION_CONTAINER, movement.container)
    if ending is not None and movement.amount == balance:
        ended = changed(row, MEDICATION_CONTAINER, {"status": ending.value})
        changes += [] if ended is None else [ended]
    desk.author(changes, now, depends_on=depends_on)
    return stock_row(desk, movement.container, now)


def witness_waste(desk: Desk, container: UUID, second: SecondPerson) -> StockRow:
    """Write what waits for a witness again, with its witness: taken back, and out anew (C5).

    Raises SecondPersonMissing, NotFound, DiskFull, DiskFailed, and what Workstation.prove raises.
    """
    now = whole_millis(desk.clock.now())
    if second.id == desk.user:
        raise SecondPersonMissing(str(container))
    pending = without_witness(lines_by_container(desk, [str(container)]).get(str(container), ()))
    if not pending:
        raise NotFound(str(container))
    prove(desk, second)
    changes: list[Change] = []
    for waste in pending:
        for id_, quantity in zip(witnessed_ids(waste.id), (-waste.quantity, waste.quantity), strict=True):
            line = line_of(container, waste.event, quantity, now)
            changes.append(added(id_, LEDGER_ENTRY, {**line, "witness_id": str(second.id)}))
    desk.author(changes, now, depends_on=builds_on(desk, MEDICATION_CONTAINER, container))
    return stock_row(desk, container, now)


def count(desk: Desk, counts: TwoCounts, report: str) -> CountOutcome:
    """Write a count, of a controlled medicine by two people who did not see the balance (C2).

    A first difference writes nothing: it is counted again. A second one is written, and an incident draft with it that
    says report, in which {expected} and {found} stand for the amounts (C4).
    Raises CountsDiffer, SecondPersonMissing, FieldsWrong, NotFound, DiskFull, DiskFailed, and what Workstation.prove
    raises; then nothing was written.
    """
    now = whole_millis(desk.clock.now())
    row = found(desk, MEDICATION_CONTAINER, counts.container)
    facts, balance = balance_now(desk, row)
    if counts.found < 0:
        raise FieldsWrong(("quantity",))
    witness = None if counts.second is None else counts.second.id
    if needs_two(facts, LedgerEvent.COUNTED):
        _raise_of_counts(desk, counts, witness)
        prove(desk, counts.second)
    # Of any other medicine what was found is what is there.
    step = CountStep.AGREES
    if facts.is_controlled:
        step = count_step(balance, counts.found, is_recount=counts.is_recount)
    if step is CountStep.RECOUNT:
        return CountOutcome(step=step, expected=balance, found=counts.found, row=stock_row(desk, counts.container, now))
    line = line_of(counts.container, LedgerEvent.COUNTED, counts.found, now)
    said = {**line, "witness_id": witness_text(counts.second), "reason": counts.reason.strip() or None}
    desk.author(
        (ledger_line(desk, said, now),), now, depends_on=builds_on(desk, MEDICATION_CONTAINER, counts.container)
    )
    incident = _draft_incident(desk, facts, report, balance, counts.found, now) if step is CountStep.INCIDENT else None
    row_now = stock_row(desk, counts.container, now)
    return CountOutcome(step=step, expected=balance, found=counts.found, row=row_now, incident=incident)


def _raise_of_counts(desk: Desk, counts: TwoCounts, witness: UserId | None) -> None:
    noticed = {one.code for one in check_two_counts(desk.user, counts.found, witness, counts.witness_found)}
    if Code.WITNESS_MISSING in noticed:
        raise SecondPersonMissing(str(counts.container))
    if Code.COUNTERS_DIFFER in noticed:
        raise CountsDiffer(str(counts.container))


def _draft_incident(
    desk: Desk, facts: ContainerFacts, report: str, expected: Decimal, counted: Decimal, at: Instant
) -> IncidentId:
    told = report
    for name, amount in (("{expected}", expected), ("{found}", counted)):
        told = told.replace(name, str(Quantity(amount=amount, unit=facts.unit)))
    fields: dict[str, str | tuple[str, ...]] = {
        "severity": Severity.HIGH.value,
        "occurred_at": instant_to_text(at),
        "narrative": told,
    }
    draft = IncidentDraft(id=IncidentId(new_uuid(at, desk.chance)), student_id=facts.student, fields=fields)
    desk.journal.save_draft(draft, author=desk.user, at=at)
    return draft.id
