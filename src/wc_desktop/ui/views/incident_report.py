"""A signed report, to be read."""

from datetime import datetime

from PySide6.QtCore import QObject, Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from wc_contract.model.ids import IncidentId
from wc_desktop.domain.incident_report import IncidentReport
from wc_desktop.domain.screens import Confirmed
from wc_desktop.ui.theme.icons import Icon
from wc_desktop.ui.theme.tone import Tone
from wc_desktop.ui.theme.type_scale import current_scale
from wc_desktop.ui.viewmodels.attaching import AttachModel, AttachTo, incident_title
from wc_desktop.ui.viewmodels.incident_report import ReportModel
from wc_desktop.ui.viewmodels.incident_words import STATUSES, said
from wc_desktop.ui.viewmodels.session import Session
from wc_desktop.ui.viewmodels.words import local
from wc_desktop.ui.views.attach_sheet import AttachSheet
from wc_desktop.ui.views.child_looks import child_chips
from wc_desktop.ui.views.report_additions import (
    AddendumSheet,
    AdditionSheet,
    AttemptSheet,
    CheckSheet,
    DoneSheet,
    FollowUpSheet,
    StatementSheet,
)
from wc_desktop.ui.views.state_looks import waiting_words
from wc_desktop.ui.widgets.alert_banner import AlertBanner
from wc_desktop.ui.widgets.buttons import PrimaryButton, QuietButton, SecondaryButton
from wc_desktop.ui.widgets.card import Card
from wc_desktop.ui.widgets.chip_row import ChipRow
from wc_desktop.ui.widgets.fact_list import Fact, FactList
from wc_desktop.ui.widgets.flow_row import FlowRow
from wc_desktop.ui.widgets.icon_label import IconMark
from wc_desktop.ui.widgets.key_hints import KeyHint
from wc_desktop.ui.widgets.labels import LabelStyle, TextLabel
from wc_desktop.ui.widgets.scroller import Scroller


