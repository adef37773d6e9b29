"""The list that every screen shows: a card, rows that grow, one row chosen, everything by keyboard."""

from collections.abc import Callable, Hashable

from PySide6.QtCore import QAbstractItemModel, QEvent, QModelIndex, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QFocusEvent, QKeyEvent, QKeySequence, QMouseEvent, QResizeEvent, QShortcut
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QWidget

from wc_desktop.ui.theme.cells import CellRole, Widths
from wc_desktop.ui.theme.type_scale import current_scale
from wc_desktop.ui.widgets.card import Card
from wc_desktop.ui.widgets.cell_delegate import NO_ROW, CellDelegate
from wc_desktop.ui.widgets.column_widths import shared_widths

_LEAST_ROW = 40
_SLICE = 40
_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
_UNMODIFIED = (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.KeypadModifier)


class RowView(QTableView):
    """The table inside a `RecordTable`. Tab leaves it, letters do not jump, Enter activates the row."""

    focus_moved = Signal(bool)
    row_entered = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._delegate = CellDelegate(self)
        self._fitted = 0
        self._next_slice = QTimer(self, interval=0, singleShot=True)
        self._next_slice.timeout.connect(self._fit_slice)
        self.setItemDelegate(self._delegate)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setTabKeyNavigation(False)
        self.setShowGrid(False)
        self.setMouseTracking(True)
        self.setWordWrap(False)
        self.setCornerButtonEnabled(False)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.verticalHeader().hide()
        self.verticalHeader().setMinimumSectionSize(1)
        header = self.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        header.setHighlightSections(False)
        header.setSectionsClickable(False)
        header.setMinimumSectionSize(1)
        header.setFocusPolicy(Qt.FocusPolicy.NoFocus)

    def fit(self) -> None:
        """Share the width among the columns, then give each row the height that its cells need."""
        model = self.model()
        if not isinstance(model, QAbstractItemModel):
            return  # a resize can come before the model
        scale = current_scale()
        wishes = [self._wish(column) for column in range(model.columnCount())]
        widths = shared_widths(wishes, self.viewport().width(), scale.factor)
        for column, width in enumerate(widths):
            self.setColumnWidth(column, width)
        self._fitted = 0
        # What can be seen, and all above it, is right at once; the rest follows in slices.
        seen = max(self.currentIndex().row(), self.rowAt(self.viewport().height() - 1))
        self.fit_up_to(max(seen, 0) + _SLICE)
        self._next_slice.start()

    def fit_up_to(self, row: int) -> None:
        """Fit every row down to this one that is not fitted yet, so that it stands where it will stay."""
        last = min(row, self.model().rowCount() - 1)
        if last >= self._fitted:
            self._fit_rows(self._fitted, last)
            self._fitted = last + 1

    @Slot()
    def _fit_slice(self) -> None:
        self.fit_up_to(self._fitted + _SLICE - 1)
        if self._fitted < self.model().rowCount():
            self._next_slice.start()

    def fit_changed(self, first: int, last: int) -> None:
        """Fit rows whose cells changed; those not reached yet are fitted in their turn."""
        self._fit_rows(first, min(last, self._fitted - 1))

    def _fit_rows(self, first: int, last: int) -> None:
        model = self.model()
        scale = current_scale()
        columns = [(column, self.columnWidth(column)) for column in range(model.columnCount())]
        for row in range(first, last + 1):
            heights = [self._delegate.height_of(model.index(row, column), width, scale) for column, width in columns]
            height = max([scale.px(_LEAST_ROW), *heights])
            if self.rowHeight(row) != height:
                self.setRowHeight(row, height)

    def _wish(self, column: int) -> Widths:
        wish = self.model().headerData(column, Qt.Orientation.Horizontal, CellRole.WIDTHS)
        return wish if isinstance(wish, Widths) else Widths(least=80, usual=120, share=1)

    def keyboardSearch(self, search: str) -> None:
        """Do nothing: single letters are commands here, and a list that jumps loses the right child."""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in _ENTER and event.modifiers() in _UNMODIFIED:
            self.row_entered.emit()
            event.accept()
            return
        super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        if not self.currentIndex().isValid() and self.model().rowCount() > 0:
            self.selectRow(0)
        self.focus_moved.emit(self.hasFocus())

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.focus_moved.emit(self.hasFocus())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        super().mouseMoveEvent(event)
        self._hover(self.indexAt(event.position().toPoint()).row())

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self._hover(NO_ROW)

    def _hover(self, row: int) -> None:
        if row != self._delegate.hover_row:
            self._delegate.hover_row = row
            self.viewport().update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self.fit()


