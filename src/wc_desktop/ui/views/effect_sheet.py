"""What a dose as needed did, written down by keyboard (rules.md P4)."""

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QWidget

from wc_contract.model.care_values import Effect
from wc_desktop.domain.effects import EffectSeen
from wc_desktop.ui.theme.tone import Tone
from wc_desktop.ui.viewmodels.effects import EFFECTS, EffectsModel, say
from wc_desktop.ui.views.window_sheet import WindowSheet
from wc_desktop.ui.widgets.alert_banner import AlertBanner
from wc_desktop.ui.widgets.announce import announce
from wc_desktop.ui.widgets.choice_fields import Choice, ChoiceList
from wc_desktop.ui.widgets.text_fields import NotesField


class EffectSheet(WindowSheet):
    """`begin` opens it on the doses that wait. It closes when what was seen is on the disk."""

    def __init__(self, model: EffectsModel, parent: QWidget) -> None:
        super().__init__("", "", parent, width=620)
        self.set_title(self.tr("Did it help?"))
        self.action_button.setText(self.tr("W&rite it down"))
        self.leave_button.setText(self.tr("&Back"))
        self._model = model
        self.which = ChoiceList(self.tr("Who&m"), (), most_lines=6)
        choices = tuple(Choice(key=key, words=say(words)) for key, words in EFFECTS.items())
        self.effect = ChoiceList(self.tr("&What you see"), choices, most_lines=5)
        self.note = NotesField(self.tr("&Note"), lines=2)
        self._failure = AlertBanner(Tone.DANGER, "", self)
        for part in (self.which, self.effect, self.note, self._failure):
            self.body.addWidget(part)
        self.which.changed.connect(self._on_changed)
        self.effect.changed.connect(self._on_changed)
        self.completed.connect(self._on_completed)
        model.saved.connect(self._on_saved)
        model.failed.connect(self._on_failed)

    def begin(self) -> None:
        """Open, on the dose that is due first. What was typed and not saved is there still."""
        waiting = self._model.waiting
        self.which.set_choices(tuple(Choice(key=str(one.dose), words=self._model.words_of(one)) for one in waiting))
        if self.which.key is None and waiting:
            self.which.choose(str(waiting[0].dose))
        self._failure.hide()
        self._on_changed()
        self.set_first_focus(self.which.editor if len(waiting) > 1 else self.effect.editor)
        self.open()
        self.fit_soon()

    @Slot()
    def _on_changed(self) -> None:
        step = ""
        if self.which.key is None:
            step = self.tr("Choose whom it is about.")
        elif self.effect.key is None:
            step = self.tr("Choose what you see.")
        self.say_step(step)
        self.set_ready(ready=not step)

    @Slot()
    def _on_completed(self) -> None:
        chosen = next((one for one in self._model.waiting if str(one.dose) == self.which.key), None)
        if chosen is not None and self.effect.key is not None:
            self.set_ready(ready=False)  # until it is saved, or was not
            effect = Effect(self.effect.key)
            seen = EffectSeen(dose=chosen.dose, at=self._model.now, effect=effect, note=self.note.text.strip())
            self._model.save(seen)

    @Slot()
    def _on_saved(self) -> None:
        self.which.choose(None)
        self.effect.choose(None)
        self.note.set_text("")
        self.finish()

    @Slot(str)
    def _on_failed(self, words: str) -> None:
        if self.isVisible():
            self._failure.set_alert(Tone.DANGER, words)
            self._failure.show()
            announce(self._failure, words, urgent=True)
            self._on_changed()
            self.fit_soon()
