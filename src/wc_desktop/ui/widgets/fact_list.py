"""Label and value in rows."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QWidget

from wc_desktop.ui.theme.tone import Tone
from wc_desktop.ui.theme.type_scale import current_scale
from wc_desktop.ui.widgets.labels import LabelStyle, TextLabel


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One row: `label` in small letters, `value` whole, wrapping."""

    label: str
    value: str
    tone: Tone | None = None
    strong: bool = False


class FactList(QWidget):
    """Facts in two columns. A screen reader hears each as "label: value"."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("area", "clear")
        scale = current_scale()
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(scale.px(14))
        self._grid.setVerticalSpacing(scale.px(5))
        self._grid.setColumnStretch(1, 1)
        self._facts: tuple[Fact, ...] = ()
        self._labels: list[tuple[TextLabel, TextLabel]] = []

    @property
    def facts(self) -> tuple[Fact, ...]:
        return self._facts

    def set_facts(self, facts: Sequence[Fact]) -> None:
        """Show these facts. Labels are reused, so nothing flickers while rows are walked through."""
        self._facts = tuple(facts)
        while len(self._labels) < len(facts):
            self._add_row()
        for number, (label, value) in enumerate(self._labels):
            shown = number < len(facts)
            label.setVisible(shown)
            value.setVisible(shown)
            if shown:
                self._fill(label, value, facts[number])

    def _add_row(self) -> None:
        row = len(self._labels)
        label = TextLabel("", LabelStyle.SMALL, self, wraps=False)
        value = TextLabel("", LabelStyle.BODY, self)
        value.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        value.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        top = Qt.AlignmentFlag.AlignTop
        self._grid.addWidget(label, row, 0, top)
        self._grid.addWidget(value, row, 1, top)
        # The small label stands on the value's baseline, not above it.
        label.setContentsMargins(0, max((value.sizeHint().height() - label.sizeHint().height()) - 1, 0), 0, 0)
        self._labels.append((label, value))

    def _fill(self, label: TextLabel, value: TextLabel, fact: Fact) -> None:
        label.setText(fact.label)
        value.setText(fact.value)
        value.setAccessibleName(f"{fact.label}: {fact.value}")
        value.setProperty("text_style", (LabelStyle.STRONG if fact.strong else LabelStyle.BODY).value)
        value.set_tone(fact.tone)
