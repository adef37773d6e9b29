"""Light or dark: the system's wish, unless the nurse chose."""

from enum import StrEnum, unique

from PySide6.QtCore import QObject, Qt, Signal, Slot
from PySide6.QtGui import QGuiApplication

from wc_desktop.ui.theme.tokens import DARK, LIGHT, Tokens


@unique
class SchemeChoice(StrEnum):
    """What the nurse chose in the settings; the value is what the settings store."""

    SYSTEM = "system"
    LIGHT = "light"
    DARK = "dark"


class SchemeFollower(QObject):
    """Knows which theme is to be shown, and says when that changes."""

    scheme_changed = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._choice = SchemeChoice.SYSTEM
        self._tokens = self._wanted()
        QGuiApplication.styleHints().colorSchemeChanged.connect(self._on_system_changed)

    @property
    def tokens(self) -> Tokens:
        return self._tokens

    @property
    def choice(self) -> SchemeChoice:
        return self._choice

    def choose(self, choice: SchemeChoice) -> None:
        """Override the system, or follow it again. Takes effect at once."""
        self._choice = choice
        hints = QGuiApplication.styleHints()
        match choice:
            case SchemeChoice.SYSTEM:
                hints.unsetColorScheme()
            case SchemeChoice.LIGHT:
                hints.setColorScheme(Qt.ColorScheme.Light)
            case SchemeChoice.DARK:
                hints.setColorScheme(Qt.ColorScheme.Dark)
        self._settle()

    @Slot()
    def _on_system_changed(self) -> None:
        self._settle()

    def _settle(self) -> None:
        wanted = self._wanted()
        if wanted is not self._tokens:
            self._tokens = wanted
            self.scheme_changed.emit(wanted)

    def _wanted(self) -> Tokens:
        match self._choice:
            case SchemeChoice.LIGHT:
                return LIGHT
            case SchemeChoice.DARK:
                return DARK
            case SchemeChoice.SYSTEM:
                dark = QGuiApplication.styleHints().colorScheme() is Qt.ColorScheme.Dark
                return DARK if dark else LIGHT
