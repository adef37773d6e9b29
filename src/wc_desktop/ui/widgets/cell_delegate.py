"""The delegate of every list: row background, urgency edge, then the cell's look."""

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, QRect, QSize
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from wc_desktop.ui.theme.cells import CellRole, ChipsCell, StatusCell, TextCell
from wc_desktop.ui.theme.tokens import Tokens, current_tokens
from wc_desktop.ui.theme.tone import Tone
from wc_desktop.ui.theme.type_scale import TypeScale, current_scale
from wc_desktop.ui.widgets.cell_painter import PAD_X, content_size, paint_cell, row_height

_EDGE_WIDTH = 4
NO_ROW = -1


class CellDelegate(QStyledItemDelegate):
    """Paints the look that the model answers for `CellRole.LOOK`; speaks nothing, the model does that."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.hover_row = NO_ROW

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        tokens = current_tokens()
        scale = current_scale()
        rect: QRect = option.rect
        painter.save()
        painter.fillRect(rect, QColor(self._background(option, index, tokens)))
        painter.fillRect(rect.left(), rect.bottom(), rect.width(), 1, QColor(tokens.hairline))
        edge = index.data(CellRole.EDGE)
        if isinstance(edge, Tone):
            bar = QRect(rect.left(), rect.top(), scale.px(_EDGE_WIDTH), rect.height() - 1)
            painter.fillRect(bar, QColor(tokens.inks(edge).ink))
        look = index.data(CellRole.LOOK)
        if isinstance(look, TextCell | ChipsCell | StatusCell):
            paint_cell(painter, rect, look, scale, tokens)
        painter.restore()

    def _background(
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex, tokens: Tokens
    ) -> str:
        state: QStyle.StateFlag = option.state
        if state & QStyle.StateFlag.State_Selected:
            return tokens.selected
        return tokens.hover if index.row() == self.hover_row else tokens.surface

    def height_of(self, index: QModelIndex, column_width: int, scale: TypeScale) -> int:
        """Return the height that this cell asks of its row."""
        look = index.data(CellRole.LOOK)
        if isinstance(look, TextCell | ChipsCell | StatusCell):
            return row_height(look, column_width, scale) + 1
        return 0

    def sizeHint(self, _option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        look = index.data(CellRole.LOOK)
        if not isinstance(look, TextCell | ChipsCell | StatusCell):
            return QSize()
        scale = current_scale()
        size = content_size(look, scale.px(10_000), scale)
        return QSize(size.width() + 2 * scale.px(PAD_X), row_height(look, scale.px(10_000), scale) + 1)
