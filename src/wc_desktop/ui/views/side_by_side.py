"""Two parts beside each other while there is room, else one below the other."""

from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QWidget

from wc_desktop.ui.theme.type_scale import current_scale

_Direction = QBoxLayout.Direction


class SideBySide(QWidget):
    """Shares its width between `first` and `second`; narrower than `least` (at text size 1) it stacks them."""

    def __init__(
        self,
        first: QWidget,
        second: QWidget,
        parent: QWidget | None = None,
        *,
        first_share: int = 1,
        second_share: int = 1,
        least: int = 760,
        gap: int = 16,
    ) -> None:
        super().__init__(parent)
        self.setProperty("area", "clear")
        self._least = least
        self._line = QBoxLayout(_Direction.LeftToRight, self)
        self._line.setContentsMargins(0, 0, 0, 0)
        self._line.setSpacing(current_scale().px(gap))
        self._line.addWidget(first, first_share)
        self._line.addWidget(second, second_share)

    @property
    def is_stacked(self) -> bool:
        return self._line.direction() is _Direction.TopToBottom

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        beside = event.size().width() >= current_scale().px(self._least)
        wanted = _Direction.LeftToRight if beside else _Direction.TopToBottom
        if self._line.direction() is not wanted:
            self._line.setDirection(wanted)
