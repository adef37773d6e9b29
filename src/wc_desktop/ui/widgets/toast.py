"""A short message at the foot of a window that goes by itself, and is spoken."""

from PySide6.QtCore import QEvent, QObject, QRectF, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QFrame, QHBoxLayout, QWidget

from wc_desktop.ui.theme.icons import Icon
from wc_desktop.ui.theme.tokens import current_tokens
from wc_desktop.ui.theme.tone import Tone
from wc_desktop.ui.theme.type_scale import current_scale
from wc_desktop.ui.widgets.announce import announce
from wc_desktop.ui.widgets.buttons import QuietButton
from wc_desktop.ui.widgets.icon_label import IconMark
from wc_desktop.ui.widgets.labels import LabelStyle, TextLabel

_PLAIN_MS = 6_000
_WITH_ACTION_MS = 12_000
# Slow readers take in about a dozen signs a second.
_SIGN_MS = 80
_FROM_EDGE = 4
_ICONS = {Tone.OK: Icon.CIRCLE_CHECK, Tone.WARNING: Icon.CIRCLE_ALERT, Tone.DANGER: Icon.TRIANGLE_ALERT}


class Toast(QFrame):
    """One for each window. Takes no focus; an offered action is a button that Tab reaches.

    It lies over `line` where one is given: the one part of a window in which nothing is to be read or pressed just
    then, such as its key hints. Over a page it would hide what it speaks of.
    """

    action_wanted = Signal()

    def __init__(self, window: QWidget, line: QWidget | None = None) -> None:
        super().__init__(window)
        self._window = window
        self._line = line
        scale = current_scale()
        row = QHBoxLayout(self)
        row.setContentsMargins(scale.px(14), scale.px(8), scale.px(14), scale.px(8))
        row.setSpacing(scale.px(10))
        self._mark = IconMark(Icon.CIRCLE_CHECK, Tone.OK, self)
        self._words = TextLabel("", LabelStyle.STRONG, self)
        self._action = QuietButton("", self)
        self._action.clicked.connect(self._on_action)
        row.addWidget(self._mark)
        row.addWidget(self._words, 1)
        row.addWidget(self._action)
        self._timer = QTimer(self, singleShot=True)
        self._timer.timeout.connect(self.hide)
        self._settle_soon = QTimer(self, interval=0, singleShot=True)
        self._settle_soon.timeout.connect(self._settle)
        self.hide()
        window.installEventFilter(self)

    def show_words(self, words: str, tone: Tone = Tone.OK, *, action: str = "", urgent: bool = False) -> None:
        """Show and speak the words; `action` adds a button that emits `action_wanted`."""
        self._mark.set_icon(_ICONS.get(tone, Icon.INFO), tone)
        self._words.setText(words)
        self._action.setText(action)
        self._action.setVisible(bool(action))
        self._settle()
        self.show()
        self.raise_()
        self._timer.start(max(_WITH_ACTION_MS if action else _PLAIN_MS, _SIGN_MS * len(words)))
        announce(self, words, urgent=urgent)

    @property
    def words(self) -> str:
        return self._words.text()

    @Slot()
    def _on_action(self) -> None:
        self.hide()
        self.action_wanted.emit()

    @Slot()
    def _settle(self) -> None:
        """Be as wide as the words, within the line; words that need more go on below each other."""
        edge = current_scale().px(_FROM_EDGE)
        under = self._window.rect() if self._line is None else self._line.geometry()
        self._words.setWordWrap(False)
        one_line = self.sizeHint().width()
        most = self._window.width() - max(under.left(), edge) - edge
        self._words.setWordWrap(one_line > most)
        width = min(one_line, most)
        # Asked of the layout: a widget tells no height for a width while its policy does not say so.
        layout = self.layout()
        higher = layout is not None and layout.hasHeightForWidth()
        height = layout.heightForWidth(width) if layout is not None and higher else self.sizeHint().height()
        left = under.left() if self._line is not None else (self._window.width() - width) // 2
        top = self._window.height() - height - edge
        if self._line is not None:
            top = min(top, under.center().y() - height // 2)
        self.setGeometry(max(left, 0), max(top, 0), width, height)

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        if event.type() is QEvent.Type.Resize and self.isVisible():
            self._settle()
        return False

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange) and self.isVisible():
            self._settle_soon.start()

    def paintEvent(self, _event: QPaintEvent) -> None:
        tokens = current_tokens()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(tokens.field_line), 1.0))
        painter.setBrush(QColor(tokens.raised))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 10, 10)
        painter.end()


def toast_of(window: QWidget) -> Toast:
    """Return the window's toast, making it the first time."""
    found = window.findChild(Toast, options=Qt.FindChildOption.FindDirectChildrenOnly)
    return found if isinstance(found, Toast) else Toast(window)
