"""Medicine on the shelves: what there is, what its ledgers say, what the rules say of it (C1, C3, C5-C7)."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from uuid import UUID

from wc_contract.model.changes import AccessRecorded
from wc_contract.model.ids import OrderId, StudentId, UserId
from wc_contract.model.instants import Instant, instant_from_text, whole_millis
from wc_contract.model.kinds import LEDGER_ENTRY, MEDICATION_CONTAINER, ORDER, ORDER_VERSION, TRIP_CUSTODY
from wc_contract.model.office_values import ContainerStatus, LedgerEvent
from wc_contract.model.quantity import Quantity, decimal_from_text
from wc_contract.model.values import AccessAction, MedicationForm, OrderStatus, Role
from wc_contract.rules.findings import Noticed
from wc_contract.rules.stock import (
    ContainerFacts,
    LedgerLine,
    balance_of,
    check_count_due,
    check_difference,
    check_stock,
    check_witnessed,
    running,
    strength_in,
    without_witness,
)
from wc_desktop.actions.desk import Desk
from wc_desktop.actions.reading import medications, people, students_by_id
from wc_desktop.actions.records import found
from wc_desktop.actions.stock_book import containers, facts_of, ledgers, lines_by_container, policy_of
from wc_desktop.domain.failures import NotFound
from wc_desktop.domain.screens import PersonRow, StudentRow
from wc_desktop.domain.stock_views import Ledger, LedgerRow, Receivable, StockList, StockMark, StockRow, TripOut
from wc_desktop.domain.views import author_name, medication_view, person_row, text
from wc_desktop.ports import Row

_LEDGER_FIELDS = tuple(sorted(MEDICATION_CONTAINER.phi_fields | LEDGER_ENTRY.phi_fields))
_RUNNING = frozenset({OrderStatus.ACTIVE.value, OrderStatus.PENDING_VERIFICATION.value, OrderStatus.HELD.value})
_PIECES = {
    MedicationForm.TABLET.value: "{tbl}",
    MedicationForm.CHEWABLE.value: "{tbl}",
    MedicationForm.CAPSULE.value: "{capsule}",
}
_KEPT = frozenset({ContainerStatus.IN_USE, ContainerStatus.EMPTY})


def list_stock(desk: Desk, at: Instant) -> StockList:
    """Return the school's containers, own entries included: children's by name, then the school's own stock."""
    rows = containers(desk)
    lines = ledgers(desk)
    children = students_by_id(desk, sorted({text(row, "student_id") for row in rows.values() if row["student_id"]}))
    making = _Making(desk, at, children, _doses_of(desk, rows.values()))
    made = [making.row(row, lines.get(key, ())) for key, row in rows.items()]
    listed = sorted((row for row in made if row is not None), key=_place)
    return StockList(rows=tuple(listed), witnesses=witnesses(desk), carriers=_carriers(desk))


def witnesses(desk: Desk) -> tuple[PersonRow, ...]:
    """Return who can be the second person: who has a password of their own at this workstation."""
    return tuple(one for one in desk.station.people() if one.id != desk.user)


def stock_row(desk: Desk, container: UUID, at: Instant) -> StockRow:
    """Return one container as it stands. Raises NotFound."""
    row = found(desk, MEDICATION_CONTAINER, container)
    children = students_by_id(desk, [text(row, "student_id")] if row["student_id"] else [])
    lines = lines_by_container(desk, [str(container)]).get(str(container), ())
    made = _Making(desk, at, children, _doses_of(desk, (row,))).row(row, lines)
    if made is None:
        raise NotFound(str(container))
    return made


def open_ledger(desk: Desk, container: UUID, at: Instant) -> Ledger:
    """Return a container's whole ledger, and write that it was looked at. Raises NotFound, DiskFull, DiskFailed."""
    ledger = read_ledger(desk, container, at)
    moment = whole_millis(desk.clock.now())
    viewed = AccessRecorded(
        action=AccessAction.VIEW,
        entity_type=MEDICATION_CONTAINER.name,
        entity_id=str(container),
        at=moment,
        fields=_LEDGER_FIELDS,
    )
    desk.author((viewed,), moment)
    return ledger


