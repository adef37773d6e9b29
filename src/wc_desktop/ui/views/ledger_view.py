"""One container's ledger: every line that ever moved or counted it, and the balance after each."""

from zoneinfo import ZoneInfo

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from wc_desktop.domain.stock_views import Ledger
from wc_desktop.ui.theme.icons import Icon
from wc_desktop.ui.theme.type_scale import current_scale
from wc_desktop.ui.viewmodels.stock_words import amount_words, child_words
from wc_desktop.ui.viewmodels.words import JOINT, drug_words, schedule_words
from wc_desktop.ui.views.stock_table import ledger_table
from wc_desktop.ui.widgets.buttons import QuietButton
from wc_desktop.ui.widgets.labels import LabelStyle, TextLabel
from wc_desktop.ui.widgets.record_table import RecordTable


class LedgerView(QWidget):
    """Shows a ledger, the newest line first. `back_wanted` by Esc, Alt+Left or the button."""

    back_wanted = Signal()

    def __init__(self, zone: ZoneInfo, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("area", "clear")
        self._unit = ""
        self._back = QuietButton(self.tr("&Back"), self, icon=Icon.CHEVRON_LEFT)
        self._back.clicked.connect(self.back_wanted)
        self._about = TextLabel("", LabelStyle.STRONG, self)
        self._balance = TextLabel("", LabelStyle.STRONG, self, wraps=False)
        self._rows = ledger_table(zone, self._unit_now, self)
        self.table = RecordTable(self.tr("Lines of the ledger"), self._rows, self)
        head = QHBoxLayout()
        head.setSpacing(current_scale().px(10))
        head.addWidget(self._back)
        head.addWidget(self._about, 1)
        head.addWidget(self._balance)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(current_scale().px(12))
        column.addLayout(head)
        column.addWidget(self.table, 1)
        back = QShortcut(QKeySequence("Alt+Left"), self)
        back.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        back.activated.connect(self.back_wanted)

    def _unit_now(self) -> str:
        return self._unit

    def show_ledger(self, ledger: Ledger) -> None:
        """Show these lines; the same ledger keeps the row that is chosen."""
        row = ledger.row
        self._unit = row.unit
        schedule = schedule_words(row.medication.dea_schedule) if row.is_controlled else ""
        named = (" ".join(drug_words(row.medication)), schedule, row.lot and self.tr("Lot {lot}").format(lot=row.lot))
        self._about.setText(JOINT.join(filter(None, (child_words(row), *named))))
        self._balance.setText(self.tr("Balance: {amount}").format(amount=amount_words(row.balance, row.unit)))
        self._rows.update_rows(ledger.lines)
        if ledger.lines and self.table.current_key is None:
            self.table.choose_row(0)

    def take_focus(self) -> None:
        """Go to the lines."""
        self.table.setFocus()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.back_wanted.emit()
            return
        super().keyPressEvent(event)
