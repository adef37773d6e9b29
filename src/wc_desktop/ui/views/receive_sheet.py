"""Medicine that is brought: whose it is, what it is, counted with the adult who brought it (C2)."""

from collections.abc import Callable
from datetime import date
from typing import Final

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QWidget

from wc_desktop.domain.screens import StudentRow
from wc_desktop.domain.stock_views import Receipt, Receivable
from wc_desktop.ui.theme.icons import Icon
from wc_desktop.ui.theme.tone import Tone
from wc_desktop.ui.viewmodels.session import Session
from wc_desktop.ui.viewmodels.stock_words import amount_typed
from wc_desktop.ui.viewmodels.student_search import REAL, SearchVerbs
from wc_desktop.ui.viewmodels.words import drug_words, schedule_words, unit_words
from wc_desktop.ui.views.child_picker import ChildPicker
from wc_desktop.ui.views.typed_moment import ComingDayField
from wc_desktop.ui.views.window_sheet import WindowSheet
from wc_desktop.ui.widgets.alert_banner import AlertBanner
from wc_desktop.ui.widgets.announce import announce
from wc_desktop.ui.widgets.check_box import CheckBox
from wc_desktop.ui.widgets.choice_fields import Choice, ChoiceList
from wc_desktop.ui.widgets.text_fields import TextField

# What is counted in: the code of each unit and its word.
_UNITS: Final = ("{tbl}", "{capsule}", "mL", "{puff}", "{actuat}", "{patch}", "{drop}", "{dose}", "[iU]", "mg")


