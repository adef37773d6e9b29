"""The start, in its order: words of the command line, one instance, a window, then everything slow behind it."""

import sys
from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QApplication, QWidget

from wc_desktop.app.afresh import HandedOver, begin_afresh, taken_over
from wc_desktop.app.arguments import settings_from
from wc_desktop.app.collector import Collector
from wc_desktop.app.shutdown import SignalWatch
from wc_desktop.app.single import SingleInstance
from wc_desktop.app.wiring import build
from wc_desktop.cipher.ballast import make_room
from wc_desktop.domain.failures import AlreadyOpen, FilesUnreadable
from wc_desktop.security.process import refuse_core_dumps
from wc_desktop.ui.messages.failures import failure_code_sentence

_WIDTH, _HEIGHT = 1366, 768
# Up to this size of screen a window that is not maximised, with its title bar, has no room for all of itself.
_SMALL_WIDTH, _SMALL_HEIGHT = 1440, 840
_BUSY = 1


def show_window(window: QWidget, room: QSize) -> None:
    """Show the window in its usual size, or over the whole screen when that is little larger."""
    window.resize(min(_WIDTH, room.width()), min(_HEIGHT, room.height()))
    if room.width() <= _SMALL_WIDTH or room.height() <= _SMALL_HEIGHT:
        window.showMaximized()
    else:
        window.show()


def show_again(window: QWidget, handed: HandedOver) -> None:
    """Show the window as it stood, without taking the keyboard from another program."""
    window.restoreGeometry(handed.place)
    if handed.minimised:
        window.showMinimized()
        return
    window.setAttribute(Qt.WidgetAttribute.WA_ShowWithoutActivating, not handed.active)
    window.show()
    if not handed.active:
        window.lower()


def _refused(code: str) -> int:
    sys.stderr.write(failure_code_sentence(code) + "\n")
    return _BUSY


def run_window(argv: Sequence[str]) -> int:
    """Show the window until it is closed; return the exit code."""
    settings = settings_from(argv)
    refuse_core_dumps()
    app = QApplication([sys.argv[0]])
    collector = Collector(app)
    collector.start()
    make_room(settings.data_dir)
    try:
        single = SingleInstance(settings.data_dir, app)
        taken = single.take()
    except OSError:
        return _refused(FilesUnreadable.code)
    if not taken:
        return _refused(AlreadyOpen.code)
    running = build(settings, app)
    signals = SignalWatch(app)
    signals.asked.connect(running.close)
    single.raise_wanted.connect(running.desktop.come_to_front)
    running.desktop.afresh_wanted.connect(running.begin_afresh)
    running.start()
    handed = taken_over()
    if handed is None:
        show_window(running.window, app.primaryScreen().availableSize())
    else:
        running.desktop.go_on_with(handed.section, handed.said)
        show_again(running.window, handed)
    code = app.exec()
    signals.close()
    single.release()
    if running.handed_over is not None:
        begin_afresh(running.handed_over, argv)
    return code
