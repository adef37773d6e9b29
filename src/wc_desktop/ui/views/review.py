"""Review: open cases, the entries of the chosen one side by side, and the answers that may be given."""

from PySide6.QtCore import Signal, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QStackedLayout, QWidget

from wc_contract.model.ids import CaseId
from wc_desktop.domain.case_views import CaseRow
from wc_desktop.ui.models.row_table import ColumnSpec, RowTableModel
from wc_desktop.ui.theme.cells import TextCell, Widths
from wc_desktop.ui.theme.icons import Icon
from wc_desktop.ui.theme.tone import Tone
from wc_desktop.ui.theme.type_scale import current_scale
from wc_desktop.ui.viewmodels.case_sides import CaseSide
from wc_desktop.ui.viewmodels.review import REAL, Option, ReviewModel, ReviewVerbs
from wc_desktop.ui.viewmodels.session import Session
from wc_desktop.ui.viewmodels.words import grade_words
from wc_desktop.ui.views.answer_sheet import AnswerSheet
from wc_desktop.ui.views.child_looks import child_chips
from wc_desktop.ui.views.page import Page
from wc_desktop.ui.views.side_by_side import SideBySide
from wc_desktop.ui.widgets.alert_banner import AlertBanner
from wc_desktop.ui.widgets.buttons import SecondaryButton
from wc_desktop.ui.widgets.card import Card
from wc_desktop.ui.widgets.chip_row import ChipRow
from wc_desktop.ui.widgets.empty_state import EmptyState
from wc_desktop.ui.widgets.fact_list import Fact, FactList
from wc_desktop.ui.widgets.flow_row import FlowRow
from wc_desktop.ui.widgets.key_hints import KeyHint
from wc_desktop.ui.widgets.labels import LabelStyle, TextLabel
from wc_desktop.ui.widgets.record_table import RecordTable
from wc_desktop.ui.widgets.scroller import Scroller

_LEAST_TABLE = 160
_LEAST_CASE = 320
_BESIDE = 480


class CaseColumns:
    """The columns of the case list."""

    def __init__(self, model: ReviewModel) -> None:
        self._model = model

    def child(self, case: CaseRow) -> TextCell:
        detail = "" if case.student is None else grade_words(case.student)
        return TextCell(headline=self._model.child(case), detail=detail)

    def kind(self, case: CaseRow) -> TextCell:
        opened = self._model.moment(case.opened_at)
        drug = self._model.medicine(case)
        detail = " · ".join(part for part in (drug, opened) if part)
        return TextCell(headline=self._model.kind(case), detail=detail, headline_tone=Tone.DANGER)

    def child_said(self, case: CaseRow) -> str:
        return ", ".join((self._model.kind(case), self._model.child(case), self._model.medicine(case)))

    def kind_said(self, case: CaseRow) -> str:
        return ", ".join((self._model.kind(case), self._model.medicine(case), self._model.moment(case.opened_at)))


def _key(case: CaseRow) -> CaseId:
    return case.id


def _edge(_case: CaseRow) -> Tone | None:
    return Tone.DANGER


class ReviewPage(Page):
    """The list at the left, the case at the right, its answers below it for those who may give them."""

    def __init__(self, session: Session, verbs: ReviewVerbs = REAL, parent: QWidget | None = None) -> None:
        super().__init__(session, parent)
        self.model = ReviewModel(session, verbs, self)
        self._is_read = False
        make = CaseColumns(self.model)
        self._rows: RowTableModel[CaseRow] = RowTableModel(
            (
                ColumnSpec(
                    title=self.tr("Child"),
                    look=make.child,
                    said=make.child_said,
                    widths=Widths(least=120, usual=160, share=1),
                ),
                ColumnSpec(
                    title=self.tr("Case"),
                    look=make.kind,
                    said=make.kind_said,
                    widths=Widths(least=130, usual=200, share=1),
                ),
            ),
            _key,
            edge=_edge,
            parent=self,
        )
        self._build()
        self.model.loaded.connect(self._on_loaded)
        self.model.answered.connect(self._on_answered)
        self.model.not_answered.connect(self.sheet.say_failure)
        self.table.row_chosen.connect(self._on_case_chosen)
        self.case.answer_wanted.connect(self._on_answer_wanted)
        self.sheet.decided.connect(self.model.answer)
        self.sheet.lock_wanted.connect(self.session.lock_wanted)

    def _build(self) -> None:
        self.table = RecordTable(self.tr("Open review cases"), self._rows, self)
        self.empty = EmptyState(
            Icon.SHIELD_CHECK,
            self.tr("Nothing to review"),
            self.tr("A case opens by itself when entries contradict each other, or something must be looked at."),
            parent=self,
        )
        self.case = CaseView(self.model, self)
        self.sheet = AnswerSheet(self.session, self)
        both = SideBySide(self.table, self.case, self, first_share=2, second_share=3, least=760)
        self._stack = QStackedLayout(self)
        self._stack.setContentsMargins(0, 0, 0, 0)
        scale = current_scale()
        self.table.setMinimumHeight(scale.px(_LEAST_TABLE))
        self.case.setMinimumHeight(scale.px(_LEAST_CASE))
        scroller = Scroller(self.tr("Review"), self)
        scroller.body.addWidget(both)
        self._stack.addWidget(scroller)
        nothing = Scroller(self.tr("Nothing listed"), self)
        nothing.body.addWidget(self.empty)
        self._stack.addWidget(nothing)

    def title(self) -> str:
        return self.tr("Review")

    def key_hints(self) -> tuple[KeyHint, ...]:
        return (
            KeyHint(keys=("↑", "↓"), words=self.tr("choose a case")),
            KeyHint(keys=("Tab",), words=self.tr("read and answer")),
        )

    def activate(self) -> None:
        self._is_read = True
        self.model.begin()
        self.table.setFocus()

    def deactivate(self) -> None:
        self._is_read = False
        self.sheet.hide()

    @Slot(object)
    def _on_loaded(self, cases: tuple[CaseRow, ...]) -> None:
        self._rows.update_rows(cases)
        self._stack.setCurrentIndex(0 if cases else 1)
        if cases and self.table.current_key is None:
            self.table.choose_row(0)
        self._show_current()

    @Slot(object)
    def _on_case_chosen(self, _key: object) -> None:
        self._show_current()

    def _show_current(self) -> None:
        case = self.table.current_row
        if isinstance(case, CaseRow):
            self.case.show_case(case)
            # What comes up behind another screen was looked at by nobody.
            if self._is_read:
                self.model.open(case)

    @Slot(object)
    def _on_answer_wanted(self, option: Option) -> None:
        case = self.case.shown
        if case is not None and self.sheet.isHidden():
            about = " · ".join(part for part in (self.model.child(case), self.model.medicine(case)) if part)
            lines = tuple((str(dose.id), line) for dose, line in self.model.entries(case))
            self.sheet.ask(case, option, about, lines)

    @Slot(object)
    def _on_answered(self, _case: CaseRow) -> None:
        self.sheet.finish()
        self.table.setFocus()


