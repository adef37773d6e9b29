"""The inventory: the school's containers, one ledger, and what moves them. One job at a time writes."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from PySide6.QtCore import QObject, Signal, Slot

from wc_contract.model.errors import WhiteCrossError
from wc_contract.model.ids import StudentId
from wc_contract.model.instants import Instant
from wc_contract.model.kinds import (
    LEDGER_ENTRY,
    MEDICATION,
    MEDICATION_CONTAINER,
    ORDER_VERSION,
    STUDENT,
    TRIP_CUSTODY,
)
from wc_contract.model.values import Role
from wc_contract.rules.controlled import KEEPERS
from wc_desktop.actions import stock, stock_moves, trips
from wc_desktop.domain.failures import NotFound
from wc_desktop.domain.screens import PersonRow
from wc_desktop.domain.stock_views import (
    CountOutcome,
    Ledger,
    Movement,
    Receipt,
    Receivable,
    SecondPerson,
    StockList,
    StockRow,
    TripDraft,
    TripReturn,
    TwoCounts,
)
from wc_desktop.ui.viewmodels.session import Session
from wc_desktop.ui.viewmodels.stock_words import StockFilter, StockVerb, StockWords, listed, stock_words, verbs_of

_SHOWN: Final = frozenset(
    kind.name for kind in (LEDGER_ENTRY, MEDICATION, MEDICATION_CONTAINER, ORDER_VERSION, STUDENT)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class StockVerbs:
    """What the inventory can have done."""

    list_stock: Callable[..., StockList]
    open_ledger: Callable[..., Ledger]
    read_ledger: Callable[..., Ledger]
    receivable: Callable[..., tuple[Receivable, ...]]
    receive: Callable[..., StockRow]
    move: Callable[..., StockRow]
    witness_waste: Callable[..., StockRow]
    count: Callable[..., CountOutcome]
    send_on_trip: Callable[..., StockRow]
    bring_back: Callable[..., StockRow]


REAL: Final = StockVerbs(
    list_stock=stock.list_stock,
    open_ledger=stock.open_ledger,
    read_ledger=stock.read_ledger,
    receivable=stock.receivable,
    receive=stock_moves.receive,
    move=stock_moves.move,
    witness_waste=stock_moves.witness_waste,
    count=stock_moves.count,
    send_on_trip=trips.send_on_trip,
    bring_back=trips.bring_back,
)


class StockModel(QObject):
    """Emits `rows_changed`, `chosen_changed`, `ledger_changed`; after writing `saved` or `counted`, else `failed`."""

    rows_changed = Signal()
    chosen_changed = Signal()
    ledger_changed = Signal()
    receivable_found = Signal(object)  # tuple of Receivable
    saved = Signal(object)  # StockRow
    counted = Signal(object)  # CountOutcome
    failed = Signal(object)  # WhiteCrossError

    def __init__(self, session: Session, verbs: StockVerbs = REAL, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._verbs = verbs
        self._list: StockList | None = None
        self._words: tuple[StockWords, ...] = ()
        self._shown: tuple[StockWords, ...] = ()
        self._filter = StockFilter.ALL
        self._text = ""
        self._chosen: UUID | None = None
        self._ledger: Ledger | None = None
        self._hidden = False
        self._asked = 0
        self._for = 0
        session.records_changed.connect(self._on_records_changed)
        session.minute_passed.connect(self._on_minute_passed)

    # What the screen shows.

    @property
    def rows(self) -> tuple[StockWords, ...]:
        """The containers under the chosen tab that match the search."""
        return self._shown

    @property
    def is_read(self) -> bool:
        return self._list is not None

    @property
    def has_any(self) -> bool:
        """Whether the school has a container at all."""
        return bool(self._words)

    @property
    def filter(self) -> StockFilter:
        return self._filter

    @property
    def is_searched(self) -> bool:
        return bool(self._text)

    @property
    def counts(self) -> dict[str, int]:
        """How many containers stand under each tab."""
        return {tab.value: sum(listed(words, tab, "") for words in self._words) for tab in StockFilter}

    @property
    def chosen(self) -> StockWords | None:
        return next((words for words in self._words if words.key == self._chosen), None)

    @property
    def verbs(self) -> tuple[StockVerb, ...]:
        """What can be done with the chosen container."""
        chosen = self.chosen
        return () if chosen is None else verbs_of(chosen.row, self.role)

    @property
    def witnesses(self) -> tuple[PersonRow, ...]:
        """Who can be the second person."""
        return () if self._list is None else self._list.witnesses

    @property
    def carriers(self) -> tuple[PersonRow, ...]:
        """Who may take medicine on a trip."""
        return () if self._list is None else self._list.carriers

    @property
    def ledger(self) -> Ledger | None:
        """The ledger that is open."""
        return self._ledger

    @property
    def role(self) -> Role:
        return self._session.person.role

    @property
    def may_move(self) -> bool:
        """Whether who is at the desk receives, counts and moves medicine."""
        return self.role in KEEPERS

    @property
    def zone(self) -> ZoneInfo:
        return self._session.zone

    def now(self) -> Instant:
        return self._session.now()

    # What the nurse does.

    @Slot()
    def load(self) -> None:
        """Read the list again, and the ledger that is open."""
        self._asked += 1
        desk, now = self._session.desk, self._session.now()
        self._session.run(partial(self._verbs.list_stock, desk, now), done=partial(self._on_list, self._asked))
        if self._ledger is not None:
            job = partial(self._verbs.read_ledger, desk, self._ledger.row.id, now)
            self._session.run(job, done=self._on_ledger_again)

    def choose_filter(self, tab: StockFilter) -> None:
        """Show another tab."""
        self._filter = tab
        self._show()

    def search(self, text: str) -> None:
        """Show only containers that match every word."""
        self._text = text
        self._show()

    def choose(self, key: UUID | None) -> None:
        """Take note of the row the nurse stands on."""
        if key != self._chosen:
            self._chosen = key
            self.chosen_changed.emit()

    def hide_balances(self, *, hidden: bool) -> None:
        """Tell no balance of a controlled medicine while two people count (C2)."""
        if hidden != self._hidden:
            self._hidden = hidden
            self._put_into_words()

    def open_ledger(self, container: UUID) -> None:
        """Show a container's ledger; looking at it is on record."""
        job = partial(self._verbs.open_ledger, self._session.desk, container, self._session.now())
        self._session.run(job, done=self._on_ledger)

    def close_ledger(self) -> None:
        """Show the list again."""
        self._ledger = None
        self.ledger_changed.emit()

    def ask_receivable(self, student: StudentId | None) -> None:
        """Ask what can be received for a child, or for the school."""
        self._for += 1
        job = partial(self._verbs.receivable, self._session.desk, student)
        self._session.run(job, done=partial(self._on_receivable, self._for))

    def receive(self, receipt: Receipt) -> None:
        """Write what came in."""
        self._write(partial(self._verbs.receive, self._session.desk, receipt))

    def move(self, movement: Movement) -> None:
        """Write what went out."""
        self._write(partial(self._verbs.move, self._session.desk, movement))

    def witness(self, container: UUID, second: SecondPerson) -> None:
        """Write that a second person saw the waste."""
        self._write(partial(self._verbs.witness_waste, self._session.desk, container, second))

    def send_on_trip(self, draft: TripDraft) -> None:
        """Write what is signed out for a trip."""
        self._write(partial(self._verbs.send_on_trip, self._session.desk, draft))

    def bring_back(self, back: TripReturn) -> None:
        """Write what came back of a trip."""
        self._write(partial(self._verbs.bring_back, self._session.desk, back))

    def count(self, counts: TwoCounts, report: str) -> None:
        """Write a count, unless it is to be made again."""
        job = partial(self._verbs.count, self._session.desk, counts, report)
        self._session.run(job, done=self._on_counted, failed=self._on_failed, urgent=True)

    # What comes back.

    def _write(self, job: Callable[[], StockRow]) -> None:
        self._session.run(job, done=self._on_saved, failed=self._on_failed, urgent=True)

    def _on_saved(self, row: StockRow) -> None:
        self.saved.emit(row)
        self._session.changed(LEDGER_ENTRY.name, MEDICATION_CONTAINER.name, TRIP_CUSTODY.name)

    def _on_counted(self, outcome: CountOutcome) -> None:
        self.counted.emit(outcome)
        self._session.changed(LEDGER_ENTRY.name, MEDICATION_CONTAINER.name, TRIP_CUSTODY.name)

    def _on_failed(self, failure: WhiteCrossError) -> None:
        self.failed.emit(failure)
        if isinstance(failure, NotFound):
            self.load()

    def _on_list(self, asked: int, found: StockList) -> None:
        if asked == self._asked:
            self._list = found
            self._put_into_words()

    def _on_ledger(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self.ledger_changed.emit()

    def _on_ledger_again(self, ledger: Ledger) -> None:
        if self._ledger is not None and self._ledger.row.id == ledger.row.id:
            self._on_ledger(ledger)

    def _on_receivable(self, asked: int, found: tuple[Receivable, ...]) -> None:
        if asked == self._for:
            self.receivable_found.emit(found)

    def _put_into_words(self) -> None:
        rows = () if self._list is None else self._list.rows
        now, zone = self._session.now(), self._session.zone
        self._words = tuple(stock_words(row, now, zone, hidden=self._hidden) for row in rows)
        self._show()

    def _show(self) -> None:
        self._shown = tuple(words for words in self._words if listed(words, self._filter, self._text))
        self.rows_changed.emit()
        self.chosen_changed.emit()

    @Slot(object)
    def _on_records_changed(self, kinds: frozenset[str]) -> None:
        if self._asked and kinds & _SHOWN:
            self.load()

    @Slot(object)
    def _on_minute_passed(self, _now: Instant) -> None:
        # Counts fall due and lots expire while the list stands there.
        if self._asked:
            self.load()
