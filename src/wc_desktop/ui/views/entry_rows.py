"""Rows that a nurse adds as needed: witnesses, attempts to reach the family."""

from collections.abc import Callable, Sequence
from datetime import datetime
from itertools import pairwise
from typing import Final

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from wc_contract.model.instants import instant_to_text
from wc_desktop.ui.theme.icons import Icon
from wc_desktop.ui.theme.tone import Tone
from wc_desktop.ui.theme.type_scale import current_scale
from wc_desktop.ui.viewmodels.incident_faults import LONGEST_LINE, MOST_CONTACTS, MOST_WITNESSES
from wc_desktop.ui.views.typed_moment import MomentField
from wc_desktop.ui.widgets.buttons import QuietButton, SecondaryButton
from wc_desktop.ui.widgets.card import Card
from wc_desktop.ui.widgets.field import FormField
from wc_desktop.ui.widgets.labels import LabelStyle, TextLabel
from wc_desktop.ui.widgets.text_fields import TextField

_WITNESS_PARTS: Final = 2
_CONTACT_PARTS: Final = 4


class EntryRow(Card):
    """One row; `value` is its parts joined by tabs."""

    changed = Signal()
    remove_wanted = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent, margin=10, spacing=6)
        self._heading = TextLabel("", LabelStyle.EYEBROW, self, wraps=False)
        self._remove = QuietButton(self.tr("Remove"), self, icon=Icon.TRASH_2)
        self._remove.clicked.connect(self._on_remove)
        top = QHBoxLayout()
        top.addWidget(self._heading, 1)
        top.addWidget(self._remove)
        self.body.addLayout(top)
        self.fields: tuple[FormField, ...] = ()

    def _lay_out(self, *fields: FormField) -> None:
        self.fields = fields
        self.stops: tuple[QWidget, ...] = (*(field.editor for field in fields), self._remove)
        line: QHBoxLayout | None = None
        for number, field in enumerate(fields):
            if number % 2 == 0:
                line = QHBoxLayout()
                line.setSpacing(current_scale().px(10))
                self.body.addLayout(line)
            if line is not None:
                # A stretch, not an alignment: aligned items lose their height for width, and hints their second line.
                cell = QVBoxLayout()
                cell.addWidget(field)
                cell.addStretch(1)
                line.addLayout(cell, 1)
            field.changed.connect(self.changed)

    def name_row(self, name: str) -> None:
        """Say which row this is; a screen reader hears it before each field."""
        self._heading.setText(name)
        for field in self.fields:
            field.editor.setAccessibleName(f"{name}, {field.label.text().replace('&', '')}")
        self._remove.setAccessibleName(self.tr("Remove {row}").format(row=name))

    @property
    def value(self) -> str:
        raise NotImplementedError

    def set_value(self, value: str) -> None:
        """Put back what `value` said."""
        raise NotImplementedError

    @Slot()
    def _on_remove(self) -> None:
        self.remove_wanted.emit(self)