class ReceiveSheet(WindowSheet):
    """`receive_wanted` carries a Receipt, `asked` a StudentId or None for the school. Stays open until `finish`."""

    receive_wanted = Signal(object)
    asked = Signal(object)

    def __init__(
        self, session: Session, today: Callable[[], date], parent: QWidget, search: SearchVerbs = REAL
    ) -> None:
        super().__init__(
            self.tr("Receive medicine"), self.tr("&Save receipt"), parent, leave=self.tr("&Back"), width=640
        )
        self._child: StudentRow | None = None
        self._found: tuple[Receivable, ...] = ()
        self._lead = AlertBanner(Tone.INFO, "", self, icon=Icon.PACKAGE)
        self.of_school = CheckBox(self.tr("For the school's &own stock of emergency medicine"), self)
        self.picker = ChildPicker(session, search, self)
        self.medicine = ChoiceList(self.tr("&Medicine"), (), most_lines=4)
        self.unit = ChoiceList(
            self.tr("&Unit"), tuple(Choice(key=unit, words=unit_words(unit)) for unit in _UNITS), most_lines=3
        )
        self.brought_by = TextField(self.tr("Who brou&ght it"), hint=self.tr("The adult's name, as they say it."))
        self.amount = TextField(self.tr("You &counted"))
        self.their_count = TextField(self.tr("&They counted"))
        self.lot = TextField(self.tr("&Lot"))
        self.expires = ComingDayField(self.tr("E&xpires"), today)
        self.place = TextField(self.tr("&Where it is kept"), hint=self.tr("May stay empty."))
        self._failure = AlertBanner(Tone.DANGER, "", self)
        for part in (
            self._lead, self.picker, self.of_school, self.medicine, self.unit, self.brought_by, self.amount,
            self.their_count, self.lot, self.expires, self.place, self._failure,
        ):  # fmt: skip
            self.body.addWidget(part)
        self.body.addStretch(1)
        for field in self._fields:
            field.changed.connect(self._on_changed)
        self.medicine.changed.connect(self._on_medicine)
        self.picker.child_chosen.connect(self._on_child)
        self.of_school.toggled.connect(self._on_of_school)
        self.completed.connect(self._on_completed)
        self.forget()

    @property
    def _fields(self) -> tuple[TextField | ChoiceList | ComingDayField, ...]:
        return (
            self.unit, self.brought_by, self.amount, self.their_count, self.lot, self.expires, self.place,
        )  # fmt: skip

    def ask(self) -> None:
        """Open with whatever was typed before it was set aside."""
        self._failure.hide()
        self.set_first_focus(self.picker if self._child is None else self.amount.editor)
        self._on_changed()
        self.open()
        self.fit_soon()

    def forget(self) -> None:
        """Begin with empty fields next time: it was saved."""
        self._child = None
        self._found = ()
        self.of_school.setChecked(False)
        self.picker.show_child(None)
        self.medicine.set_choices(())
        self.unit.choose(None)
        for field in (self.brought_by, self.amount, self.their_count, self.lot, self.place):
            field.set_text("")
        self.expires.set_value("")

    def show_receivable(self, found: tuple[Receivable, ...]) -> None:
        """Show what can be received for whom was chosen."""
        self._found = found
        self.medicine.set_choices(
            tuple(Choice(key=str(at), words=" ".join(drug_words(one.medication))) for at, one in enumerate(found))
        )
        self.medicine.choose("0" if len(found) == 1 else None)
        self._on_medicine()
        if found:
            (self.brought_by if len(found) == 1 else self.medicine).editor.setFocus()

    @property
    def _chosen(self) -> Receivable | None:
        key = self.medicine.key
        return self._found[int(key)] if key is not None and int(key) < len(self._found) else None

    @property
    def _unit(self) -> str | None:
        chosen = self._chosen
        return chosen.unit or self.unit.key if chosen is not None else None

    @Slot(object)
    def _on_child(self, child: StudentRow | None) -> None:
        self._child = child
        self.picker.show_child(child)
        self.show_receivable(())
        if child is not None:
            self.asked.emit(child.id)

    @Slot(bool)
    def _on_of_school(self, of_school: bool) -> None:  # noqa: FBT001 - Qt's signal
        self._child = None
        self.picker.show_child(None)
        self.show_receivable(())
        if of_school:
            self.asked.emit(None)

    @Slot()
    def _on_medicine(self) -> None:
        # A child's medicine is kept in the unit that its order is given in, so that doses take from it.
        self.unit.choose(None)
        self._on_changed()

    @Slot()
    def _on_changed(self) -> None:
        chosen = self._chosen
        controlled = chosen is not None and bool(chosen.medication.dea_schedule)
        someone = self._child is not None or self.of_school.isChecked()
        self.picker.setVisible(not self.of_school.isChecked())
        self.of_school.setVisible(self._child is None)
        self.medicine.setVisible(someone)
        for field in (self.brought_by, self.amount, self.lot, self.expires, self.place):
            field.setVisible(chosen is not None)
        self.their_count.setVisible(controlled)
        self.unit.setVisible(chosen is not None and not chosen.unit)
        if chosen is not None and chosen.unit:
            self.amount.set_hint(self.tr("Counted in: {unit}").format(unit=unit_words(chosen.unit)))
        schedule = "" if chosen is None else schedule_words(chosen.medication.dea_schedule)
        self._lead.set_alert(
            Tone.WARNING if controlled else Tone.INFO,
            self.tr("Controlled ({schedule}). Count it together; both numbers are kept.").format(schedule=schedule)
            if controlled
            else self.tr("Count it together with the adult who brought it."),
        )
        step = self._step(someone=someone, controlled=controlled)
        self.say_step(step)
        self.set_ready(ready=not step)
        self.fit_soon()

    def _step(self, *, someone: bool, controlled: bool) -> str:
        mine, theirs = amount_typed(self.amount.text), amount_typed(self.their_count.text)
        steps = (
            (someone, self.tr("Choose the child.")),
            (bool(self._found), self.tr("No order or medicine is on record that this could be for.")),
            (self._chosen is not None, self.tr("Choose the medicine.")),
            (bool(self._unit), self.tr("Choose the unit.")),
            (bool(self.brought_by.text.strip()), self.tr("Say who brought it.")),
            (mine is not None, self.tr("Type how many you counted, like 30 or 2.5.")),
            (theirs is not None or not controlled, self.tr("Type how many they counted.")),
            (mine == theirs or not controlled, self.tr("The two counts differ. Count again, together.")),
            (self._expiry_reads(), self.tr("The expiry date does not read.")),
        )
        return next((words for done, words in steps if not done), "")

    def _expiry_reads(self) -> bool:
        return not self.expires.value.strip() or _day(self.expires.value) is not None

    def say_failure(self, words: str) -> None:
        """Say why it was not saved; what was typed stays."""
        self._failure.set_alert(Tone.DANGER, words)
        self._failure.show()
        announce(self._failure, words, urgent=True)
        self.fit_soon()

    @Slot()
    def _on_completed(self) -> None:
        chosen, amount, unit = self._chosen, amount_typed(self.amount.text), self._unit
        if chosen is None or amount is None or not unit:
            return
        self.receive_wanted.emit(
            Receipt(
                student=None if self._child is None else self._child.id,
                order_id=chosen.order_id,
                medication=chosen.medication.id,
                unit=unit,
                amount=amount,
                counted_by_them=amount_typed(self.their_count.text) if chosen.medication.dea_schedule else None,
                brought_by=self.brought_by.text.strip(),
                lot=self.lot.text.strip(),
                expires_on=_day(self.expires.value),
                location=self.place.text.strip(),
            )
        )


def _day(value: str) -> date | None:
    try:
        return date.fromisoformat(value)
    except ValueError:
        return None
