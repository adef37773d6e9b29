"""The one place that puts the program together."""

from PySide6.QtCore import QLocale, QObject, Slot
from PySide6.QtWidgets import QApplication

from wc_desktop.app.afresh import HandedOver
from wc_desktop.app.crash import CrashWatch
from wc_desktop.app.desktop import Desktop, MainWindow
from wc_desktop.app.logs import end_logs, start_logs
from wc_desktop.app.look_keys import LookKeys
from wc_desktop.app.settings import Settings
from wc_desktop.app.startup_trace import StartupTrace
from wc_desktop.app.station_sheets import StationSheets
from wc_desktop.background.runner import Runner
from wc_desktop.security.clock import SystemClock
from wc_desktop.ui.theme.scheme import SchemeChoice
from wc_desktop.ui.widgets.brand_mark import window_icon
from wc_desktop.ui.widgets.dress import Dresser


class Running(QObject):
    """The built program. Show `window`; closing it, or `close`, ends everything in order."""

    def __init__(self, settings: Settings, app: QApplication) -> None:
        super().__init__(app)
        self._app = app
        self._closed = False
        self.handed_over: HandedOver | None = None
        self._log_handler = start_logs(settings.data_dir)
        self.crashes = CrashWatch(settings.data_dir, self)
        self.dresser = Dresser(app, choice=SchemeChoice(settings.theme), text_factor=settings.text_size)
        self.window = MainWindow()
        self.look_keys = LookKeys(self.window, self.dresser, settings.data_dir)
        self._runner = Runner(self)
        self.desktop = Desktop(
            settings,
            self.window,
            self._runner,
            SystemClock(offset_seconds=settings.clock_offset),
            StartupTrace(settings, self),
            self.crashes.last_report,
        )
        self.sheets = StationSheets(self.window, self.desktop, self.look_keys, settings.data_dir)
        self.crashes.mistake_made.connect(self.desktop.tell_mistake)
        self._runner.crashed.connect(self.crashes.note)
        self.desktop.ended.connect(self._on_ended)

    def start(self) -> None:
        """Put the first screen into the window; the caller shows it."""
        self.desktop.start()

    @Slot()
    def begin_afresh(self) -> None:
        """End in order, with the window still on the screen, and hand it over to the next process."""
        self.handed_over = HandedOver(
            place=bytes(self.window.saveGeometry().data()),
            active=self.window.isActiveWindow(),
            minimised=self.window.isMinimized(),
            section=self.desktop.section,
            said=self.desktop.said,
        )
        self.desktop.end()

    @Slot()
    def close(self) -> None:
        """End in order and join every thread. The window is gone afterwards."""
        if not self._closed:
            self.window.close()

    @Slot()
    def _on_ended(self) -> None:
        if self._closed:
            return
        self._closed = True
        self.desktop.join()
        # What was asked for is finished first: drafts, then the lock, which wipes the keys.
        self._runner.stop()
        self.crashes.close()
        end_logs(self._log_handler)
        self._app.quit()


def build(settings: Settings, app: QApplication) -> Running:
    """Return the program, ready to be started and shown. One to a process."""
    QLocale.setDefault(QLocale(QLocale.Language.English, QLocale.Country.UnitedStates))
    app.setApplicationName("White Cross")
    app.setDesktopFileName("white-cross")
    app.setWindowIcon(window_icon())
    return Running(settings, app)
