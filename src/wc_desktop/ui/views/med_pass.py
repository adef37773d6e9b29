"""Today's medication pass: the list, its filters, the pane, the confirm."""

from typing import Final

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QStackedLayout, QVBoxLayout, QWidget

from wc_contract.model.errors import WhiteCrossError
from wc_contract.model.values import DoseState
from wc_desktop.domain.failures import NotAllowed, ReasonMissing
from wc_desktop.domain.screens import DosePlan, DoseSaved
from wc_desktop.ui.models.due_rows import DueTableModel
from wc_desktop.ui.theme.icons import Icon
from wc_desktop.ui.theme.tone import Tone
from wc_desktop.ui.theme.type_scale import current_scale
from wc_desktop.ui.viewmodels.dose_confirm import DoseConfirmModel
from wc_desktop.ui.viewmodels.due_filter import DueFilter
from wc_desktop.ui.viewmodels.effects import REAL as REAL_EFFECTS
from wc_desktop.ui.viewmodels.effects import EffectsModel, EffectVerbs
from wc_desktop.ui.viewmodels.end_of_day import REAL as REAL_END
from wc_desktop.ui.viewmodels.end_of_day import EndOfDayModel, EndOfDayVerbs
from wc_desktop.ui.viewmodels.med_pass import REAL, MedPassModel, MedPassVerbs, PlanAsked
from wc_desktop.ui.viewmodels.pane_words import pane_words
from wc_desktop.ui.viewmodels.session import Session
from wc_desktop.ui.viewmodels.words import dose_state_words, full_name
from wc_desktop.ui.views.dose_sheet import DoseSheet
from wc_desktop.ui.views.due_looks import due_look
from wc_desktop.ui.views.due_pane import PANE_WIDTH, DuePane
from wc_desktop.ui.views.effect_sheet import EffectSheet
from wc_desktop.ui.views.end_of_day_sheet import EndOfDaySheet
from wc_desktop.ui.views.page import Page
from wc_desktop.ui.views.prn_sheet import PrnSheet
from wc_desktop.ui.widgets.alert_banner import AlertBanner
from wc_desktop.ui.widgets.beside import Beside
from wc_desktop.ui.widgets.buttons import SecondaryButton
from wc_desktop.ui.widgets.empty_state import EmptyState
from wc_desktop.ui.widgets.key_hints import KeyHint
from wc_desktop.ui.widgets.record_table import RecordTable
from wc_desktop.ui.widgets.search_field import SearchField
from wc_desktop.ui.widgets.state_tabs import StateTabs, TabSpec
from wc_desktop.ui.widgets.tool_row import ToolRow

_SEARCH_WIDTH: Final = 300
_MOST_BETWEEN: Final = 14


