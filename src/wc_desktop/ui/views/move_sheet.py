"""What leaves a container: returned, wasted, destroyed; by how much it is adjusted; who saw the waste."""

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QWidget

from wc_contract.model.office_values import LedgerEvent
from wc_contract.rules.stock import signed
from wc_desktop.domain.screens import PersonRow
from wc_desktop.domain.stock_views import Movement
from wc_desktop.ui.theme.icons import Icon
from wc_desktop.ui.theme.tone import Tone
from wc_desktop.ui.viewmodels.stock_words import StockVerb, StockWords, amount_typed, amount_words
from wc_desktop.ui.views.second_person import SecondPersonFields
from wc_desktop.ui.views.window_sheet import WindowSheet
from wc_desktop.ui.widgets.alert_banner import AlertBanner
from wc_desktop.ui.widgets.announce import announce
from wc_desktop.ui.widgets.check_box import CheckBox
from wc_desktop.ui.widgets.labels import LabelStyle, TextLabel
from wc_desktop.ui.widgets.text_fields import NotesField, TextField

EVENTS = {
    StockVerb.RETURN: LedgerEvent.RETURNED,
    StockVerb.WASTE: LedgerEvent.WASTED,
    StockVerb.DESTROY: LedgerEvent.DESTROYED,
    StockVerb.ADJUST: LedgerEvent.ADJUSTED,
}
_BY_TWO = frozenset({StockVerb.WASTE, StockVerb.DESTROY, StockVerb.ADJUST, StockVerb.WITNESS})


