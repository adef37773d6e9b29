"""Crashes leave a file without health text, and are told at the next start.

A report names places in the program and kinds of errors; never a message, an argument or a variable.
"""

import faulthandler
import logging
import sys
import threading
import traceback
from importlib.metadata import version
from pathlib import Path
from types import TracebackType
from typing import IO

from PySide6.QtCore import QMessageLogContext, QObject, QtMsgType, Signal, qInstallMessageHandler, qVersion

_FOLDER = "crashes"
_RUNNING = "running.txt"
_LAST = "last-crash.txt"
_log = logging.getLogger(__name__)


class CrashWatch(QObject):
    """Installed once, on the GUI thread. `mistake_made` tells the window that something failed and it goes on."""

    mistake_made = Signal()

    def __init__(self, data_dir: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._folder = data_dir / _FOLDER
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.last_report = _take_over(self._folder)
        self._file: IO[str] = (self._folder / _RUNNING).open("w", encoding="utf-8")
        self._file.write(f"White Cross {version('white-cross')}, Qt {qVersion()}, Python {sys.version.split()[0]}\n")
        self._file.flush()
        self._header = self._file.tell()
        faulthandler.enable(self._file)
        sys.excepthook = self._on_exception
        threading.excepthook = self._on_thread_exception
        qInstallMessageHandler(self._on_qt_message)

    def close(self) -> None:
        """End orderly: a report stays only when something was written into it."""
        faulthandler.disable()
        sys.excepthook = sys.__excepthook__
        threading.excepthook = threading.__excepthook__
        qInstallMessageHandler(None)
        told = self._file.tell() > self._header
        self._file.close()
        running = self._folder / _RUNNING
        if told:
            running.replace(self._folder / _LAST)
        else:
            running.unlink(missing_ok=True)

    def note(self, error: BaseException) -> None:
        """Write down where the program made a mistake, and tell the window."""
        self._file.write(f"{type(error).__name__}\n{_places(error.__traceback__)}\n")
        self._file.flush()
        _log.error("mistake", extra={"kind": type(error).__name__})
        self.mistake_made.emit()

    def _on_exception(self, _kind: type[BaseException], error: BaseException, _trace: TracebackType | None) -> None:
        if isinstance(error, KeyboardInterrupt):
            return
        self.note(error)

    def _on_thread_exception(self, hooked: threading.ExceptHookArgs) -> None:
        if hooked.exc_value is not None:
            self.note(hooked.exc_value)

    def _on_qt_message(self, kind: QtMsgType, _context: QMessageLogContext, _words: str) -> None:
        # Qt's own words may quote what is on the screen, so only their kind is kept.
        if kind in {QtMsgType.QtCriticalMsg, QtMsgType.QtFatalMsg}:
            _log.error("qt", extra={"kind": kind.name})


def _take_over(folder: Path) -> str:
    """Return the report of a run that crashed, '' when there is none; its file is kept.

    A run that was killed, or lost its power, has written no more than its versions: nothing to tell.
    """
    running, last = folder / _RUNNING, folder / _LAST
    if not running.exists():
        return ""
    report = running.read_text(encoding="utf-8", errors="replace")
    if len(report.splitlines()) <= 1:
        return ""
    running.replace(last)
    return report


def _places(trace: TracebackType | None) -> str:
    return "\n".join(f"  {Path(f.filename).name}:{f.lineno} {f.name}" for f in traceback.extract_tb(trace))
