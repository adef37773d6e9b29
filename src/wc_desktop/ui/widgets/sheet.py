"""A dialog over its window: opened, never executed; Esc sets it aside, Enter completes it."""

from PySide6.QtCore import QSize, Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QDialog, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from wc_desktop.ui.theme.tone import Tone
from wc_desktop.ui.theme.type_scale import current_scale
from wc_desktop.ui.widgets.buttons import DangerButton, KindButton, PrimaryButton, SecondaryButton
from wc_desktop.ui.widgets.focus_in_view import FocusInView
from wc_desktop.ui.widgets.labels import LabelStyle, TextLabel

_SCREEN_SHARE = 0.92
_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class Sheet(QDialog):
    """Put widgets into `body`. `completed` comes from the default button, Enter or Ctrl+Enter.

    The sheet stays open on `completed`: the screen saves, then calls `finish`. Esc and the second button emit
    `set_aside` and hide the sheet with everything that was typed still in it; it is never destroyed by itself.
    """

    completed = Signal()
    set_aside = Signal()

    def __init__(
        self,
        title: str,
        action: str,
        parent: QWidget | None = None,
        *,
        leave: str = "",
        danger: bool = False,
        blocks_window: bool = True,
        width: int = 560,
    ) -> None:
        super().__init__(parent)
        scale = current_scale()
        self.setWindowTitle(title)
        self.setWindowModality(Qt.WindowModality.WindowModal if blocks_window else Qt.WindowModality.NonModal)
        self.setMinimumWidth(scale.px(width))
        self._first_focus: QWidget | None = None
        column = QVBoxLayout(self)
        column.setContentsMargins(scale.px(22), scale.px(18), scale.px(22), scale.px(18))
        column.setSpacing(scale.px(12))
        self.heading = TextLabel(title, LabelStyle.TITLE, self)
        column.addWidget(self.heading)
        self.area = self._build_body()
        column.addWidget(self.area, 1)
        self._foot = QHBoxLayout()
        self._foot.setSpacing(scale.px(10))
        # Beside the buttons, never in what scrolls: it says what is missing before the sheet can be completed.
        self.step = TextLabel("", LabelStyle.STRONG, self, tone=Tone.INFO)
        self._foot.addWidget(self.step, 1)
        self.leave_button = SecondaryButton(leave or self.tr("Close"), self)
        self.leave_button.clicked.connect(self.reject)
        self.action_button: KindButton = DangerButton(action, self) if danger else PrimaryButton(action, self)
        self.action_button.setDefault(True)
        self.action_button.clicked.connect(self._complete)
        self._foot.addWidget(self.leave_button)
        self._foot.addWidget(self.action_button)
        column.addLayout(self._foot)

    def _build_body(self) -> QScrollArea:
        scale = current_scale()
        self.inside = QWidget(self)
        self.inside.setProperty("area", "clear")
        column = QVBoxLayout(self.inside)
        # Room for focus frames, which stand outside what they frame.
        column.setContentsMargins(2, 2, scale.px(6), 2)
        self.body = QVBoxLayout()
        column.addLayout(self.body)
        column.addStretch(1)
        self.body.setSpacing(scale.px(12))
        area = _FittingArea(self.inside, self)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        return area

    def add_to_foot(self, button: QWidget) -> None:
        """Put a further button before the two at the foot."""
        self._foot.insertWidget(self._foot.indexOf(self.leave_button), button)

    def say_step(self, words: str) -> None:
        """Say at the foot what is to be done next, "" for nothing."""
        self.step.setText(words)

    def set_first_focus(self, widget: QWidget) -> None:
        """Say where typing begins each time the sheet opens."""
        self._first_focus = widget

    def set_ready(self, *, ready: bool) -> None:
        """Allow or forbid completing; Enter obeys too."""
        self.action_button.setEnabled(ready)

    def set_title(self, title: str) -> None:
        """Name the sheet: the heading and the window."""
        self.heading.setText(title)
        self.setWindowTitle(title)

    def finish(self) -> None:
        """Close after the work was done."""
        self.accept()

    @Slot()
    def reject(self) -> None:
        was_open = self.isVisible()
        super().reject()
        if was_open:
            self.set_aside.emit()

    @Slot()
    def _complete(self) -> None:
        if self.action_button.isEnabled():
            self.completed.emit()

    def setVisible(self, visible: bool) -> None:  # noqa: FBT001 - Qt's method
        if visible and not self.isVisible():
            self._take_room()
        super().setVisible(visible)

    def _take_room(self) -> None:
        """Be as high as the content, within the screen: Qt alone would stop at two thirds of it."""
        self.ensurePolished()
        wanted = self.sizeHint()
        free = self.screen().availableSize() * _SCREEN_SHARE
        self.resize(min(max(wanted.width(), self.minimumWidth()), free.width()), min(wanted.height(), free.height()))

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self._first_focus is not None:
            self._first_focus.setFocus(Qt.FocusReason.ActiveWindowFocusReason)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in _ENTER and event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self._complete()
            return
        super().keyPressEvent(event)


class _FittingArea(QScrollArea):
    """Asks for the height of what it holds, and scrolls when the screen has less."""

    def __init__(self, inside: QWidget, parent: QWidget) -> None:
        super().__init__(parent)
        self._inside = inside
        self.setWidgetResizable(True)
        self._focus_in_view = FocusInView(self)
        self.setWidget(inside)

    def sizeHint(self) -> QSize:
        width = max(self.width(), self._inside.sizeHint().width())
        if self._inside.hasHeightForWidth():
            return QSize(width, self._inside.heightForWidth(width))
        return QSize(width, self._inside.sizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self.updateGeometry()
