"""`noon`: a scripted noon in the real window, by key presses, for demonstrations on machines without a display."""

import json
import os
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject, QSize, QTimer, Slot
from PySide6.QtGui import QCursor
from PySide6.QtWidgets import QApplication

from wc_contract.model.errors import WhiteCrossError
from wc_desktop.app import console_given
from wc_desktop.app.console_given import PASSWORD_VARIABLE, NotGiven
from wc_desktop.app.console_report import ReportOrder, found_at
from wc_desktop.app.noon_player import NoonFailed, Player
from wc_desktop.app.noon_screen import Screen
from wc_desktop.app.noon_script import Noon, NoonPlan
from wc_desktop.app.noon_talk import Lines, tell
from wc_desktop.app.settings import Settings, clock_offset_from, keystore_from
from wc_desktop.app.shutdown import SignalWatch
from wc_desktop.app.single import SingleInstance
from wc_desktop.app.wiring import build
from wc_desktop.domain.failures import AlreadyOpen
from wc_desktop.security.process import refuse_core_dumps
from wc_desktop.ui.messages.failures import failure_sentence

_SIZE = QSize(1366, 768)
_DISPLAYS = ("DISPLAY", "WAYLAND_DISPLAY")
_OFFSCREEN = "offscreen"
_MIND_MS = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class NoonOrder:
    """What the command line asked for."""

    folder: Path
    keystore_file: Path | None
    user: str
    pictures: Path
    doses: int
    short: bool


def play_here(order: NoonOrder) -> int:
    """Play a noon and tell it on standard output; return the exit code.

    Lines out: say, picture, need, pressed_again (how many keys had to be pressed a second time), and at last done
    (what `report` says) or failed (a sentence; exit code 1).
    """
    try:
        lines = Lines()
        password = os.environ.get(PASSWORD_VARIABLE) or lines.first()
        if not password:
            raise console_given.password_missing()
        _play(order, password, lines)
        if not order.short:
            tell("done", _report(order, password))
    except (NoonFailed, NotGiven) as failure:
        tell("failed", failure.sentence)
    except WhiteCrossError as failure:
        tell("failed", failure_sentence(failure))
    else:
        return 0
    return 1


def _report(order: NoonOrder, password: str) -> Mapping[str, object]:
    """Open the files once more, without the window, which has let go of them; send also that it was locked."""
    asked = ReportOrder(
        folder=order.folder, keystore_file=order.keystore_file, user=order.user, entries=None, sync=True
    )
    return found_at(asked, password)


def _play(order: NoonOrder, password: str, lines: Lines) -> None:
    """Show the window, play, close it. Raises NoonFailed and what opening a station raises."""
    people = console_given.station(order.folder, console_given.parts(order.keystore_file)).people()
    wanted = console_given.person(people, order.user)
    plan = NoonPlan(
        password=password,
        person=f"{wanted.first_name} {wanted.last_name}",
        place=people.index(wanted),
        people=len(people),
        pictures=order.pictures,
        doses=order.doses,
        short=order.short,
    )
    order.pictures.mkdir(parents=True, exist_ok=True)
    refuse_core_dumps()
    with _application() as app:
        single = SingleInstance(order.folder, app)
        if not single.take():
            raise AlreadyOpen("another window has this folder")
        try:
            _NoonRun(app, _settings(order), plan, lines).run()
        finally:
            single.release()


def _settings(order: NoonOrder) -> Settings:
    return Settings(
        data_dir=order.folder.absolute(),
        keystore_file=order.keystore_file or keystore_from(os.environ),
        theme="light",
        clock_offset=clock_offset_from(os.environ),
    )


class _NoonRun(QObject):
    """The program, its window, and the player that works it."""

    def __init__(self, app: QApplication, settings: Settings, plan: NoonPlan, lines: Lines) -> None:
        super().__init__(app)
        self._app = app
        self._plan = plan
        self._running = build(settings, app)
        self._screen = Screen(self._running.window)
        self._signals = SignalWatch(self)
        noon = Noon(plan, self._screen, self._running.dresser, lines)
        self._player = Player(noon.script(), self)
        self._player.ended.connect(self._on_ended)
        self._signals.asked.connect(self._player.stop)
        self._running.crashes.mistake_made.connect(self._player.stop_for_mistake)
        self._minding = QTimer(self, interval=_MIND_MS)
        self._minding.timeout.connect(self._mind_keyboard)
        lines.listen()
        self._sentence: str | None = None

    def run(self) -> None:
        """Play to the end. Raises NoonFailed."""
        window = self._running.window
        self._running.start()
        window.resize(_SIZE)
        # Not over a button, which would look as if somebody were about to press it.
        QCursor.setPos(_SIZE.width() - 1, _SIZE.height() - 1)
        window.show()
        window.activateWindow()
        if self._app.platformName() == _OFFSCREEN:
            # A screen in memory has no window manager to give the keyboard back when a sheet closes.
            self._minding.start()
        self._player.start()
        self._app.exec()
        self._signals.close()
        tell("pressed_again", self._screen.pressed_again)
        if self._sentence is not None:
            raise NoonFailed(self._sentence)

    @Slot()
    def _mind_keyboard(self) -> None:
        if self._app.focusWindow() is None:
            self._screen.take_keyboard()

    @Slot(object)
    def _on_ended(self, sentence: str | None) -> None:
        self._minding.stop()
        self._sentence = sentence
        # Behind what the last key set going: the lock is queued before the end. Before the evidence, of which nobody
        # can be told when the parent process is gone: the window must close all the same.
        QTimer.singleShot(0, self._running.close)
        if sentence is not None:
            self._keep_evidence()

    def _keep_evidence(self) -> None:
        """Save what the window showed when it failed; the demonstration's children are invented."""
        try:
            self._screen.picture(self._plan.pictures / "failed.png")
        except NoonFailed as failure:
            self._sentence = f"{self._sentence} {failure.sentence}"
        else:
            tell("picture", "failed.png")


@contextmanager
def _application() -> Iterator[QApplication]:
    """Give the application; without a display, on a screen in memory that is as large as the window."""
    with tempfile.TemporaryDirectory() as folder:
        yield QApplication([sys.argv[0], *_platform(Path(folder), os.environ)])


def _platform(folder: Path, environment: Mapping[str, str]) -> list[str]:
    """Return Qt's options for a screen in memory where there is no other."""
    asked = environment.get("QT_QPA_PLATFORM", "")
    if asked != _OFFSCREEN and (asked or any(environment.get(name) for name in _DISPLAYS)):
        return []
    # Qt's own screen in memory is 800 pixels wide: sheets would be cut to it.
    scale = float(environment.get("QT_SCALE_FACTOR") or 1)
    screen = {
        "name": "noon",
        "x": 0,
        "y": 0,
        "width": round(_SIZE.width() * scale),
        "height": round(_SIZE.height() * scale),
        "logicalDpi": 96,
        "logicalBaseDpi": 96,
        "dpr": 1,
    }
    file = folder / "screen.json"
    file.write_text(json.dumps({"screens": [screen]}), encoding="utf-8")
    return ["-platform", f"{_OFFSCREEN}:configfile={file}"]
