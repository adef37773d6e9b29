"""The program's own letters: four weights of Inter, from the package."""

from importlib import resources
from typing import Final

from PySide6.QtGui import QFont, QFontDatabase

from wc_desktop.ui.theme.type_scale import BODY_POINTS, FAMILY, factor_within_bounds

FONT_FILES: Final = ("Inter-Regular.ttf", "Inter-Medium.ttf", "Inter-SemiBold.ttf", "Inter-Bold.ttf")


def load_fonts() -> bool:
    """Give Qt the four weights. False when one could not be read: text then falls back to the system's letters."""
    folder = resources.files("wc_desktop") / "resources" / "fonts"
    loaded = [QFontDatabase.addApplicationFontFromData((folder / name).read_bytes()) for name in FONT_FILES]
    return all(number >= 0 for number in loaded)


def body_font(factor: float) -> QFont:
    """Return the application font at a text size factor; every other size derives from it."""
    font = QFont([FAMILY, "Segoe UI", "DejaVu Sans"])
    font.setPointSizeF(BODY_POINTS * factor_within_bounds(factor))
    font.setStyleHint(QFont.StyleHint.SansSerif)
    return font
