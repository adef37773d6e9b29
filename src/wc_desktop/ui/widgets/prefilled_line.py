"""A line for a value that is mostly there already: arriving marks it, so that the next key replaces it."""

from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtGui import QFocusEvent
from PySide6.QtWidgets import QLineEdit

# Coming back is not arriving: a click sets the cursor, another window or a menu leaves it where it was.
_NOT_ARRIVING: Final = frozenset(
    {Qt.FocusReason.MouseFocusReason, Qt.FocusReason.ActiveWindowFocusReason, Qt.FocusReason.PopupFocusReason}
)


class PrefilledLine(QLineEdit):
    """Marks its text whenever the focus comes by key or by the program; Qt alone does so for Tab only."""

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        if event.reason() not in _NOT_ARRIVING:
            self.selectAll()