class MoveSheet(WindowSheet):
    """`move_wanted` carries a Movement, `witness_wanted` a SecondPerson. Stays open until `finish`."""

    move_wanted = Signal(object)
    witness_wanted = Signal(object)

    def __init__(self, parent: QWidget) -> None:
        super().__init__("", "", parent, leave=self.tr("&Back"), width=580)
        self._words: StockWords | None = None
        self._verb = StockVerb.RETURN
        self._about = TextLabel("", LabelStyle.HEADING, self)
        self._lead = AlertBanner(Tone.INFO, "", self, icon=Icon.INFO)
        self.amount = TextField(self.tr("&Amount"))
        self.reason = NotesField(self.tr("&Why"), lines=2)
        self.alone = CheckBox(self.tr("&Nobody can witness it now"), self)
        self.second = SecondPersonFields(self)
        self._after = TextLabel("", LabelStyle.STRONG, self)
        self._failure = AlertBanner(Tone.DANGER, "", self)
        for part in (self._about, self._lead, self.amount, self._after, self.reason, self.alone, self.second):
            self.body.addWidget(part)
        self.body.addWidget(self._failure)
        self.body.addStretch(1)
        for field in (self.amount, self.reason, self.second):
            field.changed.connect(self._on_changed)
        self.alone.toggled.connect(self._on_alone)
        self.completed.connect(self._on_completed)

    def ask(self, words: StockWords, verb: StockVerb, people: tuple[PersonRow, ...]) -> None:
        """Open for a container and a verb. What was typed for the same ones before is there still."""
        if self._words is None or self._words.key != words.key or self._verb is not verb:
            self.amount.set_text("")
            self.reason.set_text("")
        self._words, self._verb = words, verb
        witnessing = verb is StockVerb.WITNESS
        title, action, lead = self._texts(verb, controlled=words.row.is_controlled)
        self.set_title(title)
        self.action_button.setText(action)
        self._about.setText(f"{words.child} · {words.drug} {words.strength}")
        self._lead.set_alert(Tone.WARNING if verb is StockVerb.ADJUST else Tone.INFO, lead)
        self.amount.set_hint(self._amount_hint(words, verb))
        for part in (self.amount, self.reason, self._after):
            part.setVisible(not witnessing)
        self.alone.setChecked(False)
        self.alone.setVisible(verb is StockVerb.WASTE and words.row.is_controlled)
        self.second.set_people(people)
        self._failure.hide()
        self.set_first_focus(self.second.person.editor if witnessing else self.amount.editor)
        self._on_changed()
        self.open()
        self.fit_soon()

    def _texts(self, verb: StockVerb, *, controlled: bool) -> tuple[str, str, str]:
        two = self.tr("A second person sees it and types their own password.") if controlled else ""
        titles = {
            StockVerb.RETURN: (self.tr("Return to the family"), self.tr("&Save return"), self.tr(
                "Count it with who takes it; say who that is."
            )),
            StockVerb.WASTE: (self.tr("Waste"), self.tr("&Save waste"), two or self.tr("Say what happened to it.")),
            StockVerb.DESTROY: (
                self.tr("Destroy"), self.tr("&Save disposal"), two or self.tr("Say how it was disposed of."),
            ),
            StockVerb.ADJUST: (self.tr("Adjust the balance"), self.tr("&Save adjustment"), self.tr(
                "Only a supervisor adjusts, after the difference was looked into. The line stays in the ledger."
            )),
            StockVerb.WITNESS: (self.tr("Witness waste"), self.tr("&Save witness"), self.tr(
                "Show the waste that was set aside. Whoever sees it now types their own password."
            )),
        }  # fmt: skip
        return titles[verb]

    def _amount_hint(self, words: StockWords, verb: StockVerb) -> str:
        if verb is StockVerb.ADJUST:
            return self.tr("What is to be added, like 2, or taken off, like -1. On record: {balance}").format(
                balance=words.balance
            )
        return self.tr("On record: {balance}").format(balance=words.balance)

    def say_failure(self, words: str) -> None:
        """Say why it was not saved; what was typed stays, but no password."""
        self.second.password.clear()
        self._failure.set_alert(Tone.DANGER, words)
        self._failure.show()
        announce(self._failure, words, urgent=True)
        self._on_changed()
        self.fit_soon()

    @property
    def _needs_two(self) -> bool:
        controlled = self._words is not None and self._words.row.is_controlled
        return controlled and self._verb in _BY_TWO and not self.alone.isChecked()

    @Slot()
    def _on_alone(self) -> None:
        self._on_changed()
        self.fit_soon()

    @Slot()
    def _on_changed(self) -> None:
        self.second.setVisible(self._needs_two)
        self._after.setText(self._after_words())
        step = self._step()
        self.say_step(step)
        self.set_ready(ready=not step)

    def _after_words(self) -> str:
        words = self._words
        amount = amount_typed(self.amount.text, below_zero=self._verb is StockVerb.ADJUST)
        if words is None or amount is None or self._verb is StockVerb.WITNESS:
            return ""
        after = words.row.balance + signed(EVENTS[self._verb], amount)
        left = self.tr("Then there are: {amount}").format(amount=amount_words(after, words.row.unit))
        return (
            left if after >= 0 else self.tr("{left}. That is below zero: it is saved, and flagged.").format(left=left)
        )

    def _step(self) -> str:
        if self._verb is not StockVerb.WITNESS:
            if amount_typed(self.amount.text, below_zero=self._verb is StockVerb.ADJUST) is None:
                return self.tr("Type the amount as a number, like 2.5.")
            if not self.reason.text.strip():
                return self.tr("Say why.")
        if self.alone.isChecked() and self._verb is StockVerb.WASTE:
            return ""
        return self.second.missing if self._needs_two else ""

    @Slot()
    def _on_completed(self) -> None:
        words = self._words
        if words is None:
            return
        second = self.second.second if self._needs_two else None
        if self._verb is StockVerb.WITNESS:
            if second is not None:
                self.witness_wanted.emit(second)
            return
        amount = amount_typed(self.amount.text, below_zero=self._verb is StockVerb.ADJUST)
        if amount is not None:
            self.move_wanted.emit(
                Movement(
                    container=words.key,
                    event=EVENTS[self._verb],
                    amount=amount,
                    reason=self.reason.text.strip(),
                    second=second,
                )
            )

    def forget(self) -> None:
        """Begin with empty fields next time: it was saved."""
        self._words = None
