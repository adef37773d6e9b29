"""Visits: who is in the clinic, who was, and the form of a visit."""

from itertools import pairwise
from typing import Final
from uuid import UUID

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QHBoxLayout, QStackedLayout, QVBoxLayout, QWidget

from wc_contract.model.ids import IncidentId, StudentId
from wc_desktop.domain.screens import VisitView
from wc_desktop.domain.visit_views import VisitHistory
from wc_desktop.ui.theme.icons import Icon
from wc_desktop.ui.theme.type_scale import current_scale
from wc_desktop.ui.viewmodels.session import Place, Session
from wc_desktop.ui.viewmodels.student_search import REAL as REAL_SEARCH
from wc_desktop.ui.viewmodels.student_search import SearchVerbs
from wc_desktop.ui.viewmodels.visit_form import REAL as REAL_FORM
from wc_desktop.ui.viewmodels.visit_form import VisitForm, VisitVerbs
from wc_desktop.ui.viewmodels.visit_list import REAL as REAL_LIST
from wc_desktop.ui.viewmodels.visit_list import Period, VisitListModel, VisitListVerbs
from wc_desktop.ui.viewmodels.words import full_name
from wc_desktop.ui.views.page import Page
from wc_desktop.ui.views.visit_form import VisitFormView
from wc_desktop.ui.views.visit_sheet import VisitSheet
from wc_desktop.ui.views.visit_table import visits_table
from wc_desktop.ui.widgets.announce import announce
from wc_desktop.ui.widgets.buttons import PrimaryButton, SecondaryButton
from wc_desktop.ui.widgets.empty_state import EmptyState
from wc_desktop.ui.widgets.key_hints import KeyHint
from wc_desktop.ui.widgets.labels import LabelStyle, TextLabel
from wc_desktop.ui.widgets.record_table import RecordTable
from wc_desktop.ui.widgets.scroller import Scroller
from wc_desktop.ui.widgets.search_field import SearchField
from wc_desktop.ui.widgets.state_tabs import StateTabs, TabSpec
from wc_desktop.ui.widgets.tool_row import ToolRow

_ANY: Final = "ANY"
_SEARCH_WIDTH: Final = 260


