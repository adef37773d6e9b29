"""What stands where a list has no rows: why, and what can be done."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from wc_desktop.ui.theme.icons import Icon
from wc_desktop.ui.theme.tone import Tone
from wc_desktop.ui.theme.type_scale import current_scale
from wc_desktop.ui.widgets.buttons import SecondaryButton
from wc_desktop.ui.widgets.icon_label import IconMark
from wc_desktop.ui.widgets.labels import LabelStyle, TextLabel

_ICON = 40


class EmptyState(QWidget):
    """Icon, sentence, reason, and at most one button."""

    action_wanted = Signal()

    def __init__(
        self, icon: Icon, title: str, words: str = "", *, action: str = "", parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setProperty("area", "clear")
        column = QVBoxLayout(self)
        column.setSpacing(current_scale().px(8))
        column.addStretch(2)
        middle = Qt.AlignmentFlag.AlignHCenter
        column.addWidget(IconMark(icon, Tone.MUTED, self, size=_ICON), 0, middle)
        self._title = TextLabel(title, LabelStyle.HEADING, self)
        self._words = TextLabel(words, LabelStyle.MUTED, self)
        for label in (self._title, self._words):
            label.setAlignment(middle)
            column.addWidget(label)
        self._words.setVisible(bool(words))
        self._action = SecondaryButton(action, self)
        self._action.setVisible(bool(action))
        self._action.clicked.connect(self.action_wanted)
        column.addWidget(self._action, 0, middle)
        column.addStretch(3)

    def set_words(self, title: str, words: str = "") -> None:
        """Say something else."""
        self._title.setText(title)
        self._words.setText(words)
        self._words.setVisible(bool(words))

    def offer_action(self, *, offered: bool) -> None:
        """Show its button, or not."""
        self._action.setVisible(offered)
