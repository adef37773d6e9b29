"""The keys that change how the window looks, on every screen, locked or open. What they chose is kept."""

import logging
from pathlib import Path
from typing import Final

from PySide6.QtCore import QObject, Slot
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QWidget

from wc_desktop.app.settings import LARGEST_TEXT, SMALLEST_TEXT, keep_text_size, keep_theme
from wc_desktop.domain.failures import DiskFailed, DiskFull
from wc_desktop.ui.theme.scheme import SchemeChoice
from wc_desktop.ui.theme.tokens import DARK
from wc_desktop.ui.widgets.announce import announce
from wc_desktop.ui.widgets.dress import Dresser

_log = logging.getLogger(__name__)
_STEP: Final = 0.1
# What a full disk, a failing one or a folder that cannot be written answers: the look changes all the same.
NOT_KEPT: Final = (OSError, DiskFull, DiskFailed)


class LookKeys(QObject):
    """Ctrl+Shift+D changes between light and dark; Ctrl and plus, minus, 0 make the text larger, smaller, usual."""

    def __init__(self, window: QWidget, dresser: Dresser, data_dir: Path) -> None:
        super().__init__(window)
        self._window = window
        self._dresser = dresser
        self._data_dir = data_dir
        for keys, slot in (
            ("Ctrl+Shift+D", self.change_theme),
            ("Ctrl++", self.enlarge),
            ("Ctrl+=", self.enlarge),
            ("Ctrl+-", self.reduce),
            ("Ctrl+0", self.usual_size),
        ):
            shortcut = QShortcut(QKeySequence(keys), window)
            shortcut.activated.connect(slot)

    @property
    def theme(self) -> SchemeChoice:
        """What was chosen."""
        return self._dresser.choice

    @property
    def text_size(self) -> float:
        return self._dresser.text_factor

    @Slot()
    def change_theme(self) -> None:
        """Show the other theme, whichever was shown, and go on with it."""
        dark = self._dresser.tokens is DARK
        self.choose_theme(SchemeChoice.LIGHT if dark else SchemeChoice.DARK)
        announce(self._window, self.tr("Light theme") if dark else self.tr("Dark theme"))

    def choose_theme(self, choice: SchemeChoice) -> None:
        """Show this theme from now on, or what the system says."""
        self._dresser.choose_scheme(choice)
        try:
            keep_theme(self._data_dir, choice.value)
        except NOT_KEPT:
            _log.info("settings.not_kept")

    @Slot()
    def enlarge(self) -> None:
        """Make the text one step larger."""
        self.choose_size(self._dresser.text_factor + _STEP)

    @Slot()
    def reduce(self) -> None:
        """Make the text one step smaller."""
        self.choose_size(self._dresser.text_factor - _STEP)

    @Slot()
    def usual_size(self) -> None:
        """Give the text its usual size."""
        self.choose_size(1.0)

    def choose_size(self, wanted: float) -> None:
        """Show text of this size, within what every screen is tested with, from now on."""
        size = round(min(max(wanted, SMALLEST_TEXT), LARGEST_TEXT), 2)
        self._dresser.choose_text_factor(size)
        try:
            keep_text_size(self._data_dir, size)
        except NOT_KEPT:
            _log.info("settings.not_kept")
        announce(self._window, self.tr("Text size {percent} %").format(percent=round(size * 100)))
