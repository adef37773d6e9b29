"""Tabs at the left, search at the right; on a narrow screen one below the other."""

from PySide6.QtCore import QEvent, QRect, QSize
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from wc_desktop.ui.theme.type_scale import current_scale

_GAP = 16
_LINE_GAP = 8


class ToolRow(QWidget):
    """Two widgets that share a line while both have the room they ask for."""

    def __init__(self, left: QWidget, right: QWidget, parent: QWidget | None = None, *, right_width: int = 300) -> None:
        super().__init__(parent)
        self.setProperty("area", "clear")
        policy = QSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self._left = left
        self._right = right
        self._right_width = right_width
        left.setParent(self)
        right.setParent(self)

    def _on_one_line(self, width: int) -> bool:
        scale = current_scale()
        return width >= self._left.sizeHint().width() + scale.px(_GAP + self._right_width)

    def heightForWidth(self, width: int) -> int:
        heights = (self._left.sizeHint().height(), self._right.sizeHint().height())
        return max(heights) if self._on_one_line(width) else sum(heights) + current_scale().px(_LINE_GAP)

    def sizeHint(self) -> QSize:
        width = self._left.sizeHint().width() + current_scale().px(_GAP + self._right_width)
        return QSize(width, self.heightForWidth(width))

    def minimumSizeHint(self) -> QSize:
        return QSize(0, self.heightForWidth(self.width()))

    def event(self, event: QEvent) -> bool:
        if event.type() is QEvent.Type.LayoutRequest:  # one of the two asks for another size
            self._place()
            self.updateGeometry()
        return super().event(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place()
        if event.size().width() != event.oldSize().width():
            self.updateGeometry()

    def _place(self) -> None:
        width, height = self.width(), self.height()
        left, right = self._left.sizeHint(), self._right.sizeHint()
        if self._on_one_line(width):
            wide = current_scale().px(self._right_width)
            self._left.setGeometry(QRect(0, (height - left.height()) // 2, left.width(), left.height()))
            self._right.setGeometry(QRect(width - wide, (height - right.height()) // 2, wide, right.height()))
        else:
            self._left.setGeometry(QRect(0, 0, min(left.width(), width), left.height()))
            self._right.setGeometry(QRect(0, height - right.height(), width, right.height()))