class MedPassPage(Page):
    """Enter gives, R refused, H held, A absent; a second Enter saves and goes to the next dose due."""

    def __init__(
        self,
        session: Session,
        verbs: MedPassVerbs = REAL,
        effect_verbs: EffectVerbs = REAL_EFFECTS,
        end_verbs: EndOfDayVerbs = REAL_END,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(session, parent)
        self.model = MedPassModel(session, verbs, self)
        self.confirm = DoseConfirmModel(session, self)
        self._rows = DueTableModel(self)
        self._build()
        self._sheet = DoseSheet(self.confirm, self)
        self.effects = EffectsModel(session, effect_verbs, self)
        self.effect_sheet = EffectSheet(self.effects, self)
        self.end = EndOfDayModel(session, end_verbs, self)
        self.end_sheet = EndOfDaySheet(self.end, session, self)
        self._prn: PrnSheet | None = None
        self._bind()
        self._first_look = True
        self._follow: str | None = None

    def _build(self) -> None:
        scale = current_scale()
        self.tabs = StateTabs(
            self.tr("Which doses"),
            (
                TabSpec(key=DueFilter.TO_GIVE.value, title=self.tr("&To give")),
                TabSpec(key=DueFilter.OVERDUE.value, title=self.tr("&Overdue")),
                TabSpec(key=DueFilter.LATER.value, title=self.tr("&Later")),
                TabSpec(key=DueFilter.DONE.value, title=self.tr("&Done")),
                TabSpec(key=DueFilter.ALL.value, title=self.tr("&All")),
            ),
            self,
        )
        self.tabs.choose(self.model.filter.value)
        self.search = SearchField(self.tr("Find student or medication"), parent=self)
        top = ToolRow(self.tabs, self.search, self, right_width=_SEARCH_WIDTH)
        self.periods = StateTabs(self.tr("Which class period"), (self._whole_day(),), self)
        self.periods.hide()
        self.doubts = AlertBanner(Tone.DANGER, "", self, icon=Icon.OCTAGON_ALERT)
        self.doubts.hide()
        self.helped = AlertBanner(Tone.INFO, "", self, icon=Icon.CLOCK_ALERT)
        self.helped.hide()
        self.helped_button = SecondaryButton(self.tr("Did &it help?"), self, icon=Icon.EYE)
        self.helped_button.setAccessibleDescription(self.tr("Key: E in the list"))
        self.helped_button.hide()
        self.unanswered = AlertBanner(Tone.INFO, "", self, icon=Icon.CLIPBOARD_LIST)
        self.unanswered.hide()
        self.end_button = SecondaryButton(self.tr("End of da&y…"), self)
        self.end_button.setAccessibleDescription(self.tr("Key: D in the list"))
        self.end_button.hide()
        self.table = RecordTable(self.tr("Today's medication pass"), self._rows, self)
        self.empty = EmptyState(Icon.PILL, "", "", parent=self)
        holder = QWidget(self)
        holder.setProperty("area", "clear")
        self._stack = QStackedLayout(holder)
        self._stack.setContentsMargins(0, 0, 0, 0)
        self._stack.addWidget(self.table)
        self._stack.addWidget(self.empty)
        self.pane = DuePane(self)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        # With large text the list needs the room more than the lines over it.
        column.setSpacing(min(scale.px(12), _MOST_BETWEEN))
        column.addWidget(top)
        column.addWidget(self.periods)
        column.addWidget(self.doubts)
        for said, button in ((self.helped, self.helped_button), (self.unanswered, self.end_button)):
            asked = QHBoxLayout()
            asked.setSpacing(scale.px(10))
            asked.addWidget(said, 1)
            asked.addWidget(button)
            column.addLayout(asked)
        # The list never loses its last columns to the pane: what the pane says is in the confirm too.
        column.addWidget(Beside(holder, self.pane, self, side_width=PANE_WIDTH), 1)
        # Tab goes as the eye does: filters, search, list, what to do.
        QWidget.setTabOrder(self.tabs, self.search)
        QWidget.setTabOrder(self.search, self.periods)
        QWidget.setTabOrder(self.periods, self.table)
        QWidget.setTabOrder(self.table, self.pane.give)

    def _bind(self) -> None:
        model = self.model
        model.rows_changed.connect(self._on_rows_changed)
        model.pane_changed.connect(self._on_pane_changed)
        model.plan_wanted.connect(self._on_plan_wanted)
        model.plan_made.connect(self._on_plan_made)
        model.plan_failed.connect(self._on_plan_failed)
        model.dose_saved.connect(self._on_dose_saved)
        self.confirm.draft_ready.connect(model.save)
        self._sheet.finished.connect(self._on_sheet_closed)
        self.tabs.tab_chosen.connect(self._on_tab_chosen)
        self.periods.tab_chosen.connect(model.choose_period)
        self.search.search_changed.connect(model.search)
        self.search.list_wanted.connect(self.table.setFocus)
        self.search.left.connect(self.table.setFocus)
        self.table.row_chosen.connect(model.choose)
        self.table.row_activated.connect(self._on_give)
        self.table.add_key("R", self._on_refuse)
        self.table.add_key("H", self._on_hold)
        self.table.add_key("A", self._on_absent)
        self.table.add_key("C", self._on_chart)
        self.table.add_key("E", self._on_effect)
        self.helped_button.clicked.connect(self._on_effect)
        self.effects.changed.connect(self._on_effects_changed)
        self.effect_sheet.lock_wanted.connect(self.session.lock_wanted)
        self.effect_sheet.finished.connect(self._on_sheet_closed)
        self.end_button.clicked.connect(self._on_end_of_day)
        self.end.changed.connect(self._on_end_changed)
        self.end_sheet.lock_wanted.connect(self.session.lock_wanted)
        self.end_sheet.finished.connect(self._on_sheet_closed)
        # They work with an empty list too; in a search field they are letters.
        for key, slot in (("P", self._on_as_needed), ("D", self._on_end_of_day), ("W", self._on_periods)):
            shortcut = QShortcut(QKeySequence(key), self)
            shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            shortcut.activated.connect(slot)
        self.pane.give_asked.connect(self._on_give)
        self.pane.refuse_asked.connect(self._on_refuse)
        self.pane.hold_asked.connect(self._on_hold)
        self.pane.absent_asked.connect(self._on_absent)
        self.pane.chart_asked.connect(self._on_chart)
        self.pane.as_needed_asked.connect(self._on_as_needed)

    # What the frame asks.

    def title(self) -> str:
        return self.tr("Today's medication pass")

    def key_hints(self) -> tuple[KeyHint, ...]:
        return (
            KeyHint(keys=("↑", "↓"), words=self.tr("choose")),
            KeyHint(keys=("Enter",), words=self.tr("give")),
            KeyHint(keys=("R",), words=self.tr("refused")),
            KeyHint(keys=("H",), words=self.tr("hold")),
            KeyHint(keys=("A",), words=self.tr("absent")),
            KeyHint(keys=("P",), words=self.tr("as needed")),
            KeyHint(keys=("C",), words=self.tr("chart")),
            KeyHint(keys=("D",), words=self.tr("end of day")),
            KeyHint(keys=("W",), words=self.tr("class period")),
        )

    def activate(self) -> None:
        self.model.refresh()
        self.effects.look()
        self.end.look_back()
        self.table.setFocus()

    def deactivate(self) -> None:
        self._sheet.hide()
        self.effect_sheet.hide()
        self.end_sheet.hide()
        if self._prn is not None:
            self._prn.hide()

    def focus_search(self) -> bool:
        self.search.take_focus()
        return True

    # What the model says.

    @Slot()
    def _on_rows_changed(self) -> None:
        looks = tuple(due_look(words) for words in self.model.rows)
        had_focus = self.table.view.hasFocus()
        self._rows.update_rows(looks)
        self.tabs.set_counts({tab.value: count for tab, count in self.model.counts.items()})
        self._show_periods()
        title, words = self.model.empty_words
        self.empty.set_words(title, words)
        self._stack.setCurrentWidget(self.table if looks else self.empty)
        self.end.take(self.model.list)
        doubts = self.model.doubts
        if doubts:
            self.doubts.set_alert(Tone.DANGER, "\n".join(doubts))
        self.doubts.setVisible(bool(doubts))
        if looks and (self.table.current_key is None or self._first_look):
            self._choose(self.model.first_open())
            self._first_look = False
        if had_focus and looks:
            self.table.setFocus()

    def _whole_day(self) -> TabSpec:
        return TabSpec(key="", title=self.tr("Whole day"))

    def _show_periods(self) -> None:
        names = self.model.periods
        self.periods.set_tabs((self._whole_day(), *(TabSpec(key=name, title=name) for name in names)))
        self.periods.set_counts(self.model.period_counts)
        self.periods.setVisible(bool(names))

    @Slot()
    def _on_pane_changed(self) -> None:
        self.pane.show_words(self.model.pane)

    @Slot(object)
    def _on_plan_wanted(self, asked: PlanAsked) -> None:
        self._sheet.show_rights(pane_words(asked.row, self.session.now(), self.session.zone))
        self.confirm.begin(asked.row, asked.state)

    @Slot(object)
    def _on_plan_made(self, plan: DosePlan) -> None:
        self.confirm.take_plan(plan)

    @Slot(object)
    def _on_plan_failed(self, failure: WhiteCrossError) -> None:
        self.confirm.take_failure(failure)
        row = self.confirm.row
        if row is not None and isinstance(failure, NotAllowed | ReasonMissing):
            # Time went on, or another desk's entry came in: the rules say something new.
            self.model.plan(row.key, self.confirm.state)

    @Slot(object)
    def _on_dose_saved(self, saved: DoseSaved) -> None:
        self._follow = self.model.next_after(saved.row.key)
        self.confirm.take_saved(saved.row.key)
        answer = saved.row.answers[-1].status if saved.row.answers else DoseState.ADMINISTERED
        words = self.tr("Saved on this workstation: {who}, {what}")
        self.session.tell(words.format(what=dose_state_words(answer).lower(), who=full_name(saved.row.student)))
        self._go_on()

    @Slot()
    def _on_sheet_closed(self) -> None:
        self._go_on()

    def _go_on(self) -> None:
        if self._follow is not None:
            self._choose(self._follow)
            self._follow = None
        if self._sheet.isHidden():
            self.table.setFocus()

    def _choose(self, key: str | None) -> None:
        if key is not None:
            self.table.choose_key(key)

    # What the nurse does.

    @Slot(str)
    def _on_tab_chosen(self, key: str) -> None:
        self.model.choose_filter(DueFilter(key))

    @Slot()
    def _on_give(self) -> None:
        self._ask(DoseState.ADMINISTERED)

    @Slot()
    def _on_refuse(self) -> None:
        self._ask(DoseState.REFUSED)

    @Slot()
    def _on_hold(self) -> None:
        self._ask(DoseState.HELD)

    @Slot()
    def _on_absent(self) -> None:
        self._ask(DoseState.ABSENT)

    def _ask(self, state: DoseState) -> None:
        chosen = self.model.chosen
        if chosen is not None and self._sheet.isHidden():
            self.model.ask(chosen.key, state)

    @Slot()
    def _on_effect(self) -> None:
        if self.effects.waiting:
            self.effect_sheet.begin()

    @Slot()
    def _on_effects_changed(self) -> None:
        words = self.effects.sentence
        if words:
            self.helped.set_alert(Tone.INFO, words)
        self.helped.setVisible(bool(words))
        self.helped_button.setVisible(bool(words))

    @Slot()
    def _on_periods(self) -> None:
        if self.periods.isVisible():
            self.periods.setFocus()

    @Slot()
    def _on_end_of_day(self) -> None:
        if self._sheet.isHidden() and self.model.is_read:
            self.end_sheet.begin()

    @Slot()
    def _on_end_changed(self) -> None:
        words = self.end.sentence
        if words:
            self.unanswered.set_alert(Tone.INFO, words)
        self.unanswered.setVisible(bool(words))
        self.end_button.setVisible(bool(words))

    @Slot()
    def _on_chart(self) -> None:
        chosen = self.model.chosen
        if chosen is not None:
            self.session.open_student(chosen.row.student.id)

    @Slot()
    def _on_as_needed(self) -> None:
        # Whoever comes with a headache is rarely the child that the list stands on: she is found by name.
        if self._sheet.isHidden():
            self.as_needed.ask()

    @property
    def as_needed(self) -> PrnSheet:
        """The sheet for a dose as needed, made when it is first wanted."""
        if self._prn is None:
            self._prn = PrnSheet(self.session, self)
            self._prn.finished.connect(self._on_prn_closed)
        return self._prn

    @Slot()
    def _on_prn_closed(self) -> None:
        self.table.setFocus()
