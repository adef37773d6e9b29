"""What all that writes into a container's ledger has in common: the rules, the second person, the line."""

from datetime import date
from decimal import Decimal
from uuid import UUID

from wc_contract.model.apply import WireValue
from wc_contract.model.authoring import flaws_of_addition
from wc_contract.model.changes import RecordAdded
from wc_contract.model.ids import new_uuid
from wc_contract.model.instants import Instant, instant_to_text
from wc_contract.model.kinds import LEDGER_ENTRY, RecordKind
from wc_contract.model.office_values import LedgerEvent
from wc_contract.model.quantity import plain
from wc_contract.rules.controlled import Move, check_move
from wc_contract.rules.findings import Code, blocking, grade_before
from wc_contract.rules.stock import ContainerFacts, balance_of
from wc_desktop.actions.desk import Desk
from wc_desktop.actions.stock_book import lines_by_container, policy_of
from wc_desktop.domain.failures import FieldsWrong, NotAllowed, SecondPersonMissing
from wc_desktop.domain.stock_views import Movement, SecondPerson
from wc_desktop.ports import Row


def stop(desk: Desk, facts: ContainerFacts, movement: Movement, balance: Decimal, day: date) -> None:
    """Raise what the rules say against a movement: SecondPersonMissing, NotAllowed."""
    witness = None if movement.second is None else movement.second.id
    planned = Move(
        event=movement.event, amount=movement.amount, author=desk.user, role=desk.person.role, witness=witness
    )
    noticed = check_move(facts, planned, balance, day, policy_of(desk), may_wait=True)
    stops = tuple(dict.fromkeys(one.code for one in blocking(grade_before(noticed))))
    if Code.WITNESS_MISSING in stops:
        raise SecondPersonMissing(str(facts.id))
    if stops:
        raise NotAllowed(tuple(code.value for code in stops))


def prove(desk: Desk, second: SecondPerson | None) -> None:
    """Make sure that the second person is who they say. Raises what Workstation.prove raises."""
    if second is not None:
        desk.station.prove(second.id, second.password)


def balance_now(desk: Desk, row: Row) -> tuple[ContainerFacts, Decimal]:
    """Return a container and what it holds now."""
    facts = ContainerFacts.from_row(row)
    lines = lines_by_container(desk, [str(facts.id)]).get(str(facts.id), ())
    return facts, balance_of(lines, controlled=facts.is_controlled)


def line_of(container: UUID, event: LedgerEvent, quantity: Decimal, at: Instant) -> dict[str, WireValue]:
    """Return a line of a container's ledger."""
    return {
        "container_id": str(container),
        "event": event.value,
        "quantity": plain(quantity),
        "occurred_at": instant_to_text(at),
    }


def ledger_line(desk: Desk, values: dict[str, WireValue], at: Instant) -> RecordAdded:
    """Return the change that writes a line. Raises FieldsWrong."""
    return added(new_uuid(at, desk.chance), LEDGER_ENTRY, values)


def added(id_: UUID, kind: RecordKind, values: dict[str, WireValue]) -> RecordAdded:
    """Return the change that adds a record; what is empty is left out. Raises FieldsWrong."""
    said = {name: value for name, value in values.items() if value is not None}
    flaws = flaws_of_addition(kind.name, said)
    if flaws:
        raise FieldsWrong(flaws)
    return RecordAdded(kind=kind.name, id=id_, values=said)


def witness_text(second: SecondPerson | None) -> str | None:
    """Return the second person's id as a line says it."""
    return None if second is None else str(second.id)
