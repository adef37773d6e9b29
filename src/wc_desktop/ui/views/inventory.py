"""Inventory: the school's medicine, container by container, its ledgers, and everything that moves it."""

from datetime import date
from typing import Final
from uuid import UUID

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QHBoxLayout, QStackedLayout, QVBoxLayout, QWidget

from wc_contract.model.errors import WhiteCrossError
from wc_contract.rules.controlled import CountStep
from wc_desktop.domain.failures import CountsDiffer
from wc_desktop.domain.stock_views import CountOutcome, Receivable, SecondPerson, StockRow, TwoCounts
from wc_desktop.ui.messages.failures import failure_sentence
from wc_desktop.ui.theme.icons import Icon
from wc_desktop.ui.theme.type_scale import current_scale
from wc_desktop.ui.viewmodels.session import Session
from wc_desktop.ui.viewmodels.stock import REAL, StockModel, StockVerbs
from wc_desktop.ui.viewmodels.stock_words import StockFilter, StockVerb, StockWords, amount_words
from wc_desktop.ui.viewmodels.student_search import REAL as REAL_SEARCH
from wc_desktop.ui.viewmodels.student_search import SearchVerbs
from wc_desktop.ui.viewmodels.words import local
from wc_desktop.ui.views.count_sheet import CountSheet
from wc_desktop.ui.views.ledger_view import LedgerView
from wc_desktop.ui.views.move_sheet import MoveSheet
from wc_desktop.ui.views.page import Page
from wc_desktop.ui.views.receive_sheet import ReceiveSheet
from wc_desktop.ui.views.stock_pane import StockPane
from wc_desktop.ui.views.stock_table import stock_table
from wc_desktop.ui.views.trip_sheet import TripSheet
from wc_desktop.ui.widgets.beside import Beside
from wc_desktop.ui.widgets.buttons import PrimaryButton
from wc_desktop.ui.widgets.empty_state import EmptyState
from wc_desktop.ui.widgets.key_hints import KeyHint
from wc_desktop.ui.widgets.record_table import RecordTable
from wc_desktop.ui.widgets.search_field import SearchField
from wc_desktop.ui.widgets.state_tabs import StateTabs, TabSpec
from wc_desktop.ui.widgets.tool_row import ToolRow

_SEARCH_WIDTH: Final = 300
_PANE_WIDTH: Final = 304


