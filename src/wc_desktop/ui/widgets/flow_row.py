"""Buttons beside one another while they all have room, else one below the other."""

from PySide6.QtCore import QEvent, QSize
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QSizePolicy, QWidget

from wc_desktop.ui.theme.type_scale import current_scale

_GAP = 10
_Direction = QBoxLayout.Direction


class FlowRow(QWidget):
    """Never wider than its place: no button is cut, however large the text."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("area", "clear")
        self._line = QBoxLayout(_Direction.LeftToRight, self)
        self._line.setContentsMargins(0, 0, 0, 0)
        self._line.setSpacing(current_scale().px(_GAP))
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Minimum)

    def add(self, widget: QWidget) -> None:
        """Put a widget at the end."""
        self._line.addWidget(widget)

    @property
    def is_stacked(self) -> bool:
        return self._line.direction() is _Direction.TopToBottom

    def minimumSizeHint(self) -> QSize:
        return QSize(0, super().minimumSizeHint().height())

    def event(self, event: QEvent) -> bool:
        answer = super().event(event)
        if event.type() is QEvent.Type.LayoutRequest:
            self._turn()
        return answer

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._turn()

    def _turn(self) -> None:
        shown = [item.widget() for item in map(self._line.itemAt, range(self._line.count())) if item is not None]
        widths = [widget.sizeHint().width() for widget in shown if widget is not None and not widget.isHidden()]
        needed = sum(widths) + self._line.spacing() * max(len(widths) - 1, 0)
        wanted = _Direction.LeftToRight if needed <= self.width() else _Direction.TopToBottom
        if self._line.direction() is not wanted:
            self._line.setDirection(wanted)
            self.updateGeometry()
