"""The right pane of the medication pass: the chosen dose in full, and what can be done with it."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QScrollArea, QVBoxLayout, QWidget

from wc_desktop.ui.theme.icons import Icon
from wc_desktop.ui.theme.tone import Tone
from wc_desktop.ui.theme.type_scale import current_scale
from wc_desktop.ui.viewmodels.pane_words import PaneWords
from wc_desktop.ui.widgets.alert_banner import AlertBanner
from wc_desktop.ui.widgets.buttons import PrimaryButton, QuietButton, SecondaryButton
from wc_desktop.ui.widgets.card import Card
from wc_desktop.ui.widgets.fact_list import Fact, FactList
from wc_desktop.ui.widgets.labels import LabelStyle, TextLabel

PANE_WIDTH = 304


class DuePane(Card):
    """Shows one dose. Safety marks wrap; when the screen is low the pane scrolls, its buttons stay."""

    give_asked = Signal()
    refuse_asked = Signal()
    hold_asked = Signal()
    absent_asked = Signal()
    chart_asked = Signal()
    as_needed_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent, margin=16, spacing=10)
        self.body.addWidget(self._build_words(), 1)
        self.body.addLayout(self._build_buttons())
        self.show_words(None)

    def _build_words(self) -> QScrollArea:
        scale = current_scale()
        inside = QWidget(self)
        inside.setProperty("area", "clear")
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, scale.px(4), 0)
        column.setSpacing(scale.px(7))
        self._student = TextLabel("", LabelStyle.HEADING, inside)
        self._about = TextLabel("", LabelStyle.MUTED, inside)
        self._double = AlertBanner(Tone.DANGER, "", inside, icon=Icon.OCTAGON_ALERT)
        self._alike = AlertBanner(Tone.WARNING, "", inside, icon=Icon.USERS)
        self._allergies = AlertBanner(Tone.DANGER, "", inside)
        self._eyebrow = TextLabel(self.tr("MEDICATION"), LabelStyle.EYEBROW, inside)
        self._drug = TextLabel("", LabelStyle.HEADING, inside)
        self._dose = TextLabel("", LabelStyle.BODY, inside)
        self._facts = FactList(inside)
        for part in (
            self._student, self._about, self._double, self._alike, self._allergies,
            self._eyebrow, self._drug, self._dose, self._facts,
        ):  # fmt: skip
            column.addWidget(part)
        column.addStretch(1)
        area = QScrollArea(self)
        area.setWidgetResizable(True)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setWidget(inside)
        return area

    def _build_buttons(self) -> QGridLayout:
        grid = QGridLayout()
        grid.setSpacing(current_scale().px(8))
        self.give = PrimaryButton(self.tr("&Give dose"), self)
        self.refuse = SecondaryButton(self.tr("&Refused"), self)
        self.hold = SecondaryButton(self.tr("&Hold"), self)
        self.absent = SecondaryButton(self.tr("A&bsent"), self)
        self.chart = QuietButton(self.tr("Open &chart"), self, icon=Icon.FILE_TEXT)
        # For any child, whatever the list stands on.
        self.as_needed = SecondaryButton(self.tr("As &needed…"), self, icon=Icon.PILL)
        for button, asked in (
            (self.give, self.give_asked),
            (self.refuse, self.refuse_asked),
            (self.hold, self.hold_asked),
            (self.absent, self.absent_asked),
            (self.chart, self.chart_asked),
            (self.as_needed, self.as_needed_asked),
        ):
            button.clicked.connect(asked)
        grid.addWidget(self.give, 0, 0, 1, 2)
        grid.addWidget(self.refuse, 1, 0)
        grid.addWidget(self.hold, 1, 1)
        grid.addWidget(self.absent, 2, 0)
        grid.addWidget(self.chart, 2, 1)
        grid.addWidget(self.as_needed, 3, 0, 1, 2)
        return grid

    def show_words(self, words: PaneWords | None) -> None:
        """Show a dose; without one the pane says what to do."""
        for button in (self.give, self.refuse, self.hold, self.absent, self.chart):
            button.setEnabled(words is not None)
        for part in (self._about, self._eyebrow, self._drug, self._dose, self._facts):
            part.setVisible(words is not None)
        if words is None:
            self._student.setText(self.tr("Choose a dose"))
            for banner in (self._double, self._alike, self._allergies):
                banner.hide()
            return
        # A dose that is answered may still be followed by a fact; the button says that it would be a second one.
        self.give.setText(self.tr("&Give again…") if words.is_answered else self.tr("&Give dose"))
        self._student.setText(words.student)
        lead = " · ".join(filter(None, (words.also, words.place)))
        self._about.setText(f"{lead}\n{words.born}")
        self._drug.setText(words.drug)
        controlled = f"\n{words.controlled}" if words.controlled else ""
        self._dose.setText("\n".join(filter(None, (words.strength, words.dose, words.note))) + controlled)
        self._facts.set_facts(tuple(Fact(label=label, value=value) for label, value in words.facts))
        _show_banner(self._double, Tone.DANGER, words.double)
        _show_banner(self._alike, Tone.WARNING, words.alike)
        _show_banner(self._allergies, Tone.DANGER, words.allergies)


def _show_banner(banner: AlertBanner, tone: Tone, words: str) -> None:
    if words:
        banner.set_alert(tone, words)
    banner.setVisible(bool(words))
