"""Long work, told in records, that can be cancelled."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QVBoxLayout, QWidget

from wc_desktop.ui.theme.type_scale import current_scale
from wc_desktop.ui.widgets.announce import announce
from wc_desktop.ui.widgets.buttons import SecondaryButton
from wc_desktop.ui.widgets.labels import LabelStyle, TextLabel

_QUARTERS = 4


class ProgressPanel(QWidget):
    """A bar in records, words under it, and Cancel. Speaks at each quarter, not at each record."""

    cancel_asked = Signal()

    def __init__(self, title: str, parent: QWidget | None = None, *, cancellable: bool = True) -> None:
        super().__init__(parent)
        self.setProperty("area", "clear")
        self._quarter = 0
        scale = current_scale()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(scale.px(8))
        self._title = TextLabel(title, LabelStyle.STRONG, self)
        self._bar = QProgressBar(self, textVisible=False)
        self._bar.setAccessibleName(title)
        self._bar.setRange(0, 0)
        self._words = TextLabel("", LabelStyle.MUTED, self)
        self._cancel = SecondaryButton(self.tr("&Cancel"), self)
        self._cancel.setVisible(cancellable)
        self._cancel.clicked.connect(self.cancel_asked)
        line = QHBoxLayout()
        line.addWidget(self._words, 1)
        line.addWidget(self._cancel, 0, Qt.AlignmentFlag.AlignTop)
        column.addWidget(self._title)
        column.addWidget(self._bar)
        column.addLayout(line)

    def show_progress(self, done: int, total: int | None, words: str) -> None:
        """Show how far it is; without a total the bar only says that work goes on."""
        self._bar.setRange(0, total or 0)
        self._bar.setValue(done if total else 0)
        self._words.setText(words)
        quarter = done * _QUARTERS // total if total else 0
        if quarter != self._quarter:
            self._quarter = quarter
            announce(self, words)

    def show_finished(self, words: str) -> None:
        """Fill the bar, say so, and take Cancel away."""
        self._bar.setRange(0, 1)
        self._bar.setValue(1)
        self._words.setText(words)
        self._cancel.hide()
        announce(self, words)

    @property
    def words(self) -> str:
        return self._words.text()
