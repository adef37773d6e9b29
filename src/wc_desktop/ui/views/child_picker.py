"""Choosing whom a report is about: type to find, choose by keyboard, then the name stands as text."""

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from wc_contract.model.ids import StudentId
from wc_desktop.domain.screens import StudentRow
from wc_desktop.ui.models.student_rows import StudentTableModel
from wc_desktop.ui.theme.tone import Tone
from wc_desktop.ui.theme.type_scale import current_scale
from wc_desktop.ui.viewmodels.session import Session
from wc_desktop.ui.viewmodels.student_search import REAL, SearchVerbs, StudentSearch
from wc_desktop.ui.viewmodels.words import JOINT, day_words, full_name, grade_words
from wc_desktop.ui.views.child_looks import child_chips, child_look
from wc_desktop.ui.widgets.announce import announce
from wc_desktop.ui.widgets.buttons import SecondaryButton
from wc_desktop.ui.widgets.chip_row import ChipRow
from wc_desktop.ui.widgets.labels import LabelStyle, TextLabel
from wc_desktop.ui.widgets.record_table import RecordTable
from wc_desktop.ui.widgets.search_field import SearchField

_MOST = 20
_LIST_HEIGHT = 230


class ChildPicker(QWidget):
    """Emits `child_chosen` with a StudentRow, or None when the nurse takes the child away. `left` by Esc."""

    child_chosen = Signal(object)
    left = Signal()

    def __init__(self, session: Session, verbs: SearchVerbs = REAL, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("area", "clear")
        self._found: dict[StudentId, StudentRow] = {}
        self._model = StudentSearch(session, verbs, self, most=_MOST)
        self._rows = StudentTableModel(self)
        self._build()
        self.search.search_changed.connect(self._on_search_changed)
        self.search.list_wanted.connect(self._on_list_wanted)
        self.search.left.connect(self.left)
        self._model.found.connect(self._on_found)
        self.table.row_activated.connect(self._on_row_activated)
        self.change.clicked.connect(self._on_change_wanted)
        self.show_child(None)

    def _build(self) -> None:
        scale = current_scale()
        self._label = TextLabel(self.tr("C&hild"), LabelStyle.STRONG, self)
        self.search = SearchField(self.tr("Find child by name or number"), hint_key="", parent=self)
        self._label.setBuddy(self.search)
        self.table = RecordTable(self.tr("Children found"), self._rows, self)
        self.table.setFixedHeight(scale.px(_LIST_HEIGHT))
        self._name = TextLabel("", LabelStyle.HEADING, self)
        self._facts = TextLabel("", LabelStyle.MUTED, self)
        self._chips = ChipRow((), self)
        self.change = SecondaryButton(self.tr("Change child"), self)
        self._fault = TextLabel("", LabelStyle.SMALL, self, tone=Tone.DANGER)
        self._fault.hide()
        words = QVBoxLayout()
        words.setSpacing(scale.px(2))
        words.addWidget(self._name)
        words.addWidget(self._facts)
        chosen = QHBoxLayout()
        chosen.addLayout(words, 1)
        chosen.addWidget(self.change)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(scale.px(4))
        column.addWidget(self._label)
        column.addWidget(self.search)
        column.addWidget(self.table)
        column.addLayout(chosen)
        column.addWidget(self._chips)
        column.addWidget(self._fault)

    def show_child(self, child: StudentRow | None) -> None:
        """Show the child chosen, or the search when there is none."""
        self.table.hide()
        self.search.setVisible(child is None)
        for part in (self._name, self._facts, self.change):
            part.setVisible(child is not None)
        chips = () if child is None else child_chips(child)
        self._chips.set_chips(chips)
        self._chips.setVisible(bool(chips))
        self.set_fault("")
        self._label.setBuddy(self.search if child is None else self.change)
        self.setFocusProxy(self.search if child is None else self.change)
        if child is not None:
            self._name.setText(full_name(child))
            self._facts.setText(
                JOINT.join(
                    (
                        grade_words(child),
                        self.tr("Born {day}").format(day=day_words(child.date_of_birth)),
                        self.tr("ID {number}").format(number=child.student_number),
                    )
                )
            )

    def set_fault(self, fault: str) -> None:
        """Show what is wrong, or with '' that nothing is."""
        self._fault.setText(fault)
        self._fault.setVisible(bool(fault))
        self.search.setAccessibleDescription(fault)

    @Slot(str)
    def _on_search_changed(self, text: str) -> None:
        if text.strip():
            self._model.search(text)
        else:
            self.table.hide()

    @Slot(object)
    def _on_found(self, rows: tuple[StudentRow, ...]) -> None:
        if self.search.isHidden() or not self.search.text().strip():
            return
        self._found = {row.id: row for row in rows}
        self._rows.begin_list(tuple(child_look(row) for row in rows), complete=True)
        self.table.setVisible(bool(rows))
        if rows:
            self.table.choose_row(0)
        announce(self.search, self._model.summary)

    @Slot()
    def _on_list_wanted(self) -> None:
        # One Enter shows the list, a second one chooses: a name that came while typing is never taken unseen.
        if self.table.isVisible():
            self.table.setFocus()

    @Slot(object)
    def _on_row_activated(self, student: StudentId) -> None:
        child = self._found.get(student)
        if child is not None:
            self.search.clear()
            self.child_chosen.emit(child)

    @Slot()
    def _on_change_wanted(self) -> None:
        self.child_chosen.emit(None)
        self.search.setFocus()
