"""The screens behind the lock, imported piece by piece while the password is being typed.

On the GUI thread, always: making a class of Qt's on another thread while Qt asks a window for its own (a screen
reader makes it ask all the time) ends the program (`PySide::MetaObjectBuilder::update`, PySide 6.11).
"""

import gc
import sys
from collections.abc import Iterator
from importlib import import_module
from pkgutil import iter_modules

from PySide6.QtCore import QObject, QTimer, Slot

# What a later room imports stands in an earlier one, so that no step is long.
_ROOMS = ("messages", "theme", "models", "widgets", "viewmodels", "views")
_LAST = ("wc_desktop.background.sync_thread", "wc_desktop.app.pages", "wc_desktop.app.unlocked")


class Warmer(QObject):
    """Imports one module at each turn of the event loop, so that keys pressed meanwhile appear at once."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._names = _cold_modules()
        self._timer = QTimer(self)
        self._timer.setInterval(0)
        self._timer.timeout.connect(self._on_turn)

    @Slot()
    def start(self) -> None:
        """Begin; a second call goes on."""
        self._timer.start()

    @Slot()
    def _on_turn(self) -> None:
        name = next(self._names, None)
        if name is not None:
            import_module(name)
            return
        self._timer.stop()
        # All this stays until the program ends: looked through for cycles again and again, it would hold up the screen.
        gc.freeze()


def _cold_modules() -> Iterator[str]:
    """Yield the modules of the screens that are not imported yet when their turn comes."""
    for room in _ROOMS:
        package = import_module(f"wc_desktop.ui.{room}")
        for found in iter_modules(package.__path__, package.__name__ + "."):
            if found.name not in sys.modules:
                yield found.name
    yield from _LAST
