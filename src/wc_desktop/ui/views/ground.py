"""What fills the window, locked or open: F1 opens the help of it, and from there what belongs to the workstation."""

from enum import StrEnum, unique

from PySide6.QtCore import Signal, Slot
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QWidget

from wc_desktop.ui.views.help_sheet import HelpSheet
from wc_desktop.ui.views.help_words import ScreenHelp


@unique
class StationSheet(StrEnum):
    """A sheet about the workstation, the same on every screen."""

    SETTINGS = "settings"
    TOUR = "tour"
    ABOUT = "about"


class Ground(QWidget):
    """Derive and say what helps here; `sheet_wanted` carries a StationSheet."""

    sheet_wanted = Signal(object)
    lock_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._help_sheet: HelpSheet | None = None
        shortcut = QShortcut(QKeySequence("F1"), self)
        shortcut.activated.connect(self.show_help)

    def screen_help(self) -> ScreenHelp:
        """Return what helps on the screen that is shown."""
        raise NotImplementedError

    @Slot()
    def show_help(self) -> None:
        """Open the help of this screen."""
        if self._help_sheet is None:
            sheet = self._help_sheet = HelpSheet(self)
            sheet.tour.clicked.connect(self._on_tour)
            sheet.settings.clicked.connect(self._on_settings)
            sheet.about.clicked.connect(self._on_about)
            sheet.lock_wanted.connect(self.lock_wanted)
        self._help_sheet.show_help(self.screen_help())

    @Slot()
    def _on_tour(self) -> None:
        self._leave_for(StationSheet.TOUR)

    @Slot()
    def _on_settings(self) -> None:
        self._leave_for(StationSheet.SETTINGS)

    @Slot()
    def _on_about(self) -> None:
        self._leave_for(StationSheet.ABOUT)

    def _leave_for(self, wanted: StationSheet) -> None:
        if self._help_sheet is not None:
            self._help_sheet.finish()
        self.sheet_wanted.emit(wanted)
