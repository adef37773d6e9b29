"""A drawing of a body whose parts are marked by a click. Beside it stands a list, for keyboard and ear."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QBrush, QColor, QMouseEvent, QPainter, QPaintEvent, QPen, QTransform
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from wc_desktop.ui.theme.tokens import current_tokens
from wc_desktop.ui.theme.tone import Tone
from wc_desktop.ui.theme.type_scale import TextStyle, current_scale
from wc_desktop.ui.widgets.body_shapes import SIZE, figures, shapes

_LEAST_WIDTH: Final = 250
_MOST_WIDTH: Final = 420
_LINE: Final = 0.9
_MARKED_LINE: Final = 1.6


class BodyPicture(QWidget):
    """Face, front and back. `part_clicked` carries a code; who holds it marks it, here and in the list.

    It takes no focus: what it says and does, the list beside it says and does. captions: of the three figures;
    sides: letters for the child's right and left.
    """

    part_clicked = Signal(str)

    def __init__(
        self,
        words: Mapping[str, str],
        captions: tuple[str, str, str],
        sides: tuple[str, str],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._sides = sides
        self._words = words
        self._captions = captions
        self._shapes = shapes()
        self._marked: frozenset[str] = frozenset()
        self._under: str | None = None
        self.setMouseTracking(True)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    @property
    def marked(self) -> frozenset[str]:
        """The codes of the parts that are marked."""
        return self._marked

    def mark(self, codes: Iterable[str]) -> None:
        """Mark these parts and no others."""
        self._marked = frozenset(codes)
        said = ", ".join(words for code, words in self._words.items() if code in self._marked)
        self.setAccessibleDescription(said)
        self.update()

    def part_at(self, place: QPointF) -> str | None:
        """Return the part at a place of the widget, None where there is none."""
        there = self._to_widget().inverted()[0].map(place)
        found = (shape.code for shape in reversed(self._shapes) if shape.path.contains(there))
        return next(found, None)

    def place_of(self, code: str) -> QPointF:
        """Return a place in the widget where a part can be clicked. Raises StopIteration for no such part."""
        return next(self._places(code))

    def _places(self, code: str) -> Iterator[QPointF]:
        for shape in self._shapes:
            box = shape.path.boundingRect()
            # Other parts may lie upon its middle: a nose upon a face.
            for part in (10, *range(1, 20)) if shape.code == code else ():
                place = self._to_widget().map(QPointF(box.center().x(), box.top() + box.height() * part / 20))
                if self.part_at(place) == code:
                    yield place

    # -- room --------------------------------------------------------------------------------------------------

    def sizeHint(self) -> QSize:
        width = current_scale().px(_MOST_WIDTH)
        return QSize(width, self.heightForWidth(width))

    def minimumSizeHint(self) -> QSize:
        return QSize(_LEAST_WIDTH, self.heightForWidth(_LEAST_WIDTH))

    def heightForWidth(self, width: int) -> int:
        drawn = min(width, current_scale().px(_MOST_WIDTH))
        return round(drawn * SIZE.height() / SIZE.width())

    def _to_widget(self) -> QTransform:
        factor = min(self.width() / SIZE.width(), self.height() / SIZE.height())
        left = (self.width() - SIZE.width() * factor) / 2
        return QTransform.fromTranslate(left, 0).scale(factor, factor)

    # -- what is seen and clicked --------------------------------------------------------------------------------

    def paintEvent(self, _event: QPaintEvent) -> None:
        tokens, inks = current_tokens(), current_tokens().inks(Tone.DANGER)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setTransform(self._to_widget())
        quiet, marked = QPen(QColor(tokens.field_line), _LINE), QPen(QColor(inks.ink), _MARKED_LINE)
        for shape in self._shapes:
            is_marked = shape.code in self._marked
            fill = inks.soft if is_marked else tokens.hover if shape.code == self._under else tokens.surface
            painter.setPen(marked if is_marked else quiet)
            painter.setBrush(QColor(fill))
            painter.drawPath(shape.path)
            if is_marked:
                # Colour is never the only sign.
                hatch = QBrush(QColor(inks.ink), Qt.BrushStyle.BDiagPattern)
                hatch.setTransform(QTransform.fromScale(0.5, 0.5))
                painter.setBrush(hatch)
                painter.drawPath(shape.path)
        self._paint_captions(painter, QColor(tokens.muted))
        painter.end()

    def _paint_captions(self, painter: QPainter, ink: QColor) -> None:
        where = self._to_widget()
        painter.resetTransform()
        painter.setPen(ink)
        painter.setFont(current_scale().font(TextStyle.SMALL))
        right, left = self._sides
        for caption, box, sides in zip(
            self._captions, figures(), ((right, left), (right, left), (left, right)), strict=True
        ):
            foot = where.mapRect(QRectF(box.left(), box.bottom(), box.width(), SIZE.height() - box.bottom()))
            painter.drawText(foot, Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop, caption)
            head = where.mapRect(QRectF(box.left(), 0, box.width(), 30))
            painter.drawText(head, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop, sides[0])
            painter.drawText(head, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignTop, sides[1])

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        under = self.part_at(event.position())
        if under != self._under:
            self._under = under
            self.update()
            QToolTip.showText(event.globalPosition().toPoint(), "" if under is None else self._words[under], self)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        part = self.part_at(event.position())
        if part is not None and event.button() is Qt.MouseButton.LeftButton:
            self.part_clicked.emit(part)
