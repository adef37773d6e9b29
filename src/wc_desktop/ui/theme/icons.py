"""Lucide icons, drawn at the size asked and in the colour of a tone, so they are crisp at every scale."""

from enum import StrEnum, unique
from functools import lru_cache
from importlib import resources
from typing import Final

from PySide6.QtCore import QByteArray, QPoint, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QIcon, QIconEngine, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from wc_desktop.ui.theme.tokens import current_tokens
from wc_desktop.ui.theme.tone import Tone


@unique
class Icon(StrEnum):
    """Every icon in use; its value is the file in `resources/icons`."""

    ARROW_RIGHT = "arrow-right"
    BAN = "ban"
    BELL = "bell"
    CALENDAR = "calendar"
    CALENDAR_CLOCK = "calendar-clock"
    CALENDAR_DAYS = "calendar-days"
    CALENDAR_X = "calendar-x"
    CHECK = "check"
    CHEVRON_DOWN = "chevron-down"
    CHEVRON_LEFT = "chevron-left"
    CHEVRON_RIGHT = "chevron-right"
    CIRCLE_ALERT = "circle-alert"
    CIRCLE_CHECK = "circle-check"
    CIRCLE_DASHED = "circle-dashed"
    CIRCLE_HELP = "circle-help"
    CIRCLE_PAUSE = "circle-pause"
    CIRCLE_SLASH = "circle-slash"
    CIRCLE_X = "circle-x"
    CLIPBOARD_LIST = "clipboard-list"
    CLOCK = "clock"
    CLOCK_ALERT = "clock-alert"
    CLOUD = "cloud"
    CLOUD_ALERT = "cloud-alert"
    CLOUD_CHECK = "cloud-check"
    CLOUD_OFF = "cloud-off"
    CLOUD_UPLOAD = "cloud-upload"
    DOWNLOAD = "download"
    EYE = "eye"
    EYE_OFF = "eye-off"
    FILE_TEXT = "file-text"
    HAND = "hand"
    HEART_PULSE = "heart-pulse"
    HISTORY = "history"
    INFO = "info"
    KEY_ROUND = "key-round"
    KEYBOARD = "keyboard"
    LOCK = "lock"
    LOCK_OPEN = "lock-open"
    MAIL = "mail"
    MONITOR = "monitor"
    MOON = "moon"
    NOTEBOOK_PEN = "notebook-pen"
    OCTAGON_ALERT = "octagon-alert"
    PACKAGE = "package"
    PACKAGE_CHECK = "package-check"
    PACKAGE_OPEN = "package-open"
    PACKAGE_X = "package-x"
    PENCIL = "pencil"
    PHONE = "phone"
    PILL = "pill"
    PLUS = "plus"
    PRINTER = "printer"
    REFRESH_CW = "refresh-cw"
    SAVE = "save"
    SCALE = "scale"
    SCAN_SEARCH = "scan-search"
    SEARCH = "search"
    SETTINGS = "settings"
    SHIELD_ALERT = "shield-alert"
    SHIELD_CHECK = "shield-check"
    STETHOSCOPE = "stethoscope"
    STICKY_NOTE = "sticky-note"
    SUN = "sun"
    SYRINGE = "syringe"
    TRASH_2 = "trash-2"
    TRIANGLE_ALERT = "triangle-alert"
    UNDO_2 = "undo-2"
    USB = "usb"
    USER = "user"
    USER_X = "user-x"
    USERS = "users"
    X = "x"


# Made only where an icon that is shared is changed: few, and as long-lived as the program.
_CLONES: Final[list[QIconEngine]] = []


@lru_cache(maxsize=256)
def _renderer(icon: Icon, colour: str) -> QSvgRenderer:
    source = (resources.files("wc_desktop") / "resources" / "icons" / f"{icon.value}.svg").read_text("utf-8")
    return QSvgRenderer(QByteArray(source.replace("currentColor", colour).encode()))


@lru_cache(maxsize=512)
def icon_pixmap(icon: Icon, colour: str, size: int, ratio: float) -> QPixmap:
    """Return the icon in a square of `size` device-independent pixels, with `ratio` real pixels to each."""
    pixels = round(size * ratio)
    pixmap = QPixmap(pixels, pixels)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    _renderer(icon, colour).render(painter, QRectF(0, 0, pixels, pixels))
    painter.end()
    pixmap.setDevicePixelRatio(ratio)
    return pixmap


def paint_icon(painter: QPainter, corner: QPoint, icon: Icon, colour: str, size: int) -> None:
    """Draw the icon with its top left at `corner`."""
    painter.drawPixmap(corner, icon_pixmap(icon, colour, size, painter.device().devicePixelRatio()))


class SvgIconEngine(QIconEngine):
    """Draws one icon in its tone's colour of whichever theme is on when it is drawn."""

    def __init__(self, icon: Icon, tone: Tone, *, on_accent: bool = False) -> None:
        super().__init__()
        self._icon: Final = icon
        self._tone: Final = tone
        self._on_accent: Final = on_accent

    def _colour(self, mode: QIcon.Mode) -> str:
        tokens = current_tokens()
        if mode is QIcon.Mode.Disabled:
            return tokens.disabled_text
        return tokens.on_accent if self._on_accent else tokens.inks(self._tone).ink

    def paint(self, painter: QPainter, rect: QRect, mode: QIcon.Mode, _state: QIcon.State) -> None:
        # A box wider than high leaves its rest empty at the right: the gap between icon and words.
        side = min(rect.width(), rect.height())
        place = QRectF(rect.left(), rect.top() + (rect.height() - side) / 2, side, side)
        _renderer(self._icon, self._colour(mode)).render(painter, place)

    def pixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        return self.scaledPixmap(size, mode, state, 1.0)

    def scaledPixmap(self, size: QSize, mode: QIcon.Mode, _state: QIcon.State, scale: float) -> QPixmap:
        pixels = size * scale
        pixmap = QPixmap(pixels)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        self.paint(painter, QRect(QPoint(0, 0), pixels), mode, QIcon.State.Off)
        painter.end()
        pixmap.setDevicePixelRatio(scale)
        return pixmap

    def clone(self) -> QIconEngine:
        copy = SvgIconEngine(self._icon, self._tone, on_accent=self._on_accent)
        # PySide would destroy at once what is returned from here, and the icon would draw with freed memory.
        _CLONES.append(copy)
        return copy

    def key(self) -> str:
        return f"lucide/{self._icon.value}/{self._tone.value}"


def icon_for(icon: Icon, tone: Tone = Tone.PLAIN) -> QIcon:
    """Return a QIcon for buttons and actions. It follows the theme by itself."""
    return QIcon(SvgIconEngine(icon, tone))


def icon_on_accent(icon: Icon) -> QIcon:
    """Return the same for a filled button."""
    return QIcon(SvgIconEngine(icon, Tone.PLAIN, on_accent=True))