class CaseView(Card):
    """One case: whom, what, what happens now, its sides beside one another, and the answers below them."""

    answer_wanted = Signal(object)  # Option

    def __init__(self, model: ReviewModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self.shown: CaseRow | None = None
        scale = current_scale()
        scroller = Scroller(self.tr("Case"), self)
        scroller.body.setSpacing(scale.px(10))
        self.body.addWidget(scroller, 1)
        self._child = TextLabel("", LabelStyle.TITLE, self)
        self._chips = ChipRow((), self)
        self._kind = AlertBanner(Tone.DANGER, "", self, icon=Icon.OCTAGON_ALERT)
        self._now = AlertBanner(Tone.WARNING, "", self)
        self.hindrance = AlertBanner(Tone.INFO, "", self, icon=Icon.USER_X)
        for part in (self._child, self._chips, self._kind, self._now, self.hindrance):
            scroller.body.addWidget(part)
        self._sides = QWidget(self)
        self._sides.setProperty("area", "clear")
        self._line = QBoxLayout(QBoxLayout.Direction.LeftToRight, self._sides)
        self._line.setContentsMargins(0, 0, 0, 0)
        self._line.setSpacing(scale.px(12))
        self._cards: list[SideCard] = []
        scroller.body.addWidget(self._sides)
        scroller.body.addStretch(1)
        self.answers = FlowRow(self)
        self.body.addWidget(self.answers)
        self._buttons: list[AnswerButton] = []

    def show_case(self, case: CaseRow) -> None:
        """Show this case."""
        self.shown = case
        self._child.setText(self._model.child(case))
        chips = () if case.student is None else child_chips(case.student)
        self._chips.set_chips(chips)
        self._chips.setVisible(bool(chips))
        self._kind.set_alert(Tone.DANGER, self._model.kind_sentence(case))
        self._now.set_alert(Tone.WARNING, self._model.what_now(case))
        hindrance = self._model.hindrance(case)
        self.hindrance.set_alert(Tone.INFO, hindrance)
        self.hindrance.setVisible(bool(hindrance))
        self._show_sides(self._model.sides(case))
        self._show_answers(self._model.options(case))

    def _show_sides(self, sides: tuple[CaseSide, ...]) -> None:
        while len(self._cards) < len(sides):
            card = SideCard(self._sides)
            self._cards.append(card)
            self._line.addWidget(card, 1)
        for number, card in enumerate(self._cards):
            card.setVisible(number < len(sides))
            if number < len(sides):
                card.show_side(sides[number])

    def _show_answers(self, options: tuple[Option, ...]) -> None:
        while len(self._buttons) < len(options):
            button = AnswerButton(self)
            button.chosen.connect(self.answer_wanted)
            self._buttons.append(button)
            self.answers.add(button)
        for number, button in enumerate(self._buttons):
            button.setVisible(number < len(options))
            if number < len(options):
                button.offer(options[number])
        self.answers.setVisible(bool(options))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        beside = event.size().width() >= current_scale().px(_BESIDE)
        self._line.setDirection(QBoxLayout.Direction.LeftToRight if beside else QBoxLayout.Direction.TopToBottom)


class AnswerButton(SecondaryButton):
    """One of the answers."""

    chosen = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("", parent)
        self._option: Option | None = None
        self.clicked.connect(self._on_clicked)

    def offer(self, option: Option) -> None:
        """Stand for this answer."""
        self._option = option
        self.setText(option.button)
        self.setAccessibleDescription(option.outcome)

    @Slot()
    def _on_clicked(self) -> None:
        if self._option is not None:
            self.chosen.emit(self._option)


class SideCard(Card):
    """One of the entries."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent, margin=14)
        self._heading = TextLabel("", LabelStyle.HEADING, self)
        self._facts = FactList(self)
        self.body.addWidget(self._heading)
        self.body.addWidget(self._facts)
        self.body.addStretch(1)

    def show_side(self, side: CaseSide) -> None:
        """Show this entry."""
        self._heading.setText(side.heading)
        self._facts.set_facts(tuple(Fact(label=label, value=value) for label, value in side.facts))