class VisitsPage(Page):
    """The list; over it the form. Enter goes on with who is here, and reads a visit that ended."""

    def __init__(
        self,
        session: Session,
        list_verbs: VisitListVerbs = REAL_LIST,
        form_verbs: VisitVerbs = REAL_FORM,
        search_verbs: SearchVerbs = REAL_SEARCH,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(session, parent)
        self.model = VisitListModel(session, list_verbs, self)
        self.form_model = VisitForm(session, form_verbs, self)
        self._rows = visits_table(session.zone, session.now, self, with_child=True)
        self._back_to = ""
        self._saved: UUID | None = None
        self._grown = False
        self._build_list()
        self.form = VisitFormView(session, self.form_model, search_verbs, self)
        self._stack = QStackedLayout(self)
        self._stack.setContentsMargins(0, 0, 0, 0)
        self._stack.addWidget(self._list)
        self._stack.addWidget(self.form)
        self.sheet = VisitSheet(session, session.now, self)
        self._bind()

    def _build_list(self) -> None:
        scale = current_scale()
        self.tabs = StateTabs(
            self.tr("Since when"),
            (
                TabSpec(key=Period.TODAY.name, title=self.tr("&Today")),
                TabSpec(key=Period.WEEK.name, title=self.tr("7 da&ys")),
                TabSpec(key=Period.MONTH.name, title=self.tr("30 day&s")),
                TabSpec(key=Period.YEAR.name, title=self.tr("A y&ear")),
            ),
            self,
        )
        self.tabs.choose(Period.TODAY.name)
        self.ends = StateTabs(
            self.tr("How it ended"),
            (
                TabSpec(key=_ANY, title=self.tr("&All visits")),
                TabSpec(key="RETURNED_TO_CLASS", title=self.tr("Back to &class")),
                TabSpec(key="RESTED_IN_CLINIC", title=self.tr("&Rested")),
                TabSpec(key="SENT_HOME", title=self.tr("Sent &home")),
                TabSpec(key="MEDICAL_CARE", title=self.tr("&Doctor")),
                TabSpec(key="EMS", title=self.tr("E&MS")),
            ),
            self,
        )
        self.ends.choose(_ANY)
        self.search = SearchField(self.tr("Find child or reason"), parent=self)
        self.new_button = PrimaryButton(self.tr("&New visit"), self, icon=Icon.PLUS)
        self.new_button.setAccessibleDescription(self.tr("Key: N in the list"))
        self.count = TextLabel("", LabelStyle.MUTED, self)
        self.more_button = SecondaryButton(self.tr("Sho&w more"), self)
        self.table = RecordTable(self.tr("Clinic visits"), self._rows, self)
        self.empty = EmptyState(Icon.STETHOSCOPE, self.tr("Reading the visits"), "", parent=self)
        holder = QWidget(self)
        holder.setProperty("area", "clear")
        self._either = QStackedLayout(holder)
        self._either.setContentsMargins(0, 0, 0, 0)
        self._either.addWidget(self.table)
        # Scrolls, so that large text on a small screen makes no window larger than the screen.
        self._nothing = Scroller(self.tr("Nothing listed"), self)
        self._nothing.body.addWidget(self.empty)
        self._either.addWidget(self._nothing)
        top = QHBoxLayout()
        top.setSpacing(scale.px(12))
        top.addWidget(ToolRow(self.tabs, self.search, self, right_width=_SEARCH_WIDTH), 1)
        top.addWidget(self.new_button)
        foot = QHBoxLayout()
        foot.addWidget(self.count, 1)
        foot.addWidget(self.more_button)
        self._list = QWidget(self)
        self._list.setProperty("area", "clear")
        column = QVBoxLayout(self._list)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(scale.px(10))
        column.addLayout(top)
        column.addWidget(self.ends)
        column.addWidget(holder, 1)
        column.addLayout(foot)
        stops = (self.tabs, self.search, self.new_button, self.ends, self.table.view, self.more_button)
        for before, after in pairwise(stops):
            QWidget.setTabOrder(before, after)

    def _bind(self) -> None:
        self.tabs.tab_chosen.connect(self._on_period)
        self.ends.tab_chosen.connect(self._on_end)
        self.search.search_changed.connect(self.model.search)
        self.search.list_wanted.connect(self._focus_list)
        self.search.left.connect(self._focus_list)
        self.new_button.clicked.connect(self._on_new_wanted)
        self.more_button.clicked.connect(self._on_more)
        self.table.add_key("N", self._on_new_wanted)
        self.table.row_activated.connect(self._on_row_activated)
        self.model.loaded.connect(self._on_loaded)
        self.model.opened.connect(self._on_read)
        self.sheet.correct_wanted.connect(self._on_correct)
        self.sheet.set_aside.connect(self._on_sheet_left)
        self.sheet.lock_wanted.connect(self.session.lock_wanted)
        self.form_model.opened.connect(self._on_form_opened)
        self.form_model.child_changed.connect(self.head_changed)
        self.form_model.signed.connect(self._on_saved)
        self.form_model.discarded.connect(self._go_back)
        self.form_model.missing.connect(self._show_list)
        self.form.left.connect(self._on_form_left)

    # -- what the frame asks -------------------------------------------------------------------------------

    @property
    def shows_form(self) -> bool:
        return self._stack.currentWidget() is self.form

    def title(self) -> str:
        if not self.shows_form:
            return self.tr("Visits")
        child = self.form_model.child
        return self.tr("New visit") if child is None else self.tr("Visit · {child}").format(child=full_name(child))

    def key_hints(self) -> tuple[KeyHint, ...]:
        if self.shows_form:
            return self.form.key_hints()
        return (
            KeyHint(keys=("↑", "↓"), words=self.tr("choose")),
            KeyHint(keys=("Enter",), words=self.tr("go on, or read")),
            KeyHint(keys=("N",), words=self.tr("new visit")),
        )

    def child_in_view(self) -> StudentId | None:
        child = self.form_model.child
        return child.id if self.shows_form and child is not None else None

    def activate(self) -> None:
        self.new_button.setVisible(self.model.may_write)
        self.model.load()
        if self.shows_form:
            self.form.take_focus()
        else:
            self._focus_list()

    def deactivate(self) -> None:
        self.form.put_away()
        self.sheet.hide()

    def open_place(self, place: Place) -> None:
        if place.new and self.model.may_write:
            self._back_to = self.came_from
            self.form_model.begin(place.student)
        elif place.visit is not None:
            self._back_to = self.came_from
            self.model.open(place.visit)

    def focus_search(self) -> bool:
        if self.shows_form:
            return False
        self.search.take_focus()
        return True

    # -- list ----------------------------------------------------------------------------------------------

    @Slot()
    def _on_loaded(self) -> None:
        found = self.model.list
        self._rows.update_rows(found.rows)
        self._either.setCurrentWidget(self.table if found.rows else self._nothing)
        if self.model.is_narrowed:
            self.empty.set_words(self.tr("No such visit"), self.tr("Choose another period, or clear the search."))
        else:
            self.empty.set_words(
                self.tr("No visits in this time"), self.tr("N begins one. A draft is kept as you type.")
            )
        self.count.setText(
            self.tr("Here now: {here} · Listed: {shown} of {total}").format(
                here=found.here, shown=len(found.rows), total=found.total
            )
        )
        self.more_button.setVisible(self.model.has_more)
        if self.model.is_narrowed or self._grown:
            self._grown = False
            announce(self.count, self.count.text())
        if self._saved is not None and self.table.choose_key(self._saved):
            self._saved = None
        elif found.rows and self.table.current_key is None:
            self.table.choose_row(0)

    @Slot(str)
    def _on_period(self, key: str) -> None:
        self.model.show_period(Period[key])

    @Slot(str)
    def _on_end(self, key: str) -> None:
        self.model.show_end("" if key == _ANY else key)

    @Slot()
    def _on_more(self) -> None:
        self._grown = True
        self.model.show_more()
        self.table.setFocus()

    @Slot(object)
    def _on_row_activated(self, visit: UUID) -> None:
        row = self.model.row_of(visit)
        self._back_to = ""
        if row is None:
            return
        if row.is_draft:
            self.form_model.reopen(IncidentId(visit))
        elif row.is_open and not row.said_twice and self.model.may_write:
            self.form_model.go_on(visit, self.tr("The visit went on"))
        else:
            self.model.open(visit)

    @Slot(object)
    def _on_read(self, history: VisitHistory) -> None:
        row = self.model.row_of(history.visit.id)
        self.sheet.action_button.setVisible(self.model.may_write)
        self.sheet.set_ready(ready=self.model.may_write)
        self.sheet.show_history(history, twice=row is not None and row.said_twice)

    @Slot(object)
    def _on_correct(self, visit: UUID) -> None:
        self.form_model.go_on(visit, "")

    @Slot()
    def _on_sheet_left(self) -> None:
        if self._back_to:
            self._go_back()

    @Slot()
    def _on_new_wanted(self) -> None:
        self._back_to = ""
        if self.model.may_write:
            self.form_model.begin()
        else:
            self.session.tell(self.tr("Your role reads visits; it does not write them."))

    # -- the form ------------------------------------------------------------------------------------------

    @Slot()
    def _on_form_opened(self) -> None:
        self._stack.setCurrentWidget(self.form)
        self.form.take_focus()
        self.head_changed.emit()

    @Slot()
    def _on_form_left(self) -> None:
        self.form_model.close()
        self._go_back()

    @Slot(object)
    def _on_saved(self, visit: VisitView) -> None:
        self._saved = visit.id  # chosen as soon as the list has it
        self._go_back()

    @Slot()
    def _go_back(self) -> None:
        back_to, self._back_to = self._back_to, ""
        self._show_list()
        if back_to:
            self.session.go(Place(section=back_to))

    @Slot()
    def _show_list(self) -> None:
        self.form_model.close()
        self._stack.setCurrentWidget(self._list)
        self.model.load()
        self._focus_list()
        self.head_changed.emit()

    @Slot()
    def _focus_list(self) -> None:
        if self._either.currentWidget() is self.table:
            self.table.setFocus()
        else:
            self.new_button.setFocus()
