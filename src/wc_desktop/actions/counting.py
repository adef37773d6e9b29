"""What stands on a shelf, and the count that puts its balance right. Of a controlled medicine two people count (C2)."""

from collections.abc import Sequence
from decimal import Decimal
from uuid import UUID

from wc_contract.model.apply import WireValue
from wc_contract.model.changes import RecordAdded
from wc_contract.model.ids import UserId, new_uuid
from wc_contract.model.instants import Instant, instant_from_text, instant_to_text
from wc_contract.model.kinds import (
    INVENTORY_ITEM,
    INVENTORY_TRANSACTION,
    LEDGER_ENTRY,
    MEDICATION_CONTAINER,
    RecordKind,
)
from wc_contract.model.office_values import LedgerEvent, StockMovement
from wc_contract.model.quantity import decimal_from_text, plain
from wc_desktop.actions.desk import Desk
from wc_desktop.actions.reading import medications, people
from wc_desktop.domain.case_views import Count, MovementRow, ShelfRow
from wc_desktop.domain.failures import CountsDiffer, FieldsWrong, SecondPersonMissing
from wc_desktop.domain.views import author_name, text
from wc_desktop.ports import Row


def shelf_of(desk: Desk, subjects: Sequence[str]) -> ShelfRow | None:
    """Return the item or container that a case is about, with the movements that brought it below nothing."""
    for subject in subjects:
        item = desk.records.find(INVENTORY_ITEM, subject)
        if item is not None:
            return _item(desk, item, subjects)
        container = desk.records.find(MEDICATION_CONTAINER, subject)
        if container is not None:
            return _container(desk, container, subjects)
    return None


def counted(desk: Desk, shelf: ShelfRow, count: Count, note: str, at: Instant) -> tuple[RecordAdded, ...]:
    """Return what a count writes; nothing where the record says what was found already.

    Raises FieldsWrong, CountsDiffer, SecondPersonMissing, and what Workstation.open raises for the second password.
    """
    if count.found < 0:
        raise FieldsWrong(("quantity",))
    if shelf.record_kind == INVENTORY_ITEM.name:
        difference = count.found - (shelf.on_record or Decimal(0))
        values: dict[str, WireValue] = {
            "item_id": str(shelf.record_id),
            "kind": StockMovement.COUNTED.value,
            "quantity": plain(difference),
            "occurred_at": instant_to_text(at),
            "note": note or None,
        }
        return (_added(desk, INVENTORY_TRANSACTION, values, at),) if difference else ()
    witness = _witness(desk, shelf, count)
    values = {
        "container_id": str(shelf.record_id),
        "event": LedgerEvent.COUNTED.value,
        "quantity": plain(count.found),
        "occurred_at": instant_to_text(at),
        "witness_id": None if witness is None else str(witness),
        "reason": note or None,
    }
    return (_added(desk, LEDGER_ENTRY, values, at),)


def _witness(desk: Desk, shelf: ShelfRow, count: Count) -> UserId | None:
    if not shelf.needs_two:
        return None
    if count.witness is None or count.witness == desk.user:
        raise SecondPersonMissing(str(shelf.record_id))
    if count.witness_found != count.found:
        raise CountsDiffer(str(shelf.record_id))
    desk.station.prove(count.witness, count.witness_password)
    return count.witness


def _added(desk: Desk, kind: RecordKind, values: dict[str, WireValue], at: Instant) -> RecordAdded:
    return RecordAdded(kind=kind.name, id=new_uuid(at, desk.chance), values=values)


def _item(desk: Desk, item: Row, subjects: Sequence[str]) -> ShelfRow:
    moved = desk.records.where(INVENTORY_TRANSACTION, "item_id", [text(item, "id")])
    # What the district has not taken yet is not in the quantity that it sent.
    own = sum((_quantity(row) for row in moved if row["waiting"]), Decimal(0))
    return ShelfRow(
        record_kind=INVENTORY_ITEM.name,
        record_id=UUID(text(item, "id")),
        name=text(item, "name"),
        where=text(item, "location"),
        lot=text(item, "lot"),
        unit=text(item, "unit"),
        on_record=_quantity(item) + own,
        needs_two=False,
        movements=tuple(_movement(desk, row, "kind", "note", _quantity(row)) for row in _named(moved, subjects)),
    )


def _container(desk: Desk, container: Row, subjects: Sequence[str]) -> ShelfRow:
    moved = desk.records.where(LEDGER_ENTRY, "container_id", [text(container, "id")])
    drug = medications(desk).get(text(container, "medication_id"))
    two = bool(container["is_controlled"])
    return ShelfRow(
        record_kind=MEDICATION_CONTAINER.name,
        record_id=UUID(text(container, "id")),
        name=text(container, "label") or ("" if drug is None else text(drug, "name")),
        where=text(container, "location"),
        lot=text(container, "lot"),
        unit=text(container, "unit"),
        # A count of medicine is made without knowing what is expected.
        on_record=None,
        needs_two=two,
        movements=tuple(
            _movement(desk, row, "event", "reason", None if two else _quantity(row)) for row in _named(moved, subjects)
        ),
        witnesses=tuple(one for one in desk.station.people() if one.id != desk.user) if two else (),
    )


def _named(rows: Sequence[Row], subjects: Sequence[str]) -> list[Row]:
    return sorted((row for row in rows if row["id"] in subjects), key=_when)


def _movement(desk: Desk, row: Row, event: str, note: str, quantity: Decimal | None) -> MovementRow:
    return MovementRow(
        event=text(row, event),
        quantity=quantity,
        at=instant_from_text(text(row, "occurred_at")),
        author=author_name(people(desk), text(row, "actor_id")),
        note=text(row, note),
    )


def _quantity(row: Row) -> Decimal:
    return decimal_from_text(text(row, "quantity"))


def _when(row: Row) -> str:
    return text(row, "occurred_at")
