"""A search field: magnifier, clear, and the `/` that leads to it from anywhere."""

from PySide6.QtCore import QPoint, QRect, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QAction, QFocusEvent, QKeyEvent, QKeySequence, QPainter, QPaintEvent, QShortcut
from PySide6.QtWidgets import QLineEdit, QWidget

from wc_desktop.ui.theme.icons import Icon, icon_for, paint_icon
from wc_desktop.ui.theme.tokens import current_tokens
from wc_desktop.ui.theme.tone import Tone
from wc_desktop.ui.theme.type_scale import current_scale
from wc_desktop.ui.widgets.key_cap import cap_height, cap_width, paint_cap

_QUIET_MS = 80
_CAP_MARGIN = 10
_ICON = 17
_ICON_GAP = 8


class SearchField(QLineEdit):
    """Emits `search_changed` 80 ms after the last key, at once on Enter. Esc clears, then leaves.

    Give it a `hint_key` to show the key's cap while the field rests; `bind_hint_key` makes it work.
    """

    search_changed = Signal(str)
    list_wanted = Signal()
    left = Signal()

    def __init__(self, name: str, *, hint_key: str = "/", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._hint_key = hint_key
        self._said = ""
        self.setPlaceholderText(name)
        self.setAccessibleName(name)
        self.setAccessibleDescription(self.tr("Key: %1").replace("%1", hint_key) if hint_key else "")
        self._clear = QAction(icon_for(Icon.X, Tone.MUTED), self.tr("Clear search"), self)
        self._clear.triggered.connect(self.clear)
        self._quiet = QTimer(self, interval=_QUIET_MS, singleShot=True)
        self._quiet.timeout.connect(self._say)
        self.textChanged.connect(self._on_text_changed)
        self._shortcut: QShortcut | None = None
        self._make_room()

    def _make_room(self) -> None:
        """Keep the resting words clear of the key's cap."""
        resting = not self.text() and not self.hasFocus() and bool(self._hint_key)
        scale = current_scale()
        left = scale.px(_ICON + _ICON_GAP)
        self.setTextMargins(left, 0, cap_width(self._hint_key, scale) if resting else 0, 0)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self._make_room()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self._make_room()

    def bind_hint_key(self, window: QWidget) -> None:
        """Make the hint key lead here from anywhere in `window` where it is not being typed."""
        self._shortcut = QShortcut(QKeySequence(self._hint_key), window)
        self._shortcut.activated.connect(self.take_focus)

    @Slot()
    def take_focus(self) -> None:
        """Come here and mark the text, so that the next letter starts anew."""
        self.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.selectAll()

    @Slot(str)
    def _on_text_changed(self, text: str) -> None:
        # Adding and removing: an invisible action would still be drawn, under the key's cap.
        if text and self._clear not in self.actions():
            self.addAction(self._clear, QLineEdit.ActionPosition.TrailingPosition)
        elif not text:
            self.removeAction(self._clear)
        self._make_room()
        self._quiet.start()

    @Slot()
    def _say(self) -> None:
        self._quiet.stop()
        if self.text() != self._said:
            self._said = self.text()
            self.search_changed.emit(self._said)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        match event.key():
            case Qt.Key.Key_Escape:
                self._on_escape()
            case Qt.Key.Key_Down | Qt.Key.Key_Return | Qt.Key.Key_Enter:
                self._say()
                self.list_wanted.emit()
            case _:
                super().keyPressEvent(event)

    def _on_escape(self) -> None:
        if self.text():
            self.clear()
            self._say()
        else:
            self.left.emit()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        painter = QPainter(self)
        scale = current_scale()
        size = scale.px(_ICON)
        corner = QPoint(scale.px(_CAP_MARGIN), (self.height() - size) // 2)
        paint_icon(painter, corner, Icon.SEARCH, current_tokens().muted, size)
        if self._hint_key and not self.text() and not self.hasFocus():
            self._paint_cap(painter)
        painter.end()

    def _paint_cap(self, painter: QPainter) -> None:
        scale = current_scale()
        width, height = cap_width(self._hint_key, scale), cap_height(scale)
        left = self.width() - width - scale.px(_CAP_MARGIN)
        box = QRect(left, (self.height() - height) // 2, width, height)
        paint_cap(painter, box, self._hint_key, scale, current_tokens())
