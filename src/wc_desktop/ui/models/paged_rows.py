"""A long list that arrives in pages, asked for as the nurse scrolls."""

from collections.abc import Callable, Hashable, Sequence

from PySide6.QtCore import QModelIndex, QObject, Signal

from wc_desktop.ui.models.row_table import AnyIndex, ColumnSpec, RowT, RowTableModel
from wc_desktop.ui.theme.tone import Tone


class PagedRowTableModel(RowTableModel[RowT]):
    """Holds the pages fetched so far. Emits `page_wanted(row count so far, list number)` for the next one.

    The answer comes through `append_page` with the same list number; an answer for an older list is dropped.
    """

    page_wanted = Signal(int, int)

    def __init__(
        self,
        columns: Sequence[ColumnSpec[RowT]],
        key: Callable[[RowT], Hashable],
        *,
        edge: Callable[[RowT], Tone | None] | None = None,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(columns, key, edge=edge, parent=parent)
        self._list_number = 0
        self._complete = True
        self._asked = False

    @property
    def list_number(self) -> int:
        return self._list_number

    @property
    def is_complete(self) -> bool:
        return self._complete

    def begin_list(self, first_page: Sequence[RowT], *, complete: bool) -> int:
        """Show another list from its first page. Return its number."""
        self._list_number += 1
        self._complete = complete
        self._asked = False
        self.reset_rows(first_page)
        return self._list_number

    def append_page(self, rows: Sequence[RowT], *, complete: bool, list_number: int) -> bool:
        """Add the next page. False when it belongs to a list no longer shown."""
        if list_number != self._list_number:
            return False
        self._asked = False
        self._complete = complete
        if rows:
            first = len(self._rows)
            self.beginInsertRows(QModelIndex(), first, first + len(rows) - 1)
            self._rows.extend(rows)
            self.endInsertRows()
        return True

    def canFetchMore(self, parent: AnyIndex) -> bool:
        return not parent.isValid() and not self._complete and not self._asked

    def fetchMore(self, parent: AnyIndex) -> None:
        if self.canFetchMore(parent):
            self._asked = True
            self.page_wanted.emit(len(self._rows), self._list_number)
