"""Incidents: drafts and signed reports in a list, the form, and the reading copy."""

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QStackedLayout, QWidget

from wc_contract.model.ids import IncidentId, StudentId
from wc_desktop.domain.screens import IncidentRow
from wc_desktop.ui.theme.icons import Icon
from wc_desktop.ui.viewmodels.incident_form import REAL as REAL_FORM
from wc_desktop.ui.viewmodels.incident_form import FormVerbs, IncidentForm
from wc_desktop.ui.viewmodels.incident_list import REAL as REAL_LIST
from wc_desktop.ui.viewmodels.incident_list import IncidentList, ListVerbs, is_draft
from wc_desktop.ui.viewmodels.incident_report import REAL as REAL_REPORT
from wc_desktop.ui.viewmodels.incident_report import ReportModel, ReportVerbs
from wc_desktop.ui.viewmodels.session import Place, Session
from wc_desktop.ui.viewmodels.student_search import REAL as REAL_SEARCH
from wc_desktop.ui.viewmodels.student_search import SearchVerbs
from wc_desktop.ui.viewmodels.words import full_name
from wc_desktop.ui.views.incident_form import IncidentFormView
from wc_desktop.ui.views.incident_report import IncidentReportView
from wc_desktop.ui.views.incident_table import incidents_table
from wc_desktop.ui.views.page import Page
from wc_desktop.ui.widgets.buttons import PrimaryButton
from wc_desktop.ui.widgets.empty_state import EmptyState
from wc_desktop.ui.widgets.key_hints import KeyHint
from wc_desktop.ui.widgets.labels import LabelStyle, TextLabel
from wc_desktop.ui.widgets.list_part import ListPart
from wc_desktop.ui.widgets.record_table import RecordTable


