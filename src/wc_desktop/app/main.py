"""The start, in its order: words of the command line, one instance, a window, then everything slow behind it."""

import sys
from collections.abc import Sequence

from PySide6.QtWidgets import QApplication, QWidget

from wc_desktop.app.arguments import settings_from
from wc_desktop.app.shutdown import SignalWatch
from wc_desktop.app.single import SingleInstance
from wc_desktop.app.wiring import build
from wc_desktop.domain.failures import AlreadyOpen
from wc_desktop.security.process import refuse_core_dumps
from wc_desktop.ui.messages.failures import failure_code_sentence

_WIDTH, _HEIGHT = 1366, 768
_BUSY = 1


def _show(window: QWidget, app: QApplication) -> None:
    """Show the window in its usual size, or over the whole screen when that is no larger."""
    room = app.primaryScreen().availableSize()
    window.resize(min(_WIDTH, room.width()), min(_HEIGHT, room.height()))
    if room.width() <= _WIDTH or room.height() <= _HEIGHT:
        window.showMaximized()
    else:
        window.show()


def run_window(argv: Sequence[str]) -> int:
    """Show the window until it is closed; return the exit code."""
    settings = settings_from(argv)
    refuse_core_dumps()
    app = QApplication([sys.argv[0]])
    single = SingleInstance(settings.data_dir, app)
    if not single.take():
        sys.stderr.write(failure_code_sentence(AlreadyOpen.code) + "\n")
        return _BUSY
    running = build(settings, app)
    signals = SignalWatch(app)
    signals.asked.connect(running.close)
    single.raise_wanted.connect(running.desktop.come_to_front)
    running.start()
    _show(running.window, app)
    code = app.exec()
    signals.close()
    single.release()
    return code
