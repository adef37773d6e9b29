"""The list of students found, as a table that arrives in pages."""

from collections.abc import Hashable
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QCoreApplication, QObject

from wc_desktop.ui.models.marked_rows import edge_of, in_one_breath, key_of, marks, marks_said
from wc_desktop.ui.models.paged_rows import PagedRowTableModel
from wc_desktop.ui.models.row_table import ColumnSpec
from wc_desktop.ui.theme.cells import Chip, TextCell, Widths
from wc_desktop.ui.theme.tone import Tone

_CONTEXT: Final = "StudentTable"


@dataclass(frozen=True, slots=True, kw_only=True)
class StudentRowLook:
    """One student in words: `name` is "SURNAME, Given", `also` the preferred name when it differs."""

    key: Hashable
    name: str
    also: str
    grade: str
    place: str
    birth_date: str
    number: str
    chips: tuple[Chip, ...]
    is_withdrawn: bool = False
    edge: Tone | None = None


def _name(row: StudentRowLook) -> TextCell:
    return TextCell(headline=row.name, detail=row.also, muted=row.is_withdrawn)


def _grade(row: StudentRowLook) -> TextCell:
    return TextCell(headline=row.grade, detail=row.place, strong=False, muted=row.is_withdrawn)


def _born(row: StudentRowLook) -> TextCell:
    return TextCell(headline=row.birth_date, detail=row.number, strong=False, muted=row.is_withdrawn)


def _name_said(row: StudentRowLook) -> str:
    return in_one_breath(row.name, row.also, row.grade, row.birth_date, *(chip.spoken for chip in row.chips))


def _grade_said(row: StudentRowLook) -> str:
    return in_one_breath(row.grade, row.place)


def _born_said(row: StudentRowLook) -> str:
    return in_one_breath(row.birth_date, row.number)


def student_columns() -> tuple[ColumnSpec[StudentRowLook], ...]:
    """Return the columns of the student list, titled in the language of the screen."""
    tr = QCoreApplication.translate
    return (
        ColumnSpec(
            title=tr(_CONTEXT, "Student"),
            look=_name,
            said=_name_said,
            widths=Widths(least=150, usual=260, share=3),
        ),
        ColumnSpec(
            title=tr(_CONTEXT, "Grade and room"),
            look=_grade,
            said=_grade_said,
            widths=Widths(least=110, usual=140, share=1),
        ),
        ColumnSpec(
            title=tr(_CONTEXT, "Born"),
            look=_born,
            said=_born_said,
            widths=Widths(least=110, usual=140, share=1),
        ),
        ColumnSpec(
            title=tr(_CONTEXT, "Alerts"),
            look=marks,
            said=marks_said,
            widths=Widths(least=120, usual=300, share=3),
        ),
    )


class StudentTableModel(PagedRowTableModel[StudentRowLook]):
    """The students found by a search, in pages."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(student_columns(), key_of, edge=edge_of, parent=parent)
