"""A table model over frozen rows, each known by a key that outlives refreshes."""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from wc_desktop.ui.models.row_diff import come_spans, gone_spans, spans, survivors_in_order
from wc_desktop.ui.theme.cells import CellLook, CellRole, Widths
from wc_desktop.ui.theme.tone import Tone

RowT = TypeVar("RowT")
AnyIndex = QModelIndex | QPersistentModelIndex
_NOWHERE = QModelIndex()
_Role = Qt.ItemDataRole


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnSpec(Generic[RowT]):
    """One column: its heading, how a row looks in it, and what a screen reader says there.

    The first column's `said` opens with the row's urgent sentence: it is what is read on arrival at the row.
    """

    title: str
    look: Callable[[RowT], CellLook]
    said: Callable[[RowT], str]
    widths: Widths


class RowTableModel(QAbstractTableModel, Generic[RowT]):
    """Shows rows in the order given. Sorting, filtering and paging happen before they come here.

    `update_rows` keeps selection and focus on the same keys and redraws only what differs.
    """

    def __init__(
        self,
        columns: Sequence[ColumnSpec[RowT]],
        key: Callable[[RowT], Hashable],
        *,
        edge: Callable[[RowT], Tone | None] | None = None,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._columns = tuple(columns)
        self._key = key
        self._edge = edge
        self._rows: list[RowT] = []

    @property
    def rows(self) -> Sequence[RowT]:
        return tuple(self._rows)

    def row_at(self, row: int) -> RowT | None:
        return self._rows[row] if 0 <= row < len(self._rows) else None

    def row_of(self, key: Hashable) -> int | None:
        """Return where the row with this key is now."""
        return next((row for row, item in enumerate(self._rows) if self._key(item) == key), None)

    def index_of(self, key: Hashable) -> QModelIndex:
        """Return the first cell of the row with this key, or an invalid index."""
        row = self.row_of(key)
        return QModelIndex() if row is None else self.index(row, 0)

    # -- changing ------------------------------------------------------------------------------------------

    def reset_rows(self, rows: Sequence[RowT]) -> None:
        """Show another list altogether; selection starts anew."""
        self.beginResetModel()
        self._rows = list(rows)
        self.endResetModel()

    def update_rows(self, rows: Sequence[RowT]) -> None:
        """Show a newer version of the same list: removals, then moves, then arrivals, then changed cells."""
        wanted = {self._key(row): row for row in rows}
        if len(wanted) != len(rows):
            self.reset_rows(rows)  # keys that are not unique cannot be followed
            return
        self._remove_gone(list(wanted))
        self._reorder(list(wanted))
        self._insert_come(rows)
        self._replace_changed(rows)

    def change_row(self, row: RowT) -> bool:
        """Replace the row of the same key. False when there is none."""
        at = self.row_of(self._key(row))
        if at is None:
            return False
        if self._rows[at] != row:
            self._rows[at] = row
            self.dataChanged.emit(self.index(at, 0), self.index(at, len(self._columns) - 1))
        return True

    def _keys(self) -> list[Hashable]:
        return [self._key(row) for row in self._rows]

    def _remove_gone(self, wanted: Sequence[Hashable]) -> None:
        for span in gone_spans(self._keys(), wanted):
            self.beginRemoveRows(_NOWHERE, span.first, span.last)
            del self._rows[span.first : span.last + 1]
            self.endRemoveRows()

    def _reorder(self, wanted: Sequence[Hashable]) -> None:
        before = self._keys()
        after = survivors_in_order(before, wanted)
        if before == after:
            return
        self.layoutAboutToBeChanged.emit()
        by_key = dict(zip(before, self._rows, strict=True))
        place = {key: row for row, key in enumerate(after)}
        old = self.persistentIndexList()
        new = [self.index(place[before[index.row()]], index.column()) for index in old]
        self._rows = [by_key[key] for key in after]
        self.changePersistentIndexList(old, new)
        self.layoutChanged.emit()

    def _insert_come(self, rows: Sequence[RowT]) -> None:
        for span in come_spans(self._keys(), [self._key(row) for row in rows]):
            self.beginInsertRows(_NOWHERE, span.first, span.last)
            self._rows[span.first : span.first] = rows[span.first : span.last + 1]
            self.endInsertRows()

    def _replace_changed(self, rows: Sequence[RowT]) -> None:
        changed = [at for at, row in enumerate(rows) if self._rows[at] != row]
        self._rows = list(rows)
        for span in spans(changed):
            self.dataChanged.emit(self.index(span.first, 0), self.index(span.last, len(self._columns) - 1))

    # -- answering -----------------------------------------------------------------------------------------

    def rowCount(self, parent: AnyIndex = _NOWHERE) -> int:
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: AnyIndex = _NOWHERE) -> int:
        return 0 if parent.isValid() else len(self._columns)

    def data(self, index: AnyIndex, role: int = _Role.DisplayRole) -> object:
        row = self.row_at(index.row()) if index.isValid() else None
        if row is None:
            return None
        column = self._columns[index.column()]
        answer: object = None
        match role:
            case _Role.DisplayRole | _Role.AccessibleTextRole:
                answer = column.said(row)
            case CellRole.LOOK:
                answer = column.look(row)
            case CellRole.KEY:
                answer = self._key(row)
            case CellRole.ROW:
                answer = row
            case CellRole.EDGE if self._edge and index.column() == 0:
                answer = self._edge(row)
            case _:
                answer = None
        return answer

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = _Role.DisplayRole) -> object:
        if orientation is not Qt.Orientation.Horizontal or not 0 <= section < len(self._columns):
            return None
        match role:
            case _Role.DisplayRole:
                return self._columns[section].title
            case _Role.TextAlignmentRole:
                return Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
            case CellRole.WIDTHS:
                return self._columns[section].widths
            case _:
                return None
