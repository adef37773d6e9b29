"""A check box that is seen in both themes: Fusion draws its own too faint."""

from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QCheckBox

from wc_desktop.ui.theme.tokens import Tokens, current_tokens
from wc_desktop.ui.theme.type_scale import TextStyle, current_scale
from wc_desktop.ui.widgets.wrapped_text import line_height

_MARK = 16
_GAP = 9
_PAD = 4
_LEFT = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)


def paint_tick(painter: QPainter, box: QRectF, tokens: Tokens) -> None:
    """Paint the tick of a marked box."""
    points = [
        QPointF(box.left() + box.width() * x, box.top() + box.height() * y)
        for x, y in ((0.24, 0.52), (0.43, 0.71), (0.78, 0.31))
    ]
    pen = QPen(QColor(tokens.on_accent), max(box.width() * 0.13, 1.8))
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    painter.setPen(pen)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawPolyline(QPolygonF(points))


class CheckBox(QCheckBox):
    """A QCheckBox with our own picture."""

    def sizeHint(self) -> QSize:
        scale = current_scale()
        font = scale.font(TextStyle.BODY)
        words = QFontMetrics(font).size(int(Qt.TextFlag.TextShowMnemonic), self.text())
        width = words.width() + scale.px(_MARK + _GAP + 2 * _PAD) + 2
        return QSize(width, max(line_height(font), scale.px(_MARK)) + 2 * scale.px(_PAD))

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def hitButton(self, _position: object) -> bool:
        return True

    def paintEvent(self, _event: QPaintEvent) -> None:
        tokens, scale = current_tokens(), current_scale()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self.hasFocus():
            painter.setPen(QPen(QColor(tokens.focus), 2))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 5, 5)
        side = scale.px(_MARK)
        box = QRectF(scale.px(_PAD), (self.height() - side) / 2, side, side).adjusted(0.75, 0.75, -0.75, -0.75)
        marked = self.isChecked()
        painter.setPen(QPen(QColor(tokens.accent if marked else tokens.field_line), 1.5))
        painter.setBrush(QColor(tokens.accent if marked else tokens.surface))
        painter.drawRoundedRect(box, 4, 4)
        if marked:
            paint_tick(painter, box, tokens)
        painter.setFont(scale.font(TextStyle.BODY))
        painter.setPen(QColor(tokens.text if self.isEnabled() else tokens.disabled_text))
        words = QRect(scale.px(_PAD + _MARK + _GAP), 0, self.width(), self.height())
        painter.drawText(words, _LEFT | int(Qt.TextFlag.TextShowMnemonic), self.text())
        painter.end()
