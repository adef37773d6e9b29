"""The end of a day by keyboard: each dose without an answer gets one from a person, until none is left (W4)."""

from datetime import datetime, time

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QWidget

from wc_desktop.ui.theme.icons import Icon
from wc_desktop.ui.theme.tone import Tone
from wc_desktop.ui.viewmodels.end_of_day import ANSWERS, DayTyped, EndOfDayModel, say
from wc_desktop.ui.viewmodels.session import Session
from wc_desktop.ui.viewmodels.words import local
from wc_desktop.ui.views.findings_part import FindingsPart
from wc_desktop.ui.views.typed_moment import MomentField
from wc_desktop.ui.views.window_sheet import WindowSheet
from wc_desktop.ui.widgets.alert_banner import AlertBanner
from wc_desktop.ui.widgets.check_box import CheckBox
from wc_desktop.ui.widgets.choice_fields import Choice, ChoiceList
from wc_desktop.ui.widgets.fact_list import Fact, FactList
from wc_desktop.ui.widgets.labels import LabelStyle, TextLabel
from wc_desktop.ui.widgets.text_fields import TextField


class EndOfDaySheet(WindowSheet):
    """`begin` opens it. Saving goes on to the next dose; with the last one it closes. Esc keeps what was typed."""

    def __init__(self, model: EndOfDayModel, session: Session, parent: QWidget) -> None:
        super().__init__("", "", parent, width=680)
        self.set_title(self.tr("End of day"))
        self.action_button.setText(self.tr("&Save answer"))
        self.leave_button.setText(self.tr("&Back"))
        self._model = model
        self._session = session
        self._filling = False  # the fields change because the model did, not because somebody types
        self._none = TextLabel("", LabelStyle.BODY, self)
        self.day = ChoiceList(self.tr("&Day"), (), most_lines=3)
        self.which = ChoiceList(self.tr("&Without an answer"), (), most_lines=5)
        self._student = TextLabel("", LabelStyle.HEADING, self)
        self._about = TextLabel("", LabelStyle.BODY, self)
        self._alike = AlertBanner(Tone.WARNING, "", self, icon=Icon.USERS)
        self._allergies = AlertBanner(Tone.DANGER, "", self)
        self._rights = FactList(self)
        self._calendar = AlertBanner(Tone.INFO, "", self)
        choices = tuple(Choice(key=state.value, words=say(words)) for state, words in ANSWERS.items())
        self.answer = ChoiceList(self.tr("W&hat happened"), choices, most_lines=len(choices))
        self.others = CheckBox("", self)
        self._findings = FindingsPart(self)
        self.moment = MomentField(self.tr("When it was &given"), self._now)
        self.why = ChoiceList(self.tr("Wh&y"), (), most_lines=5)
        self.other = TextField(self.tr("&Or in your own words"))
        self._failure = AlertBanner(Tone.DANGER, "", self)
        for part in (
            self.day, self._none, self.which, self._student, self._about, self._alike, self._allergies, self._rights,
            self._calendar, self.answer, self.others, self.moment, self._findings, self.why, self.other, self._failure,
        ):  # fmt: skip
            self.body.addWidget(part)
        self.body.addStretch(1)
        self.day.changed.connect(self._on_day_chosen)
        self.which.changed.connect(self._on_chosen)
        for field in (self.answer, self.moment, self.why, self.other):
            field.changed.connect(self._on_typed)
        self.others.toggled.connect(self._on_typed)
        self.completed.connect(model.save)
        model.chosen_changed.connect(self._on_slot_changed)
        model.changed.connect(self._on_changed)
        model.all_answered.connect(self.finish)

    def begin(self) -> None:
        """Open on the first dose without an answer, or where it was left."""
        self._findings.begin()
        self._model.begin()
        self._show()
        self.set_first_focus(self.which.editor if self._model.open_slots else self.leave_button)
        self.open()
        self.fit_soon()

    def _now(self) -> datetime:
        """Return what typed times are reckoned from: of an earlier day, its end."""
        now, day = local(self._session.now(), self._session.zone), self._model.day
        return now if day is None else datetime.combine(day, time(23, 59), tzinfo=now.tzinfo)

    # Showing.

    @Slot()
    def _on_slot_changed(self) -> None:
        self._findings.begin()
        if self.isVisible() and self._model.open_slots:
            self.which.setFocus()

    @Slot()
    def _on_changed(self) -> None:
        if self.isVisible():
            self._show()
            self.fit_soon()

    def _show(self) -> None:
        model = self._model
        slots = model.open_slots
        self._filling = True
        self.day.set_choices(tuple(Choice(key=key, words=words) for key, words in model.days))
        self.day.choose("" if model.day is None else model.day.isoformat())
        self.day.setVisible(bool(model.days))
        self._none.setText(model.none_left)
        self.which.set_choices(tuple(Choice(key=row.key, words=model.line(row)) for row in slots))
        chosen = model.chosen
        if chosen is not None and self.which.key != chosen.key:
            self.which.choose(chosen.key)
        self._show_rights()
        self._show_typed()
        self._filling = False
        self._none.setVisible(not slots)
        for part in (self.which, self.answer):
            part.setVisible(bool(slots))
        # Above what scrolls: the right child and drug stay in view. The window's own title names nobody.
        self.heading.setText(model.heading or self.windowTitle())
        self._findings.show_findings(model.findings)
        _show_banner(self._failure, Tone.DANGER, model.failure)
        self.say_step(model.next_step)
        self.set_ready(ready=model.can_save)
        self.action_button.setVisible(bool(slots))

    def _show_rights(self) -> None:
        words = self._model.words
        for part in (self._student, self._about, self._rights):
            part.setVisible(words is not None)
        _show_banner(self._alike, Tone.WARNING, "" if words is None else words.alike)
        _show_banner(self._allergies, Tone.DANGER, "" if words is None else words.allergies)
        _show_banner(self._calendar, Tone.INFO, self._model.why_open)
        if words is None:
            return
        self._student.setText(words.student)
        self._about.setText(" · ".join(filter(None, (words.also, words.place, words.born))))
        facts = [
            Fact(label=self.tr("Medicine"), value=f"{words.drug}  {words.strength}", strong=True),
            Fact(label=self.tr("Dose and route"), value=words.dose, strong=True),
        ]
        if words.controlled:
            facts.append(Fact(label=self.tr("Note"), value=words.controlled))
        facts.extend(Fact(label=label, value=value) for label, value in words.right_time)
        self._rights.set_facts(facts)

    def _show_typed(self) -> None:
        model, typed = self._model, self._model.typed
        if self.answer.key != (typed.state or None):
            self.answer.choose(typed.state or None)
        self.why.set_choices(tuple(Choice(key=words, words=words) for words in model.reasons))
        if self.why.key != (typed.choice or None):
            self.why.choose(typed.choice or None)
        if self.other.text != typed.text:
            self.other.set_text(typed.text)
        if self.moment.value != typed.moment:
            self.moment.set_value(typed.moment)
        self.others.setText(model.others_words)
        self.others.setChecked(typed.others)
        self.others.setVisible(bool(model.others))
        said = model.state is not None
        self.moment.setVisible(model.asks_time)
        self.why.setVisible(said)
        self.other.setVisible(said)

    # What the nurse does.

    @Slot()
    def _on_day_chosen(self) -> None:
        if not self._filling:
            self._model.choose_day(self.day.key)

    @Slot()
    def _on_chosen(self) -> None:
        if not self._filling:
            self._model.choose(self.which.key)

    @Slot()
    def _on_typed(self) -> None:
        if not self._filling:
            typed = DayTyped(
                state=self.answer.key or "",
                choice=self.why.key or "",
                text=self.other.text,
                moment=self.moment.value,
                others=self.others.isChecked(),
            )
            self._model.type(typed)


def _show_banner(banner: AlertBanner, tone: Tone, words: str) -> None:
    if words:
        banner.set_alert(tone, words)
    banner.setVisible(bool(words))
