"""The second person beside the one at the desk: a name and the password that proves it. Nothing is opened by it."""

from PySide6.QtCore import Signal
from PySide6.QtGui import QHideEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from wc_desktop.domain.screens import PersonRow
from wc_desktop.domain.stock_views import SecondPerson
from wc_desktop.ui.theme.type_scale import current_scale
from wc_desktop.ui.viewmodels.words import person_name
from wc_desktop.ui.widgets.choice_fields import Choice, ChoiceList
from wc_desktop.ui.widgets.text_fields import PasswordField


class SecondPersonFields(QWidget):
    """`changed` by every key. The password is forgotten when the fields are hidden."""

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("area", "clear")
        self.person = ChoiceList(self.tr("Sec&ond person"), (), most_lines=4)
        self.password = PasswordField(self.tr("Thei&r password"))
        self.password.set_hint(self.tr("Typed by them. It proves who was there, and ends nobody's session."))
        self._people: tuple[PersonRow, ...] = ()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(current_scale().px(12))
        for field in (self.person, self.password):
            column.addWidget(field)
            field.changed.connect(self.changed)

    def set_people(self, people: tuple[PersonRow, ...]) -> None:
        """Say who can be the second person; whoever was chosen before is not."""
        self._people = people
        self.person.set_choices(tuple(Choice(key=str(one.id), words=person_name(one)) for one in people))
        self.person.choose(None)
        self.password.clear()

    @property
    def missing(self) -> str:
        """What is to be done before there is a second person; '' when there is one."""
        if not self._people:
            return self.tr("Nobody else can sign in at this workstation. Add a person at the unlock window.")
        if self.person.key is None:
            return self.tr("Choose the second person.")
        return "" if self.password.secret else self.tr("Let them type their password.")

    @property
    def second(self) -> SecondPerson | None:
        """Who it is, None while something is missing."""
        chosen = next((one for one in self._people if str(one.id) == self.person.key), None)
        if chosen is None or not self.password.secret:
            return None
        return SecondPerson(id=chosen.id, password=self.password.secret)

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.password.clear()
