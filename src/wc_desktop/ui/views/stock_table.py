"""The tables of the inventory: containers, and the lines of one ledger."""

from collections.abc import Callable
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from PySide6.QtCore import QCoreApplication, QObject

from wc_contract.model.office_values import LedgerEvent
from wc_desktop.domain.stock_views import LedgerRow
from wc_desktop.ui.models.row_table import ColumnSpec, RowTableModel
from wc_desktop.ui.theme.cells import Chip, ChipsCell, StatusCell, TextCell, Widths
from wc_desktop.ui.theme.icons import Icon
from wc_desktop.ui.theme.tone import Tone
from wc_desktop.ui.viewmodels.stock_words import StockWords, amount_words, change_words, event_words, line_detail
from wc_desktop.ui.viewmodels.words import JOINT, clock_words, day_words, local
from wc_desktop.ui.views.chart_tables import cell_words

_CONTEXT: Final = "StockTable"
_MARKS: Final = {
    "stock_negative": Icon.OCTAGON_ALERT,
    "lot_expired": Icon.CALENDAR_X,
    "lot_recalled": Icon.BAN,
    "lot_expires_soon": Icon.CALENDAR_CLOCK,
    "low_stock": Icon.PACKAGE_OPEN,
    "count_due": Icon.SCALE,
    "count_differs": Icon.TRIANGLE_ALERT,
    "witness_pending": Icon.EYE,
    "witness_overdue": Icon.EYE,
}
_EVENTS: Final = {
    LedgerEvent.RECEIVED: (Icon.PACKAGE_CHECK, Tone.OK),
    LedgerEvent.GIVEN: (Icon.PILL, Tone.PLAIN),
    LedgerEvent.WASTED: (Icon.TRASH_2, Tone.WARNING),
    LedgerEvent.COUNTED: (Icon.SCALE, Tone.INFO),
    LedgerEvent.ADJUSTED: (Icon.PENCIL, Tone.WARNING),
    LedgerEvent.SENT_OUT: (Icon.ARROW_RIGHT, Tone.INFO),
    LedgerEvent.BROUGHT_BACK: (Icon.UNDO_2, Tone.INFO),
    LedgerEvent.RETURNED: (Icon.USERS, Tone.INFO),
    LedgerEvent.DESTROYED: (Icon.PACKAGE_X, Tone.WARNING),
}


def tr(text: str) -> str:
    """Translate one of the words of this module."""
    return QCoreApplication.translate(_CONTEXT, text)


def chips_of(words: StockWords) -> tuple[Chip, ...]:
    """Return the marks of a container: controlled first, then what is to be seen to."""
    controlled = (
        (Chip(text=words.controlled, tone=Tone.INFO, icon=Icon.LOCK, said=tr("Controlled medicine")),)
        if words.controlled
        else ()
    )
    marks = (
        Chip(
            text=mark.title,
            tone=Tone.DANGER if mark.is_grave else Tone.WARNING,
            icon=_MARKS.get(mark.code, Icon.INFO),
            said=mark.sentence,
        )
        for mark in words.marks
    )
    return (*controlled, *marks)


def _child(words: StockWords) -> TextCell:
    return TextCell(headline=words.child, detail=words.child_detail, strong=words.row.student is not None)


def _drug(words: StockWords) -> TextCell:
    return TextCell(headline=words.drug, detail=words.strength)


def _balance(words: StockWords) -> TextCell:
    grave = any(mark.code == "stock_negative" for mark in words.marks)
    tone = Tone.DANGER if grave else Tone.PLAIN
    return TextCell(headline=words.balance, detail=words.balance_detail, headline_tone=tone, figures=True)


def _lot(words: StockWords) -> TextCell:
    if words.row.is_kept:
        return TextCell(headline=words.expires, detail=words.lot, strong=False)
    return TextCell(headline=words.state, detail=words.lot, strong=False)


def _marks(words: StockWords) -> ChipsCell:
    return ChipsCell(chips=chips_of(words))


def _child_said(words: StockWords) -> str:
    return words.said


def _drug_said(words: StockWords) -> str:
    return f"{words.drug_said} {words.strength}"


def _balance_said(words: StockWords) -> str:
    return cell_words(_balance(words))


def _lot_said(words: StockWords) -> str:
    return cell_words(_lot(words))


def _marks_said(words: StockWords) -> str:
    return ", ".join(chip.spoken for chip in chips_of(words)) or tr("Nothing to see to")


def _key(words: StockWords) -> UUID:
    return words.key