def read_ledger(desk: Desk, container: UUID, at: Instant) -> Ledger:
    """Return a ledger that is open, as it stands now; its opening is on record already. Raises NotFound."""
    row = stock_row(desk, container, at)
    rows = {text(one, "id"): one for one in desk.records.where(LEDGER_ENTRY, "container_id", [str(container)])}
    facts = [LedgerLine.from_row(one) for one in rows.values()]
    pending = {line.id for line in without_witness(facts)} if row.is_controlled else set()
    staff = people(desk)
    made = [
        LedgerRow(
            id=one.line.id,
            event=one.line.event,
            moved=one.moved,
            balance=one.balance,
            found=one.line.quantity if one.line.event is LedgerEvent.COUNTED else None,
            difference=one.difference,
            at=one.line.occurred_at,
            author=author_name(staff, str(one.line.actor)),
            witness=author_name(staff, str(one.line.witness)) if one.line.witness else "",
            reason=text(rows[str(one.line.id)], "reason"),
            takes_back=one.line.takes_back,
            is_pending=one.line.id in pending,
            waiting=bool(rows[str(one.line.id)]["waiting"]),
        )
        for one in running(facts, controlled=row.is_controlled)
    ]
    return Ledger(row=row, lines=tuple(reversed(made)))


def receivable(desk: Desk, student: StudentId | None) -> tuple[Receivable, ...]:
    """Return what can be received: for a child by its orders that run, for the school its emergency medicines."""
    catalogue = medications(desk)
    if student is None:
        return tuple(
            Receivable(order_id=None, medication=medication_view(drug), unit="")
            for drug in sorted(catalogue.values(), key=_name)
            if drug["is_emergency"]
        )
    orders = [
        order
        for order in desk.records.where(ORDER, "student_id", [str(student)])
        if order["status"] in _RUNNING and text(order, "medication_id") in catalogue
    ]
    doses = newest_versions(desk, [text(order, "id") for order in orders])
    made = [
        Receivable(
            order_id=OrderId(UUID(text(order, "id"))),
            medication=medication_view(catalogue[text(order, "medication_id")]),
            unit=_kept_in(catalogue[text(order, "medication_id")], version),
        )
        for order in orders
        if (version := doses.get(text(order, "id"))) is not None
    ]
    return tuple(sorted(made, key=_medicine))


class _Making:
    """Makes rows of containers, with what the rules say of each."""

    def __init__(
        self, desk: Desk, at: Instant, children: Mapping[str, StudentRow], doses: Mapping[str, Quantity]
    ) -> None:
        self._desk = desk
        self._at = at
        self._day = at.astimezone(desk.zone).date()
        self._children = children
        self._doses = doses
        self._catalogue = medications(desk)
        self._policy = policy_of(desk)
        self._trips = _trips(desk)
        self._substitutes = {
            UserId(UUID(id_)) for id_, one in people(desk).items() if one["role"] == Role.SUBSTITUTE.value
        }

    def row(self, row: Row, lines: Sequence[LedgerLine]) -> StockRow | None:
        drug = self._catalogue.get(text(row, "medication_id"))
        student = self._children.get(text(row, "student_id"))
        if drug is None:
            return None
        facts = facts_of(self._desk, row)
        balance = balance_of(lines, controlled=facts.is_controlled)
        dose = self._doses.get(text(row, "order_id"))
        amount = None if dose is None else facts.amount_in(dose.amount, dose.unit)
        counted = [one.occurred_at for one in lines if one.event in {LedgerEvent.COUNTED, LedgerEvent.RECEIVED}]
        return StockRow(
            id=facts.id,
            student=student,
            of_child=row["student_id"] is not None,
            medication=medication_view(drug),
            order_id=facts.order,
            status=facts.status,
            is_controlled=facts.is_controlled,
            unit=facts.unit,
            balance=balance,
            dose=amount,
            lot=text(row, "lot"),
            label=text(row, "label"),
            location=text(row, "location"),
            received_on=facts.received_on,
            expires_on=facts.expires_on,
            counted_at=max(counted, default=None),
            marks=tuple(
                StockMark(code=one.code.value, detail=dict(one.detail))
                for one in self._noticed(facts, lines, balance, amount)
            ),
            waiting=bool(row["waiting"]),
            pending=tuple(one.id for one in without_witness(lines)) if facts.is_controlled else (),
            trips=self._trips.get(str(facts.id), ()),
        )

    def _noticed(
        self, facts: ContainerFacts, lines: Sequence[LedgerLine], balance: Decimal, dose: Decimal | None
    ) -> Sequence[Noticed]:
        found_ = list(check_stock(facts, balance, dose, self._day, self._policy))
        if facts.is_controlled and facts.status in _KEPT:
            found_ += check_witnessed(lines, self._at, self._policy)
            found_ += check_difference(lines)
            found_ += check_count_due(lines, self._at, self._policy, self._substitutes)
        return found_


