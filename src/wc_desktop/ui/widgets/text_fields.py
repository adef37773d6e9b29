"""Fields for words: one line, notes, a password."""

from PySide6.QtCore import QEvent, Qt, Signal, Slot
from PySide6.QtGui import QAction, QKeyEvent
from PySide6.QtWidgets import QLineEdit, QPlainTextEdit, QWidget

from wc_desktop.ui.theme.icons import Icon, icon_for
from wc_desktop.ui.theme.tone import Tone
from wc_desktop.ui.theme.type_scale import current_scale
from wc_desktop.ui.widgets.field import FormField

_PADDING = 7
_BORDER_AND_MARGIN = 10
_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class TextField(FormField):
    """One line of text."""

    def __init__(self, label: str, *, hint: str = "", placeholder: str = "", parent: QWidget | None = None) -> None:
        self._line = QLineEdit()
        super().__init__(label, self._line, hint=hint, parent=parent)
        self._line.setPlaceholderText(placeholder)
        self._line.textChanged.connect(self.changed)

    @property
    def text(self) -> str:
        return self._line.text()

    def set_text(self, text: str) -> None:
        self._line.setText(text)

    def set_max_length(self, length: int) -> None:
        self._line.setMaxLength(length)


class NotesEdit(QPlainTextEdit):
    """Several lines; Tab leaves, Enter begins a line, Ctrl+Enter is left to the sheet around it."""

    def __init__(self, lines: int, parent: QWidget | None = None) -> None:
        self._lines = lines  # before Qt's own constructor, which already sends change events
        super().__init__(parent)
        self.setTabChangesFocus(True)
        self._fit()

    def _fit(self) -> None:
        # Above and below: the style sheet's padding, which grows with the text, then its border and the text's margin.
        frame = 2 * current_scale().px(_PADDING) + _BORDER_AND_MARGIN
        self.setFixedHeight(self.fontMetrics().lineSpacing() * self._lines + frame)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self._fit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in _ENTER and event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            event.ignore()
            return
        super().keyPressEvent(event)


class NotesField(FormField):
    """Free text of several lines."""

    def __init__(self, label: str, *, hint: str = "", lines: int = 3, parent: QWidget | None = None) -> None:
        self._notes = NotesEdit(lines)
        super().__init__(label, self._notes, hint=hint, parent=parent)
        self._notes.textChanged.connect(self.changed)

    @property
    def text(self) -> str:
        return self._notes.toPlainText()

    def set_text(self, text: str) -> None:
        if text != self.text:
            self._notes.setPlainText(text)


class PasswordField(FormField):
    """A secret. Screen readers never hear it while it is covered; the eye uncovers it until the field is left."""

    submitted = Signal()

    def __init__(self, label: str, *, hint: str = "", parent: QWidget | None = None) -> None:
        self._line = QLineEdit()
        super().__init__(label, self._line, hint=hint, parent=parent)
        self._line.setEchoMode(QLineEdit.EchoMode.Password)
        self._line.setInputMethodHints(Qt.InputMethodHint.ImhSensitiveData | Qt.InputMethodHint.ImhNoPredictiveText)
        self._reveal = QAction(icon_for(Icon.EYE, Tone.MUTED), self.tr("Show password"), self)
        self._reveal.setCheckable(True)
        self._reveal.toggled.connect(self._on_reveal_toggled)
        self._line.addAction(self._reveal, QLineEdit.ActionPosition.TrailingPosition)
        self._line.textChanged.connect(self.changed)
        self._line.returnPressed.connect(self.submitted)

    @property
    def secret(self) -> str:
        return self._line.text()

    def clear(self) -> None:
        """Forget what was typed and cover the field."""
        self._reveal.setChecked(False)
        self._line.clear()

    @Slot(bool)
    def _on_reveal_toggled(self, shown: bool) -> None:  # noqa: FBT001 - Qt's signal
        mode = QLineEdit.EchoMode.Normal if shown else QLineEdit.EchoMode.Password
        self._line.setEchoMode(mode)
        self._reveal.setIcon(icon_for(Icon.EYE_OFF if shown else Icon.EYE, Tone.MUTED))
        self._reveal.setText(self.tr("Hide password") if shown else self.tr("Show password"))
