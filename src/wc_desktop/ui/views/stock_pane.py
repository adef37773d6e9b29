"""The pane beside the inventory: the chosen container in full, and what can be done with it."""

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QGridLayout, QWidget

from wc_desktop.ui.theme.icons import Icon
from wc_desktop.ui.theme.tone import Tone
from wc_desktop.ui.theme.type_scale import current_scale
from wc_desktop.ui.viewmodels.stock_words import StockVerb, StockWords, trip_words
from wc_desktop.ui.viewmodels.words import day_words
from wc_desktop.ui.widgets.alert_banner import AlertBanner
from wc_desktop.ui.widgets.buttons import QuietButton, SecondaryButton
from wc_desktop.ui.widgets.fact_list import Fact, FactList
from wc_desktop.ui.widgets.labels import LabelStyle, TextLabel
from wc_desktop.ui.widgets.side_pane import SidePane


class StockPane(SidePane):
    """`verb_wanted` carries the StockVerb of the button, `ledger_wanted` comes from the way to the ledger."""

    verb_wanted = Signal(object)
    ledger_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("", parent)
        self.setAccessibleName(self.tr("The chosen container"))
        self._title = TextLabel("", LabelStyle.HEADING, self)
        self._about = TextLabel("", LabelStyle.MUTED, self)
        self._balance = TextLabel("", LabelStyle.TITLE, self)
        self._grave = AlertBanner(Tone.DANGER, "", self)
        self._mild = AlertBanner(Tone.WARNING, "", self)
        self._facts = FactList(self)
        for part in (self._title, self._about, self._balance, self._grave, self._mild, self._facts):
            self.content.addWidget(part)
        self.content.addStretch(1)
        self.buttons = {
            StockVerb.WITNESS: SecondaryButton(self.tr("Witness wa&ste"), self, icon=Icon.EYE),
            StockVerb.COUNT: SecondaryButton(self.tr("&Count"), self),
            StockVerb.RETURN: SecondaryButton(self.tr("Re&turn"), self),
            StockVerb.WASTE: SecondaryButton(self.tr("&Waste"), self),
            StockVerb.DESTROY: SecondaryButton(self.tr("&Destroy"), self),
            StockVerb.ADJUST: SecondaryButton(self.tr("Ad&just"), self),
            StockVerb.TRIP: SecondaryButton(self.tr("Tri&p"), self),
            StockVerb.BACK: SecondaryButton(self.tr("Back &from a trip"), self),
        }
        self.ledger_button = QuietButton(self.tr("Open &ledger"), self, icon=Icon.FILE_TEXT)
        self.foot.addLayout(self._grid())
        for button in self.buttons.values():
            button.clicked.connect(self._on_clicked)
        self.ledger_button.clicked.connect(self.ledger_wanted)
        self.show_words(None, ())

    def _grid(self) -> QGridLayout:
        grid = QGridLayout()
        grid.setSpacing(current_scale().px(8))
        grid.addWidget(self.buttons[StockVerb.WITNESS], 0, 0, 1, 2)
        grid.addWidget(self.buttons[StockVerb.COUNT], 1, 0)
        grid.addWidget(self.buttons[StockVerb.RETURN], 1, 1)
        grid.addWidget(self.buttons[StockVerb.WASTE], 2, 0)
        grid.addWidget(self.buttons[StockVerb.DESTROY], 2, 1)
        grid.addWidget(self.buttons[StockVerb.TRIP], 3, 0)
        grid.addWidget(self.buttons[StockVerb.ADJUST], 3, 1)
        grid.addWidget(self.buttons[StockVerb.BACK], 4, 0, 1, 2)
        grid.addWidget(self.ledger_button, 5, 0, 1, 2)
        return grid

    def show_words(self, words: StockWords | None, verbs: tuple[StockVerb, ...]) -> None:
        """Show a container and the verbs that fit it; without one the pane says what to do."""
        for verb, button in self.buttons.items():
            button.setVisible(verb in verbs)
        self.ledger_button.setVisible(words is not None)
        for part in (self._about, self._balance, self._grave, self._mild, self._facts):
            part.setVisible(words is not None)
        if words is None:
            self._title.setText(self.tr("Choose a container"))
            return
        row = words.row
        self._title.setText(words.child)
        strength = f"{words.drug} {words.strength}".strip()
        self._about.setText("\n".join(filter(None, (words.child_detail, strength, words.controlled))))
        self._balance.setText(words.balance)
        _say(self._grave, Tone.DANGER, [mark.sentence for mark in words.marks if mark.is_grave])
        _say(self._mild, Tone.WARNING, [mark.sentence for mark in words.marks if not mark.is_grave])
        said = (
            (self.tr("State"), words.state),
            (self.tr("Lot"), row.lot),
            (self.tr("Expires"), "" if row.expires_on is None else day_words(row.expires_on)),
            (self.tr("Where"), row.location),
            (self.tr("Label"), row.label),
            (self.tr("Received"), day_words(row.received_on)),
            (self.tr("Counted"), words.counted),
            (self.tr("On a trip"), "\n".join(trip_words(trip, row.unit) for trip in row.trips)),
        )
        self._facts.set_facts(tuple(Fact(label=label, value=value) for label, value in said if value))

    @Slot()
    def _on_clicked(self) -> None:
        pressed = self.sender()
        for verb, button in self.buttons.items():
            if button is pressed:
                self.verb_wanted.emit(verb)


def _say(banner: AlertBanner, tone: Tone, sentences: list[str]) -> None:
    if sentences:
        banner.set_alert(tone, "\n".join(sentences))
    banner.setVisible(bool(sentences))
