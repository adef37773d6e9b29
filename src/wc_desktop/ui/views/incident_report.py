"""A signed report, to be read."""

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from wc_desktop.domain.screens import Confirmed
from wc_desktop.ui.theme.icons import Icon
from wc_desktop.ui.theme.tone import Tone
from wc_desktop.ui.theme.type_scale import current_scale
from wc_desktop.ui.viewmodels.attaching import AttachModel, AttachTo, incident_title
from wc_desktop.ui.viewmodels.incident_report import ReportModel
from wc_desktop.ui.viewmodels.incident_words import STATUSES, said
from wc_desktop.ui.viewmodels.session import Session
from wc_desktop.ui.views.attach_sheet import AttachSheet
from wc_desktop.ui.views.child_looks import child_chips
from wc_desktop.ui.views.state_looks import waiting_words
from wc_desktop.ui.widgets.buttons import QuietButton, SecondaryButton
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
        self._scroller.body.addWidget(self._chips)
        self._scroller.body.addWidget(self._facts)
        self._scroller.body.addStretch(1)
        card.body.addWidget(self._scroller)
        self.attaching = AttachModel(session, self)
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
        chips = () if row.student is None else child_chips(row.student)
        self._chips.set_chips(chips)
        self._chips.setVisible(bool(chips))
        self._facts.set_facts(tuple(Fact(label=label, value=value) for label, value in self._model.facts()))
        self.documents_button.setVisible(row.student is not None)
        self.add_button.setVisible(row.student is not None and row.student.is_active and self.attaching.may_add)
        self._scroller.verticalScrollBar().setValue(0)

    @Slot()
    def _on_refreshed(self) -> None:
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
