"""A child given chips: the marks that go wherever a child is listed."""

from typing import Final

from PySide6.QtCore import QCoreApplication

from wc_desktop.domain.screens import StudentRow
from wc_desktop.ui.models.student_rows import StudentRowLook
from wc_desktop.ui.theme.cells import Chip
from wc_desktop.ui.theme.icons import Icon
from wc_desktop.ui.theme.tone import Tone
from wc_desktop.ui.viewmodels.words import JOINT, day_words, full_name, goes_by, grade_words

_CONTEXT: Final = "ChildLooks"


def child_chips(child: StudentRow) -> tuple[Chip, ...]:
    """Return a chip for each allergy, one for names alike, one for a child who has left."""
    tr = QCoreApplication.translate
    allergy = tr(_CONTEXT, "Allergy: {name}")
    chips = [
        Chip(text=name, tone=Tone.DANGER, icon=Icon.TRIANGLE_ALERT, said=allergy.format(name=name))
        for name in child.allergies
    ]
    if child.name_alike:
        said = tr(_CONTEXT, "Similar name: {others}").format(others="; ".join(child.name_alike))
        chips.append(Chip(text=tr(_CONTEXT, "Name alert"), tone=Tone.WARNING, icon=Icon.USERS, said=said))
    if not child.is_active:
        chips.append(Chip(text=tr(_CONTEXT, "Not enrolled"), tone=Tone.MUTED, icon=Icon.USER_X))
    return tuple(chips)


def child_look(child: StudentRow) -> StudentRowLook:
    """Return a child as the list of students paints it."""
    tr = QCoreApplication.translate
    grade, _, room = grade_words(child).partition(JOINT)
    return StudentRowLook(
        key=child.id,
        name=full_name(child),
        also=goes_by(child),
        grade=grade,
        place=room,
        birth_date=day_words(child.date_of_birth),
        number=tr(_CONTEXT, "ID {number}").format(number=child.student_number),
        chips=child_chips(child),
        is_withdrawn=not child.is_active,
    )