class RecordTable(Card):
    """A named table in a card that wears the focus ring. One row at a time; signals carry the row's key."""

    row_chosen = Signal(object)
    row_activated = Signal(object)

    def __init__(self, name: str, model: QAbstractItemModel, parent: QWidget | None = None) -> None:
        super().__init__(parent, margin=4, spacing=0)
        self._model = model
        self.view = RowView(self)
        self.view.setAccessibleName(name)
        self.view.setModel(model)
        self.body.addWidget(self.view)
        self.setFocusProxy(self.view)
        self._fit_later = QTimer(self, interval=0, singleShot=True)
        self._fit_later.timeout.connect(self.view.fit)
        self._shortcuts: list[QShortcut] = []
        self.view.focus_moved.connect(self.set_ringed)
        self.view.row_entered.connect(self._on_row_entered)
        self.view.doubleClicked.connect(self._on_row_entered)
        self.view.selectionModel().currentRowChanged.connect(self._on_row_changed)
        model.modelReset.connect(self._on_reset)
        model.rowsInserted.connect(self._fit_later.start)
        model.rowsRemoved.connect(self._fit_later.start)
        model.layoutChanged.connect(self._fit_later.start)
        model.dataChanged.connect(self._on_data_changed)

    @property
    def current_key(self) -> Hashable | None:
        index = self.view.currentIndex()
        key: Hashable | None = index.data(CellRole.KEY) if index.isValid() else None
        return key

    @property
    def current_row(self) -> object | None:
        """The frozen row that is chosen, or None."""
        index = self.view.currentIndex()
        return index.data(CellRole.ROW) if index.isValid() else None

    def choose_key(self, key: Hashable) -> bool:
        """Choose the row with this key and bring it into view. False when there is none."""
        for row in range(self._model.rowCount()):
            if self._model.index(row, 0).data(CellRole.KEY) == key:
                self.choose_row(row)
                return True
        return False

    def choose_row(self, row: int) -> None:
        """Choose a row by its number and bring it into view."""
        self.view.fit_up_to(row)
        self.view.setCurrentIndex(self._model.index(row, 0))
        self.view.scrollTo(self._model.index(row, 0))

    def add_key(self, sequence: str, slot: Callable[[], None]) -> QShortcut:
        """Bind a key that works only while this list has the focus. `slot` must be a bound method."""
        shortcut = QShortcut(QKeySequence(sequence), self.view)
        shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        shortcut.activated.connect(slot)
        self._shortcuts.append(shortcut)
        return shortcut

    @Slot()
    def _on_row_entered(self) -> None:
        key = self.current_key
        if key is not None:
            self.row_activated.emit(key)

    @Slot(QModelIndex, QModelIndex)
    def _on_row_changed(self, _current: QModelIndex, _previous: QModelIndex) -> None:
        self.row_chosen.emit(self.current_key)

    @Slot()
    def _on_reset(self) -> None:
        self.view.fit()
        self.row_chosen.emit(self.current_key)

    @Slot(QModelIndex, QModelIndex)
    def _on_data_changed(self, first: QModelIndex, last: QModelIndex) -> None:
        self.view.fit_changed(first.row(), last.row())

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange) and hasattr(self, "_fit_later"):
            self._fit_later.start()
