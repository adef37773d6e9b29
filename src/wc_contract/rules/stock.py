"""What a container holds and what its ledger says (C1, C3, C5-C7, D1): exact decimals, derived, never stored.

Of a controlled medicine a count moves nothing: it is compared with the balance, and only a supervisor adjusts (C4).
Of any other medicine what was counted is what is there.
"""

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from uuid import UUID

from wc_contract.model.ids import DoseId, MedicationId, OrderId, StudentId, UserId, witnessed_ids
from wc_contract.model.instants import Instant, instant_from_text, instant_to_text
from wc_contract.model.office_values import ContainerStatus, LedgerEvent
from wc_contract.model.quantity import decimal_from_text, plain
from wc_contract.model.values import DoseState
from wc_contract.rules.findings import Code, Noticed
from wc_contract.rules.policy import Policy
from wc_contract.rules.rows import Row, date_or_none, uuid_or_none

_INTO = frozenset({LedgerEvent.RECEIVED, LedgerEvent.BROUGHT_BACK})
_AS_SAID = frozenset({LedgerEvent.COUNTED, LedgerEvent.ADJUSTED})
_OF_DOSES = frozenset({LedgerEvent.GIVEN, LedgerEvent.WASTED})
_NOTHING = Decimal(0)
# What is counted piece by piece, and how the strength of a piece is written.
COUNTED = frozenset({"{tbl}", "{capsule}"})
_STRENGTH = re.compile(r"(?<![\d.])(\d+(?:\.\d+)?)\s*(mg|mcg|ug|g)\b", re.IGNORECASE)
_UCUM = {"mcg": "ug"}


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerLine:
    """One line of a container's ledger. log: the dose that moved it, or whose movement it takes back."""

    id: UUID
    event: LedgerEvent
    quantity: Decimal = field(repr=False)
    occurred_at: Instant
    actor: UserId | None = None
    witness: UserId | None = None
    log: DoseId | None = None

    @staticmethod
    def from_row(row: Row) -> "LedgerLine":
        """Read a medication_ledger row in wire form."""
        witness, log = uuid_or_none(row["witness_id"]), uuid_or_none(row["log_id"])
        return LedgerLine(
            id=UUID(row["id"]),
            event=LedgerEvent(row["event"]),
            quantity=decimal_from_text(row["quantity"]),
            occurred_at=instant_from_text(row["occurred_at"]),
            actor=UserId(UUID(row["actor_id"])),
            witness=None if witness is None else UserId(witness),
            log=None if log is None else DoseId(log),
        )

    @property
    def takes_back(self) -> bool:
        """Whether the line takes back what a dose moved: the dose was corrected (A2)."""
        return self.event in _OF_DOSES and self.quantity > 0 and self.log is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Strength:
    """What one tablet or capsule holds."""

    amount: Decimal
    unit: str


def strength_in(*texts: str | None) -> Strength | None:
    """Return the strength of one piece as a catalogue writes it: '5 mg', 'Methylphenidate 10 mg tablet'.

    None where none is written, or several, or one that is of a volume ('5 mg/mL').
    """
    for text in texts:
        found = _STRENGTH.findall(text or "")
        if len(found) == 1 and "/" not in (text or ""):
            return Strength(amount=Decimal(found[0][0]), unit=_UCUM.get(found[0][1].lower(), found[0][1].lower()))
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class ContainerFacts:
    """A bottle, box or pen, as far as rules need it."""

    id: UUID
    medication: MedicationId
    student: StudentId | None
    order: OrderId | None
    status: ContainerStatus
    unit: str
    is_controlled: bool
    lot: str | None
    received_on: date
    expires_on: date | None
    strength: Strength | None = None

    @staticmethod
    def from_row(row: Row, *, strength: "Strength | None" = None) -> "ContainerFacts":
        """Read a medication_containers row in wire form; strength is that of its medicine."""
        student, order = uuid_or_none(row["student_id"]), uuid_or_none(row["order_id"])
        return ContainerFacts(
            id=UUID(row["id"]),
            medication=MedicationId(UUID(row["medication_id"])),
            student=None if student is None else StudentId(student),
            order=None if order is None else OrderId(order),
            status=ContainerStatus(row["status"]),
            unit=row["unit"],
            is_controlled=bool(row["is_controlled"]),
            lot=row["lot"],
            received_on=date.fromisoformat(row["received_on"]),
            expires_on=date_or_none(row["expires_on"]),
            strength=strength,
        )

    def amount_in(self, amount: Decimal, unit: str) -> Decimal | None:
        """Return a dose in the container's unit, exactly; None where it cannot be said (D1).

        Tablets and capsules are counted, and ordered by weight: 10 mg of 5 mg tablets are two.
        """
        if unit == self.unit:
            return amount
        strength = self.strength
        if strength is None or self.unit not in COUNTED or strength.unit != unit:
            return None
        pieces = amount / strength.amount
        return pieces if pieces * strength.amount == amount else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """A line and the balance after it. moved is what it changed; difference what a count found beyond the balance."""

    line: LedgerLine
    balance: Decimal = field(repr=False)
    moved: Decimal = field(default=_NOTHING, repr=False)
    difference: Decimal | None = field(default=None, repr=False)


