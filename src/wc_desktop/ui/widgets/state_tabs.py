"""Filter tabs with counts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from PySide6.QtCore import (
    QAbstractListModel,
    QEvent,
    QModelIndex,
    QPersistentModelIndex,
    QRect,
    QSize,
    Qt,
    Signal,
    Slot,
)
from PySide6.QtGui import QColor, QFocusEvent, QKeySequence, QPainter, QPen, QShortcut, QWheelEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QListView,
    QSizePolicy,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from wc_desktop.ui.theme.tokens import current_tokens
from wc_desktop.ui.theme.type_scale import TextStyle, current_scale
from wc_desktop.ui.widgets.wrapped_text import line_height, text_width

_PAD_X = 13
_PAD_Y = 9
_GAP = 8
_BETWEEN = 4
_RADIUS = 8
_NOWHERE = QModelIndex()
_LEFT = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
_AnyIndex = QModelIndex | QPersistentModelIndex


@dataclass(frozen=True, slots=True, kw_only=True)
class TabSpec:
    """One tab: a key for the program, a title with its `&` access key for the nurse."""

    key: str
    title: str

    @property
    def plain(self) -> str:
        """The title as it is read."""
        return self.title.replace("&&", "\0").replace("&", "").replace("\0", "&")


class _TabModel(QAbstractListModel):
    """The tabs and how many rows each holds."""

    def __init__(self, tabs: Sequence[TabSpec], parent: QWidget) -> None:
        super().__init__(parent)
        self.tabs = tuple(tabs)
        self.counts: dict[str, int] = {}

    def rowCount(self, parent: _AnyIndex = _NOWHERE) -> int:
        return 0 if parent.isValid() else len(self.tabs)

    def set_tabs(self, tabs: Sequence[TabSpec]) -> None:
        self.beginResetModel()
        self.tabs = tuple(tabs)
        self.counts = {}
        self.endResetModel()

    def count_text(self, row: int) -> str:
        count = self.counts.get(self.tabs[row].key)
        return "" if count is None else str(count)

    def set_counts(self, counts: Mapping[str, int]) -> None:
        self.counts = dict(counts)
        self.dataChanged.emit(self.index(0), self.index(len(self.tabs) - 1))

    def data(self, index: _AnyIndex, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        tab = self.tabs[index.row()]
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return tab.plain
            case Qt.ItemDataRole.AccessibleTextRole:
                return ", ".join(filter(None, (tab.plain, self.count_text(index.row()))))
            case Qt.ItemDataRole.AccessibleDescriptionRole:
                return QKeySequence.mnemonic(tab.title).toString()
            case _:
                return None


class _TabDelegate(QStyledItemDelegate):
    """Paints one tab: title with its access key underlined, then the count."""

    def __init__(self, model: _TabModel, view: QListView) -> None:
        super().__init__(view)
        self._model = model
        self._view = view

    def sizeHint(self, _option: QStyleOptionViewItem, index: _AnyIndex) -> QSize:
        scale = current_scale()
        font = scale.font(TextStyle.STRONG)  # the widest it gets, so choosing moves nothing
        width = text_width(self._model.tabs[index.row()].plain, font)
        width += 2 * scale.px(_PAD_X) + scale.px(_BETWEEN)
        count = self._model.count_text(index.row())
        if count:
            width += scale.px(_GAP) + text_width(count, font)
        return QSize(width, line_height(font) + 2 * scale.px(_PAD_Y))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _AnyIndex) -> None:
        scale = current_scale()
        box: QRect = option.rect.adjusted(0, 1, -scale.px(_BETWEEN), -1)
        chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_ground(painter, box, option, chosen=chosen)
        self._paint_words(painter, box, index.row(), chosen=chosen)
        painter.restore()

    def _paint_ground(self, painter: QPainter, box: QRect, option: QStyleOptionViewItem, *, chosen: bool) -> None:
        tokens = current_tokens()
        if chosen or option.state & QStyle.StateFlag.State_MouseOver:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(tokens.accent_soft if chosen else tokens.press))
            painter.drawRoundedRect(box, _RADIUS, _RADIUS)
        if chosen and self._view.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(QColor(tokens.focus), 2))
            painter.drawRoundedRect(box.adjusted(1, 1, -1, -1), _RADIUS - 1, _RADIUS - 1)

    def _paint_words(self, painter: QPainter, box: QRect, row: int, *, chosen: bool) -> None:
        tokens, scale = current_tokens(), current_scale()
        tab = self._model.tabs[row]
        font = scale.font(TextStyle.STRONG if chosen else TextStyle.BODY_MEDIUM)
        painter.setFont(font)
        painter.setPen(QColor(tokens.accent if chosen else tokens.text))
        text = box.adjusted(scale.px(_PAD_X), 0, 0, 0)
        painter.drawText(text, _LEFT | int(Qt.TextFlag.TextShowMnemonic), tab.title)
        painter.setPen(QColor(tokens.accent if chosen else tokens.muted))
        text.setLeft(text.left() + text_width(tab.plain, font) + scale.px(_GAP))
        painter.drawText(text, _LEFT, self._model.count_text(row))


class _AccessKey(QShortcut):
    """Alt and the underlined letter: says which tab it means."""

    pressed = Signal(str)

    def __init__(self, tab: TabSpec, parent: QWidget) -> None:
        super().__init__(QKeySequence.mnemonic(tab.title), parent)
        self._key = tab.key
        self.activated.connect(self._on_activated)

    @Slot()
    def _on_activated(self) -> None:
        self.pressed.emit(self._key)


class StateTabs(QListView):
    """Tabs that filter what stands below. Arrows and access keys choose; the wheel does not.

    A list rather than a QTabBar: that one tells a screen reader that its chosen tab always has the focus, and
    hides its own name behind it.
    """

    tab_chosen = Signal(str)

    def __init__(self, name: str, tabs: Sequence[TabSpec], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = _TabModel(tabs, self)
        self.setProperty("frame", "none")
        self.setAccessibleName(name)
        self.setModel(self._model)
        self.setItemDelegate(_TabDelegate(self._model, self))
        self.setFlow(QListView.Flow.LeftToRight)
        self.setWrapping(False)
        self.setMouseTracking(True)
        self.setTabKeyNavigation(False)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self._access_keys = [_AccessKey(tab, self) for tab in tabs if not QKeySequence.mnemonic(tab.title).isEmpty()]
        for access_key in self._access_keys:
            access_key.pressed.connect(self.choose)
        self.setCurrentIndex(self._model.index(0))
        self.selectionModel().currentChanged.connect(self._on_current_changed)

    @property
    def current_key(self) -> str:
        return self._model.tabs[self.currentIndex().row()].key

    @Slot(str)
    def choose(self, key: str) -> None:
        """Choose the tab with this key."""
        row = [tab.key for tab in self._model.tabs].index(key)
        self.setCurrentIndex(self._model.index(row))

    def set_tabs(self, tabs: Sequence[TabSpec]) -> None:
        """Offer other tabs, without access keys of their own; the chosen one stays chosen where it is still offered."""
        if tuple(tabs) == self._model.tabs:
            return
        before = self.current_key
        self._model.set_tabs(tabs)
        keys = [tab.key for tab in tabs]
        self.setCurrentIndex(self._model.index(keys.index(before) if before in keys else 0))
        self.updateGeometry()

    def set_counts(self, counts: Mapping[str, int]) -> None:
        """Show how many rows each tab holds; a tab without a count shows none."""
        if dict(counts) != self._model.counts:
            self._model.set_counts(counts)
            self.scheduleDelayedItemsLayout()
            self.updateGeometry()

    @Slot(QModelIndex, QModelIndex)
    def _on_current_changed(self, current: QModelIndex, _previous: QModelIndex) -> None:
        if current.isValid():
            self.scrollTo(current)
            self.tab_chosen.emit(self._model.tabs[current.row()].key)

    def sizeHint(self) -> QSize:
        sizes = [self.sizeHintForIndex(self._model.index(row)) for row in range(self._model.rowCount())]
        width = sum(size.width() for size in sizes)
        return QSize(width, max((size.height() for size in sizes), default=0))

    def minimumSizeHint(self) -> QSize:
        return QSize(0, self.sizeHint().height())

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.viewport().update()

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self.scheduleDelayedItemsLayout()
            self.updateGeometry()
