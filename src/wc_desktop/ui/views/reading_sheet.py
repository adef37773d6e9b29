"""A sheet to be read: what does not fit is reached by keyboard, too."""

from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractSlider, QWidget

from wc_desktop.ui.views.window_sheet import WindowSheet

_MOVES: Final = {
    Qt.Key.Key_PageUp: QAbstractSlider.SliderAction.SliderPageStepSub,
    Qt.Key.Key_PageDown: QAbstractSlider.SliderAction.SliderPageStepAdd,
    Qt.Key.Key_Home: QAbstractSlider.SliderAction.SliderToMinimum,
    Qt.Key.Key_End: QAbstractSlider.SliderAction.SliderToMaximum,
}


class ReadingSheet(WindowSheet):
    """Page Up, Page Down, Home and End scroll; Enter and Esc close it."""

    def __init__(self, title: str, parent: QWidget, *, width: int) -> None:
        super().__init__(title, self.tr("&Close"), parent, width=width)
        self.leave_button.hide()
        self.completed.connect(self.finish)
        self.set_first_focus(self.action_button)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        move = _MOVES.get(Qt.Key(event.key()))
        if move is None:
            super().keyPressEvent(event)
        else:
            self.area.verticalScrollBar().triggerAction(move)
