"""How a noon talks with the process that started it: one JSON object a line out, plain lines in."""

import json
import os
import sys
from typing import Any

from PySide6.QtCore import QObject, QSocketNotifier, Slot

_CHUNK = 4096


def tell(kind: str, value: object) -> None:
    """Write one object, at once."""
    sys.stdout.write(json.dumps({kind: value}) + "\n")
    sys.stdout.flush()


class Lines(QObject):
    """Lines of standard input. The first may be waited for; later ones are taken without stopping the window.

    Read from the descriptor itself: a buffer of Python's would hide lines that came together.
    """

    def __init__(self, descriptor: int | None = None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._descriptor = sys.stdin.fileno() if descriptor is None else descriptor
        self._notifier: QSocketNotifier | None = None
        self._held = b""
        self.ended = False

    def first(self) -> str:
        """Wait for a line and return it, '' when there is none. Before the window only."""
        while not self.ready and not self.ended:
            self._read()
        return self.take()

    @property
    def ready(self) -> bool:
        """Whether a whole line is there."""
        return b"\n" in self._held

    def take(self) -> str:
        """Return the next line; what is there without an end when nothing more will come."""
        line, _, self._held = self._held.partition(b"\n")
        return line.decode(errors="replace").rstrip("\r")

    def listen(self) -> None:
        """From now on read while the window runs."""
        self._notifier = QSocketNotifier(self._descriptor, QSocketNotifier.Type.Read, self)
        self._notifier.activated.connect(self._on_readable)

    @Slot()
    def _on_readable(self, *_: Any) -> None:  # noqa: ANN401  # Qt hands over the descriptor and the kind
        self._read()

    def _read(self) -> None:
        came = os.read(self._descriptor, _CHUNK)
        self._held += came
        if not came:
            self.ended = True
            if self._notifier is not None:
                self._notifier.setEnabled(False)
