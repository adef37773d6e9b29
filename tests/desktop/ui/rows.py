"""Invented rows for lists."""

from typing import Any

from wc_desktop.ui.models.due_rows import DueRowLook
from wc_desktop.ui.models.student_rows import StudentRowLook
from wc_desktop.ui.theme.cells import Chip
from wc_desktop.ui.theme.icons import Icon
from wc_desktop.ui.theme.tone import Tone

ALLERGY = Chip(text="Allergy", tone=Tone.DANGER, icon=Icon.TRIANGLE_ALERT)
NAME_ALERT = Chip(text="Name alert", tone=Tone.WARNING, icon=Icon.USERS, said="Name alert: OKAFOR, Ada")


def due_row(key: int = 1, **changes: Any) -> DueRowLook:
    fields: dict[str, Any] = {
        "time": "11:15",
        "relative": "33 min late",
        "relative_tone": Tone.DANGER,
        "student": "OKAFOR, Adaeze",
        "student_detail": "Gr 4 · Rm 12 · 2 Mar 2016",
        "drug": "methylPHENIDATE",
        "strength": "10 mg tablet",
        "dose": "1 tablet (10 mg) by mouth",
        "note": "With food",
        "chips": (ALLERGY,),
        "status_word": "Overdue",
        "status_icon": Icon.CIRCLE_ALERT,
        "status_tone": Tone.DANGER,
        "edge": Tone.DANGER,
    }
    return DueRowLook(key=key, **{**fields, **changes})


def student_row(key: int = 1, **changes: Any) -> StudentRowLook:
    fields: dict[str, Any] = {
        "name": "MARTINEZ, Sophia",
        "also": "Goes by Sophie",
        "grade": "Grade 2",
        "place": "Room 6",
        "birth_date": "2 Oct 2018",
        "number": "40217",
        "chips": (),
    }
    return StudentRowLook(key=key, **{**fields, **changes})