def _trips(desk: Desk) -> Mapping[str, tuple[TripOut, ...]]:
    """Return what is out on trips, by container."""
    staff = people(desk)
    found_: dict[str, tuple[TripOut, ...]] = {}
    for row in desk.records.every(TRIP_CUSTODY):
        if row["back_at"] is None:
            out = TripOut(
                id=UUID(text(row, "id")),
                trip=text(row, "trip"),
                carrier=author_name(staff, text(row, "carrier_id")),
                quantity=decimal_from_text(text(row, "quantity_out")),
                since=instant_from_text(text(row, "out_at")),
            )
            container = text(row, "container_id")
            found_[container] = (*found_.get(container, ()), out)
    return found_


def _carriers(desk: Desk) -> tuple[PersonRow, ...]:
    """Return the district's staff by name: one of them takes medicine on a trip."""
    active = [person_row(row) for row in people(desk).values() if row["is_active"]]
    return tuple(sorted(active, key=_by_name))


def _by_name(person: PersonRow) -> tuple[str, str]:
    return person.last_name.casefold(), person.first_name.casefold()


def _doses_of(desk: Desk, rows: Iterable[Row]) -> Mapping[str, Quantity]:
    """Return, by order, one dose of its newest version."""
    orders = sorted({text(row, "order_id") for row in rows if row["order_id"] is not None})
    return {
        order: Quantity(amount=decimal_from_text(text(version, "dose")), unit=text(version, "unit"))
        for order, version in newest_versions(desk, orders).items()
    }


def newest_versions(desk: Desk, orders: Iterable[str]) -> Mapping[str, Row]:
    """Return, by order, its newest version."""
    newest: dict[str, Row] = {}
    for row in desk.records.where(ORDER_VERSION, "order_id", tuple(orders)):
        known = newest.get(text(row, "order_id"))
        if known is None or int(str(row["version"])) > int(str(known["version"])):
            newest[text(row, "order_id")] = row
    return newest


def _kept_in(drug: Row, version: Row) -> str:
    """Return the unit that a medicine is counted in: tablets and capsules by the piece, else as it is ordered."""
    piece, ordered = _PIECES.get(text(drug, "form")), text(version, "unit")
    strength = strength_in(text(drug, "strength"), text(drug, "name"))
    if piece is None or strength is None or strength.unit != ordered:
        return ordered
    pieces = decimal_from_text(text(version, "dose")) / strength.amount
    return piece if pieces * strength.amount == decimal_from_text(text(version, "dose")) else ordered


def _place(row: StockRow) -> tuple[bool, bool, str, str, str, str]:
    child = row.student
    return (
        not row.is_kept,
        child is None,
        "" if child is None else child.last_name.casefold(),
        "" if child is None else child.first_name.casefold(),
        row.medication.name.casefold(),
        str(row.id),
    )


def _name(drug: Row) -> str:
    return text(drug, "name").casefold()


def _medicine(one: Receivable) -> str:
    return one.medication.name.casefold()
