"""The sheet that makes the code of the emergency cards, shows it once, and asks whether it stands on paper."""

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QColor, QHideEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from wc_desktop.ui.theme.tokens import current_tokens
from wc_desktop.ui.theme.tone import Tone
from wc_desktop.ui.theme.type_scale import current_scale
from wc_desktop.ui.viewmodels.emergency_code import EmergencyCodeModel
from wc_desktop.ui.views.window_sheet import WindowSheet
from wc_desktop.ui.widgets.alert_banner import AlertBanner
from wc_desktop.ui.widgets.announce import announce
from wc_desktop.ui.widgets.check_box import CheckBox
from wc_desktop.ui.widgets.labels import LabelStyle, TextLabel


class _Code(TextLabel):
    """Six groups. A screen reader says them when they are reached by Tab, not by itself: others may listen."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__("", LabelStyle.TITLE, parent)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        room = current_scale().px(6)
        self.setContentsMargins(room, room, room, room)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self.hasFocus():
            painter = QPainter(self)
            painter.setPen(QPen(QColor(current_tokens().focus), 2))
            painter.drawRect(self.rect().adjusted(1, 1, -1, -1))
            painter.end()


class EmergencyCodeSheet(WindowSheet):
    """From the moment it is made, neither Esc nor Enter takes it away before it was written down; a lock does."""

    def __init__(self, model: EmergencyCodeModel, parent: QWidget) -> None:
        super().__init__(
            self.tr("Code of the emergency cards"), self.tr("&Make a new code"), parent, leave=self.tr("&Back")
        )
        self._model = model
        self._about = TextLabel("", LabelStyle.BODY, self)
        self.code = _Code(self)
        self._after = TextLabel(
            self.tr(
                "Write it by hand on paper, with the name of this workstation, {name}, and check each group. Seal it "
                "in an envelope that the principal keeps locked away. It cannot be shown again. After a use, and when "
                "a principal leaves, make a new one."
            ).format(name=model.device_name),
            LabelStyle.BODY,
            self,
        )
        self.written = CheckBox(self.tr("I have &written it down and checked it"), self)
        self._fault = AlertBanner(Tone.DANGER, "", self)
        for part in (self._about, self.code, self._after, self.written, self._fault):
            self.body.addWidget(part)
        self.set_first_focus(self.leave_button)
        self.completed.connect(self._on_completed)
        self.written.toggled.connect(self._on_changed)
        model.changed.connect(self._on_changed)
        model.made.connect(self._on_made)

    def ask(self) -> None:
        """Open before anything is made."""
        self._model.begin()
        self._show_code("")
        self.open()

    @Slot()
    def reject(self) -> None:
        if self.written.isChecked() or not (self.code.text() or self._model.busy):
            super().reject()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._show_code("")

    def _show_code(self, code: str) -> None:
        about = self.tr(
            "Six groups that open allergies, action plans, emergency medicine and contacts of every child of the "
            "school on this workstation, when nobody who can unlock it is there. Each use is put on record. A new "
            "code ends the one before: have paper and pen ready."
        )
        groups = code.split("-")
        self._about.setText(self.tr("The new code. The one before opens nothing now.") if code else about)
        self.code.setText("\n".join("  ".join(groups[at : at + 3]) for at in range(0, len(groups), 3)))
        self.code.setAccessibleName(", ".join(" ".join(group) for group in groups))
        self.written.setChecked(False)
        for part in (self.code, self._after, self.written):
            part.setVisible(bool(code))
        self.leave_button.setVisible(not code)
        self.action_button.setText(self.tr("&Done") if code else self.tr("&Make a new code"))
        self._on_changed()

    @Slot()
    def _on_completed(self) -> None:
        if self.code.text():
            self.finish()
        else:
            self._model.make()

    @Slot(str)
    def _on_made(self, code: str) -> None:
        if self.isVisible():
            self._show_code(code)
            self.written.setFocus()
            announce(self.code, self._about.text())

    @Slot()
    def _on_changed(self) -> None:
        self.say_step(self.tr("Making the code…") if self._model.busy else "")
        self.leave_button.setEnabled(not self._model.busy)
        self.set_ready(ready=self.written.isChecked() if self.code.text() else not self._model.busy)
        if self._model.fault:
            self._fault.set_alert(Tone.DANGER, self._model.fault)
        self._fault.setVisible(bool(self._model.fault))
        self.fit_soon()
