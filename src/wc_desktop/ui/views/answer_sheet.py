"""The confirm of an answer to a review case: what comes of it, which entry stands, and why."""

from PySide6.QtCore import Signal, Slot
from PySide6.QtGui import QHideEvent
from PySide6.QtWidgets import QWidget

from wc_desktop.domain.case_views import CaseDecision, CaseRow, Count, ShelfRow
from wc_desktop.domain.screens import StudentRow
from wc_desktop.ui.theme.icons import Icon
from wc_desktop.ui.theme.tone import Tone
from wc_desktop.ui.viewmodels.review import Option, number_found
from wc_desktop.ui.viewmodels.session import Session
from wc_desktop.ui.viewmodels.words import person_name, unit_words
from wc_desktop.ui.views.child_picker import ChildPicker
from wc_desktop.ui.views.window_sheet import WindowSheet
from wc_desktop.ui.widgets.alert_banner import AlertBanner
from wc_desktop.ui.widgets.choice_fields import Choice, ChoiceList
from wc_desktop.ui.widgets.labels import LabelStyle, TextLabel
from wc_desktop.ui.widgets.text_fields import NotesField, PasswordField, TextField


class AnswerSheet(WindowSheet):
    """Opens on a case and one of its answers; `decided` carries what was decided. Stays open until `finish`."""

    decided = Signal(object)

    def __init__(self, session: Session, parent: QWidget) -> None:
        super().__init__("", self.tr("&Save answer"), parent, leave=self.tr("&Back"), width=600)
        self._case: CaseRow | None = None
        self._option: Option | None = None
        self._about = TextLabel("", LabelStyle.HEADING, self)
        self._outcome = AlertBanner(Tone.WARNING, "", self, icon=Icon.SCALE)
        self.which = ChoiceList(self.tr("&Which entry is right?"), (), most_lines=5)
        self.count = TextField(self.tr("H&ow many are there?"))
        self.witness = ChoiceList(self.tr("Who counts &too?"), (), most_lines=5)
        self.witness_count = TextField(self.tr("How many they &found"))
        self.password = PasswordField(self.tr("Thei&r password"))
        self.child = ChildPicker(session, parent=self)
        self._child: StudentRow | None = None
        self.note = NotesField(self.tr("How do you &know?"), lines=3)
        self._failure = AlertBanner(Tone.DANGER, "", self)
        counting = (self.count, self.witness, self.witness_count, self.password)
        for part in (self._about, self._outcome, self.which, *counting, self.child, self.note, self._failure):
            self.body.addWidget(part)
        self.body.addStretch(1)
        self.which.changed.connect(self._on_changed)
        self.note.changed.connect(self._on_changed)
        self.child.child_chosen.connect(self._on_child_chosen)
        for field in counting:
            field.changed.connect(self._on_changed)
        self.completed.connect(self._on_completed)

    def ask(self, case: CaseRow, option: Option, about: str, entries: tuple[tuple[str, str], ...]) -> None:
        """Open on an answer. entries: key and line of each entry of which one may stand."""
        if (self._case is None or self._case.id != case.id) or self._option != option:
            self.note.set_text("")
            self.which.choose(None)
            self.count.set_text("")
            self._on_child_chosen(None)
        self._forget_witness()
        self._case, self._option = case, option
        self.set_title(option.title)
        self._about.setText(about)
        self._outcome.set_alert(Tone.DANGER if option.is_grave else Tone.INFO, option.outcome)
        self.which.setVisible(option.asks_which)
        self.which.set_choices(tuple(Choice(key=key, words=words) for key, words in entries))
        self._ask_for_count(option.counts)
        self.child.setVisible(option.asks_child)
        self.note.set_hint(
            self.tr("Whom you asked, what you counted. It is kept with the case.")
            if option.needs_note
            else self.tr("May stay empty.")
        )
        self._failure.hide()
        first = self.count if option.counts is not None else self.note
        asked = self.child.search if option.asks_child else first.editor
        self.set_first_focus(self.which.editor if option.asks_which else asked)
        self._on_changed()
        self.open()
        self.fit_soon()

    def _ask_for_count(self, shelf: ShelfRow | None) -> None:
        two = shelf is not None and shelf.needs_two
        self.count.setVisible(shelf is not None)
        for field in (self.witness, self.witness_count, self.password):
            field.setVisible(two)
        if shelf is not None:
            unit = self.tr("Unit: {unit}").format(unit=unit_words(shelf.unit)) if shelf.unit else ""
            self.count.set_hint(unit)
            people = tuple(Choice(key=str(one.id), words=person_name(one)) for one in shelf.witnesses)
            self.witness.set_choices(people)
            self.witness_count.set_hint(self.tr("Each counts by themselves. Nothing is saved while the two differ."))
            self.password.set_hint(self.tr("Typed by them. It proves who counted, and opens nothing."))

    def _forget_witness(self) -> None:
        self.password.clear()
        self.witness_count.set_text("")
        self.witness.choose(None)

    @Slot(object)
    def _on_child_chosen(self, child: StudentRow | None) -> None:
        self._child = child
        self.child.show_child(child)
        self.fit_soon()

    def say_failure(self, words: str) -> None:
        """Say why the answer was not saved; what was typed stays, but no password."""
        self.password.clear()
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
        elif option.counts is not None and (missing := self._missing_of_count(option.counts)):
            step = missing
        elif option.needs_note and not self.note.text.strip():
            step = self.tr("Say how you know.")
        else:
            step = ""
        self.say_step(step)
        self.set_ready(ready=not step)

    def _missing_of_count(self, shelf: ShelfRow) -> str:
        if number_found(self.count.text) is None:
            return self.tr("Type how many there are, like 12 or 2.5.")
        if not shelf.needs_two:
            return ""
        if self.witness.key is None:
            return self.tr("Choose who counts with you.")
        if number_found(self.witness_count.text) is None:
            return self.tr("Let them type what they found.")
        return "" if self.password.secret else self.tr("Let them type their password.")

    def _counted(self, shelf: ShelfRow) -> Count | None:
        found = number_found(self.count.text)
        if found is None:
            return None
        if not shelf.needs_two or self.witness.key is None:
            return Count(found=found)
        return Count(
            found=found,
            witness=next((one.id for one in shelf.witnesses if str(one.id) == self.witness.key), None),
            witness_found=number_found(self.witness_count.text),
            witness_password=self.password.secret,
        )

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.password.clear()

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
                child=self._child.id if option.asks_child and self._child is not None else None,
                count=None if option.counts is None else self._counted(option.counts),
            )
        )