class IncidentsPage(Page):
    """The list; over it the form or a signed report, one at a time."""

    def __init__(
        self,
        session: Session,
        list_verbs: ListVerbs = REAL_LIST,
        form_verbs: FormVerbs = REAL_FORM,
        report_verbs: ReportVerbs = REAL_REPORT,
        search_verbs: SearchVerbs = REAL_SEARCH,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(session, parent)
        self.model = IncidentList(session, list_verbs, self)
        self.form_model = IncidentForm(session, form_verbs, self)
        self.report_model = ReportModel(session, report_verbs, self)
        self._rows = incidents_table(session.zone, self, with_child=True)
        self._back_to = ""
        self._wanted: IncidentId | None = None
        self._signed: IncidentId | None = None
        self.form = IncidentFormView(session, self.form_model, search_verbs, self)
        self.report = IncidentReportView(session, self.report_model, self)
        self._build()
        self._bind()

    def _build(self) -> None:
        self.count = TextLabel("", LabelStyle.MUTED, self)
        self.new_button = PrimaryButton(self.tr("&New report"), self, icon=Icon.PLUS)
        self.new_button.setAccessibleDescription(self.tr("Key: N in the list, Ctrl+I anywhere"))
        self.table = RecordTable(self.tr("Incident reports"), self._rows, self)
        self.empty = EmptyState(
            Icon.CLIPBOARD_LIST,
            self.tr("No incident reports yet"),
            self.tr("Ctrl+I begins one from anywhere. A draft is kept as you type."),
            parent=self,
        )
        self._list = ListPart(self.table, self.empty, self)
        self._list.head.addWidget(self.count, 1)
        self._list.head.addWidget(self.new_button)
        self._stack = QStackedLayout(self)
        self._stack.setContentsMargins(0, 0, 0, 0)
        for part in (self._list, self.form, self.report):
            self._stack.addWidget(part)

    def _bind(self) -> None:
        self.new_button.clicked.connect(self._on_new_wanted)
        self.table.add_key("N", self._on_new_wanted)
        self.table.row_activated.connect(self._on_row_activated)
        self.model.loaded.connect(self._on_loaded)
        self.form_model.opened.connect(self._on_form_opened)
        self.form_model.child_changed.connect(self.head_changed)
        self.form_model.sections_changed.connect(self.head_changed)
        self.form_model.signed.connect(self._on_form_done)
        self.form_model.discarded.connect(self._go_back)
        self.form_model.missing.connect(self._show_list)
        self.form.left.connect(self._on_form_left)
        self.report_model.opened.connect(self._on_report_opened)
        self.report_model.missing.connect(self._show_list)
        self.report.back_wanted.connect(self._go_back)

    # -- what the frame asks -------------------------------------------------------------------------------

    @property
    def shows_form(self) -> bool:
        return self._stack.currentWidget() is self.form

    @property
    def shows_report(self) -> bool:
        return self._stack.currentWidget() is self.report

    def title(self) -> str:
        if self.shows_report:
            return self.report_model.title
        if not self.shows_form:
            return self.tr("Incidents")
        child = self.form_model.child
        if child is None:
            return self.tr("Incident report")
        return self.tr("Incident report · {child}").format(child=full_name(child))

    def key_hints(self) -> tuple[KeyHint, ...]:
        if self.shows_form:
            return self.form.key_hints()
        if self.shows_report:
            return self.report.key_hints()
        return (
            KeyHint(keys=("↑", "↓"), words=self.tr("choose")),
            KeyHint(keys=("Enter",), words=self.tr("open")),
            KeyHint(keys=("N",), words=self.tr("new report")),
        )

    def child_in_view(self) -> StudentId | None:
        report = self.report_model.report
        if self.shows_report and report is not None and report.row.student is not None:
            return report.row.student.id
        return None

    def activate(self) -> None:
        self.model.load()
        if self.shows_form:
            self.form.take_focus()
        elif self.shows_report:
            self.report.take_focus()
        else:
            self._focus_list()

    def deactivate(self) -> None:
        self.form.put_away()
        self.report.put_away()

    def open_place(self, place: Place) -> None:
        if place.new:
            self._back_to = self.came_from
            self.form_model.begin(place.student)
        elif place.incident is not None:
            self._back_to = self.came_from
            self._wanted = place.incident
            self.model.load()

    # -- list ----------------------------------------------------------------------------------------------

    @Slot(object)
    def _on_loaded(self, rows: tuple[IncidentRow, ...]) -> None:
        self._rows.update_rows(rows)
        self._list.show_list(filled=bool(rows))
        drafts = sum(is_draft(row) for row in rows)
        self.count.setText(
            self.tr("Drafts on this workstation: {drafts} · Signed: {signed}").format(
                drafts=drafts, signed=len(rows) - drafts
            )
        )
        wanted, self._wanted = self._wanted, None
        if wanted is not None:
            self._open(wanted)
        elif self._signed is not None and self.table.choose_key(self._signed):
            self._signed = None
        elif rows and self.table.current_key is None:
            self.table.choose_row(0)

    def _open(self, incident: IncidentId) -> None:
        row = self.model.row_of(incident)
        if row is not None and is_draft(row):
            self.form_model.reopen(incident)
        else:
            self.form_model.close()
            self.report_model.open(incident)

    @Slot(object)
    def _on_row_activated(self, incident: IncidentId) -> None:
        self._back_to = ""
        self._open(incident)

    @Slot()
    def _on_new_wanted(self) -> None:
        self._back_to = ""
        self.form_model.begin()

    # -- form and report -----------------------------------------------------------------------------------

    @Slot()
    def _on_form_opened(self) -> None:
        self.report_model.close()
        self._stack.setCurrentWidget(self.form)
        self.form.take_focus()
        self.head_changed.emit()

    @Slot()
    def _on_form_left(self) -> None:
        self.form_model.close()
        self._go_back()

    @Slot(object)
    def _on_form_done(self, row: IncidentRow) -> None:
        self._signed = row.id  # chosen as soon as the list has it
        self._go_back()

    @Slot()
    def _on_report_opened(self) -> None:
        self._stack.setCurrentWidget(self.report)
        self.report.take_focus()
        self.head_changed.emit()

    @Slot()
    def _go_back(self) -> None:
        back_to, self._back_to = self._back_to, ""
        self._show_list()
        if back_to:
            self.session.go(Place(section=back_to))

    @Slot()
    def _show_list(self) -> None:
        self.form_model.close()
        self.report_model.close()
        self._stack.setCurrentWidget(self._list)
        self.model.load()
        self._focus_list()
        self.head_changed.emit()

    def _focus_list(self) -> None:
        if self._list.shows_list:
            self.table.setFocus()
        else:
            self.new_button.setFocus()
