"""Chips as a widget, for panes and confirms."""

from collections.abc import Sequence

from PySide6.QtCore import QPoint, QSize
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from wc_desktop.ui.theme.cells import Chip
from wc_desktop.ui.theme.tokens import current_tokens
from wc_desktop.ui.theme.type_scale import current_scale
from wc_desktop.ui.widgets.chip_painter import lay_out_chips, paint_chips
from wc_desktop.ui.widgets.labels import TextLabel

_ONE_LINE = 100_000


class ChipRow(TextLabel):
    """Chips that wrap to the width there is. A screen reader hears one label with all of them."""

    def __init__(self, chips: Sequence[Chip] = (), parent: QWidget | None = None) -> None:
        super().__init__("", parent=parent)
        self._chips: tuple[Chip, ...] = ()
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.set_chips(chips)

    @property
    def chips(self) -> tuple[Chip, ...]:
        return self._chips

    def set_chips(self, chips: Sequence[Chip]) -> None:
        """Show these chips, all of them."""
        self._chips = tuple(chips)
        self.setText(", ".join(chip.spoken for chip in chips))
        self.updateGeometry()
        self.update()

    def heightForWidth(self, width: int) -> int:
        return lay_out_chips(self._chips, width, current_scale()).size.height()

    def sizeHint(self) -> QSize:
        return lay_out_chips(self._chips, _ONE_LINE, current_scale()).size

    def minimumSizeHint(self) -> QSize:
        scale = current_scale()
        widths = [lay_out_chips((chip,), _ONE_LINE, scale).size.width() for chip in self._chips]
        return QSize(max(widths, default=0), self.heightForWidth(max(self.width(), 1)) if self._chips else 0)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        scale = current_scale()
        row = lay_out_chips(self._chips, self.width(), scale)
        paint_chips(painter, QPoint(0, 0), row, scale, current_tokens())
        painter.end()
