"""The real window, offscreen, unlocked by its keyboard, with a stop-watch beside it."""

import os
import time
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Qt, QTimer, Slot
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit

from wc_desktop.app.arguments import settings_from
from wc_desktop.app.unlocked import Unlocked
from wc_desktop.app.wiring import Running, build
from wc_desktop.background.stall_meter import StallMeter
from wc_desktop.domain.link_views import LinkStatus
from wc_desktop.ui.views.unlock import UnlockPage

_WIDTH, _HEIGHT = 1366, 768
_SETTLED_MS = 400  # after a pull: time for the list to be read again and painted
_IDLE_MS = 1_500
_GIVE_UP_MS = 120_000
_LOOK_MS = 20


class _Driver(QObject):
    """Types the password, notes when the list is there, waits for what was asked, closes the window."""

    def __init__(self, running: Running, password: str, *, wait_for_pull: bool) -> None:
        super().__init__(running)
        self._running = running
        self._password = password
        self._wait_for_pull = wait_for_pull
        self._pressed = 0.0
        self._page: UnlockPage | None = None
        self._desk: Unlocked | None = None
        self._pulled = False
        self.answer: dict[str, Any] = {"rows": 0}
        self._look = QTimer(self)
        self._look.setInterval(_LOOK_MS)
        self._look.timeout.connect(self._on_look)
        self._look.start()
        # Between two looks a small pull may be over.
        running.window._stack.currentChanged.connect(self._on_look)
        QTimer.singleShot(_GIVE_UP_MS, self, self._running.close)

    @Slot()
    def _on_look(self) -> None:
        page = self._running.window._stack.currentWidget()
        if self._page is None and isinstance(page, UnlockPage) and self._running.desktop._warming:
            self._page = page
            page.unlock_pressed.connect(self._on_pressed)
            # The nurse takes longer than the program needs to get ready behind the field.
            QTimer.singleShot(1_500, self, self._type)
        elif self._desk is None and self._running.desktop._unlocked is not None:
            self._desk = self._running.desktop._unlocked
            self._desk.due_list_painted.connect(self._on_painted)
            self._desk._sync.link_changed.connect(self._on_link)
            self._desk._sync.records_changed.connect(self._on_pulled)
            self._look.stop()

    @Slot()
    def _type(self) -> None:
        if self._page is not None:
            editor = self._page.password.editor
            QTest.keyClicks(editor, self._password)
            QTest.keyClick(editor, Qt.Key.Key_Return)

    @Slot()
    def _on_pressed(self) -> None:
        self._pressed = time.monotonic()

    @Slot()
    def _on_painted(self) -> None:
        if self._desk is None or "due_list_painted" in self.answer:
            return
        self.answer["due_list_painted"] = time.monotonic() - self._pressed
        # What the first painting cost is the figure above; from here on the window only has to stay awake.
        self._desk.stalls.reset()
        if not self._wait_for_pull or self._pulled:
            QTimer.singleShot(_SETTLED_MS, self, self._finish)

    @Slot(object)
    def _on_link(self, link: LinkStatus) -> None:
        if link.progress is not None:
            self.answer["rows"] = max(self.answer["rows"], link.progress[1])

    @Slot(object)
    def _on_pulled(self, _kinds: object) -> None:
        if not self._pulled and self._wait_for_pull:
            self._pulled = True
            if "due_list_painted" in self.answer:
                QTimer.singleShot(_SETTLED_MS, self, self._finish)

    @Slot()
    def _finish(self) -> None:
        if self._desk is not None:
            self.answer["longest_stall_ms"] = self._desk.stalls.longest_stall_ms
            self.answer["beats"] = self._desk.stalls.beats
        self._running.close()


def show_and_unlock(folder: Path, password: str, *, wait_for_pull: bool) -> dict[str, Any]:
    """Run the program until it was unlocked, and a pull was taken if that is asked for."""
    app = QApplication(["wc-desktop"])
    running = build(settings_from(["--data", str(folder)], os.environ), app)
    driver = _Driver(running, password, wait_for_pull=wait_for_pull)
    running.start()
    running.window.resize(_WIDTH, _HEIGHT)
    running.window.show()
    app.exec()
    if "due_list_painted" not in driver.answer:
        raise SystemExit("the due list was never painted")
    if wait_for_pull and "longest_stall_ms" not in driver.answer:
        raise SystemExit("no pull was taken while the window was open")
    return driver.answer


def show_nothing() -> dict[str, Any]:
    """Run a bare window for a moment."""
    app = QApplication(["bare"])
    field = QLineEdit()
    field.resize(_WIDTH, _HEIGHT)
    field.show()
    meter = StallMeter()
    QTimer.singleShot(200, meter, meter.start)
    QTimer.singleShot(200 + _IDLE_MS, app, QApplication.quit)
    app.exec()
    return {"longest_stall_ms": meter.longest_stall_ms, "beats": meter.beats}
