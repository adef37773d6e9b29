"""A list with its pane: beside it, below it, or, where there is no room for both, the list alone."""

from enum import Enum, unique

from PySide6.QtCore import QRect, QSize
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from wc_desktop.ui.theme.type_scale import current_scale

_GAP = 16
_LEAST_SIDE = 264
_LEAST_HEIGHT = 620
_BELOW_SHARE = 0.42


@unique
class PanePlace(Enum):
    """Where the pane is."""

    BESIDE = "beside"
    BELOW = "below"
    HIDDEN = "hidden"


class Beside(QWidget):
    """Lays out `main` and `side` by the room there is. What a hidden pane says must be in the confirm too."""

    def __init__(
        self,
        main: QWidget,
        side: QWidget,
        parent: QWidget | None = None,
        *,
        least_main: int = 676,
        side_width: int = 304,
    ) -> None:
        super().__init__(parent)
        self.setProperty("area", "clear")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self._main = main
        self._side = side
        self._least_main = least_main
        self._side_width = side_width
        main.setParent(self)
        side.setParent(self)

    @property
    def place(self) -> PanePlace:
        """Where the pane stands at the present size."""
        scale = current_scale()
        if self.width() >= scale.px(self._least_main + _GAP + _LEAST_SIDE):
            return PanePlace.BESIDE
        return PanePlace.BELOW if self.height() >= scale.px(_LEAST_HEIGHT) else PanePlace.HIDDEN

    def sizeHint(self) -> QSize:
        scale = current_scale()
        return QSize(scale.px(self._least_main + _GAP + self._side_width), scale.px(_LEAST_HEIGHT))

    def minimumSizeHint(self) -> QSize:
        return self._main.minimumSizeHint()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        scale = current_scale()
        gap = scale.px(_GAP)
        width, height = self.width(), self.height()
        match self.place:
            case PanePlace.BESIDE:
                side = min(scale.px(self._side_width), width - gap - scale.px(self._least_main))
                self._main.setGeometry(QRect(0, 0, width - side - gap, height))
                self._side.setGeometry(QRect(width - side, 0, side, height))
            case PanePlace.BELOW:
                side = int(height * _BELOW_SHARE)
                self._main.setGeometry(QRect(0, 0, width, height - side - gap))
                self._side.setGeometry(QRect(0, height - side, width, side))
            case PanePlace.HIDDEN:
                self._main.setGeometry(self.rect())
        self._side.setVisible(self.place is not PanePlace.HIDDEN)
