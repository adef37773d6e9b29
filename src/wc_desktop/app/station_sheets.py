"""The sheets about the workstation itself, on every screen, locked or open: settings, tour, about."""

import logging
from pathlib import Path

from PySide6.QtCore import QObject, Slot
from PySide6.QtGui import QKeySequence, QShortcut

from wc_desktop.app.desktop import Desktop, MainWindow
from wc_desktop.app.look_keys import NOT_KEPT, LookKeys
from wc_desktop.app.settings import keep_lock_minutes, read_kept
from wc_desktop.ui.theme.scheme import SchemeChoice
from wc_desktop.ui.views.ground import Ground, StationSheet
from wc_desktop.ui.views.window_sheet import WindowSheet

_log = logging.getLogger(__name__)


class StationSheets(QObject):
    """Ctrl and comma opens the settings. A sheet ends with the screen it lies over, so a lock takes it away."""

    def __init__(self, window: MainWindow, desktop: Desktop, look: LookKeys, data_dir: Path) -> None:
        super().__init__(window)
        self._window = window
        self._desktop = desktop
        self._look = look
        self._data_dir = data_dir
        window.sheet_wanted.connect(self.show_sheet)
        shortcut = QShortcut(QKeySequence("Ctrl+,"), window)
        shortcut.activated.connect(self.show_settings)

    @Slot()
    def show_settings(self) -> None:
        """Open the settings."""
        self.show_sheet(StationSheet.SETTINGS)

    @Slot(object)
    def show_sheet(self, wanted: StationSheet) -> None:
        """Open this sheet over what the window shows."""
        ground = self._window.shown
        if not isinstance(ground, Ground):
            return
        sheet = self._made(wanted, ground)
        sheet.lock_wanted.connect(ground.lock_wanted)
        sheet.finished.connect(sheet.deleteLater)
        sheet.open()

    def _made(self, wanted: StationSheet, ground: Ground) -> WindowSheet:
        # Made when it is asked for: the password field waits for none of them.
        match wanted:
            case StationSheet.SETTINGS:
                return self._settings(ground)
            case StationSheet.TOUR:
                from wc_desktop.ui.views.tour_sheet import TourSheet  # noqa: PLC0415

                return TourSheet(ground)
            case StationSheet.ABOUT:
                from wc_desktop.app.works_used import about_this_program  # noqa: PLC0415
                from wc_desktop.ui.views.about_sheet import AboutSheet  # noqa: PLC0415

                return AboutSheet(about_this_program(), ground)

    def _settings(self, ground: Ground) -> WindowSheet:
        from wc_desktop.ui.views.settings_sheet import Chosen, SettingsSheet  # noqa: PLC0415

        minutes = read_kept(self._data_dir).lock_minutes if self._desktop.is_open else None
        sheet = SettingsSheet(
            Chosen(theme=self._look.theme, text_size=self._look.text_size, lock_minutes=minutes), ground
        )
        sheet.theme_chosen.connect(self._on_theme)
        sheet.text_size_chosen.connect(self._on_text_size)
        sheet.lock_minutes_chosen.connect(self._on_lock_minutes)
        return sheet

    @Slot(object)
    def _on_theme(self, choice: SchemeChoice) -> None:
        self._look.choose_theme(choice)

    @Slot(float)
    def _on_text_size(self, size: float) -> None:
        self._look.choose_size(size)

    @Slot(int)
    def _on_lock_minutes(self, minutes: int) -> None:
        try:
            keep_lock_minutes(self._data_dir, minutes)
        except NOT_KEPT:
            _log.info("settings.not_kept")
        self._desktop.lock_after(minutes)