class InventoryPage(Page):
    """Enter opens the ledger, N receives; the keys of the other verbs are those of `_bind_keys`."""

    def __init__(
        self,
        session: Session,
        verbs: StockVerbs = REAL,
        search_verbs: SearchVerbs = REAL_SEARCH,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(session, parent)
        self.model = StockModel(session, verbs, self)
        self._rows = stock_table(self)
        self._verb = StockVerb.COUNT
        self._after: UUID | None = None
        self._build()
        self.receiving = ReceiveSheet(session, self._today, self, search_verbs)
        self.moving = MoveSheet(self)
        self.counting = CountSheet(self)
        self.trip = TripSheet(self)
        self._bind()

    def _build(self) -> None:
        scale = current_scale()
        self.tabs = StateTabs(
            self.tr("Which containers"),
            (
                TabSpec(key=StockFilter.ALL.value, title=self.tr("&All")),
                TabSpec(key=StockFilter.SEE_TO.value, title=self.tr("S&ee to")),
                TabSpec(key=StockFilter.CONTROLLED.value, title=self.tr("C&ontrolled")),
                TabSpec(key=StockFilter.ENDED.value, title=self.tr("&Gone")),
            ),
            self,
        )
        self.tabs.choose(StockFilter.ALL.value)
        self.search = SearchField(self.tr("Find child, medicine or lot"), parent=self)
        self.new_button = PrimaryButton(self.tr("Receive &new"), self, icon=Icon.PLUS)
        self.table = RecordTable(self.tr("Medicine in this school"), self._rows, self)
        self.empty = EmptyState(Icon.PACKAGE, self.tr("Reading the inventory"), "", parent=self)
        holder = QWidget(self)
        holder.setProperty("area", "clear")
        self._either = QStackedLayout(holder)
        self._either.setContentsMargins(0, 0, 0, 0)
        self._either.addWidget(self.table)
        self._either.addWidget(self.empty)
        self.pane = StockPane(self)
        top = QHBoxLayout()
        top.setSpacing(scale.px(12))
        top.addWidget(ToolRow(self.tabs, self.search, self, right_width=_SEARCH_WIDTH), 1)
        top.addWidget(self.new_button)
        self._main = QWidget(self)
        self._main.setProperty("area", "clear")
        column = QVBoxLayout(self._main)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(scale.px(12))
        column.addLayout(top)
        column.addWidget(Beside(holder, self.pane, self._main, side_width=_PANE_WIDTH), 1)
        self.ledger = LedgerView(self.session.zone, self)
        self._stack = QStackedLayout(self)
        self._stack.setContentsMargins(0, 0, 0, 0)
        self._stack.addWidget(self._main)
        self._stack.addWidget(self.ledger)
        QWidget.setTabOrder(self.tabs, self.search)
        QWidget.setTabOrder(self.search, self.new_button)
        QWidget.setTabOrder(self.new_button, self.table)

    def _bind(self) -> None:
        model = self.model
        model.rows_changed.connect(self._on_rows_changed)
        model.chosen_changed.connect(self._on_chosen_changed)
        model.ledger_changed.connect(self._on_ledger_changed)
        model.receivable_found.connect(self._on_receivable)
        model.saved.connect(self._on_saved)
        model.counted.connect(self._on_counted)
        model.failed.connect(self._on_failed)
        self.tabs.tab_chosen.connect(self._on_tab_chosen)
        self.search.search_changed.connect(model.search)
        self.search.list_wanted.connect(self._focus_list)
        self.search.left.connect(self._focus_list)
        self.new_button.clicked.connect(self._on_receive)
        self.table.row_chosen.connect(model.choose)
        self.table.row_activated.connect(model.open_ledger)
        self.pane.verb_wanted.connect(self._on_verb)
        self.pane.ledger_wanted.connect(self._on_ledger_wanted)
        self.ledger.back_wanted.connect(model.close_ledger)
        self._bind_keys()
        self.receiving.asked.connect(model.ask_receivable)
        self.receiving.receive_wanted.connect(model.receive)
        self.moving.move_wanted.connect(model.move)
        self.moving.witness_wanted.connect(self._on_witness)
        self.trip.out_wanted.connect(model.send_on_trip)
        self.trip.back_wanted.connect(model.bring_back)
        self.counting.count_wanted.connect(self._on_count)
        self.counting.hidden.connect(self._on_count_closed)
        for sheet in (self.receiving, self.moving, self.counting, self.trip):
            sheet.lock_wanted.connect(self.session.lock_wanted)
            sheet.finished.connect(self._focus_list)

    def _bind_keys(self) -> None:
        for key, slot in (
            ("N", self._on_receive),
            ("K", self._on_key_count),
            ("T", self._on_key_return),
            ("W", self._on_key_waste),
            ("D", self._on_key_destroy),
            ("J", self._on_key_adjust),
            ("S", self._on_key_witness),
            ("P", self._on_key_trip),
            ("F", self._on_key_back),
        ):
            self.table.add_key(key, slot)

    # What the frame asks.

    @property
    def shows_ledger(self) -> bool:
        return self._stack.currentWidget() is self.ledger

    def title(self) -> str:
        return self.tr("Ledger") if self.shows_ledger else self.tr("Inventory")

    def key_hints(self) -> tuple[KeyHint, ...]:
        if self.shows_ledger:
            return (KeyHint(keys=("Esc",), words=self.tr("back")),)
        return (
            KeyHint(keys=("↑", "↓"), words=self.tr("choose")),
            KeyHint(keys=("Enter",), words=self.tr("ledger")),
            KeyHint(keys=("N",), words=self.tr("receive")),
            KeyHint(keys=("K",), words=self.tr("count")),
            KeyHint(keys=("T",), words=self.tr("return")),
            KeyHint(keys=("W",), words=self.tr("waste")),
            KeyHint(keys=("D",), words=self.tr("destroy")),
            KeyHint(keys=("P",), words=self.tr("trip")),
            KeyHint(keys=("F",), words=self.tr("back from a trip")),
            KeyHint(keys=("S",), words=self.tr("witness waste")),
            KeyHint(keys=("J",), words=self.tr("adjust (supervisor)")),
        )

    def activate(self) -> None:
        self.new_button.setVisible(self.model.may_move)
        self.model.load()
        if self.shows_ledger:
            self.ledger.take_focus()
        else:
            self._focus_list()

    def deactivate(self) -> None:
        for sheet in (self.receiving, self.moving, self.counting, self.trip):
            sheet.hide()

    def focus_search(self) -> bool:
        if self.shows_ledger:
            return False
        self.search.take_focus()
        return True

    # The list.

    @Slot()
    def _on_rows_changed(self) -> None:
        model = self.model
        self._rows.update_rows(model.rows)
        self.tabs.set_counts(model.counts)
        self._say_empty()
        self._either.setCurrentWidget(self.table if model.rows else self.empty)
        after, self._after = self._after, None
        if (after is None or not self.table.choose_key(after)) and model.rows and self.table.current_key is None:
            self.table.choose_row(0)

    def _say_empty(self) -> None:
        model = self.model
        if not model.is_read:
            self.empty.set_words(self.tr("Reading the inventory"))
        elif model.is_searched:
            self.empty.set_words(
                self.tr("Nothing found"), self.tr("No container under this tab matches the search. Esc clears it.")
            )
        elif not model.has_any:
            self.empty.set_words(
                self.tr("No medicine is on record here"),
                self.tr("When a family brings medicine, receive it: its balance follows every dose from then on."),
            )
        elif model.filter is StockFilter.SEE_TO:
            self.empty.set_words(self.tr("Nothing to see to"), self.tr("No stock is low, expired or to be counted."))
        else:
            self.empty.set_words(self.tr("No containers here"), self.tr("Other tabs have some."))

    @Slot()
    def _on_chosen_changed(self) -> None:
        self.pane.show_words(self.model.chosen, self.model.verbs)

    @Slot(str)
    def _on_tab_chosen(self, key: str) -> None:
        self.model.choose_filter(StockFilter(key))

    @Slot()
    def _focus_list(self) -> None:
        if self.shows_ledger:
            self.ledger.take_focus()
        elif self.model.rows:
            self.table.setFocus()
        else:
            (self.new_button if self.model.may_move else self.tabs).setFocus()

    # The ledger.

    @Slot()
    def _on_ledger_wanted(self) -> None:
        chosen = self.model.chosen
        if chosen is not None:
            self.model.open_ledger(chosen.key)

    @Slot()
    def _on_ledger_changed(self) -> None:
        ledger, was_open = self.model.ledger, self.shows_ledger
        if ledger is not None:
            self.ledger.show_ledger(ledger)
        self._stack.setCurrentWidget(self._main if ledger is None else self.ledger)
        if self.shows_ledger is not was_open:
            self._focus_list()
            self.head_changed.emit()

    # Moving.

    @Slot()
    def _on_receive(self) -> None:
        if self.model.may_move:
            self.receiving.ask()

    @Slot(object)
    def _on_verb(self, verb: StockVerb) -> None:
        chosen = self.model.chosen
        if chosen is None or verb not in self.model.verbs:
            return
        self._verb = verb
        if verb is StockVerb.COUNT:
            self.model.hide_balances(hidden=True)
            self.counting.ask(chosen, self.model.witnesses)
        elif verb is StockVerb.TRIP:
            self.trip.ask_out(chosen, self.model.witnesses, self.model.carriers)
        elif verb is StockVerb.BACK:
            self.trip.ask_back(chosen, chosen.row.trips[0], self.model.witnesses)
        else:
            self.moving.ask(chosen, verb, self.model.witnesses)

    @Slot()
    def _on_key_count(self) -> None:
        self._on_verb(StockVerb.COUNT)

    @Slot()
    def _on_key_return(self) -> None:
        self._on_verb(StockVerb.RETURN)

    @Slot()
    def _on_key_waste(self) -> None:
        self._on_verb(StockVerb.WASTE)

    @Slot()
    def _on_key_destroy(self) -> None:
        self._on_verb(StockVerb.DESTROY)

    @Slot()
    def _on_key_adjust(self) -> None:
        self._on_verb(StockVerb.ADJUST)

    @Slot()
    def _on_key_witness(self) -> None:
        self._on_verb(StockVerb.WITNESS)

    @Slot()
    def _on_key_trip(self) -> None:
        self._on_verb(StockVerb.TRIP)

    @Slot()
    def _on_key_back(self) -> None:
        self._on_verb(StockVerb.BACK)

    @Slot(object)
    def _on_receivable(self, found: tuple[Receivable, ...]) -> None:
        self.receiving.show_receivable(found)

    @Slot(object)
    def _on_witness(self, second: SecondPerson) -> None:
        chosen = self.model.chosen
        if chosen is not None:
            self.model.witness(chosen.key, second)

    @Slot(object)
    def _on_count(self, counts: TwoCounts) -> None:
        chosen = self.model.chosen
        if chosen is not None:
            self.model.count(counts, self._report(chosen))

    @Slot()
    def _on_count_closed(self) -> None:
        self.model.hide_balances(hidden=False)

    def _report(self, words: StockWords) -> str:
        """Return what the incident draft says when two counts differ from the record."""
        medicine = f"{words.drug_said} {words.strength}".strip()
        told = self.tr(
            "Two people counted %1 (%2) twice. The record says {expected}; they found {found}. "
            "An administrator is to be told, and a supervisor adjusts the balance."
        )
        return told.replace("%1", medicine).replace("%2", words.lot)

    # What became of it.

    @Slot(object)
    def _on_saved(self, row: StockRow) -> None:
        self._after = row.id
        if self.receiving.isVisible():
            self.receiving.finish()
            self.receiving.forget()
        if self.moving.isVisible():
            self.moving.finish()
            self.moving.forget()
        if self.trip.isVisible():
            self.trip.finish()
            self.trip.forget()
        self.session.tell(self.tr("Saved. There are now: {amount}").format(amount=amount_words(row.balance, row.unit)))

    @Slot(object)
    def _on_counted(self, outcome: CountOutcome) -> None:
        if outcome.step is CountStep.RECOUNT:
            self.counting.begin_again()
            return
        self.counting.finish()
        self._after = outcome.row.id
        expected, found = (amount_words(one, outcome.row.unit) for one in (outcome.expected, outcome.found))
        if outcome.incident is None:
            self.session.tell(self.tr("Count saved: {found}").format(found=found))
            return
        words = self.tr("The count differs: record {expected}, found {found}. Finish the incident report.")
        self.session.tell(words.format(expected=expected, found=found), urgent=True)
        self.session.open_incident(outcome.incident)

    @Slot(object)
    def _on_failed(self, failure: WhiteCrossError) -> None:
        words = failure_sentence(failure)
        if self.counting.isVisible():
            self.counting.say_failure(words, differ=isinstance(failure, CountsDiffer))
        elif self.moving.isVisible():
            self.moving.say_failure(words)
        elif self.trip.isVisible():
            self.trip.say_failure(words)
        elif self.receiving.isVisible():
            self.receiving.say_failure(words)
        else:
            self.session.tell_failure(failure)

    def _today(self) -> date:
        return local(self.session.now(), self.session.zone).date()
