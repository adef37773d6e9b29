"""A sheet that belongs to its window: in the middle of it, without a frame of its own, the rest dimmed."""

from typing import Final

from PySide6.QtCore import Qt, QTimer, Slot
from PySide6.QtGui import QColor, QHideEvent, QPainter, QPaintEvent, QPen, QShowEvent
from PySide6.QtWidgets import QWidget

from wc_desktop.ui.theme.tokens import current_tokens
from wc_desktop.ui.theme.type_scale import current_scale
from wc_desktop.ui.views.scrim import Scrim
from wc_desktop.ui.widgets.sheet import Sheet

_SHARE_OF_WINDOW: Final = 0.97
_SLACK: Final = 18


class WindowSheet(Sheet):
    """As high as what it holds, as far as the window has it. Call `fit_soon` when that changes."""

    def __init__(
        self, title: str, action: str, parent: QWidget, *, leave: str = "", danger: bool = False, width: int = 560
    ) -> None:
        super().__init__(title, action, parent, leave=leave, danger=danger, width=width)
        self.setWindowFlag(Qt.WindowType.FramelessWindowHint)
        self._scrim: Scrim | None = None
        self._fit_later = QTimer(self, interval=0, singleShot=True)
        self._fit_later.timeout.connect(self._fit)

    def fit_soon(self) -> None:
        """Take the height of what is shown, once everything that changes now has changed."""
        self._fit_later.start()

    @Slot()
    def _fit(self) -> None:
        inside, owner = self.body.parentWidget(), self.parentWidget()
        if self.isHidden() or inside is None or owner is None:
            return
        self.body.activate()
        view = inside.parentWidget()
        chrome = self.height() - (view.height() if view is not None else inside.height())
        wanted = chrome + self.body.heightForWidth(inside.width()) + current_scale().px(_SLACK)
        window = owner.window()
        height = int(min(wanted, window.height() * _SHARE_OF_WINDOW))
        middle = window.mapToGlobal(window.rect().center())
        self.setGeometry(middle.x() - self.width() // 2, middle.y() - height // 2, self.width(), height)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        owner = self.parentWidget()
        if owner is not None and (self._scrim is None or self._scrim.parentWidget() is not owner.window()):
            self._scrim = Scrim(owner.window())
        if self._scrim is not None:
            self._scrim.cover()
        self._fit()
        self.fit_soon()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        if self._scrim is not None:
            self._scrim.hide()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        tokens = current_tokens()
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(tokens.raised))
        painter.setPen(QPen(QColor(tokens.field_line), 1))
        painter.drawRect(self.rect().adjusted(0, 0, -1, -1))
        painter.end()