def _edge(words: StockWords) -> Tone | None:
    if any(mark.is_grave for mark in words.marks):
        return Tone.DANGER
    return Tone.WARNING if words.marks else None


def stock_table(parent: QObject) -> RowTableModel[StockWords]:
    """Return the containers."""
    columns = (
        ColumnSpec(title=tr("Child"), look=_child, said=_child_said, widths=Widths(least=120, usual=180, share=2)),
        ColumnSpec(title=tr("Medicine"), look=_drug, said=_drug_said, widths=Widths(least=170, usual=180, share=2)),
        ColumnSpec(title=tr("Balance"), look=_balance, said=_balance_said, widths=Widths(least=100, usual=120)),
        ColumnSpec(title=tr("See to"), look=_marks, said=_marks_said, widths=Widths(least=120, usual=170, share=1)),
        ColumnSpec(title=tr("Lot and expiry"), look=_lot, said=_lot_said, widths=Widths(least=130, usual=165)),
    )
    return RowTableModel(columns, _key, edge=_edge, parent=parent)


class LedgerColumns:
    """The columns of a ledger; times are the school's."""

    def __init__(self, zone: ZoneInfo, unit: Callable[[], str]) -> None:
        self._zone = zone
        self._unit = unit

    def when(self, line: LedgerRow) -> TextCell:
        day = day_words(local(line.at, self._zone).date())
        return TextCell(headline=day, detail=clock_words(line.at, self._zone), strong=False)

    def what(self, line: LedgerRow) -> StatusCell:
        icon, tone = _EVENTS[line.event]
        pending = line.is_pending or bool(line.difference and line.found is not None)
        return StatusCell(
            word=event_words(line),
            icon=icon,
            tone=Tone.DANGER if pending else tone,
            detail=line_detail(line, self._unit()),
        )

    def change(self, line: LedgerRow) -> TextCell:
        return TextCell(headline=change_words(line.moved, self._unit()), strong=False, figures=True)

    def balance(self, line: LedgerRow) -> TextCell:
        tone = Tone.DANGER if line.balance < 0 else Tone.PLAIN
        return TextCell(headline=amount_words(line.balance, self._unit()), headline_tone=tone, figures=True)

    def who(self, line: LedgerRow) -> TextCell:
        witness = tr("with {name}").format(name=line.witness) if line.witness else ""
        return TextCell(headline=line.author or tr("Not known here"), detail=witness, strong=False)

    def why(self, line: LedgerRow) -> TextCell:
        return TextCell(headline=line.reason, detail=tr("not sent yet") if line.waiting else "", strong=False)

    def when_said(self, line: LedgerRow) -> str:
        parts = (self.what(line), self.change(line), self.balance(line), self.when(line))
        return ", ".join(cell_words(part) for part in parts)

    def what_said(self, line: LedgerRow) -> str:
        return cell_words(self.what(line))

    def change_said(self, line: LedgerRow) -> str:
        return cell_words(self.change(line))

    def balance_said(self, line: LedgerRow) -> str:
        return cell_words(self.balance(line))

    def who_said(self, line: LedgerRow) -> str:
        return cell_words(self.who(line))

    def why_said(self, line: LedgerRow) -> str:
        return JOINT.join(filter(None, (line.reason, tr("not sent yet") if line.waiting else ""))) or tr("No reason")


def _line_key(line: LedgerRow) -> UUID:
    return line.id


def ledger_table(zone: ZoneInfo, unit: Callable[[], str], parent: QObject) -> RowTableModel[LedgerRow]:
    """Return the lines of one ledger, the newest first."""
    make = LedgerColumns(zone, unit)
    columns = (
        ColumnSpec(title=tr("When"), look=make.when, said=make.when_said, widths=Widths(least=115, usual=125)),
        ColumnSpec(title=tr("What"), look=make.what, said=make.what_said, widths=Widths(least=145, usual=220, share=1)),
        ColumnSpec(title=tr("Change"), look=make.change, said=make.change_said, widths=Widths(least=90, usual=110)),
        ColumnSpec(title=tr("Balance"), look=make.balance, said=make.balance_said, widths=Widths(least=90, usual=110)),
        ColumnSpec(title=tr("Who"), look=make.who, said=make.who_said, widths=Widths(least=120, usual=170, share=1)),
        ColumnSpec(title=tr("Why"), look=make.why, said=make.why_said, widths=Widths(least=120, usual=200, share=2)),
    )
    return RowTableModel(columns, _line_key, parent=parent)
