"""The due list and the student list say in every cell what they show."""

import pytest
from PySide6.QtCore import Qt
from tests.desktop.ui.rows import ALLERGY, NAME_ALERT, due_row, student_row

from wc_desktop.ui.models.due_rows import DueTableModel
from wc_desktop.ui.models.student_rows import StudentTableModel
from wc_desktop.ui.theme.cells import CellRole, ChipsCell, StatusCell, TextCell
from wc_desktop.ui.theme.tone import Tone

pytestmark = pytest.mark.usefixtures("qapp")
SAID = Qt.ItemDataRole.AccessibleTextRole


def test_the_first_cell_says_the_rows_urgent_sentence() -> None:
    model = DueTableModel()
    model.reset_rows([due_row(urgent_said="Overdue by 33 minutes: OKAFOR, Adaeze, methylphenidate")])
    assert model.index(0, 0).data(SAID) == "Overdue by 33 minutes: OKAFOR, Adaeze, methylphenidate"


def test_without_an_urgent_sentence_the_first_cell_still_names_time_state_and_child() -> None:
    model = DueTableModel()
    model.reset_rows([due_row()])
    assert model.index(0, 0).data(SAID) == "11:15, 33 min late, Overdue, OKAFOR, Adaeze"


def test_every_due_cell_is_said_and_drawn() -> None:
    model = DueTableModel()
    model.reset_rows([due_row(chips=(ALLERGY, NAME_ALERT), drug_said="methylphenidate")])
    said = [model.index(0, column).data(SAID) for column in range(model.columnCount())]
    assert said[1:] == [
        "OKAFOR, Adaeze, Gr 4, Rm 12, 2 Mar 2016",
        "methylphenidate, 10 mg tablet, 1 tablet (10 mg) by mouth, With food",
        "Allergy, Name alert: OKAFOR, Ada",
        "Overdue",
    ]
    looks = [model.index(0, column).data(CellRole.LOOK) for column in range(model.columnCount())]
    assert [type(look) for look in looks] == [TextCell, TextCell, TextCell, ChipsCell, StatusCell]
    assert looks[2].headline == "methylPHENIDATE  10 mg tablet"
    assert model.index(0, 0).data(CellRole.EDGE) is Tone.DANGER


def test_no_alerts_are_said_too() -> None:
    model = DueTableModel()
    model.reset_rows([due_row(chips=())])
    assert model.index(0, 3).data(SAID) == "No alerts"


def test_a_done_row_is_muted() -> None:
    model = DueTableModel()
    model.reset_rows([due_row(is_done=True)])
    assert [model.index(0, column).data(CellRole.LOOK).muted for column in range(3)] == [True, True, True]


def test_a_student_row_says_name_grade_birth_date_and_alerts_first() -> None:
    model = StudentTableModel()
    model.begin_list([student_row(chips=(ALLERGY,))], complete=True)
    assert model.index(0, 0).data(SAID) == "MARTINEZ, Sophia, Goes by Sophie, Grade 2, 2 Oct 2018, Allergy"
    said = [model.index(0, column).data(SAID) for column in range(1, model.columnCount())]
    assert said == ["Grade 2, Room 6", "2 Oct 2018, 40217", "Allergy"]