class WitnessRow(EntryRow):
    """Who saw it, and what they are: teacher, pupil, parent."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.name = TextField(self.tr("Name"), parent=self)
        self.role = TextField(self.tr("Role"), placeholder=self.tr("Teacher, pupil, parent"), parent=self)
        for field in (self.name, self.role):
            field.set_max_length(LONGEST_LINE)
        self._lay_out(self.name, self.role)

    @property
    def value(self) -> str:
        return "\t".join(_clean(part) for part in (self.name.text, self.role.text))

    def set_value(self, value: str) -> None:
        name, role = _parts(value, _WITNESS_PARTS)
        self.name.set_text(name)
        self.role.set_text(role)


class ContactRow(EntryRow):
    """One attempt: person, method, time, outcome (rules.md I6)."""

    def __init__(self, now: Callable[[], datetime], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.person = TextField(self.tr("Person"), placeholder=self.tr("Name and relationship"), parent=self)
        self.method = TextField(self.tr("Method"), placeholder=self.tr("Phone, text, in person"), parent=self)
        self.moment = MomentField(self.tr("Time"), now, parent=self)
        self.outcome = TextField(
            self.tr("Outcome"), placeholder=self.tr("Reached, left message, no answer"), parent=self
        )
        for field in (self.person, self.method, self.outcome):
            field.set_max_length(LONGEST_LINE)
        self._lay_out(self.person, self.method, self.moment, self.outcome)

    @property
    def value(self) -> str:
        parts = (self.person.text, self.method.text, self.moment.value, self.outcome.text)
        return "\t".join(_clean(part) for part in parts)

    def set_value(self, value: str) -> None:
        person, method, moment, outcome = _parts(value, _CONTACT_PARTS)
        self.person.set_text(person)
        self.method.set_text(method)
        self.moment.set_value(moment)
        self.outcome.set_text(outcome)


class EntryRows(QWidget):
    """A heading, rows, and the button that adds one."""

    changed = Signal()

    def __init__(self, label: str, add: str, most: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("area", "clear")
        self._most = most
        self._rows: list[EntryRow] = []
        self._label = TextLabel(label, LabelStyle.STRONG, self)
        self._fault = TextLabel("", LabelStyle.SMALL, self, tone=Tone.DANGER)
        self._fault.hide()
        self.add_button = SecondaryButton(add, self, icon=Icon.PLUS)
        self.add_button.clicked.connect(self._on_add)
        scale = current_scale()
        self._column = QVBoxLayout()
        self._column.setSpacing(scale.px(8))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(scale.px(6))
        column.addWidget(self._label)
        column.addLayout(self._column)
        column.addWidget(self.add_button, 0, Qt.AlignmentFlag.AlignLeft)
        column.addWidget(self._fault)

    def setFocus(self, reason: Qt.FocusReason = Qt.FocusReason.OtherFocusReason) -> None:
        """Go to the button. Not by a focus proxy: Tab would pass over the rows before it."""
        self.add_button.setFocus(reason)

    @property
    def rows(self) -> Sequence[EntryRow]:
        return tuple(self._rows)

    @property
    def values(self) -> tuple[str, ...]:
        return tuple(row.value for row in self._rows)

    def set_values(self, values: Sequence[str]) -> None:
        """Show these rows."""
        while self._rows:
            self._take_out(self._rows[-1])
        for value in values:
            self._append().set_value(value)

    def set_fault(self, fault: str) -> None:
        """Show what is wrong, or with '' that nothing is."""
        self._fault.setText(fault)
        self._fault.setVisible(bool(fault))
        self.add_button.setAccessibleDescription(fault)

    def make_row(self) -> EntryRow:
        """Return an empty row."""
        raise NotImplementedError

    def row_name(self, number: int) -> str:
        """Return what the row of this number is called."""
        raise NotImplementedError

    def _append(self) -> EntryRow:
        row = self.make_row()
        row.name_row(self.row_name(len(self._rows) + 1))
        row.changed.connect(self.changed)
        row.remove_wanted.connect(self._on_remove)
        self._rows.append(row)
        self._column.addWidget(row)
        # Tab goes from the rows to the button, as the eye does: the row goes behind the button, the button to its end.
        for before, after in pairwise((self.add_button, *row.stops, self.add_button)):
            QWidget.setTabOrder(before, after)
        self.add_button.setEnabled(len(self._rows) < self._most)
        return row

    def _take_out(self, row: EntryRow) -> None:
        self._rows.remove(row)
        self._column.removeWidget(row)
        row.hide()
        row.deleteLater()
        for number, left in enumerate(self._rows, start=1):
            left.name_row(self.row_name(number))
        self.add_button.setEnabled(True)

    @Slot()
    def _on_add(self) -> None:
        row = self._append()
        self.changed.emit()
        row.fields[0].setFocus()

    @Slot(object)
    def _on_remove(self, row: EntryRow) -> None:
        self._take_out(row)
        self.changed.emit()
        self.add_button.setFocus()


class WitnessRows(EntryRows):
    """Who saw it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("", "", MOST_WITNESSES, parent)
        self._label.setText(self.tr("Witnesses"))
        self.add_button.setText(self.tr("Add &witness"))

    def make_row(self) -> EntryRow:
        return WitnessRow(self)

    def row_name(self, number: int) -> str:
        return self.tr("Witness {number}").format(number=number)


class ContactRows(EntryRows):
    """Attempts to reach the family; a new one is by phone, now, until the nurse says otherwise."""

    def __init__(self, now: Callable[[], datetime], parent: QWidget | None = None) -> None:
        super().__init__("", "", MOST_CONTACTS, parent)
        self._now = now
        self._label.setText(self.tr("Contact with the family"))
        self.add_button.setText(self.tr("Add contact attemp&t"))

    def make_row(self) -> EntryRow:
        row = ContactRow(self._now, self)
        now = instant_to_text(self._now().replace(second=0, microsecond=0))
        row.set_value("\t".join(("", self.tr("Phone"), now, "")))
        return row

    def row_name(self, number: int) -> str:
        return self.tr("Contact {number}").format(number=number)


def _clean(part: str) -> str:
    # Tabs part the columns of a row, so none may stand inside one.
    return part.replace("\t", " ")


def _parts(value: str, count: int) -> list[str]:
    return (value.split("\t") + [""] * count)[:count]
