"""Tells when nobody has touched a key or the mouse for a while, also when the machine slept through it."""

from datetime import timedelta

from PySide6.QtCore import QEvent, QObject, QTimer, Signal, Slot
from PySide6.QtGui import QGuiApplication, QWindow

from wc_contract.model.instants import Clock
from wc_desktop.domain.lock_policy import IDLE_LOCK

_LOOKS_A_WHILE = 5
_MOST_MS = 5_000
_INPUT = frozenset(
    {
        QEvent.Type.KeyPress,
        QEvent.Type.MouseButtonPress,
        QEvent.Type.MouseMove,
        QEvent.Type.Wheel,
        QEvent.Type.TouchBegin,
    }
)


class IdleLock(QObject):
    """Watches windows, not the application: a key passes here once, not through every widget."""

    idle = Signal()

    def __init__(self, clock: Clock, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._clock = clock
        self._last = clock.now()
        self.after = IDLE_LOCK
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._look)

    def watch(self, app: QGuiApplication) -> None:
        """Count input into every window that gets the focus: a sheet has a window of its own."""
        app.focusWindowChanged.connect(self._on_focus_window_changed)
        self._on_focus_window_changed(app.focusWindow())

    @Slot(QWindow)
    def _on_focus_window_changed(self, window: QWindow | None) -> None:
        if window is not None:
            window.installEventFilter(self)  # twice is once

    def start(self, after: timedelta = IDLE_LOCK) -> None:
        """Begin to count from now."""
        self._last, self.after = self._clock.now(), after
        self._timer.start(min(_MOST_MS, int(after.total_seconds() * 1000) // _LOOKS_A_WHILE))

    def stop(self) -> None:
        """Stop counting."""
        self._timer.stop()

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        if event.type() in _INPUT:
            self._last = self._clock.now()
        return False

    @Slot()
    def _look(self) -> None:
        # The wall clock, because timers stand still while the machine sleeps.
        if self._clock.now() - self._last >= self.after:
            self._timer.stop()
            self.idle.emit()