class IncidentReportView(QWidget):
    """Shows the report that the model holds. `back_wanted` by Esc, Alt+Left or the button."""

    back_wanted = Signal()

    def __init__(self, session: Session, model: ReportModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("area", "clear")
        self._model = model
        self._session = session
        self._asked_about: IncidentId | None = None
        self.attaching = AttachModel(session, self)
        scale = current_scale()
        self._back = QuietButton(self.tr("&Back"), self, icon=Icon.CHEVRON_LEFT)
        self._back.clicked.connect(self.back_wanted)
        self._mark = IconMark(Icon.CIRCLE_CHECK, Tone.OK, self)
        self._status = TextLabel("", LabelStyle.STRONG, self, wraps=False)
        head = QHBoxLayout()
        head.setSpacing(scale.px(10))
        head.addWidget(self._back)
        head.addWidget(self._mark)
        head.addWidget(self._status)
        head.addStretch(1)
        card = Card(self)
        self._scroller = Scroller(self.tr("Signed incident report"), card)
        self._chips = ChipRow((), self)
        self._facts = FactList(self)
        self._scroller.body.setSpacing(scale.px(10))
        self._watch = AlertBanner(Tone.WARNING, "", self, icon=Icon.CLOCK_ALERT)
        self._build_additions()
        for part in (self._watch, self._chips, self._adding, self._more, self._facts):
            self._scroller.body.addWidget(part)
        self._scroller.body.addStretch(1)
        card.body.addWidget(self._scroller)
        self.attach = AttachSheet(self.attaching, self)
        self.add_button = SecondaryButton(self.tr("Add a p&hoto or document"), self, icon=Icon.PLUS)
        self.documents_button = SecondaryButton(
            self.tr("&Photos and documents of the child"), self, icon=Icon.FILE_TEXT
        )
        foot = FlowRow(self)
        foot.add(self.documents_button)
        foot.add(self.add_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(scale.px(10))
        column.addLayout(head)
        column.addWidget(card, 1)
        column.addWidget(foot)
        model.opened.connect(self._on_opened)
        model.refreshed.connect(self._on_refreshed)
        self.add_button.clicked.connect(self._on_add)
        self.documents_button.clicked.connect(self._on_documents)
        self.attach.lock_wanted.connect(session.lock_wanted)
        self.attach.kept.connect(self.add_button.setFocus)
        back = QShortcut(QKeySequence("Alt+Left"), self)
        back.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        back.activated.connect(self.back_wanted)

    def _build_additions(self) -> None:
        """Make what adds to a report; it stands within what scrolls, for it may need many lines."""
        self.check_button = PrimaryButton(self.tr("&Check the child"), self, icon=Icon.EYE)
        self.call_button = SecondaryButton(self.tr("Contact with the &family"), self, icon=Icon.PHONE)
        self.statement_button = SecondaryButton(self.tr("Statement of a &witness"), self, icon=Icon.NOTEBOOK_PEN)
        self.plan_button = SecondaryButton(self.tr("Follow-&up"), self, icon=Icon.CALENDAR_CLOCK)
        self.done_button = SecondaryButton(self.tr("Follow-up &done"), self, icon=Icon.CHECK)
        self.addendum_button = SecondaryButton(self.tr("&Add to the report"), self, icon=Icon.PENCIL)
        self._adding, self._more = FlowRow(self), FlowRow(self)
        for button in (self.check_button, self.call_button, self.statement_button):
            self._adding.add(button)
        for button in (self.plan_button, self.done_button, self.addendum_button):
            self._more.add(button)
        self.check_sheet = CheckSheet(self._now, self)
        self.call_sheet = AttemptSheet(self._now, self)
        self.statement_sheet = StatementSheet(self._now, self)
        self.plan_sheet = FollowUpSheet(self._now, self)
        self.done_sheet = DoneSheet(self)
        self.addendum_sheet = AddendumSheet(self)
        self.sheets: tuple[tuple[AdditionSheet, SecondaryButton | PrimaryButton], ...] = (
            (self.check_sheet, self.check_button),
            (self.call_sheet, self.call_button),
            (self.statement_sheet, self.statement_button),
            (self.plan_sheet, self.plan_button),
            (self.done_sheet, self.done_button),
            (self.addendum_sheet, self.addendum_button),
        )
        for sheet, button in self.sheets:
            button.clicked.connect(_Opens(self, sheet).on_clicked)
            sheet.add_wanted.connect(self._model.add)
            sheet.lock_wanted.connect(self._session.lock_wanted)
        self._model.added.connect(self._on_added)
        self._model.not_added.connect(self._on_not_added)
        self._model.minute_passed.connect(self._show_watch)

    def _now(self) -> datetime:
        return local(self._session.now(), self._session.zone)

    def open_sheet(self, sheet: AdditionSheet) -> None:
        """Ask for something to be added."""
        report, bounds = self._model.report, self._model.bounds
        if report is None or bounds is None:
            return
        if report.row.id != self._asked_about:
            self._asked_about = report.row.id
            for each, _ in self.sheets:
                each.clear()
        self.call_sheet.offer(report.family)
        self.done_sheet.offer(self._model.open_follow_ups)
        sheet.ask(self._model.title, bounds)

    @Slot()
    def _on_added(self) -> None:
        for sheet, button in self.sheets:
            if sheet.isVisible():
                sheet.clear()
                sheet.finish()
                if button.isVisible():
                    button.setFocus()
        self._session.tell(self.tr("Added to the report."))

    @Slot(str)
    def _on_not_added(self, words: str) -> None:
        for sheet, _ in self.sheets:
            if sheet.isVisible():
                sheet.say_failure(words)

    @Slot()
    def _show_watch(self) -> None:
        watch = self._model.watch
        self._watch.setVisible(watch is not None)
        if watch is not None:
            self._watch.set_alert(Tone.OK if watch.is_done else Tone.WARNING, watch.words)

    def _show_additions(self, report: IncidentReport) -> None:
        self._show_watch()
        self.check_button.setVisible(self._model.watch is not None)
        self.call_button.setVisible(bool(report.family))
        self.done_button.setVisible(bool(self._model.open_follow_ups))
        may_add = self.attaching.may_add
        for row in (self._adding, self._more):
            row.setVisible(may_add)

    def put_away(self) -> None:
        """Close what is open over the report; what was typed stays while the report does."""
        self.attach.hide()
        for sheet, _ in self.sheets:
            sheet.hide()

    def key_hints(self) -> tuple[KeyHint, ...]:
        """Return the keys that work here."""
        return (KeyHint(keys=("Esc",), words=self.tr("back")),)

    def take_focus(self) -> None:
        """Go to the way back; the report itself is read."""
        self._back.setFocus(Qt.FocusReason.OtherFocusReason)

    @Slot()
    def _on_opened(self) -> None:
        report = self._model.report
        if report is None:
            return
        row = report.row
        waiting = waiting_words(row.confirmed)
        self._status.setText(" · ".join(part for part in (said(STATUSES, row.status), waiting) if part))
        tone = Tone.MUTED if row.confirmed is Confirmed.WAITING else Tone.OK
        self._mark.set_icon(Icon.CLOUD_UPLOAD if tone is Tone.MUTED else Icon.CIRCLE_CHECK, tone)
        self._show_additions(report)
        chips = () if row.student is None else child_chips(row.student)
        self._chips.set_chips(chips)
        self._chips.setVisible(bool(chips))
        self._facts.set_facts(tuple(Fact(label=label, value=value) for label, value in self._model.facts()))
        self.documents_button.setVisible(row.student is not None)
        self.add_button.setVisible(row.student is not None and row.student.is_active and self.attaching.may_add)
        self._scroller.verticalScrollBar().setValue(0)

    @Slot()
    def _on_refreshed(self) -> None:
        report = self._model.report
        if report is not None:
            self._show_additions(report)
        self._facts.set_facts(tuple(Fact(label=label, value=value) for label, value in self._model.facts()))

    @Slot()
    def _on_add(self) -> None:
        report = self._model.report
        if report is not None and report.row.student is not None:
            row = report.row
            title = incident_title(row.occurred_at, self._session.zone)
            self.attach.ask(AttachTo(child=report.row.student, of_incident=True, title=title, incident=row.id))

    @Slot()
    def _on_documents(self) -> None:
        report = self._model.report
        if report is not None and report.row.student is not None:
            self._session.open_student(report.row.student.id, part="documents")

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.back_wanted.emit()
            return
        super().keyPressEvent(event)


class _Opens(QObject):
    """Opens one sheet at its button's press."""

    def __init__(self, view: IncidentReportView, sheet: AdditionSheet) -> None:
        super().__init__(view)
        self._view = view
        self._sheet = sheet

    @Slot()
    def on_clicked(self) -> None:
        self._view.open_sheet(self._sheet)
