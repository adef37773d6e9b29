"""A dose put right on a sheet: what happened, when, how much, why. Used for corrections and for refused entries."""

from collections.abc import Callable
from datetime import datetime

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QWidget

from wc_contract.model.instants import instant_to_text
from wc_contract.model.values import DoseState
from wc_desktop.domain.screens import DoseCorrection
from wc_desktop.ui.theme.icons import Icon
from wc_desktop.ui.theme.tone import Tone
from wc_desktop.ui.viewmodels.correction import STATES, CorrectionTyped, correction_of, next_step, typed_of
from wc_desktop.ui.viewmodels.words import dose_state_words
from wc_desktop.ui.views.typed_moment import MomentField
from wc_desktop.ui.views.window_sheet import WindowSheet
from wc_desktop.ui.widgets.alert_banner import AlertBanner
from wc_desktop.ui.widgets.choice_fields import Choice, ChoiceList
from wc_desktop.ui.widgets.labels import LabelStyle, TextLabel
from wc_desktop.ui.widgets.text_fields import NotesField, TextField


class CorrectionSheet(WindowSheet):
    """`save_wanted` carries a DoseCorrection. Stays open, with what was typed, until `finish`."""

    save_wanted = Signal(object)

    def __init__(self, now: Callable[[], datetime], parent: QWidget, states: tuple[DoseState, ...] = STATES) -> None:
        super().__init__("", "", parent, leave=self.tr("&Back"), width=620)
        self._unit = ""
        self._about = TextLabel("", LabelStyle.HEADING, self)
        self._lead = AlertBanner(Tone.INFO, "", self, icon=Icon.HISTORY)
        choices = tuple(Choice(key=state.value, words=dose_state_words(state)) for state in states)
        self.state = ChoiceList(self.tr("What &happened"), choices, most_lines=5)
        self.moment = MomentField(self.tr("&When"), now)
        self.amount = TextField(self.tr("&Amount"))
        self.reason = NotesField(self.tr("&Reason"), lines=2)
        self.why = NotesField(self.tr("Wh&y it is corrected"), lines=2)
        self._failure = AlertBanner(Tone.DANGER, "", self)
        parts = (self._about, self._lead, self.state, self.moment, self.amount, self.reason, self.why, self._failure)
        for part in parts:
            self.body.addWidget(part)
        self.body.addStretch(1)
        for field in (self.state, self.moment, self.amount, self.reason, self.why):
            field.changed.connect(self._on_changed)
        self.set_first_focus(self.state.editor)
        self.completed.connect(self._on_completed)

    def ask(self, title: str, action: str, about: str, lead: str, dose: DoseCorrection, unit: str) -> None:
        """Open, filled in with what a dose says."""
        self.set_title(title)
        self.action_button.setText(action)
        self._about.setText(about)
        self._lead.set_alert(Tone.INFO, lead)
        typed = typed_of(dose, unit, instant_to_text(dose.administered_at))
        self._unit = typed.unit
        self.amount.set_hint(self.tr("In {unit}").format(unit=typed.unit) if typed.unit else "")
        self.state.choose(typed.status)
        self.moment.set_value(typed.moment)
        self.amount.set_text(typed.amount)
        self.reason.set_text(typed.reason)
        self.why.set_text(typed.why)
        self._failure.hide()
        self._on_changed()
        self.open()
        self.fit_soon()

    def say_failure(self, words: str) -> None:
        """Say why it was not saved; what was typed stays."""
        self._failure.set_alert(Tone.DANGER, words)
        self._failure.show()
        self.fit_soon()

    @property
    def typed(self) -> CorrectionTyped:
        return CorrectionTyped(
            status=self.state.key,
            moment=self.moment.value,
            amount=self.amount.text,
            unit=self._unit,
            reason=self.reason.text,
            why=self.why.text,
        )

    @Slot()
    def _on_changed(self) -> None:
        typed = self.typed
        state = None if typed.status is None else DoseState(typed.status)
        for field, asked in (
            (self.amount, state is not None and state.given),
            (self.reason, state is not DoseState.ENTERED_IN_ERROR),
        ):
            if field.isVisibleTo(self) != asked:
                field.setVisible(asked)
                self.fit_soon()
        step = next_step(typed)
        self.say_step(step)
        self.set_ready(ready=not step)

    @Slot()
    def _on_completed(self) -> None:
        correction = correction_of(self.typed)
        if correction is not None:
            self.save_wanted.emit(correction)
