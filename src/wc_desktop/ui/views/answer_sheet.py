"""The confirm of an answer to a review case: what comes of it, which entry stands, and why."""

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QWidget

from wc_desktop.domain.screens import CaseDecision, CaseRow
from wc_desktop.ui.theme.icons import Icon
from wc_desktop.ui.theme.tone import Tone
from wc_desktop.ui.viewmodels.review import Option
from wc_desktop.ui.views.window_sheet import WindowSheet
from wc_desktop.ui.widgets.alert_banner import AlertBanner
from wc_desktop.ui.widgets.choice_fields import Choice, ChoiceList
from wc_desktop.ui.widgets.labels import LabelStyle, TextLabel
from wc_desktop.ui.widgets.text_fields import NotesField


class AnswerSheet(WindowSheet):
    """Opens on a case and one of its answers; `decided` carries what was decided. Stays open until `finish`."""

    decided = Signal(object)

    def __init__(self, parent: QWidget) -> None:
        super().__init__("", self.tr("&Save answer"), parent, leave=self.tr("&Back"), width=600)
        self._case: CaseRow | None = None
        self._option: Option | None = None
        self._about = TextLabel("", LabelStyle.HEADING, self)
        self._outcome = AlertBanner(Tone.WARNING, "", self, icon=Icon.SCALE)
        self.which = ChoiceList(self.tr("&Which entry is right?"), (), most_lines=5)
        self.note = NotesField(self.tr("How do you &know?"), lines=3)
        self._failure = AlertBanner(Tone.DANGER, "", self)
        for part in (self._about, self._outcome, self.which, self.note, self._failure):
            self.body.addWidget(part)
        self.body.addStretch(1)
        self.which.changed.connect(self._on_changed)
        self.note.changed.connect(self._on_changed)
        self.completed.connect(self._on_completed)

    def ask(self, case: CaseRow, option: Option, about: str, entries: tuple[tuple[str, str], ...]) -> None:
        """Open on an answer. entries: key and line of each entry of which one may stand."""
        if (self._case is None or self._case.id != case.id) or self._option != option:
            self.note.set_text("")
            self.which.choose(None)
        self._case, self._option = case, option
        self.set_title(option.title)
        self._about.setText(about)
        self._outcome.set_alert(Tone.DANGER if option.is_grave else Tone.INFO, option.outcome)
        self.which.setVisible(option.asks_which)
        self.which.set_choices(tuple(Choice(key=key, words=words) for key, words in entries))
        self.note.set_hint(
            self.tr("Whom you asked, what you counted. It is kept with the case.")
            if option.needs_note
            else self.tr("May stay empty.")
        )
        self._failure.hide()
        self.set_first_focus(self.which.editor if option.asks_which else self.note.editor)
        self._on_changed()
        self.open()
        self.fit_soon()

    def say_failure(self, words: str) -> None:
        """Say why the answer was not saved; what was typed stays."""
        self._failure.set_alert(Tone.DANGER, words)
        self._failure.show()
        self._on_changed()
        self.fit_soon()

    @Slot()
    def _on_changed(self) -> None:
        option = self._option
        if option is None:
            return
        if option.asks_which and self.which.key is None:
            step = self.tr("Choose the entry that stands.")
        elif option.needs_note and not self.note.text.strip():
            step = self.tr("Say how you know.")
        else:
            step = ""
        self.say_step(step)
        self.set_ready(ready=not step)

    @Slot()
    def _on_completed(self) -> None:
        case, option = self._case, self._option
        if case is None or option is None:
            return
        keep = next((dose.id for dose in case.doses if str(dose.id) == self.which.key), None)
        self.decided.emit(
            CaseDecision(
                case_id=case.id,
                resolution=option.resolution,
                note=self.note.text.strip(),
                keep=keep if option.asks_which else None,
            )
        )