def signed(event: LedgerEvent, amount: Decimal) -> Decimal:
    """Return the quantity that a line says: below zero what goes out, counts and adjustments as they are."""
    return amount if event in _INTO or event in _AS_SAID else -amount


def running(lines: Iterable[LedgerLine], *, controlled: bool) -> tuple[Running, ...]:
    """Return a container's lines in the order of what happened, each with the balance after it (C1).

    The order of arrival changes nothing (X4). What two devices take back of one dose is taken back once (A2).
    """
    balance, taken_back, found = _NOTHING, set[DoseId | None](), list[Running]()
    for line in sorted(lines, key=_when):
        difference: Decimal | None = None
        moved = line.quantity
        if line.event is LedgerEvent.COUNTED:
            difference = line.quantity - balance
            moved = _NOTHING if controlled else difference
        elif line.takes_back:
            moved = _NOTHING if line.log in taken_back else line.quantity
            taken_back.add(line.log)
        balance += moved
        found.append(Running(line=line, balance=balance, moved=moved, difference=difference))
    return tuple(found)


def balance_of(lines: Iterable[LedgerLine], *, controlled: bool) -> Decimal:
    """Return what a container holds (C1); nothing for one without lines."""
    found = running(lines, controlled=controlled)
    return found[-1].balance if found else _NOTHING


def check_lot(container: ContainerFacts, day: date, policy: Policy) -> Iterator[Noticed]:
    """Notice a lot that is expired or recalled (C7): good on its last day, no more on the day after it."""
    detail = {"container": str(container.id)}
    if container.expires_on is not None and container.expires_on < day:
        yield Noticed(code=Code.LOT_EXPIRED, detail={**detail, "expired": container.expires_on.isoformat()})
    if container.lot is not None and container.lot.strip().casefold() in policy.recalled_lots:
        yield Noticed(code=Code.LOT_RECALLED, detail=detail)


