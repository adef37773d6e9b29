"""Python's collector of cycles, run between the events of the window's own thread and nowhere else."""

import gc

from PySide6.QtCore import QObject, QTimer, Slot

_LOOK_EVERY_MS = 200


class Collector(QObject):
    """Collects what Python would collect, at moments of its own choosing.

    A collection destroys windows that nobody holds any more. Python begins one wherever something is allocated: inside
    a paint event of ours, or on the replica thread while Qt paints. Qt then steps on what has gone, and the program
    ends (seen in tests of screens, on a busy machine in every other run).
    """

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._timer = QTimer(self, interval=_LOOK_EVERY_MS)
        self._timer.timeout.connect(self._on_turn)

    def start(self) -> None:
        """Take the collecting over from Python."""
        gc.disable()
        self._timer.start()

    def stop(self) -> None:
        """Hand it back."""
        self._timer.stop()
        gc.enable()

    @Slot()
    def _on_turn(self) -> None:
        made, young, middle = gc.get_count()
        often, seldom, rarely = gc.get_threshold()
        if made > often:
            gc.collect(2 if middle > rarely else 1 if young > seldom else 0)
