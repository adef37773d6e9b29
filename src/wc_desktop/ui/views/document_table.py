"""The photos and documents of a child: a list, or words in its place, and the button that adds one."""

from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from PySide6.QtCore import QCoreApplication, QObject, Signal, Slot
from PySide6.QtWidgets import QWidget

from wc_desktop.domain.blob_views import ContentPlace
from wc_desktop.domain.documents import DocumentRow
from wc_desktop.ui.models.row_table import ColumnSpec, RowTableModel
from wc_desktop.ui.theme.cells import StatusCell, TextCell, Widths
from wc_desktop.ui.theme.icons import Icon
from wc_desktop.ui.theme.tone import Tone
from wc_desktop.ui.viewmodels.document_words import (
    added_words,
    document_kind_words,
    media_words,
    place_detail,
    place_words,
    size_words,
)
from wc_desktop.ui.viewmodels.words import JOINT, day_words
from wc_desktop.ui.views.chart_tables import cell_words
from wc_desktop.ui.widgets.buttons import SecondaryButton
from wc_desktop.ui.widgets.empty_state import EmptyState
from wc_desktop.ui.widgets.labels import LabelStyle, TextLabel
from wc_desktop.ui.widgets.list_part import ListPart
from wc_desktop.ui.widgets.record_table import RecordTable

_CONTEXT: Final = "DocumentTable"
_SIGNS: Final = {
    ContentPlace.HERE: (Icon.CIRCLE_CHECK, Tone.OK),
    ContentPlace.SENDING: (Icon.CLOUD_UPLOAD, Tone.INFO),
    ContentPlace.REFUSED: (Icon.CIRCLE_X, Tone.DANGER),
    ContentPlace.FETCHING: (Icon.DOWNLOAD, Tone.INFO),
    ContentPlace.LATER: (Icon.CLOCK, Tone.MUTED),
    ContentPlace.AWAY: (Icon.CLOUD, Tone.MUTED),
}


def tr(text: str) -> str:
    """Translate one of the words of this module."""
    return QCoreApplication.translate(_CONTEXT, text)


class DocumentColumns:
    """The columns of the list; times are the school's."""

    def __init__(self, zone: ZoneInfo) -> None:
        self._zone = zone

    def what(self, row: DocumentRow) -> TextCell:
        kind = document_kind_words(row.kind)
        marks = (
            kind if row.title else "",
            tr("Confidential") if row.is_confidential else "",
            "" if row.expires_on is None else tr("valid to {day}").format(day=day_words(row.expires_on)),
        )
        return TextCell(headline=row.title or kind, detail=JOINT.join(mark for mark in marks if mark))

    def added(self, row: DocumentRow) -> TextCell:
        return TextCell(headline=added_words(row, self._zone), detail=row.author, strong=False)

    def file(self, row: DocumentRow) -> TextCell:
        return TextCell(headline=media_words(row.media_type), detail=size_words(row.size), strong=False)

    def place(self, row: DocumentRow) -> StatusCell:
        icon, tone = _SIGNS[row.content.place]
        return StatusCell(word=place_words(row), icon=icon, tone=tone, detail=place_detail(row))

    def what_said(self, row: DocumentRow) -> str:
        parts = (cell_words(self.what(row)), cell_words(self.place(row)), cell_words(self.added(row)))
        return ", ".join(part for part in parts if part)

    def added_said(self, row: DocumentRow) -> str:
        return cell_words(self.added(row))

    def file_said(self, row: DocumentRow) -> str:
        return cell_words(self.file(row))

    def place_said(self, row: DocumentRow) -> str:
        return cell_words(self.place(row))


def _key(row: DocumentRow) -> UUID:
    return row.id


def _edge(row: DocumentRow) -> Tone | None:
    return Tone.DANGER if row.content.place is ContentPlace.REFUSED else None


def documents_table(zone: ZoneInfo, parent: QObject) -> RowTableModel[DocumentRow]:
    """Return the photos and documents: what each is, when it was added and by whom, how large, where it is."""
    make = DocumentColumns(zone)
    columns = (
        ColumnSpec(title=tr("What"), look=make.what, said=make.what_said, widths=Widths(least=140, usual=300, share=3)),
        ColumnSpec(
            title=tr("Added"), look=make.added, said=make.added_said, widths=Widths(least=100, usual=170, share=1)
        ),
        ColumnSpec(title=tr("File"), look=make.file, said=make.file_said, widths=Widths(least=75, usual=130)),
        ColumnSpec(
            title=tr("Where it is"), look=make.place, said=make.place_said, widths=Widths(least=145, usual=230, share=2)
        ),
    )
    return RowTableModel(columns, _key, edge=_edge, parent=parent)


class DocumentsPart(ListPart):
    """`add_wanted` by the button. Without the right to add there is no button, but a sentence."""

    add_wanted = Signal()

    def __init__(self, zone: ZoneInfo, parent: QWidget | None = None) -> None:
        self.rows = documents_table(zone, parent if parent is not None else QObject())
        self.table = RecordTable(tr("Photos and documents"), self.rows)
        empty = EmptyState(
            Icon.FILE_TEXT, tr("No photo or document yet"), tr("What you add is kept encrypted and sent by itself.")
        )
        super().__init__(self.table, empty, parent)
        self.add_button = SecondaryButton(tr("Add a p&hoto or document"), self, icon=Icon.PLUS)
        self.add_button.clicked.connect(self._on_add)
        self.note = TextLabel("", LabelStyle.MUTED, self)
        self.head.addWidget(self.note, 1)
        self.head.addWidget(self.add_button)

    def show_rows(self, rows: tuple[DocumentRow, ...], why_not: str) -> None:
        """List these. why_not says why none may be added here; '' when one may."""
        self.rows.update_rows(rows)
        self.show_list(filled=bool(rows))
        self.note.setText(why_not)
        self.add_button.setVisible(not why_not)

    @Slot()
    def _on_add(self) -> None:
        self.add_wanted.emit()
