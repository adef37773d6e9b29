"""The medication pass as a table: one row for each dose due today, already put into words."""

from collections.abc import Hashable
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QCoreApplication, QObject

from wc_desktop.ui.models.marked_rows import edge_of, in_one_breath, key_of, marks, marks_said
from wc_desktop.ui.models.row_table import ColumnSpec, RowTableModel
from wc_desktop.ui.theme.cells import Chip, StatusCell, TextCell, Widths
from wc_desktop.ui.theme.icons import Icon
from wc_desktop.ui.theme.tone import Tone

_CONTEXT: Final = "DueTable"


@dataclass(frozen=True, slots=True, kw_only=True)
class DueRowLook:
    """One due dose in words. `urgent_said` is the sentence that a screen reader says on arrival at the row.

    Drug, strength and dose are shown whole however narrow the window is; only `note` may be shortened.
    """

    key: Hashable
    time: str
    relative: str
    student: str
    student_detail: str
    drug: str
    strength: str
    dose: str
    note: str
    chips: tuple[Chip, ...]
    status_word: str
    status_icon: Icon
    status_tone: Tone
    status_detail: str = ""
    relative_tone: Tone = Tone.MUTED
    edge: Tone | None = None
    is_done: bool = False
    urgent_said: str = ""
    drug_said: str = ""


def _time(row: DueRowLook) -> TextCell:
    return TextCell(
        headline=row.time,
        detail=row.relative,
        detail_tone=row.relative_tone,
        figures=True,
        muted=row.is_done,
    )


def _student(row: DueRowLook) -> TextCell:
    return TextCell(headline=row.student, detail=row.student_detail, muted=row.is_done)


def _medication(row: DueRowLook) -> TextCell:
    return TextCell(headline=f"{row.drug}  {row.strength}".strip(), detail=row.dose, note=row.note, muted=row.is_done)


def _status(row: DueRowLook) -> StatusCell:
    return StatusCell(word=row.status_word, icon=row.status_icon, tone=row.status_tone, detail=row.status_detail)


def _time_said(row: DueRowLook) -> str:
    return row.urgent_said or in_one_breath(row.time, row.relative, row.status_word, row.student)


def _student_said(row: DueRowLook) -> str:
    return in_one_breath(row.student, row.student_detail)


def _medication_said(row: DueRowLook) -> str:
    return in_one_breath(row.drug_said or row.drug, row.strength, row.dose, row.note)


def _status_said(row: DueRowLook) -> str:
    return in_one_breath(row.status_word, row.status_detail)


def due_columns() -> tuple[ColumnSpec[DueRowLook], ...]:
    """Return the columns of the medication pass, titled in the language of the screen."""
    tr = QCoreApplication.translate
    return (
        ColumnSpec(
            title=tr(_CONTEXT, "Time"),
            look=_time,
            said=_time_said,
            widths=Widths(least=92, usual=104),
        ),
        ColumnSpec(
            title=tr(_CONTEXT, "Student"),
            look=_student,
            said=_student_said,
            widths=Widths(least=122, usual=210, share=2),
        ),
        ColumnSpec(
            title=tr(_CONTEXT, "Medication and dose"),
            look=_medication,
            said=_medication_said,
            widths=Widths(least=198, usual=284, share=4),
        ),
        ColumnSpec(
            title=tr(_CONTEXT, "Check"),
            look=marks,
            said=marks_said,
            widths=Widths(least=120, usual=166, share=1),
        ),
        ColumnSpec(
            title=tr(_CONTEXT, "Status"),
            look=_status,
            said=_status_said,
            widths=Widths(least=120, usual=124),
        ),
    )


class DueTableModel(RowTableModel[DueRowLook]):
    """The due list. Give it rows with `reset_rows` and `update_rows`."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(due_columns(), key_of, edge=edge_of, parent=parent)
