"""A sheet that belongs to its window: in the middle of it, without a frame of its own, the rest dimmed."""

from typing import Final

from PySide6.QtCore import Qt, QTimer, Signal, Slot
from PySide6.QtGui import QColor, QHideEvent, QKeySequence, QPainter, QPaintEvent, QPen, QShortcut, QShowEvent
from PySide6.QtWidgets import QLayout, QWidget

from wc_desktop.ui.theme.tokens import current_tokens
from wc_desktop.ui.theme.type_scale import current_scale
from wc_desktop.ui.views.scrim import Scrim
from wc_desktop.ui.widgets.sheet import Sheet

_SHARE_OF_WINDOW: Final = 0.97
_SLACK: Final = 14


class WindowSheet(Sheet):
    """As high as what it holds, as far as the window has it. Call `fit_soon` when that changes.

    A sheet keeps the window's own keys from the window: `lock_wanted` is its Ctrl+L.
    """

    lock_wanted = Signal()

    def __init__(
        self, title: str, action: str, parent: QWidget, *, leave: str = "", danger: bool = False, width: int = 560
    ) -> None:
        super().__init__(title, action, parent, leave=leave, danger=danger, width=width)
        self.setWindowFlag(Qt.WindowType.FramelessWindowHint)
        self._scrim: Scrim | None = None
        self._painted = False
        self._fit_later = QTimer(self, interval=0, singleShot=True)
        self._fit_later.timeout.connect(self._fit)
        self._lock_key = QShortcut(QKeySequence("Ctrl+L"), self)
        self._lock_key.activated.connect(self.lock_wanted)

    def fit_soon(self) -> None:
        """Take the height of what is shown, once everything that changes now has changed."""
        self._fit_later.start()

    @Slot()
    def _fit(self) -> None:
        # Before the first paint the window manager is still placing the sheet: it would answer with a size and a
        # place of its own, and a screen reader would look for the buttons there.
        if self._painted:
            self._take_room()

    def _take_room(self) -> None:
        """Be as high as the content, in the middle of the window."""
        owner, whole, inside = self.parentWidget(), self.layout(), self.inside.layout()
        if owner is None or whole is None or inside is None:
            return
        self.ensurePolished()
        self.resize(max(self.width(), self.minimumWidth()), self.height())
        # From the outside in: what stands around the body is only known once it has its place.
        whole.activate()
        inside.activate()
        # A scroll bar that is there now goes only when what it leaves room for is whole beside it.
        bar = self.area.verticalScrollBar()
        width = self.area.width() - (bar.width() if bar.isVisible() else 0)
        wanted = self.height() - self.area.height() + _height_of(inside, width)
        window = owner.window()
        height = int(min(wanted + current_scale().px(_SLACK), window.height() * _SHARE_OF_WINDOW))
        middle = window.mapToGlobal(window.rect().center())
        self.setGeometry(middle.x() - self.width() // 2, middle.y() - height // 2, self.width(), height)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        owner = self.parentWidget()
        if owner is not None and (self._scrim is None or self._scrim.parentWidget() is not owner.window()):
            self._scrim = Scrim(owner.window())
        if self._scrim is not None:
            self._scrim.cover()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._painted = False
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
        if not self._painted:
            self._painted = True
            self.fit_soon()


def _height_of(layout: QLayout, width: int) -> int:
    return layout.totalHeightForWidth(width) if layout.hasHeightForWidth() else layout.totalSizeHint().height()
