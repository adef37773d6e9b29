"""The list inside choice and check fields: one line an option, a mark before it, whole words."""

from PySide6.QtCore import (
    QAbstractItemModel,
    QEvent,
    QModelIndex,
    QPersistentModelIndex,
    QRect,
    QRectF,
    QSize,
    Qt,
)
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPen, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QListWidget,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from wc_desktop.ui.theme.tokens import Tokens, current_tokens
from wc_desktop.ui.theme.type_scale import TextStyle, TypeScale, current_scale
from wc_desktop.ui.widgets.check_box import paint_tick
from wc_desktop.ui.widgets.wrapped_text import line_height, wrapped_lines

_PAD_X = 8
_PAD_Y = 6
_MARK = 16
_GAP = 10
_RADIUS = 5
_PADDING = 4
_BORDERS = 4
_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
_BEGINS = (Qt.Key.Key_Home, Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_PageUp)
_TOGGLES = (Qt.Key.Key_Space, Qt.Key.Key_Select)
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_AnyIndex = QModelIndex | QPersistentModelIndex


class OptionDelegate(QStyledItemDelegate):
    """Paints a round mark for one-of-many, a square one for any-of-many."""

    def __init__(self, view: QListWidget, *, many: bool) -> None:
        super().__init__(view)
        self._view = view
        self._many = many

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _AnyIndex) -> None:
        tokens, scale = current_tokens(), current_scale()
        chosen = self._is_marked(option, index)
        box: QRect = option.rect
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        if chosen or option.state & QStyle.StateFlag.State_MouseOver:
            painter.setBrush(QColor(tokens.accent_soft if chosen else tokens.hover))
            painter.drawRoundedRect(box, _RADIUS, _RADIUS)
        if self._many and self._view.hasFocus() and index == self._view.currentIndex():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(QColor(tokens.focus), 2))
            painter.drawRoundedRect(box.adjusted(1, 1, -1, -1), _RADIUS - 1, _RADIUS - 1)
        font = scale.font(TextStyle.BODY)
        mark = QRect(box.left() + scale.px(_PAD_X), box.top() + scale.px(_PAD_Y), scale.px(_MARK), scale.px(_MARK))
        mark.translate(0, (line_height(font) - mark.height() + 1) // 2)
        self._paint_mark(painter, mark, tokens, chosen=chosen)
        self._paint_words(painter, box, str(index.data()), scale, tokens)
        painter.restore()

    def _is_marked(self, option: QStyleOptionViewItem, index: _AnyIndex) -> bool:
        if self._many:
            return Qt.CheckState(index.data(Qt.ItemDataRole.CheckStateRole)) is Qt.CheckState.Checked
        return bool(option.state & QStyle.StateFlag.State_Selected)

    def _paint_mark(self, painter: QPainter, mark: QRect, tokens: Tokens, *, chosen: bool) -> None:
        box = QRectF(mark).adjusted(0.75, 0.75, -0.75, -0.75)
        radius = 4.0 if self._many else box.height() / 2
        painter.setPen(QPen(QColor(tokens.accent if chosen else tokens.field_line), 1.5))
        painter.setBrush(QColor(tokens.accent if chosen else tokens.surface))
        painter.drawRoundedRect(box, radius, radius)
        if chosen and self._many:
            paint_tick(painter, box, tokens)
        elif chosen:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(tokens.on_accent))
            dot = box.height() * 0.42
            painter.drawEllipse(box.center(), dot / 2, dot / 2)

    def _paint_words(self, painter: QPainter, box: QRect, words: str, scale: TypeScale, tokens: Tokens) -> None:
        font = scale.font(TextStyle.BODY)
        left = box.left() + scale.px(_PAD_X + _MARK + _GAP)
        painter.setFont(font)
        painter.setPen(QColor(tokens.text))
        place = QRect(left, box.top() + scale.px(_PAD_Y), box.right() - left, line_height(font))
        for line in wrapped_lines(words, font, place.width() - scale.px(_PAD_X)):
            painter.drawText(place, _LEFT, line)
            place.translate(0, line_height(font))

    def sizeHint(self, _option: QStyleOptionViewItem, index: _AnyIndex) -> QSize:
        scale = current_scale()
        font = scale.font(TextStyle.BODY)
        width = self._view.viewport().width() - scale.px(_PAD_X + _MARK + _GAP + _PAD_X)
        lines = wrapped_lines(str(index.data()), font, max(width, scale.px(80)))
        height = max(len(lines), 1) * line_height(font) + 2 * scale.px(_PAD_Y)
        return QSize(scale.px(120), height)

    def editorEvent(
        self,
        event: QEvent,
        model: QAbstractItemModel,
        _option: QStyleOptionViewItem,
        index: _AnyIndex,
    ) -> bool:
        """Toggle on a click anywhere in the line, or on Space."""
        if not self._many or not self._toggles(event):
            return False
        checked = Qt.CheckState(index.data(Qt.ItemDataRole.CheckStateRole)) is Qt.CheckState.Checked
        wanted = Qt.CheckState.Unchecked if checked else Qt.CheckState.Checked
        return model.setData(model.index(index.row(), index.column()), wanted.value, Qt.ItemDataRole.CheckStateRole)

    def _toggles(self, event: QEvent) -> bool:
        if isinstance(event, QKeyEvent):
            return event.type() is QEvent.Type.KeyPress and event.key() in _TOGGLES
        if isinstance(event, QMouseEvent):
            released = event.type() is QEvent.Type.MouseButtonRelease
            return released and event.button() is Qt.MouseButton.LeftButton
        return False


class OptionList(QListWidget):
    """As high as its options, up to `most_lines`. Enter is left to the sheet around it."""

    def __init__(self, *, many: bool, most_lines: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._most_lines = most_lines
        self._many = many
        self.setItemDelegate(OptionDelegate(self, many=many))
        self.setMouseTracking(True)
        self.setTabKeyNavigation(False)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setResizeMode(QListWidget.ResizeMode.Adjust)

    def fit(self) -> None:
        """Take the height of the options."""
        shown = min(self.count(), self._most_lines)
        # What the style sheet puts around the lines: its padding grows with the text, its border does not.
        frame = 2 * current_scale().px(_PADDING) + _BORDERS
        self.setFixedHeight(sum(self.sizeHintForRow(row) for row in range(shown)) + frame)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self.scheduleDelayedItemsLayout()
            self.fit()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange) and self.count():
            self.fit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in _ENTER:
            event.ignore()
            return
        if event.key() in _BEGINS and not self._many and self.count() and not self.selectedItems():
            # Qt has made the first line current without choosing it, and would begin with the second.
            self.setCurrentRow(0)
            self.item(0).setSelected(True)
            return
        super().keyPressEvent(event)
