"""The head of every screen: title, subtitle, and the connection strip at the right."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from wc_desktop.ui.theme.type_scale import current_scale
from wc_desktop.ui.widgets.labels import LabelStyle, TextLabel


class PageHeader(QWidget):
    """Title and subtitle; `set_strip` puts a widget at the right, which yields before the title does."""

    def __init__(self, title: str, subtitle: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("area", "clear")
        scale = current_scale()
        self._line = QHBoxLayout(self)
        self._line.setContentsMargins(0, 0, 0, 0)
        self._line.setSpacing(scale.px(20))
        words = QVBoxLayout()
        words.setSpacing(scale.px(1))
        self._title = TextLabel(title, LabelStyle.TITLE, self)
        self._subtitle = TextLabel(subtitle, LabelStyle.MUTED, self)
        words.addWidget(self._title)
        words.addWidget(self._subtitle)
        words.addStretch(1)
        self._line.addLayout(words, 1)

    def set_title(self, title: str) -> None:
        self._title.setText(title)

    def set_subtitle(self, subtitle: str) -> None:
        self._subtitle.setText(subtitle)

    def set_strip(self, strip: QWidget) -> None:
        """Put the connection strip, or another widget, at the right."""
        self._line.addWidget(strip, 1, Qt.AlignmentFlag.AlignTop)
