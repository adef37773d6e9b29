"""How long the screen stood still: a heartbeat in the GUI thread that notices its own late ticks."""

from PySide6.QtCore import QElapsedTimer, QObject, Qt, QTimer, Signal, Slot

_BEAT_MS = 10
_BEAT_NS = _BEAT_MS * 1_000_000
_NS_PER_MS = 1_000_000


class StallMeter(QObject):
    """Measures by how much ticks come late. `stalled(milliseconds)` tells of each one over the threshold.

    A tick costs some microseconds. Lives in the GUI thread; sleep of the machine is not told from a stall.
    """

    stalled = Signal(int)

    def __init__(self, *, threshold_ms: int = 50, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._threshold_ns = threshold_ms * _NS_PER_MS
        self._longest_ns = 0
        self._beats = 0
        self._since_beat = QElapsedTimer()
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(_BEAT_MS)
        self._timer.timeout.connect(self._on_beat)

    @property
    def longest_stall_ms(self) -> int:
        """The longest lateness since the last `reset`, in whole milliseconds."""
        return self._longest_ns // _NS_PER_MS

    @property
    def beats(self) -> int:
        """How many ticks came since the last `reset`; none means that nothing was measured."""
        return self._beats

    @Slot()
    def start(self) -> None:
        """Begin to measure from now."""
        self.reset()
        self._timer.start()

    @Slot()
    def stop(self) -> None:
        """Stop; the figures stay readable."""
        self._timer.stop()

    @Slot()
    def reset(self) -> None:
        """Forget what was measured and go on."""
        self._longest_ns = 0
        self._beats = 0
        self._since_beat.start()

    @Slot()
    def _on_beat(self) -> None:
        late_ns = self._since_beat.nsecsElapsed() - _BEAT_NS
        self._since_beat.restart()
        self._beats += 1
        self._longest_ns = max(self._longest_ns, late_ns)
        if late_ns >= self._threshold_ns:
            self.stalled.emit(late_ns // _NS_PER_MS)
