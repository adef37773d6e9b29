"""Students: find a child by typing, open the chart, come back to where one was."""

from typing import Final

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QStackedLayout, QWidget

from wc_contract.model.ids import StudentId
from wc_desktop.domain.documents import DocumentRow
from wc_desktop.domain.screens import StudentRow
from wc_desktop.ui.models.student_rows import StudentTableModel
from wc_desktop.ui.theme.icons import Icon
from wc_desktop.ui.theme.type_scale import current_scale
from wc_desktop.ui.viewmodels.chart import REAL as REAL_CHART
from wc_desktop.ui.viewmodels.chart import ChartModel, ChartVerbs
from wc_desktop.ui.viewmodels.documents import REAL as REAL_DOCUMENT
from wc_desktop.ui.viewmodels.documents import DocumentModel, DocumentVerbs
from wc_desktop.ui.viewmodels.session import Place, Session
from wc_desktop.ui.viewmodels.student_search import REAL as REAL_SEARCH
from wc_desktop.ui.viewmodels.student_search import SearchVerbs, StudentSearch
from wc_desktop.ui.views.chart import ChartView
from wc_desktop.ui.views.child_looks import child_look
from wc_desktop.ui.views.document_view import DocumentView
from wc_desktop.ui.views.page import Page
from wc_desktop.ui.widgets.announce import announce
from wc_desktop.ui.widgets.empty_state import EmptyState
from wc_desktop.ui.widgets.key_hints import KeyHint
from wc_desktop.ui.widgets.labels import LabelStyle, TextLabel
from wc_desktop.ui.widgets.list_part import ListPart
from wc_desktop.ui.widgets.record_table import RecordTable
from wc_desktop.ui.widgets.search_field import SearchField

_SEARCH_WIDTH: Final = 400


