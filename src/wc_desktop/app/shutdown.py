"""The end in its order: timers, sync, the replica thread, files, keys; every thread joined. Signals end it too."""

import signal
import socket

from PySide6.QtCore import QObject, QSocketNotifier, Signal, Slot


class SignalWatch(QObject):
    """Turns Ctrl+C and a polite kill into a Qt signal, at once: Python looks at signals only between its own steps."""

    asked = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._read, self._write = socket.socketpair()
        self._read.setblocking(False)  # noqa: FBT003
        self._write.setblocking(False)  # noqa: FBT003
        self._before_fd = signal.set_wakeup_fd(self._write.fileno(), warn_on_full_buffer=False)
        self._before = {number: signal.signal(number, _noted) for number in (signal.SIGINT, signal.SIGTERM)}
        self._notifier = QSocketNotifier(self._read.fileno(), QSocketNotifier.Type.Read, self)
        self._notifier.activated.connect(self._on_signal)

    def close(self) -> None:
        """Give the signals back."""
        self._notifier.setEnabled(False)
        signal.set_wakeup_fd(self._before_fd)
        for number, handler in self._before.items():
            signal.signal(number, handler)
        self._read.close()
        self._write.close()

    @Slot()
    def _on_signal(self) -> None:
        self._read.recv(64)
        self.asked.emit()


def _noted(_number: int, _frame: object) -> None:
    """Do nothing: the byte in the socket is what counts."""
