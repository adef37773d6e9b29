"""Scrolls to whatever gets the focus inside a scrolling part, however it got there."""

from PySide6.QtCore import QObject, QPoint, QTimer, Slot
from PySide6.QtWidgets import QApplication, QScrollArea, QWidget


class FocusInView(QObject):
    """Qt scrolls for Tab only; an access key, a fault or a page that sets the focus would leave it out of sight."""

    def __init__(self, area: QScrollArea) -> None:
        super().__init__(area)
        self._area = area
        # After what changes with the focus has been laid out.
        self._soon = QTimer(self, interval=0, singleShot=True)
        self._soon.timeout.connect(self._show)
        app = QApplication.instance()
        if isinstance(app, QApplication):
            app.focusChanged.connect(self._on_focus_changed)

    @Slot(QWidget, QWidget)
    def _on_focus_changed(self, _before: QWidget | None, now: QWidget | None) -> None:
        if now is not None and self._holds(now):
            self._soon.start()

    @Slot()
    def _show(self) -> None:
        now = QApplication.focusWidget()
        if now is not None and self._holds(now):
            self._area.ensureWidgetVisible(now)
            self._show_whole(now)

    def _show_whole(self, widget: QWidget) -> None:
        # Of a text Qt shows the line with the cursor only.
        inside = self._area.widget()
        if inside is not None and widget.height() <= self._area.viewport().height():
            corner = widget.mapTo(inside, QPoint(0, 0))
            self._area.ensureVisible(corner.x(), corner.y() + widget.height(), 0, 0)
            self._area.ensureVisible(corner.x(), corner.y(), 0, 0)

    def _holds(self, widget: QWidget) -> bool:
        inside = self._area.widget()
        return inside is not None and inside.isAncestorOf(widget)