class StudentsPage(Page):
    """The search list and, over it, one chart at a time."""

    def __init__(
        self,
        session: Session,
        search_verbs: SearchVerbs = REAL_SEARCH,
        chart_verbs: ChartVerbs = REAL_CHART,
        document_verbs: DocumentVerbs = REAL_DOCUMENT,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(session, parent)
        self.model = StudentSearch(session, search_verbs, self)
        self.chart_model = ChartModel(session, chart_verbs, self)
        self.document_model = DocumentModel(session, document_verbs, self)
        self._rows = StudentTableModel(self)
        self._back_to = ""
        self._listed = ""
        self._part = ""
        self._build()
        self._bind()

    def _build(self) -> None:
        self.search = SearchField(self.tr("Find student by name, number or grade"), parent=self)
        self.summary = TextLabel("", LabelStyle.MUTED, self)
        self.table = RecordTable(self.tr("Students"), self._rows, self)
        self.empty = EmptyState(
            Icon.SEARCH, self.tr("Nobody found"), self.tr("Try fewer letters, or the student number."), parent=self
        )
        self.search.setMaximumWidth(current_scale().px(_SEARCH_WIDTH))
        self._list = ListPart(self.table, self.empty, self)
        self._list.head.addWidget(self.summary, 1)
        self._list.head.addWidget(self.search, 2)
        self.chart = ChartView(self.session, self.chart_model, self)
        self._stack = QStackedLayout(self)
        self._stack.setContentsMargins(0, 0, 0, 0)
        self._stack.addWidget(self._list)
        self._stack.addWidget(self.chart)
        self.document = DocumentView(self.session, self.document_model, self)
        self._stack.addWidget(self.document)
        QWidget.setTabOrder(self.search, self.table)

    def _bind(self) -> None:
        self.search.search_changed.connect(self.model.search)
        self.search.list_wanted.connect(self._on_list_wanted)
        self.search.left.connect(self.table.setFocus)
        self.model.found.connect(self._on_found)
        self.model.summary_changed.connect(self._on_summary_changed)
        self.table.row_activated.connect(self._on_row_activated)
        self.chart_model.opened.connect(self._on_chart_opened)
        self.chart_model.refreshed.connect(self.head_changed)
        self.chart_model.missing.connect(self._show_list)
        self.chart.back_wanted.connect(self._on_back)
        self.chart.document_wanted.connect(self._on_document_wanted)
        self.document.back_wanted.connect(self._on_document_left)

    # -- what the frame asks -------------------------------------------------------------------------------

    @property
    def shows_chart(self) -> bool:
        return self._stack.currentWidget() is self.chart

    @property
    def shows_document(self) -> bool:
        return self._stack.currentWidget() is self.document

    def title(self) -> str:
        if self.shows_chart or self.shows_document:
            return self.chart_model.title
        return self.tr("Students")

    def key_hints(self) -> tuple[KeyHint, ...]:
        if self.shows_document:
            return self.document.key_hints()
        if self.shows_chart:
            return self.chart.key_hints()
        return (
            KeyHint(keys=("↑", "↓"), words=self.tr("choose")),
            KeyHint(keys=("Enter",), words=self.tr("open chart")),
        )

    def child_in_view(self) -> StudentId | None:
        chart = self.chart_model.chart
        shown = self.shows_chart or self.shows_document
        return chart.student.id if shown and chart is not None else None

    def activate(self) -> None:
        if self.shows_document:
            self.document.take_focus()
            return
        if self.shows_chart:
            self.chart.take_focus()
            return
        self.model.look_again()
        self.search.take_focus()

    def open_place(self, place: Place) -> None:
        if place.student is not None:
            self._open(place.student, back_to=self.came_from, part=place.part)

    def deactivate(self) -> None:
        self.chart.put_away()
        # Nothing of a document stays open behind another page, or behind the lock.
        if self.shows_document:
            self._leave_document()

    def focus_search(self) -> bool:
        if self.shows_document:
            self._leave_document()
        if self.shows_chart:
            self._show_list()
        self.search.take_focus()
        return True

    # -- list ----------------------------------------------------------------------------------------------

    @Slot(object)
    def _on_found(self, rows: tuple[StudentRow, ...]) -> None:
        # Another search begins at its first child; the same search keeps its place.
        before = self.table.current_key if self.model.text == self._listed else None
        self._listed = self.model.text
        self._rows.begin_list(tuple(child_look(row) for row in rows), complete=True)
        self._list.show_list(filled=bool(rows))
        if rows and (before is None or not self.table.choose_key(before)):
            self.table.choose_row(0)

    @Slot(str)
    def _on_summary_changed(self, summary: str) -> None:
        self.summary.setText(summary)
        if self.search.hasFocus():
            announce(self.search, summary)

    @Slot()
    def _on_list_wanted(self) -> None:
        if self._rows.rowCount():
            self.table.setFocus()

    @Slot(object)
    def _on_row_activated(self, student: StudentId) -> None:
        self._open(student, back_to="")

    # -- chart ---------------------------------------------------------------------------------------------

    def _open(self, student: StudentId, *, back_to: str, part: str = "") -> None:
        self._back_to = back_to
        self._part = part
        self.document.put_away()
        # The chart of the child before must not be seen while this one is read.
        self._stack.setCurrentWidget(self._list)
        self.chart_model.open(student)

    @Slot()
    def _on_chart_opened(self) -> None:
        self.chart.show_child(self._part)
        self._stack.setCurrentWidget(self.chart)
        self.chart.take_focus()
        self.head_changed.emit()

    @Slot()
    def _on_back(self) -> None:
        back_to, self._back_to = self._back_to, ""
        self._show_list()
        if back_to:
            self.session.go(Place(section=back_to))

    @Slot()
    def _show_list(self) -> None:
        if self.shows_chart:
            self.chart_model.close()
            self._stack.setCurrentWidget(self._list)
            self.model.look_again()
            self.table.setFocus()
            self.head_changed.emit()

    # -- documents -----------------------------------------------------------------------------------------

    @Slot(object)
    def _on_document_wanted(self, row: DocumentRow) -> None:
        self._stack.setCurrentWidget(self.document)
        self.document.take_focus()
        self.document.open(row)
        self.head_changed.emit()

    @Slot()
    def _on_document_left(self) -> None:
        self._leave_document()
        self.chart.documents.table.setFocus()
        self.head_changed.emit()

    def _leave_document(self) -> None:
        self.document.put_away()
        self._stack.setCurrentWidget(self.chart)
