"""F1: the keys that work on this screen, and those that work everywhere."""

from collections.abc import Sequence

from PySide6.QtWidgets import QWidget

from wc_desktop.ui.views.window_sheet import WindowSheet
from wc_desktop.ui.widgets.fact_list import Fact, FactList
from wc_desktop.ui.widgets.key_hints import KeyHint
from wc_desktop.ui.widgets.labels import LabelStyle, TextLabel


class KeysSheet(WindowSheet):
    """Two lists of keys. Enter or Esc closes it."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(self.tr("Keys"), self.tr("&Close"), parent, width=460)
        self.leave_button.hide()
        self.completed.connect(self.finish)
        self._here_title = TextLabel(self.tr("On this screen"), LabelStyle.EYEBROW, self)
        self._here = FactList(self)
        self._everywhere = FactList(self)
        self.body.addWidget(self._here_title)
        self.body.addWidget(self._here)
        self.body.addWidget(TextLabel(self.tr("Everywhere"), LabelStyle.EYEBROW, self))
        self.body.addWidget(self._everywhere)
        self.body.addStretch(1)
        self._everywhere.set_facts(_facts(self._common()))
        self.set_first_focus(self.action_button)

    def show_keys(self, where: str, hints: Sequence[KeyHint]) -> None:
        """Open with the keys of a screen."""
        self._here_title.setText(where)
        self._here.set_facts(_facts(hints))
        self.open()
        self.fit_soon()

    def _common(self) -> tuple[KeyHint, ...]:
        return (
            KeyHint(keys=(self.tr("/ (slash)"),), words=self.tr("find a student or a dose")),
            KeyHint(keys=("Ctrl+1 to Ctrl+9",), words=self.tr("go to a section of the rail")),
            KeyHint(keys=("Ctrl+I",), words=self.tr("write an incident report")),
            KeyHint(keys=("Ctrl+L",), words=self.tr("lock this workstation")),
            KeyHint(keys=("F5",), words=self.tr("sync now")),
            KeyHint(keys=("Esc",), words=self.tr("go back; what you typed is kept")),
            KeyHint(keys=("Tab",), words=self.tr("go to the next field")),
            KeyHint(keys=("Ctrl+Shift+D",), words=self.tr("light or dark")),
            KeyHint(keys=("Ctrl+Plus, Ctrl+Minus",), words=self.tr("larger or smaller text; Ctrl+0 the usual size")),
            KeyHint(keys=("F1",), words=self.tr("these keys")),
        )


def _facts(hints: Sequence[KeyHint]) -> tuple[Fact, ...]:
    return tuple(Fact(label=" ".join(hint.keys), value=hint.words) for hint in hints)
