"""The rail at the left: where the program can go, and Lock at the foot."""

from collections.abc import Mapping, Sequence

from PySide6.QtCore import (
    QAbstractListModel,
    QEvent,
    QModelIndex,
    QPersistentModelIndex,
    QSize,
    Qt,
    Signal,
    Slot,
)
from PySide6.QtGui import QColor, QKeySequence, QPainter, QPaintEvent, QShortcut
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QListView,
    QPushButton,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from wc_desktop.ui.theme.tokens import current_tokens
from wc_desktop.ui.theme.type_scale import current_scale
from wc_desktop.ui.widgets.brand_mark import BrandMark
from wc_desktop.ui.widgets.rail_painter import RailEntryState, RailItem, entry_height, paint_entry

RAIL_WIDTH = 92
_SIDE = 9
_BETWEEN = 4
_MOST_SHORTCUTS = 9
_NOWHERE = QModelIndex()


class _RailModel(QAbstractListModel):
    """The entries and their badges."""

    def __init__(self, items: Sequence[RailItem], parent: QWidget) -> None:
        super().__init__(parent)
        self.items = tuple(items)
        self._badges: dict[str, int] = {}

    def rowCount(self, parent: QModelIndex | QPersistentModelIndex = _NOWHERE) -> int:
        return 0 if parent.isValid() else len(self.items)

    def badge(self, key: str) -> int:
        return self._badges.get(key, 0)

    def set_badges(self, badges: Mapping[str, int]) -> None:
        self._badges = dict(badges)
        self.dataChanged.emit(self.index(0), self.index(len(self.items) - 1))

    def data(self, index: QModelIndex | QPersistentModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        item = self.items[index.row()]
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return item.title
            case Qt.ItemDataRole.AccessibleTextRole:
                count = self.badge(item.key)
                return f"{item.title}, {count}" if count else item.title
            case Qt.ItemDataRole.ToolTipRole | Qt.ItemDataRole.AccessibleDescriptionRole:
                return f"Ctrl+{index.row() + 1}" if index.row() < _MOST_SHORTCUTS else None
            case _:
                return None


class _RailDelegate(QStyledItemDelegate):
    """Paints entries with `rail_painter`."""

    def __init__(self, model: _RailModel, view: QListView) -> None:
        super().__init__(view)
        self._model = model
        self._view = view

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        scale = current_scale()
        item = self._model.items[index.row()]
        state = RailEntryState(
            chosen=bool(option.state & QStyle.StateFlag.State_Selected),
            hovered=bool(option.state & QStyle.StateFlag.State_MouseOver),
            focused=self._view.hasFocus() and index == self._view.currentIndex(),
            badge=self._model.badge(item.key),
        )
        box = option.rect.adjusted(scale.px(_SIDE), 0, -scale.px(_SIDE), -scale.px(_BETWEEN))
        paint_entry(painter, box, item, state, scale, current_tokens())

    def sizeHint(self, _option: QStyleOptionViewItem, _index: QModelIndex | QPersistentModelIndex) -> QSize:
        scale = current_scale()
        between = scale.px(_BETWEEN)
        room = self._view.viewport().height() // max(len(self._model.items), 1) - between
        return QSize(scale.px(RAIL_WIDTH), entry_height(scale, room=room) + between)


class _NumberKey(QShortcut):
    """Ctrl and a digit: says which entry it means."""

    pressed = Signal(int)

    def __init__(self, row: int, parent: QWidget) -> None:
        super().__init__(QKeySequence(f"Ctrl+{row + 1}"), parent)
        self._row = row
        self.activated.connect(self._on_activated)

    @Slot()
    def _on_activated(self) -> None:
        self.pressed.emit(self._row)


class RailButton(QPushButton):
    """A button that looks like a rail entry."""

    def __init__(self, item: RailItem, shortcut: str, parent: QWidget) -> None:
        super().__init__(item.title, parent)
        self._item = item
        self.setAutoDefault(False)
        self.setToolTip(shortcut)
        self.setShortcut(QKeySequence(shortcut))

    def sizeHint(self) -> QSize:
        scale = current_scale()
        return QSize(scale.px(RAIL_WIDTH - 2 * _SIDE), entry_height(scale))

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        state = RailEntryState(chosen=False, hovered=self.underMouse(), focused=self.hasFocus())
        paint_entry(painter, self.rect(), self._item, state, current_scale(), current_tokens())
        painter.end()


class NavigationRail(QFrame):
    """Sections as a list: arrows choose, Ctrl+1 to Ctrl+9 from anywhere in the window; `foot` is Lock."""

    section_chosen = Signal(str)
    foot_pressed = Signal()

    def __init__(
        self,
        name: str,
        items: Sequence[RailItem],
        *,
        foot: RailItem,
        foot_shortcut: str = "Ctrl+L",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        scale = current_scale()
        self.setFixedWidth(scale.px(RAIL_WIDTH))
        self._model = _RailModel(items, self)
        self._list = self._build_list(name)
        self._foot = RailButton(foot, foot_shortcut, self)
        self._foot.clicked.connect(self.foot_pressed)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, scale.px(16), 0, scale.px(10))
        column.setSpacing(scale.px(14))
        self._mark = BrandMark(self)
        column.addWidget(self._mark, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addWidget(self._list, 1)
        column.addWidget(self._foot, 0, Qt.AlignmentFlag.AlignHCenter)
        self._number_keys = [_NumberKey(row, self) for row in range(min(len(items), _MOST_SHORTCUTS))]
        for key in self._number_keys:
            key.pressed.connect(self._on_number)
        self._list.selectionModel().currentChanged.connect(self._on_current_changed)

    def _build_list(self, name: str) -> QListView:
        view = QListView(self)
        view.setProperty("frame", "none")
        view.setAccessibleName(name)
        view.setModel(self._model)
        view.setItemDelegate(_RailDelegate(self._model, view))
        view.setMouseTracking(True)
        view.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        view.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        view.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        view.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        view.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        view.setTabKeyNavigation(False)
        view.setResizeMode(QListView.ResizeMode.Adjust)
        return view

    @property
    def current_key(self) -> str | None:
        index = self._list.currentIndex()
        return self._model.items[index.row()].key if index.isValid() else None

    def set_current(self, key: str) -> None:
        """Show which section is open; emits `section_chosen` when that changes."""
        row = [item.key for item in self._model.items].index(key)
        self._list.setCurrentIndex(self._model.index(row))

    def set_badges(self, badges: Mapping[str, int]) -> None:
        """Show counts at sections that need attention; a section not named shows none."""
        self._model.set_badges(badges)

    @Slot(int)
    def _on_number(self, row: int) -> None:
        self._list.setCurrentIndex(self._model.index(row))

    @Slot(QModelIndex, QModelIndex)
    def _on_current_changed(self, current: QModelIndex, _previous: QModelIndex) -> None:
        if current.isValid():
            self._list.scrollTo(current)
            self.section_chosen.emit(self._model.items[current.row()].key)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self.setFixedWidth(current_scale().px(RAIL_WIDTH))

    def paintEvent(self, _event: QPaintEvent) -> None:
        tokens = current_tokens()
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(tokens.surface))
        painter.fillRect(self.width() - 1, 0, 1, self.height(), QColor(tokens.border))
        painter.end()
