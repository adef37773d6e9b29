"""A picture as large as there is room, larger on demand. Arrows scroll, + and - change the size, 0 fits it again."""

from typing import Final

from PySide6.QtCore import QRect, QSize, Qt, Signal
from PySide6.QtGui import QImage, QKeyEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QScrollArea, QWidget

_STEP: Final = 1.25
_LEAST, _MOST = 1.0, 8.0
_LARGER: Final = (Qt.Key.Key_Plus, Qt.Key.Key_Equal)


class _Sheet(QWidget):
    """Paints the picture over all of itself."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.image: QImage | None = None

    def paintEvent(self, event: QPaintEvent) -> None:
        if self.image is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.setClipRect(event.rect())
        painter.drawImage(self.rect(), self.image)
        painter.end()


class PictureArea(QScrollArea):
    """Shows a picture whole; `zoomed` tells how many times larger than that it is shown."""

    zoomed = Signal(float)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._factor = _LEAST
        self._sheet = _Sheet(self)
        self.setWidget(self._sheet)
        self.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def show_image(self, image: QImage | None, said: str) -> None:
        """Show a picture, whole; None shows nothing. said is what a screen reader says of it."""
        self._sheet.image = image
        self.setAccessibleName(said)
        self._zoom(_LEAST)

    def larger(self) -> None:
        """Show it a step larger."""
        self._zoom(min(self._factor * _STEP, _MOST))

    def smaller(self) -> None:
        """Show it a step smaller, but never smaller than whole."""
        self._zoom(max(self._factor / _STEP, _LEAST))

    def whole(self) -> None:
        """Show all of it."""
        self._zoom(_LEAST)

    def _zoom(self, factor: float) -> None:
        before = QRect(self._sheet.pos(), self._sheet.size())
        self._factor = factor
        self._fit()
        self._keep_middle(before)
        self.zoomed.emit(factor)

    def _fit(self) -> None:
        image = self._sheet.image
        if image is None:
            self._sheet.resize(0, 0)
            return
        ratio = self.devicePixelRatioF()
        own = QSize(round(image.width() / ratio), round(image.height() / ratio))
        whole = own.scaled(self.maximumViewportSize(), Qt.AspectRatioMode.KeepAspectRatio)
        # A small picture is not blown up by itself.
        fitted = own if own.width() < whole.width() else whole
        self._sheet.resize(fitted * self._factor)
        self._sheet.update()

    def _keep_middle(self, before: QRect) -> None:
        """Keep in the middle what stood there."""
        if before.width() == 0 or before.height() == 0:
            return
        middle = self.viewport().rect().center() - before.topLeft()
        for bar, share, now, half in (
            (self.horizontalScrollBar(), middle.x() / before.width(), self._sheet.width(), self.viewport().width()),
            (self.verticalScrollBar(), middle.y() / before.height(), self._sheet.height(), self.viewport().height()),
        ):
            bar.setValue(round(share * now - half / 2))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in _LARGER:
            self.larger()
        elif event.key() == Qt.Key.Key_Minus:
            self.smaller()
        elif event.key() == Qt.Key.Key_0:
            self.whole()
        else:
            super().keyPressEvent(event)
