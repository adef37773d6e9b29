"""The frame of every form field: label with its access key, editor, and one line under it."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from wc_desktop.ui.theme.tone import Tone
from wc_desktop.ui.theme.type_scale import current_scale
from wc_desktop.ui.widgets.announce import announce
from wc_desktop.ui.widgets.labels import LabelStyle, TextLabel


class FormField(QWidget):
    """Base of the fields. The label is the editor's buddy; a fault is written, spoken and framed, not only red."""

    changed = Signal()

    def __init__(self, label: str, editor: QWidget, *, hint: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("area", "clear")
        self._hint = hint
        self._fault = ""
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self._column.setSpacing(current_scale().px(4))
        self.label = TextLabel(label, LabelStyle.STRONG, self)
        self.label.setBuddy(editor)
        self.editor = editor
        self._note = TextLabel(hint, LabelStyle.SMALL, self)
        self._column.addWidget(self.label)
        self._column.addWidget(editor)
        self._column.addWidget(self._note)
        self._show_note()

    def setFocus(self, reason: Qt.FocusReason = Qt.FocusReason.OtherFocusReason) -> None:
        """Go to the editor. Not by a focus proxy: to Tab that is a second stop, which no tab order can move."""
        self.editor.setFocus(reason)

    @property
    def fault(self) -> str:
        return self._fault

    @property
    def note(self) -> str:
        """The line under the editor: the fault, else the hint."""
        return self._note.text()

    def set_hint(self, hint: str) -> None:
        """Show what the field understood, or how to fill it."""
        self._hint = hint
        self._show_note()

    def set_fault(self, fault: str) -> None:
        """Show what is wrong, or with "" that nothing is."""
        if fault == self._fault:
            return
        self._fault = fault
        self.editor.setProperty("fault", "true" if fault else "false")
        self.editor.style().unpolish(self.editor)
        self.editor.style().polish(self.editor)
        self._show_note()
        if fault:
            announce(self.editor, fault)

    def _show_note(self) -> None:
        words = self._fault or self._hint
        self._note.setText(words)
        self._note.setVisible(bool(words))
        self._note.set_tone(Tone.DANGER if self._fault else None)
        self.editor.setAccessibleDescription(words)
