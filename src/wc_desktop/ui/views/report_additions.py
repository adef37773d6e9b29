"""The sheets that add to a signed report: a check, a call, a statement, something to be done, an addendum."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QWidget

from wc_contract.model.instants import instant_to_text, whole_millis
from wc_desktop.domain.incident_report import FamilyContact, FollowUp
from wc_desktop.ui.theme.icons import Icon
from wc_desktop.ui.theme.tone import Tone
from wc_desktop.ui.viewmodels.report_additions import (
    DANGER_SIGNS,
    METHODS,
    OUTCOMES,
    SYMPTOMS,
    AddendumTyped,
    AdditionTyped,
    AttemptTyped,
    Bounds,
    CheckTyped,
    DoneTyped,
    FollowUpTyped,
    StatementTyped,
    words_of,
)
from wc_desktop.ui.viewmodels.words import JOINT, day_words
from wc_desktop.ui.views.typed_moment import ComingDayField, MomentField
from wc_desktop.ui.views.window_sheet import WindowSheet
from wc_desktop.ui.widgets.alert_banner import AlertBanner
from wc_desktop.ui.widgets.announce import announce
from wc_desktop.ui.widgets.check_box import CheckBox
from wc_desktop.ui.widgets.choice_fields import CheckList, Choice, ChoiceList
from wc_desktop.ui.widgets.field import FormField
from wc_desktop.ui.widgets.labels import LabelStyle, TextLabel
from wc_desktop.ui.widgets.text_fields import NotesField, TextField

Now = Callable[[], datetime]
_LONGEST_LINE = 120


class AdditionSheet(WindowSheet):
    """One addition. `add_wanted` carries it; the sheet stays, with what was typed, until `finish` and `clear`."""

    add_wanted = Signal(object)

    def __init__(self, parent: QWidget) -> None:
        super().__init__("", "", parent, width=620)
        self.leave_button.setText(self.tr("&Back"))
        self._bounds: Bounds | None = None
        self._about = TextLabel("", LabelStyle.HEADING, self)
        self._failure = AlertBanner(Tone.DANGER, "", self)
        self._failure.hide()
        self.body.addWidget(self._about)
        self.completed.connect(self._on_completed)

    def _hold(self, title: str, action: str, fields: Sequence[FormField | CheckBox]) -> None:
        self.set_title(title)
        self.action_button.setText(action)
        for one in fields:
            self.body.addWidget(one)
            (one.toggled if isinstance(one, CheckBox) else one.changed).connect(self._on_changed)
        self.body.addWidget(self._failure)
        first = fields[0]
        self.set_first_focus(first.editor if isinstance(first, FormField) else first)

    def typed(self) -> AdditionTyped:
        """Return what the sheet holds."""
        raise NotImplementedError

    def clear(self) -> None:
        """Forget what was typed."""
        raise NotImplementedError

    def ask(self, about: str, bounds: Bounds) -> None:
        """Open on a report. What was typed before and not saved is there still."""
        self._bounds = bounds
        self._about.setText(about)
        self._failure.hide()
        self._on_changed()
        self.open()
        self.fit_soon()

    def say_failure(self, words: str) -> None:
        """Say why it was not saved; what was typed stays."""
        self._failure.set_alert(Tone.DANGER, words)
        self._failure.show()
        announce(self._failure, words, urgent=True)
        self._on_changed()
        self.fit_soon()

    @Slot()
    def _on_changed(self) -> None:
        if self._bounds is not None:
            step = self.typed().step(self._bounds)
            self.say_step(step)
            self.set_ready(ready=not step)

    @Slot()
    def _on_completed(self) -> None:
        if self._bounds is not None and not self.typed().step(self._bounds):
            self.set_ready(ready=False)  # until it is saved, or was not
            self.add_wanted.emit(self.typed().draft())


class CheckSheet(AdditionSheet):
    """A look at a child with a head injury (rules.md I2)."""

    def __init__(self, now: Now, parent: QWidget) -> None:
        super().__init__(parent)
        tr = self.tr
        self.dangers = CheckList(
            tr("&Danger signs"),
            _choices(DANGER_SIGNS),
            hint=tr("Space marks a line. Any of these: call 911"),
            most_lines=6,
        )
        self.symptoms = CheckList(tr("Other &signs"), _choices(SYMPTOMS), hint=tr("Space marks a line"), most_lines=6)
        self.nothing = CheckBox(tr("&Nothing of this"))
        self.moment = MomentField(tr("&When"), now)
        self.note = NotesField(tr("N&ote"), lines=2)
        fields = (self.dangers, self.symptoms, self.nothing, self.moment, self.note)
        self._hold(self.tr("Check after a head injury"), self.tr("Write the &check down"), fields)
        self._alarm = AlertBanner(
            Tone.DANGER, self.tr("Call 911 now. Stay with the child, and let nobody move it."), self, icon=Icon.PHONE
        )
        self._alarm.hide()
        self.body.insertWidget(1, self._alarm)

    def ask(self, about: str, bounds: Bounds) -> None:
        if not self.isVisible():
            self.moment.set_value(instant_to_text(whole_millis(bounds.now)))
        super().ask(about, bounds)

    def typed(self) -> CheckTyped:
        return CheckTyped(
            moment=self.moment.value,
            dangers=self.dangers.keys,
            symptoms=self.symptoms.keys,
            nothing=self.nothing.isChecked(),
            note=self.note.text,
        )

    def clear(self) -> None:
        for marks in (self.dangers, self.symptoms):
            marks.mark(())
        self.nothing.setChecked(False)
        self.note.set_text("")

    @Slot()
    def _on_changed(self) -> None:
        super()._on_changed()
        alarm = bool(self.dangers.keys)
        if self._alarm.isVisibleTo(self) != alarm:
            self._alarm.setVisible(alarm)
            self.fit_soon()
            if alarm:
                announce(self._alarm, self.tr("Danger sign: call 911 now."), urgent=True)


class AttemptSheet(AdditionSheet):
    """A try to reach the family (rules.md I6)."""

    def __init__(self, now: Now, parent: QWidget) -> None:
        super().__init__(parent)
        tr = self.tr
        self.contact = ChoiceList(tr("W&ho"), (), most_lines=5)
        self.method = ChoiceList(tr("Ho&w"), _choices(METHODS), most_lines=5)
        self.outcome = ChoiceList(tr("What &came of it"), _choices(OUTCOMES), most_lines=6)
        self.moment = MomentField(tr("Wh&en"), now)
        self.note = NotesField(tr("&Note"), lines=2)
        fields = (self.contact, self.method, self.outcome, self.moment, self.note)
        self._hold(self.tr("Contact with the family"), self.tr("Write the &attempt down"), fields)

    def offer(self, family: Sequence[FamilyContact]) -> None:
        """Name who can be called, with their numbers."""
        self.contact.set_choices(
            tuple(
                Choice(key=str(one.id), words=JOINT.join((f"{one.name} ({one.relationship})", one.phone)))
                for one in family
            )
        )

    def ask(self, about: str, bounds: Bounds) -> None:
        if not self.isVisible():
            self.moment.set_value(instant_to_text(whole_millis(bounds.now)))
        super().ask(about, bounds)

    def typed(self) -> AttemptTyped:
        return AttemptTyped(
            contact=self.contact.key,
            method=self.method.key,
            outcome=self.outcome.key,
            moment=self.moment.value,
            note=self.note.text,
        )

    def clear(self) -> None:
        for choice in (self.contact, self.method, self.outcome):
            choice.choose(None)
        self.note.set_text("")


class StatementSheet(AdditionSheet):
    """What a witness said."""

    def __init__(self, now: Now, parent: QWidget) -> None:
        super().__init__(parent)
        tr = self.tr
        self.name = TextField(tr("W&ho"))
        self.role = TextField(tr("What they are &to the school"), placeholder=tr("Teacher, bus driver, student"))
        for line in (self.name, self.role):
            line.set_max_length(_LONGEST_LINE)
        self.words = NotesField(tr("&What was said"), hint=tr("In their words, as far as possible"), lines=5)
        self.moment = MomentField(tr("Wh&en"), now)
        fields = (self.name, self.role, self.words, self.moment)
        self._hold(self.tr("Statement of a witness"), self.tr("Write the &statement down"), fields)

    def ask(self, about: str, bounds: Bounds) -> None:
        if not self.isVisible():
            self.moment.set_value(instant_to_text(whole_millis(bounds.now)))
        super().ask(about, bounds)

    def typed(self) -> StatementTyped:
        return StatementTyped(name=self.name.text, role=self.role.text, words=self.words.text, moment=self.moment.value)

    def clear(self) -> None:
        for line in (self.name, self.role, self.words):
            line.set_text("")


class FollowUpSheet(AdditionSheet):
    """Something to be done after an incident."""

    def __init__(self, now: Now, parent: QWidget) -> None:
        super().__init__(parent)
        tr = self.tr
        self.action = NotesField(tr("&What is to be done"), lines=3)
        self.day = ComingDayField(tr("&Until"), lambda: now().date())
        self._hold(self.tr("Follow-up"), self.tr("&Plan it"), (self.action, self.day))

    def typed(self) -> FollowUpTyped:
        return FollowUpTyped(action=self.action.text, day=self.day.value)

    def clear(self) -> None:
        self.action.set_text("")
        self.day.set_value("")


class DoneSheet(AdditionSheet):
    """Says that something planned was done."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.which = ChoiceList(self.tr("&What was done"), (), most_lines=6)
        self.note = NotesField(self.tr("&Note"), lines=2)
        self._hold(self.tr("Follow-up done"), self.tr("It was &done"), (self.which, self.note))

    def offer(self, open_ones: Sequence[FollowUp]) -> None:
        """Name what stands out."""
        self.which.set_choices(
            tuple(Choice(key=str(one.id), words=JOINT.join((one.action, day_words(one.due_on)))) for one in open_ones)
        )
        if len(open_ones) == 1:
            self.which.choose(str(open_ones[0].id))

    def typed(self) -> DoneTyped:
        return DoneTyped(which=self.which.key, note=self.note.text)

    def clear(self) -> None:
        self.which.choose(None)
        self.note.set_text("")


class AddendumSheet(AdditionSheet):
    """Adds to a report in words; the report itself stays as it was signed (rules.md I7)."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        hint = self.tr("The report stays as it was signed. This stands beneath it, with your name and the time.")
        self.words = NotesField(self.tr("&What is to be added"), hint=hint, lines=5)
        self._hold(self.tr("Add to the report"), self.tr("&Sign and add"), (self.words,))

    def typed(self) -> AddendumTyped:
        return AddendumTyped(words=self.words.text)

    def clear(self) -> None:
        self.words.set_text("")


def _choices(words: Mapping[str, str]) -> tuple[Choice, ...]:
    return tuple(Choice(key=code, words=words_of(words, code)) for code in words)
