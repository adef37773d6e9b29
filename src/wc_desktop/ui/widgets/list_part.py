"""A list under a line of tools; where it has no rows, words stand in its place."""

from PySide6.QtWidgets import QHBoxLayout, QStackedLayout, QVBoxLayout, QWidget

from wc_desktop.ui.theme.type_scale import current_scale
from wc_desktop.ui.widgets.empty_state import EmptyState
from wc_desktop.ui.widgets.record_table import RecordTable
from wc_desktop.ui.widgets.scroller import Scroller


class ListPart(QWidget):
    """Put what belongs above the list into `head`; say with `show_list` whether there is anything to list."""

    def __init__(self, table: RecordTable, empty: EmptyState, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("area", "clear")
        self._table = table
        # Scrolls, so that large text on a small screen makes no window larger than the screen.
        self._nothing = Scroller(self.tr("Nothing listed"), self)
        self._nothing.body.addWidget(empty)
        self.head = QHBoxLayout()
        self._either = QStackedLayout()
        # A stack shows what it is given first at once, as a window of its own when it has no parent yet.
        table.setParent(self)
        self._either.addWidget(table)
        self._either.addWidget(self._nothing)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(current_scale().px(12))
        column.addLayout(self.head)
        column.addLayout(self._either, 1)

    @property
    def shows_list(self) -> bool:
        """Whether the list is there, and not the words in its place."""
        return self._either.currentWidget() is self._table

    def show_list(self, *, filled: bool) -> None:
        """Show the list when it has rows, else the words."""
        self._either.setCurrentWidget(self._table if filled else self._nothing)