def check_stock(
    container: ContainerFacts, balance: Decimal, dose: Decimal | None, day: date, policy: Policy
) -> Iterator[Noticed]:
    """Notice what is to be said of a container's contents: below zero (C6), low, expired, recalled, about to expire.

    dose: one dose in the container's unit, None where there is none; stock is low when it holds fewer than the
    district's number of doses, and below zero is worse than low. What was returned or destroyed keeps that mark alone.
    """
    detail = {"container": str(container.id)}
    if balance < 0:
        yield Noticed(code=Code.STOCK_NEGATIVE, detail={**detail, "balance": plain(balance)})
    if container.status not in {ContainerStatus.IN_USE, ContainerStatus.EMPTY}:
        return
    few = dose is not None and 0 <= balance < dose * policy.low_stock_doses
    if dose is not None and few and container.status is ContainerStatus.IN_USE:
        yield Noticed(code=Code.LOW_STOCK, detail={**detail, "doses": str(max(int(balance // dose), 0))})
    passed = tuple(check_lot(container, day, policy))
    yield from passed
    soon = container.expires_on is not None and container.expires_on - day <= policy.expiry_notice
    if soon and container.expires_on is not None and not any(one.code is Code.LOT_EXPIRED for one in passed):
        yield Noticed(code=Code.LOT_EXPIRES_SOON, detail={**detail, "expires": container.expires_on.isoformat()})


def check_count_due(
    lines: Iterable[LedgerLine], at: Instant, policy: Policy, substitutes: Collection[UserId] = ()
) -> Iterator[Noticed]:
    """Notice that a controlled container is to be counted: a week after it last was, or after a substitute (C3).

    What was received was counted; a substitute who moved anything since makes the next count due.
    """
    ordered = sorted(lines, key=_when)
    counts = [n for n, line in enumerate(ordered) if line.event in {LedgerEvent.COUNTED, LedgerEvent.RECEIVED}]
    if not counts:
        if ordered:
            yield Noticed(code=Code.COUNT_DUE, detail={})
        return
    last = ordered[counts[-1]]
    detail = {"last": instant_to_text(last.occurred_at)}
    if at - last.occurred_at >= policy.count_every or any(
        one.actor in substitutes for one in ordered[counts[-1] + 1 :]
    ):
        yield Noticed(code=Code.COUNT_DUE, detail=detail)


def check_difference(lines: Iterable[LedgerLine]) -> Iterator[Noticed]:
    """Notice that the last count of a controlled container differs from its balance and nobody adjusted since (C4)."""
    last: Running | None = None
    for one in running(lines, controlled=True):
        if one.line.event in {LedgerEvent.COUNTED, LedgerEvent.ADJUSTED}:
            last = one
    if last is not None and last.difference:
        yield Noticed(code=Code.COUNT_DIFFERS, detail={"line": str(last.line.id)})


def without_witness(lines: Iterable[LedgerLine]) -> tuple[LedgerLine, ...]:
    """Return what left a controlled container by one hand and nobody has witnessed since, oldest first (C5)."""
    ordered = sorted(lines, key=_when)
    known = {line.id for line in ordered}
    return tuple(
        line
        for line in ordered
        if line.event in {LedgerEvent.WASTED, LedgerEvent.DESTROYED}
        and line.quantity < 0
        and line.witness is None
        and witnessed_ids(line.id)[0] not in known
    )


def check_witnessed(lines: Iterable[LedgerLine], at: Instant, policy: Policy) -> Iterator[Noticed]:
    """Notice waste that waits for its witness; at 24 hours it is overdue (C5)."""
    for line in without_witness(lines):
        late = at - line.occurred_at >= policy.witness_within
        detail = {"line": str(line.id), "since": instant_to_text(line.occurred_at)}
        yield Noticed(code=Code.WITNESS_OVERDUE if late else Code.WITNESS_PENDING, detail=detail)


def _when(line: LedgerLine) -> tuple[Instant, bool, UUID]:
    # A movement of the very moment of a count was counted.
    return line.occurred_at, line.event is LedgerEvent.COUNTED, line.id


# What a dose takes from its container (rules.md, 'State effects'): given, in part, or dropped.
_MOVING = {
    DoseState.ADMINISTERED: LedgerEvent.GIVEN,
    DoseState.PARTIAL: LedgerEvent.GIVEN,
    DoseState.WASTED: LedgerEvent.WASTED,
}


def moved_by(status: DoseState) -> LedgerEvent | None:
    """Return what a dose of a state does to its container, None for one that leaves stock as it is."""
    return _MOVING.get(status)


def container_for(
    containers: Iterable[tuple[ContainerFacts, Decimal]], unit: str, amount: Decimal, day: date, policy: Policy
) -> ContainerFacts | None:
    """Return the container that a dose is taken from: in use, and countable in its unit; None where there is none.

    A lot that may be given goes first (C7), then one that holds the dose, then the one that expires first.
    """
    fitting: list[tuple[bool, bool, date, date, ContainerFacts]] = []
    for one, balance in containers:
        needed = one.amount_in(amount, unit) if one.status is ContainerStatus.IN_USE else None
        if needed is not None:
            unfit = bool(tuple(check_lot(one, day, policy)))
            fitting.append((unfit, balance < needed, one.expires_on or date.max, one.received_on, one))
    return min(fitting, key=_preference)[-1] if fitting else None


def _preference(candidate: tuple[bool, bool, date, date, ContainerFacts]) -> tuple[bool, bool, date, date, UUID]:
    unfit, short, expires, received, container = candidate
    return unfit, short, expires, received, container.id
