"""A screen before the desk is open at which a person of the workstation says who they are."""

from PySide6.QtWidgets import QWidget

from wc_desktop.ui.viewmodels.unlock import StationFace
from wc_desktop.ui.viewmodels.words import person_name
from wc_desktop.ui.views.gate import Gate
from wc_desktop.ui.views.notices import Notice
from wc_desktop.ui.widgets.choice_fields import Choice, ChoiceList
from wc_desktop.ui.widgets.text_fields import PasswordField


class PersonGate(Gate):
    """Has `who` and `password`; whoever derives from it puts them into the card."""

    def __init__(
        self, face: StationFace, notices: tuple[Notice, ...], *, width: int, parent: QWidget | None = None
    ) -> None:
        super().__init__(face.school_name, face.device_name, notices, width=width, parent=parent)
        self._people = {str(person.id): person for person in face.people}
        choices = tuple(Choice(key=key, words=person_name(person)) for key, person in self._people.items())
        self.who = ChoiceList(self.tr("&Who are you?"), choices, most_lines=7, parent=self)
        self.who.editor.setAccessibleName(self.tr("Who are you?"))
        self.password = PasswordField(self.tr("&Password"), parent=self)
        self.password.editor.setAccessibleName(self.tr("Password"))
