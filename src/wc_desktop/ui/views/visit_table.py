"""The table of clinic visits, in the list and on a chart."""

from collections.abc import Callable
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from PySide6.QtCore import QCoreApplication, QObject

from wc_contract.model.instants import Instant
from wc_contract.model.values import Disposition
from wc_desktop.domain.screens import VisitView
from wc_desktop.ui.models.row_table import ColumnSpec, RowTableModel
from wc_desktop.ui.theme.cells import ChipsCell, StatusCell, TextCell, Widths
from wc_desktop.ui.theme.icons import Icon
from wc_desktop.ui.theme.tone import Tone
from wc_desktop.ui.viewmodels.visit_words import ENDS, measures_words, reason_words, said
from wc_desktop.ui.viewmodels.words import JOINT, clock_words, day_words, full_name, grade_words, local, span_words
from wc_desktop.ui.views.chart_tables import cell_words
from wc_desktop.ui.views.child_looks import child_chips
from wc_desktop.ui.views.state_looks import waiting_words

_CONTEXT: Final = "VisitTable"
_MINUTE: Final = 60
_AWAY: Final = frozenset({Disposition.SENT_HOME.value, Disposition.MEDICAL_CARE.value})


def tr(text: str) -> str:
    """Translate one of the words of this module."""
    return QCoreApplication.translate(_CONTEXT, text)


def end_status(row: VisitView, zone: ZoneInfo) -> StatusCell:
    """Return where a visit stands: a draft, a child who is here, or how it ended."""
    if row.is_draft:
        saved = tr("Saved here {time}").format(time=clock_words(row.saved_at, zone))
        return StatusCell(word=tr("Draft"), icon=Icon.PENCIL, tone=Tone.WARNING, detail=saved)
    marks = (
        waiting_words(row.confirmed),
        tr("Corrected twice: read both") if row.said_twice else "",
        tr("Corrected") if row.amend_reason and not row.said_twice and not row.is_open else "",
    )
    detail = JOINT.join(mark for mark in marks if mark)
    if row.is_open:
        return StatusCell(word=said(ENDS, ""), icon=Icon.STETHOSCOPE, tone=Tone.INFO, detail=detail)
    if row.disposition == Disposition.EMS.value:
        return StatusCell(word=said(ENDS, row.disposition), icon=Icon.PHONE, tone=Tone.DANGER, detail=detail)
    if row.disposition in _AWAY:
        return StatusCell(word=said(ENDS, row.disposition), icon=Icon.ARROW_RIGHT, tone=Tone.WARNING, detail=detail)
    return StatusCell(word=said(ENDS, row.disposition), icon=Icon.CIRCLE_CHECK, tone=Tone.OK, detail=detail)


def stay_words(row: VisitView, zone: ZoneInfo, now: Instant) -> str:
    """Return from when to when a child was here: '10:42 to 10:55', or since when and for how long."""
    came = clock_words(row.arrived_at, zone)
    if row.left_at is not None:
        return tr("{came} to {left}").format(came=came, left=clock_words(row.left_at, zone))
    minutes = max(0, int((now - row.arrived_at).total_seconds()) // _MINUTE)
    same_day = local(now, zone).date() == local(row.arrived_at, zone).date()
    if row.is_open and same_day:
        return tr("since {came}, {span}").format(came=came, span=span_words(minutes))
    return tr("since {came}").format(came=came) if row.is_open else came


class VisitColumns:
    """The columns of a visit; times are the school's."""

    def __init__(self, zone: ZoneInfo, now: Callable[[], Instant]) -> None:
        self._zone = zone
        self._now = now

    def when(self, row: VisitView) -> TextCell:
        return TextCell(
            headline=stay_words(row, self._zone, self._now()),
            detail=day_words(local(row.arrived_at, self._zone).date()),
        )

    def child(self, row: VisitView) -> TextCell:
        if row.student is None:
            return TextCell(headline=tr("No child chosen yet"), strong=False, muted=True)
        born = tr("Born {day}").format(day=day_words(row.student.date_of_birth))
        return TextCell(headline=full_name(row.student), detail=JOINT.join((grade_words(row.student), born)))

    def why(self, row: VisitView) -> TextCell:
        return TextCell(headline=reason_words(row.reason, row.said), detail=measures_words(row.vitals), strong=False)

    def status(self, row: VisitView) -> StatusCell:
        return end_status(row, self._zone)

    def marks(self, row: VisitView) -> ChipsCell:
        return ChipsCell(chips=() if row.student is None else child_chips(row.student))

    def when_said(self, row: VisitView) -> str:
        parts = (self.status(row), self.child(row), self.why(row), self.when(row))
        marks = (chip.spoken for chip in self.marks(row).chips)
        return ", ".join((*marks, *(cell_words(part) for part in parts)))

    def when_alone(self, row: VisitView) -> str:
        return ", ".join(cell_words(part) for part in (self.status(row), self.why(row), self.when(row)))

    def child_said(self, row: VisitView) -> str:
        return cell_words(self.child(row))

    def why_said(self, row: VisitView) -> str:
        return cell_words(self.why(row))

    def status_said(self, row: VisitView) -> str:
        return cell_words(self.status(row))

    def marks_said(self, row: VisitView) -> str:
        return cell_words(self.marks(row))


def _key(row: VisitView) -> UUID:
    return row.id


def _edge(row: VisitView) -> Tone | None:
    if row.is_draft or row.said_twice:
        return Tone.WARNING
    return Tone.INFO if row.is_open else None


def visits_table(
    zone: ZoneInfo, now: Callable[[], Instant], parent: QObject, *, with_child: bool
) -> RowTableModel[VisitView]:
    """Return the visits; on a chart the child needs no column."""
    make = VisitColumns(zone, now)
    child = ColumnSpec(
        title=tr("Child"), look=make.child, said=make.child_said, widths=Widths(least=140, usual=220, share=2)
    )
    marks = ColumnSpec(
        title=tr("Marks"), look=make.marks, said=make.marks_said, widths=Widths(least=110, usual=150, share=1)
    )
    said_first = make.when_said if with_child else make.when_alone
    columns = (
        ColumnSpec(title=tr("In the clinic"), look=make.when, said=said_first, widths=Widths(least=108, usual=165)),
        *((child, marks) if with_child else ()),
        ColumnSpec(title=tr("Why"), look=make.why, said=make.why_said, widths=Widths(least=112, usual=260, share=3)),
        ColumnSpec(
            title=tr("Then"), look=make.status, said=make.status_said, widths=Widths(least=125, usual=190, share=1)
        ),
    )
    return RowTableModel(columns, _key, edge=_edge, parent=parent)
