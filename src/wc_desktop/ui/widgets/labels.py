"""Labels by their place in the hierarchy."""

from enum import StrEnum, unique

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QLabel, QWidget

from wc_desktop.ui.theme.tone import Tone


@unique
class LabelStyle(StrEnum):
    """The value is the property that the style sheet looks for."""

    TITLE = "title"
    HEADING = "heading"
    STRONG = "strong"
    BODY = "body"
    MUTED = "muted"
    SMALL = "small"
    EYEBROW = "eyebrow"


class TextLabel(QLabel):
    """Plain text that wraps. Never rich text: what it shows may have been typed by anyone."""

    def __init__(
        self,
        text: str = "",
        style: LabelStyle = LabelStyle.BODY,
        parent: QWidget | None = None,
        *,
        tone: Tone | None = None,
        wraps: bool = True,
    ) -> None:
        super().__init__(text, parent)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setWordWrap(wraps)
        self.setProperty("text_style", style.value)
        if tone is not None:
            self.setProperty("tone", tone.value)

    def minimumSizeHint(self) -> QSize:
        """Ask for every line at the width there is: a layout without room must scroll, not cut a warning."""
        least = super().minimumSizeHint()
        # Before a layout has placed it there is no width yet: what it has then would make the whole window taller.
        placed = self.testAttribute(Qt.WidgetAttribute.WA_Resized)
        if not placed or not self.wordWrap() or not self.hasHeightForWidth():
            return least
        return QSize(least.width(), max(least.height(), self.heightForWidth(self.width())))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self.updateGeometry()

    def set_tone(self, tone: Tone | None) -> None:
        """Change the colour of the words."""
        self.setProperty("tone", tone.value if tone else None)
        self.style().unpolish(self)
        self.style().polish(self)
