"""A count. Of a controlled medicine two people count, each by themselves, and neither sees the balance (C2)."""

from PySide6.QtCore import Signal, Slot
from PySide6.QtGui import QHideEvent
from PySide6.QtWidgets import QWidget

from wc_desktop.domain.screens import PersonRow
from wc_desktop.domain.stock_views import TwoCounts
from wc_desktop.ui.theme.icons import Icon
from wc_desktop.ui.theme.tone import Tone
from wc_desktop.ui.viewmodels.review import number_found
from wc_desktop.ui.viewmodels.stock_words import StockWords
from wc_desktop.ui.viewmodels.words import unit_words
from wc_desktop.ui.views.second_person import SecondPersonFields
from wc_desktop.ui.views.window_sheet import WindowSheet
from wc_desktop.ui.widgets.alert_banner import AlertBanner
from wc_desktop.ui.widgets.announce import announce
from wc_desktop.ui.widgets.labels import LabelStyle, TextLabel
from wc_desktop.ui.widgets.text_fields import NotesField, TextField


class CountSheet(WindowSheet):
    """`count_wanted` carries a TwoCounts. Stays open until `finish`; `begin_again` asks for the recount.

    `hidden` comes whenever it goes, also by the lock or by another page.
    """

    count_wanted = Signal(object)
    hidden = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__("", "", parent, leave=self.tr("&Back"), width=580)
        self._words: StockWords | None = None
        self._is_recount = False
        self._second_turn = False
        self._about = TextLabel("", LabelStyle.HEADING, self)
        self._lead = AlertBanner(Tone.INFO, "", self, icon=Icon.SCALE)
        self.count = TextField(self.tr("H&ow many are there?"))
        self.their_count = TextField(self.tr("How many does the second person &find?"))
        self.second = SecondPersonFields(self)
        self.note = NotesField(self.tr("&Note"), hint=self.tr("May stay empty."), lines=2)
        self._failure = AlertBanner(Tone.DANGER, "", self)
        for part in (self._about, self._lead, self.count, self.their_count, self.second, self.note, self._failure):
            self.body.addWidget(part)
        self.body.addStretch(1)
        for field in (self.count, self.their_count, self.second, self.note):
            field.changed.connect(self._on_changed)
        self.completed.connect(self._on_completed)

    def ask(self, words: StockWords, people: tuple[PersonRow, ...]) -> None:
        """Open for a container, with nothing typed: a count is made at one go."""
        self._words = words
        self._is_recount = False
        self.set_title(self.tr("Count"))
        self._about.setText(f"{words.child} · {words.drug} {words.strength}")
        self.note.set_text("")
        self.second.set_people(people)
        self._begin()
        self.open()

    def begin_again(self) -> None:
        """Ask both to count again, each by themselves: the balance stays hidden (C4)."""
        self._is_recount = True
        people_kept = self.second.person.key
        self._begin()
        self.second.person.choose(people_kept)
        self._failure.set_alert(
            Tone.WARNING, self.tr("What you both found is not what the record says. Nothing was saved: count again.")
        )
        self._failure.show()
        announce(self._failure, self._failure.text, urgent=True)
        self.count.editor.setFocus()

    def _begin(self) -> None:
        self._second_turn = False
        self.count.set_text("")
        self.their_count.set_text("")
        self.second.password.clear()
        self._failure.hide()
        self.set_first_focus(self.count.editor)
        self._show_turn()

    @property
    def _controlled(self) -> bool:
        return self._words is not None and self._words.row.is_controlled

    def _show_turn(self) -> None:
        controlled, second = self._controlled, self._second_turn
        self.count.setVisible(not second)
        self.their_count.setVisible(second)
        self.second.setVisible(second)
        self.note.setVisible(second or not controlled)
        if not controlled:
            lead = self.tr("What you find is what the record says from then on. The line stays in the ledger.")
        elif second:
            lead = self.tr("Now the second person counts. They see neither the first count nor the balance.")
        else:
            lead = self.tr("Two people count, each by themselves. The balance is hidden until both have.")
        self._lead.set_alert(Tone.INFO, lead)
        self.action_button.setText(self.tr("&Next person") if controlled and not second else self.tr("&Save count"))
        unit = "" if self._words is None else self._words.row.unit
        for field in (self.count, self.their_count):
            field.set_hint(self.tr("Counted in: {unit}").format(unit=unit_words(unit)) if unit else "")
        self._on_changed()
        self.fit_soon()

    def say_failure(self, words: str, *, differ: bool) -> None:
        """Say why it was not saved. differ: the two did not find the same, and both count again."""
        if differ:
            self._begin()
        self.second.password.clear()
        self._failure.set_alert(Tone.DANGER, words)
        self._failure.show()
        announce(self._failure, words, urgent=True)
        self._on_changed()
        self.fit_soon()
        if differ:
            self.count.editor.setFocus()

    @Slot()
    def _on_changed(self) -> None:
        step = self._step()
        self.say_step(step)
        self.set_ready(ready=not step)

    def _step(self) -> str:
        if not self._second_turn:
            return "" if number_found(self.count.text) is not None else self.tr("Type how many there are.")
        if number_found(self.their_count.text) is None:
            return self.tr("Let them type what they found.")
        return self.second.missing

    @Slot()
    def _on_completed(self) -> None:
        if self._controlled and not self._second_turn:
            self._second_turn = True
            self._failure.hide()
            self._show_turn()
            self.their_count.editor.setFocus()
            return
        found, theirs = number_found(self.count.text), number_found(self.their_count.text)
        if self._words is None or found is None:
            return
        self.count_wanted.emit(
            TwoCounts(
                container=self._words.key,
                found=found,
                witness_found=found if theirs is None else theirs,
                second=self.second.second if self._controlled else None,
                reason=self.note.text.strip(),
                is_recount=self._is_recount,
            )
        )

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.count.set_text("")
        self.their_count.set_text("")
        self.hidden.emit()
