"""The table of incident reports, in the list and on a chart."""

from typing import Final
from zoneinfo import ZoneInfo

from PySide6.QtCore import QCoreApplication, QObject

from wc_contract.model.ids import IncidentId
from wc_contract.model.values import Severity
from wc_desktop.domain.screens import IncidentRow
from wc_desktop.ui.models.row_table import ColumnSpec, RowTableModel
from wc_desktop.ui.theme.cells import StatusCell, TextCell, Widths
from wc_desktop.ui.theme.tone import Tone
from wc_desktop.ui.viewmodels.incident_list import is_draft
from wc_desktop.ui.viewmodels.incident_words import SHORT_SEVERITIES, TYPES, said
from wc_desktop.ui.viewmodels.words import clock_words, day_words, full_name, grade_words, local
from wc_desktop.ui.views.chart_tables import cell_words
from wc_desktop.ui.views.state_looks import report_status

_CONTEXT: Final = "IncidentTable"


def tr(text: str) -> str:
    """Translate one of the words of this module."""
    return QCoreApplication.translate(_CONTEXT, text)


class IncidentColumns:
    """The columns of a report; times are the school's."""

    def __init__(self, zone: ZoneInfo) -> None:
        self._zone = zone

    def when(self, row: IncidentRow) -> TextCell:
        if row.occurred_at is None:
            return TextCell(headline=tr("No time yet"), strong=False)
        day = day_words(local(row.occurred_at, self._zone).date())
        return TextCell(headline=day, detail=clock_words(row.occurred_at, self._zone))

    def kind(self, row: IncidentRow) -> TextCell:
        severity = said(SHORT_SEVERITIES, row.severity.value)
        loud = row.severity in {Severity.HIGH, Severity.CRITICAL}
        return TextCell(
            headline=said(TYPES, row.type) if row.type else tr("Kind not chosen"),
            detail="" if is_draft(row) and not row.type else tr("Severity: {word}").format(word=severity),
            detail_tone=Tone.DANGER if loud else Tone.MUTED,
        )

    def child(self, row: IncidentRow) -> TextCell:
        if row.student is None:
            return TextCell(headline=tr("No child named"), strong=False, muted=True)
        return TextCell(headline=full_name(row.student), detail=grade_words(row.student))

    def where(self, row: IncidentRow) -> TextCell:
        return TextCell(headline=row.location, strong=False)

    def status(self, row: IncidentRow) -> StatusCell:
        return report_status(row, clock_words(row.saved_at, self._zone))

    def author(self, row: IncidentRow) -> TextCell:
        return TextCell(headline=row.author, strong=False)

    def when_said(self, row: IncidentRow) -> str:
        parts = (cell_words(self.status(row)), cell_words(self.kind(row)), cell_words(self.child(row)))
        return ", ".join((*parts, cell_words(self.when(row))))

    def kind_said(self, row: IncidentRow) -> str:
        return cell_words(self.kind(row))

    def child_said(self, row: IncidentRow) -> str:
        return cell_words(self.child(row))

    def where_said(self, row: IncidentRow) -> str:
        return row.location or tr("No place")

    def status_said(self, row: IncidentRow) -> str:
        return cell_words(self.status(row))

    def author_said(self, row: IncidentRow) -> str:
        return row.author or tr("Not known here")


def _key(row: IncidentRow) -> IncidentId:
    return row.id


def _edge(row: IncidentRow) -> Tone | None:
    return Tone.WARNING if is_draft(row) else None


def incidents_table(zone: ZoneInfo, parent: QObject, *, with_child: bool) -> RowTableModel[IncidentRow]:
    """Return the reports; on a chart the child needs no column."""
    make = IncidentColumns(zone)
    child = ColumnSpec(
        title=tr("Child"), look=make.child, said=make.child_said, widths=Widths(least=150, usual=230, share=2)
    )
    columns = (
        ColumnSpec(title=tr("When"), look=make.when, said=make.when_said, widths=Widths(least=110, usual=130)),
        ColumnSpec(title=tr("Kind"), look=make.kind, said=make.kind_said, widths=Widths(least=130, usual=190, share=1)),
        *((child,) if with_child else ()),
        ColumnSpec(
            title=tr("Where"), look=make.where, said=make.where_said, widths=Widths(least=110, usual=180, share=2)
        ),
        ColumnSpec(
            title=tr("Author"), look=make.author, said=make.author_said, widths=Widths(least=110, usual=150, share=1)
        ),
        ColumnSpec(title=tr("Status"), look=make.status, said=make.status_said, widths=Widths(least=130, usual=170)),
    )
    return RowTableModel(columns, _key, edge=_edge, parent=parent)
