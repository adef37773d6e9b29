"""F1: what this screen is for, its keys, those that work everywhere, and the way to settings, tour and about."""

from collections.abc import Sequence

from PySide6.QtWidgets import QWidget

from wc_desktop.ui.theme.icons import Icon
from wc_desktop.ui.views.help_words import ScreenHelp
from wc_desktop.ui.views.reading_sheet import ReadingSheet
from wc_desktop.ui.widgets.buttons import SecondaryButton
from wc_desktop.ui.widgets.fact_list import Fact, FactList
from wc_desktop.ui.widgets.flow_row import FlowRow
from wc_desktop.ui.widgets.key_hints import KeyHint
from wc_desktop.ui.widgets.labels import LabelStyle, TextLabel


class HelpSheet(ReadingSheet):
    """Words and two lists of keys."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(self.tr("Help"), parent, width=600)
        self.tour = SecondaryButton(self.tr("Show the &tour"), self, icon=Icon.ARROW_RIGHT)
        self.settings = SecondaryButton(self.tr("&Settings"), self, icon=Icon.SETTINGS)
        self.about = SecondaryButton(self.tr("&About White Cross"), self, icon=Icon.INFO)
        self._here_title = TextLabel("", LabelStyle.EYEBROW, self)
        self.words = TextLabel("", LabelStyle.BODY, self)
        self._here = FactList(self)
        self._everywhere_title = TextLabel(self.tr("Everywhere"), LabelStyle.EYEBROW, self)
        self._everywhere = FactList(self)
        ways = FlowRow(self)
        for button in (self.tour, self.settings, self.about):
            ways.add(button)
        for part in (self._here_title, self.words, ways, self._here, self._everywhere_title, self._everywhere):
            self.body.addWidget(part)
        self.body.addStretch(1)

    def show_help(self, screen: ScreenHelp) -> None:
        """Open with the help of a screen."""
        self._here_title.setText(screen.title)
        self.words.setText(screen.words)
        self.words.setVisible(bool(screen.words))
        self._here.set_facts(_facts(screen.hints))
        self._here.setVisible(bool(screen.hints))
        self._everywhere.set_facts(_facts(self._look_keys() if screen.locked else self._common()))
        self.open()
        self.fit_soon()

    @property
    def facts(self) -> tuple[Fact, ...]:
        """Every key that is shown."""
        return (*self._here.facts, *self._everywhere.facts)

    def _common(self) -> tuple[KeyHint, ...]:
        return (
            KeyHint(keys=(self.tr("/ (slash)"),), words=self.tr("find a student or a dose")),
            KeyHint(keys=("Ctrl+1 to Ctrl+9",), words=self.tr("go to a section of the rail")),
            KeyHint(keys=("Ctrl+I",), words=self.tr("write an incident report")),
            KeyHint(keys=("Ctrl+L",), words=self.tr("lock this workstation")),
            KeyHint(keys=("F5",), words=self.tr("sync now")),
            KeyHint(keys=("Esc",), words=self.tr("go back; what you typed is kept")),
            *self._look_keys(),
        )

    def _look_keys(self) -> tuple[KeyHint, ...]:
        return (
            KeyHint(keys=("Tab",), words=self.tr("go to the next field")),
            KeyHint(keys=(self.tr("Page Up, Page Down"),), words=self.tr("read on in a sheet such as this one")),
            KeyHint(keys=("Ctrl+Shift+D",), words=self.tr("light or dark")),
            KeyHint(keys=("Ctrl+Plus, Ctrl+Minus",), words=self.tr("larger or smaller text; Ctrl+0 the usual size")),
            KeyHint(keys=(self.tr("Ctrl+, (comma)"),), words=self.tr("settings of this workstation")),
            KeyHint(keys=("F1",), words=self.tr("this help")),
        )


def _facts(hints: Sequence[KeyHint]) -> tuple[Fact, ...]:
    return tuple(Fact(label=" ".join(hint.keys), value=hint.words) for hint in hints)
