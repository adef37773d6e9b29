"""Medicine on the shelves in words: balances, lots, what is to be seen to, what a ledger line says."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from PySide6.QtCore import QCoreApplication

from wc_contract.model.instants import Instant
from wc_contract.model.office_values import ContainerStatus, LedgerEvent
from wc_contract.model.quantity import Quantity, decimal_from_text
from wc_contract.model.values import Role
from wc_contract.rules.controlled import KEEPERS
from wc_contract.rules.findings import Code
from wc_desktop.domain.stock_views import LedgerRow, StockMark, StockRow, TripOut
from wc_desktop.ui.messages.findings import finding_sentence, finding_title
from wc_desktop.ui.viewmodels.words import (
    JOINT,
    day_words,
    detail_words,
    drug_words,
    full_name,
    grade_words,
    local,
    plain_drug_words,
    schedule_words,
    when_words,
)

_CONTEXT: Final = "Stock"
_MOST_DIGITS: Final = 12
EVENTS: Final[Mapping[LedgerEvent, str]] = {
    LedgerEvent.RECEIVED: "Received",
    LedgerEvent.GIVEN: "Given",
    LedgerEvent.WASTED: "Wasted",
    LedgerEvent.COUNTED: "Counted",
    LedgerEvent.ADJUSTED: "Adjusted",
    LedgerEvent.SENT_OUT: "Sent out",
    LedgerEvent.BROUGHT_BACK: "Brought back",
    LedgerEvent.RETURNED: "Returned to the family",
    LedgerEvent.DESTROYED: "Destroyed",
}
_STATES: Final[Mapping[ContainerStatus, str]] = {
    ContainerStatus.IN_USE: "In use",
    ContainerStatus.EMPTY: "Empty",
    ContainerStatus.RETURNED: "Returned",
    ContainerStatus.DESTROYED: "Destroyed",
}
_GRAVE: Final = frozenset(
    code.value
    for code in (
        Code.STOCK_NEGATIVE, Code.LOT_EXPIRED, Code.LOT_RECALLED, Code.COUNT_DIFFERS, Code.WITNESS_OVERDUE,
    )
)  # fmt: skip


def tr(text: str) -> str:
    """Translate one of the words of this module."""
    return QCoreApplication.translate(_CONTEXT, text)


class StockFilter(StrEnum):
    """Which containers are listed."""

    ALL = "all"
    SEE_TO = "see_to"
    CONTROLLED = "controlled"
    ENDED = "ended"


class StockVerb(StrEnum):
    """What can be done with a container."""

    COUNT = "count"
    RETURN = "return"
    WASTE = "waste"
    DESTROY = "destroy"
    ADJUST = "adjust"
    WITNESS = "witness"
    TRIP = "trip"
    BACK = "back"


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkWords:
    """A mark in words: a chip's, and a whole sentence."""

    code: str
    title: str
    sentence: str
    is_grave: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class StockWords:
    """One container in words. The balance says nothing while it is counted blind."""

    key: UUID
    row: StockRow = field(repr=False)
    child: str
    child_detail: str
    drug: str
    drug_said: str
    strength: str
    controlled: str
    balance: str
    balance_detail: str
    lot: str
    expires: str
    counted: str
    state: str
    marks: tuple[MarkWords, ...]
    said: str


def stock_words(row: StockRow, now: Instant, zone: ZoneInfo, *, hidden: bool) -> StockWords:
    """Return a container as it reads. hidden: somebody counts, and no balance of a controlled medicine is told."""
    today = local(now, zone).date()
    drug, strength = drug_words(row.medication)
    said_drug = plain_drug_words(row.medication)[0]
    blind = hidden and row.is_controlled
    marks = tuple(_mark(mark, zone, today) for mark in row.marks if not (blind and _tells_of_balance(mark)))
    child = child_words(row)
    balance = tr("Hidden while it is counted") if blind else amount_words(row.balance, row.unit)
    return StockWords(
        key=row.id,
        row=row,
        child=child,
        child_detail="" if row.student is None else grade_words(row.student),
        drug=drug,
        drug_said=said_drug,
        strength=strength,
        controlled=schedule_words(row.medication.dea_schedule) if row.is_controlled else "",
        balance=balance,
        balance_detail="" if blind else _doses_left(row),
        lot=tr("Lot {lot}").format(lot=row.lot) if row.lot else tr("No lot written"),
        expires=tr("Expires {day}").format(day=day_words(row.expires_on)) if row.expires_on else tr("No expiry date"),
        counted="" if row.counted_at is None else when_words(row.counted_at, zone, today),
        state=tr(_STATES[row.status]),
        marks=marks,
        said=", ".join(filter(None, (*(mark.title for mark in marks), child, said_drug, strength, balance))),
    )


