"""The ground of the screens before the desk is open: a card in the middle, the program's mark over it."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from wc_desktop.ui.theme.icons import Icon
from wc_desktop.ui.theme.type_scale import current_scale
from wc_desktop.ui.views.ground import Ground
from wc_desktop.ui.views.help_words import ScreenHelp
from wc_desktop.ui.views.notices import Notice, NoticeBar
from wc_desktop.ui.views.report_sheet import ReportSheet
from wc_desktop.ui.widgets.brand_mark import BrandMark
from wc_desktop.ui.widgets.buttons import QuietButton
from wc_desktop.ui.widgets.card import Card
from wc_desktop.ui.widgets.focus_in_view import FocusInView
from wc_desktop.ui.widgets.labels import LabelStyle, TextLabel


class Gate(Ground):
    """Put widgets into `card.body`. When the screen is low the card scrolls."""

    def __init__(
        self, heading: str, words: str, notices: tuple[Notice, ...], *, width: int, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        scale = current_scale()
        self._begins: QWidget | None = None
        self.setProperty("area", "page")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        inside = QWidget(self)
        inside.setProperty("area", "clear")
        column = QVBoxLayout(inside)
        column.setContentsMargins(scale.px(16), scale.px(20), scale.px(16), scale.px(20))
        column.addStretch(1)
        column.addLayout(self._build_brand())
        column.addSpacing(scale.px(14))
        self.card = Card(self, margin=26, spacing=14)
        self.card.setFixedWidth(scale.px(width))
        self.heading = TextLabel(heading, LabelStyle.TITLE, self.card)
        self.words = TextLabel(words, LabelStyle.MUTED, self.card)
        self.card.body.addWidget(self.heading)
        self.card.body.addWidget(self.words)
        # Stretches, not an alignment: aligned items lose their height for width, and long faults their first line.
        middle = QHBoxLayout()
        middle.addStretch(1)
        middle.addWidget(self.card)
        middle.addStretch(1)
        column.addLayout(middle)
        column.addStretch(2)
        self._foot = QHBoxLayout()
        self._foot.addStretch(1)
        if notices:
            self._foot.addWidget(NoticeBar(notices, self))
        self.help_button = QuietButton(self.tr("Help and settings (F1)"), self, icon=Icon.CIRCLE_HELP)
        self.help_button.clicked.connect(self.show_help)
        self._foot.addWidget(self.help_button)
        self._foot.addStretch(1)
        column.addLayout(self._foot)
        self.area = QScrollArea(self)
        self.area.setWidgetResizable(True)
        self.area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.area.setWidget(inside)
        self._focus_in_view = FocusInView(self.area)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self.area)

    def screen_help(self) -> ScreenHelp:
        return ScreenHelp(title=self.heading.text(), words=self.help_words(), locked=True)

    def help_words(self) -> str:
        """Return what this screen is for."""
        return self.words.text()

    def begin_at(self, widget: QWidget) -> None:
        """Say where typing begins when the screen gets the focus."""
        self._begins = widget

    def setFocus(self, reason: Qt.FocusReason = Qt.FocusReason.OtherFocusReason) -> None:
        """Go where typing begins. Not by a focus proxy: Tab would pass over all that stands before it."""
        if self._begins is not None:
            self._begins.setFocus(reason)

    def offer_report(self, report: str) -> None:
        """Offer the report of a run that ended unexpectedly."""
        self._report = ReportSheet(report, self)
        button = QuietButton(self.tr("White Cross ended unexpectedly last time: &show what happened"), self)
        button.clicked.connect(self._report.open)
        self._foot.insertWidget(1, button)

    def _build_brand(self) -> QHBoxLayout:
        line = QHBoxLayout()
        line.setSpacing(current_scale().px(10))
        line.addStretch(1)
        line.addWidget(BrandMark(self, size=30))
        line.addWidget(TextLabel("White Cross", LabelStyle.HEADING, self, wraps=False))
        line.addStretch(1)
        return line
