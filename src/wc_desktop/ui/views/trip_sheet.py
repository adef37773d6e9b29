"""Medicine for a trip: signed out with who carries it, and signed back (C8)."""

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QWidget

from wc_desktop.domain.screens import PersonRow
from wc_desktop.domain.stock_views import TripDraft, TripOut, TripReturn
from wc_desktop.ui.theme.icons import Icon
from wc_desktop.ui.theme.tone import Tone
from wc_desktop.ui.viewmodels.review import number_found
from wc_desktop.ui.viewmodels.stock_words import StockWords, amount_typed, trip_words
from wc_desktop.ui.viewmodels.words import person_name
from wc_desktop.ui.views.second_person import SecondPersonFields
from wc_desktop.ui.views.window_sheet import WindowSheet
from wc_desktop.ui.widgets.alert_banner import AlertBanner
from wc_desktop.ui.widgets.announce import announce
from wc_desktop.ui.widgets.choice_fields import Choice, ChoiceList
from wc_desktop.ui.widgets.labels import LabelStyle, TextLabel
from wc_desktop.ui.widgets.text_fields import TextField


class TripSheet(WindowSheet):
    """`out_wanted` carries a TripDraft, `back_wanted` a TripReturn. Stays open until `finish`."""

    out_wanted = Signal(object)
    back_wanted = Signal(object)

    def __init__(self, parent: QWidget) -> None:
        super().__init__("", "", parent, leave=self.tr("&Back"), width=580)
        self._words: StockWords | None = None
        self._carriers: tuple[PersonRow, ...] = ()
        self._trip: TripOut | None = None
        self._about = TextLabel("", LabelStyle.HEADING, self)
        self._lead = AlertBanner(Tone.INFO, "", self, icon=Icon.INFO)
        self.trip = TextField(self.tr("&Trip"), hint=self.tr("Where to, like: Museum"))
        self.carrier = ChoiceList(self.tr("&Who carries it"), (), most_lines=4)
        self.amount = TextField(self.tr("&Amount"))
        self.second = SecondPersonFields(self)
        self._failure = AlertBanner(Tone.DANGER, "", self)
        for part in (self._about, self._lead, self.trip, self.carrier, self.amount, self.second, self._failure):
            self.body.addWidget(part)
        self.body.addStretch(1)
        for field in (self.trip, self.carrier, self.amount, self.second):
            field.changed.connect(self._on_changed)
        self.completed.connect(self._on_completed)

    def ask_out(self, words: StockWords, people: tuple[PersonRow, ...], carriers: tuple[PersonRow, ...]) -> None:
        """Open for what goes; what was typed for the same container before is there still."""
        if self._words is None or self._words.key != words.key or self._trip is not None:
            self.trip.set_text("")
            self.amount.set_text("")
        self._carriers = carriers
        self.carrier.set_choices(tuple(Choice(key=str(one.id), words=person_name(one)) for one in carriers))
        self.set_title(self.tr("Send on a trip"))
        self.action_button.setText(self.tr("&Sign out"))
        self._lead.set_alert(
            Tone.INFO, self.tr("The bottle stays. Count what goes, label it, seal it in an envelope, and sign it out.")
        )
        self.amount.set_hint(self.tr("On record: {balance}").format(balance=words.balance))
        self._ask(words, None, people)

    def ask_back(self, words: StockWords, trip: TripOut, people: tuple[PersonRow, ...]) -> None:
        """Open for what came back of a trip."""
        self.amount.set_text("")
        self.set_title(self.tr("Back from a trip"))
        self.action_button.setText(self.tr("&Sign in"))
        self._lead.set_alert(Tone.INFO, trip_words(trip, words.row.unit))
        self.amount.set_hint(self.tr("What is in the envelope still; 0 when nothing is."))
        self._ask(words, trip, people)

    def _ask(self, words: StockWords, trip: TripOut | None, people: tuple[PersonRow, ...]) -> None:
        self._words, self._trip = words, trip
        self._about.setText(f"{words.child} · {words.drug} {words.strength}")
        for field in (self.trip, self.carrier):
            field.setVisible(trip is None)
        self.second.setVisible(words.row.is_controlled)
        self.second.set_people(people)
        self._failure.hide()
        self.set_first_focus(self.trip.editor if trip is None else self.amount.editor)
        self._on_changed()
        self.open()
        self.fit_soon()

    def say_failure(self, words: str) -> None:
        """Say why it was not saved; what was typed stays, but no password."""
        self.second.password.clear()
        self._failure.set_alert(Tone.DANGER, words)
        self._failure.show()
        announce(self._failure, words, urgent=True)
        self._on_changed()
        self.fit_soon()

    def forget(self) -> None:
        """Begin with empty fields next time: it was saved."""
        self._words = None

    @Slot()
    def _on_changed(self) -> None:
        step = self._step()
        self.say_step(step)
        self.set_ready(ready=not step)

    def _step(self) -> str:
        back, trip = number_found(self.amount.text), self._trip
        controlled = self._words is not None and self._words.row.is_controlled
        steps = (
            (trip is not None or bool(self.trip.text.strip()), self.tr("Say where the trip goes.")),
            (trip is not None or self.carrier.key is not None, self.tr("Choose who carries it.")),
            (
                amount_typed(self.amount.text) is not None if trip is None else back is not None,
                self.tr("Type the amount as a number, like 2.5."),
            ),
            (trip is None or back is None or back <= trip.quantity, self.tr("No more comes back than went.")),
            (not controlled or not self.second.missing, self.second.missing),
        )
        return next((words for done, words in steps if not done), "")

    @Slot()
    def _on_completed(self) -> None:
        words, trip = self._words, self._trip
        if words is None:
            return
        second = self.second.second if words.row.is_controlled else None
        if trip is not None:
            back = number_found(self.amount.text)
            if back is not None:
                self.back_wanted.emit(TripReturn(trip=trip.id, amount=back, second=second))
            return
        amount = amount_typed(self.amount.text)
        carrier = next((one.id for one in self._carriers if str(one.id) == self.carrier.key), None)
        if amount is not None and carrier is not None:
            self.out_wanted.emit(
                TripDraft(
                    container=words.key, carrier=carrier, trip=self.trip.text.strip(), amount=amount, second=second
                )
            )