def child_words(row: StockRow) -> str:
    """Return whose a container is."""
    if row.student is not None:
        return full_name(row.student)
    return tr("A child who has left") if row.of_child else tr("School's own stock")


def amount_words(amount: Decimal, unit: str) -> str:
    """Return '12 tablets'."""
    return str(Quantity(amount=amount, unit=unit)).strip()


def change_words(amount: Decimal, unit: str) -> str:
    """Return '+30 tablets', '-1 tablet', '0'."""
    if not amount:
        return "0"
    sign = "+" if amount > 0 else "-"
    return f"{sign}{Quantity(amount=abs(amount), unit=unit)}".strip()


def _doses_left(row: StockRow) -> str:
    if row.dose is None or not row.is_kept:
        return ""
    return tr("{count} doses").format(count=max(int(row.balance // row.dose), 0))


def _tells_of_balance(mark: StockMark) -> bool:
    return mark.code in {Code.STOCK_NEGATIVE.value, Code.LOW_STOCK.value, Code.COUNT_DIFFERS.value}


def _mark(mark: StockMark, zone: ZoneInfo, today: date) -> MarkWords:
    return MarkWords(
        code=mark.code,
        title=finding_title(mark.code),
        sentence=finding_sentence(mark.code, detail_words(mark.detail, zone, today)),
        is_grave=mark.code in _GRAVE,
    )


def listed(words: StockWords, tab: StockFilter, text: str) -> bool:
    """Whether a container stands under a tab and matches every word of a search."""
    row = words.row
    under = {
        StockFilter.ALL: row.is_kept,
        StockFilter.SEE_TO: bool(words.marks),
        StockFilter.CONTROLLED: row.is_kept and row.is_controlled,
        StockFilter.ENDED: not row.is_kept,
    }[tab]
    looked_in = f"{words.child} {words.drug_said} {words.strength} {row.lot} {row.location} {words.state}".casefold()
    return under and all(word in looked_in for word in text.casefold().split())


def verbs_of(row: StockRow, role: Role) -> tuple[StockVerb, ...]:
    """Return what can be done with a container by whom is at the desk."""
    if not row.is_kept or role not in KEEPERS:
        return ()
    found = [StockVerb.COUNT, StockVerb.RETURN, StockVerb.WASTE, StockVerb.DESTROY]
    if role is Role.SUPERVISOR:
        found.append(StockVerb.ADJUST)
    # The bottle of a child goes nowhere; the school's own stock makes no trips.
    if row.student is not None:
        found.append(StockVerb.TRIP)
    if row.trips:
        found.append(StockVerb.BACK)
    if row.pending:
        found.insert(0, StockVerb.WITNESS)
    return tuple(found)


def trip_words(trip: TripOut, unit: str) -> str:
    """Return what is out on a trip, and with whom."""
    amount = amount_words(trip.quantity, unit)
    return tr("{amount} out: {trip}, with {carrier}").format(amount=amount, trip=trip.trip, carrier=trip.carrier)


def event_words(line: LedgerRow) -> str:
    """Return what a line is, '(taken back)' for one that undoes what a corrected dose moved."""
    words = tr(EVENTS[line.event])
    return tr("{event} (taken back)").format(event=words) if line.takes_back else words


def line_detail(line: LedgerRow, unit: str) -> str:
    """Return what a count found beyond the balance, or that waste waits for its witness."""
    if line.is_pending:
        return tr("Witness pending")
    if line.found is None:
        return ""
    found = tr("Found {amount}").format(amount=amount_words(line.found, unit))
    if not line.difference:
        return JOINT.join((found, tr("agrees")))
    return JOINT.join((found, tr("differs by {amount}").format(amount=change_words(line.difference, unit))))


def amount_typed(text: str, *, below_zero: bool = False) -> Decimal | None:
    """Return an amount above zero as it was typed, exact; None for what is none. An adjustment may be below zero."""
    text = text.strip().replace(",", ".").replace("\N{MINUS SIGN}", "-")
    try:
        number = decimal_from_text(text)
    except ValueError:
        return None
    fits = bool(number) if below_zero else number > 0
    return number if fits and len(text) <= _MOST_DIGITS else None
