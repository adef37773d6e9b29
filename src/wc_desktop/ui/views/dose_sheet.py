"""The confirm: the rights of one dose, what the rules say, a reason when one is asked for. Enter completes it."""

from typing import Final

from PySide6.QtCore import QEvent, QObject, Qt, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QWidget

from wc_desktop.ui.theme.icons import Icon
from wc_desktop.ui.theme.tone import Tone
from wc_desktop.ui.viewmodels.dose_confirm import DoseConfirmModel
from wc_desktop.ui.viewmodels.pane_words import PaneWords
from wc_desktop.ui.views.findings_part import FindingsPart
from wc_desktop.ui.views.window_sheet import WindowSheet
from wc_desktop.ui.widgets.alert_banner import AlertBanner
from wc_desktop.ui.widgets.choice_fields import Choice, ChoiceList
from wc_desktop.ui.widgets.fact_list import Fact, FactList
from wc_desktop.ui.widgets.labels import LabelStyle, TextLabel
from wc_desktop.ui.widgets.text_fields import TextField

_ENTER: Final = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class DoseSheet(WindowSheet):
    """Bound to one DoseConfirmModel. A held Enter key completes nothing: each dose is a press of its own."""

    def __init__(self, model: DoseConfirmModel, parent: QWidget) -> None:
        super().__init__("", "", parent, leave=self.tr("&Back"), width=600)
        self._model = model
        self._offered: tuple[str, ...] = ()
        self._student = TextLabel("", LabelStyle.HEADING, self)
        self._about = TextLabel("", LabelStyle.BODY, self)
        self._alike = AlertBanner(Tone.WARNING, "", self, icon=Icon.USERS)
        self._allergies = AlertBanner(Tone.DANGER, "", self)
        self._rights = FactList(self)
        self._findings = FindingsPart(self)
        self._reasons = ChoiceList(self.tr("&Why"), (), most_lines=5)
        self._other = TextField(self.tr("&Or in your own words"))
        self._failure = AlertBanner(Tone.DANGER, "", self)
        rights: tuple[QWidget, ...] = (self._student, self._about, self._alike, self._allergies, self._rights)
        asked: tuple[QWidget, ...] = (self._findings, self._reasons, self._other, self._failure)
        for part in rights:
            self.body.addWidget(part)
        for part in asked:
            self.body.addWidget(part)
        self.body.addStretch(1)
        self._reasons.editor.installEventFilter(self)
        self.action_button.installEventFilter(self)
        self._reasons.changed.connect(self._on_chosen)
        self._other.changed.connect(self._on_typed)
        self.completed.connect(model.save)
        self.lock_wanted.connect(model.ask_lock)
        model.opened.connect(self._on_opened)
        model.changed.connect(self._on_changed)
        model.closed.connect(self.finish)

    # Binding.

    @Slot()
    def _on_opened(self) -> None:
        self._findings.begin()
        self.set_title(self._model.verb)
        self.heading.setText(self._model.title)
        self.action_button.setText(self._model.action)
        self._on_changed()
        self.set_first_focus(self._reasons if self._model.takes_reason else self.action_button)
        self.open()

    def show_rights(self, words: PaneWords) -> None:
        """Show the right child, drug, dose, route and time."""
        self._student.setText(words.student)
        self._about.setText(" · ".join(filter(None, (words.also, words.place, words.born))))
        _show_banner(self._alike, Tone.WARNING, words.alike)
        _show_banner(self._allergies, Tone.DANGER, words.allergies)
        facts = [
            Fact(label=self.tr("Medicine"), value=f"{words.drug}  {words.strength}", strong=True),
            Fact(label=self.tr("Dose and route"), value=words.dose, strong=True),
        ]
        if words.note:
            facts.append(Fact(label=self.tr("Instructions"), value=words.note))
        if words.controlled:
            facts.append(Fact(label=self.tr("Note"), value=words.controlled))
        facts.extend(Fact(label=label, value=value) for label, value in words.right_time)
        self._rights.set_facts(facts)

    @Slot()
    def _on_changed(self) -> None:
        model = self._model
        if model.row is None:
            return
        self._findings.show_findings(model.findings)
        self._offer(model.reasons)
        asked = model.takes_reason
        if self._reasons.isVisibleTo(self) != asked:
            self._reasons.setVisible(asked)
            self._other.setVisible(asked)
            self.set_first_focus(self._reasons if asked else self.action_button)
            if asked and self.isVisible():
                self._reasons.setFocus()
        typed = model.typed
        if self._reasons.key != typed.choice:
            self._reasons.choose(typed.choice)
        if self._other.text != typed.text:
            self._other.set_text(typed.text)
        _show_banner(self._failure, Tone.DANGER, model.failure)
        # A failure stands in its banner already.
        self.say_step("" if model.next_step == model.failure else model.next_step)
        self.set_ready(ready=model.can_save)
        if model.can_save and not asked and self.isVisible():
            self.action_button.setFocus()
        self.fit_soon()

    def _offer(self, reasons: tuple[str, ...]) -> None:
        if reasons != self._offered:
            self._offered = reasons
            numbered = enumerate(reasons, start=1)
            self._reasons.set_choices(tuple(Choice(key=words, words=f"{n}  {words}") for n, words in numbered))

    # Keys.

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in _ENTER and event.isAutoRepeat():
            event.accept()
            return
        number = _number(event)
        if number is not None and self._model.takes_reason:
            self._model.choose_reason(number)
            event.accept()
            return
        super().keyPressEvent(event)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QKeyEvent) and event.type() is QEvent.Type.KeyPress:
            if event.isAutoRepeat() and event.key() in (*_ENTER, Qt.Key.Key_Space):
                return True
            number = _number(event)
            if number is not None and self._model.takes_reason:
                self._model.choose_reason(number)
                return True
        return super().eventFilter(watched, event)

    @Slot()
    def _on_chosen(self) -> None:
        self._model.choose_words(self._reasons.key)

    @Slot()
    def _on_typed(self) -> None:
        self._model.type_reason(self._other.text)


def _number(event: QKeyEvent) -> int | None:
    text = event.text()
    return int(text) if text in {"1", "2", "3", "4", "5"} else None


def _show_banner(banner: AlertBanner, tone: Tone, words: str) -> None:
    if words:
        banner.set_alert(tone, words)
    banner.setVisible(bool(words))
